"""Validation that is switched off, and configurations that their consumer refuses."""

from __future__ import annotations

import pytest

from anchors.auditing.result import JudgedPlace, Outcome
from anchors.checks import Check
from tests.unit.auditing.samples import DS1, DS2
from tests.unit.auditing.test_attacks import judged, places

VALIDATION, REFUSED = Check.AUDIT_VALIDATION, Check.AUDIT_REFUSED
FAILS, ATTENTION, RIGHT = Outcome.FAILS, Outcome.ATTENTION, Outcome.RIGHT


def named(keyword: str) -> str:
    """A trust-anchors statement with both keys."""
    rows = "".join(f'. {keyword} {ds[:10]} "{ds[10:]}"; ' for ds in (DS1, DS2))
    return f"trust-anchors {{ {rows}}};\n"


INITIAL, STATIC = named("initial-ds"), named("static-ds")
UNBOUND = f'server:\n trust-anchor: ". DS {DS1}"\n trust-anchor: ". DS {DS2}"\n'
DNSMASQ = "".join(f"trust-anchor=.,{ds.replace(' ', ',')}\n" for ds in (DS1, DS2))
FILE = f". IN DS {DS1}\n. IN DS {DS2}\n"
RECURSOR = f'addTA(".", "{DS1}")\naddTA(".", "{DS2}")\n'
KRESD = f"trust_anchors.add([[\n. DS {DS1}\n. DS {DS2}\n]])\n"
KNOT = "network:\n  listen: []\n"
KNOT_ANCHORS = f'  trust-anchors: [". DS {DS1}\\n. DS {DS2}"]\n'
RECURSOR_YAML = f'dnssec:\n  trustanchors:\n  - name: .\n    dsrecords: ["{DS1}", "{DS2}"]\n'


def told(row: JudgedPlace) -> list[tuple[Check, int | None]]:
    """What is told of validation, and in which lines."""
    return [
        (note.finding.check, note.line)
        for note in row.notes
        if note.finding.check in {VALIDATION, REFUSED}
    ]


