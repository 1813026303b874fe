"""ldns: drill, which chases signatures, and ldns-verify-zone, which needs no server."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from anchors.consumers.bench import Bench, ConsumerFailed, last_words
from anchors.consumers.driver import NOWHERE, Driver, Held, RecordedRrset, Security, Told
from anchors.consumers.query import Endpoint
from anchors.consumers.zonefile.content import content_of
from anchors.core.found import MalformedAnchors

__all__ = ["DRIVERS", "Drill", "VerifyZone"]

_FORMATS = ("ldns", "ds", "dnskey")
_RECORD = re.compile(r"^[^;\n]*\s(?:DS|DNSKEY)\s", re.MULTILINE)
_NUMBER_OF_KEYS = re.compile(r"Number of trusted keys: (\d+)")
# A zone needs one; it is unsigned, which is the only complaint that is left when all is well.
_SOA = ". 300 IN SOA . . 1 1800 900 604800 300\n"


class Drill(Driver):
    """``drill -S``."""

    name = "drill"
    package = "ldnsutils"
    programs = ("drill",)
    formats = _FORMATS

    def version(self, bench: Bench) -> str:
        """From ``drill -v``."""
        return _version(bench, "drill")

    def loads(self, bench: Bench) -> Told:
        """It says how many trusted keys it read: of some faults it says nothing else."""
        # Over TCP nobody is waited for.
        output = self._chase(bench, NOWHERE, ".", "-t")
        told = _NUMBER_OF_KEYS.search(output)
        if told is None:
            return Told(yes=False, words=last_words(output, lines=1))
        text = bench.file.read_text(encoding="utf-8", errors="replace")
        records = len(_RECORD.findall(text))
        return Told(int(told[1]) == records, f"{told[0]}, of {records} in the file")

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security]:
        """One run for each name."""
        return {name: _chased(self._chase(bench, root, name)) for name in names}

    def _chase(self, bench: Bench, root: Endpoint, name: str, *more: str) -> str:
        at = (f"@{root.address}", "-p", str(root.port))
        return bench.run("drill", "-4", *more, "-k", bench.file, "-S", name, "A", *at).output


class VerifyZone(Driver):
    """``ldns-verify-zone``, and ldns-read-zone for what the library reads in the file."""

    name = "ldns-verify-zone"
    package = "ldnsutils"
    programs = ("ldns-verify-zone", "ldns-read-zone")
    formats = _FORMATS

    def version(self, bench: Bench) -> str:
        """From ``ldns-verify-zone -v``."""
        return _version(bench, "ldns-verify-zone")

    def loads(self, bench: Bench) -> Told:
        """It reads the anchors before the zone, which is none here."""
        ran = bench.run("ldns-verify-zone", "-k", bench.file, "/dev/null")
        taken = "no SOA in the zone" in ran.output
        return Told(taken, "it goes on to the zone" if taken else last_words(ran.output))

    def holds(self, bench: Bench) -> Held:
        """The records as the library reads them."""
        ran = bench.run("ldns-read-zone", "-z", bench.file)
        if ran.code != 0:
            raise ConsumerFailed(f"ldns-read-zone: {last_words(ran.output)}")
        try:
            return Held(content_of(ran.output.encode()), "ldns-read-zone")
        except MalformedAnchors as error:
            raise ConsumerFailed(f"ldns-read-zone: {error}") from error

    def validates(self, bench: Bench, recorded: RecordedRrset) -> Told:
        """The recorded RRset in a zone that is otherwise empty, at its date."""
        zone = bench.write("recorded.zone", _SOA + recorded.text)
        date = f"{recorded.observed_at:%Y%m%d%H%M%S}"
        ran = bench.run("ldns-verify-zone", "-t", date, "-k", bench.file, zone)
        complaints = [line for line in ran.output.splitlines() if line.startswith("Error")]
        of_keys = [line for line in complaints if "DNSKEY" in line]
        of_others = [line for line in complaints if "DNSKEY" not in line]
        yes = not of_keys and any("no signatures for .\tSOA" in line for line in of_others)
        return Told(yes, of_keys[0] if of_keys else "no error for the DNSKEY RRset")


def _chased(output: str) -> Security:
    if "Chase successful" in output:
        denied = "Existence is denied by" in output
        return Security.SECURE_NX if denied else Security.SECURE
    return Security.BOGUS if "Chase failed" in output else Security.NO_ANSWER


def _version(bench: Bench, program: str) -> str:
    output = bench.run(program, "-v").output
    match = re.search(r"version (\S+)", output)
    if match is None:
        raise ConsumerFailed(f"{program}: {last_words(output)}")
    return match[1]


DRIVERS = (Drill(), VerifyZone())
