"""Configurations that consumers load otherwise than they look, and files that cost too much."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from anchors.auditing import judge as judging
from anchors.auditing import together
from anchors.auditing.compare import judge_anchor
from anchors.auditing.inspect import inspect
from anchors.auditing.judge import judge
from anchors.auditing.place import Held, Location, Place, Syntax
from anchors.auditing.readers import resolved
from anchors.auditing.result import Judged, JudgedPlace, Outcome
from anchors.auditing.verified import RootKey
from anchors.checks import Check
from anchors.formats.found import MalformedAnchors
from anchors.model import Severity
from tests.unit.auditing.basis import AFTER_THE_ROLL, keys
from tests.unit.auditing.samples import DS1, DS2

OLD, BOTH = f". IN DS {DS1}\n", f". IN DS {DS1}\n. IN DS {DS2}\n"
FOLDER = "dnssec-trust-anchors.d"


def places(files: dict[str, str], base: str = "") -> list[Place]:
    found = [
        inspect(
            Location("/r", base + path, inside=bool(base), base=base),
            content.encode(),
            at=AFTER_THE_ROLL,
            writable=True,
        )
        for path, content in files.items()
    ]
    return [place for place in found if place is not None]


def judged(found: list[Place]) -> dict[str, JudgedPlace]:
    return {row.place.location.path: row for row in judge(found, keys())}


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
    directory: str, other: str
) -> None:
    files = {"etc/dnsmasq.conf": f"dnssec\nconf-dir={directory}\n", "etc/d/a.conf": dnsmasq(DS1)}
    told = judged(places({**files, f"etc/d/{other}": dnsmasq(DS2)}))
    assert told["etc/dnsmasq.conf"].outcome is Outcome.FAILS
    told = judged(places({**files, "etc/d/c.conf": dnsmasq(DS2)}))
    assert told["etc/dnsmasq.conf"].outcome is Outcome.RIGHT


def test_an_asterisk_is_no_directory() -> None:
    head = 'server:\n include: "/etc/unbound/d/*.conf"\n module-config: "validator"\n'
    files = {
        "etc/unbound/unbound.conf": head,
        "etc/unbound/d/a.conf": f'server:\n trust-anchor: ". DS {DS1}"\n',
        "etc/unbound/d/not/read.conf": f'server:\n trust-anchor: ". DS {DS2}"\n',
    }
    told = judged(places(files))
    assert told["etc/unbound/unbound.conf"].outcome is Outcome.FAILS


def test_every_file_system_has_a_systemd_resolved_of_its_own() -> None:
    files = {f"a/etc/{FOLDER}/x.positive": OLD, f"b/usr/lib/{FOLDER}/y.positive": BOTH}
    told = judged(places(files))
    assert [row.outcome for row in told.values()] == [Outcome.FAILS, Outcome.RIGHT]
    files = {f"a/etc/{FOLDER}/x.positive": BOTH, f"b/usr/lib/{FOLDER}/x.positive": OLD}
    told = judged(places(files))
    assert [row.outcome for row in told.values()] == [Outcome.RIGHT, Outcome.FAILS]


def test_an_empty_file_of_systemd_resolved_is_no_failure() -> None:
    assert judged(places({f"etc/{FOLDER}/root.positive": ""})) == {}


@pytest.mark.parametrize("content", ["", "; nothing\n", f"example. IN DS {DS1}\n"])
def test_a_file_of_systemd_resolved_hides_another_whatever_is_in_it(content: str) -> None:
    files = {f"usr/lib/{FOLDER}/root.positive": OLD, f"etc/{FOLDER}/root.positive": content}
    (row,) = judged(places(files)).values()
    assert row.place.location.path.startswith("usr/lib")
    assert row.outcome is Outcome.ATTENTION
    assert row.summary == (
        "systemd-resolved reads no anchor of the root here, and uses those built into it"
    )
    other = {f"usr/lib/{FOLDER}/root.positive": BOTH, f"etc/{FOLDER}/other.positive": content}
    assert [row.outcome for row in judged(places(other)).values()] == [Outcome.RIGHT]


def test_lines_that_systemd_resolved_drops_leave_it_the_built_in_anchors() -> None:
    (row,) = judged(places({f"etc/{FOLDER}/root.positive": f". DS {DS1}\n"})).values()
    assert row.outcome is Outcome.ATTENTION
    assert row.summary.endswith("uses those built into it")
    told = [note.finding for note in row.notes if note.finding.message == row.summary]
    assert [(one.check, one.severity) for one in told] == [(Check.AUDIT_IGNORED, Severity.WARNING)]
    assert told[0].remedy


def test_named_knows_its_words_in_any_case() -> None:
    number, _, digest = DS1.rpartition(" ")
    text = (
        f'Options {{ Recursion YES; }};\nTRUST-Anchors {{ . INITIAL-ds {number} "{digest}"; }};\n'
    )
    (place,) = places({"etc/bind/named.conf": text})
    assert place.reading is not None
    assert place.reading.syntax is Syntax.BIND
    assert [held.anchor.statement for held in place.reading.held] == ["initial-ds"]
    assert judged([place])["etc/bind/named.conf"].outcome is Outcome.FAILS


def test_a_source_with_a_digest_makes_no_failure_of_what_includes_it() -> None:
    files = {
        "etc/bind/named.conf": 'view "a" { include "/etc/bind/view.inc"; };\n',
        "etc/bind/view.inc": f"recursion yes; // {DS2.split()[3]}\n",
    }
    assert [*judged(places(files))] == ["etc/bind/view.inc"]


KRESD = "trust_anchors.add_file('/root.ds', true)\n"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (KRESD, Outcome.RIGHT),
        (f"{KRESD}trust_anchors.add('. DS {DS1}')\n", Outcome.FAILS),
        (f"{KRESD}trust_anchors.add('example. DS {DS1}')\n", Outcome.RIGHT),
        (f"{KRESD}trust_anchors.remove('.')\n", Outcome.ATTENTION),
        (f"trust_anchors.add('. DS {DS1}')\n{KRESD}", Outcome.ATTENTION),
        ("trust_anchors.remove('.')\n", Outcome.ATTENTION),
    ],
)
def test_knot_resolver_keeps_what_came_last(text: str, outcome: Outcome) -> None:
    told = judged(places({"kresd.conf": text, "root.ds": BOTH}))
    assert told["kresd.conf"].outcome is outcome


def test_each_image_has_a_root_of_its_own() -> None:
    head = 'server:\n trust-anchor-file: "/root.ds"\n'
    first = places({"etc/unbound.conf": head, "root.ds": OLD}, "1a/")
    second = places({"etc/unbound.conf": head, "root.ds": BOTH}, "2b/")
    told = judged([*first, *second])
    assert told["1a/etc/unbound.conf"].outcome is Outcome.FAILS
    assert told["2b/etc/unbound.conf"].outcome is Outcome.RIGHT
    assert "KSK-2024" in told["2b/etc/unbound.conf"].summary


def test_what_a_parser_says_is_kept_short() -> None:
    (place,) = places({"a.yaml": f"trust-anchors: !{'x' * 100_000} y\n"})
    (note,) = place.notes
    assert note.finding.got is not None
    assert 100 < len(note.finding.got) <= 300


def test_a_positive_file_of_too_many_lines_is_given_up() -> None:
    with pytest.raises(MalformedAnchors, match="more than 1000 lines"):
        resolved.read(b". IN DS\n" * 100_000)


def test_many_journals_do_not_take_the_square_of_their_number(tmp_path: Path) -> None:
    content = b";BIND LOG V9\n" + bytes(20) + b"\0\xff\xfd\0\1"
    found = [
        inspect(Location(str(tmp_path), f"{number}.mkeys.jnl"), content, at=AFTER_THE_ROLL)
        for number in range(20_000)
    ]
    began = time.monotonic()
    rows = judge([place for place in found if place is not None], keys())
    assert len(rows) == len(found)
    assert time.monotonic() - began < 20


def including(name: str) -> str:
    return f'server:\n    trust-anchor: ". DS {DS1}"\n    include: "/etc/{name}"\n'


def test_what_many_include_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Held] = []

    def counted(held: Held, keys: Sequence[RootKey]) -> Judged:
        asked.append(held)
        return judge_anchor(held, keys)

    monkeypatch.setattr(judging, "judge_anchor", counted)
    mains = {f"etc/{number}.conf": including("anchors.conf") for number in range(20)}
    anchors = f'server:\n    trust-anchor: ". DS {DS2}"\n'
    rows = judged(places({**mains, "etc/anchors.conf": anchors}))
    assert len(rows) == 21
    assert {row.outcome for row in rows.values()} == {Outcome.ATTENTION}
    # The mains' own is the same on the same line.
    assert len(asked) == 2


def test_an_include_counts_as_many_tries_as_it_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"etc/{number}.conf": including("nowhere.conf") for number in range(10)}
    monkeypatch.setattr(together, "_MAX_TRIES", 100)
    assert limits(judge(places(files), keys())) == 0
    monkeypatch.setattr(together, "_MAX_TRIES", 99)
    assert limits(judge(places(files), keys())) == 1


def limits(rows: list[JudgedPlace]) -> int:
    return sum(note.finding.check is Check.AUDIT_LIMIT for row in rows for note in row.notes)
