"""The command line: arguments -> request -> pipeline -> report -> exit code."""

from __future__ import annotations

import argparse
import contextlib
import math
import re
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from anchors.checks import Check
from anchors.errors import AnchorsError, UsageError
from anchors.escape import printable
from anchors.parser import make_parser
from anchors.policy import SHA1_RETIRED, VerificationPolicy
from anchors.terminal import Progress, put, say, speaks_unicode, wants_colour, watched
from anchors.times import parse_time

if TYPE_CHECKING:
    from anchors.auditing.result import Audit
    from anchors.formats import Format
    from anchors.pipeline import Request
    from anchors.report import Report

__all__ = ["main", "run"]

_VERIFIED, _STALE, _UNDECIDED, _ATTENTION, _INTERRUPTED = 0, 1, 3, 4, 130
_MAX_TIMEOUT = 3600.0
_MAX_SERVERS = 100
_EPOCH = re.compile(r"@-?[0-9]+")
_MAX_ANCHOR_FILE = 1 << 20


# The signals that asked this run to end.
_interrupts: list[int] = []


def run() -> NoReturn:
    """The console script."""
    import signal  # noqa: PLC0415 - the library must not touch the process's signals

    # As with Ctrl-C: what is half written is cleared away before the process ends.  A background
    # job of a shell ignores Ctrl-C, and nohup hang-ups, but neither the request to end.
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    heard = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    code: int | None = None
    with contextlib.suppress(KeyboardInterrupt):
        for number in heard:
            signal.signal(number, _interrupt)
        code = main()
        # What was decided stays so while the interpreter ends.
        for number in heard:
            signal.signal(number, signal.SIG_IGN)
    if code is None:
        # It struck before the command began, or while that told of an earlier one.
        code = _interrupted()
    sys.exit(code)


def _interrupt(number: int, _frame: object) -> NoReturn:
    """Remember it: a library makes an error of its own of what strikes within it."""
    _interrupts.append(number)
    # Where it strikes a finalizer, Python ignores it and tells so.
    sys.unraisablehook = lambda _ignored: None
    raise KeyboardInterrupt


