"""January 2027 as a story: what each command says on each of its days, and if the plan is changed.

docs/packaging.md tells the same days to packagers; what its table says is held against them here.
"""

from __future__ import annotations

import contextlib
import io
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from anchors.cli.main import main
from anchors.consumers.registry import REGISTRY
from tests.asking.simulated import CHOICE, Resolver
from tests.docs.markdown import ROOT, table_rows
from tests.lab.keys import LabKey
from tests.lab.liar import lying
from tests.lab.nameserver import Endpoint
from tests.rootzone.january import (
    DAYS,
    END,
    NEW,
    OLD,
    REVOKED,
    Day,
    Scene,
    lab_keys_are_the_roots,
)

NAME17, NAME24 = f"KSK-2017 ({OLD.tag})", f"KSK-2024 ({NEW.tag})"
MACHINES: Mapping[str, tuple[LabKey, ...]] = {"both": (OLD, NEW), "old": (OLD,), "new": (NEW,)}
EVERY_DAY = pytest.mark.parametrize("name", DAYS)


@dataclass(frozen=True)
class Told:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """All of it on one line."""
        return " ".join((self.err + self.out).split())

    @property
    def report(self) -> dict[str, Any]:
        """The JSON on standard output."""
        loaded: dict[str, Any] = json.loads(self.out)
        return loaded


def run(*arguments: str | Path) -> Told:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Told(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Scene]]:
    """Every day, with the lab's keys in the parts of the root's."""
    place = tmp_path_factory.mktemp("january")
    with lab_keys_are_the_roots():
        yield {name: Scene(DAYS[name], place / str(number)) for number, name in enumerate(DAYS)}


