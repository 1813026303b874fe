"""Write what the installed programs do into the tables: ``python -m tests.resolvers.survey NAME``.

Only the lines ``seen = ...`` are written; read the difference before it is committed.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections import defaultdict
from functools import cache

from tests.resolvers.network import Network, quiet, world
from tests.resolvers.observe import Observed, observe
from tests.resolvers.places import bases, version_in
from tests.resolvers.programs import PROGRAMS
from tests.resolvers.rules import FOLDER, answer, rules_of


def main(program: str, wanted: str = "", unwanted: str = "^$") -> None:
    """Run every rule whose name matches, say what was seen, and write it down."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with contextlib.ExitStack() as stack:

        @cache
        def network(root: str) -> Network:
            return stack.enter_context(world(root) if root else quiet())

        for rule in rules_of(program):
            if re.search(wanted, rule.name) and not re.search(unwanted, rule.name):
                for base in bases(program):
                    version = version_in(base, program)
                    if not rule.fits(version):
                        continue
                    seen = observe(
                        PROGRAMS[program],
                        rule.tree,
                        base,
                        network(rule.root),
                        arguments=rule.arguments,
                        asks=bool(rule.root),
                    )
                    found[rule.name][version] = answer(seen, rule.root)
                    print(rule.name, version, found[rule.name][version], _told(seen), sep=" | ")  # noqa: T201
    path = FOLDER / f"{program}.toml"
    path.write_text(_recorded(path.read_text(encoding="utf-8"), found), encoding="utf-8")


def _told(seen: Observed) -> str:
    return "" if seen.starts and seen.validates in (None, True) else seen.words[-160:]


def _recorded(text: str, found: dict[str, dict[str, str]]) -> str:
    blocks = re.split(r"(?m)^(?=\[\[(?:rule|role)\]\])", text)
    return "".join(_block(block, found) for block in blocks)


def _block(block: str, found: dict[str, dict[str, str]]) -> str:
    match = re.match(r'\[\[(rule|role)\]\]\nname = "(.*)"\n', block)
    if match is None:
        return block
    kind, name = match.groups()
    seen = {
        "seen" if kind == "rule" else f'seen."{other.removeprefix(name + ": ")}"': answers
        for other, answers in found.items()
        if other == name or (kind == "role" and other.startswith(f"{name}: "))
    }
    rest = block[match.end() :]
    for key in seen:
        rest = re.sub(rf"(?m)^{re.escape(key)} = .*\n", "", rest)
    return match[0] + "".join(_line(key, answers) for key, answers in seen.items()) + rest


def _line(key: str, seen: dict[str, str]) -> str:
    if len(set(seen.values())) == 1:
        seen = dict([next(iter(seen.items()))])
    inner = ", ".join(f'"{version}" = "{what}"' for version, what in seen.items())
    return f"{key} = {{ {inner} }}\n"


if __name__ == "__main__":
    main(*sys.argv[1:])
