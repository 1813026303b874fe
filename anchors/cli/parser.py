"""The command line's words: what can be asked, and how it is explained."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import NamedTuple

from anchors import __version__
from anchors.cli.epilogs import (
    ASK_EXAMPLES,
    AUDIT_EXAMPLES,
    BUILD_EXAMPLES,
    EXIT_CODES,
    IDENTIFY_EXAMPLES,
    MERGE_EXAMPLES,
    PROVE_EXAMPLES,
    SIGNALS_EXAMPLES,
    TIMELINE_EXAMPLES,
    VERIFY_EXAMPLES,
)
from anchors.cli.mistakes import Parser
from anchors.cli.options import (
    add_forms,
    add_inputs,
    add_quiet,
    add_report,
    add_report_and_metrics,
    add_verbose_and_color,
    names_in,
    path_of,
)

__all__ = ["make_parser"]


def make_parser(words: Sequence[str] | None = None) -> Parser:
    """The whole command line, or with only the arguments of the command that ``words`` name."""
    chosen = next((word for word in words or () if word in _COMMANDS), None)
    parser = Parser(
        prog="root-anchors",
        description="Verify IANA's DNSSEC trust anchors of the root zone, write them for\n"
        "resolvers, and check the trust anchors of existing resolvers, packages and images.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"root-anchors {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, row in _COMMANDS.items():
        command = commands.add_parser(
            name,
            help=row.text,
            description=row.text,
            epilog=row.epilog,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(command=name)
        if words is None or name == chosen:
            row.add(command)
    parser.commands = commands.choices
    return parser


def _add_build(parser: argparse.ArgumentParser) -> None:
    add_inputs(parser)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "-o",
        "--output",
        metavar="DIR|-",
        help="write this directory, completely or not at all; -: standard output",
    )
    where.add_argument(
        "--check",
        metavar="DIR",
        type=path_of,
        help="write nothing, and compare DIR with the files that would be written: SAME and exit "
        "code 0, or STALE with a diff and exit code 1; 3 if that is undecided",
    )
    parser.add_argument(
        "--format",
        metavar="NAME",
        action="append",
        default=[],
        help="write only this format: a name, all, or debian (repeatable); "
        "see 'root-anchors formats'",
    )
    parser.add_argument(
        "--bare",
        action="store_true",
        help="write only the anchor files into DIR, without the evidence",
    )
    parser.add_argument(
        "--include-future",
        action="store_true",
        help="also write keys that are not valid yet, with a remark",
    )
    parser.add_argument(
        "--allow-rollback",
        action="store_true",
        help="accept a publication older than the one in DIR",
    )
    add_forms(parser, "json", "markdown", "html")
    add_report_and_metrics(parser, type_=path_of, default="")


def _add_verify(parser: argparse.ArgumentParser) -> None:
    add_inputs(parser)
    add_forms(parser, "json", "markdown", "html")
    add_report_and_metrics(parser)


def _add_audit(parser: argparse.ArgumentParser) -> None:
    add_inputs(parser)
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="+",
        type=path_of,
        help="a file, directory, package, archive or image to audit",
    )
    parser.add_argument(
        "--root",
        metavar="DIR",
        type=path_of,
        help="the root directory for file names in configurations that begin with a slash "
        "(default: PATH if it is a root file system; / for a single file)",
    )
    parser.add_argument(
        "--exclude",
        metavar="GLOB",
        action="append",
        default=[],
        help="skip these paths below PATH (repeatable)",
    )
    parser.add_argument(
        "--baseline",
        metavar="FILE",
        type=path_of,
        help="accepted findings, each with a reason and an end date; "
        "see 'root-anchors explain audit'",
    )
    parser.add_argument(
        "--ask",
        action="store_true",
        help="also ask the running programs of this machine that use these files, and report if "
        "they do not trust the keys in the files; run it as root",
    )
    parser.add_argument(
        "--fail-on",
        metavar="CHECK[,CHECK...]",
        type=names_in,
        default=(),
        help="exit with 1 only for these findings: missing, foreign, damaged, static and so on; "
        "see 'root-anchors explain audit' (default: if something fails or will fail)",
    )
    add_forms(parser, "json", "markdown", "html", "sarif", "issue")
    add_report_and_metrics(parser)


def _add_ask(parser: argparse.ArgumentParser) -> None:
    add_inputs(parser)
    parser.add_argument(
        "addresses",
        metavar="[tls://]ADDRESS[#PORT]",
        nargs="*",
        help="the resolvers (default: those of /etc/resolv.conf)",
    )
    parser.add_argument(
        "--sentinel-zone",
        metavar="ZONE",
        help="a signed zone for the root key sentinel names, which need not exist in it "
        "(default: arpa.)",
    )
    parser.add_argument("--good", metavar="DOMAIN", help="a correctly signed name (default: arpa.)")
    parser.add_argument(
        "--bogus", metavar="DOMAIN", help="a name with a wrong signature (default: none)"
    )
    parser.add_argument(
        "--control",
        metavar="PROGRAM[=PLACE]",
        help="also ask this program for its trust anchors: bind, knot, pdns or unbound, and "
        "the configuration, directory or socket of its control channel "
        "(default: the program that answers at an address of this machine)",
    )
    parser.add_argument(
        "--rounds",
        metavar="N",
        type=int,
        default=4,
        help="how often to ask each question, to detect several resolvers at one address "
        "(default: %(default)d)",
    )
    add_forms(parser, "json", "markdown", "html", "metrics")
    add_report(parser)


def _add_pinned(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(verbose=0)


def _add_formats(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(verbose=0)
    parser.add_argument("name", nargs="?", metavar="NAME", help="show this format with an example")


def _add_explain(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(verbose=0)
    parser.add_argument("name", nargs="?", metavar="CHECK|PAGE", help="default: list them")


def _add_merge(parser: argparse.ArgumentParser) -> None:
    add_quiet(parser)
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=path_of,
        help="the JSON report of a host, NAME.json",
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit with 4 if something needs attention"
    )
    add_verbose_and_color(parser, "list every host, also those with the same result")
    add_forms(parser, "json", "markdown", "html")
    add_report(parser)


def _add_signals(parser: argparse.ArgumentParser) -> None:
    add_quiet(parser)
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=path_of,
        help="query logs, dnstap files or packet captures, the oldest first; -: standard input",
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit with 4 if a client announces only old keys"
    )


def _add_identify(parser: argparse.ArgumentParser) -> None:
    add_inputs(parser)
    parser.add_argument(
        "values", metavar="VALUE", nargs="*", help="a key, digest or record, or a file with some"
    )
    add_forms(parser, "json")
    add_report(parser)


def _add_timeline(parser: argparse.ArgumentParser) -> None:
    add_inputs(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--svg", metavar="FILE|-", help="write an SVG picture to this file; -: standard output"
    )
    where.add_argument(
        "--html", metavar="FILE|-", help="write an HTML page to this file; -: standard output"
    )


def _add_prove(parser: argparse.ArgumentParser) -> None:
    add_inputs(parser)
    parser.add_argument("format", metavar="FORMAT", help="see 'root-anchors formats'")
    parser.add_argument("file", metavar="FILE", type=path_of, help="the anchor file to test")
    parser.add_argument(
        "--lab", action="store_true", help="also validate a test root zone with test keys"
    )


class _Command(NamedTuple):
    """A command: what it does, what its help ends with, and what adds its arguments."""

    text: str
    epilog: str | None
    add: Callable[[argparse.ArgumentParser], None]


_COMMANDS = {
    "build": _Command(
        "verify IANA's trust anchors and write anchor files",
        f"{BUILD_EXAMPLES}\n{EXIT_CODES}",
        _add_build,
    ),
    "verify": _Command(
        "verify IANA's trust anchors and report, without writing files",
        f"{VERIFY_EXAMPLES}\n{EXIT_CODES}",
        _add_verify,
    ),
    "timeline": _Command(
        "show the history of the root keys and the next dates",
        f"{TIMELINE_EXAMPLES}\n{EXIT_CODES}",
        _add_timeline,
    ),
    "prove": _Command(
        "test an anchor file in the programs that are installed here",
        f"{PROVE_EXAMPLES}\n{EXIT_CODES}",
        _add_prove,
    ),
    "audit": _Command(
        "find trust anchors in files, packages and images, and compare them with IANA's",
        AUDIT_EXAMPLES,
        _add_audit,
    ),
    "merge": _Command(
        "merge the audit reports of many hosts into one table", MERGE_EXAMPLES, _add_merge
    ),
    "ask": _Command(
        "ask running resolvers whether they are ready for the next root key", ASK_EXAMPLES, _add_ask
    ),
    "signals": _Command(
        "find in query logs which root keys the clients announce (RFC 8145)",
        SIGNALS_EXAMPLES,
        _add_signals,
    ),
    "identify": _Command(
        "identify a root key by its key, digest or record, and find wrong digits",
        IDENTIFY_EXAMPLES,
        _add_identify,
    ),
    "pinned": _Command(
        "show the built-in root CAs with their fingerprints and end dates", None, _add_pinned
    ),
    "formats": _Command(
        "list the file formats and the programs that read them", None, _add_formats
    ),
    "explain": _Command(
        "explain a check that a report names, or show a page of the documentation",
        None,
        _add_explain,
    ),
}
