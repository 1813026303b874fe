"""Configurations that programs load otherwise than they look, and trees that cost too much."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from anchors.auditing.judge import audit as judging
from anchors.auditing.judge.anchor import judge_anchor
from anchors.auditing.judge.audit import judge
from anchors.auditing.result import Judged, JudgedPlace, Outcome
from anchors.auditing.scan.classify import inspect
from anchors.consumers.files import Location
from anchors.consumers.reading import Held
from anchors.pipeline.root_keys import VerifiedKeys
from tests.unit.auditing.basis import AFTER_THE_ROLL, keys
from tests.unit.auditing.systems import audited, packed, put, resolvers, rows
from tests.unit.consumers.samples import DS1, DS2

OLD, BOTH = f". IN DS {DS1}\n", f". IN DS {DS1}\n. IN DS {DS2}\n"
FOLDER = "dnssec-trust-anchors.d"


def judged(tmp_path: Path, tree: Mapping[str, str]) -> dict[str, JudgedPlace]:
    return rows(audited(put(tmp_path, tree)))


def dnsmasq(ds: str) -> str:
    return f"trust-anchor=.,{ds.replace(' ', ',')}\n"


@pytest.mark.parametrize(
    ("directory", "other"),
    [
        ("/etc/d", "b.conf~"),
        ("/etc/d", ".b.conf"),
        ("/etc/d", "deep/b.conf"),
        ("/etc/d,.bak", "b.conf.bak"),
        ("/etc/d/,.dpkg-dist,.dpkg-old", "b.conf.dpkg-old"),
        ("/etc/d,*.conf", "b.other"),
    ],
)
def test_what_dnsmasq_leaves_out_of_a_directory_does_not_save_it(
    tmp_path: Path, directory: str, other: str
) -> None:
    files = {"etc/dnsmasq.conf": f"dnssec\nconf-dir={directory}\n", "etc/d/a.conf": dnsmasq(DS1)}
    told = judged(tmp_path / "a", {**files, f"etc/d/{other}": dnsmasq(DS2)})
    assert told["etc/dnsmasq.conf"].outcome is Outcome.FAILS
    told = judged(tmp_path / "b", {**files, "etc/d/c.conf": dnsmasq(DS2)})
    assert told["etc/dnsmasq.conf"].outcome is Outcome.RIGHT


def test_an_asterisk_is_no_directory(tmp_path: Path) -> None:
    files = {
        "etc/unbound/unbound.conf": 'server:\n include: "/etc/unbound/d/*.conf"\n',
        "etc/unbound/d/a.conf": f'server:\n trust-anchor: ". DS {DS1}"\n',
        "etc/unbound/d/not/read.conf": f'server:\n trust-anchor: ". DS {DS2}"\n',
    }
    assert judged(tmp_path, files)["etc/unbound/unbound.conf"].outcome is Outcome.FAILS


def test_every_file_system_has_a_systemd_resolved_of_its_own(tmp_path: Path) -> None:
    files = {f"a/etc/{FOLDER}/x.positive": OLD, f"b/usr/lib/{FOLDER}/x.positive": BOTH}
    found = resolvers(audited(put(tmp_path / "one", files)))
    assert [len(one.anchors) for one in found] == [1, 2]
    assert found[0].outcome is Outcome.FAILS


def test_named_knows_its_words_in_any_case(tmp_path: Path) -> None:
    number, _, digest = DS1.rpartition(" ")
    text = (
        f'Options {{ Recursion YES; }};\nTRUST-Anchors {{ . INITIAL-ds {number} "{digest}"; }};\n'
    )
    row = judged(tmp_path, {"etc/bind/named.conf": text})["etc/bind/named.conf"]
    assert [one.held.anchor.statement for one in row.anchors] == ["initial-ds"]
    # Only a key that is built in may save it.
    assert row.outcome is Outcome.ATTENTION
    assert (
        "every look-up fails in a resolver that starts with this file and no state" in row.summary
    )


def test_each_image_has_a_root_of_its_own() -> None:
    head = 'server:\n trust-anchor-file: "/root.ds"\n'
    first = packed({"etc/unbound.conf": head, "root.ds": OLD}, base="1a/")
    second = packed({"etc/unbound.conf": head, "root.ds": BOTH}, base="2b/")
    judged_audit = judge([first, second], keys())
    told = rows(judged_audit)
    assert told["1a/etc/unbound.conf"].outcome is Outcome.FAILS
    assert told["2b/etc/unbound.conf"].outcome is not Outcome.FAILS
    assert "KSK-2024" in told["2b/etc/unbound.conf"].summary
    assert [host.name for host in judged_audit.hosts] == ["/r.tar:1a", "/r.tar:2b"]


def test_what_a_parser_says_is_kept_short() -> None:
    content = f"trust-anchors: !{'x' * 100_000} y\n".encode()
    place = inspect(Location("/r", "a.yaml"), content, at=AFTER_THE_ROLL)
    assert place is not None
    notes = (*place.notes, *(place.reading.notes if place.reading else ()))
    assert notes
    assert all(len(note.finding.got or "") <= 300 for note in notes)


def test_many_journals_do_not_take_the_square_of_their_number() -> None:
    content = b";BIND LOG V9\n" + bytes(20) + b"\0\xff\xfd\0\1"
    found = packed({f"{number}.mkeys.jnl": content for number in range(5_000)})
    began = time.process_time()
    assert len(judge([found], keys()).places) == 5_000
    assert time.process_time() - began < 60


def including(name: str) -> str:
    return f'server:\n    trust-anchor: ". DS {DS1}"\n    include: "/etc/unbound/{name}"\n'


def test_what_many_include_is_judged_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Held] = []

    def counted(held: Held, verified: VerifiedKeys) -> Judged:
        asked.append(held)
        return judge_anchor(held, verified)

    monkeypatch.setattr(judging, "judge_anchor", counted)
    tree = {f"etc/unbound/{number}.conf": including("anchors.inc") for number in range(20)}
    tree["etc/unbound/anchors.inc"] = f'server:\n    trust-anchor: ". DS {DS2}"\n'
    found = judged(tmp_path, tree)
    assert len(found) == 21
    assert {row.outcome for row in found.values()} == {Outcome.ATTENTION}
    # The mains' own is the same on the same line.
    assert len(asked) == 2
