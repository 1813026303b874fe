"""Arguments in, exit code out; what goes to which stream, and nothing ever raised."""

from __future__ import annotations

import errno
import hashlib
import importlib
import io
import json
import os
import pkgutil
import signal
import stat
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from anchors import __version__
from anchors.cli import commands, interrupts
from anchors.cli import main as cli
from anchors.cli.commands import build as build_command
from anchors.cli.commands import merge as merge_command
from anchors.cli.commands import verify as verify_command
from anchors.cli.main import main, run
from anchors.cli.parser import make_parser
from anchors.consumers.format import Format
from anchors.consumers.registry import REGISTRY
from anchors.core.checks import Check
from anchors.core.errors import NotTrusted, OutputFailed, RootZoneSilent, UsageError
from anchors.core.root_facts import ROOT_CAS
from anchors.pipeline import verify as pipeline
from anchors.pipeline.report import Report
from anchors.pipeline.request import Request
from tests.frozen import COMMAND
from tests.simulator.document import Document
from tests.simulator.publication import publish
from tests.unit.stages import FIXTURES

OFFLINE = ("--offline", "--at", "2026-10-11T00:00:00Z")
VERIFY, BUILD = ("verify", *OFFLINE), ("build", *OFFLINE)
ROOT_DS_SHA256 = "2c212250f1ec271109464e0db2f674f2b6b497da6a177d4d1b264fccb0f6d111"
ICANN_CA = FIXTURES.parent / "anchors/publication/data/icann-root-cas.pem"

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: Patch) -> None:
    """In a directory of its own, with no wishes about colour."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        return True


class Broken(io.StringIO):
    """A stream whose reader is gone."""

    def __init__(self, descriptor: int | None = None) -> None:
        super().__init__()
        self.descriptor = descriptor

    def write(self, _text: str) -> int:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    def fileno(self) -> int:
        if self.descriptor is None:
            return super().fileno()
        return self.descriptor


def wanted(monkeypatch: Patch, *arguments: str) -> tuple[int, list[Request]]:
    """The exit code, and the requests that reached the pipeline, which does nothing here."""
    requests: list[Request] = []

    def verify(request: Request, _say: object) -> Report:
        requests.append(request)
        raise OutputFailed(Check.OUTPUT_WRITE, "far enough", remedy="none")

    monkeypatch.setattr(verify_command, "verify", verify)
    return main(["verify", *arguments]), requests


class TestUsage:
    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["nonsense"],
            ["--nonsense"],
            ["build"],
            ["build", "--offline"],
            ["build", "--offline", "-o"],
            ["build", "--offline", "-o", ""],
            ["build", "--offline", "-o", "."],
            ["build", "--offline", "-o", "-"],
            ["build", "--offline", "-o", "-", "--format", "ds", "--format", "bind"],
            ["build", "--offline", "-o", "out", "--format", "nonsense"],
            ["build", "--offline", "-o", "out", "--format", ""],
            ["build", "--offline", "-o", "out", "--check", "out"],
            ["build", "--offline", "-o", "-", "--format", "ds", "--report", "-"],
            ["explain", "signer.ends-son"],
            *(
                ["build", "--offline", *where, option]
                for where in (["-o", "-", "--format", "ds"], ["--check", "out"])
                for option in ("--bare", "--allow-rollback")
            ),
            ["build", "--off", "-o", "out"],
            ["verify", "--off"],
            ["pinned", "--hel"],
            ["verify", "--offline", "--report", ""],
            ["prove", "--offline", "ds", ""],
            ["verify", "--source", "embedded", "--server", "127.0.0.1#5_3"],
            ["verify", "--source", "embedded", "--server", "127.0.0.1#\u0665\u0663"],
            ["verify", "--source", "embedded", "--server", "127.0.0.1# 53"],
            ["verify", "--source", "embedded", "--server", "127.0.0.1#000053"],
            ["verify", "surplus"],
            ["verify", "--offline", "--source", "embedded"],
            ["verify", "--offline", "--dns", "recorded"],
            ["verify", "--offline", "--source", ""],
            ["verify", "--offline", "--format", "ds"],
            ["verify", "--offline", "--bare"],
            ["verify", "--offline", "--color", "sometimes"],
            ["verify", "--offline", "--report-format", "xml"],
            ["verify", "--offline", "--server", "192.0.2.1"],
            ["verify", "--source", "embedded", "--dns", "none", "--server", "192.0.2.1"],
            ["verify", "--source", "embedded", "--dns", "x", "--server", "192.0.2.1"],
            ["verify", "--source", "embedded", "--server", "a.root-servers.net"],
            ["verify", "--source", "embedded", "--server", ""],
            ["verify", "--source", "embedded", *["--server", "192.0.2.1"] * 101],
            ["verify", "--source", "https://["],
            ["verify", "--source", "embedded", "--server", "192.0.2.1#"],
            ["verify", "--source", "embedded", "--server", "192.0.2.1#0"],
            ["verify", "--source", "embedded", "--server", "192.0.2.1#65536"],
            ["verify", "--source", "embedded", "--server", "192.0.2.1:53"],
            ["verify", "--source", "embedded", "--dns", "absent"],
            ["verify", "--source", "embedded", "--dns", "/"],
            ["verify", "--offline", "--ca", "absent"],
            ["verify", "--offline", "--ca", ""],
            ["verify", "--offline", "--ca", "/dev/null"],
            ["verify", "--source", "ftp://localhost/"],
            *(["verify", "--offline", "--timeout", t] for t in ("nan", "inf", "-inf", "0", "-1")),
            *(["verify", "--offline", "--timeout", t] for t in ("3600.1", "1e400", "x", "")),
            *(["verify", "--offline", "--at", t] for t in ("", "now", "2026-10-32", "1791676800")),
            *(
                ["verify", "--offline", "--at", t]
                for t in ("2026-10-11T00:00:00", "@", "@x", "@1e9")
            ),
            *(
                ["verify", "--offline", "--at", t]
                for t in ("@1.5", "@99999999999999", "@" + "9" * 5000)
            ),
            ["pinned", "surplus"],
            ["formats", "nonsense"],
            ["formats", "ds", "surplus"],
        ],
        ids=lambda arguments: " ".join(arguments)[:60] or "nothing",
    )
    def test_a_request_that_makes_no_sense(
        self, arguments: list[str], capsys: Capture, tmp_path: Path
    ) -> None:
        assert main(arguments) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err
        assert "Traceback" not in captured.err
        assert "internal error" not in captured.err
        assert [*tmp_path.iterdir()] == []

    @pytest.mark.parametrize("empty", [("--source", ""), ("--source", "embedded", "--dns", "")])
    def test_an_empty_name_is_neither_iana_nor_the_root_servers(
        self, empty: tuple[str, ...], monkeypatch: Patch
    ) -> None:
        monkeypatch.setattr(pipeline, "open_source", lambda _source: pytest.fail("was opened"))
        assert main(["verify", *empty]) == 2

    def test_an_error_says_all_it_knows(self, capsys: Capture) -> None:
        assert main(["verify", "--offline", "--at", "yesterday"]) == 2
        lines = capsys.readouterr().err.splitlines()
        assert lines[0].startswith("root-anchors: error: the time given with --at")
        assert [line[:8] for line in lines[1:]] == ["  got:  ", "  want: ", "  do:   ", "  check:"]
        assert lines[-1].endswith("usage (root-anchors --help)")

    def test_what_was_typed_is_shown_harmless(self, capsys: Capture) -> None:
        assert main(["verify", "--offline", "--at", "\x1b[2J\u202e"]) == 2
        assert "\\x1b[2J\\u202e" in capsys.readouterr().err

    @pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"], ["verify", "-h"]])
    def test_help(self, arguments: list[str], capsys: Capture, monkeypatch: Patch) -> None:
        monkeypatch.setenv("COLUMNS", "80")
        assert main(arguments) == 0
        captured = capsys.readouterr()
        for words in ("0 verified", "1 not trusted", "2 usage", "3 undecided", "130 interrupted"):
            assert words in captured.out
        assert captured.err == ""
        assert max(len(line) for line in captured.out.splitlines()) <= 100

    def test_version(self, capsys: Capture) -> None:
        assert main(["--version"]) == 0
        assert capsys.readouterr().out == f"root-anchors {__version__}\n"

    def test_every_option_is_explained(self) -> None:
        parser = make_parser()
        (commands,) = [a for a in parser._actions if a.choices and a.dest == "==SUPPRESS=="]
        assert isinstance(commands.choices, dict)
        assert set(commands.choices) >= {"build", "verify", "pinned", "formats"}
        for command in commands.choices.values():
            assert [a.option_strings for a in command._actions if not a.help] == []


class TestRequest:
    def test_the_defaults(self, monkeypatch: Patch) -> None:
        code, (request,) = wanted(monkeypatch)
        assert code == 3
        assert (request.source, request.dns, request.servers) == ("live", "live", ())
        assert (request.ca_file, request.at_given, request.timeout) == (None, False, 30.0)
        assert request.policy.at.utcoffset() is not None
        assert request.policy.at.microsecond == 0

    def test_offline(self, monkeypatch: Patch) -> None:
        _, (request,) = wanted(monkeypatch, "--offline")
        assert (request.source, request.dns) == ("embedded", "recorded")

    def test_everything(self, monkeypatch: Patch) -> None:
        _, (request,) = wanted(
            monkeypatch,
            *("--source", "dir", "--server", "192.0.2.1", "--server", "2001:DB8::1#5353"),
            *("--ca", "ca.pem", "--signer", "me@example.com", "--timeout", "0.5"),
            *("--at", "2026-10-11T02:00:00+02:00"),
        )
        assert (request.source, request.dns, request.timeout) == ("dir", "live", 0.5)
        assert [server[:2] for server in request.servers] == [
            ("192.0.2.1", 53),
            ("2001:db8::1", 5353),
        ]
        assert (request.ca_file, request.at_given) == (Path("ca.pem"), True)
        assert request.policy.signer == "me@example.com"
        assert request.policy.at == datetime(2026, 10, 11, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("text", "at"),
        [
            ("@0", datetime(1970, 1, 1, tzinfo=UTC)),
            ("@-1", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
            ("@1791676800", datetime(2026, 10, 11, tzinfo=UTC)),
            ("2026-10-11T00:00:00Z", datetime(2026, 10, 11, tzinfo=UTC)),
            ("2026-10-11", datetime(2026, 10, 11, tzinfo=UTC)),
        ],
    )
    def test_times(self, text: str, at: datetime, monkeypatch: Patch) -> None:
        _, (request,) = wanted(monkeypatch, "--offline", "--at", text)
        assert (request.policy.at, request.at_given) == (at, True)

    @pytest.mark.parametrize(("text", "seconds"), [("3600", 3600.0), ("0.001", 0.001)])
    def test_the_limits_of_the_timeout(self, text: str, seconds: float, monkeypatch: Patch) -> None:
        _, (request,) = wanted(monkeypatch, "--timeout", text)
        assert request.timeout == seconds

    def test_sha_1_is_history_that_only_the_user_can_ask_for(self, monkeypatch: Patch) -> None:
        _, (now,) = wanted(monkeypatch, "--offline")
        _, (then,) = wanted(monkeypatch, "--offline", "--at", "2020-01-01T00:00:00Z")
        assert now.policy.sha1_before is None
        assert then.policy.sha1_before == datetime(2024, 11, 5, tzinfo=UTC)


class TestExitCodes:
    def test_verified(self, capsys: Capture) -> None:
        assert main([*VERIFY]) == 0
        captured = capsys.readouterr()
        assert captured.out.startswith("VERIFIED: KSK-2017 (20326), KSK-2024 (38696)")
        assert captured.err == ""

    def test_not_trusted(self, tmp_path: Path, capsys: Capture) -> None:
        source = publish(document=Document(zone="com.")).write(tmp_path / "source")
        arguments = ["--source", str(source), "--ca", str(source / "ca.pem"), "--dns", "none"]
        assert main(["verify", *arguments, "--at", "2026-10-11T00:00:00Z"]) == 1
        assert capsys.readouterr().out.startswith("NOT TRUSTED: ")

    def test_undecided(self, capsys: Capture) -> None:
        assert main(["verify", "--source", "absent", "--dns", "none"]) == 3
        assert capsys.readouterr().out.startswith("UNDECIDED: ")

    @pytest.mark.parametrize(("strict", "code"), [((), 0), (("--strict",), 4)])
    def test_attention(self, strict: tuple[str, ...], code: int, capsys: Capture) -> None:
        at = ("--at", "2029-03-01T00:00:00Z")
        assert main(["verify", "--offline", *at, *strict]) == code
        assert ", needs attention" in " ".join(capsys.readouterr().out.split())
        assert main(["build", "--offline", *at, *strict, "-o", "out"]) == code
        assert Path("out").exists() == (code == 0)

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (UsageError(Check.USAGE, "no", remedy="yes"), 2),
            (RootZoneSilent(Check.ROOTZONE_ANSWERS, "no", remedy="yes"), 3),
            (KeyboardInterrupt(), 130),
            (RuntimeError("boom"), 3),
            (RecursionError("boom"), 3),
            (MemoryError("boom"), 3),
            (AssertionError(), 3),
            (UnicodeEncodeError("ascii", "x", 0, 1, "boom"), 3),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_whatever_is_raised(
        self, error: BaseException, code: int, capsys: Capture, monkeypatch: Patch
    ) -> None:
        def verify(*_arguments: object) -> Report:
            raise error

        monkeypatch.setattr(verify_command, "verify", verify)
        for verbosity in ((), ("-v",), ("-q",)):
            assert main([*VERIFY, *verbosity]) == code
            captured = capsys.readouterr()
            assert captured.out == ""
            assert captured.err.startswith("root-anchors: ")
            assert "Traceback" not in captured.err
        assert main([*VERIFY, "-vv"]) == code
        assert ("Traceback" in capsys.readouterr().err) == (code != 130)

    def test_an_internal_error_is_told_as_one(self, capsys: Capture, monkeypatch: Patch) -> None:
        def verify(*_arguments: object) -> Report:
            message = "boom\x1b[2J"
            raise RuntimeError(message)

        monkeypatch.setattr(verify_command, "verify", verify)
        assert main([*VERIFY]) == 3
        first, second = capsys.readouterr().err.splitlines()
        assert first == "root-anchors: internal error: RuntimeError: boom\\x1b[2J"
        assert "-vv" in second

    def test_an_interrupt_says_that_nothing_changed(
        self, capsys: Capture, monkeypatch: Patch
    ) -> None:
        def build(*_arguments: object) -> Report:
            raise KeyboardInterrupt

        monkeypatch.setattr(build_command, "build", build)
        assert main([*BUILD, "-o", "out"]) == 130
        assert capsys.readouterr().err.startswith("root-anchors: interrupted; ")

    def test_an_interrupted_merge_tells_of_reports(
        self, capsys: Capture, monkeypatch: Patch
    ) -> None:
        def merge(*_arguments: object) -> object:
            raise KeyboardInterrupt

        monkeypatch.setattr(merge_command, "merge", merge)
        assert main(["merge", "a.json"]) == 130
        told = capsys.readouterr().err
        assert told.startswith("root-anchors: interrupted; the reports of the hosts are unchanged")
        assert "directory" not in told


class TestBuild:
    def test_a_directory(self, capsys: Capture) -> None:
        assert main([*BUILD, "-o", "out"]) == 0
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("VERIFIED: ")
        assert "root.ds" in captured.err
        digest = hashlib.sha256(Path("out/root.ds").read_bytes()).hexdigest()
        assert digest == ROOT_DS_SHA256

    def test_standard_output_has_the_file_and_nothing_else(
        self, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        assert main([*BUILD, "-o", "-", "--format", "ds", "-v"]) == 0
        captured = capfdbinary.readouterr()
        assert hashlib.sha256(captured.out).hexdigest() == ROOT_DS_SHA256
        assert captured.err.startswith(b"root-anchors: 1. fetch the publication\n")
        assert [*Path().iterdir()] == []

    def test_what_was_built_is_a_source(self, capsys: Capture) -> None:
        assert main([*BUILD, "-o", "out"]) == 0
        replay = ["--source", "out", "--dns", "recorded", *OFFLINE[1:]]
        assert main(["verify", *replay]) == 0
        assert main(["build", *replay, "-o", "again"]) == 0
        assert Path("again/manifest.json").read_bytes() == Path("out/manifest.json").read_bytes()
        assert "recorded, as of 2026-10-04T00:00:00Z" in capsys.readouterr().out

    def test_a_choice_of_formats(self) -> None:
        assert main([*BUILD, "-o", "out", "--bare", "--format", "ds", "--format", "bind"]) == 0
        assert {path.name for path in Path("out").iterdir()} == {"root.ds", "bind.keys"}

    def test_check_compares_and_writes_nothing(self, capsys: Capture) -> None:
        assert main([*BUILD, "-o", "out"]) == 0
        assert main([*BUILD, "--check", "out"]) == 0
        assert capsys.readouterr().out == ""
        Path("out/root.ds").write_text(". IN DS 1 8 2 \x1b[2J\n", encoding="ascii")
        before = Path("out/root.ds").stat().st_mtime_ns
        assert main([*BUILD, "--check", "out"]) == 1
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert "-. IN DS 1 8 2 \\x1b[2J" in out
        assert "+. IN DS 20326 8 2 " in out
        assert Path("out/root.ds").stat().st_mtime_ns == before

    def test_check_of_what_cannot_be_told(self, capsys: Capture) -> None:
        source = ["--source", "absent", "--dns", "none"]
        assert main(["build", *source, "--check", "out"]) == 3
        assert capsys.readouterr().out == ""
        assert not Path("out").exists()

    def test_check_of_nothing_is_all_different(self, capsys: Capture) -> None:
        Path("out").mkdir()
        assert main([*BUILD, "--check", "out", "--format", "ds"]) == 1
        captured = capsys.readouterr()
        assert captured.out.count("\n+. IN DS") == 2
        assert captured.err.startswith(
            "STALE: out differs from what would be written: root.ds\n\nVERIF"
        )
        assert [*Path("out").iterdir()] == []

    def test_check_of_a_directory_that_is_not_there_cannot_be_told(self, capsys: Capture) -> None:
        assert main([*BUILD, "--check", "out", "--format", "ds"]) == 3
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "the directory to compare does not exist" in captured.err
        assert "root-anchors build -o out" in captured.err
        assert not Path("out").exists()

    def test_check_says_its_result_first(self, capsys: Capture) -> None:
        assert main([*BUILD, "-o", "out", "--format", "debian", "-q"]) == 0
        capsys.readouterr()
        names = "root.ds, root.key, root-anchors.xml, root-anchors.p7s"
        for options in ((), ("-q",)):
            assert main([*BUILD, "--check", "out", "--format", "debian", *options]) == 0
            captured = capsys.readouterr()
            assert captured.out == ""
            assert captured.err.startswith(
                f"SAME: out contains {names}, exactly as they would be written\n"
            )
            assert (len(captured.err.splitlines()) > 1) is (not options)
        assert main([*BUILD, "-o", "all", "-q"]) == 0
        capsys.readouterr()
        assert main([*BUILD, "--check", "all", "-q"]) == 0
        assert f"contains {len(REGISTRY) + 1} files, exactly as" in capsys.readouterr().err

    def test_check_compares_the_signature_of_a_source(self, capsys: Capture) -> None:
        """Renewed or expired, it is another over the same document."""
        assert main([*BUILD, "-o", "out", "--format", "ds", "-q"]) == 0
        signature = Path("out/root-anchors.p7s")
        signature.write_bytes(signature.read_bytes() + b"\0")
        capsys.readouterr()
        assert main([*BUILD, "--check", "out", "--format", "ds", "-q"]) == 1
        captured = capsys.readouterr()
        assert captured.err == "STALE: out differs from what would be written: root-anchors.p7s\n"
        assert captured.out == "out/root-anchors.p7s differs, and is not a text file\n"
        # A bare directory has none, and needs none.
        signature.unlink()
        assert main([*BUILD, "--check", "out", "--format", "ds", "-q"]) == 0

    def test_check_of_what_needs_attention(self, capsys: Capture) -> None:
        late = ["build", "--offline", "--at", "2027-02-01", "--format", "ds"]
        assert main([*late, "-o", "out", "-q"]) == 0
        for strict, code in (((), 0), (("--strict",), 4)):
            capsys.readouterr()
            assert main([*late, *strict, "--check", "out"]) == code
            said = capsys.readouterr().err
            assert said.splitlines()[0].endswith(
                ", exactly as they would be written, needs attention"
            )
            assert "rootzone.recording-old" in said
        Path("out/root.ds").write_bytes(b"")
        assert main([*late, "--strict", "--check", "out"]) == 1

    def test_a_set_without_answers_that_replaces_one_with_some_says_so(
        self, capsys: Capture
    ) -> None:
        bare = ["build", "--source", "embedded", "--dns", "none", *OFFLINE[1:], "--format", "ds"]
        words = (
            "the new directory would have no recorded DNS answers, but the directory that it "
            "replaces has some"
        )
        for renewed in (False, True, False):
            if renewed:
                assert main([*BUILD, "-o", "out", "--format", "ds"]) == 0
            capsys.readouterr()
            assert main([*bare, "-o", "out"]) == 0
            assert (words in " ".join(capsys.readouterr().err.split())) is renewed


class TestReport:
    def test_json_on_standard_output(self, capsys: Capture) -> None:
        assert main([*VERIFY, "--report-format", "json", "-q"]) == 0
        captured = capsys.readouterr()
        assert json.loads(captured.out)["verdict"] == "verified"
        assert captured.err == ""

    @pytest.mark.parametrize("form", ["text", "json"])
    def test_a_file(self, form: str, capsys: Capture) -> None:
        mask = os.umask(0o027)
        try:
            assert main([*VERIFY, "--report-format", form, "--report", "report"]) == 0
        finally:
            os.umask(mask)
        captured = capsys.readouterr()
        assert captured.out == ""
        assert len(captured.err.splitlines()) == 1
        assert (
            Path("report")
            .read_text(encoding="utf-8")
            .startswith("VERIFIED" if form == "text" else "{")
        )
        assert stat.S_IMODE(Path("report").stat().st_mode) == 0o640
        assert [path.name for path in Path().iterdir()] == ["report"]

    def test_a_file_never_has_colours(self, monkeypatch: Patch) -> None:
        monkeypatch.setattr(sys, "stderr", Terminal())
        assert main([*VERIFY, "--report", "report", "--color", "always"]) == 0
        assert "\x1b" not in Path("report").read_text(encoding="utf-8")

    def test_a_file_is_replaced_whole_or_not_at_all(
        self, capsys: Capture, monkeypatch: Patch
    ) -> None:
        Path("report").write_text("yesterday", encoding="ascii")

        def refuse(_one: str, _other: str, **_folders: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "replace", refuse)
        assert main([*VERIFY, "--report", "report"]) == 3
        assert Path("report").read_text(encoding="ascii") == "yesterday"
        assert [path.name for path in Path().iterdir()] == ["report"]
        assert Check.OUTPUT_WRITE.id in capsys.readouterr().err

    @pytest.mark.parametrize("name", [".", "absent/report", "folder"])
    def test_a_place_that_is_none(self, name: str, capsys: Capture) -> None:
        Path("folder").mkdir()
        assert main([*VERIFY, "--report", name]) == 3
        assert [path.name for path in Path().iterdir()] == ["folder"]
        assert Check.OUTPUT_WRITE.id in capsys.readouterr().err

    @pytest.mark.parametrize(
        "command",
        [
            [*VERIFY, "--report"],
            [*VERIFY, "--metrics"],
            ["timeline", *OFFLINE, "--svg"],
            ["timeline", *OFFLINE, "--html"],
            ["audit", *OFFLINE, "private", "--report"],
            ["audit", *OFFLINE, "private", "--metrics"],
        ],
        ids=lambda command: f"{command[0]} {command[-1]}",
    )
    def test_nothing_is_written_through_a_link(self, command: list[str], capsys: Capture) -> None:
        Path("private").write_text("private", encoding="ascii")
        Path("report").symlink_to("private")
        assert main([*command, "report"]) == 3
        assert Check.OUTPUT_WRITE.id in capsys.readouterr().err
        assert Path("private").read_text(encoding="ascii") == "private"

    def test_a_hyphen_is_standard_output(self, capsys: Capture) -> None:
        assert main([*VERIFY, "--report-format", "json", "--report", "-"]) == 0
        assert json.loads(capsys.readouterr().out)["verdict"] == "verified"
        assert main([*VERIFY, "--report", "report", "--metrics", "-"]) == 0
        assert capsys.readouterr().out.startswith("# ")
        assert main([*VERIFY, "--metrics", "metrics", "--report", "-"]) == 0
        assert capsys.readouterr().out.startswith("VERIFIED")
        assert sorted(path.name for path in Path().iterdir()) == ["metrics", "report"]

    @pytest.mark.parametrize("command", [VERIFY, ["audit", *OFFLINE, "."]])
    @pytest.mark.parametrize("report", [[], ["--report", "-"]], ids=["no file", "a hyphen"])
    def test_two_documents_on_standard_output_make_no_sense(
        self, command: list[str], report: list[str], capsys: Capture
    ) -> None:
        assert main([*command, "--metrics", "-", *report]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "only one document can be written to standard output" in captured.err


class TestStreams:
    """Colours, steps, and streams that are broken, closed, or cannot say everything."""

    def test_colours_are_for_terminals(self, capsys: Capture, monkeypatch: Patch) -> None:
        assert main([*VERIFY]) == 0
        assert "\x1b" not in capsys.readouterr().out
        terminal = Terminal()
        monkeypatch.setattr(sys, "stdout", terminal)
        assert main([*VERIFY]) == 0
        assert terminal.getvalue().startswith("\x1b[32mVERIFIED\x1b[0m: ")

    @pytest.mark.parametrize(
        ("options", "environment", "coloured"),
        [
            ((), {}, True),
            ((), {"NO_COLOR": "1"}, False),
            ((), {"NO_COLOR": ""}, True),
            ((), {"TERM": "dumb"}, False),
            ((), {"TERM": "xterm"}, True),
            (("--color", "never"), {}, False),
            (("--color", "always"), {"NO_COLOR": "1", "TERM": "dumb"}, True),
            (("-q",), {}, True),
            (("-q", "--color", "never"), {}, False),
        ],
    )
    def test_colours_on_a_terminal(
        self,
        options: tuple[str, ...],
        environment: dict[str, str],
        coloured: bool,
        monkeypatch: Patch,
    ) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        out, err = Terminal(), Terminal()
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", err)
        assert main([*VERIFY, *options]) == 0
        assert main([*BUILD, "-o", "out", *options]) == 0
        for terminal in (out, err):
            assert ("\x1b[32m" in terminal.getvalue()) == coloured

    def test_colours_without_a_terminal_where_asked_for(self, capsys: Capture) -> None:
        assert main([*VERIFY, "--color", "always"]) == 0
        assert capsys.readouterr().out.startswith("\x1b[32m")

    @pytest.mark.parametrize(
        ("stream", "options", "told"),
        [
            (io.StringIO, (), False),
            (io.StringIO, ("-v",), True),
            (Terminal, (), True),
            (Terminal, ("-q",), False),
            (Terminal, ("-q", "-v"), True),
        ],
    )
    def test_steps_are_told_to_who_watches(
        self,
        stream: Callable[[], io.StringIO],
        options: tuple[str, ...],
        told: bool,
        monkeypatch: Patch,
        capsys: Capture,
    ) -> None:
        errors = stream()
        monkeypatch.setattr(sys, "stderr", errors)
        assert main([*VERIFY, *options]) == 0
        assert ("root-anchors: 1. fetch the publication\n" in errors.getvalue()) == told
        assert "1. fetch" not in capsys.readouterr().out

    @pytest.mark.parametrize("command", [VERIFY, (*VERIFY, "--report-format", "json"), ("pinned",)])
    def test_the_reader_of_standard_output_is_gone(
        self, command: tuple[str, ...], tmp_path: Path, monkeypatch: Patch, capsys: Capture
    ) -> None:
        with (tmp_path / "stream").open("wb") as stream:
            monkeypatch.setattr(sys, "stdout", Broken(stream.fileno()))
            assert main([*command]) == 3
        assert capsys.readouterr().err == ""

    def test_main_never_raises_even_where_nobody_listens(self, monkeypatch: Patch) -> None:
        monkeypatch.setattr(sys, "stderr", Broken())
        assert main(["verify", "--offline", "--at", "yesterday"]) == 2
        monkeypatch.setattr(sys, "stdout", Broken())
        assert main([*VERIFY]) == 3

    def test_what_was_written_counts_where_nobody_reads_the_report(
        self, monkeypatch: Patch
    ) -> None:
        monkeypatch.setattr(sys, "stderr", Broken())
        code = main([*BUILD, "-o", "out"])
        # Anchor files are written on 0 only.
        assert (code == 0) == Path("out").exists()

    def test_standard_output_is_closed(self, monkeypatch: Patch, capsys: Capture) -> None:
        monkeypatch.setattr(sys, "stdout", None)
        assert main([*BUILD, "-o", "out"]) == 0
        assert capsys.readouterr().err.startswith("VERIFIED: ")

    def test_standard_error_is_closed(
        self, monkeypatch: Patch, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        monkeypatch.setattr(sys, "stderr", None)
        assert main([*BUILD, "-o", "-", "--format", "ds"]) == 0
        assert hashlib.sha256(capfdbinary.readouterr().out).hexdigest() == ROOT_DS_SHA256

    def test_an_error_is_not_told_on_standard_output(
        self, monkeypatch: Patch, capsys: Capture
    ) -> None:
        monkeypatch.setattr(sys, "stderr", None)
        assert main(["verify", "--offline", "--at", "yesterday"]) == 2
        assert capsys.readouterr().out == ""

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
    @pytest.mark.parametrize("name", ["ca-\u00fc\u6771.pem", "ca-\udcff.pem"])
    def test_a_stream_that_cannot_say_everything(
        self, encoding: str, name: str, monkeypatch: Patch, capsys: Capture
    ) -> None:
        Path(name).write_bytes(ICANN_CA.read_bytes())
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", stream)
        assert main([*VERIFY, "--ca", name]) == 0
        assert capsys.readouterr().err == ""
        assert isinstance(stream.buffer, io.BytesIO)
        assert stream.buffer.getvalue().startswith(b"VERIFIED")

    def test_a_full_disk_behind_standard_output(self) -> None:
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [*COMMAND, *VERIFY],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
                timeout=60,
                env={**os.environ, "PYTHONPATH": str(FIXTURES.parent)},
            )
        assert done.returncode == 3
        assert "No space left on device" in done.stderr
        # Nobody should report that as a bug of ours.
        assert "internal error" not in done.stderr


class TestLists:
    def test_pinned(self, capsys: Capture) -> None:
        assert main(["pinned"]) == 0
        out = capsys.readouterr().out
        for ca in ROOT_CAS:
            assert f"  SHA-256  {ca.sha256}\n" in out
        assert "CN=ICANN Root CA v2" in out
        assert "2045-03-20" in out
        assert "2029-12-18" in out

    def test_formats(self, capsys: Capture) -> None:
        assert main(["formats"]) == 0
        head, *lines = capsys.readouterr().out.splitlines()
        assert head.split() == ["name", "file", "form", "for"]
        assert [line.split()[0] for line in lines] == [row.name for row in REGISTRY]
        for line, row in zip(lines, REGISTRY, strict=True):
            assert row.file_name in line
            assert row.consumer in line

    @pytest.mark.parametrize("row", REGISTRY, ids=lambda row: row.name)
    def test_one_format_with_an_example(self, row: Format, capsys: Capture) -> None:
        assert main(["formats", row.name]) == 0
        out = capsys.readouterr().out
        assert out.startswith(f"{row.name}: {row.file_name} ")
        assert row.install in out
        _, _, shown = out.partition("example, from the embedded snapshot:\n\n")
        example = row.read.load()(shown.encode())
        assert example == row.read.load()(row.write(pipeline.example().emission))
        assert example.anchors


class TestRun:
    def test_the_exit_code_is_mains(self, monkeypatch: Patch) -> None:
        monkeypatch.setattr(signal, "signal", lambda *_arguments: None)
        monkeypatch.setattr(sys, "argv", ["root-anchors", "nonsense"])
        with pytest.raises(SystemExit) as stop:
            run()
        assert stop.value.code == 2

    @pytest.fixture(autouse=True)
    def _signals(self, monkeypatch: Patch) -> Iterator[None]:
        """As they were before, and nothing remembered."""
        monkeypatch.setattr(interrupts, "_heard", [])
        monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.getsignal(number) for number in numbers}
        yield
        for number, handler in before.items():
            signal.signal(number, handler)

    @pytest.mark.parametrize("ctrl_c", [signal.default_int_handler, signal.SIG_IGN])
    def test_sigterm_is_an_interrupt(self, ctrl_c: Any, monkeypatch: Patch) -> None:  # noqa: ANN401 - a handler
        signal.signal(signal.SIGINT, ctrl_c)

        def terminated() -> int:
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)
            return 130

        monkeypatch.setattr(cli, "main", terminated)
        with pytest.raises(SystemExit) as stop:
            run()
        assert stop.value.code == 130

    def test_a_coroutine_that_an_interrupt_left_is_not_told_of(self) -> None:
        async def never() -> None:
            """Made, and interrupted before it is awaited."""

        interrupts.listen()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            left = never()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)
            del left
        assert told == []

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_what_was_decided_stays_so(self, number: signal.Signals, monkeypatch: Patch) -> None:
        monkeypatch.setattr(cli, "main", lambda: 0)
        with pytest.raises(SystemExit) as stop:
            run()
        signal.raise_signal(number)
        assert stop.value.code == 0

    @pytest.mark.parametrize(
        "library",
        [
            lambda _interrupt: RuntimeError("what a parser makes of it"),
            lambda _interrupt: BaseException("what a compiled library makes of it"),
            lambda _interrupt: NotTrusted(
                Check.SIGNER_PATH, "what a verifier makes of it", got="", want="", remedy=""
            ),
            lambda _interrupt: None,
        ],
        ids=["error", "panic", "verdict", "swallowed"],
    )
    def test_an_interrupt_stays_one_whatever_a_library_makes_of_it(
        self,
        library: Callable[[BaseException], object],
        capsys: Capture,
        monkeypatch: Patch,
    ) -> None:
        def verify(*_arguments: object) -> object:
            made = None
            try:
                signal.raise_signal(signal.SIGTERM)
            except KeyboardInterrupt as interrupt:
                made = library(interrupt)
            if isinstance(made, BaseException):
                raise made
            return made

        monkeypatch.setattr(verify_command, "verify", verify)
        monkeypatch.setattr(sys, "argv", ["root-anchors", *VERIFY])
        with pytest.raises(SystemExit) as stop:
            run()
        told = "interrupted; an output directory has either all its old files or all the new ones"
        assert (stop.value.code, *capsys.readouterr()) == (130, "", f"root-anchors: {told}\n")

    def test_nohup_stays_in_force(self, monkeypatch: Patch) -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        handlers = []
        monkeypatch.setattr(cli, "main", lambda: handlers.append(signal.getsignal(signal.SIGHUP)))
        with pytest.raises(SystemExit):
            run()
        assert handlers == [signal.SIG_IGN]

    def test_a_module_that_is_run_is_the_command(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "anchors", "--version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(FIXTURES.parent)},
        )
        assert (done.returncode, done.stdout) == (0, f"root-anchors {__version__}\n")


def test_every_command_is_a_module() -> None:
    named = {module.name for module in pkgutil.iter_modules(commands.__path__)}
    asked = {choice for action in make_parser()._actions for choice in action.choices or ()}
    assert named == asked
    for name in asked:
        command = importlib.import_module(f"anchors.cli.commands.{name}")
        assert command.__all__ == ["run"]