@pytest.mark.parametrize(
    ("path", "content", "line"),
    [
        ("named.conf", f"options {{ dnssec-validation no; }};\n{INITIAL}", 1),
        ("named.conf", f"{INITIAL}options {{\n  DNSSEC-validation False;\n}};", 3),
        ("named.conf", f'{INITIAL}options {{ validate-except {{ "a"; "."; }}; }};', 2),
        ("named.conf", f"{INITIAL}options {{ dnssec-enable no; }};", 2),
        ("named.conf", "options { dnssec-validation no; };", 1),
        ("named.conf", "options { dnssec-validation yes; };", 1),
        ("unbound.conf", f'{UNBOUND} module-config: "iterator"\n', 4),
        ("unbound.conf", f'{UNBOUND} module-config: "validator iterator"\n module-config: ""\n', 5),
        ("unbound.conf", f"{UNBOUND} val-permissive-mode: yes\n", 4),
        ("unbound.conf", "server:\n val-permissive-mode: yes\n", 2),
        ("dnsmasq.conf", f"{DNSMASQ}server=9.9.9.9\n", None),
        ("recursor.conf", "quiet=yes\ndnssec=off\n", 2),
        ("recursor.conf", "dnssec = process-no-validate # x\n", 1),
        ("recursor.yml", f"{RECURSOR_YAML}  validation: process-no-validate\n", 5),
        ("recursor.yml", f"{RECURSOR_YAML}  validation: off\n", None),
        ("recursor.yml", "dnssec:\n  validation: 'off'\n", 2),
        ("recursor.yml", f"{RECURSOR_YAML}  negative_trustanchors:\n  - name: .\n", 6),
        ("recursor.lua", f'{RECURSOR}clearNTA()\naddNTA(".", "broken")\n', 4),
        ("recursor.lua", 'addNTA(".")', 1),
        ("kresd.conf", "trust_anchors.remove('.')\n", 1),
        ("kresd.conf", f"{KRESD}trust_anchors.remove('.')\n", 5),
        ("config.yaml", f"{KNOT}dnssec: false\n", None),
        ("config.yaml", f"{KNOT}dnssec:\n  # none\n  sentinel: true\n  enable: false\n", None),
        ("config.yaml", f"{KNOT}dnssec:\n{KNOT_ANCHORS}  enable: false\n", None),
        ("etc/systemd/resolved.conf", "[Resolve]\n#DNSSEC=yes\nDNSSEC=no\n", 3),
        ("etc/systemd/resolved.conf.d/x.conf", "[Resolve]\nDNSSEC = allow-downgrade\n", 2),
        ("etc/dnssec-trust-anchors.d/x.negative", "; all\nexample\n .\n", 3),
    ],
)  # fmt: skip
def test_validation_that_is_off_asks_for_attention(
    path: str, content: str, line: int | None
) -> None:
    (row,) = judged(places({path: content})).values()
    assert told(row) == [(VALIDATION, line)]
    assert row.outcome is ATTENTION
    assert row.summary.startswith("validation is off: ")
    assert row.remedy is not None


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("named.conf", f"options {{ dnssec-validation auto; }};\n{INITIAL}"),
        ("named.conf", f"options {{ dnssec-validation yes; }};\n{INITIAL}"),
        ("named.conf", f"{STATIC}options {{ recursion yes; }};"),
        ("named.conf", f"options {{ dnssec-validation no; recursion no; }};\n{INITIAL}"),
        ("named.conf", f'options {{ validate-except {{ "corp"; }}; }};\n{INITIAL}'),
        ("unbound.conf", f'{UNBOUND} module-config: "respip validator iterator"\n'),
        ("unbound.conf", f'{UNBOUND} module-config: "iterator"\n module-config: "validator"\n'),
        ("unbound.conf", f"{UNBOUND} val-permissive-mode: no\n"),
        # Unbound 1.17 and 1.26 validate all the same where the anchor is static.
        ("unbound.conf", f'{UNBOUND} domain-insecure: "."\n'),
        ("dnsmasq.conf", f"{DNSMASQ}server=9.9.9.9\ndnssec\n"),
        ("trust-anchors.conf", DNSMASQ),
        ("recursor.lua", RECURSOR),
        ("recursor.lua", f'{RECURSOR}addNTA("corp")\naddNTA(".")\nclearNTA(".")\n'),
        ("recursor.yml", f"{RECURSOR_YAML}  negative_trustanchors:\n  - name: corp\n"),
        ("kresd.conf", f"{KRESD}trust_anchors.set_insecure({{'corp', 'home'}})\n"),
        ("recursor.yml", f"{RECURSOR_YAML}  validation: process\n"),
        ("kresd.conf", f"trust_anchors.remove('.')\n{KRESD}"),
        ("config.yaml", f"{KNOT}dnssec:\n{KNOT_ANCHORS}  enable: true\n"),
    ],
)
def test_validation_that_is_on_is_not_told(path: str, content: str) -> None:
    (row,) = judged(places({path: content})).values()
    assert told(row) == []
    assert row.outcome in {RIGHT, ATTENTION}


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("named.conf", "options { dnssec-validation auto; };"),
        ("named.conf", "options { dnssec-validation no; recursion no; };"),
        ("named.conf", 'options { dnssec-validation yes; };\ninclude "/etc/elsewhere";'),
        ("unbound.conf", 'server:\n module-config: "validator iterator"\n'),
        ("dnsmasq.conf", "server=9.9.9.9\ndnssec\n"),
        ("dnsmasq.conf", "server=9.9.9.9\n"),
        ("recursor.conf", "dnssec=validate\n"),
        ("recursor.yml", "dnssec:\n  validation: validate\n"),
        ("values.yaml", "dnssec: false\n"),
        ("values.yaml", "webhook:\n  validation: off\n"),
        ("config.yaml", f"{KNOT}dnssec:\n  sentinel: false\n"),
        ("etc/systemd/resolved.conf", "[Resolve]\n#DNSSEC=no\nDNSSEC=yes\n"),
        ("etc/systemd/network/x.network", "[Network]\nDNSSEC=no\n"),
        ("etc/dnssec-trust-anchors.d/x.negative", "; .\nhome.arpa\n10.in-addr.arpa\n"),
    ],
)
def test_a_configuration_that_says_nothing_of_anchors_is_no_place(path: str, content: str) -> None:
    assert judged(places({path: content})) == {}


@pytest.mark.parametrize(
    ("files", "path", "line"),
    [
        ({"named.conf": f"options {{ dnssec-validation auto; }};\n{STATIC}"}, "named.conf", 2),
        ({"named.conf": f"options {{ dnssec-validation AUTO; }};\nview x {{ {STATIC} }};"},
         "named.conf", 2),
        ({"named.conf": f"view x {{ dnssec-validation auto; }};\n{STATIC}"}, "named.conf", 2),
        ({"named.conf": f'{STATIC}include "o";\n', "o": "options { dnssec-validation auto; };"},
         "named.conf", 1),
        ({"named.conf": f"{STATIC}{INITIAL}"}, "named.conf", 1),
        ({"named.conf": f"{INITIAL}view x {{\n{STATIC} }};"}, "named.conf", 3),
        ({"unbound.conf": 'server:\n domain-insecure: "."\n auto-trust-anchor-file: root.key\n',
          "root.key": FILE}, "unbound.conf", 2),
        ({"kresd.conf": f"{KRESD}trust_anchors.set_insecure({{'a', '.'}})"}, "kresd.conf", 5),
        ({"config.yaml": f"dnssec:\n{KNOT_ANCHORS}  negative-trust-anchors: [a, '.']\n"},
         "config.yaml", 3),
        ({"config.yaml": f"{KNOT}dnssec:\n  negative-trust-anchors:\n    - .\n"}, "config.yaml", 5),
    ],
)  # fmt: skip
def test_what_a_consumer_does_not_start_with_fails(
    files: dict[str, str], path: str, line: int
) -> None:
    row = judged(places(files))[path]
    assert told(row) == [(REFUSED, line)]
    assert row.outcome is FAILS
    assert "does not start" in row.summary
    assert row.remedy == "change it before the next restart"


