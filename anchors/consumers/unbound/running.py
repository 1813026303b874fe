"""Unbound: the server, and unbound-host, which validates by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from anchors.consumers.bench import Bench, ConsumerFailed, last_words
from anchors.consumers.driver import (
    NOWHERE,
    Driver,
    Held,
    RecordedRrset,
    Security,
    Told,
    resolve_through,
)
from anchors.consumers.query import Endpoint
from anchors.consumers.unbound.asking import held_by_witness
from anchors.consumers.zonefile.content import content_of
from anchors.core.found import MalformedAnchors

__all__ = ["DRIVERS", "CheckConf", "Unbound", "UnboundHost"]

_SERVER = """\
server:
    directory: "{directory}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    logfile: ""
    do-ip6: no
    do-not-query-localhost: no
    module-config: "validator iterator"
"""
_LISTEN = """\
    interface: {address}
    port: {port}
    do-daemonize: no
remote-control:
    control-enable: no
"""
_STUB = """\
stub-zone:
    name: "."
    stub-addr: {address}@{port}
"""
_RECORDED = """\
    val-override-date: "{date:%Y%m%d%H%M%S}"
auth-zone:
    name: "."
    zonefile: "{zone}"
    for-upstream: yes
    for-downstream: no
    fallback-enabled: no
"""
_RECORDED_HEAD = ". 300 IN SOA . . 1 1800 900 604800 300\n. 300 IN NS .\n"
_ANCHOR_OPTIONS = {"unbound-anchor-file": "auto-trust-anchor-file"}


def _anchors(bench: Bench) -> str:
    """What makes Unbound read the file, as the format's installation has it."""
    if bench.format == "unbound":
        return f'include: "{bench.file}"\n'
    option = _ANCHOR_OPTIONS.get(bench.format, "trust-anchor-file")
    return f'server:\n    {option}: "{bench.file}"\n'


def _server(bench: Bench) -> str:
    return _SERVER.format(directory=bench.directory)


def _stub(root: Endpoint) -> str:
    return _STUB.format(address=root.address, port=root.port)


class CheckConf(Driver):
    """``unbound-checkconf``, which prints an option back as it read it."""

    name = "unbound-checkconf"
    package = "unbound"
    programs = ("unbound-checkconf", "unbound")
    formats = ("unbound",)

    def version(self, bench: Bench) -> str:
        """That of the server it comes with."""
        return _version(bench, "unbound", "-V")

    def loads(self, bench: Bench) -> Told:
        """It loads the anchors into the validator."""
        return _checked(bench)

    def holds(self, bench: Bench) -> Held:
        """The option with its values."""
        conf = bench.write("unbound.conf", _server(bench) + _anchors(bench))
        ran = bench.run("unbound-checkconf", "-o", "trust-anchor", conf)
        try:
            return Held(content_of(ran.output.encode()), "-o trust-anchor")
        except MalformedAnchors as error:
            raise ConsumerFailed(f"what it prints cannot be read: {error}") from error


class Unbound(Driver):
    """The resolver."""

    name = "unbound"
    package = "unbound"
    programs = ("unbound", "unbound-checkconf")
    formats = ("unbound", "unbound-anchor-file", "ds", "dnskey")

    def version(self, bench: Bench) -> str:
        """From ``unbound -V``."""
        return _version(bench, "unbound", "-V")

    def loads(self, bench: Bench) -> Told:
        """unbound-checkconf loads the anchors into the validator."""
        return _checked(bench)

    def holds(self, bench: Bench) -> Held:
        """The running server tells the tags."""
        with bench.serving("unbound", lambda here: _configure(bench, here, NOWHERE)) as (here, _):
            return held_by_witness(here)

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security]:
        """Through the server, with the lab root as a stub zone."""
        with bench.serving("unbound", lambda here: _configure(bench, here, root)) as (here, _):
            return resolve_through(here, names)


class UnboundHost(Driver):
    """The lookup tool, with libunbound inside."""

    name = "unbound-host"
    package = "unbound-host"
    programs = ("unbound-host",)
    formats = Unbound.formats

    def version(self, bench: Bench) -> str:
        """From its usage text."""
        return _version(bench, "unbound-host", "-h")

    def loads(self, bench: Bench) -> Told:
        """It ends with 1 when the anchors cannot be read; nothing is asked."""
        conf = bench.write("host.conf", _server(bench) + _anchors(bench) + _stub(NOWHERE))
        # Answered from the local zones, without any server.
        ran = bench.run("unbound-host", "-C", conf, "-t", "A", "localhost.")
        complaints = [line for line in ran.output.splitlines() if "error" in line]
        if ran.code == 0 and not complaints:
            return Told(yes=True, words="it reads the file without an error")
        return Told(yes=False, words=complaints[0] if complaints else last_words(ran.output))

    def validates(self, bench: Bench, recorded: RecordedRrset) -> Told:
        """The recorded RRset as a zone of its own, at its date."""
        zone = bench.write("recorded.zone", _RECORDED_HEAD + recorded.text)
        pinned = _RECORDED.format(date=recorded.observed_at, zone=zone)
        conf = bench.write("host.conf", _anchors(bench) + _server(bench) + pinned)
        ran = bench.run("unbound-host", "-C", conf, "-v", "-t", "DNSKEY", ".")
        yes = _security(ran.output) is Security.SECURE
        return Told(yes, "secure" if yes else last_words(ran.output, lines=1))

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security]:
        """One run for each name."""
        conf = bench.write("host.conf", _server(bench) + _anchors(bench) + _stub(root))
        return {
            name: _security(bench.run("unbound-host", "-C", conf, "-v", "-t", "A", name).output)
            for name in names
        }


def _checked(bench: Bench) -> Told:
    """Whether unbound-checkconf has nothing against the file."""
    complaint = _complaint(bench, _server(bench) + _anchors(bench))
    if complaint is None:
        return Told(yes=True, words="unbound-checkconf: no errors")
    # It must be the file, and not something else on this machine.
    other = _complaint(bench, _server(bench))
    if other is not None:
        raise ConsumerFailed(f"unbound-checkconf complains without the file too: {other}")
    return Told(yes=False, words=f"unbound-checkconf: {complaint}")


def _complaint(bench: Bench, text: str) -> str | None:
    """What unbound-checkconf has against a configuration; it may end with 0 all the same."""
    conf = bench.write("unbound.conf", text)
    ran = bench.run("unbound-checkconf", conf)
    errors = [
        line
        for line in ran.output.splitlines()
        if "error" in line.lower() and "no errors in" not in line
    ]
    if ran.code == 0 and not errors:
        return None
    return errors[-1] if errors else last_words(ran.output)


def _configure(bench: Bench, here: Endpoint, root: Endpoint) -> list[str]:
    listen = _LISTEN.format(address=here.address, port=here.port)
    text = _server(bench) + listen + _anchors(bench) + _stub(root)
    return ["-d", "-c", str(bench.write("unbound.conf", text))]


def _security(output: str) -> Security:
    if "(BOGUS" in output or "SERVFAIL" in output:
        return Security.BOGUS
    if "(secure)" not in output:
        return Security.UNVALIDATED
    return Security.SECURE_NX if "not found: 3(NXDOMAIN)" in output else Security.SECURE


def _version(bench: Bench, program: str, option: str) -> str:
    output = bench.run(program, option).output
    match = re.search(r"[Vv]ersion:? (\S+)", output)
    if match is None:
        raise ConsumerFailed(f"{program}: {last_words(output)}")
    return match[1]


DRIVERS: tuple[Driver, ...] = (CheckConf(), Unbound(), UnboundHost())
