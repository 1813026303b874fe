"""Options that several commands have."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from anchors.core.root_facts import IANA_SIGNER

__all__ = [
    "add_forms",
    "add_inputs",
    "add_quiet",
    "add_report",
    "add_report_and_metrics",
    "add_verbose_and_color",
    "file_or_stdout",
    "names_in",
    "path_of",
]


def path_of(text: str) -> Path:
    """A path, which has a name.

    Raises:
        argparse.ArgumentTypeError: the name is empty.
    """
    if not text:
        message = "an empty name"
        raise argparse.ArgumentTypeError(message)
    return Path(text)


def file_or_stdout(text: str) -> Path | None:
    """A file to write, or for ``-`` none: standard output."""
    return None if text == "-" else path_of(text)


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """The options of every command that verifies."""
    inputs = parser.add_argument_group("inputs")
    inputs.add_argument(
        "--source",
        metavar="live|embedded|DIR|URL",
        help="where to get root-anchors.xml and root-anchors.p7s (default: live, from IANA)",
    )
    inputs.add_argument(
        "--dns",
        metavar="live|recorded|none|FILE|skr:FILE",
        help="cross-check the keys with the root servers (live), the answers recorded in the "
        "source, nothing, an RRset as zone-file text, or a signed key response (default: live)",
    )
    inputs.add_argument(
        "--skr",
        metavar="FILE",
        type=path_of,
        help="compare the DNS answers with the RRset in this signed key response for that time",
    )
    inputs.add_argument(
        "--offline", action="store_true", help="use no network: --source embedded --dns recorded"
    )
    inputs.add_argument(
        "--server",
        metavar="[tls://]ADDRESS[#PORT]",
        action="append",
        default=[],
        help="ask this server instead of the root servers (repeatable)",
    )
    inputs.add_argument(
        "--ca",
        metavar="FILE",
        type=path_of,
        help="trust the root CAs in this PEM file instead of the built-in ones",
    )
    inputs.add_argument(
        "--signer",
        metavar="EMAIL",
        default=IANA_SIGNER,
        help="the mail address of the required signer (default: %(default)s)",
    )
    inputs.add_argument(
        "--at",
        metavar="TIME",
        help="judge at this time: 2026-10-11 (midnight UTC), 2026-10-11T00:00:00Z, or @EPOCH "
        "(default: now)",
    )
    inputs.add_argument(
        "--strict", action="store_true", help="exit with 4 if something needs attention"
    )
    inputs.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=float,
        default=30.0,
        help="time limit for all network access (default: %(default)g)",
    )
    text = "show the steps and details of each key and server; -vv: tracebacks too"
    add_verbose_and_color(inputs, text)
    inputs.add_argument("-q", "--quiet", action="store_true", help="print only the verdict")


def add_verbose_and_color(parser: argparse._ActionsContainer, text: str) -> None:
    """``-v`` with its help, and ``--color``."""
    parser.add_argument("-v", "--verbose", action="count", default=0, help=text)
    parser.add_argument(
        "--color", choices=["auto", "always", "never"], default="auto", help="(default: auto)"
    )


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """Of a command that verifies nothing: it reads files."""
    parser.set_defaults(verbose=0)
    parser.add_argument("-q", "--quiet", action="store_true", help="print only the answer")


def add_forms(parser: argparse.ArgumentParser, *others: str) -> None:
    """The forms of a report, text among them."""
    parser.add_argument(
        "--report-format", choices=["text", *others], default="text", help="(default: text)"
    )


def add_report(parser: argparse.ArgumentParser) -> None:
    """The file of a report."""
    parser.add_argument(
        "--report",
        metavar="FILE",
        type=path_of,
        help="write the report to this file instead of standard output",
    )


def add_report_and_metrics(
    parser: argparse.ArgumentParser,
    *,
    type_: Callable[[str], Path | None] = file_or_stdout,
    default: str = " (default)",
) -> None:
    """The file of a report, which may be standard output, and that of metrics."""
    parser.add_argument(
        "--report",
        metavar="FILE|-",
        type=type_,
        help=f"write the report to this file; -: standard output{default}",
    )
    parser.add_argument(
        "--metrics",
        metavar="FILE|-",
        type=path_of,
        help="also write metrics for node_exporter's textfile collector",
    )


def names_in(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    return tuple(name for name in text.split(",") if name)
