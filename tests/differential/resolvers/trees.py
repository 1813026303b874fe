"""Trees that are made by chance: a form or a situation of a program's files, varied.

Forms are in shapes.toml, situations in ``fixtures/loading``.

Each is varied a few times: its texts, its settings, its states, its links, owners and modes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

from tests.differential.resolvers.settings import SETTINGS
from tests.differential.resolvers.shapes import shapes_of
from tests.differential.resolvers.states import state_text
from tests.differential.resolvers.texts import VARIATIONS, grown, is_kept, zone_text
from tests.resolvers.keys import filled
from tests.resolvers.rules import FOLDER, Rule, rules_of
from tests.resolvers.tree import Tree

__all__ = ["made", "without_line"]

# Where the two are known to differ, and why, there is nothing to be found.
_DIFFERENCES = Path(__file__).parents[2] / "unit" / "consumers" / "loading_differences.toml"
# Debian's builds do not start without this file, and no file of a tree tells whose build runs.
_NEEDS_DEFAULT, _DEFAULT = ("kresd", "kresctl"), "/usr/share/dns/root.key"
# Without servers systemd-resolved answers nothing, and nothing can be seen.
_ABOVE = "/etc/systemd"
_PARTS = f"{_ABOVE}/resolved.conf.d"
_SERVERS = f"{_PARTS}/servers.conf"
_MOST_VARIATIONS = 3
# Of all trees, those that begin with a form of their own.
_OF_SHAPES = 0.4
# Who may not look into these finds no program, or is not started by root.
_OF_CONFIGURATIONS = ("/etc", "/etc/unbound", "/etc/bind")
# Of seven ways to move a file, those that change its rights.
_OF_RIGHTS, _HALF = 4, 0.5
# Others are there before the tree is.
_MOVABLE = ("/etc/", "/usr/")
# Of all variations, those by a setting of the manual.
_OF_SETTINGS = 0.9
# What a file has in which a resolver keeps its anchors.
_OF_STATES = (";;state=", "KEYDATA", "; Valid:")
_USERS: Mapping[str, str] = {
    "unbound": "unbound",
    "named": "bind",
    "kresd": "knot-resolver",
    "kresctl": "knot-resolver",
    "pdns_recursor": "pdns",
    "dnsmasq": "dnsmasq",
    "systemd-resolved": "systemd-resolve",
    "stubby": "stubby",
}


@cache
def _situations(program: str) -> tuple[Rule, ...]:
    known = tomllib.loads(_DIFFERENCES.read_text(encoding="utf-8")).get(program, {})
    rules = (rule for rule in rules_of(program) if rule.name not in known)
    return tuple(rule for rule in rules if rule.arguments is None and rule.tree.files)


@cache
def _contents() -> tuple[str, ...]:
    """Files of every program's syntax."""
    table = tomllib.loads((FOLDER / "contents.toml").read_text(encoding="utf-8"))
    return tuple(filled(text) for text in table.values() if isinstance(text, str))


def made(program: str, version: str, number: int, seed: int) -> Tree:
    """A tree for a version of a program: the same for the same number and seed."""
    random = Random(f"{seed} {program} {number}")
    rules = [rule for rule in _situations(program) if rule.fits(version)]
    tree = _begun(program, version, rules, random)
    for _ in range(random.randrange(_MOST_VARIATIONS + 1)):
        tree = _varied(tree, program, rules, random)
    if program == "systemd-resolved" and not {_ABOVE, _PARTS, _SERVERS} & {*tree.links}:
        return _with_text(tree, _SERVERS, "[Resolve]\nDNS=9.9.9.9\nDomains=~.\n")
    if program in _NEEDS_DEFAULT and tree.links.get(_DEFAULT, _DEFAULT) not in tree.files:
        links = {path: target for path, target in tree.links.items() if path != _DEFAULT}
        folders = tuple(path for path in tree.folders if path != _DEFAULT)
        bare = replace(tree, links=links, folders=folders)
        return _with_text(bare, _DEFAULT, filled(". IN DS @A:ds@\n. IN DS @B:ds@\n"))
    return tree


