"""The tables of ``fixtures/loading``: what each version of a program did in a named situation."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.resolvers.keys import filled
from tests.resolvers.observe import Observed
from tests.resolvers.tree import Tree

__all__ = ["FOLDER", "Rule", "answer", "expected", "is_between", "rules_of"]

FOLDER = Path(__file__).parents[2] / "fixtures" / "loading"


@dataclass(frozen=True)
class Rule:
    """A situation and what was seen.

    Attributes:
        name: the situation in words.
        tree: all its files.
        arguments: a command line other than the usual one.
        root: which keys sign the root that it asks, "" where it asks nobody.
        seen: the answer by version; a version that is not listed does as the one below it.
        since: the first version that it is for.
        before: the first version that it is no longer for.
    """

    name: str
    tree: Tree
    arguments: tuple[str, ...] | None
    root: str
    seen: Mapping[str, str] = field(default_factory=dict)
    since: str = "0"
    before: str = "9999"

    def fits(self, version: str) -> bool:
        """Whether the situation makes sense for this version."""
        return is_between(version, self.since, self.before)


def is_between(version: str, since: str, before: str) -> bool:
    """Whether a version is one of those, the last one left out."""
    return _number(since) <= _number(version) < _number(before)


def rules_of(program: str) -> Iterator[Rule]:
    """All rules of a program: the situations one by one, then each role with each content."""
    table = tomllib.loads((FOLDER / f"{program}.toml").read_text(encoding="utf-8"))
    for entry in table.get("rule", []):
        yield _rule(entry["name"], entry, entry.get("files", {}), entry.get("seen", {}))
    contents = tomllib.loads((FOLDER / "contents.toml").read_text(encoding="utf-8"))
    for role in table.get("role", []):
        for content, text in contents.items():
            if content in role.get("without", []):
                continue
            name = f"{role['name']}: {content}"
            seen = role.get("seen", {}).get(content, {})
            yield _with_content(name, role, text, seen)


def answer(seen: Observed, root: str) -> str:
    """What was seen, in the words of the tables.

    A program that ends once it has asked the root may live to tell what it holds, or may not:
    both are "does not start".
    """
    if not seen.starts:
        return "does not start"
    held = (
        "what it does not tell" if seen.holds is None else " ".join(sorted(seen.holds)) or "nothing"
    )
    words = [f"holds {held}"]
    if root:
        words.append(_judged(seen))
    return ", ".join(words)


def expected(rule: Rule, version: str) -> str | None:
    """What the table says of a version, or of the newest that is older; ``None`` for neither."""
    older = [one for one in rule.seen if _number(one) <= _number(version)]
    return rule.seen[max(older, key=_number)] if older else None


def _judged(seen: Observed) -> str:
    match seen.validates, seen.on_request, seen.resolves:
        case True, _, True:
            return "validates"
        case True, _, False:
            return "refuses every name"
        case False, True, True:
            return "validates on request"
        case False, True, False:
            return "refuses every name on request"
        case False, _, _:
            return "does not validate"
        case _:
            return "answers nothing"


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _with_content(
    name: str, role: Mapping[str, Any], text: object, seen: Mapping[str, str]
) -> Rule:
    """The role's tree with this content where it says so: a text, or what stands in its place."""
    path = role["path"]
    files = dict(role.get("files", {}))
    entry: dict[str, Any] = {**role, "owners": dict(role.get("owners", {}))}
    match text:
        case str():
            files[path] = text
        case {"is": "folder"}:
            entry["folders"] = [*role.get("folders", []), path]
        case {"is": "link"}:
            entry["links"] = {path: "/nowhere/at-all"}
        case {"is": "secret", "text": str(text)}:
            files[path] = text
            entry["modes"] = {path: 0}
        case {"is": "missing"}:
            pass
        case _:
            raise ValueError(f"{name}: no such content")
    if path not in files and path not in entry.get("folders", []):
        entry["owners"].pop(path, None)
    return _rule(name, entry, files, seen)


def _rule(
    name: str, entry: Mapping[str, Any], files: Mapping[str, str], seen: Mapping[str, str]
) -> Rule:
    tree = Tree(
        files={path: filled(text).encode() for path, text in files.items()},
        links=entry.get("links", {}),
        folders=tuple(entry.get("folders", ())),
        owners=entry.get("owners", {}),
        modes=entry.get("modes", {}),
    )
    arguments = entry.get("arguments")
    return Rule(
        name,
        tree,
        None if arguments is None else tuple(map(filled, arguments)),
        entry.get("root", ""),
        seen,
        entry.get("since", "0"),
        entry.get("before", "9999"),
    )
