"""Audits built by hand, for the tests of what renders them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from anchors.auditing.result import (
    Audit,
    Host,
    Judged,
    JudgedPlace,
    JudgedResolver,
    OnDay,
    Outcome,
    Standing,
    Step,
)
from anchors.auditing.scan.found import Coverage
from anchors.consumers.files import Location, Status
from anchors.consumers.loading import BuiltIn, Loaded, Used
from anchors.consumers.reading import (
    Compiled,
    Held,
    Hold,
    Note,
    Place,
    Reading,
    Reference,
    Rfc5011State,
    Role,
    StateOfKey,
)
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.found import FoundDnskey, FoundDs
from anchors.core.root_facts import ROOT_CAS
from anchors.pipeline.report import Report, Verdict
from tests.unit.auditing.basis import basis, keys
from tests.unit.known_syntaxes import Known

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
    got="has KSK-2017 (20326) only",
    want="KSK-2017 (20326) and KSK-2024 (38696)",
)
FOREIGN = Finding(
    Check.AUDIT_FOREIGN,
    Severity.ALARM,
    "IANA never published key 12345 as a root key",
    remedy="find out who added it",
)
STATIC = Finding(
    Check.AUDIT_STATIC, Severity.WARNING, "static: a person must replace it", remedy="watch"
)
PENDING = Finding(Check.AUDIT_PENDING, Severity.NOTICE, "KSK-2024 (38696) is pending")
UNREADABLE = Finding(
    Check.AUDIT_UNREADABLE,
    Severity.WARNING,
    "it cannot be read",
    got="Permission denied",
    remedy="as a user who may read it",
)
REFUSED = Finding(
    Check.AUDIT_REFUSED,
    Severity.FAILURE,
    "Unbound does not start: trust anchor presented twice",
    got="/var/root.key",
    want="one of the sources alone",
    remedy="change it before the next restart",
)
BUILD = Step("root-anchors build --offline --format unbound-root-key -o new", is_command=True)
INSTALL = Step("install -m 0644 new/root.key image/var/root.key", is_command=True)
REVOCATION = datetime(2027, 1, 11, tzinfo=UTC)
EVENT = "KSK-2017 (20326) is planned to be revoked"
SUMMARY = "has KSK-2017 (20326) only: every look-up fails since 2026-10-11"


def ds(number: int = 2017) -> FoundDs:
    key = {2017: KSK_2017, 2024: KSK_2024}[number]
    digest = key.digest(2)
    assert digest is not None
    return FoundDs(key.key_tag, key.algorithm, 2, digest)


def fails(path: str = "etc/root.key", root: str = "image", *, inside: bool = False) -> JudgedPlace:
    """A place with the old key alone, in line 3."""
    held = Held(ds(), Hold.FILE, 3)
    return JudgedPlace(
        Place(
            Location(root, path, inside), Reading(Known.ZONE, (held,)), status=Status(0o644, 0, 0)
        ),
        (Judged(held, KSK_2017.name, Standing.CURRENT),),
        Outcome.FAILS,
        ROLL,
        SUMMARY,
        f"{BUILD.text}; then {INSTALL.text}",
        (Note(MISSING, None, ROLL), Note(FOREIGN, 3), Note(FOREIGN, 5)),
        steps=(BUILD, INSTALL),
    )


def right(path: str = "etc/bind/bind.keys", root: str = "image") -> JudgedPlace:
    held = tuple(Held(ds(year), Hold.SEED, line) for line, year in ((1, 2017), (2, 2024)))
    names = (KSK_2017.name, KSK_2024.name)
    judged = (Judged(h, n, Standing.CURRENT) for h, n in zip(held, names, strict=True))
    words = "has KSK-2017 (20326) and KSK-2024 (38696)"
    place = Place(Location(root, path), Reading(Known.BIND, held))
    return JudgedPlace(place, tuple(judged), Outcome.RIGHT, None, words, None, ())


def state() -> JudgedPlace:
    """An RFC 5011 state with a key that waits."""
    assert KSK_2024.public_key is not None
    pending = Rfc5011State(StateOfKey.ADD_PENDING, ROLL, datetime(2026, 11, 10, tzinfo=UTC))
    held = Held(FoundDnskey(257, 8, KSK_2024.public_key), Hold.STATE, 9, pending)
    place = Place(Location("image", "var/root.key"), Reading(Known.UNBOUND_STATE, (held,)))
    judged = (Judged(held, KSK_2024.name, Standing.CURRENT),)
    words = "has KSK-2024 (38696)"
    return JudgedPlace(place, judged, Outcome.RIGHT, None, words, None, (Note(PENDING, 9),))


def static() -> JudgedPlace:
    """A configuration that names another file, in need of attention."""
    row = fails("etc/unbound.conf")
    references = (Reference("/etc/root.key", Role.STATIC, 4),)
    reading = Reading(Known.UNBOUND, row.found.reading.held if row.found.reading else ())
    place = row.found._replace(reading=reading._replace(references=references))
    words = f"{STATIC.message}; has KSK-2017 (20326)"
    return JudgedPlace(
        place,
        row.anchors,
        Outcome.ATTENTION,
        None,
        words,
        STATIC.remedy,
        (Note(STATIC, 3),),
        (STATIC,),
        _prose(STATIC),
    )


def unreadable(path: str = "etc/secret.key", root: str = "image") -> JudgedPlace:
    place = Place(Location(root, path), None, (Note(UNREADABLE),))
    words = UNREADABLE.message
    return JudgedPlace(
        place,
        (),
        Outcome.UNDECIDED,
        None,
        words,
        UNREADABLE.remedy,
        (Note(UNREADABLE),),
        (UNREADABLE,),
        _prose(UNREADABLE),
    )


def _prose(finding: Finding) -> tuple[Step, ...]:
    return (Step(finding.remedy, is_command=False),) if finding.remedy else ()


def program() -> JudgedPlace:
    digest = KSK_2017.digest(2)
    assert digest is not None
    compiled = Compiled((digest,), (ROOT_CAS[0].sha256,))
    lacks = Finding(Check.AUDIT_COMPILED, Severity.WARNING, "it lacks KSK-2024", remedy="update")
    place = Place(
        Location("x.deb", "usr/bin/tool", inside=True), Reading(Known.COMPILED, compiled=compiled)
    )
    words = f"contains the digest of KSK-2017 only; {lacks.message}"
    return JudgedPlace(
        place,
        (),
        Outcome.ATTENTION,
        ROLL,
        words,
        lacks.remedy,
        (Note(lacks, None, ROLL),),
        (lacks,),
        _prose(lacks),
    )


def hostile() -> JudgedPlace:
    """A place whose every text is hostile."""
    finding = Finding(Check.AUDIT_FOREIGN, Severity.FAILURE, *([HOSTILE] * 4))
    held = Held(ds()._replace(statement=HOSTILE), Hold.STATIC, 1)
    place = Place(Location(HOSTILE, HOSTILE, inside=True), Reading(Known.ZONE, (held,)))
    judged = Judged(held, HOSTILE, Standing.DAMAGED, HOSTILE)
    other = replace_text(finding)
    notes = (Note(finding, 1), Note(other, 2))
    steps = (Step(HOSTILE, is_command=True),)
    return JudgedPlace(place, (judged,), Outcome.FAILS, None, HOSTILE, HOSTILE, notes, (), steps)


def replace_text(finding: Finding) -> Finding:
    return finding._replace(message=f"{HOSTILE} more", remedy=f"{HOSTILE} more")


CONFIGURATION = Location("image", "etc/unbound/unbound.conf")
STATE = Location("image", "var/root.key")


def resolver(
    outcome: Outcome = Outcome.FAILS,
    configuration: Location = CONFIGURATION,
    summary: str = SUMMARY,
) -> JudgedResolver:
    """An Unbound with the old key alone in the second line of a file that it manages."""
    held = Held(ds(), Hold.SEED, 2)
    managed = Used(STATE, Role.MANAGED, (held,))
    loaded = Loaded(
        "unbound", configuration, (Used(configuration, Role.CONFIGURATION), managed), follows=True
    )
    return JudgedResolver(
        loaded=loaded,
        title="Unbound",
        anchors=((STATE, Judged(held, KSK_2017.name, Standing.CURRENT)),),
        outcome=outcome,
        day=ROLL,
        summary=summary,
        steps=(BUILD, INSTALL, Step("ask who put it there", is_command=False)),
        notes=((STATE, Note(MISSING, None, ROLL)), (STATE, Note(FOREIGN, 7))),
        days=(OnDay(REVOCATION, EVENT, outcome, "fails already"),),
    )


def refused() -> JudgedResolver:
    """One that does not start, as its summary says."""
    one = resolver(summary=REFUSED.message, configuration=Location("image", "etc/other.conf"))
    where = one.location
    return one._replace(
        loaded=one.loaded._replace(starts=False),
        day=None,
        notes=((where, Note(REFUSED, 4)), (where, Note(REFUSED, 9))),
        told=(REFUSED,),
        steps=_prose(REFUSED),
    )


def right_resolver(root: str = "image") -> JudgedResolver:
    """A BIND with both keys, and those that are built into it."""
    where = Location(root, "etc/bind/named.conf")
    held = tuple(Held(ds(year), Hold.SEED, line) for line, year in ((1, 2017), (2, 2024)))
    names = (KSK_2017.name, KSK_2024.name)
    judged = (Judged(h, n, Standing.CURRENT) for h, n in zip(held, names, strict=True))
    loaded = Loaded(
        "bind",
        where,
        (Used(where, Role.CONFIGURATION, held),),
        follows=True,
        built_in=BuiltIn("named", "BIND before 9.18.32 lacks KSK-2024"),
    )
    return JudgedResolver(
        loaded=loaded,
        title="BIND",
        anchors=tuple((where, one) for one in judged),
        outcome=Outcome.RIGHT,
        day=None,
        summary="has KSK-2017 (20326) and KSK-2024 (38696)",
        steps=(),
        notes=((where, Note(PENDING, 9)),),
        days=(OnDay(REVOCATION, EVENT, Outcome.ATTENTION, "a person must remove the key"),),
    )


def hostile_resolver() -> JudgedResolver:
    """A resolver whose every text is hostile."""
    row = hostile()
    where = row.found.location
    used = Used(where, Role.CONFIGURATION, tuple(one.held for one in row.anchors))
    return JudgedResolver(
        loaded=Loaded("unbound", where, (used,), views=(HOSTILE,)),
        title="Unbound",
        anchors=tuple((where, one) for one in row.anchors),
        outcome=Outcome.FAILS,
        day=None,
        summary=HOSTILE,
        steps=(Step(HOSTILE, is_command=True), Step(f"{HOSTILE} more", is_command=False)),
        notes=tuple((where, note) for note in row.notes),
        days=(OnDay(REVOCATION, HOSTILE, Outcome.FAILS, HOSTILE),),
        told=(row.notes[0].finding,),
    )


def audit(
    *rows: JudgedPlace,
    resolvers: tuple[JudgedResolver, ...] = (),
    report: Report | None = None,
    paths: tuple[str, ...] = (),
) -> Audit:
    """An audit of these files, and of these resolvers by the roots that they lie in."""
    coverage = Coverage(1234, 5_000_000, sum(row.found.reading is None for row in rows))
    roots = dict.fromkeys(one.location.root for one in resolvers)
    hosts = tuple(
        Host(root, tuple(one for one in resolvers if one.location.root == root)) for root in roots
    )
    return Audit(
        basis=report or basis(),
        paths=paths or ("image",),
        places=rows,
        coverage=coverage,
        hosts=hosts,
    )


def everything() -> Audit:
    """A resolver and a file of every kind, on two hosts."""
    rows = (fails(), right(), state(), static(), unreadable(), program())
    return audit(*rows, resolvers=(right_resolver("other"), refused(), resolver()))


def unverified() -> Audit:
    """An audit that had nothing to judge by."""
    failure = Finding(Check.CMS_SIGNATURE, Severity.FAILURE, "the signature does not hold")
    report = replace(
        basis(), verdict=Verdict.NOT_TRUSTED, authenticated=None, keys=(), findings=(failure,)
    )
    return Audit(basis=report, paths=("image",), places=(), coverage=Coverage())
