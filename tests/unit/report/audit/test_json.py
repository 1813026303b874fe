from __future__ import annotations

import json
from typing import Any

import pytest

from anchors.auditing.result import Audit
from anchors.report.audit import renderer
from anchors.report.audit.json import render
from tests.unit.auditing.audits import (
    HOSTILE,
    KSK_2017,
    audit,
    everything,
    fails,
    hostile,
    hostile_resolver,
    refused,
    resolver,
    right,
    right_resolver,
    unverified,
)


def loaded(subject: Audit) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(render(subject))
    return content


def test_the_audit_as_a_whole() -> None:
    content = loaded(everything())
    assert content["schema"] == "root-anchors/audit/2"
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


def test_the_hosts_with_their_resolvers_and_the_files_that_none_of_them_loads() -> None:
    hosts = {host["name"]: host for host in loaded(everything())["hosts"]}
    image, package, other = (hosts[name] for name in ("image", "x.deb", "other"))
    assert [one["configuration"] for one in image["resolvers"]] == [
        "image/etc/other.conf",
        "image/etc/unbound/unbound.conf",
    ]
    assert image["loose"] == [
        "image/etc/root.key",
        "image/etc/unbound.conf",
        "image/etc/bind/bind.keys",
    ]
    assert (image["programs"], image["not_read"]) == ([], ["image/etc/secret.key"])
    assert (package["resolvers"], package["programs"]) == ([], ["x.deb:usr/bin/tool"])
    assert [one["title"] for one in other["resolvers"]] == ["BIND"]


def test_a_resolver() -> None:
    (host,) = loaded(audit(resolvers=(resolver(),)))["hosts"]
    (one,) = host["resolvers"]
    assert (one["consumer"], one["title"]) == ("unbound", "Unbound")
    assert one["files"] == [
        {"path": "image/etc/unbound/unbound.conf", "role": "configuration"},
        {"path": "image/var/root.key", "role": "managed trust anchors"},
    ]
    assert [one[name] for name in ("starts", "validates", "follows_rolls", "built_in")] == [
        *(True, True, True, None)
    ]
    (anchor,) = one["anchors"]
    assert [anchor[name] for name in ("file", "line", "name", "standing", "view")] == [
        *("image/var/root.key", 2, "KSK-2017 (20326)", "current", None)
    ]
    assert (one["outcome"], one["day"]) == ("fails", "2026-10-11T00:00:00Z")
    assert one["days"] == [
        {
            "day": "2027-01-11T00:00:00Z",
            "event": "KSK-2017 (20326) is planned to be revoked",
            "outcome": "fails",
            "meaning": "fails already",
        }
    ]
    assert [(f["check"], f["file"], f["line"]) for f in one["findings"]] == [
        ("audit.missing", "image/var/root.key", None),
        ("audit.foreign", "image/var/root.key", 7),
    ]
    assert [(step["command"], step["text"].split()[0]) for step in one["remedy"]] == [
        *((True, "root-anchors"), (True, "install"), (False, "ask"))
    ]


def test_what_a_resolver_does_with_its_files() -> None:
    first, second = (
        host["resolvers"][0]
        for host in loaded(audit(resolvers=(refused(), right_resolver("x"))))["hosts"]
    )
    assert (first["starts"], first["outcome"]) == (False, "fails")
    assert second["built_in"] == {
        "program": "named",
        "lacking": "BIND before 9.18.32 lacks KSK-2024",
    }


def test_hostile_names_are_harmless_text() -> None:
    subject = audit(hostile(), right(HOSTILE), resolvers=(hostile_resolver(),), paths=(HOSTILE,))
    text = render(subject)
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


@pytest.mark.parametrize("name", ["json", "html", "markdown", "sarif"])
def test_every_renderer_gives_the_same_for_the_same(name: str) -> None:
    render_one = renderer(name)
    assert render_one(everything()) == render_one(everything())
    assert render_one(everything()) != render_one(unverified())
