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
  root-anchors verify --source anchors --dns recorded the evidence in the directory
  root-anchors verify --report-format json --report report.json
"""

PROVE_EXAMPLES = """examples:
  root-anchors prove bind bind.keys                 in the installed BIND
  root-anchors prove --offline --lab ds root.ds     without the network, with test keys too

what is tested with every installed program that reads FORMAT:
  file       the file contains exactly the verified keys, digit by digit
  loads      the program loads the file
  holds      the program reports the verified keys: in full, or their key tags only
  validates  with the file, the program validates the real root's RRset at the time it was recorded
  conforms   with --lab: a file of test keys in the same format validates a test root zone on
             loopback, each key alone

FILE becomes part of these programs' configuration, and a Lua file is code: test only files that
you would install.

exit codes of prove (the ones below are of the verification, which comes first):
  0 nothing contradicts the file, and file, loads and holds are shown for every key
  1 something contradicts it   3 undecided: a program is not installed, or cannot show it
"""


AUDIT_EXAMPLES = """examples:
  root-anchors audit --ask /                        this machine and its running resolvers, as root
  root-anchors audit /etc/bind/named.conf           one configuration with its included files
  root-anchors audit --offline image/ dns-root-data.deb bookworm.tar
  root-anchors audit --report-format sarif --report audit.sarif .
  root-anchors audit --fail-on missing,foreign,damaged /srv/images

PATH is an anchor file, a configuration, an RFC 5011 state file, a program, a directory, a package
(.deb, .rpm, .apk, .pkg.tar.zst), a tar archive, or an OCI image layout.  audit changes nothing.

exit codes of an audit:
  0 all right   1 something fails or will fail   2 usage   3 something could not be read or decided
  4 the rest: needs attention (only with --strict)   130 interrupted
"""


MERGE_EXAMPLES = """examples:
  root-anchors merge reports/*.json                 one table of all hosts, the worst first
  root-anchors merge --report-format html --report fleet.html reports/*.json

FILE is the report of one host from 'root-anchors audit --report-format json', with the host's name
as the file name.  merge judges nothing again: it shows what the reports contain.

exit codes of merge:
  0 all right   1 something fails or will fail   2 usage
  3 a report cannot be read, or something in one is undecided
  4 the rest: needs attention (only with --strict)   130 interrupted
"""


ASK_EXAMPLES = """examples:
  root-anchors ask                                the resolvers of /etc/resolv.conf
  root-anchors ask 192.0.2.53 ::1#5353 tls://9.9.9.9
  root-anchors ask --bogus dnssec-failed.org 192.0.2.53

The resolver needs no preparation, and the only zones in the queries are the root and arpa. With
--bogus DOMAIN, a name with a wrong signature, ask also tests whether forged data is refused.

exit codes of ask:
  0 ready, or not affected   1 not ready   2 usage   3 cannot tell
  4 something needs attention (only with --strict)   130 interrupted
"""


IDENTIFY_EXAMPLES = """examples:
  root-anchors identify 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
  root-anchors identify --offline e0:6d:44:b8:0b:8f:1d:39:a9:5c:0b:0d:7c:65:d0:84:...
  grep -r 20326 /etc | root-anchors identify

VALUE is a DS or DNSKEY record, a digest, a public key or its modulus, a line of a configuration, or
a file with such text.  Without VALUE, or with -, identify reads standard input.

exit codes of identify:
  0 all are current root keys   1 one is retired, revoked, damaged or not a root key
  2 usage   3 cannot tell   4 verified, but needs attention (only with --strict)   130 interrupted
"""


SIGNALS_EXAMPLES = """examples:
  root-anchors signals /var/log/named/query.log.1 /var/log/named/query.log
  journalctl -u unbound | root-anchors signals -
  tcpdump -w port53.pcap port 53; root-anchors signals port53.pcap

A validating resolver that forwards to yours may announce its trusted keys with a query for
_ta-TAG-TAG.  Unbound and Knot Resolver do so when they start, BIND once a day, the others never.

exit codes of signals:
  0 signals found   2 usage   3 no client announces anything
  4 some clients announce only old keys (only with --strict)   130 interrupted
"""


TIMELINE_EXAMPLES = """examples:
  root-anchors timeline                        the history of the root keys, in the terminal
  root-anchors timeline --offline --html FILE  the same as one page, with a picture
  root-anchors timeline --svg - > root.svg     the picture alone
"""
