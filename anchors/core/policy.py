"""What a verification accepts: one knob per check, each with its safe default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.root_facts import IANA_SIGNER

__all__ = ["SHA1_RETIRED", "VerificationPolicy"]

# The day IANA's first SHA-256 signature replaced the SHA-1 ones.
SHA1_RETIRED = datetime(2024, 11, 5, tzinfo=UTC)

# The library that finds the path counts in one byte.
_MAX_INTERMEDIATES = 255
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

    Raises:
        UsageError: an attribute makes no sense.
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

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", _in_utc(self.at))
        if not 0 <= self.max_intermediates <= _MAX_INTERMEDIATES:
            raise UsageError(
                Check.USAGE,
                "the number of intermediate CAs is out of range",
                got=str(self.max_intermediates),
                want=f"0 to {_MAX_INTERMEDIATES}",
                remedy="correct VerificationPolicy's max_intermediates",
            )

    @property
    def changed(self) -> tuple[str, ...]:
        """What the command line cannot change and is not the default, each with the default."""
        default = VerificationPolicy(at=self.at)
        values = [(name, getattr(self, name), getattr(default, name)) for name in _SILENT_KNOBS]
        changed = [f"{name}={value} ({usual})" for name, value, usual in values if value != usual]
        if self.sha1_before not in {None, SHA1_RETIRED}:
            changed.append(f"sha1_before={self.sha1_before} (None)")
        return tuple(changed)


def _in_utc(at: object) -> datetime:
    """The time of judgement in UTC, where it is one."""
    if not isinstance(at, datetime) or at.utcoffset() is None:
        lacks = "has no time zone" if isinstance(at, datetime) else "is missing"
        raise UsageError(
            Check.USAGE,
            f"the time of judgement {lacks}",
            got=at.isoformat() if isinstance(at, datetime) else repr(at),
            want="a datetime with a tzinfo",
            remedy="give the time a tzinfo: at=datetime.now(UTC)",
        )
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise UsageError(
            Check.USAGE,
            "the time of judgement is outside the years 1 to 9999",
            got=at.isoformat(),
            want="a time within these years, in UTC",
            remedy="see root-anchors COMMAND --help",
        ) from error
