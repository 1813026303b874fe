"""docs/packaging.md: every recipe in it is run, and makes the files where its table says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from anchors.cli.parser import make_parser
from anchors.consumers.registry import REGISTRY
from tests.docs.machine import Done, install
from tests.docs.machine import run as run_in_shell
from tests.docs.markdown import ROOT, Block, code_blocks, code_spans, table_rows
from tests.packaging.building import without_network

DOCUMENT = (ROOT / "docs" / "packaging.md").read_text(encoding="utf-8")
PUBLICATION = ROOT / "fixtures" / "publications" / "2025-03-25"
RRSET = ROOT / "fixtures" / "rrsets" / "2026-10-01_signer20326_20326+38696.rrset"
EPOCH = "1796083200"  # 2026-12-01T00:00:00Z
SIGNER_END = datetime(2029, 3, 13, 21, 49, 35, tzinfo=UTC)
DEBIAN = {
    "root.ds": "2c212250f1ec271109464e0db2f674f2b6b497da6a177d4d1b264fccb0f6d111",
    "root.key": "299cf83468ba740e6a29d70f3d9e1d39b7b2c629b235a969cd15434c40bc3ea3",
}
# These ask IANA and the root servers.
LIVE = [
    "root-anchors build --format xml -o vendored",
    "root-anchors build --format xml --check vendored",
    "root-anchors build --format debian --check packaged",
]
# Of packages that no recipe is about.
ELSEWHERE = {
    "/usr/share/dnsmasq-base/trust-anchors.conf",
    "/var/lib/unbound/root.key",
    "/var/unbound/root.key",
    "/usr/lib/dnssec-trust-anchors.d/root.positive",
    "root_anchors.h",
}


class Row(NamedTuple):
    """One row of the table of paths."""

    distribution: str
    package: str
    path: str
    format: str


TABLE = [
    Row(cells[0], cells[1], cells[2].strip("`"), cells[3].strip("`"))
    for cells in table_rows(DOCUMENT)
    if len(cells) == 4
]


def recipes() -> Iterator[tuple[str, Block]]:
    _, _, text = DOCUMENT.partition("\n## Recipes\n")
    for section in text.split("\n### ")[1:]:
        block = code_blocks(section)[0]
        yield section.partition("\n")[0], block


RECIPES = dict(recipes())
SHELL = [
    block
    for block in code_blocks(DOCUMENT.partition("\n## root-anchors itself\n")[0])
    if block.language == "sh"
]


def lines(block: Block) -> list[str]:
    """The commands in a block, each on one line and without its comment."""
    joined = re.sub(r"\\\n\s*", "", block.text)
    return [line.partition("  #")[0].strip() for line in joined.splitlines()]


STEPS = [line for block in SHELL for line in lines(block)]
PROOFS = [step for step in STEPS if step.startswith("root-anchors prove ")]
COMMANDS = [
    line
    for block in [*SHELL, *RECIPES.values()]
    for line in lines(block)
    if line.startswith("root-anchors ")
]


def run(command: str, place: Path, *, epoch: str = EPOCH, **variables: str) -> Done:
    """Run it in ``place``, with ``root-anchors`` in PATH and no network."""
    if not (place / "bin").exists():
        install(place)
    # A proof needs loopback, which is down in a new namespace.
    cut_off = () if command.startswith("root-anchors prove") else without_network()
    return run_in_shell(
        command, place, at=f"@{EPOCH}", before=cut_off, SOURCE_DATE_EPOCH=epoch, **variables
    )


def succeed(command: str, place: Path, **variables: str) -> None:
    outcome = run(command, place, **variables)
    assert outcome.code == 0, outcome.errors


@pytest.fixture(scope="module")
def vendored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the document's own command writes, with recorded answers in place of live ones."""
    place = tmp_path_factory.mktemp("vendor")
    inputs = f"--source {PUBLICATION} --dns '{RRSET}' --at 2026-10-11T00:00:00Z"
    succeed(f"{LIVE[0]} {inputs}", place)
    return place / "vendored"


@pytest.fixture
def place(vendored: Path, tmp_path: Path) -> Path:
    """The source of a package."""
    shutil.copytree(vendored, tmp_path / "vendored")
    return tmp_path


@pytest.fixture(scope="module")
def wanted(vendored: Path) -> dict[str, bytes]:
    """The file of every format."""
    place = vendored.parent
    inputs = f"--source vendored --dns recorded --at @{EPOCH}"
    succeed(f"root-anchors build {inputs} --bare -o every", place)
    return {row.name: (place / "every" / row.file_name).read_bytes() for row in REGISTRY}


class Session(NamedTuple):
    """What came of the general commands, run in the document's order in one folder."""

    place: Path
    outcomes: dict[str, Done]


