"""Knot Resolver: kresd with its Lua configuration, and version 6 with its YAML."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path

from anchors.consumers.bench import Bench, ConsumerFailed, Ran, free_port, last_words
from anchors.consumers.driver import NOWHERE, Driver, Held, Security, Told, resolve_through
from anchors.consumers.knot.asking import SUMMARY, anchors_of_summary
from anchors.consumers.query import Endpoint
from anchors.core.found import FoundAnchors

__all__ = ["DRIVERS", "Kresd", "KresdByYaml", "parse_summary"]

_BEGIN, _END = "-- held:", "-- end of held"
_HELD = re.compile(f"^{_BEGIN}\n(.*?)^{_END}$", re.DOTALL | re.MULTILINE)
_TELL = f"io.stdout:write('\\n{_BEGIN}\\n' .. {SUMMARY} .. '\\n{_END}\\n')"
_TELL_SECONDS = 10.0
_FORWARD = "policy.add(policy.all(policy.FORWARD('{root.address}@{root.port}')))"

_LUA = """\
net.ipv6 = false
cache.size = 10 * MB
{anchors}
net.listen('{here.address}', {here.port}, {{ kind = 'dns' }})
{script}
"""

# The script is in Lua here too, because a YAML ``forward`` needs the manager's policy loader.
_YAML = """\
rundir: {directory}
cache: {{storage: {directory}/cache, size-max: 10M}}
management: {{unix-socket: {directory}/management.sock}}
network:
  listen:
    - interface: {here.address}@{here.port}
lua:
  script: |
    {script}
"""
_YAML_FILE = """\
dnssec:
  trust-anchors-files:
    - file: {file}
      read-only: true
"""


def parse_summary(output: str) -> FoundAnchors:
    """What ``trust_anchors.summary()`` printed between our two lines.

    Raises:
        ConsumerFailed: it printed nothing, or no records.
    """
    match = _HELD.search(output)
    if match is None:
        raise ConsumerFailed(last_words(output))
    return anchors_of_summary(match[1])


class _Resolver(Driver):
    """The process that resolves, however it is configured.

    Version 6 wants to know which instance of its manager's it is.
    """

    @abstractmethod
    def _configure(
        self, bench: Bench, here: Endpoint, script: str, *, with_file: bool = True
    ) -> Path:
        """Write Lua that reads the file, listens at ``here``, and ends in ``script``."""

    def version(self, bench: Bench) -> str:
        """From ``kresd --version``."""
        match = re.search(r"version (\S+)", bench.run("kresd", "--version").output)
        return match[1] if match else "of unknown version"

    def loads(self, bench: Bench) -> Told:
        """It ends with an error where it cannot read the file."""
        complaint = self._complaint(bench)
        if complaint and self._complaint(bench, with_file=False):
            raise ConsumerFailed(complaint)
        return Told(yes=not complaint, words=complaint or "kresd: no complaint")

    def holds(self, bench: Bench) -> Held:
        """It tells them in full."""
        return Held(parse_summary(self._tell(bench).output), SUMMARY)

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security]:
        """Through the server, which forwards to the lab root and validates what comes."""
        script = _FORWARD.format(root=root)

        def configure(here: Endpoint) -> list[str]:
            return _arguments(bench, self._configure(bench, here, script))

        with bench.serving("kresd", configure, SYSTEMD_INSTANCE="1") as (here, _):
            return resolve_through(here, names)

    def _complaint(self, bench: Bench, *, with_file: bool = True) -> str:
        try:
            ran = self._tell(bench, with_file=with_file)
        except ConsumerFailed as error:
            return str(error)
        errors = [line for line in ran.output.splitlines() if _is_error(line)]
        if ran.code == 0 and not errors:
            return ""
        words = last_words("\n".join(errors) or ran.output)
        return f"kresd: {words}"

    def _tell(self, bench: Bench, *, with_file: bool = True) -> Ran:
        """It ends before it could ask anybody."""
        here = Endpoint(NOWHERE.address, free_port(NOWHERE.address))
        conf = self._configure(bench, here, f"{_TELL} os.exit(0)", with_file=with_file)
        with bench.running("kresd", *_arguments(bench, conf), SYSTEMD_INSTANCE="1") as running:
            code = running.wait(_TELL_SECONDS)
            running.stop()
            return Ran(code, running.output)


class Kresd(_Resolver):
    """With Lua, which is how version 5 is configured and what version 6 still takes."""

    name = "kresd"
    package = "knot-resolver"
    programs = ("kresd",)
    formats = ("knot-resolver", "knot-resolver-lua", "ds", "dnskey")

    def _configure(
        self, bench: Bench, here: Endpoint, script: str, *, with_file: bool = True
    ) -> Path:
        if not with_file:
            anchors = ""
        elif bench.format == "knot-resolver-lua":
            anchors = f"dofile('{bench.file}')"
        else:
            anchors = f"trust_anchors.add_file('{bench.file}', true)"
        return bench.write("kresd.conf", _LUA.format(anchors=anchors, here=here, script=script))


class KresdByYaml(_Resolver):
    """Version 6: ``kresctl convert`` makes of the YAML what its manager makes of it."""

    name = "knot-resolver"
    package = "knot-resolver6"
    programs = ("kresctl", "kresd")
    formats = ("knot-resolver-yaml", "knot-resolver", "ds", "dnskey")

    def _configure(
        self, bench: Bench, here: Endpoint, script: str, *, with_file: bool = True
    ) -> Path:
        own = _YAML.format(directory=bench.directory, here=here, script=script)
        files = [bench.directory / "own.yaml"]
        if with_file and bench.format == "knot-resolver-yaml":
            files.append(bench.file)
        elif with_file:
            own += _YAML_FILE.format(file=bench.file)
        bench.write("own.yaml", own)
        # It writes to no file that is not there yet.
        lua = bench.write("kresd.conf", "")
        ran = bench.run("kresctl", "convert", "-o", lua, *files)
        if ran.code != 0:
            raise ConsumerFailed(f"kresctl convert: {last_words(ran.output)}")
        return lua


def _arguments(bench: Bench, conf: Path) -> list[str]:
    return ["-n", "-c", str(conf), str(bench.directory)]


def _is_error(line: str) -> bool:
    return "error" in line.lower() and "error occurred here" not in line


DRIVERS: tuple[Driver, ...] = (Kresd(), KresdByYaml())
