"""BIND 9: named, its checker named-checkconf, and delv, which validates by itself."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager

from anchors.consumers.bench import Bench, ConsumerFailed, Running, free_port, last_words
from anchors.consumers.bind.asking import parse_secroots
from anchors.consumers.bind.content import content_of
from anchors.consumers.driver import (
    NOWHERE,
    WWW,
    Driver,
    Held,
    HeldTags,
    Security,
    Told,
    resolve_through,
    told_by_starting,
)
from anchors.consumers.query import Endpoint
from anchors.core.found import MalformedAnchors

__all__ = ["DRIVERS", "CheckConf", "Delv", "Named", "no_lock_file"]

_FORMATS = ("bind-initial-ds", "bind-initial-key", "bind-static-ds", "bind-static-key")
_CONF = """\
options {{
    directory "{directory}";
    managed-keys-directory "{directory}";
    pid-file none;
    session-keyfile none;
{no_lock}\
    listen-on port {here.port} {{ {here.address}; }};
    listen-on-v6 {{ none; }};
    recursion yes;
    forward only;
    forwarders {{ {root.address} port {root.port}; }};
{options}
}};
{statements}
"""
_CONTROLS = """\
key "proof" {{ algorithm hmac-sha256; secret "{secret}"; }};
controls {{ inet 127.0.0.1 port {port} allow {{ 127.0.0.1; }} keys {{ "proof"; }}; }};
"""
_RNDC_CONF = """\
key "proof" {{ algorithm hmac-sha256; secret "{secret}"; }};
options {{ default-server 127.0.0.1; default-port {port}; default-key "proof"; }};
"""


class CheckConf(Driver):
    """``named-checkconf``, which prints back what it read."""

    name = "named-checkconf"
    package = "bind9-utils"
    programs = ("named-checkconf",)
    formats = _FORMATS

    def version(self, bench: Bench) -> str:
        """From ``named-checkconf -v``."""
        return _version(bench, "named-checkconf")

    def loads(self, bench: Bench) -> Told:
        """It says nothing of a file that it takes (and warns of static anchors)."""
        ran = bench.run("named-checkconf", bench.file)
        words = last_words(ran.output) if ran.output.strip() else "it says nothing"
        return Told(ran.code == 0, words)

    def holds(self, bench: Bench) -> Held:
        """The statement in its own words."""
        ran = bench.run("named-checkconf", "-p", bench.file)
        if ran.code != 0:
            raise ConsumerFailed(last_words(ran.output))
        try:
            # Its warnings come first, each with the name of the file.
            lines = ran.output.splitlines(keepends=True)
            printed = "".join(one for one in lines if not one.startswith(f"{bench.file}:"))
            return Held(content_of(printed.encode()), "named-checkconf -p")
        except MalformedAnchors as error:
            raise ConsumerFailed(f"what it prints cannot be read: {error}") from error


class Named(Driver):
    """The server, with rndc to ask it."""

    name = "named"
    package = "bind9"
    programs = ("named", "rndc")
    formats = _FORMATS

    def version(self, bench: Bench) -> str:
        """From ``named -v``."""
        return _version(bench, "named")

    def loads(self, bench: Bench) -> Told:
        """It refuses to start with digests of a wrong length, which its checker lets pass."""
        return told_by_starting(bench, lambda: _serving(bench, NOWHERE))

    def holds(self, bench: Bench) -> Held:
        """The running server tells the tags."""
        secret = base64.b64encode(secrets.token_bytes(32)).decode()
        control = free_port("127.0.0.1")
        rndc_conf = bench.write("rndc.conf", _RNDC_CONF.format(secret=secret, port=control))
        controls = _CONTROLS.format(secret=secret, port=control)
        with _serving(bench, NOWHERE, controls):
            ran = bench.run("rndc", "-c", rndc_conf, "secroots", "-")
        if ran.code != 0:
            raise ConsumerFailed(f"rndc: {last_words(ran.output)}")
        return Held(HeldTags(parse_secroots(ran.output)), "rndc secroots")

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security]:
        """Through the server, which forwards to the root and validates."""
        with _serving(bench, root) as (here, _):
            return resolve_through(here, names)


class Delv(Driver):
    """``delv -a``."""

    name = "delv"
    package = "bind9-dnsutils"
    programs = ("delv",)
    formats = _FORMATS

    def version(self, bench: Bench) -> str:
        """From ``delv -v``."""
        return _version(bench, "delv")

    def loads(self, bench: Bench) -> Told:
        """It names each key that it cannot take; the lookup itself finds nobody."""
        output = self._look_up(bench, NOWHERE, WWW)
        refused = [line for line in output.splitlines() if "trusted key" in line.lower()]
        if refused:
            return Told(yes=False, words=last_words("\n".join(refused)))
        return Told("resolution failed: failure" in output, "it goes on to the lookup")

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security]:
        """One run for each name."""
        return {name: _delved(self._look_up(bench, root, name)) for name in names}

    def _look_up(self, bench: Bench, root: Endpoint, name: str) -> str:
        server, port = f"@{root.address}", str(root.port)
        return bench.run("delv", "-4", server, "-p", port, "-a", bench.file, name, "A").output


def _serving(
    bench: Bench, root: Endpoint, controls: str = "controls { };"
) -> AbstractContextManager[tuple[Endpoint, Running]]:
    return bench.serving("named", lambda here: _configure(bench, here, root, controls))


def _configure(bench: Bench, here: Endpoint, root: Endpoint, controls: str) -> list[str]:
    """As the format's installation has it: managed keys as bindkeys-file, static ones included."""
    if bench.format.startswith("bind-initial"):
        options = f'    dnssec-validation auto;\n    bindkeys-file "{bench.file}";'
        statements = controls
    else:
        options = "    dnssec-validation yes;"
        statements = f'{controls}\ninclude "{bench.file}";'
    text = _CONF.format(
        no_lock=no_lock_file(bench),
        directory=bench.directory,
        here=here,
        root=root,
        options=options,
        statements=statements,
    )
    return ["-g", "-n", "1", "-c", str(bench.write("named.conf", text))]


def no_lock_file(bench: Bench) -> str:
    """The option that lets several run side by side, for versions that need it; 9.20 has none."""
    major, minor = (int(part) for part in _version(bench, "named").split(".")[:2])
    return "    lock-file none;\n" if (major, minor) < (9, 20) else ""


def _delved(output: str) -> Security:
    if "; negative response, fully validated" in output:
        return Security.SECURE_NX if "ncache nxdomain" in output else Security.UNVALIDATED
    if "; fully validated" in output:
        return Security.SECURE
    if "resolution failed" not in output:
        return Security.UNVALIDATED
    return Security.NO_ANSWER if "resolution failed: failure" in output else Security.BOGUS


def _version(bench: Bench, program: str) -> str:
    output = bench.run(program, "-v").output
    match = re.search(r"\d+\.\d+\.\d+", output)
    if match is None:
        raise ConsumerFailed(f"{program} -v: {last_words(output)}")
    return match[0]


DRIVERS: tuple[Driver, ...] = (CheckConf(), Delv(), Named())