@pytest.fixture(scope="module")
def session(vendored: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    place = tmp_path_factory.mktemp("packaging")
    shutil.copytree(vendored, place / "vendored")
    outcomes = {}
    for step in STEPS:
        if step not in [*LIVE, *PROOFS]:
            outcomes[step] = run(step, place)
    return Session(place, outcomes)


def test_every_command_can_be_parsed() -> None:
    assert len(COMMANDS) == 17
    for command in COMMANDS:
        make_parser().parse_args(shlex.split(command)[1:])


def test_no_command_but_these_is_live() -> None:
    offline = "--offline|--source [^ ]+ --dns (recorded|none)"
    assert [command for command in COMMANDS if not re.search(offline, command)] == LIVE


@pytest.mark.parametrize("step", [step for step in STEPS if step not in [*LIVE, *PROOFS]])
def test_every_general_command_works(step: str, session: Session) -> None:
    outcome = session.outcomes[step]
    assert outcome.code == 0, outcome.errors
    assert "VERIFIED" in outcome.told or step.startswith("rm ")
    assert "--offline" not in outcome.added


@pytest.mark.parametrize("step", PROOFS)
def test_every_proof_works(step: str, session: Session) -> None:
    outcome = run(step, session.place)
    # 3 where no consumer is installed, or none that tells what it holds.
    assert outcome.code in {0, 3}, outcome.output
    assert re.search(r"file +shown +KSK-2017 \(20326\)", outcome.output)
    assert re.search(r"file +shown +KSK-2024 \(38696\)", outcome.output)


def test_one_proof_uses_the_lab() -> None:
    assert [("--lab" in step) for step in PROOFS] == [False, True]


def test_the_general_commands_write_only_the_anchor_files(session: Session) -> None:
    for name in ("packaged", "packaged-unchecked"):
        assert digests(session.place / name) == DEBIAN
    (unchecked,) = [step for step in STEPS if step.endswith("-o packaged-unchecked")]
    assert "NOT CHECKED" in session.outcomes[unchecked].errors


def test_without_answers_the_comments_say_so(place: Path) -> None:
    outcome = run(
        f"root-anchors build --source vendored --dns none --at @{EPOCH} -o - --format unbound",
        place,
    )
    assert outcome.code == 0
    assert "NOT cross-checked" in outcome.output
    assert "NOT cross-checked" in code_spans(DOCUMENT)


def test_a_bare_directory_is_not_replaced(place: Path) -> None:
    (build,) = [step for step in STEPS if step.endswith("--bare --format debian -o packaged")]
    succeed(build, place)
    again = run(build, place)
    assert again.code == 2
    assert "output.directory" in again.errors
    assert digests(place / "packaged") == DEBIAN


def digests(directory: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in directory.iterdir()}


# What runs a recipe as the distribution's tools would; each returns where it staged its files.


def debian(recipe: str, place: Path) -> Path:
    rules = place / "debian" / "rules"
    rules.parent.mkdir(exist_ok=True)
    rules.write_text(recipe)
    rules.chmod(stat.S_IRWXU)
    # tests/docs/test_dns_root_data.py has the whole source, and the real gpgv and debhelper.
    if not (place / "bin").exists():
        install(place)
        (place / "bin" / "gpgv").symlink_to("/bin/true")
    succeed("debian/rules override_dh_auto_build", place)
    staged = place / "debian" / "dns-root-data"
    (staged / "usr/share/dns").mkdir(parents=True)
    for name in DEBIAN:
        shutil.copy(place / name, staged / "usr/share/dns")
    return staged


def fedora(recipe: str, place: Path) -> Path:
    sections = dict(re.findall(r"^%(\w+)\n(.*?)(?=^%\w+\n|\Z)", recipe, re.MULTILINE | re.DOTALL))
    staged = place / "buildroot"
    # %setup would have emptied the folder.
    script = "rm -rf packaged\n" + sections["build"] + sections["install"]
    for macro, value in (("%{buildroot}", str(staged)), ("%{_datadir}", "/usr/share")):
        script = script.replace(macro, value)
        sections["files"] = sections["files"].replace(macro, value)
    succeed(script, place)
    assert sections["files"].split() == files(staged)
    return staged


def functions(recipe: str, place: Path) -> Path:
    """A PKGBUILD or an APKBUILD."""
    staged = place / "pkg"
    variables = {"srcdir": str(place), "pkgdir": str(staged)}
    succeed(f"{recipe}\nbuild\npackage", place, **variables)
    return staged


def nixos(recipe: str, place: Path) -> Path:
    ((command,)) = re.findall(r"buildCommand = ''\n(.*?)''", recipe, re.DOTALL)
    shutil.rmtree(place / "packaged", ignore_errors=True)  # every build has a folder of its own
    staged = place / "out"
    # As stdenv has it.
    succeed(command, place, epoch="315532800", src=str(place / "vendored"), out=str(staged))
    return staged


def freebsd(recipe: str, place: Path) -> Path:
    staged = place / "stage"
    variables = {
        "RM": "rm -f",
        "MKDIR": "mkdir -p",
        "INSTALL_DATA": "install -m 0644",
        "FILESDIR": str(place),
        "WRKDIR": str(place / "work"),
        "STAGEDIR": str(staged),
        "PREFIX": "/usr/local",
    }
    (place / "work").mkdir(exist_ok=True)
    make(recipe, "do-build do-install", place, variables)
    return staged


def openwrt(recipe: str, place: Path) -> Path:
    staged = place / "ipkg"
    packages = re.findall(r"^define (Package/\S+/install)$", recipe, re.MULTILINE)
    calls = "".join(f"\t$(call {package},{staged})\n" for package in packages)
    variables = {
        "PKG_BUILD_DIR": str(place / "build"),
        "INSTALL_DIR": "install -d -m 0755",
        "INSTALL_DATA": "install -m 0644",
    }
    (place / "build").mkdir(exist_ok=True)
    make(f"{recipe}\nall:\n\t$(Build/Compile)\n{calls}", "all", place, variables)
    return staged


def make(rules: str, targets: str, place: Path, variables: dict[str, str]) -> None:
    (place / "Makefile").write_text(rules)
    given = shlex.join(f"{name}={value}" for name, value in variables.items())
    succeed(f"make {given} {targets}", place)


def files(staged: Path) -> list[str]:
    """What is staged, as it will be installed; a sample stands for the file itself."""
    paths = [path for path in staged.rglob("*") if path.is_file()]
    return sorted(f"/{path.relative_to(staged)}".removesuffix(".sample") for path in paths)


RUNNERS: dict[str, Callable[[str, Path], Path]] = {
    "Debian": debian,
    "Fedora": fedora,
    "Arch": functions,
    "Alpine": functions,
    "NixOS": nixos,
    "FreeBSD": freebsd,
    "OpenWrt": openwrt,
}


def rows(distribution: str) -> dict[str, Row]:
    """The rows of the table that the recipe of the distribution is about, by path."""
    return {
        row.path.removeprefix("$out"): row
        for row in TABLE
        if row.distribution.partition(",")[0] == distribution and row.path not in ELSEWHERE
    }


def test_every_distribution_has_a_recipe() -> None:
    assert [*RECIPES] == [*RUNNERS]
    assert {row.path for row in TABLE} >= ELSEWHERE
    covered = {row.path for name in RUNNERS for row in rows(name).values()}
    assert covered | ELSEWHERE == {row.path for row in TABLE}


def test_every_path_is_of_a_format_that_exists() -> None:
    assert len(TABLE) == 15
    assert {row.format for row in TABLE} <= {row.name for row in REGISTRY}


@pytest.mark.parametrize("distribution", RUNNERS)
def test_every_recipe_makes_the_files_of_the_table_again_and_again(
    distribution: str, place: Path, wanted: dict[str, bytes]
) -> None:
    expected = rows(distribution)
    for _ in ("first", "again"):
        staged = RUNNERS[distribution](RECIPES[distribution].text, place)
        assert files(staged) == sorted(expected)
        for path in staged.rglob("*"):
            if path.is_file():
                (name,) = files_named(path, staged)
                assert path.read_bytes() == wanted[expected[name].format]
        shutil.rmtree(staged)


def files_named(path: Path, staged: Path) -> list[str]:
    return [f"/{path.relative_to(staged)}".removesuffix(".sample")]


def test_the_debian_recipe_rebuilds_the_files_of_dns_root_data(place: Path) -> None:
    told = {row[0].strip("`"): row[1].strip("`") for row in table_rows(DOCUMENT) if len(row) == 2}
    for _ in ("first", "again"):
        staged = debian(RECIPES["Debian"].text, place)
        assert digests(staged / "usr" / "share" / "dns") == DEBIAN
        shutil.rmtree(staged)
    assert {name: told[name] for name in DEBIAN} == DEBIAN


def test_the_debian_recipe_builds_the_same_on_another_day(place: Path) -> None:
    debian(RECIPES["Debian"].text, place)
    for path in (place / "vendored").rglob("*"):
        os.utime(path, (0, 0))
    rules = "debian/rules override_dh_auto_build"
    assert run(rules, place, epoch="1830297600").code == 0  # 2028-01-01
    assert digests(place / "packaged") == DEBIAN


CHECK = f"root-anchors build --source vendored --dns recorded --at @{EPOCH} --format debian --check"


@pytest.fixture
def packaged(place: Path) -> Path:
    debian(RECIPES["Debian"].text, place)
    return place / "packaged"


def test_one_changed_digit_is_stale(packaged: Path) -> None:
    good = (packaged / "root.ds").read_text()
    (packaged / "root.ds").write_text(good.replace("2B16", "2B17"))
    outcome = run(f"{CHECK} packaged", packaged.parent)
    assert outcome.code == 1
    changed = good.splitlines()[1]
    assert outcome.output.splitlines() == [
        "--- packaged/root.ds",
        "+++ packaged/root.ds (wanted)",
        "@@ -1,2 +1,2 @@",
        f" {good.splitlines()[0]}",
        f"-{changed.replace('2B16', '2B17')}",
        f"+{changed}",
    ]
    assert (packaged / "root.ds").read_text() != good


def test_a_missing_file_is_stale(packaged: Path) -> None:
    (packaged / "root.key").unlink()
    outcome = run(f"{CHECK} packaged", packaged.parent)
    assert outcome.code == 1
    assert outcome.output.startswith("--- packaged/root.key\n")
    assert not (packaged / "root.key").exists()


def test_a_directory_in_the_place_of_a_file_differs(packaged: Path) -> None:
    (packaged / "root.ds").unlink()
    (packaged / "root.ds").mkdir()
    outcome = run(f"{CHECK} packaged", packaged.parent)
    assert outcome.code == 1
    assert outcome.output == "packaged/root.ds is a directory, not a regular file\n"


def unreadable(place: Path) -> None:
    shutil.rmtree(place / "packaged")
    (place / "packaged").write_bytes(b"no directory")


def forged(place: Path) -> None:
    document = place / "vendored" / "root-anchors.xml"
    document.write_bytes(document.read_bytes().replace(b"38696", b"38697"))


def gone(place: Path) -> None:
    (place / "vendored" / "root-anchors.p7s").unlink()


@pytest.mark.parametrize(
    ("spoil", "check"),
    [(unreadable, "output.write"), (forged, "cms.message-digest"), (gone, "source.available")],
)
def test_what_cannot_be_compared(spoil: Callable[[Path], None], check: str, packaged: Path) -> None:
    spoil(packaged.parent)
    outcome = run(f"{CHECK} packaged", packaged.parent)
    assert outcome.code == 3
    assert check in outcome.errors
    assert outcome.output == ""


def test_a_time_before_the_recording_builds_nothing(place: Path) -> None:
    (build,) = [step for step in STEPS if step.endswith("--bare --format debian -o packaged")]
    outcome = run(build, place, epoch="1790812800")  # 2026-10-01
    assert outcome.code == 3
    assert "rootzone.recording" in outcome.errors
    assert not (place / "packaged").exists()


def test_without_the_time_of_the_source_nothing_is_built(place: Path) -> None:
    (build,) = [step for step in STEPS if step.endswith("--bare --format debian -o packaged")]
    outcome = run(build.replace("$SOURCE_DATE_EPOCH", ""), place)
    assert outcome.code == 2
    assert "--at" in outcome.errors
    assert not (place / "packaged").exists()


VERIFY = "root-anchors verify --strict --source vendored --dns none"


@pytest.mark.parametrize(
    ("at", "code", "check"),
    [
        # Nobody asked the root zone whether the revocation that was planned has come.
        (SIGNER_END - timedelta(days=91), 4, "rootzone.recording-old"),
        (SIGNER_END - timedelta(days=90), 4, "signer.ends-soon"),
        (SIGNER_END, 4, "signer.ends-soon"),
        (SIGNER_END + timedelta(seconds=1), 1, "signer.validity"),
    ],
)
def test_when_the_signature_ends(at: datetime, code: int, check: str, place: Path) -> None:
    assert VERIFY in COMMANDS
    outcome = run(f"{VERIFY} --at @{at.timestamp():.0f}", place)
    assert outcome.code == code
    assert check in outcome.output
    days = [row[0] for row in table_rows(DOCUMENT) if re.fullmatch(r"\d{4}(-\d\d){2}", row[0])]
    assert days == [f"{SIGNER_END - timedelta(days=90):%F}", f"{SIGNER_END:%F}", "2029-12-18"]


def test_after_its_end_a_check_says_that_it_could_not_be_compared(packaged: Path) -> None:
    command = CHECK.replace(EPOCH, f"{SIGNER_END.timestamp() + 1:.0f}")
    outcome = run(f"{command} packaged", packaged.parent)
    assert outcome.code == 3
    assert "signer.validity" in outcome.errors


def test_the_ends_of_the_roots_are_those_of_the_pinned_ones(place: Path) -> None:
    ends = re.findall(r"valid .* to (\S+)", run("root-anchors pinned", place).output)
    assert ends == ["2029-12-18", "2045-03-20"]
    assert all(end in DOCUMENT for end in ends)
