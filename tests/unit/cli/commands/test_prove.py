"""``root-anchors prove`` where nothing to prove it with is installed: verdicts and exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from anchors.cli.main import main
from anchors.consumers import bench
from anchors.consumers.registry import find_formats
from anchors.pipeline.verify import example

OFFLINE = ("--offline", "--at", "2026-10-04T12:00:00Z")

Prove = Callable[..., int]


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_PATH", "/nowhere")
    monkeypatch.setenv("PATH", "/nowhere")


@pytest.fixture
def prove(tmp_path: Path, nothing_installed: None) -> Prove:
    del nothing_installed

    def run(name: str, *more: str, change: tuple[bytes, bytes] = (b"", b"")) -> int:
        (row,) = find_formats([name])
        file = tmp_path / row.file_name
        file.write_bytes(row.write(example().emission).replace(*change))
        return main(["prove", name, str(file), *(more or OFFLINE)])

    return run


def test_without_a_consumer_nothing_is_decided(
    prove: Prove, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prove("bind") == 3
    out = capsys.readouterr().out
    assert out.startswith("UNDECIDED: not shown: loads of KSK-2017 (20326)")
    assert "not tried: named is not installed (Debian: bind9)" in out
    assert "not tried: delv is not installed (Debian: bind9-dnsutils)" in out
    assert out.endswith("writes for the verified keys.\n")


def test_a_wrong_digit_needs_no_consumer_to_be_found(
    prove: Prove, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prove("bind", *OFFLINE, "-q", change=(b"683D2D", b"683D2E")) == 1
    assert capsys.readouterr().out == (
        "CONTRADICTED: KSK-2024 (38696): digit 6 of the digest is 'E', but should be 'D' "
        "[root-anchors: file]\n"
    )


def test_a_retired_key_in_the_document_itself_is_no_contradiction(prove: Prove) -> None:
    assert prove("xml") == 3


def test_a_retired_key_in_any_other_file_is_one(
    prove: Prove, capsys: pytest.CaptureFixture[str]
) -> None:
    retired = b"19036 8 2 49AAC11D7B6F6446702E54A1607371607A1A41855200FD2CE1CDDE32F24E8FB5"
    more = (b". IN DS 20326", b". IN DS " + retired + b"\n. IN DS 20326")
    assert prove("ds", *OFFLINE, "-q", change=more) == 1
    assert "DS 19036 8 2 49AAC11D" in capsys.readouterr().out


def test_where_nothing_is_verified_nothing_is_proven(
    prove: Prove, capsys: pytest.CaptureFixture[str]
) -> None:
    early = ("--source", "embedded", "--dns", "none", "--at", "2020-01-01T00:00:00Z")
    assert prove("bind", *early) == 1
    out = capsys.readouterr().out
    assert out.startswith("NOT TRUSTED: ")
    assert "signer.validity" in out
    assert "named" not in out


def test_strict_attention_ends_the_proof(prove: Prove, capsys: pytest.CaptureFixture[str]) -> None:
    # The signer's certificate is near its end.
    late = ("--source", "embedded", "--dns", "none", "--at", "2029-03-01T00:00:00Z")
    assert prove("bind", *late, "--strict") == 4
    assert "signer.ends-soon" in capsys.readouterr().out
    assert prove("bind", *late) == 3


def test_a_group_is_no_format(
    tmp_path: Path, nothing_installed: None, capsys: pytest.CaptureFixture[str]
) -> None:
    del nothing_installed
    file = tmp_path / "root.ds"
    file.write_bytes(b"")
    assert main(["prove", "debian", str(file), *OFFLINE]) == 2
    assert "a file has exactly one format" in capsys.readouterr().err
    assert main(["prove", "no-such-format", str(file), *OFFLINE]) == 2


def test_a_file_that_cannot_be_read_is_a_mistake_in_asking(
    tmp_path: Path, nothing_installed: None, capsys: pytest.CaptureFixture[str]
) -> None:
    del nothing_installed
    assert main(["prove", "ds", str(tmp_path / "none"), *OFFLINE]) == 2
    assert "the anchor file cannot be read" in capsys.readouterr().err
