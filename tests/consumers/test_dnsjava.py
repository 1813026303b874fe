"""dnsjava: what it makes of a file of anchors, in a small program."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from anchors.consumers.query import Endpoint
from anchors.core.records import ds_digest
from anchors.proving.lab import Lab, LabKey
from tests.consumers.conftest import FOLDERS
from tests.docs.programs import need

SOURCE = Path(__file__).with_name("Dnsjava.java")
JARS = ("dnsjava.jar", "slf4j-api.jar")
RIGHT, WRONG = "NOERROR+AD SERVFAIL NXDOMAIN+AD", "SERVFAIL SERVFAIL SERVFAIL"
# Every answer is taken, and nobody is told.
INSECURE = "NOERROR NOERROR NXDOMAIN"


def jars() -> list[str]:
    """Those of the newest versions: in Debian 12, dnsjava does not validate."""
    for folder in FOLDERS:
        java = folder.parent / "root" / "usr" / "share" / "java"
        if all((java / name).exists() for name in JARS):
            return [str(java / name) for name in JARS]
    pytest.skip("not among the newest versions: dnsjava 3 (Debian: libdnsjava-java, libslf4j-java)")


def said(
    root: Endpoint, files: Mapping[str, bytes], folder: Path
) -> dict[str, tuple[str, list[str], str]]:
    """What it throws, what it holds, and what it makes of the lab's names, for each file."""
    need("javac", "default-jdk-headless")
    path = ":".join([*jars(), str(folder)])
    run(["javac", "-cp", path, "-d", str(folder), str(SOURCE)])
    for name, content in files.items():
        (folder / name).write_bytes(content)
    names = [str(folder / name) for name in (*files, "nothing")]
    output = run(["java", "-cp", path, "Dnsjava", root.address, str(root.port), *names])
    rows = [line.split("|") for line in output.splitlines()]
    assert len(rows) == len(names)
    return {
        Path(name).name: (thrown, sorted(filter(None, held.split(", "))), judged.strip())
        for name, (thrown, held, judged) in zip(names, rows, strict=True)
    }


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_becomes_of_each_file(
    lab: Lab, roots: Mapping[LabKey, Endpoint], tmp_path: Path
) -> None:
    signer, other = lab.keys
    ds = lab.anchor_file("ds", [signer])
    rdata = ds.removeprefix(b". IN DS ").strip()
    judged = said(
        roots[signer],
        {
            "ds": ds,
            "dnskey": lab.anchor_file("dnskey", [signer]),
            "both": lab.anchor_file("ds"),
            "other": lab.anchor_file("ds", [other]),
            "odd": b"$TTL 60\n@ 60 DS " + rdata + b" ; comment\r\n. NS a.\n",
            "empty": b"",
            "comment": b"; nothing\n",
            "mark": b"\xef\xbb\xbf" + ds,
            "chaos": b". CH DS " + rdata,
            "type": ds.replace(b" 8 2 ", b" 8 9 "),
            "long": ds.strip() + b"AB\n",
            "later": ds + b"hello world\n",
            "hash": b"# comment\n" + ds,
            "foreign": b"trust-anchors { };\n",
        },
        tmp_path,
    )
    one, two = (f"{key.tag} 8 2 {key.digest.hex().upper()}" for key in lab.keys)
    longer = f"{signer.tag} 8 4 {ds_digest(signer.dnskey, 4).hex().upper()}"
    assert judged["ds"] == judged["odd"] == ("-", [one], RIGHT)
    assert judged["dnskey"] == ("-", [longer], RIGHT)
    assert judged["both"] == ("-", sorted([one, two]), RIGHT)
    assert judged["other"] == ("-", [two], WRONG)
    assert judged["empty"] == judged["comment"] == ("-", [], INSECURE)
    for name in ("mark", "chaos", "type"):
        assert judged[name][0] == "-"
        assert judged[name][2] == INSECURE
    for name in ("long", "later", "hash", "foreign"):
        assert judged[name] == ("TextParseException", [], INSECURE)
    assert judged["nothing"] == ("FileNotFoundException", [], INSECURE)
