"""The defaults are the safe ones, and nobody turns a knob behind anybody's back."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, asdict
from datetime import UTC, datetime, timedelta

import pytest

from anchors.core.policy import SHA1_RETIRED, VerificationPolicy
from anchors.core.root_facts import IANA_SIGNER

AT = datetime(2026, 10, 4, tzinfo=UTC)


def test_the_defaults_are_the_safe_ones() -> None:
    assert asdict(VerificationPolicy(at=AT)) == {
        "at": AT,
        "signer": "dnssec@iana.org",
        "clock_skew": timedelta(minutes=5),
        "min_rsa_bits": 2048,
        "max_intermediates": 4,
        "sha1_before": None,
        "ends_soon": timedelta(days=90),
        "include_future": False,
        "allow_rollback": False,
    }


def test_the_time_has_no_default() -> None:
    with pytest.raises(TypeError, match="at"):
        VerificationPolicy()  # type: ignore[call-arg]


def test_knobs_are_named() -> None:
    with pytest.raises(TypeError, match="positional"):
        VerificationPolicy(AT)  # type: ignore[call-arg]


def test_a_policy_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        VerificationPolicy(at=AT).min_rsa_bits = 512  # type: ignore[misc]


def test_the_facts_about_iana() -> None:
    assert IANA_SIGNER == "dnssec@iana.org"
    assert datetime(2024, 11, 5, tzinfo=UTC) == SHA1_RETIRED
