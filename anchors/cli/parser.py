"""The command line's words: what can be asked, and how it is explained."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

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
from anchors.core.escape import printable
from anchors.core.policy import IANA_SIGNER

__all__ = ["make_parser"]


class _Parser(argparse.ArgumentParser):
    """One that shows what was typed harmless."""

    def error(self, message: str) -> NoReturn:
        super().error(printable(message))


def _path(text: str) -> Path:
    if not text:
        message = "an empty name"
        raise argparse.ArgumentTypeError(message)
    return Path(text)


def _file(text: str) -> Path | None:
    """A file to write, or for ``-`` none: standard output."""
    return None if text == "-" else _path(text)


def make_parser() -> argparse.ArgumentParser:
    """The whole command line, for :func:`main` and for documentation."""
    parser = _Parser(
        prog="root-anchors",
        description="Turn IANA's published DNSSEC root trust anchors into anchor files,\n"
        "verified against a pinned CA and cross-checked with the root zone.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"root-anchors {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_build(_add_command(commands, "build", "verify, then write", BUILD_EXAMPLES))
    _add_verify(_add_command(commands, "verify", "verify and report", VERIFY_EXAMPLES))
    text = "show the life of every root key, and the next dates"
    _add_timeline(_add_command(commands, "timeline", text, TIMELINE_EXAMPLES))
    text = "prove an anchor file in the consumers installed here"
    _add_prove(_add_command(commands, "prove", text, PROVE_EXAMPLES))
    text = "find trust anchors anywhere, and hold them against the verified set"
    _add_audit(_add_command(commands, "audit", text, AUDIT_EXAMPLES, exit_codes=""))
    _add_merge(commands)
    text = "ask running resolvers whether they are ready for the root's keys"
    _add_ask(_add_command(commands, "ask", text, ASK_EXAMPLES, exit_codes=""))
    _add_signals(commands)
    text = "tell which root key a key or digest is, and where it is damaged"
    _add_identify(_add_command(commands, "identify", text, IDENTIFY_EXAMPLES, exit_codes=""))
    text = "show the built-in trust: roots, fingerprints, ends"
    pinned = commands.add_parser("pinned", help=text, description=text, allow_abbrev=False)
    pinned.set_defaults(command="pinned", verbose=0)
    text = "show what can be written, and for whom"
    formats = commands.add_parser("formats", help=text, description=text, allow_abbrev=False)
    formats.add_argument("name", nargs="?", metavar="NAME", help="one format, with an example")
    formats.set_defaults(command="formats", verbose=0)
    return parser


def _add_command(
    commands: argparse._SubParsersAction[_Parser],
    name: str,
    text: str,
    examples: str,
    *,
    exit_codes: str = f"\n{EXIT_CODES}",
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=text,
        description=text,
        epilog=f"{examples}{exit_codes}",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=name)
    _add_inputs(parser)
    return parser


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    inputs = parser.add_argument_group("inputs")
    inputs.add_argument(
        "--source",
        metavar="live|embedded|DIR|URL",
        help="where root-anchors.xml and root-anchors.p7s lie (default: live, at IANA)",
    )
    inputs.add_argument(
        "--dns",
        metavar="live|recorded|none|FILE|skr:FILE",
        help="what to cross-check with: the root servers, the answers that came with the source, "
        "nothing, an RRset as zone-file text, or a signed key response (default: live)",
    )
    inputs.add_argument(
        "--skr",
        metavar="FILE",
        type=_path,
        help="tell whether the answers are what this signed key response has for the time",
    )
    inputs.add_argument(
        "--offline", action="store_true", help="the same as --source embedded --dns recorded"
    )
    inputs.add_argument(
        "--server",
        metavar="[tls://]ADDRESS[#PORT]",
        action="append",
        default=[],
        help="ask this server instead of the root servers (repeatable)",
    )
    inputs.add_argument(
        "--ca", metavar="FILE", type=_path, help="PEM roots to trust instead of the built-in ones"
    )
    inputs.add_argument(
        "--signer",
        metavar="EMAIL",
        default=IANA_SIGNER,
        help="who must have signed (default: %(default)s)",
    )
    inputs.add_argument(
        "--at",
        metavar="TIME",
        help="judge at this time or date: RFC 3339, or @EPOCH (default: now)",
    )
    inputs.add_argument(
        "--strict", action="store_true", help="exit with 4 where something needs attention"
    )
    inputs.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=float,
        default=30.0,
        help="deadline for fetching and asking (default: %(default)g)",
    )
    text = "tell the steps, and more of each key and server; -vv: tracebacks too"
    _add_verbose_and_color(inputs, text)
    inputs.add_argument("-q", "--quiet", action="store_true", help="the verdict only")


def _add_verbose_and_color(parser: argparse._ActionsContainer, text: str) -> None:
    parser.add_argument("-v", "--verbose", action="count", default=0, help=text)
    parser.add_argument(
        "--color", choices=["auto", "always", "never"], default="auto", help="(default: auto)"
    )


def _add_build(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "-o",
        "--output",
        metavar="DIR|-",
        help="the directory to write, whole or not at all; - for standard output",
    )
    where.add_argument(
        "--check",
        metavar="DIR",
        type=_path,
        help="write nothing: say SAME and exit with 0 where DIR holds the files that would be "
        "written, STALE and 1 with a diff where it does not; 3 where that could not be told",
    )
    parser.add_argument(
        "--format",
        metavar="NAME",
        action="append",
        default=[],
        help="write only this format (repeatable): a name, all, or debian; "
        "see 'root-anchors formats'",
    )
    parser.add_argument("--bare", action="store_true", help="only the anchor files in DIR")
    parser.add_argument(
        "--include-future",
        action="store_true",
        help="also emit keys whose time has not come, marked so",
    )
    parser.add_argument(
        "--allow-rollback",
        action="store_true",
        help="accept a publication older than the one in DIR",
    )


def _add_verify(parser: argparse.ArgumentParser) -> None:
    _add_forms(parser, "json", "markdown", "html")
    _add_report_and_metrics(parser)


def _add_audit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="+", type=_path, help="what to audit")
    parser.add_argument(
        "--root",
        metavar="DIR",
        type=_path,
        help="the root file system that the files lie in, for names that begin with a slash "
        "(default: the PATH where it is one; / for a file given by itself)",
    )
    parser.add_argument(
        "--exclude",
        metavar="GLOB",
        action="append",
        default=[],
        help="do not look at these paths below PATH (repeatable)",
    )
    parser.add_argument(
        "--baseline",
        metavar="FILE",
        type=_path,
        help="findings that are accepted, each with a reason and an end: see docs/audit.md",
    )
    parser.add_argument(
        "--ask",
        action="store_true",
        help="also ask the programs of this machine that run with these files, and tell where they "
        "do not hold what the files say; best as root",
    )
    parser.add_argument(
        "--fail-on",
        metavar="CHECK[,CHECK...]",
        type=_names,
        default=(),
        help="exit with 1 on these findings alone: missing, foreign, damaged, static and so on; "
        "see docs/audit.md (default: on what fails or will fail)",
    )
    _add_forms(parser, "json", "markdown", "html", "sarif", "issue")
    _add_report_and_metrics(parser)


def _add_ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "addresses",
        metavar="[tls://]ADDRESS[#PORT]",
        nargs="*",
        help="the resolvers (default: those of /etc/resolv.conf)",
    )
    parser.add_argument(
        "--sentinel-zone",
        metavar="ZONE",
        help="a signed zone for the names of the sentinel, which it may have or not "
        "(default: arpa., which has none)",
    )
    parser.add_argument(
        "--good", metavar="DOMAIN", help="a name that is signed well (default: arpa.)"
    )
    parser.add_argument(
        "--bogus", metavar="DOMAIN", help="a name whose signature is wrong (default: none)"
    )
    parser.add_argument(
        "--control",
        metavar="PROGRAM[=PLACE]",
        help="also ask the program itself which anchors it holds: bind, knot, pdns or unbound, and "
        "the configuration, directory or socket that names its channel "
        "(default: the program that answers at an address of this machine)",
    )
    parser.add_argument(
        "--rounds",
        metavar="N",
        type=int,
        default=4,
        help="how often each question is asked, so that a pool shows itself (default: %(default)d)",
    )
    _add_forms(parser, "json", "markdown", "html", "metrics")
    _add_report(parser)


def _add_plain(
    commands: argparse._SubParsersAction[_Parser], name: str, text: str, examples: str
) -> argparse.ArgumentParser:
    """A command that verifies nothing: it reads files."""
    parser = commands.add_parser(
        name,
        help=text,
        description=text,
        epilog=examples,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=name, verbose=0)
    parser.add_argument("-q", "--quiet", action="store_true", help="the answer only")
    return parser


def _add_merge(commands: argparse._SubParsersAction[_Parser]) -> None:
    text = "put the reports of audits of many hosts together"
    parser = _add_plain(commands, "merge", text, MERGE_EXAMPLES)
    parser.add_argument(
        "files", metavar="FILE", nargs="+", type=_path, help="the report of a host: NAME.json"
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit with 4 where something needs attention"
    )
    _add_verbose_and_color(parser, "name every host, also those of which the same is told")
    _add_forms(parser, "json", "markdown", "html")
    _add_report(parser)


def _add_signals(commands: argparse._SubParsersAction[_Parser]) -> None:
    text = "find in query logs which clients announce which keys of the root (RFC 8145)"
    parser = _add_plain(commands, "signals", text, SIGNALS_EXAMPLES)
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=_path,
        help="query logs, dnstap files or packet captures, the oldest first; - is stdin",
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit with 4 where a client announces old keys only"
    )


def _add_identify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "values", metavar="VALUE", nargs="*", help="the key or digest, or a file with some"
    )
    _add_forms(parser, "json")
    _add_report(parser)


def _add_timeline(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--svg", metavar="FILE|-", help="write a picture there; - for stdout")
    where.add_argument("--html", metavar="FILE|-", help="write a page there; - for stdout")


def _add_forms(parser: argparse.ArgumentParser, *others: str) -> None:
    parser.add_argument(
        "--report-format", choices=["text", *others], default="text", help="(default: text)"
    )


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--report", metavar="FILE", type=_path, help="write the report there, not to stdout"
    )


def _add_report_and_metrics(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--report",
        metavar="FILE|-",
        type=_file,
        help="write the report there, not to stdout (-)",
    )
    parser.add_argument(
        "--metrics",
        metavar="FILE|-",
        type=_path,
        help="also write metrics for node_exporter's textfile collector",
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


def _add_prove(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("format", metavar="FORMAT", help="see 'root-anchors formats'")
    parser.add_argument("file", metavar="FILE", type=_path, help="the anchor file to prove")
    parser.add_argument(
        "--lab", action="store_true", help="also validate a lab root with the lab's own keys"
    )
