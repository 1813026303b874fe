"""dnsmasq, which validates what it forwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from anchors.consumers.bench import Bench, ConsumerFailed, last_words
from anchors.consumers.driver import (
    NOWHERE,
    Driver,
    Held,
    HeldTags,
    Security,
    Told,
    resolve_through,
)
from anchors.consumers.query import Endpoint

__all__ = ["DRIVERS", "Dnsmasq", "configure", "parse_log"]

_CONF = """\
port={here.port}
listen-address={here.address}
bind-interfaces
no-resolv
no-hosts
server={root.address}#{root.port}
dnssec
dnssec-check-unsigned
conf-file={file}
pid-file=
user=
group=
log-facility=-
"""
_LOGGED_ROOT = b"<root>"
_HELD = re.compile(r"configured with trust anchor for <root> keytag (\d+)")


def parse_log(output: str) -> HeldTags:
    """The tags in what it says when it starts."""
    return HeldTags(tuple(int(tag) for tag in _HELD.findall(output)))


class Dnsmasq(Driver):
    """The forwarder; it is only asked for what its Debian builds validate."""

    name = "dnsmasq"
    package = "dnsmasq-base"
    programs = ("dnsmasq",)
    formats = ("dnsmasq",)

    def version(self, bench: Bench) -> str:
        """From ``dnsmasq --version``."""
        match = re.search(r"version (\S+)", bench.run("dnsmasq", "--version").output)
        return match[1] if match else "of unknown version"

    def loads(self, bench: Bench) -> Told:
        """Its own check of a configuration reads the anchors."""
        told = _test(bench)
        if not told.yes:
            bench.file.write_bytes(b"")
            if not _test(bench).yes:
                raise ConsumerFailed(told.words)
        return told

    def holds(self, bench: Bench) -> Held:
        """It tells the tags when it starts, and does not start without any.

        Raises:
            ConsumerFailed: the file has an anchor of the name that its log gives to the root.
        """
        if _LOGGED_ROOT in bench.file.read_bytes().lower():
            raise ConsumerFailed(f"in its log a zone {_LOGGED_ROOT.decode()} looks like the root")
        try:
            with bench.serving("dnsmasq", lambda here: configure(bench, here, NOWHERE)) as (
                _,
                running,
            ):
                pass
            # Once it has ended all that it said was read.
            tags = parse_log(running.output)
        except ConsumerFailed as error:
            if "no root trust anchor" not in str(error):
                raise
            tags = HeldTags(())
        return Held(tags, "the log of its start")

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security]:
        """Through the server, with the lab root as its only server."""
        with bench.serving("dnsmasq", lambda here: configure(bench, here, root)) as (here, _):
            return resolve_through(here, names)


def _test(bench: Bench) -> Told:
    ran = bench.run("dnsmasq", "--test", *configure(bench, NOWHERE, NOWHERE))
    return Told(ran.code == 0, f"dnsmasq --test: {last_words(ran.output)}")


def configure(bench: Bench, here: Endpoint, root: Endpoint) -> list[str]:
    """Write a configuration of a server at ``here`` that asks ``root``; the arguments with it."""
    conf = bench.write("dnsmasq.conf", _CONF.format(here=here, root=root, file=bench.file))
    return ["--keep-in-foreground", "-C", str(conf)]


DRIVERS = (Dnsmasq(),)
