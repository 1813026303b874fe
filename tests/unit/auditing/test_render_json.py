from __future__ import annotations

import json
from typing import Any

import pytest

from anchors.auditing.render import renderer
from anchors.auditing.render.json import render
from anchors.auditing.result import Audit
from tests.unit.auditing.audits import (
    HOSTILE,
    KSK_2017,
    audit,
    everything,
    fails,
    hostile,
    right,
    unverified,
)


def loaded(subject: Audit) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(render(subject))
    return content


def test_the_audit_as_a_whole() -> None:
    content = loaded(everything())
    assert content["schema"] == "root-anchors/audit/1"
    assert (content["outcome"], content["at"]) == ("fails", "2026-11-24T00:00:00Z")
    assert content["coverage"] == {"looked_at": 1234, "size": 5_000_000, "unreadable": 1}
    assert content["basis"]["verdict"] == "verified"
    assert content["basis"]["signing_time"] == "2025-03-25T20:25:02Z"
    assert [key["key_tag"] for key in content["basis"]["keys"]] == [19036, 20326, 38696]
    assert content["fail_on"] == []


def test_a_place() -> None:
    (place,) = loaded(audit(fails("x|y", "r.tar", inside=True)))["places"]
    assert (place["path"], place["root"], place["inside"]) == ("r.tar:x|y", "r.tar", True)
    assert (place["outcome"], place["day"]) == ("fails", "2026-10-11T00:00:00Z")
    (anchor,) = place["anchors"]
    digest = KSK_2017.digest(2)
    assert digest is not None
    assert anchor["digest"] == digest.hex().upper()
    assert (anchor["form"], anchor["line"], anchor["public_key"]) == ("ds", 3, None)
    assert [(f["check"], f["line"]) for f in place["findings"]] == [
        ("audit.missing", None),
        ("audit.foreign", 3),
        ("audit.foreign", 5),
    ]


def test_a_state_a_program_and_what_was_not_read() -> None:
    by_path = {place["path"]: place for place in loaded(everything())["places"]}
    (anchor,) = by_path["image/var/root.key"]["anchors"]
    assert anchor["state"] == {
        "state": "AddPend",
        "since": "2026-10-11T00:00:00Z",
        "until": "2026-11-10T00:00:00Z",
        "trusted": False,
    }
    assert (anchor["form"], anchor["flags"], anchor["key_tag"]) == ("dnskey", 257, None)
    assert by_path["x.deb:usr/bin/tool"]["compiled"]["key_digests"]
    unread = by_path["image/etc/secret.key"]
    assert (unread["syntax"], unread["anchors"], unread["compiled"]) == (None, [], None)
    assert by_path["image/etc/unbound.conf"]["references"] == [
        {"path": "/etc/root.key", "role": "trust anchors", "line": 4}
    ]


def test_hostile_names_are_harmless_text() -> None:
    text = render(audit(hostile(), right(HOSTILE), paths=(HOSTILE,)))
    assert text.isascii()
    place = json.loads(text)["places"][0]
    shown = [place["path"], place["root"], place["summary"], place["remedy"]]
    assert all(value.isprintable() for value in shown)


def test_many_places_and_none() -> None:
    assert len(loaded(audit(*(fails(f"{n}") for n in range(2000))))["places"]) == 2000
    content = loaded(unverified())
    assert (content["outcome"], content["places"]) == ("undecided", [])
    assert content["basis"]["signing_time"] is None
    assert content["basis"]["findings"][0]["check"] == "cms.signature"


@pytest.mark.parametrize("name", ["json", "markdown", "sarif"])
def test_every_renderer_gives_the_same_for_the_same(name: str) -> None:
    render_one = renderer(name)
    assert render_one(everything()) == render_one(everything())
    assert render_one(everything()) != render_one(unverified())
