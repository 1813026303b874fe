"""What a verification accepts: one knob per check, each with its safe default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

__all__ = ["IANA_SIGNER", "SHA1_RETIRED", "VerificationPolicy"]

IANA_SIGNER = "dnssec@iana.org"

# The day IANA's first SHA-256 signature replaced the SHA-1 ones.
SHA1_RETIRED = datetime(2024, 11, 5, tzinfo=UTC)

# The others are told by findings of their own.
_SILENT_KNOBS = ("clock_skew", "min_rsa_bits", "max_intermediates", "ends_soon")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationPolicy:
    """How a publication is judged.

    Attributes:
        at: the time of judgement (aware).
        signer: the only mail address the signer may have (RFC 8550 3).
        clock_skew: how far the signing time may lie after ``at``.
        min_rsa_bits: the smallest RSA modulus of a signer, in bits.
        max_intermediates: how many CAs may lie between signer and root; 0 to 255.
        sha1_before: SHA-1 signatures pass when ``at`` is before this time; ``None``: never.
        ends_soon: a signer or a current key that ends within this time is a warning.
        include_future: emit keys whose time has not come as well.
        allow_rollback: accept a publication older than the one in the directory.
    """

    at: datetime
    signer: str = IANA_SIGNER
    clock_skew: timedelta = timedelta(minutes=5)
    min_rsa_bits: int = 2048
    max_intermediates: int = 4
    sha1_before: datetime | None = None
    ends_soon: timedelta = timedelta(days=90)
    include_future: bool = False
    allow_rollback: bool = False

    @property
    def changed(self) -> tuple[str, ...]:
        """What the command line cannot change and is not the default, each with the default."""
        default = VerificationPolicy(at=self.at)
        values = [(name, getattr(self, name), getattr(default, name)) for name in _SILENT_KNOBS]
        changed = [f"{name}={value} ({usual})" for name, value, usual in values if value != usual]
        if self.sha1_before not in {None, SHA1_RETIRED}:
            changed.append(f"sha1_before={self.sha1_before} (None)")
        return tuple(changed)
