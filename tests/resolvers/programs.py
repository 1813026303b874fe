"""The resolvers: how their units start them, and how each tells which root keys it holds."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from anchors.consumers.bench import MAX_OUTPUT, Running
from anchors.consumers.query import Endpoint, Question, ask
from tests.resolvers.keys import tag_of
from tests.resolvers.machine import Machine

__all__ = ["PROGRAMS", "Program"]

_VERSION = Question("version.bind.", "TXT", "CH")
_TELL = "/tell.lua"
_TELL_LUA = "io.stdout:write('\\n-- held:\\n' .. trust_anchors.summary() .. '\\n-- end\\n')\n"
# The unpacked root has Python, which kresctl needs, and no shell.
_BY_YAML = f"""
import os, subprocess
made = "/tmp/kresd.conf"
open(made, "w").close()
subprocess.run(["kresctl", "convert", "-o", made, "/etc/knot-resolver/config.yaml"], check=True)
os.execvp("kresd", ["kresd", "-n", "-c", made, "-c", "{_TELL}", "/var/lib/knot-resolver"])
"""
_RNDC_KEY = """\
key "rndc-key" { algorithm hmac-sha256; secret "dGhlIGxhYiBhbG9uZSBoYXMgdGhpcyBrZXkuLi4uLi4="; };
"""

Tags = frozenset[int] | None
Holds = Callable[[Machine, Running, Endpoint], Tags]


@dataclass(frozen=True)
class Program:
    """A resolver.

    Attributes:
        name: what it is called in ``fixtures/loading`` and in this machine's PATH.
        command: how its unit starts it, with the configuration where Debian has it.
        holds: asks it for the tags of the root's keys; None: it does not tell.
        user: whom it is started as; most are started by root and drop its rights themselves.
        ready: what it answers at once.
    """

    name: str
    command: tuple[str, ...]
    holds: Holds
    user: str = "root"
    ready: Question = _VERSION
    environment: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, str] = field(default_factory=dict)

    def prepare(self, host: Machine) -> None:
        """Add what it needs to be asked, where the tree has no such file."""
        for path, text in self.added.items():
            file = host.files / path[1:]
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.exists():
                file.write_text(text, encoding="ascii")

    def line(self, arguments: tuple[str, ...] | None) -> tuple[str, ...]:
        """The command, with other arguments if there are any."""
        return self.command if arguments is None else (self.command[0], *arguments)


def _unbound_holds(host: Machine, _running: Running, here: Endpoint) -> Tags:
    with host.network.entered():
        reply = ask(here, Question("trustanchor.unbound.", "TXT", "CH"), seconds=2)
    if reply is None or reply.rcode != "NOERROR":
        return None
    said = [text.strip('"') for text in reply.answer]
    return frozenset(int(tag) for text in said if text.startswith(". ") for tag in text.split()[1:])


def _named_holds(host: Machine, running: Running, _here: Endpoint) -> Tags:
    ran = host.beside(running, ("rndc", "-s", "127.0.0.1", "secroots", "-"))
    if ran.code != 0:
        return None
    return _found(r"^\./\w+/(\d+) ;", ran.output)


def _pdns_holds(host: Machine, running: Running, _here: Endpoint) -> Tags:
    ran = host.beside(running, ("rec_control", "--socket-dir=/run/pdns-recursor", "get-tas"))
    if ran.code != 0:
        return None
    held: set[int] = set()
    owner = ""
    for line in ran.output.splitlines():
        if match := re.match(r"^\s+(\d+) \d+ \d+ [0-9a-f]+", line):
            held |= {int(match[1])} if owner == "." else set()
        else:
            owner = line.strip()
    return frozenset(held)


def _kresd_holds(_host: Machine, running: Running, _here: Endpoint) -> Tags:
    told = r"^-- held:\n(.*?)^-- end$"
    summaries = re.findall(told, _settled(running), re.DOTALL | re.MULTILINE)
    # What stands behind a semicolon waits, or was revoked.
    pattern = r"^\.\s[^;]*; .*KeyTag:(\d+)|^\.\s.*\bDS\s+(\d+)"
    return _found(pattern, summaries[-1]) if summaries else None


def _dnsmasq_holds(_host: Machine, running: Running, _here: Endpoint) -> Tags:
    return _found(r"configured with trust anchor for <root> keytag (\d+)", _settled(running))


def _resolved_holds(_host: Machine, running: Running, _here: Endpoint) -> Tags:
    listed = r"^Positive Trust Anchors:\n(.*?)^Negative trust anchors"
    output = _settled(running)
    match = re.search(listed, output, re.DOTALL | re.IGNORECASE | re.MULTILINE)
    if match is None:
        # Remarks about each line of a long list come first, and no more is kept than so much.
        return None if len(output) >= MAX_OUTPUT else frozenset()
    return _found(
        r"^\. IN DS (\d+) |^\. IN DNSKEY (?:.*\n +(?!--))*.*\n(?: +-- .*\n)*? +-- Key tag: (\d+)",
        match[1],
    )


def _stubby_holds(host: Machine, running: Running, _here: Endpoint) -> Tags:
    ran = host.beside(running, ("stubby", "-i", "-C", "/etc/stubby/stubby.yml"))
    listed = r'"dnssec_trust_anchors":\s*\[(.*?)^\s{4}\]'
    match = re.search(listed, ran.output, re.DOTALL | re.MULTILINE)
    if match is None:
        return None
    of_root = [entry for entry in match[1].split('"class":') if "<bindata for .>" in entry]
    held = _found(r'"key_tag": (\d+)', "".join(of_root))
    for entry in of_root:
        # Of a key it prints the beginning alone.
        if start := re.search(
            r'"flags": (\d+).*"public_key": <bindata of 0x([0-9a-f]+)', entry, re.DOTALL
        ):
            held |= {tag_of(int(start[1]), bytes.fromhex(start[2]))}
    return held


def _settled(running: Running) -> str:
    """What it has said once it says no more for a moment; less than half a second at most."""
    output = ""
    until = time.monotonic() + 0.4
    while (output != running.output or not output) and time.monotonic() < until:
        output = running.output
        time.sleep(0.03)
    return output


def _found(pattern: str, text: str) -> frozenset[int]:
    matches = re.finditer(pattern, text, re.MULTILINE)
    return frozenset(int(next(group for group in match.groups() if group)) for match in matches)


PROGRAMS: Mapping[str, Program] = {
    one.name: one
    for one in (
        Program("unbound", ("unbound", "-dd", "-p"), _unbound_holds),
        Program(
            "named",
            ("named", "-g", "-n", "1", "-u", "bind"),
            _named_holds,
            added={"/etc/bind/rndc.key": _RNDC_KEY},
        ),
        Program(
            "kresd",
            (
                "kresd",
                "-n",
                "-c",
                "/etc/knot-resolver/kresd.conf",
                "-c",
                _TELL,
                "/var/lib/knot-resolver",
            ),
            _kresd_holds,
            user="knot-resolver",
            environment={"SYSTEMD_INSTANCE": "1"},
            added={_TELL: _TELL_LUA},
        ),
        # What its manager makes of the YAML, without the manager.
        Program(
            "kresctl",
            ("python3", "-c", _BY_YAML),
            _kresd_holds,
            user="knot-resolver",
            environment={"SYSTEMD_INSTANCE": "1"},
            added={_TELL: _TELL_LUA},
        ),
        Program(
            "pdns_recursor",
            (
                "pdns_recursor",
                "--daemon=no",
                "--write-pid=no",
                "--disable-syslog",
                "--log-timestamp=no",
            ),
            _pdns_holds,
            user="pdns",
        ),
        Program(
            "dnsmasq",
            ("dnsmasq", "-k", "--log-facility=-", "-C", "/etc/dnsmasq.conf"),
            _dnsmasq_holds,
        ),
        Program(
            "systemd-resolved",
            ("systemd-resolved",),
            _resolved_holds,
            ready=Question("localhost."),
            environment={"SYSTEMD_LOG_LEVEL": "debug"},
        ),
        Program("stubby", ("stubby", "-C", "/etc/stubby/stubby.yml"), _stubby_holds, user="stubby"),
    )
}
