"""systemd-resolved, started beside the machine's own and unseen by it.

It reads anchors and configuration in fixed places only, so it gets a ``/run`` that nobody else
sees.  Only root can give it one.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping

from anchors.consumers.bench import Bench, ConsumerFailed, Running, find_program, last_words
from anchors.consumers.driver import NOWHERE, Driver, Held, Security, Told, resolve_through
from anchors.consumers.query import Endpoint, Question
from anchors.consumers.zonefile.content import content_of
from anchors.core.found import FoundAnchors, MalformedAnchors

__all__ = ["DRIVERS", "Resolved", "parse_log", "serving"]

# An empty value first forgets what other files of the machine say.
_CONF = """\
[Resolve]
DNS=
DNS={root.address}:{root.port}
FallbackDNS=
Domains=
Domains=~.
DNSSEC=yes
DNSOverTLS=no
LLMNR=no
MulticastDNS=no
Cache=no
DNSStubListener=no
DNSStubListenerExtra=
DNSStubListenerExtra=udp:{here.address}:{here.port}
"""
_CONF_NAME = "run/systemd/resolved.conf.d/zz-prove.conf"
_ANCHORS = "dnssec-trust-anchors.d"
# The folder becomes /run, and an empty one hides the machine's own anchors.
_HIDDEN = f"""\
set -e
if [ -d /etc/{_ANCHORS} ]; then mount --bind "$1/empty" /etc/{_ANCHORS}; fi
mount --bind "$1/run" /run
shift
exec "$@"
"""
_WARNING = re.compile(r"\.positive:\d+")
_HELD = re.compile(r"^Positive Trust Anchors:\n((?:\S+ IN .*\n)*)", re.IGNORECASE | re.MULTILINE)


def parse_log(output: str) -> FoundAnchors:
    """The positive trust anchors in the log of its start.

    Raises:
        ConsumerFailed: it does not list any, or something else.
    """
    match = _HELD.search(output)
    if match is None:
        raise ConsumerFailed(f"no list of trust anchors in its log: {last_words(output)}")
    try:
        return content_of(match[1].encode())
    except MalformedAnchors as error:
        raise ConsumerFailed(f"the trust anchors in its log: {error}") from error


def _log(bench: Bench) -> str:
    """All that it says; once it has ended, everything was read."""
    with serving(bench, NOWHERE) as (_, running):
        pass
    return running.output


class Resolved(Driver):
    """The resolver, without any D-Bus."""

    name = "systemd-resolved"
    package = "systemd-resolved"
    programs = ("systemd-resolved",)
    formats = ("systemd-resolved", "ds")

    def version(self, bench: Bench) -> str:
        """From ``systemd-resolved --version``, with the minor version where it tells one."""
        output = bench.run("systemd-resolved", "--version").output
        match = re.search(r"^systemd (\d+)(?: \(\1(\.\d+)?)?", output, re.MULTILINE)
        return f"{match[1]}{match[2] or ''}" if match else "of unknown version"

    def loads(self, bench: Bench) -> Told:
        """It names each line that it does not take, and goes on without it."""
        warnings = [line for line in _log(bench).splitlines() if _WARNING.search(line)]
        if warnings:
            return Told(yes=False, words=last_words("\n".join(warnings)))
        return Told(yes=True, words="systemd-resolved: no complaint")

    def holds(self, bench: Bench) -> Held:
        """Its log at the level of debug tells them in full."""
        return Held(parse_log(_log(bench)), "the log of its start")

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security]:
        """Through an extra stub listener; without DO, which it would pass through unjudged."""
        with serving(bench, root) as (here, _):
            return resolve_through(here, names)


@contextlib.contextmanager
def serving(bench: Bench, root: Endpoint) -> Iterator[tuple[Endpoint, Running]]:
    """Run it with the bench's file as its anchors, asking ``root``.

    Raises:
        ConsumerFailed: it is not there, cannot be run beside the machine's own, or ends.
    """
    program = find_program("systemd-resolved")
    if program is None:
        raise ConsumerFailed("systemd-resolved is not installed")
    if bench.run("unshare", "--mount", "true").code != 0:
        raise ConsumerFailed("only root can start it beside the machine's own")
    anchors = bench.directory / "run" / _ANCHORS
    anchors.mkdir(parents=True)
    (bench.directory / "empty").mkdir()
    (anchors / bench.file.name).with_suffix(".positive").write_bytes(bench.file.read_bytes())

    def configure(here: Endpoint) -> list[str]:
        bench.write(_CONF_NAME, _CONF.format(here=here, root=root))
        return ["--mount", "sh", "-c", _HIDDEN, "sh", str(bench.directory), program]

    # It answers for localhost by itself.
    with bench.serving(
        "unshare", configure, ready=Question("localhost."), SYSTEMD_LOG_LEVEL="debug"
    ) as served:
        yield served


DRIVERS = (Resolved(),)
