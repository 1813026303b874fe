"""``root-anchors prove`` with real consumers, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from anchors.cli.main import main
from anchors.consumers.bind.running import CheckConf, Delv, Named
from anchors.consumers.registry import find_formats
from anchors.consumers.unbound.running import Unbound, UnboundHost
from anchors.pipeline.verify import example
from anchors.proving.lab import Lab
from tests.consumers.conftest import needs
from tests.consumers.test_latent_fault import flipped

OFFLINE = ("--offline", "--at", "2026-10-04T12:00:00Z")


def written(directory: Path, name: str) -> Path:
    (row,) = find_formats([name])
    file = directory / row.file_name
    file.write_bytes(row.write(example().emission))
    return file


def test_bind_is_proven_with_the_lab(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del lab  # there is a name server
    for driver in (CheckConf(), Delv(), Named()):
        needs(driver)
    file = written(tmp_path, "bind")
    before = file.read_bytes(), file.stat().st_mtime_ns
    assert main(["prove", "bind", str(file), *OFFLINE, "--lab"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("PROVEN: it loads, it reports the verified keys")
    assert "KSK-2024 (38696)  shown         shown         shown         not shown     shown" in out
    for number, algorithm in enumerate(("RSASHA256", "RSASHA256", "ECDSAP256SHA256"), 1):
        # By delv, and by named.
        assert out.count(f"lab key {number} ({algorithm}) alone: www.e2e. secure") == 2
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    assert [*tmp_path.iterdir()] == [file]


def test_what_unbound_tells_of_a_file_is_its_tags(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needs(Unbound())
    needs(UnboundHost())
    file = written(tmp_path, "unbound-anchor-file")
    assert main(["prove", "unbound-anchor-file", str(file), *OFFLINE]) == 0
    out = capsys.readouterr().out
    assert out.startswith("PROVEN: it loads, it reports the tags of the verified keys")
    assert "KSK-2017 (20326)  shown         shown         tag shown     shown" in out
    assert "KSK-2024 (38696)  shown         shown         tag shown     not shown" in out
    assert "may have a wrong digest" in out


def test_a_publication_of_other_keys_is_proven_as_well(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needs(CheckConf())
    request = lab.publish(lab.keys, tmp_path)
    file = tmp_path / "bind.keys"
    inputs = (
        *("--source", request.source, "--ca", str(request.ca_file), "--dns", request.dns),
        *("--at", f"{request.policy.at:%Y-%m-%dT%H:%M:%SZ}"),
    )
    file.write_bytes(lab.anchor_file("bind"))
    assert main(["prove", "bind", str(file), *inputs]) == 0
    capsys.readouterr()
    file.write_bytes(flipped(lab.anchor_file("bind"), lab.keys[1]))
    assert main(["prove", "bind", str(file), *inputs, "-q"]) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"CONTRADICTED: key {lab.keys[1].tag}: digit 11 of the digest is ")
    # Of real keys the lab's publication knows nothing.
    written(tmp_path, "bind")
    assert main(["prove", "bind", str(file), *inputs, "-q"]) == 1
    assert "DS 20326 8 2 E06D44B8" in capsys.readouterr().out