def _begun(program: str, version: str, rules: Sequence[Rule], random: Random) -> Tree:
    """A form of the program's files, or a situation that was seen."""
    shapes = shapes_of(program, version)
    if shapes and random.random() < _OF_SHAPES:
        return _replaced(random.choice(shapes).drawn(random))
    return random.choice(rules).tree


def _varied(tree: Tree, program: str, rules: Sequence[Rule], random: Random) -> Tree:
    if not tree.files:
        return tree
    path = random.choice(sorted(tree.files))
    text = tree.files[path].decode("utf-8", "surrogateescape")
    what = random.random()
    if what < 0.1:
        return _with_line_of(tree, path, random.choice(rules).tree, random)
    if what < 0.2:
        return _moved(tree, path, program, random)
    if what < 0.22:
        return _with_anchors_of(tree, path, random)
    if what > _OF_SETTINGS and path in SETTINGS:
        text = random.choice(SETTINGS[path]).added_to(text)
    elif what < 0.25:
        text = random.choice((*_contents(), "", "\n"))
    elif what < 0.255:
        text = grown(text)
    elif what < 0.4 and any(mark in text for mark in _OF_STATES):
        text = state_text(program, random)
    elif what < 0.4 and "IN D" in text[:80]:
        text = zone_text(random)
    else:
        text = random.choice(VARIATIONS)(text, random)
    return _with_text(tree, path, text)


def _with_text(tree: Tree, path: str, text: str) -> Tree:
    files = {**tree.files, path: text.encode("utf-8", "surrogateescape")}
    return _replaced(tree, files=files)


def _with_line_of(tree: Tree, path: str, other: Tree, random: Random) -> Tree:
    """One line more, from the same file of another situation, with the files it may name."""
    if path not in other.files:
        return tree
    theirs = other.files[path].decode("utf-8", "surrogateescape").split("\n")
    lines = tree.files[path].decode("utf-8", "surrogateescape").split("\n")
    lines.insert(random.randrange(len(lines) + 1), random.choice(theirs))
    files = {**other.files, **tree.files, path: "\n".join(lines).encode("utf-8", "surrogateescape")}
    owners = {p: who for p, who in {**other.owners, **tree.owners}.items() if p in files}
    return _replaced(tree, files=files, owners={**owners, **tree.owners})


def _with_anchors_of(tree: Tree, path: str, random: Random) -> Tree:
    """The anchors of another file once more, behind what stands in this one."""
    other = tree.files[random.choice(sorted(tree.files))].split(b"\n")
    rows = [row for row in other if b" 8 " in row and not row.startswith((b";", b"#"))]
    files = {**tree.files, path: tree.files[path] + b"\n".join([*rows[:2], b""])}
    return _replaced(tree, files=files)


def _moved(tree: Tree, path: str, program: str, random: Random) -> Tree:
    """Another owner or mode, a link in place of the file, or no file."""
    what = random.randrange(7)
    if what < _OF_RIGHTS:
        return _with_rights(tree, path, program, random, of_folder=what > 1)
    files = {one: content for one, content in tree.files.items() if one != path}
    owners = {one: who for one, who in tree.owners.items() if one != path}
    modes = {one: mode for one, mode in tree.modes.items() if one != path}
    bare = Tree(files, tree.links, tree.folders, owners, modes)
    if what == _OF_RIGHTS:
        return _replaced(bare)
    if path in tree.links:
        return tree
    kind = random.choice([_led_away, _led_away, _led_away_with_folder, _of_two_names, _led_nowhere])
    return kind(tree, bare, path, random)


def _led_away(tree: Tree, bare: Tree, path: str, random: Random) -> Tree:
    """The file elsewhere, and a link in its place, which may be a relative one."""
    folder, _, name = path.rpartition("/")
    target = f"/srv/{name}"
    if target in tree.files:
        return tree
    link = random.choice([target, f"{'../' * folder.count('/')}srv/{name}"])
    moved = {**bare.files, target: tree.files[path]}
    return _replaced(bare, files=moved, links={**tree.links, path: link})


