"""Resolvers of every kind, with the anchors that a story gives them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from anchors.consumers.bench import Bench, find_program, on_bench
from anchors.consumers.bind.running import no_lock_file
from anchors.consumers.query import Endpoint, Question
from anchors.proving.lab import LabKey

__all__ = ["PROGRAMS", "Anchor", "running"]


class Anchor(NamedTuple):
    """An anchor of a key; a wrong one has one digit of its digest changed."""

    key: LabKey
    wrong: bool = False

    @property
    def rdata(self) -> str:
        digest = self.key.digest.hex().upper()
        if self.wrong:
            digest = ("0" if digest[0] != "0" else "1") + digest[1:]
        return f"{self.key.tag} {self.key.algorithm} 2 {digest}"


def _ds(anchors: Sequence[Anchor]) -> str:
    return "".join(f". IN DS {anchor.rdata}\n" for anchor in anchors)


class Setup(NamedTuple):
    """Where it listens, whom it asks, its anchors, and configuration of its own."""

    here: Endpoint
    up: Endpoint
    anchors: Sequence[Anchor]
    more: str


def _unbound(b: Bench, s: Setup) -> list[str]:
    lines = "".join(f'    trust-anchor: ". IN DS {a.rdata}"\n' for a in s.anchors)
    text = f"""\
server:
    directory: "{b.directory}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    do-ip6: no
    do-daemonize: no
    do-not-query-localhost: no
    module-config: "validator iterator"
    interface: {s.here.address}
    port: {s.here.port}
{lines}remote-control:
    control-enable: no
server:
{s.more}
forward-zone:
    name: "."
    forward-addr: {s.up.address}@{s.up.port}
"""
    return ["-d", "-c", str(b.write("unbound.conf", text))]


def _named(b: Bench, s: Setup) -> list[str]:
    rows = " ".join(
        f'. static-ds {a.rdata.rsplit(" ", 1)[0]} "{a.rdata.rsplit(" ", 1)[1]}";' for a in s.anchors
    )
    text = f"""\
options {{
    directory "{b.directory}";
    pid-file none;
    session-keyfile none;
{no_lock_file(b)}    listen-on port {s.here.port} {{ {s.here.address}; }};
    listen-on-v6 {{ none; }};
    recursion yes;
    forward only;
    forwarders {{ {s.up.address} port {s.up.port}; }};
    dnssec-validation {"yes" if s.anchors else "no"};
{s.more}
}};
{f"trust-anchors {{ {rows} }};" if s.anchors else ""}
controls {{ }};
"""
    return ["-g", "-n", "1", "-c", str(b.write("named.conf", text))]


def _kresd(b: Bench, s: Setup) -> list[str]:
    file = b.write("root.ds", _ds(s.anchors))
    held = f"trust_anchors.add_file('{file}', true)" if s.anchors else "trust_anchors.remove('.')"
    text = f"""\
net.ipv6 = false
cache.size = 10 * MB
{held}
net.listen('{s.here.address}', {s.here.port}, {{ kind = 'dns' }})
policy.add(policy.all(policy.FORWARD('{s.up.address}@{s.up.port}')))
{s.more}
"""
    return ["-n", "-c", str(b.write("kresd.conf", text)), str(b.directory)]


def _pdns(b: Bench, s: Setup) -> list[str]:
    mode = s.more or ("validate" if s.anchors else "off")
    if "Recursor 4" in b.run("pdns_recursor", "--version").output:
        _pdns_4(b, s, mode)
    else:
        _pdns_5(b, s, mode)
    return [f"--config-dir={b.directory / 'conf'}"]


def _pdns_4(b: Bench, s: Setup, mode: str) -> None:
    rows = "".join(f'addTA(".", "{a.rdata}")\n' for a in s.anchors)
    lua = b.write("anchors.lua", f'clearTA(".")\n{rows}')
    b.write(
        "conf/recursor.conf",
        f"""\
socket-dir={b.directory}
local-address={s.here.address}
local-port={s.here.port}
daemon=no
setuid=
setgid=
threads=1
security-poll-suffix=
dnssec={mode}
lua-config-file={lua}
forward-zones=.={s.up.address}:{s.up.port}
dont-query=
""",
    )


def _pdns_5(b: Bench, s: Setup, mode: str) -> None:
    rows = ", ".join(f"'{a.rdata}'" for a in s.anchors)
    held = f"\n  trustanchors: [{{name: ., dsrecords: [{rows}]}}]" if rows else ""
    b.write(
        "conf/recursor.yml",
        f"""\