def _require_uninterrupted() -> None:
    if _interrupts:
        raise KeyboardInterrupt


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; never raises.

    Args:
        argv: the arguments without the program's name; ``None``: the process's.
    """
    verbose = 0
    try:
        arguments = make_parser().parse_args(argv)
        verbose = arguments.verbose
        return _COMMANDS[arguments.command](arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    except BaseException as error:  # noqa: BLE001 - the last line before the user
        if _interrupts or isinstance(error, KeyboardInterrupt):
            return _interrupted()
        return _failed(error, verbose)


def _interrupted() -> int:
    _tell("interrupted; a directory holds its old set or the new one, whole")
    return _INTERRUPTED


def _failed(error: BaseException, verbose: int) -> int:
    if isinstance(error, BrokenPipeError):
        # The reader of standard output is gone, and wants no more from us.
        return _UNDECIDED
    if isinstance(error, AnchorsError):
        _tell_error(error)
    else:
        _tell(f"internal error: {type(error).__name__}: {error}")
        _tell("please report it, with what -vv adds to this")
    _tell_traceback(verbose)
    return error.exit_code if isinstance(error, AnchorsError) else _UNDECIDED


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
    if "" in {source, dns} or dns == "skr:":
        raise _usage("an empty --source, --dns or --skr names nothing", got="''", want="a name")
    servers = tuple(parse_server(text) for text in arguments.server)
    if len(servers) > _MAX_SERVERS:
        raise _usage(
            "too many servers", got=f"{len(servers)} --server", want=f"at most {_MAX_SERVERS}"
        )
    if arguments.skr is not None and (dns or "live").startswith(("skr:", "none")):
        raise _usage(
            "--skr holds answers against a signed key response",
            got=f"--skr with --dns {dns}",
            want="one signed key response, and answers",
        )
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
        source="live" if source is None else source,
        dns="live" if dns is None else dns,
        servers=servers,
        skr=arguments.skr,
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
        if _EPOCH.fullmatch(text):
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
    _require_uninterrupted()
    if arguments.output == "-":
        for content in built.files.values():
            put(content)
    say(_text(built.report, arguments, colour=wants_colour(arguments.color, sys.stderr)))
    code = _exit_code(built.report, arguments)
    if arguments.check is None:
        return code
    return _compare(arguments.check, built.files) if code == _VERIFIED else _UNDECIDED


def _compare(directory: Path, files: dict[str, bytes]) -> int:
    from anchors.compare import differences  # noqa: PLC0415 - only with --check

    diff = differences(directory, files)
    put(diff)
    return _STALE if diff else _VERIFIED


def _verify(arguments: argparse.Namespace) -> int:
    from anchors.output import write_file  # noqa: PLC0415 - heavy, and not for --help
    from anchors.pipeline import verify  # noqa: PLC0415 - the same

    policy = VerificationPolicy(
        at=_at(arguments.at),
        signer=arguments.signer,
        # A clock that is wrong must not bring SHA-1 back: only the user's own --at does.
        sha1_before=None if arguments.at is None else SHA1_RETIRED,
    )
    report = verify(_request(arguments, policy), _say(arguments))
    _require_uninterrupted()
    if arguments.metrics is not None:
        from anchors.report.metrics import render as metrics  # noqa: PLC0415 - only if asked

        write_file(arguments.metrics, metrics(report).encode())
    to_file = arguments.report is not None
    if arguments.report_format == "text":
        colour = not to_file and wants_colour(arguments.color, sys.stdout)
        text = _text(report, arguments, colour=colour)
    else:
        from anchors.report import renderer  # noqa: PLC0415 - only if asked

        text = renderer(arguments.report_format)(report)
    if to_file:
        write_file(arguments.report, text.encode())
        say(_verdict(report, colour=wants_colour(arguments.color, sys.stderr)))
    else:
        put(text)
    return _exit_code(report, arguments)


def _prove(arguments: argparse.Namespace) -> int:
    from anchors.files import read_regular  # noqa: PLC0415 - heavy, and not for --help
    from anchors.prove import prove_file  # noqa: PLC0415 - the same
    from anchors.prove.text import render, verdict_line  # noqa: PLC0415 - the same

    policy = VerificationPolicy(at=_at(arguments.at), signer=arguments.signer)
    request = _request(arguments, policy)
    try:
        content = read_regular(arguments.file, _MAX_ANCHOR_FILE)
    except OSError as error:
        raise _usage(
            "the anchor file cannot be read", got=f"{arguments.file}: {error}", want="a file"
        ) from error
    lab_now = _at(None) if arguments.lab else None
    report, proof = prove_file(
        request, arguments.format, content, lab_now=lab_now, say=_say(arguments)
    )
    _require_uninterrupted()
    code = _exit_code(report, arguments)
    if proof is None or code != _VERIFIED:
        put(_text(report, arguments, colour=wants_colour(arguments.color, sys.stdout)))
        return code
    put((verdict_line(proof) if arguments.quiet else render(proof, report)) + "\n")
    return proof.exit_code


def _audit(arguments: argparse.Namespace) -> int:
    from anchors.auditing.run import audit  # noqa: PLC0415 - heavy, and not for --help
    from anchors.output import write_file  # noqa: PLC0415 - the same

    policy = VerificationPolicy(at=_at(arguments.at), signer=arguments.signer)
    request = _request(arguments, policy)
    with Progress(sys.stderr, quiet=arguments.quiet) as progress:
        found = audit(
            request,
            arguments.paths,
            fail_on=arguments.fail_on,
            say=_say(arguments),
            progress=progress.show,
        )
    _require_uninterrupted()
    if arguments.metrics is not None:
        from anchors.auditing.render.metrics import render as metrics  # noqa: PLC0415 - the same

        write_file(arguments.metrics, metrics(found).encode())
    to_file = arguments.report is not None
    if to_file:
        write_file(arguments.report, _audit_text(found, arguments, colour=False).encode())
        say(_audit_verdict(found, colour=wants_colour(arguments.color, sys.stderr)))
    else:
        put(_audit_text(found, arguments, colour=wants_colour(arguments.color, sys.stdout)))
    return found.exit_code(strict=arguments.strict)


def _audit_text(audit: Audit, arguments: argparse.Namespace, *, colour: bool) -> str:
    from anchors.auditing.render import renderer  # noqa: PLC0415 - heavy, and not for --help

    if arguments.report_format != "text":
        return renderer(arguments.report_format)(audit)
    if arguments.quiet:
        return _audit_verdict(audit, colour=colour)
    from anchors.auditing.render.text import render  # noqa: PLC0415 - the same

    return render(audit, colour=colour, verbose=arguments.verbose > 0)


def _audit_verdict(audit: Audit, *, colour: bool) -> str:
    from anchors.auditing.render.text import verdict_line  # noqa: PLC0415 - heavy, not for --help

    return verdict_line(audit, colour=colour) + "\n"


def _timeline(arguments: argparse.Namespace) -> int:
    from anchors.output import write_file  # noqa: PLC0415 - heavy, and not for --help
    from anchors.pipeline import verify  # noqa: PLC0415 - the same

    if "" in {arguments.svg, arguments.html}:
        raise _usage("an empty --svg or --html names nothing", got="''", want="a file, or -")
    policy = VerificationPolicy(
        at=_at(arguments.at),
        signer=arguments.signer,
        sha1_before=None if arguments.at is None else SHA1_RETIRED,
    )
    report = verify(_request(arguments, policy), _say(arguments))
    _require_uninterrupted()
    code = _exit_code(report, arguments)
    if code not in {_VERIFIED, _ATTENTION}:
        # Of what is not verified there is nothing to draw.
        put(_text(report, arguments, colour=wants_colour(arguments.color, sys.stdout)))
        return code
    text, file = _timeline_text(report, arguments)
    if file in {None, "-"}:
        put(text)
    else:
        write_file(Path(file), text.encode())
    if file is not None:
        say(_verdict(report, colour=wants_colour(arguments.color, sys.stderr)))
    return code


def _timeline_text(report: Report, arguments: argparse.Namespace) -> tuple[str, str | None]:
    """The timeline as it was asked for, and where it goes: ``None`` for a terminal."""
    if arguments.svg is not None:
        from anchors.timeline.svg import render as svg  # noqa: PLC0415 - only if asked

        return svg(report), arguments.svg
    if arguments.html is not None:
        from anchors.timeline.html import render as html  # noqa: PLC0415 - only if asked

        return html(report), arguments.html
    from anchors.timeline.text import render  # noqa: PLC0415 - only if asked

    colour = wants_colour(arguments.color, sys.stdout)
    if arguments.quiet:
        return _verdict(report, colour=colour), None
    return render(report, unicode=speaks_unicode(sys.stdout), colour=colour), None


def _exit_code(report: Report, arguments: argparse.Namespace) -> int:
    from anchors.report import Verdict  # noqa: PLC0415 - heavy, and not for --help

    if report.verdict is not Verdict.VERIFIED:
        return 1 if report.verdict is Verdict.NOT_TRUSTED else _UNDECIDED
    return _ATTENTION if arguments.strict and report.attention else _VERIFIED


def _say(arguments: argparse.Namespace) -> Callable[[str], None]:
    """Steps go to stderr with -v, and where somebody watches a terminal."""
    wanted = arguments.verbose > 0 or (watched(sys.stderr) and not arguments.quiet)
    return _tell if wanted else lambda _message: None


def _tell(message: str) -> None:
    say(f"root-anchors: {printable(message)}\n")


def _tell_traceback(verbose: int) -> None:
    if verbose > 1:
        import traceback  # noqa: PLC0415 - only with -vv

        say(traceback.format_exc())


def _tell_error(error: AnchorsError) -> None:
    _tell(f"error: {error.message}")
    for name, text in (("got", error.got), ("want", error.want), ("do", error.remedy)):
        if text:
            say(f"  {name + ':':<7}{printable(text)}\n")
    say(f"  check: {error.check.id} ({error.check.reference})\n")


def _text(report: Report, arguments: argparse.Namespace, *, colour: bool) -> str:
    from anchors.report.text import render  # noqa: PLC0415 - heavy, and not for --help

    if arguments.quiet:
        return _verdict(report, colour=colour)
    return render(report, colour=colour)


def _verdict(report: Report, *, colour: bool) -> str:
    from anchors.report.text import verdict_line  # noqa: PLC0415 - heavy, and not for --help

    return verdict_line(report, colour=colour) + "\n"


def _pinned(_arguments: argparse.Namespace) -> int:
    from anchors.publication.pinned import built_in_roots, fingerprint  # noqa: PLC0415 - heavy

    for root in built_in_roots().certificates:
        begin, end = root.not_valid_before_utc, root.not_valid_after_utc
        put(
            f"{printable(root.subject.rfc4514_string())}\n"
            f"  SHA-256  {fingerprint(root)}\n"
            f"  valid    {begin:%Y-%m-%d} to {end:%Y-%m-%d}\n"
        )
    return _VERIFIED


def _formats(arguments: argparse.Namespace) -> int:
    from anchors.formats import REGISTRY, find_formats  # noqa: PLC0415 - heavy, not for --help

    if arguments.name is not None:
        for row in find_formats([arguments.name]):
            put(_described(row))
        return _VERIFIED
    rows = [("name", "file", "form", "for")]
    for row in REGISTRY:
        name = f"{row.name} ({row.alias})" if row.alias else row.name
        consumer = f"{row.consumer} [unproven]" if row.unproven else row.consumer
        rows.append((name, row.file_name, row.form.value, consumer))
    widths = [max(len(cells[column]) for cells in rows) for column in range(3)]
    for cells in rows:
        line = "  ".join(f"{c:<{width}}" for c, width in zip(cells, [*widths, 0], strict=True))
        put(f"{line}\n")
    return _VERIFIED


def _described(row: Format) -> str:
    from anchors.pipeline import example  # noqa: PLC0415 - heavy, and not for --help

    unproven = f"unproven: the grammar was read in {row.unproven}\n" if row.unproven else ""
    return (
        f"{row.name}: {row.file_name} ({row.media_type}, {row.form.value})\n"
        f"for {row.consumer}\n{unproven}"
        f"\n{row.install}\n"
        f"\nexample, from the embedded snapshot:\n\n{row.render(example()).decode()}"
    )


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "build": _build,
    "verify": _verify,
    "audit": _audit,
    "prove": _prove,
    "timeline": _timeline,
    "pinned": _pinned,
    "formats": _formats,
}
