"""Audits built by hand, for the tests of what renders them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from anchors.auditing.place import (
    Compiled,
    Coverage,
    Held,
    Hold,
    Location,
    Note,
    Place,
    Reading,
    Reference,
    Rfc5011State,
    Role,
    StateOfKey,
    Syntax,
)
from anchors.auditing.result import Audit, Judged, JudgedPlace, Outcome, Standing
from anchors.checks import Check
from anchors.formats.found import FoundDnskey, FoundDs
from anchors.model import Finding, Severity
from anchors.publication.pinned import ICANN_ROOTS
from anchors.report import Report, Verdict
from tests.unit.auditing.basis import basis, keys

KSK_2010, KSK_2017, KSK_2024 = keys().keys
ROLL = datetime(2026, 10, 11, tzinfo=UTC)
# Everything that a terminal, HTML, Markdown or SARIF could take for its own.
HOSTILE = (
    "a|b`c`<script>x</script>\n# h\x1b[31m[l](http://h) @all #1 www.h.org ![i](u) &lt; {0} \udcff*"
)
MISSING = Finding(
    Check.AUDIT_MISSING,
    Severity.FAILURE,
    "KSK-2024 (38696) is missing",
    got="holds KSK-2017 (20326) only",
    want="KSK-2017 (20326) and KSK-2024 (38696)",
)
FOREIGN = Finding(
    Check.AUDIT_FOREIGN,
    Severity.ALARM,
    "key 12345 is no root key that IANA ever published",
    remedy="find out who put it there",
)
STATIC = Finding(
    Check.AUDIT_STATIC, Severity.WARNING, "static: a person must replace it", remedy="watch"
)
PENDING = Finding(Check.AUDIT_PENDING, Severity.NOTICE, "KSK-2024 (38696) is pending")
UNREADABLE = Finding(
    Check.AUDIT_UNREADABLE,
    Severity.WARNING,
    "it cannot be read",
    got="PermissionError: Permission denied",
    remedy="read it as a user who may",
)
SUMMARY = "holds KSK-2017 (20326) only: every look-up fails since 2026-10-11"


def ds(number: int = 2017) -> FoundDs:
    key = {2017: KSK_2017, 2024: KSK_2024}[number]
    digest = key.digest(2)
    assert digest is not None
    return FoundDs(key.key_tag, key.algorithm, 2, digest)


def fails(path: str = "etc/root.key", root: str = "image", *, inside: bool = False) -> JudgedPlace:
    """A place with the old key alone, in line 3."""
    held = Held(ds(), Hold.FILE, 3)
    return JudgedPlace(
        Place(Location(root, path, inside), Reading(Syntax.ZONE, (held,)), writable=False),
        (Judged(held, KSK_2017.name, Standing.CURRENT),),
        Outcome.FAILS,
        ROLL,
        SUMMARY,
        "root-anchors build --format ds -o new",
        (Note(MISSING, None, ROLL), Note(FOREIGN, 3), Note(FOREIGN, 5)),
    )


def right(path: str = "etc/bind/bind.keys", root: str = "image") -> JudgedPlace:
    held = tuple(Held(ds(year), Hold.SEED, line) for line, year in ((1, 2017), (2, 2024)))
    names = (KSK_2017.name, KSK_2024.name)
    judged = (Judged(h, n, Standing.CURRENT) for h, n in zip(held, names, strict=True))
    words = "holds KSK-2017 (20326) and KSK-2024 (38696)"
    place = Place(Location(root, path), Reading(Syntax.BIND, held))
    return JudgedPlace(place, tuple(judged), Outcome.RIGHT, None, words, None, ())


def state() -> JudgedPlace:
    """An RFC 5011 state with a key that waits."""
    assert KSK_2024.public_key is not None
    pending = Rfc5011State(StateOfKey.ADD_PENDING, ROLL, datetime(2026, 11, 10, tzinfo=UTC))
    held = Held(FoundDnskey(257, 8, KSK_2024.public_key), Hold.STATE, 9, pending)
    place = Place(Location("image", "var/root.key"), Reading(Syntax.UNBOUND_STATE, (held,)))
    judged = (Judged(held, KSK_2024.name, Standing.CURRENT),)
    words = "holds KSK-2024 (38696)"
    return JudgedPlace(place, judged, Outcome.RIGHT, None, words, None, (Note(PENDING, 9),))


def static() -> JudgedPlace:
    """A configuration that names another file, in need of attention."""
    row = fails("etc/unbound.conf")
    references = (Reference("/etc/root.key", Role.STATIC, 4),)
    reading = Reading(Syntax.UNBOUND, row.place.reading.held if row.place.reading else ())
    place = row.place._replace(reading=reading._replace(references=references))
    words = f"{STATIC.message}; holds KSK-2017 (20326)"
    return JudgedPlace(
        place, row.anchors, Outcome.ATTENTION, None, words, STATIC.remedy, (Note(STATIC, 3),)
    )


def unreadable(path: str = "etc/secret.key", root: str = "image") -> JudgedPlace:
    place = Place(Location(root, path), None, (Note(UNREADABLE),))
    words = UNREADABLE.message
    return JudgedPlace(
        place, (), Outcome.UNDECIDED, None, words, UNREADABLE.remedy, (Note(UNREADABLE),)
    )


def program() -> JudgedPlace:
    digest = KSK_2017.digest(2)
    assert digest is not None
    compiled = Compiled((digest,), tuple(ICANN_ROOTS.values())[:1])
    lacks = Finding(Check.AUDIT_COMPILED, Severity.WARNING, "it lacks KSK-2024", remedy="update")
    place = Place(
        Location("x.deb", "usr/bin/tool", inside=True), Reading(Syntax.COMPILED, compiled=compiled)
    )
    words = f"contains the digest of KSK-2017 only; {lacks.message}"
    return JudgedPlace(
        place, (), Outcome.ATTENTION, ROLL, words, lacks.remedy, (Note(lacks, None, ROLL),)
    )


def hostile() -> JudgedPlace:
    """A place whose every text is hostile."""
    finding = Finding(Check.AUDIT_FOREIGN, Severity.FAILURE, *([HOSTILE] * 4))
    held = Held(ds()._replace(statement=HOSTILE), Hold.STATIC, 1)
    place = Place(Location(HOSTILE, HOSTILE, inside=True), Reading(Syntax.ZONE, (held,)))
    judged = Judged(held, HOSTILE, Standing.DAMAGED, HOSTILE)
    other = replace_text(finding)
    notes = (Note(finding, 1), Note(other, 2))
    return JudgedPlace(place, (judged,), Outcome.FAILS, None, HOSTILE, HOSTILE, notes)


def replace_text(finding: Finding) -> Finding:
    return finding._replace(message=f"{HOSTILE} more", remedy=f"{HOSTILE} more")


def audit(*rows: JudgedPlace, report: Report | None = None, paths: tuple[str, ...] = ()) -> Audit:
    coverage = Coverage(1234, 5_000_000, sum(row.place.reading is None for row in rows))
    return Audit(basis=report or basis(), paths=paths or ("image",), places=rows, coverage=coverage)


def everything() -> Audit:
    """A place of every kind."""
    return audit(fails(), right(), state(), static(), unreadable(), program())


def unverified() -> Audit:
    """An audit that had nothing to judge by."""
    failure = Finding(Check.CMS_SIGNATURE, Severity.FAILURE, "the signature does not hold")
    report = replace(
        basis(), verdict=Verdict.NOT_TRUSTED, authenticated=None, keys=(), findings=(failure,)
    )
    return Audit(basis=report, paths=("image",), places=(), coverage=Coverage())
