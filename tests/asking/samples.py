"""Reports of every kind, without any network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from anchors.asking.control import Witness
from anchors.asking.judge import judge
from anchors.asking.questions import Choice
from anchors.asking.result import Asked
from anchors.asking.verdict import ResolverVerdict
from anchors.core.policy import VerificationPolicy
from anchors.pipeline.request import Request
from anchors.pipeline.verify import verify
from tests.asking.sayings import NEW_KEY, OLD, UNTOLD, WRONG, saying, tagging
from tests.asking.test_tables import (
    BEFORE,
    FAILING,
    NO_SENTINEL,
    NOT_TRUSTED,
    SOME_DIFFER,
    WITHOUT,
    Given,
    given,
)
from tests.unit.auditing.basis import AFTER_THE_ROLL, BEFORE_THE_ROLL, basis, keys

__all__ = ["SAMPLES", "row"]

CHOICE = Choice(bogus="bogus.example.")
TOO_LATE = datetime(2035, 1, 1, tzinfo=UTC)


def row(
    made: Given,
    address: str = "192.0.2.1",
    at: datetime = AFTER_THE_ROLL,
    *,
    witness: Witness | None = None,
) -> ResolverVerdict:
    """The verdict on a resolver of this kind."""
    return judge(address, made.facts()._replace(witness=witness), keys(at), CHOICE, asked=66)


def asked(*rows: ResolverVerdict, at: datetime = AFTER_THE_ROLL) -> Asked:
    return Asked(basis=basis(at), choice=CHOICE, resolvers=rows)


def _unverified() -> Asked:
    policy = VerificationPolicy(at=TOO_LATE)
    report = verify(Request(policy=policy, source="embedded", dns="none"))
    return Asked(basis=report, choice=CHOICE, resolvers=())


_SILENT = replace(BEFORE, unused=NO_SENTINEL, old=NO_SENTINEL, new=NO_SENTINEL)

SAMPLES: Mapping[str, Asked] = {
    "ready": asked(row(given())),
    "not ready": asked(row(replace(FAILING, told=frozenset({38696})))),
    "not affected": asked(row(WITHOUT)),
    "late": asked(row(replace(BEFORE, new=NOT_TRUSTED), at=BEFORE_THE_ROLL), at=BEFORE_THE_ROLL),
    "silent": asked(row(_SILENT, at=BEFORE_THE_ROLL), at=BEFORE_THE_ROLL),
    "told by the program": asked(
        row(_SILENT, "127.0.0.1", BEFORE_THE_ROLL, witness=saying(OLD, WRONG, NEW_KEY)),
        row(_SILENT, "127.0.0.2", BEFORE_THE_ROLL, witness=tagging(20326, 38696)),
        row(_SILENT, "127.0.0.3", BEFORE_THE_ROLL, witness=UNTOLD),
        at=BEFORE_THE_ROLL,
    ),
    "everything": asked(
        row(given(), "192.0.2.1"),
        row(replace(BEFORE, new=SOME_DIFFER), "2001:db8::1#5353"),
        row(WITHOUT, "192.0.2.3"),
        row(FAILING, "tls://192.0.2.4"),
        row(FAILING, "192.0.2.5"),
    ),
    "unverified": _unverified(),
}
