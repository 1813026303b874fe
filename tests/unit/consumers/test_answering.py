"""Right anchors beside a setting with which nothing is answered: no resolver is told to be right.

What the programs do with each setting: tests/differential/resolvers/answering.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from anchors.auditing.result import Outcome
from tests.differential.resolvers.settings import FATAL, Setting
from tests.resolvers.audited import Said, lab_keys, said_of
from tests.resolvers.keys import filled
from tests.resolvers.tree import Tree

AT = datetime(2026, 11, 29, tzinfo=UTC)
CONF, NAMED = "/etc/unbound/unbound.conf", "/etc/bind/named.conf"
KRESD, KNOT = "/etc/knot-resolver/kresd.conf", "/etc/knot-resolver/config.yaml"
OLD, YML, LUA = (f"/etc/powerdns/recursor.{name}" for name in ("conf", "yml", "lua"))
ZONE = ". IN DS @A:ds@\n. IN DS @B:ds@\n"
_NAMED = """\
options { directory "/var/cache/bind"; dnssec-validation yes; };
trust-anchors { @A:static-ds@ @B:static-ds@ };
"""
_YML = """\
dnssec:
  validation: validate
  trustanchors:
    - name: .
      dsrecords: ['@A:ds@', '@B:ds@']
"""
# By configuration: the program, the text, and the other files.
RIGHT = {
    CONF: (
        "unbound",
        'server:\n    trust-anchor: ". DS @A:ds@"\n    trust-anchor: ". DS @B:ds@"\n',
        {},
    ),
    NAMED: (
        "named",
        _NAMED,
        {},
    ),
    KRESD: ("kresd", "net.ipv6 = false\n", {"/usr/share/dns/root.key": ZONE}),
    KNOT: (
        "kresctl",
        "dnssec:\n  trust-anchors-files:\n    - {file: /etc/k.ds, read-only: true}\n",
        {"/etc/k.ds": ZONE, "/usr/share/dns/root.key": ZONE},
    ),
    OLD: (
        "pdns_recursor",
        f"dnssec=validate\nlua-config-file={LUA}\n",
        {LUA: 'clearTA(".")\naddTA(".", "@A:ds@")\naddTA(".", "@B:ds@")\n'},
    ),
    YML: (
        "pdns_recursor",
        _YML,
        {},
    ),
}
# What people do write, and is answered as ever.
HARMLESS = {
    CONF: (
        Setting("", 'forward-zone:\n    name: "."\n    forward-addr: 9.9.9.9@853#dns.quad9.net'),
        Setting("", 'stub-zone:\n    name: "example."\n    stub-host: "ns.example."'),
        Setting("", 'auth-zone:\n    name: "."\n    primary: 9.9.9.9\n    fallback-enabled: yes'
                    "\n    for-downstream: no"),
        Setting("", "rpz:\n    name: rpz.example\n    zonefile: rpz.zone\n"
                    'server:\n    module-config: "respip validator iterator"'),
        Setting("server:", "    private-address: 10.0.0.0/8\n    ratelimit: 1000"),
    ),
    NAMED: (
        Setting("", "server 10.0.0.0/8 { bogus yes; };"),
        Setting("", "server 198.41.0.4 { tcp-only yes; };"),
        Setting("options {", "fetches-per-zone 200; max-records-per-type 0;", "};"),
        Setting("options {", "deny-answer-addresses { 10.0.0.0/8; };", "};"),
    ),
    KRESD: (
        Setting("", "modules = { 'hints > iterate', predict = { window = 15 } }"),
        Setting("", "policy.add(policy.suffix(policy.DENY, policy.todnames({ 'ads.example.' })))"),
        Setting("", "policy.add(policy.all(policy.TLS_FORWARD({{ '9.9.9.9', hostname = 'x' }})))"),
        Setting("", "modules.load('view'); view:addr('10.0.0.0/8', policy.all(policy.PASS))"),
    ),
    KNOT: (Setting("", "options:\n  minimize: false"),),
    OLD: (Setting("", "dont-query=127.0.0.0/8, 10.0.0.0/8"), Setting("", "max-qperq=60")),
    YML: (
        Setting("", "outgoing:\n  dont_query: [127.0.0.0/8, 10.0.0.0/8]"),
        Setting("", "recursor:\n  forward_zones:\n    - {zone: example, forwarders: [10.0.0.1]}"),
    ),
}  # fmt: skip

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give files to the users of a tree"
)


def _of(table: dict[str, tuple[Setting, ...]]) -> Iterator[ParameterSet]:
    for path, settings in table.items():
        for setting in settings:
            yield pytest.param(path, setting, id=f"{RIGHT[path][0]} {setting.body.strip()}")


def _said(path: str, setting: Setting, root: Path) -> Said | None:
    program, text, others = RIGHT[path]
    files = {**others, path: setting.added_to(filled(text))}
    tree = Tree(
        {name: filled(content).encode() for name, content in files.items()},
        folders=("/var/cache/bind",),
    )
    return said_of(program, tree, root, lab_keys(AT))


@pytest.mark.parametrize(("path", "setting"), list(_of(dict(FATAL))))
def test_nothing_is_promised_beside_a_setting_with_which_nothing_is_answered(
    path: str, setting: Setting, tmp_path: Path
) -> None:
    said = _said(path, setting, tmp_path)

    assert said is not None
    assert said.outcome in {Outcome.UNDECIDED, Outcome.FAILS}


@pytest.mark.parametrize(("path", "setting"), list(_of(HARMLESS)))
def test_a_setting_with_which_all_is_answered_leaves_it_right(
    path: str, setting: Setting, tmp_path: Path
) -> None:
    said = _said(path, setting, tmp_path)

    assert said is not None
    assert said.starts
    assert said.validates
    assert said.holds == {"A", "B"}
