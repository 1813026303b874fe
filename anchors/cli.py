"""The command line: arguments -> request -> pipeline -> report -> exit code."""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

from anchors import __version__
from anchors.checks import Check
from anchors.errors import AnchorsError, OutputFailed, UsageError
from anchors.escape import printable
from anchors.policy import IANA_SIGNER, SHA1_RETIRED, VerificationPolicy
from anchors.times import parse_time

if TYPE_CHECKING:
    from anchors.formats import Format
    from anchors.pipeline import Request
    from anchors.report import Report

__all__ = ["main", "make_parser", "run"]

_VERIFIED, _STALE, _UNDECIDED, _ATTENTION, _INTERRUPTED = 0, 1, 3, 4, 130
_MAX_TIMEOUT = 3600.0

_EXIT_CODES = """exit codes:
  0 verified   1 not trusted   2 usage   3 undecided (network, DNS or disk)
  4 verified, but needs attention (only with --strict)   130 interrupted"""

_BUILD_EXAMPLES = """examples:
  root-anchors build -o anchors                  IANA's publication, live root zone
  root-anchors build --offline -o anchors        the embedded snapshot, no network
  root-anchors build --offline -o - --format ds  one file to standard output
  root-anchors build --source vendored --dns none --at "@$SOURCE_DATE_EPOCH" -o anchors
"""

_VERIFY_EXAMPLES = """examples:
  root-anchors verify                                 IANA's publication, live root zone
  root-anchors verify --source anchors --dns recorded what 'build -o anchors' saw, again
  root-anchors verify --report-format json --report report.json
"""


