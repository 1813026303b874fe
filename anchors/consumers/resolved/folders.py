"""Where systemd-resolved looks for its files, and which of them it reads.

Of each kind it reads the files of four folders, sorted by their names.  What an earlier folder has
by a name hides that name in the later ones: a file, an empty one, a link wherever it leads, a
folder (dnssec-trust-anchors.d(5), resolved.conf(5); tried on systemd 252 and 262).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from anchors.consumers.files import File, Files, Location
from anchors.consumers.reading import Place
from anchors.consumers.resolved import CONSUMER, NEGATIVE, POSITIVE, SETTINGS

__all__ = ["MAIN", "Part", "System", "systems"]

_TOPS = ("/etc", "/run", "/usr/local/lib", "/usr/lib")
_ANCHORS = "dnssec-trust-anchors.d"
_NAME = "systemd/resolved.conf"
MAIN = f"/etc/{_NAME}"
_ENDINGS = {".positive": _ANCHORS, ".negative": _ANCHORS, ".conf": "systemd/resolved.conf.d"}
_FOLDERS = tuple(f"{top}/{name}" for top in _TOPS for name in ("systemd", *_ENDINGS.values()))


class Part(NamedTuple):
    """A name in one of the folders.

    Attributes:
        path: where it is, as systemd-resolved knows it.
        file: what is there, every link followed; ``None`` where that is no file.
        hidden_by: what hides it, "" for nothing.
    """

    path: str
    file: File | None
    hidden_by: str = ""


class System(NamedTuple):
    """What one systemd-resolved finds: its parts in the order in which it reads them.

    Attributes:
        main: each resolved.conf; versions before 256 read the first of them in /etc alone.
        settings: the drop-ins.
        positive: the files of anchors.
        negative: the files of names below which nothing is validated.
    """

    main: tuple[Part, ...] = ()
    settings: tuple[Part, ...] = ()
    positive: tuple[Part, ...] = ()
    negative: tuple[Part, ...] = ()

    @property
    def locations(self) -> set[Location]:
        """Where all of it lies."""
        return {part.file.location for kind in self for part in kind if part.file is not None}


def systems(found: Sequence[Place], files: Files) -> Iterator[System]:
    """The one of each root file system, and of each folder that lies in none."""
    mine = [p for p in found if p.reading and p.reading.syntax.consumer == CONSUMER.name]
    roots = [_root_of(place, files) for place in mine]
    elsewhere = {p.location: p for p, root in zip(mine, roots, strict=True) if root is None}
    for root in dict.fromkeys(root for root in roots if root is not None):
        system = _system(root, files)
        yield system
        for location in system.locations:
            elsewhere.pop(location, None)
    # A link may lead to them from the folders of the root file system around them.
    for root in dict.fromkeys(_main_in(one, one.base) for one in elsewhere):
        system = _system(root, files)
        if elsewhere.keys() & system.locations:
            yield system
        for location in system.locations:
            elsewhere.pop(location, None)
    yield from _alone([place for place in elsewhere.values() if _is_used(place)])


def _root_of(place: Place, files: Files) -> Location | None:
    """What a root file system is known by, from one of its folders; ``None`` outside of them."""
    folder, name = posixpath.split(f"/{place.location.path}")
    for known in _FOLDERS:
        if folder.endswith(known):
            return _main_in(place.location, f"{folder.removesuffix(known)}/".lstrip("/"))
        # An audit of /etc itself knows the folder by another name.
        if posixpath.basename(folder) == posixpath.basename(known):
            named = files.find(f"{known}/{name}", place.location)
            if named is not None and named.location == place.location:
                return place.location._replace(path="")
    return None


def _main_in(location: Location, root: str) -> Location:
    return location._replace(path=f"{root}{MAIN[1:]}")


def _system(seen_from: Location, files: Files) -> System:
    main = [Part(f"{top}/{_NAME}", None) for top in _TOPS]
    main = [part for part in main if _is_listed(part.path, seen_from, files)]
    main = [part._replace(file=_file(part.path, seen_from, files)) for part in main]
    return System(
        tuple(part._replace(hidden_by=main[0].path if at else "") for at, part in enumerate(main)),
        *(
            tuple(_parts(ending, seen_from, files))
            for ending in (".conf", ".positive", ".negative")
        ),
    )


def _file(path: str, seen_from: Location, files: Files) -> File | None:
    """The file; the null device is none, and 262 leaves other drop-ins out for it."""
    file = files.find(path, seen_from)
    return None if file is None or file.location.path.endswith("dev/null") else file


def _is_listed(path: str, seen_from: Location, files: Files) -> bool:
    folder, name = posixpath.split(path)
    return name in files.listed(folder, seen_from)


def _parts(ending: str, seen_from: Location, files: Files) -> Iterator[Part]:
    parts: dict[str, list[Part]] = {}
    for top in _TOPS:
        folder = f"{top}/{_ENDINGS[ending]}"
        if not _may_be_listed(folder, seen_from, files):
            continue
        for name in files.listed(folder, seen_from):
            if name.endswith(ending) and not name.startswith("."):
                same = parts.setdefault(name, [])
                hidden_by = same[0].path if same else ""
                path = f"{folder}/{name}"
                same.append(Part(path, _file(path, seen_from, files), hidden_by))
    for _, same in sorted(parts.items()):
        yield from same


def _may_be_listed(folder: str, seen_from: Location, files: Files) -> bool:
    """Whether its user may list a folder; what it may not list is as good as not there."""
    status = files.folder(folder, seen_from)
    if status is None or not status.may_be_read:
        return False
    above = posixpath.dirname(folder)
    while above != "/":
        outer = files.folder(above, seen_from)
        if outer is not None and not outer.may_be_searched:
            return False
        above = posixpath.dirname(above)
    return True


def _is_used(place: Place) -> bool:
    """Whether it is one of systemd-resolved's all the same, as a checkout may have it."""
    folder = posixpath.basename(posixpath.dirname(place.location.path))
    return folder == _ANCHORS or not (
        place.reading and place.reading.syntax in {POSITIVE, NEGATIVE}
    )


def _alone(places: Sequence[Place]) -> Iterator[System]:
    """What lies in no root file system: each folder is taken for one of its own."""
    folders: dict[str, dict[object, list[Part]]] = {}
    for place in places:
        folder = posixpath.dirname(place.location.path)
        kinds = folders.setdefault(folder, {SETTINGS: [], POSITIVE: [], NEGATIVE: []})
        if place.reading is not None:
            file = File(place.location, place.content, place.status)
            kinds[place.reading.syntax].append(Part(place.location.path, file))
    for kinds in folders.values():
        yield System((), *map(tuple, kinds.values()))
