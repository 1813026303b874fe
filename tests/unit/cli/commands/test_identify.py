"""``root-anchors identify`` as people run it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from anchors.cli.main import main
from tests.simulator.ksk import KSK_2017
from tests.unit.consumers.samples import DS1, DS2, KEY1

OFFLINE = ["identify", "--offline", "--at", "2026-10-05T00:00:00Z"]
DIGEST = KSK_2017.digest()
WRONG = DIGEST[:8] + "5" + DIGEST[9:16] + "7" + DIGEST[17:]

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


class Input(io.TextIOWrapper):
    """A standard input, with somebody before it or not."""

    def __init__(self, content: bytes, *, watched: bool = False) -> None:
        super().__init__(io.BytesIO(content))
        self.watched = watched

    def isatty(self) -> bool:
        return self.watched


def test_the_answer_comes_first_and_the_record_to_copy_last(capsys: Capture) -> None:
    assert main([*OFFLINE, DIGEST.lower()]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("CURRENT: KSK-2017 (20326), SHA-256 digest\n")
    assert f"DS record\n  {DS1}\n" in out
    assert "VERIFIED: KSK-2017 (20326), KSK-2024 (38696) at 2026-10-05T00:00:00Z" in out
    assert err == ""
    assert max(map(len, out.splitlines())) <= 80


def test_the_wrong_digits_are_marked(capsys: Capture) -> None:
    assert main([*OFFLINE, *f"20326 8 2 {WRONG}".split()]) == 1
    lines = capsys.readouterr().out.splitlines()
    got = next(at for at, line in enumerate(lines) if line.startswith("got"))
    assert lines[0].startswith("DAMAGED: KSK-2017 (20326), SHA-256 digest: ")
    marked = [at for at, sign in enumerate(lines[got + 2]) if sign == "^"]
    assert [lines[got][at] for at in marked] == ["5", "7"]
    assert [lines[got + 1][at] for at in marked] == [DIGEST[8], DIGEST[16]]


def test_of_a_long_key_the_part_that_is_wrong_is_shown(capsys: Capture) -> None:
    wrong = f"{KEY1[:-4]}X{KEY1[-3:]}"
    assert main([*OFFLINE, wrong]) == 1
    lines = capsys.readouterr().out.splitlines()
    got = next(at for at, line in enumerate(lines) if line.startswith("got"))
    assert lines[got][lines[got + 2].index("^")] == "X"
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("text", "code", "begin"),
    [
        (DS1, 0, "CURRENT: "),
        (f"{DS1}\n{DS2}", 0, "CURRENT: line 1: KSK-2017 (20326)"),
        ("49AAC11D7B6F6446702E54A1607371607A1A41855200FD2CE1CDDE32F24E8FB5", 1, "RETIRED: "),
        (f"385 3 8 {KSK_2017.base64}", 1, "REVOKED: "),
        ("AB" * 32, 1, "FOREIGN: IANA never published this SHA-256 digest as a root key"),
        ("20326", 3, "CANNOT TELL: perhaps KSK-2017 (20326), key tag"),
        ("nothing of that kind", 3, "CANNOT TELL: the input contains no key and no digest"),
        ("", 3, "CANNOT TELL: "),
    ],
)
def test_the_exit_code(text: str, code: int, begin: str, capsys: Capture) -> None:
    assert main([*OFFLINE, text]) == code
    assert capsys.readouterr().out.startswith(begin)
    assert main([*OFFLINE, "-q", text]) == code
    out = capsys.readouterr().out
    assert out.startswith(begin)
    assert "VERIFIED" not in out


def test_a_file(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "root.ds"
    file.write_text(f". IN DS {DS1}\n. IN DS {DS2[:-1]}0\n", encoding="ascii")
    assert main([*OFFLINE, str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "CURRENT: line 1: KSK-2017 (20326), SHA-256 digest"
    assert lines[1].startswith("DAMAGED: line 2: KSK-2024 (38696), SHA-256 digest: digit 64 ")


def test_a_directory_is_no_text(tmp_path: Path, capsys: Capture) -> None:
    assert main([*OFFLINE, str(tmp_path)]) == 2
    assert "the file cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("values", [[], ["-"]])
@pytest.mark.parametrize("watched", [False, True])
def test_standard_input(
    values: list[str], watched: bool, capsys: Capture, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(sys, "stdin", Input(f"{DS1}\n".encode(), watched=watched))
    assert main([*OFFLINE, *values]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("CURRENT: KSK-2017 (20326)")
    assert ("Ctrl-D" in err) is watched


def test_no_standard_input_and_too_much_of_it(capsys: Capture, monkeypatch: Patch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(OFFLINE) == 2
    monkeypatch.setattr(sys, "stdin", Input(b"A" * ((1 << 20) + 1)))
    assert main(OFFLINE) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "standard input is closed" in err
    assert "too long" in err


@pytest.mark.parametrize(
    ("text", "code"), [("A" * 5000, 1), ("\0", 3), ("a\nb", 3), ("x" * 300, 1)]
)
def test_text_that_can_be_no_name(text: str, code: int) -> None:
    assert main([*OFFLINE, text]) == code


def test_hostile_words_are_shown_harmless(capsys: Capture) -> None:
    assert main([*OFFLINE, f"\x1b[2J {WRONG} \u202e"]) == 1
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err
    assert "\u202e" not in captured.out + captured.err


def test_json(tmp_path: Path, capsys: Capture) -> None:
    assert main([*OFFLINE, "--report-format", "json", DS1]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["current"] is True
    assert content["found"][0]["key_tag"] == 20326
    file = tmp_path / "report.json"
    options = ["--report-format", "json", "--report", str(file)]
    assert main([*OFFLINE, *options, DS1]) == 0
    out, err = capsys.readouterr()
    assert json.loads(file.read_text(encoding="utf-8")) == content
    assert (out, err) == ("", "CURRENT: KSK-2017 (20326), SHA-256 digest\n")


def test_where_nothing_can_be_verified_nothing_is_told(capsys: Capture) -> None:
    assert main(["identify", "--source", "absent", "--dns", "none", DS1]) == 3
    out = capsys.readouterr().out
    assert out.startswith("CANNOT TELL: the root's keys are not verified\n")
    assert "UNDECIDED" in out


@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 4)])
def test_strict(strict: list[str], code: int) -> None:
    options = ["identify", "--offline", "--at", "2029-03-01T00:00:00Z"]
    assert main([*options, *strict, DS1]) == code
    assert main([*options, *strict, "AB" * 32]) == 1