def run() -> NoReturn:
    """The console script."""
    import signal  # noqa: PLC0415 - the library must not touch the process's signals

    # As with Ctrl-C: what is half written is cleared away before the process ends.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    sys.exit(main())


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; never raises.

    Args:
        argv: the arguments without the program's name; ``None``: the process's.
    """
    try:
        arguments = make_parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        code: int = arguments.command(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _tell("interrupted; nothing was changed")
        return _INTERRUPTED
    except AnchorsError as error:
        _tell_error(error)
        if arguments.verbose > 1:
            _tell_traceback()
        return error.exit_code
    except BrokenPipeError:
        # The reader is gone; a second failure at exit would only add noise.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _UNDECIDED
    except Exception as error:  # noqa: BLE001 - the last line before the user
        _tell(f"internal error: {type(error).__name__}: {error}")
        _tell("please report it, with what -vv adds to this")
        if arguments.verbose > 1:
            _tell_traceback()
        return _UNDECIDED
    return code


def make_parser() -> argparse.ArgumentParser:
    """The whole command line, for :func:`main` and for documentation."""
    parser = argparse.ArgumentParser(
        prog="root-anchors",
        description="Turn IANA's published DNSSEC root trust anchors into anchor files, "
        "verified against a pinned CA and cross-checked with the root zone.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"root-anchors {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_build(_add_command(commands, "build", _build, "verify, then write", _BUILD_EXAMPLES))
    _add_verify(_add_command(commands, "verify", _verify, "verify and report", _VERIFY_EXAMPLES))
    text = "show the built-in trust: roots, fingerprints, ends"
    pinned = commands.add_parser("pinned", help=text, description=text)
    pinned.set_defaults(command=_pinned, verbose=0)
    text = "show what can be written, and for whom"
    formats = commands.add_parser("formats", help=text, description=text)
    formats.add_argument("name", nargs="?", metavar="NAME", help="one format, with an example")
    formats.set_defaults(command=_formats, verbose=0)
    return parser


def _add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    command: Callable[[argparse.Namespace], int],
    text: str,
    examples: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=text,
        description=text,
        epilog=f"{examples}\n{_EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=command)
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
        metavar="live|recorded|none|FILE",
        help="what to cross-check with (default: live, the root servers)",
    )
    inputs.add_argument(
        "--offline", action="store_true", help="the same as --source embedded --dns recorded"
    )
    inputs.add_argument(
        "--server",
        metavar="ADDRESS[#PORT]",
        action="append",
        default=[],
        help="ask this server instead of the root servers (repeatable)",
    )
    inputs.add_argument(
        "--ca", metavar="FILE", type=Path, help="PEM roots to trust instead of the built-in ones"
    )
    inputs.add_argument(
        "--signer",
        metavar="EMAIL",
        default=IANA_SIGNER,
        help="who must have signed (default: %(default)s)",
    )
    inputs.add_argument(
        "--at", metavar="TIME", help="judge at this time: RFC 3339, or @EPOCH (default: now)"
    )
    inputs.add_argument(
        "--strict", action="store_true", help="exit with 4 where something needs attention"
    )
    inputs.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=float,
        default=30.0,
        help="deadline of the whole run (default: %(default)g)",
    )
    inputs.add_argument(
        "-v", "--verbose", action="count", default=0, help="tell the steps; -vv: tracebacks too"
    )
    inputs.add_argument("-q", "--quiet", action="store_true", help="the verdict only")
    inputs.add_argument(
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
        type=Path,
        help="write nothing: exit with 0 where DIR holds the anchor files that would be written, "
        "with 1 and a diff where it does not, with 3 where that could not be told",
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
    parser.add_argument(
        "--report-format", choices=["text", "json"], default="text", help="(default: text)"
    )
    parser.add_argument(
        "--report", metavar="FILE", type=Path, help="write the report there, not to stdout"
    )


def _request(arguments: argparse.Namespace, policy: VerificationPolicy) -> Request:
    from anchors.pipeline import Request  # noqa: PLC0415 - heavy, and not for --help
    from anchors.rootzone.servers import parse_server  # noqa: PLC0415 - the same

    source, dns = arguments.source, arguments.dns
    if arguments.offline:
        if source is not None or dns is not None:
            raise _usage(
                "--offline stands for --source embedded --dns recorded",
                got="--offline beside --source or --dns",
                want="one or the other",
            )
        source, dns = "embedded", "recorded"
    servers = tuple(parse_server(text) for text in arguments.server)
    if servers and dns not in {None, "live"}:
        raise _usage(
            "--server is for --dns live", got=f"--server with --dns {dns}", want="--dns live"
        )
    if not (math.isfinite(arguments.timeout) and 0 < arguments.timeout <= _MAX_TIMEOUT):
        raise _usage(
            "the timeout is out of range",
            got=str(arguments.timeout),
            want=f"more than 0 and at most {_MAX_TIMEOUT:g} seconds",
        )
    return Request(
        policy=policy,
        source=source or "live",
        dns=dns or "live",
        servers=servers,
        ca_file=arguments.ca,
        at_given=arguments.at is not None,
        timeout=arguments.timeout,
    )


def _usage(message: str, *, got: str, want: str) -> UsageError:
    return UsageError(
        Check.USAGE, message, got=got, want=want, remedy="see root-anchors COMMAND --help"
    )


def _at(text: str | None) -> datetime:
    """The time of judgement: the clock is read here and nowhere else."""
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        if text.startswith("@"):
            return datetime.fromtimestamp(int(text[1:]), UTC)
        return parse_time(text)
    except (ValueError, OverflowError, OSError) as error:
        raise _usage(
            "the time given with --at cannot be read",
            got=f"{text}: {error}",
            want="RFC 3339 with a zone (2026-10-11T00:00:00Z), or @EPOCH in seconds",
        ) from error


def _build(arguments: argparse.Namespace) -> int:
    from anchors.formats import find_formats  # noqa: PLC0415 - heavy, and not for --help
    from anchors.pipeline import Target, build  # noqa: PLC0415 - the same

    chosen = find_formats(arguments.format)
    if arguments.output == "-" and len(chosen) != 1:
        raise _usage(
            "standard output takes one file",
            got=f"{len(chosen)} formats",
            want="-o - with exactly one --format",
        )
    writes = arguments.output not in {None, "-"}
    policy = VerificationPolicy(
        at=_at(arguments.at),
        signer=arguments.signer,
        include_future=arguments.include_future,
        allow_rollback=arguments.allow_rollback,
    )
    target = Target(
        directory=Path(arguments.output) if writes else None,
        formats=tuple(arguments.format),
        bare=arguments.bare,
        strict=arguments.strict,
    )
    built = build(_request(arguments, policy), target, _say(arguments))
    if arguments.output == "-":
        for content in built.files.values():
            sys.stdout.buffer.write(content)
    _show(built.report, arguments, sys.stderr)
    code = _exit_code(built.report, arguments)
    if arguments.check is None:
        return code
    return _compare(arguments.check, built.files) if code == _VERIFIED else _UNDECIDED


def _compare(directory: Path, files: dict[str, bytes]) -> int:
    from anchors.compare import differences  # noqa: PLC0415 - only with --check

    diff = differences(directory, files)
    sys.stdout.write(diff)
    return _STALE if diff else _VERIFIED


def _verify(arguments: argparse.Namespace) -> int:
    from anchors.pipeline import verify  # noqa: PLC0415 - heavy, and not for --help

    policy = VerificationPolicy(
        at=_at(arguments.at),
        signer=arguments.signer,
        # A clock that is wrong must not bring SHA-1 back: only the user's own --at does.
        sha1_before=None if arguments.at is None else SHA1_RETIRED,
    )
    report = verify(_request(arguments, policy), _say(arguments))
    if arguments.report is None and arguments.report_format == "text":
        _show(report, arguments, sys.stdout)
        return _exit_code(report, arguments)
    if arguments.report_format == "json":
        from anchors.report.json import render as render_json  # noqa: PLC0415 - only if asked

        text = render_json(report)
    else:
        from anchors.report.text import render as render_text  # noqa: PLC0415 - heavy

        text = render_text(report)
    if arguments.report is None:
        sys.stdout.write(text)
    else:
        _write_report(arguments.report, text)
        arguments.quiet = True
        _show(report, arguments, sys.stderr)
    return _exit_code(report, arguments)


def _exit_code(report: Report, arguments: argparse.Namespace) -> int:
    from anchors.report import Verdict  # noqa: PLC0415 - heavy, and not for --help

    if report.verdict is not Verdict.VERIFIED:
        return 1 if report.verdict is Verdict.NOT_TRUSTED else _UNDECIDED
    return _ATTENTION if arguments.strict and report.attention else _VERIFIED


def _say(arguments: argparse.Namespace) -> Callable[[str], None]:
    """Steps go to stderr with -v, and where somebody watches a terminal."""
    wanted = arguments.verbose > 0 or (sys.stderr.isatty() and not arguments.quiet)
    return _tell if wanted else lambda _message: None


def _tell(message: str) -> None:
    print(f"root-anchors: {printable(message)}", file=sys.stderr)


def _tell_traceback() -> None:
    import traceback  # noqa: PLC0415 - only with -vv

    traceback.print_exc()


def _tell_error(error: AnchorsError) -> None:
    _tell(f"error: {error.message}")
    for name, text in (("got", error.got), ("want", error.want), ("do", error.remedy)):
        if text:
            print(f"  {name + ':':<7}{printable(text)}", file=sys.stderr)
    print(f"  check: {error.check.id} ({error.check.reference})", file=sys.stderr)


def _show(report: Report, arguments: argparse.Namespace, stream: TextIO) -> None:
    from anchors.report.text import render, verdict_line  # noqa: PLC0415 - heavy

    colour = arguments.color == "always" or (
        arguments.color == "auto"
        and stream.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )
    if arguments.quiet:
        stream.write(verdict_line(report, colour=colour) + "\n")
    else:
        stream.write(render(report, colour=colour, every_server=arguments.verbose > 0))


def _write_report(path: Path, text: str) -> None:
    """The report, whole or not at all.

    Raises:
        OutputFailed: it cannot be written.
    """
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.absolute().parent, prefix=".", delete=False
        ) as stream:
            temporary = Path(stream.name)
            stream.write(text)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise OutputFailed(
            Check.OUTPUT_WRITE,
            "the report cannot be written",
            got=f"{path}: {error}",
            want="room and permission to write there",
            remedy="name another file with --report",
        ) from error


def _pinned(_arguments: argparse.Namespace) -> int:
    from anchors.publication.pinned import built_in_roots, fingerprint  # noqa: PLC0415 - heavy

    for root in built_in_roots().certificates:
        print(printable(root.subject.rfc4514_string()))
        print(f"  SHA-256  {fingerprint(root)}")
        begin, end = root.not_valid_before_utc, root.not_valid_after_utc
        print(f"  valid    {begin:%Y-%m-%d} to {end:%Y-%m-%d}")
    return _VERIFIED


def _formats(arguments: argparse.Namespace) -> int:
    from anchors.formats import REGISTRY, find_formats  # noqa: PLC0415 - heavy, not for --help

    if arguments.name is not None:
        for row in find_formats([arguments.name]):
            _show_format(row)
        return _VERIFIED
    rows = [("name", "file", "form", "for")]
    for row in REGISTRY:
        name = f"{row.name} ({row.alias})" if row.alias else row.name
        consumer = f"{row.consumer} [unproven]" if row.unproven else row.consumer
        rows.append((name, row.file_name, row.form.value, consumer))
    widths = [max(len(cells[column]) for cells in rows) for column in range(3)]
    for cells in rows:
        print("  ".join(f"{c:<{width}}" for c, width in zip(cells, [*widths, 0], strict=True)))
    return _VERIFIED


def _show_format(row: Format) -> None:
    from anchors.pipeline import example  # noqa: PLC0415 - heavy, and not for --help

    print(f"{row.name}: {row.file_name} ({row.media_type}, {row.form.value})")
    print(f"for {row.consumer}")
    if row.unproven:
        print(f"unproven: the grammar was read in {row.unproven}")
    print(f"\n{row.install}\n\nexample, from the embedded snapshot:\n")
    print(row.render(example()).decode(), end="")
