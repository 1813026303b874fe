"""Validation that is switched off, and configurations that their program refuses, of every program.

What each program does in detail is tested in its own room; here, that it reaches the outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from anchors.auditing.result import JudgedPlace, JudgedResolver, Outcome
from anchors.core.checks import Check
from tests.unit.auditing.systems import audited, checks, put, resolvers, rows
from tests.unit.consumers.samples import DS1, DS2

VALIDATION, REFUSED = Check.AUDIT_VALIDATION, Check.AUDIT_REFUSED
FAILS, ATTENTION, RIGHT = Outcome.FAILS, Outcome.ATTENTION, Outcome.RIGHT

# A directory that lies in /, and so is on every system.
HERE = 'directory "/named";'


def named(keyword: str) -> str:
    """A trust-anchors statement with both keys."""
    anchors = "".join(f'. {keyword} {ds[:10]} "{ds[10:]}"; ' for ds in (DS1, DS2))
    return f"trust-anchors {{ {anchors}}};\n"


INITIAL, STATIC = named("initial-ds"), named("static-ds")
UNBOUND = f'server:\n trust-anchor: ". DS {DS1}"\n trust-anchor: ". DS {DS2}"\n'
DNSMASQ = "".join(f"trust-anchor=.,{ds.replace(' ', ',')}\n" for ds in (DS1, DS2))
FILE = f". IN DS {DS1}\n. IN DS {DS2}\n"
RECURSOR = f'addTA(".", "{DS1}")\naddTA(".", "{DS2}")\n'
KRESD = f"trust_anchors.add([[\n. DS {DS1}\n. DS {DS2}\n]])\n"
KNOT = "network:\n  listen: []\n"
KNOT_ANCHORS = f'  trust-anchors: [". DS {DS1}\\n. DS {DS2}"]\n'
RECURSOR_YAML = f'dnssec:\n  trustanchors:\n  - name: .\n    dsrecords: ["{DS1}", "{DS2}"]\n'


def told(tmp_path: Path, tree: Mapping[str, str], path: str) -> JudgedPlace:
    return rows(audited(put(tmp_path, tree)))[path]


def the_resolver(tmp_path: Path, tree: Mapping[str, str]) -> JudgedResolver:
    (resolver,) = resolvers(audited(put(tmp_path, tree)))
    return resolver


@pytest.mark.parametrize(
    ("path", "content", "line"),
    [
        ("etc/bind/named.conf", f"options {{ {HERE} dnssec-validation no; }};\n{INITIAL}", 1),
        ("etc/bind/named.conf", f"{INITIAL}options {{ {HERE}\n  DNSSEC-validation False;\n}};", 3),
        ("etc/bind/named.conf", f"options {{ {HERE} dnssec-validation no; }};", 1),
        ("etc/unbound/unbound.conf", f'{UNBOUND} module-config: "iterator"\n', 4),
        ("etc/unbound/unbound.conf", f"{UNBOUND} val-permissive-mode: yes\n", 4),
        ("etc/unbound/unbound.conf", "server:\n val-permissive-mode: yes\n", 2),
        ("etc/powerdns/recursor.conf", "quiet=yes\ndnssec=off\n", 2),
        ("etc/powerdns/recursor.yml", f"{RECURSOR_YAML}  validation: process-no-validate\n", 5),
        ("etc/knot-resolver/config.yaml", f"{KNOT}dnssec:\n{KNOT_ANCHORS}  enable: false\n", None),
        ("etc/systemd/resolved.conf", "[Resolve]\n#DNSSEC=yes\nDNSSEC=no\n", 3),
    ],
)  # fmt: skip
def test_validation_that_is_off_asks_for_attention(
    tmp_path: Path, path: str, content: str, line: int | None
) -> None:
    row = told(tmp_path, {path: content}, path)
    off = [note for note in row.notes if note.finding.check is VALIDATION]
    assert off
    if line is not None:
        assert line in [note.line for note in off]
    assert row.outcome is ATTENTION
    assert "validation is off: " in row.summary
    assert row.remedy is not None


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("etc/bind/named.conf", f"options {{ {HERE} dnssec-validation auto; }};\n{INITIAL}"),
        ("etc/bind/named.conf", f"{STATIC}options {{ {HERE} recursion yes; }};"),
        ("etc/unbound/unbound.conf", f'{UNBOUND} module-config: "respip validator iterator"\n'),
        ("etc/unbound/unbound.conf", f"{UNBOUND} val-permissive-mode: no\n"),
        ("etc/dnsmasq.conf", f"{DNSMASQ}server=9.9.9.9\ndnssec\n"),
        ("etc/knot-resolver/kresd.conf", f"trust_anchors.remove('.')\n{KRESD}"),
        ("etc/knot-resolver/config.yaml", f"{KNOT}dnssec:\n{KNOT_ANCHORS}  enable: true\n"),
        ("etc/powerdns/recursor.yml", f"{RECURSOR_YAML}  validation: validate\n"),
    ],
)
def test_validation_that_is_on_is_not_told(tmp_path: Path, path: str, content: str) -> None:
    row = told(tmp_path, {path: content}, path)
    assert VALIDATION not in checks(row)
    assert REFUSED not in checks(row)
    assert row.outcome in {RIGHT, ATTENTION}


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({"etc/bind/named.conf": f"options {{ dnssec-validation auto; }};\n{STATIC}"},
         "etc/bind/named.conf"),
        ({"etc/bind/named.conf": f"{STATIC}{INITIAL}"}, "etc/bind/named.conf"),
        ({"etc/unbound/unbound.conf":
          'server:\n domain-insecure: "."\n auto-trust-anchor-file: "/etc/unbound/root.key"\n',
          "etc/unbound/root.key": FILE}, "etc/unbound/unbound.conf"),
        ({"etc/unbound/unbound.conf": 'server:\n trust-anchor: ". DS\n'},
         "etc/unbound/unbound.conf"),
        ({"etc/knot-resolver/kresd.conf": f"{KRESD}trust_anchors.set_insecure({{'a', '.'}})"},
         "etc/knot-resolver/kresd.conf"),
    ],
)  # fmt: skip
def test_what_a_program_does_not_start_with_fails(
    tmp_path: Path, tree: dict[str, str], path: str
) -> None:
    row = told(tmp_path, tree, path)
    assert row.outcome is FAILS
    assert REFUSED in checks(row)
    (first, *_) = (note for note in row.notes if note.finding.check is REFUSED)
    assert first.finding.message in row.summary
    assert first.line is not None
    where = row.found.location.text if row.found.location.path == path else ""
    assert row.remedy is not None
    assert row.remedy.startswith(f"change {where}")
    assert f", line {first.line}; it needs {first.finding.want}; then " in row.remedy


def test_anchors_that_are_wrong_do_no_harm_where_validation_is_off(tmp_path: Path) -> None:
    old = INITIAL.replace(DS2[10:20], DS1[10:20])
    tree = {"etc/bind/named.conf": f"options {{ {HERE} dnssec-validation no; }};{old}"}
    resolver = the_resolver(tmp_path, tree)
    assert "with validation on: has KSK-2017 (20326) only" in resolver.summary


def test_a_part_switches_the_whole_off(tmp_path: Path) -> None:
    tree = {
        "etc/bind/named.conf": 'include "/etc/bind/o.conf";\ninclude "/etc/bind/keys.conf";\n',
        "etc/bind/o.conf": f"options {{ {HERE}\n  dnssec-validation no;\n}};\n",
        "etc/bind/keys.conf": INITIAL,
    }
    found = rows(audited(put(tmp_path, tree)))
    assert found["etc/bind/named.conf"].outcome is ATTENTION
    assert VALIDATION in checks(found["etc/bind/named.conf"])
    assert found["etc/bind/keys.conf"].outcome is RIGHT


def test_the_recursor_has_its_mode_in_one_file_and_its_anchors_in_another(tmp_path: Path) -> None:
    tree = {
        "etc/powerdns/recursor.conf": "lua-config-file=/etc/powerdns/r.lua\ndnssec=off\n",
        "etc/powerdns/r.lua": RECURSOR,
    }
    row = told(tmp_path, tree, "etc/powerdns/recursor.conf")
    assert VALIDATION in checks(row)
    assert row.outcome is ATTENTION