@pytest.mark.parametrize(
    "content",
    [
        # Each view is looked at by itself (named-checkconf of 9.18 and 9.20 take these).
        f"view a {{ dnssec-validation auto; }};\nview b {{ dnssec-validation yes; {STATIC} }};",
        f"options {{ dnssec-validation auto; }};\nview a {{ dnssec-validation yes; }};\n{STATIC}",
        f"view a {{ {STATIC} }};\nview b {{ {INITIAL} }};",
    ],
)
def test_what_named_starts_with_is_not_refused(content: str) -> None:
    (row,) = judged(places({"named.conf": content})).values()
    assert told(row) == []


def test_what_a_part_says_is_told_of_the_whole() -> None:
    files = {
        "etc/named.conf": 'include "/etc/o.conf";\ninclude "/etc/bind.keys";\n',
        "etc/o.conf": "options {\n  dnssec-validation no;\n};\n",
        "etc/bind.keys": INITIAL,
    }
    rows = judged(places(files))
    assert told(rows["etc/named.conf"]) == [(VALIDATION, None)]
    assert rows["etc/named.conf"].notes[0].finding.got == (
        "dnssec-validation no, in line 2 of /r/etc/o.conf"
    )
    assert rows["etc/bind.keys"].outcome is RIGHT


def test_a_part_counts_in_the_block_that_includes_it() -> None:
    files = {
        "named.conf": f'options {{ recursion yes; include "o.conf"; }};\n{INITIAL}',
        "o.conf": "version none;\ndnssec-validation no;\n",
    }
    assert told(judged(places(files))["named.conf"]) == [(VALIDATION, None)]
    view = {**files, "named.conf": f'view x {{ include "o.conf"; }};\nview y {{}};\n{INITIAL}'}
    assert told(judged(places(view))["named.conf"]) == [(VALIDATION, None)]
    other = {**view, "named.conf": f'view x {{ recursion no; include "o.conf"; }};\n{INITIAL}'}
    assert told(judged(places(other))["named.conf"]) == []


def test_anchors_that_are_wrong_are_told_as_well() -> None:
    old = INITIAL.replace(DS2[10:20], DS1[10:20])
    (row,) = judged(places({"named.conf": f"options {{ dnssec-validation no; }};{old}"})).values()
    assert row.outcome is FAILS
    assert row.summary.startswith("with validation on: holds KSK-2017 (20326) only")


@pytest.mark.parametrize("other", ["dnssec\n", "dnssec\ndnssec-check-unsigned\n"])
def test_the_option_of_dnsmasq_may_stand_in_any_file(other: str) -> None:
    files = {"etc/dnsmasq.d/a.conf": f"{DNSMASQ}server=9.9.9.9\n", "etc/dnsmasq.d/b.conf": other}
    rows = judged(places(files))
    assert {path: told(row) for path, row in rows.items()} == {"etc/dnsmasq.d/a.conf": []}


def test_dnsmasq_without_the_option_does_nothing_with_a_file_of_anchors() -> None:
    files = {
        "etc/dnsmasq.conf": "conf-file=/usr/share/trust-anchors.conf\n",
        "usr/share/trust-anchors.conf": DNSMASQ,
    }
    rows = judged(places(files))
    assert told(rows["etc/dnsmasq.conf"]) == [(VALIDATION, None)]
    assert told(rows["usr/share/trust-anchors.conf"]) == []


def test_a_later_file_of_systemd_resolved_may_switch_it_on() -> None:
    files = {
        "usr/lib/systemd/resolved.conf.d/a.conf": "[Resolve]\nDNSSEC=no\n",
        "etc/systemd/resolved.conf.d/b.conf": "[Resolve]\nDNSSEC=yes\n",
    }
    assert judged(places(files)) == {}


def test_the_recursor_has_its_mode_in_one_file_and_its_anchors_in_another() -> None:
    files = {"recursor.conf": "lua-config-file=/r.lua\ndnssec=off\n", "r.lua": RECURSOR}
    rows = judged(places(files))
    assert told(rows["recursor.conf"]) == [(VALIDATION, 2)]
    assert "holds KSK-2017 (20326) and KSK-2024 (38696)" in rows["recursor.conf"].summary


def test_views_that_are_many_take_no_long_time() -> None:
    views = "".join(f"view v{n} {{ dnssec-validation no; }};\n" for n in range(20_000))
    (row,) = judged(places({"named.conf": f"{views}{INITIAL}"})).values()
    assert len(told(row)) == 20_000
