"""Finding what a configuration names: links, patterns, several roots, and nothing outside."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from anchors.auditing.scan import directory_files, root_files
from anchors.auditing.scan.directory_files import DirectoryFiles
from anchors.auditing.scan.packed import PackedFiles
from anchors.auditing.scan.root_files import Entry, root_above
from anchors.consumers.files import File, Location, Status
from tests.unit.auditing.systems import Tree, audited, put, resolvers, rows
from tests.unit.consumers.samples import DS1, DS2

_FILE, _LINK, _FOLDER = (Status(mode | 0o755, 0, 0) for mode in (0o100000, 0o120000, 0o040000))


def on_disk(root: Path, tree: Tree) -> DirectoryFiles:
    return DirectoryFiles(str(put(root, tree)))


def in_archive(tree: Tree, base: str = "") -> PackedFiles:
    entries = {}
    for path, content in tree.items():
        if isinstance(content, str) and content.startswith("-> "):
            entries[base + path] = Entry(_LINK, content.removeprefix("-> "))
        else:
            text = content if isinstance(content, bytes) else content.encode()
            entries[base + path] = Entry(_FILE, None, text)
    return PackedFiles("/a.tar", entries, base=base)


Make = Callable[[Tree], root_files.RootFiles]


@pytest.fixture(params=["directory", "archive", "image"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """A root file system of each kind; the image is one of several in its layout."""
    if request.param == "directory":
        return lambda tree: on_disk(tmp_path, tree)
    return lambda tree: in_archive(tree, "0123/" if request.param == "image" else "")


def seen_from(files: root_files.RootFiles, path: str = "etc/a/x.conf") -> Location:
    return files.location(files.base + path)


def content(file: File | None) -> bytes | None:
    return None if file is None else file.content


def found(files: root_files.RootFiles, path: str) -> bytes | None:
    return content(files.find(path, seen_from(files)))


TREE: Tree = {
    "etc/a/x.conf": "x",
    "etc/a/y.conf": "y",
    "etc/a/.hidden.conf": "h",
    "etc/a/d.conf/z.conf": "z",
    "etc/b/w.conf": "w",
    "usr/share/root.key": "k",
    "etc/to-file": "-> ../usr/share/root.key",
    "etc/absolute": "-> /usr/share/root.key",
    "etc/folder": "-> /usr/share",
    "etc/chain1": "-> chain2",
    "etc/chain2": "-> folder/../share/./root.key",
    "etc/loop1": "-> loop2",
    "etc/loop2": "-> loop1",
    "etc/self": "-> self/x",
    "etc/out": "-> ../../../../../../usr/share/root.key",
    "etc/nowhere": "-> /no/such/file",
    "etc/null": "-> /dev/null",
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        # Beside the file that names it, then below the root.
        ("y.conf", b"y"),
        ("./y.conf", b"y"),
        ("../b/w.conf", b"w"),
        ("usr/share/root.key", b"k"),
        # From the root.
        ("/etc/b/w.conf", b"w"),
        ("//etc//b/./w.conf", b"w"),
        ("/etc/a/../b/w.conf", b"w"),
        # By links, one behind another, and through a folder that is one.
        ("/etc/to-file", b"k"),
        ("/etc/absolute", b"k"),
        ("/etc/folder/root.key", b"k"),
        ("/etc/chain1", b"k"),
        # ".." above the root is the root, in the link of a root file system.
        ("/etc/out", b"k"),
        # Nothing there, or no file.
        ("/etc/none", None),
        ("/etc/a", None),
        ("/", None),
        ("", None),
        ("/etc/a/x.conf/y", None),
        ("/etc/nowhere", None),
        ("/etc/null", b""),
        ("/etc/loop1", None),
        ("/etc/self", None),
        ("/etc/a/y.conf\0", None),
        # A path that a configuration has climbs out.
        ("../../../etc/b/w.conf", None),
        ("/../etc/b/w.conf", None),
    ],
)
def test_a_name_is_found_as_the_program_finds_it(
    make: Make, path: str, expected: bytes | None
) -> None:
    assert found(make(TREE), path) == expected


def test_a_link_is_another_name_of_its_target(make: Make) -> None:
    files = make(TREE)
    file = files.find("/etc/chain1", seen_from(files))
    assert file is not None
    assert file.location == files.location(files.base + "usr/share/root.key")


def test_a_link_of_an_image_leads_into_no_other_image() -> None:
    entries = {
        "0123/etc/out": Entry(_LINK, "../../4567/root.key"),
        "4567/root.key": Entry(_FILE, None, b"other"),
    }
    files = PackedFiles("/a.tar", entries, base="0123/")
    assert files.find("/etc/out", files.location("0123/etc/x.conf")) is None
    for climbing in ("../../4567/root.key", "../../../4567/root.key", "/../4567/root.key"):
        assert files.find(climbing, files.location("0123/etc/x.conf")) is None


def test_more_links_than_a_kernel_follows_are_not_followed(make: Make) -> None:
    tree: dict[str, str | bytes] = {f"etc/{n}": f"-> {n + 1}" for n in range(60)}
    files = make({**tree, "etc/60": "end", "etc/a/x.conf": ""})
    assert found(files, "/etc/21") == b"end"
    assert found(files, "/etc/20") == b"end"
    assert found(files, "/etc/19") is None


def test_links_that_double_themselves_cost_no_more_than_their_number(make: Make) -> None:
    tree: dict[str, str | bytes] = {f"etc/l{n}": f"-> l{n + 1}/../l{n + 1}" for n in range(1000)}
    assert found(make({**tree, "etc/a/x.conf": ""}), "/etc/l0") is None


@pytest.mark.parametrize("target", ["-> /tmp", "-> ../../..", "-> /proc/self/root"])
def test_no_link_of_a_directory_leads_out_of_it(tmp_path: Path, target: str) -> None:
    outside = tmp_path / "outside"
    put(outside, {"secret": "s"})
    files = on_disk(tmp_path / "in", {"etc/a/x.conf": "", "etc/up": target})
    for path in (
        "/etc/up/secret",
        f"/etc/up{outside}/secret",
        f"{outside}/secret",
        "../../../outside/secret",
    ):
        assert files.find(path, seen_from(files)) is None
    (tmp_path / "in/direct").symlink_to(outside / "secret")
    assert files.find("/direct", seen_from(files)) is None


def test_a_link_that_was_put_in_the_way_is_refused(tmp_path: Path) -> None:
    """Between looking at an entry and opening it, a folder may become a link."""
    files = on_disk(tmp_path / "in", {"etc/a/x.conf": "x"})
    entry = files.entry("etc/a/x.conf")
    assert entry is not None
    put(tmp_path / "out", {"x.conf": "secret"})
    (tmp_path / "in/etc/a").rename(tmp_path / "in/etc/b")
    (tmp_path / "in/etc/a").symlink_to(tmp_path / "out")
    file = files.read("etc/a/x.conf", entry)
    assert file.content is None
    assert file.unread


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/etc/a/*.conf", ["etc/a/x.conf", "etc/a/y.conf"]),
        ("*.conf", ["etc/a/x.conf", "etc/a/y.conf"]),
        ("/etc/*/w.conf", ["etc/b/w.conf"]),
        ("/etc/?/[xw].conf", ["etc/a/x.conf", "etc/b/w.conf"]),
        ("/etc/a/.*.conf", ["etc/a/.hidden.conf"]),
        ("/etc/folder/*.key", ["usr/share/root.key"]),
        ("/etc/to-*", ["usr/share/root.key"]),
        ("/etc/loop*", []),
        ("/etc/a/*/z.conf", ["etc/a/d.conf/z.conf"]),
        ("/etc/none/*.conf", []),
        ("/etc/*", [*["usr/share/root.key"] * 3, "dev/null", *["usr/share/root.key"] * 2]),
        ("../../../*", []),
    ],
)
def test_a_pattern_finds_what_a_shell_finds(make: Make, pattern: str, expected: list[str]) -> None:
    files = make(TREE)
    paths = [file.location.path for file in files.matching(pattern, seen_from(files))]
    assert paths == [files.base + path for path in expected]


def test_the_files_of_a_folder_are_told_by_name_and_folders_are_none(make: Make) -> None:
    files = make(TREE)
    names = [file.location.path for file in files.below("/etc/a", seen_from(files))]
    assert names == [f"{files.base}etc/a/{name}" for name in (".hidden.conf", "x.conf", "y.conf")]
    assert files.below("/etc/none", seen_from(files)) == []
    assert files.below("/etc/a/x.conf", seen_from(files)) == []


def test_a_pattern_is_held_against_a_bounded_number_of_names(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("root_files", "directory_files", "packed"):
        monkeypatch.setattr(f"anchors.auditing.scan.{module}.MAX_LISTED", 5)
    files = make({f"etc/a/{n}.conf": "" for n in range(9)})
    assert len(files.matching("/etc/a/*.conf", seen_from(files))) == 5


def test_a_folder_has_its_status(make: Make) -> None:
    files = make(TREE)
    assert files.folder("/etc/a", seen_from(files)) is not None
    assert files.folder("/etc/folder", seen_from(files)) is not None
    assert files.folder("/etc/a/x.conf", seen_from(files)) is None
    assert files.folder("/none", seen_from(files)) is None


SYSTEM: Tree = {**TREE, "etc/os-release": "ID=x\n"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/etc/a/none", True),
        ("none", True),
        ("/etc/nowhere", True),
        ("/etc/loop1", True),
        ("/etc/a/x.conf", False),
        ("/etc/a", False),
        ("/etc/to-file", False),
        # A folder above the missing one was looked into.
        ("/etc/none/x", True),
        # No folder above it lies here: it may be mounted there.
        ("/var/lib/unbound/root.key", False),
    ],
)
def test_what_is_not_in_a_folder_that_was_looked_into_is_absent(
    make: Make, path: str, *, expected: bool
) -> None:
    files = make(SYSTEM)
    assert files.is_absent(path, seen_from(files)) is expected


def test_what_a_package_does_not_have_may_be_in_another() -> None:
    files = in_archive(TREE)
    assert not files.is_absent("/etc/a/none", seen_from(files))


# Several root file systems.

NESTED: Tree = {
    "etc/root.key": "host",
    "usr/bin/x": "",
    "srv/one/etc/a/x.conf": "",
    "srv/one/etc/root.key": "one",
    "srv/one/usr/x": "",
    "srv/one/etc/link": "-> /etc/root.key",
    "srv/two/etc/a/x.conf": "",
    "srv/two/usr/x": "",
    "opt/program/etc/x.conf": "",
    "var/chroot/etc/root.key": "chroot",
    "var/chroot/etc/named.conf": "",
}


@pytest.mark.parametrize(
    ("of", "path", "expected"),
    [
        ("srv/one/etc/a/x.conf", "/etc/root.key", b"one"),
        ("srv/one/etc/a/x.conf", "/etc/link", b"one"),
        # A system of its own has nothing of the one around it.
        ("srv/two/etc/a/x.conf", "/etc/root.key", None),
        # What its path alone tells may be a part of this one.
        ("opt/program/etc/x.conf", "/etc/root.key", b"host"),
        ("var/chroot/etc/named.conf", "/etc/root.key", b"chroot"),
        ("etc/x.conf", "/etc/root.key", b"host"),
        ("usr/local/etc/x.conf", "/etc/root.key", b"host"),
    ],
)
def test_an_absolute_name_is_of_the_root_that_its_file_lies_in(
    make: Make, of: str, path: str, expected: bytes | None
) -> None:
    files = make(NESTED)
    assert content(files.find(path, seen_from(files, of))) == expected


def test_a_link_of_a_nested_root_stays_in_that() -> None:
    tree: Tree = {**NESTED, "srv/two/etc/link": "-> /etc/root.key"}
    files = in_archive(tree)
    assert content(files.find("/etc/link", files.location("srv/two/etc/a/x.conf"))) is None


@pytest.mark.parametrize(
    ("folder", "systems", "expected"),
    [
        ("etc/a", ["a"], ("", False)),
        ("etc/a", [""], ("", True)),
        ("srv/one/etc/a", [""], ("srv/one", False)),
        ("srv/one/etc/a", ["", "srv/one"], ("srv/one", True)),
        ("usr/local/etc", [""], ("", True)),
        ("etc/machines/one/etc", ["", "etc/machines/one"], ("etc/machines/one", True)),
        ("home/me", [""], ("", True)),
        ("home/me", [], None),
        ("", [], None),
    ],
)
def test_a_root_is_told_by_what_lies_in_it_or_by_the_path(
    folder: str, systems: list[str], expected: tuple[str, bool] | None
) -> None:
    there = {f"{system}/{name}".lstrip("/") for system in systems for name in ("etc", "usr")}
    assert root_above(folder, there.__contains__) == expected


# Several directories of one machine, and a root that is given.


def conf(path: str) -> str:
    return f'server:\n trust-anchor-file: "{path}"\n'


BOTH = f". IN DS {DS1}\n. IN DS {DS2}\n"


def test_an_absolute_name_is_found_in_another_path_that_is_audited(tmp_path: Path) -> None:
    put(tmp_path, {"etc/unbound.conf": conf(f"{tmp_path}/lib/root.key"), "lib/root.key": BOTH})
    (one, *_) = resolvers(audited(tmp_path / "etc", tmp_path / "lib"))
    assert len(one.anchors) == 2
    found_rows = rows(audited(tmp_path / "etc", tmp_path / "lib"))
    assert set(found_rows) == {"unbound.conf", "root.key"}
    assert "nothing found here loads it" not in found_rows["root.key"].summary


@pytest.mark.parametrize("part", ["image", "image/etc", "image/etc/unbound.conf"])
def test_a_root_that_is_given_is_where_absolute_names_begin(tmp_path: Path, part: str) -> None:
    put(tmp_path / "image", {"etc/unbound.conf": conf("/lib/root.key"), "lib/root.key": BOTH})
    judged = audited(tmp_path / part, root=tmp_path / "image")
    (one,) = resolvers(judged)
    assert len(one.anchors) == 2
    paths = sorted(row.found.location.text for row in judged.places)
    assert paths == [f"{tmp_path}/image/etc/unbound.conf", f"{tmp_path}/image/lib/root.key"]


def test_patterns_and_folders_are_found_below_a_root_that_is_given(tmp_path: Path) -> None:
    tree = {
        "etc/unbound.conf": 'include: "/conf.d/*.conf"\n',
        "conf.d/a.conf": f'server:\n trust-anchor: ". DS {DS2}"\n',
    }
    put(tmp_path / "image", tree)
    (one,) = resolvers(audited(tmp_path / "image/etc", root=tmp_path / "image"))
    assert len(one.anchors) == 1


def test_a_file_of_an_image_finds_nothing_of_the_machine_that_audits(tmp_path: Path) -> None:
    """``/etc/passwd`` is on every machine that runs this."""
    tree = {"etc/unbound.conf": conf("/etc/passwd"), "usr/x": ""}
    (one,) = resolvers(audited(put(tmp_path, tree) / "etc/unbound.conf"))
    assert [used.location.path for used in one.loaded.used] == ["etc/unbound.conf"]


def test_a_single_file_finds_what_it_names_on_the_machine() -> None:
    # In a folder that everybody may look into, as pytest's own may not be.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        put(folder, {"conf/unbound.conf": conf(f"{folder}/keys/root.key"), "keys/root.key": BOTH})
        (one,) = resolvers(audited(folder / "conf/unbound.conf"))
        assert len(one.anchors) == 2


def test_root_alone_reads_what_lies_in_a_folder_that_root_alone_may_search(tmp_path: Path) -> None:
    on_disk(tmp_path, {"etc/x.conf": "", "etc/keys/root.key": BOTH})
    for mode, is_read in ((0o755, True), (0o700, os.geteuid() != 0)):
        (tmp_path / "etc/keys").chmod(mode)
        files = on_disk(tmp_path, {})
        file = files.find("/etc/keys/root.key", files.location("etc/x.conf"))
        assert file is not None
        assert file.status is not None
        assert file.status.may_be_read is is_read


# What is read.


def test_a_file_larger_than_the_limit_is_told_unless_it_is_harmless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory_files, "MAX_TEXT", 99)
    tree: Tree = {
        "etc/x.conf": "",
        "etc/big": b"x" * 100 + b" trust-anchor: ",
        "etc/harmless": b"address=/a.example/\n" + b"address=/b.example/\n" * 9 + b"x" * 9,
        "etc/no-list": b"x" * 5000,
        "etc/whole": b"x" * 99,
    }
    files = on_disk(tmp_path, tree)
    here = files.location("etc/x.conf")
    file = files.find("/etc/big", here)
    assert file is not None
    assert (file.content, file.unread) == (None, "it is larger than 99 bytes")
    # The first line of each form stays where it is.
    assert (
        content(files.find("/etc/harmless", here)) == b"address=/a.example/" + b"\n" * 10 + b"x" * 9
    )
    assert files.find("/etc/no-list", here) == file._replace(location=files.location("etc/no-list"))
    assert content(files.find("/etc/whole", here)) == b"x" * 99


def test_what_is_no_file_is_none(tmp_path: Path) -> None:
    files = on_disk(tmp_path, {"etc/x.conf": ""})
    os.mkfifo(tmp_path / "etc/fifo")
    assert files.find("/etc/fifo", files.location("etc/x.conf")) is None
    assert not files.is_absent("/etc/fifo", files.location("etc/x.conf"))


def test_a_content_that_was_not_kept_is_told() -> None:
    files = PackedFiles("/a.tar", {"etc/x": Entry(_FILE)})
    file = files.find("/etc/x", files.location("etc/y"))
    assert file is not None
    assert (file.content, bool(file.unread)) == (None, True)


def test_a_name_that_is_no_utf8_is_found(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\xfe.key")
    files = on_disk(tmp_path, {f"etc/{name}": "k", "etc/x.conf": ""})
    assert content(files.find(f"/etc/{name}", files.location("etc/x.conf"))) == b"k"
    assert [f.location.path for f in files.matching("/etc/*.key", files.location("x"))] == [
        f"etc/{name}"
    ]
