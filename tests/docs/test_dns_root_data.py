"""Debian's recipe of docs/packaging.md in a source of the shape that dns-root-data has."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import textwrap
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.docs.machine import install, run
from tests.docs.markdown import ROOT, code_blocks, table_rows
from tests.docs.test_packaging import DEBIAN, DOCUMENT, PROOFS, PUBLICATION, RECIPES, RRSET, STEPS

TOOLS = ("dh", "dpkg-buildpackage", "gpg", "gpgv")
HINTS = ". 3600000 NS a.root-servers.net.\na.root-servers.net. 3600000 A 198.41.0.4\n"
FILES = {
    "debian/changelog": """\
        dns-root-data (2026120100) unstable; urgency=medium

          * A source of this shape.

         -- Nobody <nobody@example.org>  Tue, 01 Dec 2026 00:00:00 +0000
        """,
    "debian/clean": "root.ds\nroot.key\n",
    "debian/control": """\
        Source: dns-root-data
        Maintainer: Nobody <nobody@example.org>
        Build-Depends: debhelper-compat (= 13), gpgv, root-anchors
        Rules-Requires-Root: no

        Package: dns-root-data
        Architecture: all
        Depends: ${misc:Depends}
        Description: data of the root zone
         Hints and anchors.
        """,
    "debian/dns-root-data.dirs": "/usr/share/dns/\n",
    "debian/dns-root-data.install": "".join(
        f"{name} /usr/share/dns/\n" for name in ("root.hints", "root.key", "root.ds")
    ),
    "debian/source/format": "3.0 (native)\n",
    "root.hints": HINTS,
}
TEST = next(block.text for block in code_blocks(DOCUMENT) if block.language == "control")


class Built(NamedTuple):
    """What came of dpkg-buildpackage: its exit code, what it said, and the files by their paths."""

    code: int
    said: str
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hints with a signature, and the key that it is checked with."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    place = tmp_path_factory.mktemp("signed")
    (place / "root.hints").write_text(HINTS, encoding="ascii")
    home = place / "gnupg"
    home.mkdir(mode=stat.S_IRWXU)
    gpg = ("gpg", "--homedir", str(home), "--batch", "--quiet", "--pinentry-mode", "loopback")
    for arguments in (
        ("--passphrase", "", "--quick-generate-key", "hints@example.org", "ed25519", "sign"),
        ("--detach-sign", "--output", "root.hints.sig", "root.hints"),
        ("--export", "--output", "registry-admin.key"),
    ):
        subprocess.run([*gpg, *arguments], cwd=place, check=True, timeout=60)
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, timeout=60)
    return place


@pytest.fixture
def source(signed: Path, tmp_path: Path) -> Path:
    """The source, as the table of the document has it."""
    place = tmp_path / "dns-root-data-2026120100"
    for name, content in FILES.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(textwrap.dedent(content), encoding="ascii")
    for name in ("root.hints.sig", "registry-admin.key"):
        shutil.copy(signed / name, place)
    with (place / "debian/clean").open("a", encoding="ascii") as clean:
        clean.write("packaged/\n")
    write_rules(place, RECIPES["Debian"].text)
    install(place)
    inputs = f"--source {PUBLICATION} --dns '{RRSET}' --at 2026-10-11T00:00:00Z"
    done = run(f"root-anchors build --format xml -o vendored {inputs}", place)
    assert done.code == 0, done.errors
    return place


def write_rules(place: Path, text: str) -> None:
    (place / "debian/rules").write_text(text, encoding="ascii")
    (place / "debian/rules").chmod(stat.S_IRWXU)


def build(place: Path) -> Built:
    """Build the binary package; root-anchors of ``bin`` is not one of dpkg's packages."""
    environment = {"PATH": f"{place / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["dpkg-buildpackage", "--build=binary", "--no-sign", "--no-check-builddeps"],
        cwd=place,
        env={**environment, "LC_ALL": "C.UTF-8", "HOME": str(place), "ADDED": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    out = place.parent / "out"
    for package in place.parent.glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", package, out], check=True, timeout=60)
    found = {
        f"/{path.relative_to(out)}": path.read_bytes()
        for path in out.rglob("*")
        if path.is_file() and "usr/share/dns" in str(path)
    }
    return Built(done.returncode, done.stdout, found)


def digests(built: Built) -> dict[str, str]:
    return {Path(name).name: sha256(content).hexdigest() for name, content in built.files.items()}


def test_the_recipe_makes_the_files_of_the_distribution(source: Path) -> None:
    built = build(source)
    assert built.code == 0, built.said
    assert set(built.files) == {f"/usr/share/dns/root.{end}" for end in ("ds", "hints", "key")}
    assert built.files["/usr/share/dns/root.hints"] == HINTS.encode()
    assert digests(built).items() >= DEBIAN.items()


def test_hints_that_somebody_changed_end_the_build(source: Path) -> None:
    (source / "root.hints").write_text(HINTS.replace("198.41", "192.0"), encoding="ascii")
    built = build(source)
    assert built.code != 0
    assert "BAD signature" in built.said
    assert built.files == {}


def test_a_stable_distribution_needs_no_root_anchors_to_build(source: Path) -> None:
    """The files are committed, and the recipe has no line of ours."""
    (make,) = [step for step in STEPS if step.endswith("--bare --format debian -o packaged")]
    assert run(make, source, SOURCE_DATE_EPOCH="1796083200").code == 0
    (source / "bin/root-anchors").unlink()
    text = RECIPES["Debian"].text.replace("\trm -rf packaged\n", "")
    head, _, rest = text.partition("\troot-anchors")
    write_rules(source, head + rest.partition("packaged\n")[2])
    (source / "debian/clean").write_text(FILES["debian/clean"], encoding="ascii")
    built = build(source)
    assert built.code == 0, built.said
    assert digests(built).items() >= DEBIAN.items()


def test_the_test_of_the_installed_package_is_one_of_the_proofs() -> None:
    """Which are run; the time of the package's own changelog takes the place of the build's."""
    command, *rest = TEST.splitlines()
    assert [line.partition(":")[0] for line in rest] == ["Depends", "Restrictions"]
    proof = command.removeprefix("Test-Command: ").replace("/usr/share/dns", "packaged")
    epoch = "$(dpkg-parsechangelog -S Timestamp)"
    assert proof.replace(epoch, "$SOURCE_DATE_EPOCH") in PROOFS


def test_the_table_is_of_every_file_of_the_source() -> None:
    told = "".join(row[0] for row in table_rows(DOCUMENT))
    named = {*FILES, "root.hints.sig", "registry-admin.key", "root-anchors.p7s"}
    untold = {"debian/changelog", "debian/control", "debian/source/format"}
    assert {name for name in named if f"`{name}`" not in told} == untold