incoming:
  listen: ['{s.here.address}:{s.here.port}']
outgoing:
  dont_query: []
recursor:
  socket_dir: {b.directory}
  include_dir: {b.directory}
  security_poll_suffix: ''
  daemon: false
  threads: 1
  forward_zones:
    - zone: .
      recurse: false
      forwarders: ['{s.up.address}:{s.up.port}']
dnssec:
  validation: {mode}{held}
""",
    )


def _dnsmasq(b: Bench, s: Setup) -> list[str]:
    rows = "".join(f"trust-anchor=.,{a.rdata.replace(' ', ',')}\n" for a in s.anchors)
    text = f"""\
port={s.here.port}
listen-address={s.here.address}
bind-interfaces
no-resolv
no-hosts
server={s.up.address}#{s.up.port}
{"dnssec" if s.anchors else ""}
{rows}{s.more}
pid-file=
user=
group=
log-facility=-
"""
    return ["--keep-in-foreground", "-C", str(b.write("dnsmasq.conf", text))]


def _stubby(b: Bench, s: Setup) -> list[str]:
    file = b.write("root.ds", _ds(s.anchors))
    held = f'dnssec: GETDNS_EXTENSION_TRUE\ndnssec_trust_anchors: "{file}"' if s.anchors else ""
    text = f"""\
resolution_type: GETDNS_RESOLUTION_STUB
dns_transport_list:
  - GETDNS_TRANSPORT_UDP
  - GETDNS_TRANSPORT_TCP
listen_addresses:
  - {s.here.address}@{s.here.port}
{held}
appdata_dir: "{b.directory}"
upstream_recursive_servers:
  - address_data: {s.up.address}
    port: {s.up.port}
{s.more}
"""
    return ["-C", str(b.write("stubby.yml", text))]


_HIDDEN = """\
set -e
if [ -d /etc/dnssec-trust-anchors.d ]; then mount --bind "$1/empty" /etc/dnssec-trust-anchors.d; fi
mount --bind "$1/run" /run
shift
exec "$@"
"""


def _resolved(b: Bench, s: Setup) -> list[str]:
    folder = b.directory / "run" / "dnssec-trust-anchors.d"
    folder.mkdir(parents=True, exist_ok=True)
    (b.directory / "empty").mkdir(exist_ok=True)
    b.write("run/dnssec-trust-anchors.d/lab.positive", _ds(s.anchors))
    b.write(
        "run/systemd/resolved.conf.d/zz-lab.conf",
        f"""\
[Resolve]
DNS=
DNS={s.up.address}:{s.up.port}
FallbackDNS=
Domains=
Domains=~.
DNSSEC={s.more or ("yes" if s.anchors else "no")}
DNSOverTLS=no
LLMNR=no
MulticastDNS=no
Cache=no
DNSStubListener=no
DNSStubListenerExtra=
DNSStubListenerExtra=udp:{s.here.address}:{s.here.port}
DNSStubListenerExtra=tcp:{s.here.address}:{s.here.port}
""",
    )
    resolved = find_program("systemd-resolved") or ""
    return ["--mount", "sh", "-c", _HIDDEN, "sh", str(b.directory), resolved]


class _Program(NamedTuple):
    """A program: what is run, how it is configured, a question that it always answers."""

    command: str
    needs: str
    configure: Callable[[Bench, Setup], list[str]]
    ready: Question = Question("version.bind.", "TXT", "CH")


PROGRAMS: Mapping[str, _Program] = {
    "unbound": _Program("unbound", "unbound", _unbound),
    "named": _Program("named", "named", _named),
    "kresd": _Program("kresd", "kresd", _kresd),
    "pdns": _Program("pdns_recursor", "pdns_recursor", _pdns),
    "dnsmasq": _Program("dnsmasq", "dnsmasq", _dnsmasq),
    "resolved": _Program("unshare", "systemd-resolved", _resolved, Question("localhost.")),
    "stubby": _Program("stubby", "stubby", _stubby),
}


@contextlib.contextmanager
def running(
    name: str, up: Endpoint, anchors: Sequence[Anchor], more: str = ""
) -> Iterator[Endpoint]:
    """The resolver with these anchors, above ``up``; ``more`` is configuration of its own."""
    row = PROGRAMS[name]
    with on_bench("", "unused", b"") as bench:

        def configure(here: Endpoint) -> list[str]:
            return row.configure(bench, Setup(here, up, anchors, more))

        with bench.serving(row.command, configure, ready=row.ready, SYSTEMD_INSTANCE="1") as (
            here,
            _,
        ):
            yield here
