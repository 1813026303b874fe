"""DNSViz: what it prints, and what it ignores."""

from __future__ import annotations

from collections.abc import Mapping

from anchors.consumers.bench import on_bench
from anchors.consumers.dnsviz.running import Dnsviz, parse_print
from anchors.consumers.driver import WWW, Security
from anchors.consumers.query import Endpoint
from anchors.proving.lab import Lab, LabKey
from tests.consumers.conftest import needs

PRINTED = """\
. [.]
  [.]  DNSKEY: 8/29960/257 [.], 8/56713/256 [.]
  [.]    RRSIG: ./8/29960 (2026-09-01 - 2038-01-01) [.]
www.e2e
  [.]  A: 192.0.2.80
  [.]    RRSIG: ./8/56713 (2026-09-01 - 2038-01-01) [.]
bogus.e2e
  [!]  A: 192.0.2.67
  [!]    RRSIG: ./8/56713 (2026-09-01 - 2038-01-01) [!!]
           E:SIGNATURE_INVALID
nx.e2e
  [.]  A: NXDOMAIN
  [.]    PROOF:  [.]
other.e2e
  [-]  A: 192.0.2.1
"""


def test_the_status_of_each_names_address_is_read() -> None:
    assert parse_print(PRINTED) == {
        "www.e2e.": Security.SECURE,
        "bogus.e2e.": Security.BOGUS,
        "nx.e2e.": Security.SECURE_NX,
        "other.e2e.": Security.UNVALIDATED,
    }


def test_a_ds_is_taken_and_ignored(lab: Lab, roots: Mapping[LabKey, Endpoint]) -> None:
    needs(Dnsviz())
    key = lab.keys[0]
    content = lab.anchor_file("ds", [key])
    with on_bench("dnsviz", "root.key", content) as bench:
        assert Dnsviz().loads(bench).yes
        assert Dnsviz().resolves(bench, roots[key], [WWW]) == {WWW: Security.UNVALIDATED}


def test_what_is_no_base64_is_refused() -> None:
    needs(Dnsviz())
    with on_bench("dnsviz", "root.key", b". IN DNSKEY 257 3 8 AwE!\n") as bench:
        told = Dnsviz().loads(bench)
    assert not told.yes
    assert told.words == "dnsviz print: There was an error parsing the trusted keys file"
