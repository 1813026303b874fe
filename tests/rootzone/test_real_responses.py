"""IANA's own signed key responses, where they are at hand: what was signed, and what was served.

``ROOT_ANCHORS_RESPONSES`` names a folder with them (https://www.iana.org/dnssec/ceremonies): the
production quarters 2017 Q1 to Q3 and 2018 Q1, whose last eight slots were never published because
the roll was put off, and in ``test-keys`` the quarters of 2009 and 2010 that tried a roll out.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from anchors.core.errors import DocumentRefused
from anchors.core.findings import Severity
from anchors.core.keys import KeyDigest, TrustAnchors, Window
from anchors.core.match import digests_of
from anchors.core.records import Flag, key_tag
from anchors.rootzone import skr
from anchors.rootzone.calendar import Slot, agreement, calendar
from anchors.rootzone.rrset import answer_from_text, observe
from anchors.rootzone.skr import SignedKeyResponse
from tests.unit.stages import FIXTURES

FOLDER = Path(os.environ.get("ROOT_ANCHORS_RESPONSES", "absent"))
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="ROOT_ANCHORS_RESPONSES names no folder of signed key responses"
)

# Who signs (*), slot by slot, as a run of slots and what each has.
CALENDARS: dict[str, list[tuple[int, str]]] = {
    "skr-root-2017-q1-0": [(9, "19036*")],
    "skr-root-2017-q2-0": [(9, "19036*")],
    "skr-root-2017-q3-0-c_to_d": [(1, "19036*"), (8, "19036* 20326")],
    "skr-root-2018-q1-0-d_to_e": [(1, "19036* 20326"), (8, "19036 20326*")],
    "test-keys/skr-root-2009-q4-2": [(6, "5017*")],
    "test-keys/skr-root-2010-q1-0": [(9, "5017*")],
    "test-keys/skr-root-2010-q2-0": [
        (1, "5017*"),
        (5, "5017* 55186"),
        (2, "5145* 55186*"),
        (1, "55186*"),
    ],
    "test-keys/skr-root-2010-q2-0-revoke": [(9, "5145*")],
}
QUARTERS = {
    "skr-root-2017-q1-0": ("2017-01-01", "2017-04-01"),
    "skr-root-2017-q2-0": ("2017-04-01", "2017-07-01"),
    "skr-root-2017-q3-0-c_to_d": ("2017-07-01", "2017-10-01"),
    "skr-root-2018-q1-0-d_to_e": ("2018-01-01", "2018-04-01"),
    "test-keys/skr-root-2009-q4-2": ("2009-11-03", "2010-01-01"),
    "test-keys/skr-root-2010-q1-0": ("2010-01-01", "2010-04-01"),
    "test-keys/skr-root-2010-q2-0": ("2010-04-01", "2010-07-01"),
    "test-keys/skr-root-2010-q2-0-revoke": ("2010-04-01", "2010-07-01"),
}
EVERY = pytest.mark.parametrize("name", CALENDARS)


@cache
def response(name: str) -> SignedKeyResponse:
    return skr.read((FOLDER / f"{name}.xml").read_bytes())


@cache
def document(*, of_tests: bool) -> TrustAnchors:
    """A document of all key-signing keys of these responses."""
    found = {
        bytes(key.key): key
        for name in CALENDARS
        if name.startswith("test-keys") is of_tests
        for bundle in response(name).bundles
        for key in bundle.observation.keys
        if key.flags == Flag.ZONE | Flag.SEP
    }
    since = Window(datetime(2009, 1, 1, tzinfo=UTC), None)
    keys = [
        KeyDigest(
            f"K{key_tag(key)}",
            key_tag(key),
            int(key.algorithm),
            2,
            dict(digests_of(int(key.flags), int(key.algorithm), public))[2],
            since,
            public,
            int(key.flags),
        )
        for public, key in sorted(found.items(), key=lambda one: key_tag(one[1]))
    ]
    return TrustAnchors("", ".", tuple(keys), ())


@cache
def slots(name: str) -> tuple[Slot, ...]:
    return calendar(response(name), document(of_tests=name.startswith("test-keys")))


@EVERY
def test_a_calendar(name: str) -> None:
    told = [
        " ".join(f"{key.key_tag}{'*' if key.signs else ''}" for key in slot.sep_keys)
        for slot in slots(name)
    ]
    assert told == [words for count, words in CALENDARS[name] for _ in range(count)]


@EVERY
def test_a_quarter_is_whole(name: str) -> None:
    begin, end = QUARTERS[name]
    assert (f"{slots(name)[0].begin:%Y-%m-%d}", f"{slots(name)[-1].end:%Y-%m-%d}") == (begin, end)
    found = [finding.got for finding in response(name).findings]
    assert found == (["6"] if "2009" in name else [])
    assert all(
        one.end == other.begin for one, other in zip(slots(name), slots(name)[1:], strict=False)
    )


@EVERY
def test_only_where_nothing_but_a_revoked_key_signs_a_slot_is_alarming(name: str) -> None:
    alarms = [finding.severity for slot in slots(name) for finding in slot.findings]
    assert alarms == [Severity.ALARM] * (9 if name.endswith("-revoke") else 0)


def test_requests_are_no_responses() -> None:
    requests = sorted(FOLDER.rglob("ksr-*.xml"))
    assert len(requests) == 7
    for path in requests:
        with pytest.raises(DocumentRefused, match="it is none"):
            skr.read(path.read_bytes())


def recordings() -> list[tuple[str, Path]]:
    """The recorded RRsets of these quarters: of this tree, and those that lie beside."""
    beside = FOLDER.parent / "rrsets"
    paths = [*(FIXTURES / "rrsets").glob("*.rrset"), *beside.rglob("*.rrset")]
    found = {path.name: path for path in paths}
    return [
        (name, path)
        for path in sorted(found.values())
        for name, (begin, end) in QUARTERS.items()
        if not name.startswith("test-keys") and begin <= path.name[:10] < end
    ]


def test_what_was_served_is_what_was_signed_until_the_roll_was_put_off() -> None:
    seen: dict[bool, int] = {True: 0, False: 0}
    for name, path in recordings():
        at = datetime.strptime(path.name[:10], "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
        told = agreement(slots(name), [observe(answer_from_text(path.read_text(), at))])
        was_put_off = name == "skr-root-2018-q1-0-d_to_e"
        seen[was_put_off] += 1
        if not was_put_off:
            assert told == ()
            continue
        (finding,) = told
        assert finding.severity is Severity.WARNING
        assert (finding.got, finding.want) == ("RRSIGs by 19036 (file)", "RRSIGs by 20326")
    assert seen[True] in {0, 4}
    assert seen[False] in {4, 12}