def _led_away_with_folder(tree: Tree, _bare: Tree, path: str, random: Random) -> Tree:
    """The folder of the file elsewhere, and a link in its place."""
    folder = path.rpartition("/")[0]
    target = f"/srv/{random.choice('ab')}"
    # The key of rndc is put into the folder of named.
    there = (*tree.links, *tree.folders, "/etc/bind")
    if not folder.startswith(_MOVABLE) or any(one.startswith(folder) for one in there):
        return tree
    moved = {
        f"{target}{one.removeprefix(folder)}" if one.startswith(f"{folder}/") else one: content
        for one, content in tree.files.items()
    }
    return _replaced(tree, files=moved, links={**tree.links, folder: target})


def _of_two_names(tree: Tree, _bare: Tree, path: str, random: Random) -> Tree:
    """A link beside the file to the file, by an earlier or a later name."""
    folder, _, name = path.rpartition("/")
    second = f"{folder}/{random.choice(['0', 'z', '.'])}{name}"
    return _replaced(tree, links={**tree.links, second: name})


def _led_nowhere(tree: Tree, bare: Tree, path: str, random: Random) -> Tree:
    """A link that leads to no file, or a folder, in place of the file."""
    target = random.choice(["/srv/nowhere", path, "/dev/null", "/srv", ""])
    if not target:
        return _replaced(replace(bare, folders=(*bare.folders, path)))
    return _replaced(bare, links={**tree.links, path: target})


def _with_rights(tree: Tree, path: str, program: str, random: Random, *, of_folder: bool) -> Tree:
    """A file, or the folder that it lies in, of another owner or with another mode."""
    if of_folder:
        path = path.rpartition("/")[0]
        if path in _OF_CONFIGURATIONS:
            return tree
    if random.random() < _HALF:
        who = random.choice(["root", _USERS[program]])
        return _replaced(tree, owners={**tree.owners, path: who})
    modes = [0o700, 0o750, 0o555, 0o777] if of_folder else [0o600, 0o400, 0o640, 0]
    bare = replace(tree, folders=(*tree.folders, path)) if of_folder else tree
    return _replaced(bare, modes={**tree.modes, path: random.choice(modes)})


def _replaced(tree: Tree, **parts: Mapping[str, object]) -> Tree:
    """The tree with other parts; what has no place any more is left out."""
    whole = replace(tree, **parts)  # type: ignore[arg-type]
    paths = (*whole.files, *whole.links, *whole.folders)
    below = {folder for path in paths for folder in _folders(path)}
    links = {path: target for path, target in whole.links.items() if path not in below}
    folders = tuple(path for path in whole.folders if path not in links)
    above = {*folders, *links, *below}
    files = {path: content for path, content in whole.files.items() if path not in above}
    there = {*files, *folders, *links}
    there |= {folder for path in there for folder in _folders(path)}
    return replace(
        whole,
        files=files,
        links=links,
        folders=folders,
        owners={path: who for path, who in whole.owners.items() if path in there},
        modes={path: mode for path, mode in whole.modes.items() if path in {*files, *folders}},
    )


def _folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:at]) for at in range(2, len(parts))]


def without_line(tree: Tree) -> Iterator[Tree]:
    """Every tree that is smaller by one file or one line, each as it is asked for."""
    for path, content in tree.files.items():
        if path == _DEFAULT:
            continue
        if path not in tree.owners and path not in tree.modes:
            rest = {one: text for one, text in tree.files.items() if one != path}
            yield _replaced(tree, files=rest)
        lines = content.split(b"\n")
        for at in range(len(lines)):
            if is_kept(lines[at].decode("utf-8", "surrogateescape")):
                continue
            text = b"\n".join(lines[:at] + lines[at + 1 :])
            yield _replaced(tree, files={**tree.files, path: text})