@pytest.fixture(scope="module")
def packaged(scenes: Mapping[str, Scene], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package as it was made in December 2026: what is vendored, and the files."""
    place = tmp_path_factory.mktemp("package")
    build = ["build", *scenes["the roll is over"].options()]
    assert run(*build, "--format", "xml", "-o", place / "vendored").code == 0
    assert run(*build, "--format", "debian", "--bare", "-o", place / "packaged").code == 0
    return place


# What is verified, and written

FINDINGS: Mapping[str, dict[str, str]] = {
    "its end is published": {"key.ends-soon": "warning"},
    "the day before": {"key.ends-soon": "warning"},
    "revoked": {"rootzone.revoked": "notice"},
    "revoked, without an end": {"rootzone.revoked": "warning"},
    "gone, without an end": {"rootzone.gone": "warning"},
    "back, and its end stands": {"rootzone.signature": "failure"},
}
IN_DOCUMENT = {
    True: f"{NAME17}: in the document from 2017-02-02 to 2027-01-11",
    False: f"{NAME17}: in the document with no end date",
}
NO_ACTION = f"revocation planned for 2027-01-11: no action needed while {NEW.tag} is trusted"
UNSEEN = "revocation was planned for 2027-01-11 and was not observed"
IS_REVOKED = f"in DNS as {REVOKED.tag} with the REVOKE bit, revoked"
OF_KSK_2017 = {
    "the roll is over": f"in DNS, no longer signing; {NO_ACTION}",
    "its end is published": f"in DNS, no longer signing; {NO_ACTION}",
    "the day before": f"in DNS, no longer signing; {NO_ACTION}",
    "revoked": IS_REVOKED,
    "gone": "not in DNS",
    "revoked, without an end": IS_REVOKED,
    "gone, without an end": (
        "not in DNS; revocation was planned for 2027-01-11, and the key is gone without an end date"
    ),
    "put off": f"in DNS, no longer signing; {UNSEEN}",
    "ended, and not revoked": f"in DNS, no longer signing; {UNSEEN}",
    "back to KSK-2017": f"in DNS, signing; {UNSEEN}",
    "back, and its end stands": f"in DNS, signing; {UNSEEN}",
}


def verified(scene: Scene) -> Told:
    return run("verify", *scene.options(), "--strict", "--report-format", "json")


@EVERY_DAY
def test_what_is_found(name: str, scenes: Mapping[str, Scene]) -> None:
    found = {
        one["check"]: one["severity"]
        for one in verified(scenes[name]).report["findings"]
        if not one["check"].startswith("choice.")
    }
    assert found == FINDINGS.get(name, {})


@EVERY_DAY
def test_what_is_said_of_the_key_that_goes(name: str, scenes: Mapping[str, Scene]) -> None:
    _, old, _ = verified(scenes[name]).report["anchors"]
    assert old["words"] == f"{IN_DOCUMENT[DAYS[name].ended]}, {OF_KSK_2017[name]}"


def test_a_revocation_is_told_by_the_day_on_which_its_end_comes(
    scenes: Mapping[str, Scene],
) -> None:
    told = run("verify", *scenes["the day before"].options()).words
    assert "less than a day left" in told


@EVERY_DAY
def test_every_format_has_the_keys_of_the_day(
    name: str, scenes: Mapping[str, Scene], tmp_path: Path
) -> None:
    told = run("build", *scenes[name].options(), "-o", tmp_path / "out")
    if name == "back, and its end stands":
        assert (told.code, (tmp_path / "out").exists()) == (1, False)
        return
    assert told.code == 0
    wanted = {NAME24} | ({NAME17} if keeps_both(name) else set())
    for row in REGISTRY:
        text = (tmp_path / "out" / row.file_name).read_text(encoding="utf-8")
        held = {key for key, forms in FORMS.items() if any(form in text for form in forms)}
        # IANA's own document has them all, with their dates.
        assert held == ({NAME17, NAME24} if row.name == "xml" else wanted), row.name


def forms(key: LabKey) -> tuple[str, ...]:
    """How an anchor file may hold a key; Go, C and Java have bytes of the digest one by one."""
    digest = key.digest.hex()
    return (b64encode(key.public_key).decode(), digest.upper(), digest, f"({key.tag})")


FORMS = {NAME17: forms(OLD), NAME24: forms(NEW)}


def keeps_both(name: str) -> bool:
    """Whether KSK-2017 is an anchor still."""
    day = DAYS[name]
    return REVOKED not in day.keys and (not day.ended or day.at < END)


# What the packager's commands say: the table of docs/packaging.md

PACKAGING = (ROOT / "docs" / "packaging.md").read_text(encoding="utf-8")
MONTHS = PACKAGING.partition("\n## The next twelve months\n")[2].partition("\n## ")[0]
ROWS = {cells[0]: cells[1:] for cells in table_rows(MONTHS) if cells[0] in DAYS}


def test_the_document_tells_of_every_day() -> None:
    assert [*ROWS] == [*DAYS]


def zone_in_words(day: Day) -> str:
    tags = {OLD: "20326", NEW: "38696", REVOKED: "20454"}
    return " ".join(f"{tags[key]}{'*' if key in day.by else ''}" for key in day.keys)


@EVERY_DAY
def test_the_document_tells_what_the_commands_say(
    name: str, scenes: Mapping[str, Scene], packaged: Path
) -> None:
    zone, document, strict, vendored, package, _ = ROWS[name]
    options = scenes[name].options()
    assert zone == f"`{zone_in_words(DAYS[name])}`"
    assert document == ("to 2027-01-11" if DAYS[name].ended else "no end")
    assert strict == str(verified(scenes[name]).code)
    for told, format_, folder in ((vendored, "xml", "vendored"), (package, "debian", "packaged")):
        check = run("build", *options, "--format", format_, "--check", packaged / folder)
        word, _, code = told.partition(", ")
        assert check.code == int(code)
        assert check.err.startswith(f"{word}: ")


def test_a_package_that_never_asks_the_root_zone_is_told(scenes: Mapping[str, Scene]) -> None:
    """The document of December 2026, judged a month after the revocation was due."""
    scene = scenes["the roll is over"]
    for dns, at, code in (
        ("none", scenes["the day before"].day.at, 0),
        ("none", scenes["revoked"].day.at, 4),
        (None, scenes["gone"].day.at, 1),
    ):
        told = run("verify", "--strict", *scene.options(dns, at))
        assert told.code == code
    told = run("verify", "--strict", *scene.options("none", scenes["revoked"].day.at))
    assert "ICANN planned to revoke a key before this day, and the root zone was not asked" in (
        told.words
    )


# What becomes of resolvers

AUDITED = {
    "back to KSK-2017": ("ATTENTION", "WILL FAIL", "FAILS"),
    # Nothing is judged by what is not trusted.
    "back, and its end stands": ("UNDECIDED", "UNDECIDED", "UNDECIDED"),
}
OF_MACHINES = {
    ("the day before", "both"): f"{NAME17} is planned to be revoked",
    ("revoked", "both"): f"{NAME17} is revoked, but still trusted; has {NAME24}",
    ("revoked", "old"): f"has no anchor that can validate the root: {NAME17} is revoked",
    ("gone", "both"): f"{NAME17} is retired; has {NAME24}",
    ("gone", "old"): f"has no anchor that can validate the root: {NAME17} is retired",
    ("put off", "both"): "was planned for 2027-01-11 and was not observed",
    ("back to KSK-2017", "new"): f"has {NAME24} only, but {NAME17} signs the root",
}


def machine(place: Path, keys: tuple[LabKey, ...]) -> Path:
    """A machine whose Unbound holds static anchors."""
    lines = [f'    trust-anchor: ". DS {k.tag} 8 2 {k.digest.hex().upper()}"\n' for k in keys]
    conf = place / "etc/unbound/unbound.conf"
    conf.parent.mkdir(parents=True)
    conf.write_text("server:\n" + "".join(lines), encoding="ascii")
    return place


@EVERY_DAY
def test_what_an_audit_says(name: str, scenes: Mapping[str, Scene], tmp_path: Path) -> None:
    outcomes = []
    for which, keys in MACHINES.items():
        told = run("audit", machine(tmp_path / which, keys), *scenes[name].options())
        outcomes.append(told.out.partition(":")[0])
        assert OF_MACHINES.get((name, which), "") in told.words
    assert tuple(outcomes) == AUDITED.get(name, ("ATTENTION", "FAILS", "ATTENTION"))


def test_an_old_recording_does_not_say_that_a_revocation_did_not_come(
    scenes: Mapping[str, Scene], tmp_path: Path
) -> None:
    scene, later = scenes["the roll is over"], scenes["gone"].day.at
    built = tmp_path / "built"
    assert run("build", *scene.options(), "-o", built).code == 0
    options = ("--source", built, "--dns", "recorded", "--ca", scene.source / "ca.pem")
    root = machine(tmp_path / "machine", (OLD, NEW))
    told = run("audit", root, *options, "--at", f"{later:%Y-%m-%dT%H:%M:%SZ}").words
    since = "was planned for 2027-01-11, and the root zone was not asked since"
    assert f"the revocation of {NAME17} {since}" in told


ASKED = {
    "the roll is over": ("ready", ["trusts-by-tag", "trusts-by-use"], []),
    "revoked": ("ready", ["trusts-by-tag", "trusts-by-use"], ["is revoked, but still trusted"]),
    "gone": ("ready", ["trusts-by-tag", "trusts-by-use"], ["is retired, but still trusted"]),
    "put off": ("ready", ["trusts-by-tag", "trusts-by-use"], []),
    "back to KSK-2017": ("ready", ["trusts-by-use", "trusts-by-tag"], []),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_a_resolver_with_both_keys_is_told_when_it_is_asked(
    name: str, scenes: Mapping[str, Scene]
) -> None:
    """As ``ask`` does unless told otherwise: the resolver itself hands over the root's keys."""
    summary, trust, findings = ASKED[name]
    with lying(Resolver(apex=DAYS[name].apex)) as liar:
        told = ask(liar.endpoint, scenes[name], "--report-format", "json")
        text = ask(liar.endpoint, scenes[name]).words
    (resolver,) = told.report["resolvers"]
    assert resolver["summary"] == summary
    assert [key["trust"] for key in resolver["keys"]] == trust
    assert [one["message"] for one in resolver["findings"] if one["severity"] == "warning"] == [
        f"{NAME17} {words}" for words in findings
    ]
    assert all(f"warning: {NAME17} {words}" in text for words in findings)
    assert told.code == (4 if findings else 0)
    assert told.report["basis"]["findings"] == [] or "root zone was not asked" not in text


@pytest.mark.parametrize("name", ["revoked", "gone"])
def test_a_resolver_with_the_new_key_alone_is_ready_without_a_word(
    name: str, scenes: Mapping[str, Scene]
) -> None:
    with lying(Resolver(apex=DAYS[name].apex, trusted=frozenset({NEW.tag}))) as liar:
        told = ask(liar.endpoint, scenes[name])
    assert told.code == 0
    assert told.out.startswith("READY: ")
    assert "warning: KSK" not in told.words


def ask(endpoint: Endpoint, scene: Scene, *more: str) -> Told:
    names = ("--sentinel-zone", CHOICE.zone, "--good", CHOICE.good, "--bogus", CHOICE.bogus)
    address = f"{endpoint.host}#{endpoint.port}"
    return run("ask", address, *map(str, names), *scene.options("none"), "--strict", *more)


# What pictures and numbers say

DATES = {
    "the day before": (f"1  2027-01-11  {NAME17}: revoked (planned)", True),
    "revoked": (f"2027-01-11 {NAME17} revoked, observed, seen 2027-01-12", True),
    "gone": (f"2027-03-25 {NAME17} gone from the root zone, observed, at the latest", True),
    "gone, without an end": (f"{NAME17} revoked, observed", False),
    "put off": (f"2027-01-11 {NAME17} revoked: not observed", True),
}


@pytest.mark.parametrize("name", DATES)
def test_what_a_timeline_says(name: str, scenes: Mapping[str, Scene]) -> None:
    words, is_there = DATES[name]
    told = run("timeline", *scenes[name].options())
    assert (" ".join(words.split()) in told.words) is is_there
    is_stated = f"2027-01-11 {NAME17} no longer valid in the document, stated" in told.words
    assert is_stated is DAYS[name].ended


@EVERY_DAY
def test_what_the_metrics_say(name: str, scenes: Mapping[str, Scene], tmp_path: Path) -> None:
    metrics = tmp_path / "metrics.prom"
    run("verify", *scenes[name].options(), "--quiet", "--metrics", metrics)
    lines = metrics.read_text(encoding="utf-8").splitlines()
    labels = f'name="KSK-2017",key_tag="{OLD.tag}"'
    state = {True: "revoked", False: "current" if keeps_both(name) else "expired"}[
        REVOKED in DAYS[name].keys
    ]
    assert f'root_anchors_key_state{{{labels},state="{state}"}} 1' in lines
    emitted = keeps_both(name) and "back, and" not in name
    assert f"root_anchors_key_emitted{{{labels}}} {int(emitted)}" in lines
    # What is over is planned no more, so that no alert goes on about it.
    planned = [line for line in lines if line.startswith("root_anchors_key_planned_revocation")]
    assert len(planned) == (state == "current")
