"""Standard output and standard error, whatever is behind them."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path

import pytest

from anchors.cli import terminal
from anchors.core.checks import Check
from anchors.core.errors import OutputFailed

Patch = pytest.MonkeyPatch


class Failing(io.StringIO):
    """A stream that takes nothing, over a descriptor that may be given up."""

    def __init__(self, error: Exception, descriptor: int) -> None:
        super().__init__()
        self.error, self.descriptor = error, descriptor

    def write(self, _text: str) -> int:
        raise self.error

    def fileno(self) -> int:
        return self.descriptor


def broken_pipe() -> BrokenPipeError:
    return BrokenPipeError(errno.EPIPE, "Broken pipe")


class TestSay:
    def test_to_standard_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        terminal.say("one\n")
        assert capsys.readouterr() == ("", "one\n")

    @pytest.mark.parametrize(
        "error", [broken_pipe(), OSError(errno.ENOSPC, "full"), ValueError("closed file")]
    )
    def test_nobody_listens(self, error: Exception, monkeypatch: Patch) -> None:
        monkeypatch.setattr(sys, "stderr", Failing(error, -1))
        terminal.say("one\n")

    def test_it_is_closed(self, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr(sys, "stderr", None)
        terminal.say("one\n")
        assert capsys.readouterr().out == ""


class TestPut:
    def test_text_and_bytes_in_their_order(self, monkeypatch: Patch) -> None:
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="utf-8"))
        terminal.put("\u00fc\n")
        terminal.put(b"\xff\n")
        terminal.put("b\n")
        assert raw.getvalue() == b"\xc3\xbc\n\xff\nb\n"

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
    def test_what_an_encoding_lacks_is_shown_escaped(
        self, encoding: str, monkeypatch: Patch
    ) -> None:
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
        terminal.put("\u6771\udcff\n")
        shown = "\u6771\\udcff\n" if encoding == "utf-8" else "\\u6771\\udcff\n"
        assert raw.getvalue() == shown.encode(encoding)

    @pytest.mark.parametrize(
        "error",
        [
            OSError(errno.ENOSPC, "No space left on device"),
            OSError(errno.EIO, "Input/output error"),
            ValueError("I/O operation on closed file"),
        ],
    )
    def test_it_cannot_be_written(
        self, error: Exception, tmp_path: Path, monkeypatch: Patch
    ) -> None:
        with (tmp_path / "stream").open("wb") as stream:
            monkeypatch.setattr(sys, "stdout", Failing(error, stream.fileno()))
            with pytest.raises(OutputFailed) as failure:
                terminal.put("one")
            # What is still buffered goes nowhere, and fails no more.
            assert os.fstat(stream.fileno()).st_rdev == Path(os.devnull).stat().st_rdev
        assert failure.value.check is Check.OUTPUT_WRITE
        assert str(error) in (failure.value.got or "")

    def test_the_reader_is_gone(self, tmp_path: Path, monkeypatch: Patch) -> None:
        with (tmp_path / "stream").open("wb") as stream:
            monkeypatch.setattr(sys, "stdout", Failing(broken_pipe(), stream.fileno()))
            with pytest.raises(BrokenPipeError):
                terminal.put("one")

    @pytest.mark.parametrize("content", ["one", b"one"])
    def test_it_is_closed(self, content: str | bytes, monkeypatch: Patch) -> None:
        monkeypatch.setattr(sys, "stdout", None)
        with pytest.raises(OutputFailed, match="standard output"):
            terminal.put(content)

    def test_a_stream_without_a_descriptor(self, monkeypatch: Patch) -> None:
        monkeypatch.setattr(sys, "stdout", Failing(broken_pipe(), -1))
        with pytest.raises(BrokenPipeError):
            terminal.put("one")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_who_watches() -> None:
    closed = io.StringIO()
    closed.close()
    assert terminal.watched(Terminal())
    assert not any(map(terminal.watched, (io.StringIO(), closed, None)))


@pytest.mark.parametrize(
    ("choice", "environment", "on_terminal", "elsewhere"),
    [
        ("auto", {}, True, False),
        ("auto", {"NO_COLOR": ""}, True, False),
        ("auto", {"NO_COLOR": "1"}, False, False),
        ("auto", {"NO_COLOR": "0"}, False, False),
        ("auto", {"TERM": "dumb"}, False, False),
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, True, True),
        ("never", {}, False, False),
    ],
)
def test_who_gets_colours(
    choice: str,
    environment: dict[str, str],
    on_terminal: bool,
    elsewhere: bool,
    monkeypatch: Patch,
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert terminal.wants_colour(choice, Terminal()) == on_terminal
    assert terminal.wants_colour(choice, io.StringIO()) == elsewhere
    assert not terminal.wants_colour(choice, None)


class TestProgress:
    def test_elsewhere_than_on_a_terminal_there_is_a_line_each_minute(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: Patch
    ) -> None:
        now = 0.0
        monkeypatch.setattr("anchors.cli.terminal.time.monotonic", lambda: now)
        with terminal.Progress(io.StringIO(), quiet=False) as progress:
            for second in range(130):
                now = float(second)
                progress.show(second, second * 1_000_000)
        lines = [f"root-anchors: {n} files, {n} MB so far\n" for n in (60, 120)]
        assert capsys.readouterr().err == "".join(lines)

    def test_quiet_is_quiet(self, capsys: pytest.CaptureFixture[str], monkeypatch: Patch) -> None:
        with terminal.Progress(io.StringIO(), quiet=True) as progress:
            monkeypatch.setattr("anchors.cli.terminal.time.monotonic", lambda: 1e9)
            progress.show(1, 1)
        assert capsys.readouterr().err == ""
