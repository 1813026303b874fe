from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import unquote_to_bytes

import pytest

import anchors
from anchors.auditing.result import Audit, JudgedPlace, Outcome
from anchors.consumers.files import Location
from anchors.consumers.reading import Note, Place
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.report.audit.sarif import render
from tests.unit.auditing.audits import (
    HOSTILE,
    MISSING,
    STATIC,
    audit,
    everything,
    fails,
    hostile,
    right,
    state,
    static,
    unreadable,
    unverified,
)
from tests.unit.auditing.basis import basis

Json: TypeAlias = dict[str, Any]


def run(subject: Audit) -> Json:
    log: Json = json.loads(render(subject))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    (only,) = log["runs"]
    assert isinstance(only, dict)
    return only


def locations(subject: Audit) -> list[Json]:
    return [result["locations"][0] for result in run(subject)["results"]]


def artifact(path: str, root: str = "image", *, inside: bool = False) -> Json:
    row = fails(path, root, inside=inside)
    found: Json = locations(audit(row))[0]["physicalLocation"]["artifactLocation"]
    return found


def test_the_tool_and_its_rules() -> None:
    driver = run(everything())["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("root-anchors", anchors.__version__)
    assert [rule["id"] for rule in driver["rules"]] == [
        "audit.missing",
        "audit.foreign",
        "audit.static",
        "audit.pending",
        "audit.compiled",
        "audit.unreadable",
    ]
    first = driver["rules"][0]
    assert first["shortDescription"]["text"] == Check.AUDIT_MISSING.title
    assert Check.AUDIT_MISSING.reference in first["help"]["text"]
    assert "http" not in json.dumps(driver)


def test_every_finding_is_a_result_with_what_is_required() -> None:
    only = run(everything())
    rules = only["tool"]["driver"]["rules"]
    assert len(only["results"]) == 7
    for result in only["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        (location,) = result["locations"]
        place = location["physicalLocation"]["artifactLocation"]
        assert place["uriBaseId"] in only["originalUriBaseIds"]
        assert re.fullmatch(r"[A-Za-z0-9._~%/-]+", place["uri"])


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        (Severity.FAILURE, "error"),
        (Severity.ALARM, "error"),
        (Severity.WARNING, "warning"),
        (Severity.NOTICE, "note"),
    ],
)
def test_levels(severity: Severity, level: str) -> None:
    row = fails()._replace(notes=(Note(MISSING._replace(severity=severity)),))
    assert [result["level"] for result in run(audit(row))["results"]] == [level]


def test_the_message_says_what_happens_and_what_to_do() -> None:
    first, second, *_ = run(audit(fails()))["results"]
    assert first["message"]["text"].splitlines() == [
        "KSK-2024 (38696) is missing",
        "has KSK-2017 (20326) only: every look-up fails since 2026-10-11",
        "got: has KSK-2017 (20326) only",
        "want: KSK-2017 (20326) and KSK-2024 (38696)",
    ]
    assert "do: find out who added it" in second["message"]["text"]
    assert first["properties"] == {
        "outcome": "fails",
        "day": "2026-10-11T00:00:00Z",
        "syntax": "zone file",
    }


def test_what_could_not_be_read_is_there() -> None:
    (result,) = run(audit(unreadable()))["results"]
    assert (result["ruleId"], result["level"]) == ("audit.unreadable", "warning")
    assert result["properties"]["outcome"] == Outcome.UNDECIDED


def test_what_is_undecided_for_what_is_beside_it_is_there_too() -> None:
    row = unreadable()._replace(notes=(), summary="holds no anchor of its own")
    (result,) = run(audit(row, right()))["results"]
    assert (result["ruleId"], result["level"]) == ("audit.nothing", "warning")
    assert result["message"]["text"].startswith("holds no anchor of its own")
    assert result["properties"]["outcome"] == Outcome.UNDECIDED


def test_every_result_has_a_line_the_first_where_none_is_known() -> None:
    subjects = (everything(), audit(fails(inside=True)), audit(hostile()))
    lines = [one["physicalLocation"]["region"] for s in subjects for one in locations(s)]
    assert all(line["startLine"] >= 1 for line in lines)
    regions = [one["physicalLocation"]["region"]["startLine"] for one in locations(audit(fails()))]
    assert regions == [1, 3, 5]


def test_a_member_is_in_its_archive() -> None:
    row = fails("usr/share/root.key", "out/x y.deb", inside=True)
    first, second, _ = run(audit(row))["results"]
    place = {"uri": "out/x%20y.deb", "uriBaseId": "%SRCROOT%"}
    assert second["locations"] == [
        {
            # The line of the finding is the member's.
            "physicalLocation": {"artifactLocation": place, "region": {"startLine": 1}},
            "logicalLocations": [{"fullyQualifiedName": "usr/share/root.key", "kind": "resource"}],
        }
    ]
    assert first["message"]["text"].startswith("usr/share/root.key: KSK-2024")
    assert second["message"]["text"].startswith(
        "usr/share/root.key, line 3: IANA never published key 12345"
    )


def test_what_the_summary_tells_is_not_told_with_it_again() -> None:
    (result,) = run(audit(static()))["results"]
    assert result["message"]["text"].count(STATIC.message) == 1


