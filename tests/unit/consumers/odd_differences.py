"""Where what we say of an odd input differs from what the program does with it, and why."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["DIFFERENCES", "Difference", "Kind"]


class Kind(enum.StrEnum):
    """How we differ."""

    UNDECIDED = "undecided"  # we say that nobody can tell
    STRICTER = "stricter"  # we say that it does not start, or that it holds fewer anchors
    UNSOUND = "unsound"  # we say that it holds an anchor which it does not hold


class Difference(NamedTuple):
    """Cases that differ in one way for one reason; no versions: in each."""

    kind: Kind
    reason: str
    cases: tuple[str, ...]
    versions: tuple[str, ...] = ()


_UNUSED = Difference(
    Kind.STRICTER,
    "the program counts an anchor with which it validates nothing of class IN and protocol 3",
    ("class CH", "DNSKEY with protocol 2"),
)
_CLASS_CH = _UNUSED._replace(cases=("class CH",))
_PROTOCOL = _UNUSED._replace(cases=("DNSKEY with protocol 2",))
_UNKNOWN_NUMBERS = Difference(
    Kind.STRICTER,
    "the program counts an anchor of an algorithm or digest type that it does not know",
    ("an unknown digest type", "an unknown algorithm"),
)
_PARENTHESES = Difference(
    Kind.STRICTER,
    "one program takes what another refuses; nobody writes such a file on purpose",
    ("a parenthesis is not closed", "a parenthesis too many"),
)
_ODD_DIGITS = Difference(
    Kind.STRICTER,
    "versions from 5 on refuse the file",
    ("the digest has an odd number of digits",),
    ("4.8.8",),
)
_WITHOUT_ROOT = Difference(
    Kind.UNDECIDED,
    "the file has no anchor of the root, so that other anchors of the program may count",
    (
        "the owner is an escaped full stop",
        "the owner is a full stop behind a backslash",
        "no owner behind another owner",
        "no owner and no blank",
        "another owner alone",
    ),
)
_NO_LUA = Difference(
    Kind.UNDECIDED,
    "another version of Lua may load the file",
    ("a no-break space before the call", "a NUL byte at the end"),
)
_RUN = Difference(
    Kind.UNDECIDED,
    "only a run of the program tells what comes of it",
    (
        "a newline before the parentheses",
        "two parts joined",
        "a variable",
        "an alias of the function",
        "the function under another name",
        "a call inside a function that is never called",
        "a call inside if false",
        "a loop over a table",
        "pcall",
    ),
)
_UNKNOWN_NAMES = Difference(
    Kind.UNDECIDED,
    "another version of the program may know the name",
    ("upper case", "an error at run time behind the call"),
)
_NO_YAML = Difference(
    Kind.UNDECIDED,
    "the file is no YAML without aliases, and is told as one that cannot be read",
    (
        "a NUL byte at the end",
        "the byte FF in a comment",
        "a tab as indentation",
        "a merge key",
        "the key twice",
        "two documents",
        "a lone surrogate as another name",
    ),
)
_ABSENT = Difference(
    Kind.UNDECIDED,
    "the directory of the named file is not below what is audited",
    (),
)

DIFFERENCES: Mapping[tuple[str, str], tuple[Difference, ...]] = {
    ("unbound.conf", "unbound"): (
        _UNUSED,
        Difference(Kind.UNDECIDED, "another version may know the option", ("an unknown option",)),
    ),
    ("zone file", "unbound trust-anchor-file"): (_UNUSED, _PARENTHESES),
    ("zone file", "unbound auto-trust-anchor-file"): (_UNUSED, _UNKNOWN_NUMBERS),
    ("state of Unbound", "unbound auto-trust-anchor-file"): (
        Difference(
            Kind.STRICTER,
            "1.17.1 takes a key without a state, or with one that it cannot read, for a new one",
            (
                "blanks around the equals sign of the state",
                "STATE in upper case",
                "a record without a state",
                "a DS record without a state",
                "cut off in a key",
                "cut off behind the key of a pending one",
            ),
            ("1.17.1",),
        ),
    ),
    ("named.conf", "named"): (
        Difference(
            Kind.UNDECIDED,
            "an included file with nothing in it is refused by a rule that we do not know",
            (
                "lines end with CR alone, a comment in the first",
                "an empty file",
                "only comments",
            ),
        ),
        Difference(
            Kind.UNDECIDED, "what a view of another class does", ("another class, in a view",)
        ),
        _PROTOCOL._replace(cases=("static-key with protocol 2",)),
    ),
    ("state of BIND", "named managed-keys.bind"): (
        Difference(
            Kind.STRICTER,
            "named counts a key with which it validates nothing",
            ("KSK-2024 with REVOKE", "protocol 2"),
        ),
    ),
    ("zone file", "kresd add_file, read-only"): (_WITHOUT_ROOT,),
    ("zone file", "kresd add_file, managed"): (_WITHOUT_ROOT,),
    ("kresd.conf", "kresd"): (
        _RUN._replace(cases=("the table under another name",)),
        _NO_LUA._replace(cases=("a record separator 0x1E before the call",)),
        _NO_LUA,
        _NO_LUA._replace(
            cases=(
                "a line separator U+2028 between two calls",
                "an unknown escape in the string",
            )
        ),
        _RUN,
        _RUN._replace(
            cases=(
                "a global variable",
                "a subscript in place of the dot",
                "an alias of the table",
                "a call behind a return",
                "string.format",
                "the table is replaced",
            )
        ),
        _UNKNOWN_NAMES,
        _UNKNOWN_NAMES._replace(
            cases=("a colon in place of the dot", "an unknown function of the table")
        ),
        _WITHOUT_ROOT._replace(cases=("an empty file", "only a comment")),
        _ABSENT._replace(cases=("add_file of a file that is not there, read-only",)),
    ),
    ("config.yaml of Knot Resolver", "kresd by kresctl convert"): (
        _NO_YAML,
        _NO_YAML._replace(
            cases=(
                "a no-break space as indentation",
                "a form feed inside the value",
                "JSON with a tab",
                "a tab behind the dash",
                "an alias within the list",
                "the inner key twice",
            )
        ),
        _UNKNOWN_NAMES._replace(
            cases=(
                "an empty file",
                "only a comment",
                "no blank behind the colon",
                "an unknown key outside",
                "the key outside of dnssec",
                "dnssec is false",
            )
        ),
        _WITHOUT_ROOT._replace(cases=("no value",)),
        _ABSENT._replace(cases=("trust-anchors-files of a file that is not there",)),
    ),
    ("zone file", "pdns_recursor readTrustAnchorsFromFile"): (
        _PROTOCOL,
        _PARENTHESES._replace(cases=("class twice", "a parenthesis too many")),
        Difference(
            Kind.STRICTER,
            "each version decodes another key, and none of them is the root's",
            ("DNSKEY whose key lacks its padding",),
        ),
        _ODD_DIGITS,
        _ABSENT._replace(cases=("$INCLUDE of a file that is not there",)),
    ),
    ("recursor.lua", "pdns_recursor"): (
        _RUN._replace(cases=("the function out of _G",)),
        _NO_LUA,
        _RUN,
        _RUN._replace(cases=("newDN for the root", "a subscript of _G")),
        _UNKNOWN_NAMES,
        Difference(
            Kind.UNDECIDED,
            "4.8.8 takes the name, and 5.4.9 does not",
            ("addDS, the old name", "clearDS, the old name"),
        ),
        _ABSENT._replace(cases=("readTrustAnchorsFromFile of a file that is not there",)),
        Difference(
            Kind.STRICTER,
            "the built-in keys of the program count besides, and are in no file",
            ("an empty file",),
        ),
        Difference(
            Kind.STRICTER,
            "the built-in keys of the program count besides, and are in no file",
            ("addTA without clearTA before",),
            ("5.4.9",),
        ),
        Difference(
            Kind.STRICTER,
            "the program holds the anchor, and a negative one switches validation off",
            ("addNTA of the root",),
        ),
        _ODD_DIGITS,
    ),
    ("recursor.conf", "pdns_recursor"): (
        Difference(
            Kind.UNDECIDED,
            "the named file, or the setting, is of another version or elsewhere",
            (
                "quotation marks",
                "single quotation marks",
                "an unknown setting beside",
                "trustanchorfile, a setting of the YAML",
            ),
        ),
    ),
    ("YAML of PowerDNS Recursor", "pdns_recursor"): (
        _NO_YAML,
        Difference(
            Kind.UNDECIDED,
            "the program takes the mark before a block and not before a flow of YAML",
            ("a byte-order mark",),
        ),
        _NO_YAML._replace(cases=("an alias",)),
        _UNKNOWN_NAMES._replace(
            cases=(
                "the key with a hyphen",
                "the key in upper case",
                "an unknown key beside",
                "the key outside of dnssec",
            )
        ),
        Difference(
            Kind.STRICTER,
            "the program holds the anchor, and a negative one switches validation off",
            ("a negative anchor of the root beside",),
        ),
    ),
    ("zone file", "getdns"): (
        _UNUSED,
        _PARENTHESES,
        _UNKNOWN_NUMBERS,
        Difference(Kind.STRICTER, "1.7.3 drops the record", ("a TTL beyond 32 bits",), ("1.6.0",)),
        Difference(
            Kind.UNDECIDED,
            "1.7.3 takes the record, and 1.6.0 reads no further",
            ("blanks before a comment",),
        ),
        Difference(
            Kind.STRICTER,
            "the program counts a DNSKEY behind a DS, with which it validates nothing",
            ("a DS record and a DNSKEY record",),
        ),
    ),
    ("dnsmasq.conf", "dnsmasq"): (
        Difference(
            Kind.UNDECIDED,
            "another version may know the option",
            (
                "the option in upper case",
                "the option cut short",
                "an unknown option beside the anchor",
            ),
        ),
        Difference(Kind.STRICTER, "2.93 holds no such anchor", ("the digest is empty",), ("2.90",)),
        Difference(
            Kind.STRICTER, "2.90 refuses it", ("the option with an empty value",), ("2.93",)
        ),
    ),
    ("zone file", "drill -k"): (
        Difference(
            Kind.UNDECIDED,
            "a loose file is told as one that cannot be read where one program cannot read it",
            (
                "a byte-order mark before the first of two records",
                "a byte-order mark before the only record",
                "a no-break space between the words",
                "a vertical tab between the words",
                "a form feed between the words",
                "a line separator U+2028 between two records",
                "lines end with CR alone",
                "a NUL byte behind a record",
                "a NUL byte at the end",
                "a comment of the shell on a line of its own",
                "a negative TTL",
                "class twice",
                "the rdata of RFC 3597 with a wrong length",
                "a parenthesis is not closed",
                "a parenthesis too many",
                "parentheses around the owner",
                "the digest in quotation marks",
                "the digest has an odd number of digits",
                "the digest has a letter that is no digit",
                "the digest with 0x before",
                "the digest with colons",
                "no digest",
                "the mnemonic SHA-256 as digest type",
                "the mnemonic SHA256 as digest type",
                "an algorithm beyond 8 bits",
                "the tag with an underscore",
                "the tag with a plus sign",
                "the tag with a minus sign",
                "the tag in hexadecimal",
                "the tag in Arabic digits",
                "the tag beyond 16 bits",
                "the tag in quotation marks",
                "the public key in quotation marks",
                "the public key in quotation marks, in two pieces",
                "a quotation mark within the public key",
                "DNSKEY with flags beyond 16 bits",
                "DNSKEY with mnemonics as flags",
                "DNSKEY whose key lacks its padding",
                "two records on one line",
                "a word behind the digest",
                "a statement of BIND in place of records",
                "an XML declaration in place of records",
            ),
        ),
        Difference(
            Kind.UNSOUND,
            "a loose file is read as most programs read it: drill alone refuses such a file",
            (
                "no newline at the end",
                "class before TTL",
                "$origin in lower case",
                "DNSKEY with protocol 2",
                "a file separator 0x1C between the words",
            ),
        ),
        Difference(
            Kind.UNSOUND,
            "a loose file without an anchor of the root starts nothing: drill alone refuses it",
            (
                "an empty file",
                "only comments",
                "only blank lines",
                "$GENERATE",
                "the owner has two full stops",
                "a CDS in place of a DS",
                "a DLV in place of a DS",
            ),
        ),
        _CLASS_CH,
        Difference(Kind.STRICTER, "no program writes the class so", ("class by number, CLASS1",)),
    ),
    (".positive", "systemd-resolved"): (
        Difference(
            Kind.UNDECIDED,
            "252 ends, and 262 ends, fails every look-up or works, by which anchor it is",
            ("the same record twice",),
        ),
    ),
}
