"""PowerDNS Recursor: version 4 with its Lua file, version 5 with its YAML."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import ClassVar

from anchors.consumers.bench import Bench, Running
from anchors.consumers.driver import (
    NOWHERE,
    Driver,
    Held,
    Security,
    Told,
    resolve_through,
    told_by_starting,
)
from anchors.consumers.pdns.asking import held_by_control
from anchors.consumers.query import Endpoint

__all__ = ["DRIVERS", "Recursor4", "Recursor5"]

_SETTINGS = """\
socket-dir={directory}
local-address={here.address}
local-port={here.port}
daemon=no
setuid=
setgid=
threads=1
security-poll-suffix=
dnssec=validate
lua-config-file={lua}
forward-zones=.={root.address}:{root.port}
dont-query=
"""
_YAML = """\
incoming:
  listen: ['{here.address}:{here.port}']
outgoing:
  dont_query: []
recursor:
  socket_dir: {directory}
  include_dir: {directory}
  security_poll_suffix: ''
  daemon: false
  threads: 1
  forward_zones:
    - zone: .
      recurse: false
      forwarders: ['{root.address}:{root.port}']
dnssec:
  validation: validate
"""
_YAML_FILE = "  trustanchorfile: {file}\n"
_ERROR = re.compile(r'error="(.+?)(?: / |" )')


def _reason(words: str) -> str:
    """The error of its last log line, which says much else."""
    errors = _ERROR.findall(words)
    return f"pdns_recursor: {errors[-1]}" if errors else words


class _Recursor(Driver):
    """What is the same in both: it says what it read only while it runs."""

    package = "pdns-recursor"
    programs = ("pdns_recursor", "rec_control")
    major: ClassVar[int]

    @abstractmethod
    def _configure(self, bench: Bench, here: Endpoint, root: Endpoint) -> None:
        """Write the configuration into the folder ``conf``."""

    def unfit(self, bench: Bench) -> str | None:
        """Each is for its own major version."""
        version = self.version(bench)
        if version.split(".")[0] == str(self.major):
            return None
        return f"the installed version is {version}, and this is for version {self.major}"

    def version(self, bench: Bench) -> str:
        """From ``pdns_recursor --version``."""
        output = bench.run("pdns_recursor", "--version").output
        match = re.search(r"PowerDNS Recursor (\d+\S+)", output)
        return match[1] if match else "of unknown version"

    def loads(self, bench: Bench) -> Told:
        """Its own check of a configuration never reads anchors: it is started."""
        told = told_by_starting(bench, lambda: self._serving(bench, NOWHERE))
        return told._replace(words=_reason(told.words))

    def holds(self, bench: Bench) -> Held:
        """It tells the DS of each anchor in full, for a DNSKEY too."""
        with self._serving(bench, NOWHERE):
            return held_by_control(bench, bench.directory)

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security]:
        """Through the server, with the lab root as a forward zone."""
        with self._serving(bench, root) as (here, _):
            return resolve_through(here, names)

    def _serving(
        self, bench: Bench, root: Endpoint
    ) -> AbstractContextManager[tuple[Endpoint, Running]]:
        def configure(here: Endpoint) -> list[str]:
            self._configure(bench, here, root)
            return [f"--config-dir={bench.directory / 'conf'}"]

        return bench.serving("pdns_recursor", configure)


class Recursor4(_Recursor):
    """Anchors are in the Lua file, or read by it."""

    name = "pdns-recursor 4"
    formats = ("pdns-recursor-lua", "ds", "dnskey")
    major = 4

    def _configure(self, bench: Bench, here: Endpoint, root: Endpoint) -> None:
        lua = bench.file
        if bench.format != "pdns-recursor-lua":
            # Zero: it is not read again.
            lua = bench.write("read.lua", f'readTrustAnchorsFromFile("{bench.file}", 0)\n')
        bench.write(
            "conf/recursor.conf",
            _SETTINGS.format(directory=bench.directory, here=here, root=root, lua=lua),
        )


class Recursor5(_Recursor):
    """Anchors are in a YAML file that is included, or in a zone file."""

    name = "pdns-recursor 5"
    formats = ("pdns-recursor-yaml", "ds", "dnskey")
    major = 5

    def _configure(self, bench: Bench, here: Endpoint, root: Endpoint) -> None:
        text = _YAML.format(directory=bench.directory, here=here, root=root)
        if bench.format != "pdns-recursor-yaml":
            text += _YAML_FILE.format(file=bench.file)
        bench.write("conf/recursor.yml", text)


DRIVERS: tuple[Driver, ...] = (Recursor4(), Recursor5())