@pytest.mark.parametrize(
    ("root", "path", "uri"),
    [
        ("image", "etc/root.key", "image/etc/root.key"),
        ("./image/", "root.key", "image/root.key"),
        (".", "root.key", "root.key"),
        ("", "root.key", "root.key"),
        ("image", "", "image"),
        ("a", "b:c d#e?f%g[h]", "a/b%3Ac%20d%23e%3Ff%25g%5Bh%5D"),
        ("a", "\udcff\n\x1bé", "a/%FF%0A%1B%C3%A9"),
    ],
)
def test_what_lies_below_the_working_directory(root: str, path: str, uri: str) -> None:
    assert artifact(path, root) == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_the_bytes_of_a_name_can_be_had_again() -> None:
    path = HOSTILE.replace("/", "_")
    raw = unquote_to_bytes(artifact(path, "r")["uri"]).removeprefix(b"r/")
    assert raw == path.encode("utf-8", "surrogateescape")


def test_every_other_root_has_a_base_of_its_own() -> None:
    rows = [fails("k", root) for root in ("/srv/a b", "../up", "/", "/srv/a b/", "here")]
    archive = fails("member", "/pool/x.deb", inside=True)
    only = run(audit(*rows, archive))
    assert only["originalUriBaseIds"] == {
        "%SRCROOT%": {"description": {"text": "the directory that the audit was run in"}},
        "ROOT1": {"uri": "file:///srv/a%20b/"},
        "ROOT2": {"description": {"text": "../up, from the directory that the audit was run in"}},
        "ROOT3": {"uri": "file:///"},
        "ROOT4": {"uri": "file:///pool/"},
    }
    firsts = only["results"][::3]
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"] for one in firsts]
    assert [(one["uriBaseId"], one["uri"]) for one in places] == [
        ("ROOT1", "k"),
        ("ROOT2", "k"),
        ("ROOT3", "k"),
        ("ROOT1", "k"),
        ("%SRCROOT%", "here/k"),
        ("ROOT4", "x.deb"),
    ]


def fingerprints(*rows: JudgedPlace) -> list[str]:
    results = run(audit(*rows))["results"]
    return [result["partialFingerprints"]["placeAndFinding/v1"] for result in results]


def test_fingerprints_tell_findings_apart_and_stay_when_lines_move() -> None:
    row = fails()
    marks = fingerprints(row, fails("other"), state(), unreadable())
    assert len(set(marks)) == len(marks) == 8
    moved = tuple(note._replace(line=note.line and note.line + 7) for note in row.notes)
    assert fingerprints(row._replace(notes=moved, summary="other words")) == marks[:3]
    assert fingerprints(fails("other"), row)[3:] == marks[:3]
    assert fingerprints(row) == marks[:3]
    assert not {*fingerprints(fails(inside=True))} & {*marks}


def test_fingerprints_do_not_depend_on_the_other_paths_of_the_audit() -> None:
    alone = fingerprints(fails("k", "/b"))
    assert fingerprints(fails("other", "/a"), fails("k", "/b"))[3:] == alone


def test_a_fingerprint_for_github_where_its_upload_makes_none() -> None:
    """It takes the line's, which is no line of the finding in a member or a whole file."""
    results = run(audit(fails(), fails("other", inside=True)))["results"]
    for result in results:
        marks = result["partialFingerprints"]
        lined = result["locations"][0]["physicalLocation"]["region"] != {"startLine": 1}
        assert set(marks) - {"placeAndFinding/v1"} == (
            set() if lined else {"primaryLocationLineHash"}
        )
        assert len({*marks.values()}) == 1
    assert [len(one["partialFingerprints"]) for one in results] == [2, 1, 1, 2, 2, 2]


def test_nothing_from_outside_is_a_link_a_placeholder_or_raw() -> None:
    text = render(audit(hostile(), right(HOSTILE), unreadable(HOSTILE)))
    assert text.isascii()
    for result in json.loads(text)["runs"][0]["results"]:
        message = result["message"]["text"]
        assert all(character.isprintable() or character == "\n" for character in message)
        assert re.search(r"(?<!\\)(?:\\\\)*[\[\]]", message) is None
        assert re.search(r"(?<!\{)\{(?:\{\{)*\d", message) is None
        for one in result["locations"][0].get("logicalLocations", ()):
            assert one["fullyQualifiedName"].isprintable()


@pytest.mark.parametrize("slashes", range(5))
def test_backslashes_before_a_bracket_do_not_free_it(slashes: int) -> None:
    finding = MISSING._replace(message="\\" * slashes + "[x](http://h)")
    row = fails()._replace(notes=(Note(finding),))
    (result,) = run(audit(row))["results"]
    text = result["message"]["text"].splitlines()[0]
    assert text == "\\" * (2 * slashes + 1) + r"[x\](http://h)"


def test_how_the_run_went() -> None:
    chosen = Finding(Check.CHOICE_AT, Severity.NOTICE, "judged at another time")
    only = run(audit(unreadable(), report=replace(basis(), findings=(chosen,))))
    (invocation,) = only["invocations"]
    assert invocation["executionSuccessful"] is True
    (notification,) = invocation["toolExecutionNotifications"]
    assert (notification["descriptor"]["id"], notification["level"]) == ("choice.at", "note")
    assert only["properties"]["at"] == "2026-11-24T00:00:00Z"
    assert only["properties"]["filesNotRead"] == 1


def test_without_a_verified_publication_the_run_failed() -> None:
    only = run(unverified())
    assert (only["results"], only["tool"]["driver"]["rules"]) == ([], [])
    (invocation,) = only["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["level"] == "error"
    assert notification["message"]["text"] == "the signature does not hold"


def test_one_place_and_many() -> None:
    assert run(audit(right()))["results"] == []
    assert len(run(audit(*(fails(f"{n}") for n in range(2000))))["results"]) == 6000


def test_a_place_without_a_line_or_a_reading() -> None:
    place = Place(Location("image", ""), None)
    row = unreadable()._replace(found=place)
    (location,) = locations(audit(row))
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "image", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1},
    }
