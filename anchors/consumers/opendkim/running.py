"""opendkim-testkey, which looks up a key of a mail domain as OpenDKIM does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from anchors.consumers.bench import Bench, ConsumerFailed, Ran, find_program, last_words
from anchors.consumers.driver import NOWHERE, Driver, Security, Told
from anchors.consumers.query import Endpoint

__all__ = ["DRIVERS", "OpendkimTestkey"]

# The lab has a key below each name.
_SELECTOR = "lab"
_CONF = "TrustAnchorFile {anchors}\nResolverConfiguration {resolver}\n"
_RESOLVER = """\
server:
    do-not-query-localhost: no
    chroot: ""
    username: ""
stub-zone:
    name: "."
    stub-addr: {address}@{port}
"""
_NAMED = re.compile(r"opendkim-testkey: '[^']*' (.*)")
_VERSION = re.compile(rb"libopendkim\.so\.[0-9]+")


class OpendkimTestkey(Driver):
    """``opendkim-testkey -x opendkim.conf``; it has no way to say which anchors it holds."""

    name = "opendkim-testkey"
    package = "opendkim-tools"
    programs = ("opendkim-testkey",)
    formats = ("ds", "dnskey")

    def version(self, bench: Bench) -> str:  # noqa: ARG002
        """It does not tell; the library that it is linked with is all that can be said."""
        path = find_program("opendkim-testkey")
        if path is None:
            raise ConsumerFailed("opendkim-testkey is not installed")
        with Path(path).open("rb") as file:
            match = _VERSION.search(file.read(1 << 20))
        return match[0].decode() if match else "of unknown version"

    def loads(self, bench: Bench) -> Told:
        """Without a file that libunbound can read, a look-up fails before anybody is asked.

        Nobody answers here, so the look-up of a readable file ends by its time.
        """
        (ran,) = _look_up(bench, NOWHERE, ["e2e."])
        words = _words(ran)
        return Told("query failed" not in words, words)

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security]:
        """One look-up of a mail domain's key below each name: one that fails takes ten seconds."""
        wanted = tuple(names)
        found = dict(zip(wanted, map(_security, _look_up(bench, root, wanted)), strict=True))
        # Of a denial it tells nothing; with an anchor in force, libunbound takes none unproven.
        is_in_force = Security.SECURE in found.values()
        denied = Security.SECURE_NX if is_in_force else Security.UNVALIDATED
        return {name: denied if one is None else one for name, one in found.items()}


def _look_up(bench: Bench, root: Endpoint, names: Sequence[str]) -> list[Ran]:
    resolver = _RESOLVER.format(address=root.address, port=root.port)
    text = _CONF.format(anchors=bench.file, resolver=bench.write("resolver.conf", resolver))
    conf = bench.write("opendkim.conf", text)
    each = [("-x", conf, "-d", name.rstrip("."), "-s", _SELECTOR, "-vvv") for name in names]
    return bench.run_together("opendkim-testkey", each)


def _security(ran: Ran) -> Security | None:
    """What it makes of a key; ``None`` where it says that there is none."""
    if ran.code == 0 and "key secure" in ran.output:
        return Security.SECURE
    if ran.code == 0 and "key not secure" in ran.output:
        return Security.UNVALIDATED
    words = _words(ran)
    if "timed out" in words:
        # It takes what is bogus for an answer that never came.
        return Security.BOGUS
    return None if "not found" in words else Security.NO_ANSWER


def _words(ran: Ran) -> str:
    match = _NAMED.search(ran.output)
    return match[1] if match else last_words(ran.output, lines=1)


DRIVERS: tuple[Driver, ...] = (OpendkimTestkey(),)
