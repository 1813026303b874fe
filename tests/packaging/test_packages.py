"""The recipes for packages of root-anchors itself, docs/packaging.md, with the tools there are."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

import anchors
from tests.docs.markdown import ROOT, Block, code_blocks
from tests.packaging.building import Distributions
from tests.packaging.conftest import EPOCH
from tests.packaging.test_wheel import PROJECT

# Debian testing, unpacked beside: .ci/install-consumers.sh.
BUILDERS = ROOT / "build" / "builders" / "bin"
TEXT = (ROOT / "docs" / "packaging.md").read_text(encoding="utf-8")
SECTION = TEXT.partition("\n## root-anchors itself\n")[2].partition("\n## ")[0]
CHANGELOG = f"""\
root-anchors ({anchors.__version__}-1) unstable; urgency=medium

  * A package.

 -- Nobody <nobody@example.org>  Tue, 01 Dec 2026 00:00:00 +0000
"""
SHARED = {
    "bash-completion/completions/root-anchors",
    "fish/vendor_completions.d/root-anchors.fish",
    "man/man1/root-anchors.1",
    "zsh/site-functions/_root-anchors",
}


def recipe(distribution: str) -> list[Block]:
    return code_blocks(SECTION.partition(f"\n### Package for {distribution}\n")[2])


@pytest.fixture
def source(distributions: Distributions, tmp_path: Path) -> Path:
    if not (BUILDERS / "dpkg-buildpackage").exists():
        pytest.skip("Debian's build tools are not there: .ci/install-consumers.sh unpacks them")
    with tarfile.open(distributions.sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (tree,) = tmp_path.iterdir()
    return tree


def run(command: list[str], place: Path, **variables: str) -> str:
    done = subprocess.run(
        command,
        cwd=place,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(place), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def require_whole(staged: Path) -> None:
    """The command, the package with its documents, and what lies below share."""
    names = {str(path.relative_to(staged)).removesuffix(".gz") for path in staged.rglob("*")}
    for name in ("cli/main.py", "docs/verification.md", "publication/data/icann-root-cas.pem"):
        assert any(one.endswith(f"-packages/anchors/{name}") for one in names), name
    assert any(one.endswith("bin/root-anchors") for one in names)
    for name in SHARED:
        assert any(one.endswith(f"share/{name}") for one in names), name


def test_the_debian_package_is_built_and_runs(source: Path) -> None:
    control, rules = recipe("Debian")[:2]
    (source / "debian/source").mkdir(parents=True)
    (source / "debian/source/format").write_text("3.0 (quilt)\n")
    (source / "debian/changelog").write_text(CHANGELOG)
    (source / "debian/control").write_text(control.text)
    (source / "debian/rules").write_text(rules.text)
    (source / "debian/rules").chmod(stat.S_IRWXU)
    build = [str(BUILDERS / "dpkg-buildpackage"), "--build=binary", "--no-sign"]
    run([*build, "--no-check-builddeps"], source)
    (package,) = source.parent.glob("*.deb")
    staged = source.parent / "staged"
    run(["dpkg-deb", "--extract", str(package), str(staged)], source)
    require_whole(staged)
    depends = run(["dpkg-deb", "--field", str(package), "Depends"], source)
    for line in PROJECT["dependencies"]:
        name, _, floor = line.partition(">=")
        assert re.search(rf"python3-{name} \(>= {floor}", depends), depends
    told = run(
        [str(BUILDERS / "python3"), str(staged / "usr/bin/root-anchors"), "explain", "signer.path"],
        source.parent,
        PYTHONPATH=str(staged / "usr/lib/python3/dist-packages"),
    )
    assert str(staged) in told


def functions(text: str) -> list[str]:
    """The commands of a PKGBUILD or an APKBUILD, without the change of folder."""
    body = text.partition("build() {")[2]
    return [line.strip() for line in body.splitlines() if not line.strip().startswith("cd ")]


def test_the_functions_of_arch_and_alpine_stage_all_of_it(source: Path) -> None:
    (block, *_) = recipe("Arch")
    assert functions(block.text) == functions(recipe("Alpine")[0].text)
    staged = source.parent / "pkg"
    shutil.rmtree(source / "dist", ignore_errors=True)
    variables = f"srcdir='{source.parent}' pkgdir='{staged}'"
    script = f"set -eu; {variables}\n{block.text}\n(build)\n(package)\n"
    run(
        [str(BUILDERS / "bash"), "-c", script],
        source.parent,
        SOURCE_DATE_EPOCH=str(EPOCH),
    )
    require_whole(staged)


@pytest.mark.parametrize("distribution", ["Debian", "Fedora", "Arch", "Alpine", "Nix"])
def test_every_recipe_is_of_this_version_and_names_its_dependencies(distribution: str) -> None:
    text = "".join(
        block.text for block in recipe(distribution)[: 2 if distribution == "Debian" else 1]
    )
    assert distribution == "Debian" or anchors.__version__ in text
    if distribution not in {"Debian", "Fedora"}:  # where the build reads them out of the metadata
        for line in PROJECT["dependencies"]:
            assert line.partition(">=")[0] in text
