"""DNSViz: what its probe saw of a zone, judged with the anchors of a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from anchors.consumers.bench import Bench, ConsumerFailed, Ran, find_program, last_words
from anchors.consumers.driver import Driver, Security, Told
from anchors.consumers.query import Endpoint

__all__ = ["DRIVERS", "Dnsviz", "parse_print"]

# A probe that saw nothing: the anchors are read all the same.
_NOTHING = '{"_meta._dnsviz.": {"version": 1.2, "names": []}}\n'
_VERSION = "from importlib.metadata import version; print(version('dnsviz'))"
_BAD_ANCHORS = 2
_ANSWER = re.compile(r"^  \[(.+?)\]  A: (.*)$")
_STATUS = {".": Security.SECURE, "!": Security.BOGUS}


def parse_print(output: str) -> dict[str, Security]:
    """What ``dnsviz print`` says of the A records of each name."""
    found: dict[str, Security] = {}
    name = ""
    for line in output.splitlines():
        if line and not line[0].isspace():
            name = line.split()[0].rstrip(".") + "."
        elif match := _ANSWER.match(line):
            security = _STATUS.get(match[1], Security.UNVALIDATED)
            if security is Security.SECURE and match[2].startswith("NXDOMAIN"):
                security = Security.SECURE_NX
            found[name] = security
    return found


class Dnsviz(Driver):
    """``dnsviz probe`` and ``dnsviz print``; it has no way to say which anchors it holds."""

    name = "dnsviz"
    package = "dnsviz"
    programs = ("dnsviz",)
    formats = ("dnsviz", "dnskey")

    def version(self, bench: Bench) -> str:
        """It does not tell; the Python that is installed beside it knows."""
        python = Path(find_program("dnsviz") or "dnsviz").with_name("python3")
        ran = bench.run(str(python), "-c", _VERSION)
        return last_words(ran.output) if ran.code == 0 else "of unknown version"

    def loads(self, bench: Bench) -> Told:
        """It refuses a file that it cannot read; DS records it would ignore."""
        probe = bench.write("probe.json", _NOTHING)
        ran = _print(bench, probe)
        if ran.code != _BAD_ANCHORS:
            return Told(yes=True, words=f"dnsviz print: {ran.output.strip() or 'no complaint'}")
        bench.file.write_bytes(b"")
        if _print(bench, probe).code == _BAD_ANCHORS:
            raise ConsumerFailed(last_words(ran.output))
        # Usage, and then an error that ends in the text of its own options.
        error = ran.output.rpartition("error: ")[2].split(":")[0]
        return Told(yes=False, words=f"dnsviz print: {last_words(error)}")

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security]:
        """One probe of the lab root, taken for the root by this name, and one judgement."""
        probe = bench.directory / "probe.json"
        delegation = f".+:a.rootfake={root.address}:{root.port}"
        ran = bench.run("dnsviz", "probe", "-A", "-R", "A", "-x", delegation, "-o", probe, *names)
        if ran.code != 0:
            raise ConsumerFailed(f"dnsviz probe: {last_words(ran.output)}")
        found = parse_print(_print(bench, probe).output)
        return {name: found.get(name, Security.NO_ANSWER) for name in names}


def _print(bench: Bench, probe: Path) -> Ran:
    return bench.run("dnsviz", "print", "-t", bench.file, "-r", probe)


DRIVERS = (Dnsviz(),)
