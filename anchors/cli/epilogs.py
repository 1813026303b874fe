"""What the help of each command ends with: examples and exit codes."""

from __future__ import annotations

__all__ = [
    "ASK_EXAMPLES",
    "AUDIT_EXAMPLES",
    "BUILD_EXAMPLES",
    "EXIT_CODES",
    "IDENTIFY_EXAMPLES",
    "MERGE_EXAMPLES",
    "PROVE_EXAMPLES",
    "SIGNALS_EXAMPLES",
    "TIMELINE_EXAMPLES",
    "VERIFY_EXAMPLES",
]

EXIT_CODES = """exit codes:
  0 verified   1 not trusted   2 usage   3 undecided (network, DNS or disk)
  4 verified, but needs attention (only with --strict)   130 interrupted"""

BUILD_EXAMPLES = """examples:
  root-anchors build -o anchors                  IANA's publication, live root zone
  root-anchors build --offline -o anchors        the embedded snapshot, no network
  root-anchors build --offline -o - --format ds  one file to standard output
  root-anchors build --source vendored --dns none --at "@$SOURCE_DATE_EPOCH" -o anchors
"""

VERIFY_EXAMPLES = """examples:
  root-anchors verify                                 IANA's publication, live root zone
  root-anchors verify --source anchors --dns recorded what 'build -o anchors' saw, again
  root-anchors verify --report-format json --report report.json
"""

PROVE_EXAMPLES = """examples:
  root-anchors prove bind bind.keys                 in the BIND installed here
  root-anchors prove --offline --lab ds root.ds     against the embedded snapshot, with the lab

what is proven, by every consumer of FORMAT that is installed here:
  file       the file holds exactly the verified keys, every digit of them
  loads      the consumer takes the file
  holds      the consumer says that it holds the verified set: in full, or its tags alone
  validates  the file validates the root's real RRset, at the time it was recorded
  conforms   with --lab: the same renderer's file of lab keys validates a lab root on loopback,
             each key alone

FILE becomes part of these programs' configuration, and a Lua file is code: prove what you would
install.

exit codes of a proof (those below are of the verification, which comes first):
  0 nothing contradicts it, and file, loads and holds are shown for every key
  1 something contradicts it   3 undecided: a consumer is not installed, or cannot tell
"""


AUDIT_EXAMPLES = """examples:
  root-anchors audit --ask /                        this machine, and what runs on it, as root
  root-anchors audit /etc/bind/named.conf           one configuration, with what it includes
  root-anchors audit --offline image/ dns-root-data.deb bookworm.tar
  root-anchors audit --report-format sarif --report audit.sarif .
  root-anchors audit --fail-on missing,foreign,damaged /srv/images

PATH is an anchor file, a configuration, an RFC 5011 state file, a program, a directory, a package
(.deb, .rpm, .apk, .pkg.tar.zst), a tar archive, or an OCI image layout.  Nothing in it is changed.

exit codes of an audit:
  0 all right   1 something fails or will fail   2 usage   3 something could not be read or decided
  4 the rest: needs attention (only with --strict)   130 interrupted
"""


MERGE_EXAMPLES = """examples:
  root-anchors merge reports/*.json                 one table of all hosts, the worst first
  root-anchors merge --report-format html --report fleet.html reports/*.json

FILE is the report of a host, named by it, as root-anchors audit --report-format json writes one.
Nothing is judged again: a report says what its host saw.

exit codes of merge:
  0 all right   1 something fails or will fail   2 usage
  3 a report cannot be read, or something in one is undecided
  4 the rest: needs attention (only with --strict)   130 interrupted
"""


ASK_EXAMPLES = """examples:
  root-anchors ask                                the resolvers of /etc/resolv.conf
  root-anchors ask 192.0.2.53 ::1#5353 tls://9.9.9.9
  root-anchors ask --bogus dnssec-failed.org 192.0.2.53

Nothing is needed on the other side, and no zone but the root and arpa. is asked for. --bogus DOMAIN
names one whose signatures are wrong: it shows whether forged data is refused.

exit codes of asking:
  0 ready, or not affected   1 not ready   2 usage   3 cannot tell
  4 something needs attention (only with --strict)   130 interrupted
"""


IDENTIFY_EXAMPLES = """examples:
  root-anchors identify 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
  root-anchors identify --offline e0:6d:44:b8:0b:8f:1d:39:a9:5c:0b:0d:7c:65:d0:84:...
  grep -r 20326 /etc | root-anchors identify

VALUE is a DS or DNSKEY, a digest, a public key or its modulus, a line of a configuration, or a file
with such text; without VALUE, or for -, it comes from standard input.

exit codes of identify:
  0 all are current root keys, as published   1 one is retired, revoked, damaged or no root key
  2 usage   3 cannot tell   4 verified, but needs attention (only with --strict)   130 interrupted
"""


SIGNALS_EXAMPLES = """examples:
  root-anchors signals /var/log/named/query.log.1 /var/log/named/query.log
  journalctl -u unbound | root-anchors signals -
  tcpdump -w port53.pcap port 53; root-anchors signals port53.pcap

A resolver that validates behind yours may announce the keys it trusts by a query for _ta-TAG-TAG.
Unbound and Knot Resolver do so when they start, BIND once a day, the others never.

exit codes of signals:
  0 read   2 usage   3 no client announces anything
  4 some announce old keys only (only with --strict)   130 interrupted
"""


TIMELINE_EXAMPLES = """examples:
  root-anchors timeline                        the lives of the root's keys, in the terminal
  root-anchors timeline --offline --html FILE  the same as one page, with a picture
  root-anchors timeline --svg - > root.svg     the picture alone
"""
