"""docs/state-of-the-distributions.md, written from the audit of the packages.

``python -m tests.distributions.table`` audits build/packages, keeps what the document needs of the
audit in fixtures/distributions.json, and writes the document and docs/issues.
"""

from __future__ import annotations

import json
import posixpath
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import anchors
from tests.distributions.packages import (
    ROOT,
    SUITES,
    NotAudited,
    Package,
    audit,
    issues,
    keys_of,
    packages_of,
)

__all__ = ["DOCUMENT", "ISSUES", "RECORDING", "document", "issue_of", "record"]

DOCUMENT = ROOT / "docs" / "state-of-the-distributions.md"
ISSUES = ROOT / "docs" / "issues"
RECORDING = ROOT / "fixtures" / "distributions.json"

Json = Mapping[str, Any]

_HEAD = """\
# The state of the distributions

This page shows which of the root's key-signing keys the packages of {suites} contain,
and what happens to a resolver that relies on them. The results come from `root-anchors audit` of
the package files; nothing was installed. `make distributions` downloads the current packages and
writes this page.

| | |
|---|---|
| judged at | {at} |
| by | {tool} |
| compared with | IANA's publication, signed on {signed} |
| the root zone | {dns} |

| key | state |
|---|---|
{keys}

How to read the outcome:

- **fails**: a resolver that is started as the package configures it fails every look-up, since
  that day.
- **attention**: no resolver of the package is known to fail, but a person should check the package.
  Either a program, or a file that nothing in the package loads, lacks a key: a resolver that relies
  on it fails. Or a resolver does not validate for everybody.
- **right**: the package contains every needed key, or another package with the named file does.

Each package is judged separately: a file that it names may come from another package, and is judged
there. Each file is judged separately too. Several source files with one key each, as in
hickory-proto, are judged together.

The audit does not find a digest that a program contains in several pieces: a program that is not
listed may still contain one.

`docs/issues` has a bug report for each package that lacks a current key or pins only one of ICANN's
two root CAs: `SUITE-PACKAGE.md`, written with `--report-format issue`.

## In short

| suite | have every current key | lack a current key |
|---|---|---|
{short}
"""
# These are too large to be downloaded each time, or not in each suite: update the text by hand.
_BY_HAND = """
## By hand

The packages above were found in sid on 2026-11-29 with `.ci/search-packages.sh`, which says what it
looks for: of 76,439 packages, 1,614 were downloaded and searched. Larger packages, and packages
without DNS in their description, were not. These packages contain root keys too, but are not
downloaded each time:

| package | file | root KSKs | outcome |
|---|---|---|---|
| monero 0.17.2.0+~0+20200826-1 (bullseye), 0.18.0.0+~0+20200826-1+deb12u1 (bookworm), \
0.18.4.0+~0+20200826-1 (trixie), 0.18.5.3+~0+20260428-1+b1 (sid) | `usr/bin/monerod` and twelve \
more (built in) | KSK-2010 (19036), KSK-2017 (20326) | attention |
| sq 1.4.1-2 (sid) | `usr/bin/sq` (built in) | KSK-2017 (20326), KSK-2024 (38696) | right |
| gpg-sq 0.13.1-15 (sid) | `usr/bin/gpg-sq` (built in) | KSK-2017 (20326), KSK-2024 (38696) \
| right |
| libgetdns-dev 1.7.3-5 (sid) | `libgetdns.a` (built in) | none; pins ICANN Root CA only \
| attention |
| dnsmasq-base-lua 2.93-3 (sid) | `usr/share/dnsmasq-base-lua/trust-anchors.conf` | KSK-2017 \
(20326), KSK-2024 (38696) | right |
| bind9-libs 1:9.20.30-1 (sid) | `libisccfg-9.20.30-1-Debian.so` (built in) | KSK-2010 (19036), \
KSK-2017 (20326), KSK-2024 (38696) | right |
"""
_TABLE = """
## {suite}

| package | file | root KSKs | outcome | day | in the audit's words |
|---|---|---|---|---|---|
{rows}
"""


def record(tool: str, said: Json) -> Json:
    """As much of an audit as the document is made of; ``tool``: the program and its version."""
    basis = {name: said["basis"][name] for name in ("signing_time", "dns_mode", "observed_at")}
    keys = [_some(key, "name", "digest", "state") for key in said["basis"]["keys"]]
    places = [
        {
            **_some(place, "path", "root", "outcome", "day", "summary", "compiled"),
            "anchors": [_some(anchor, "name", "standing") for anchor in place["anchors"]],
        }
        for place in said["places"]
        # One of a package as a whole tells that it has nothing.
        if place["path"] != place["root"]
    ]
    return {
        "tool": tool,
        "at": said["at"],
        "basis": {**basis, "keys": keys},
        "paths": [*said["paths"]],
        "places": places,
    }


def _some(content: Json, *names: str) -> Json:
    return {name: content[name] for name in names}


def document(recorded: Json) -> str:
    """The document, the same for the same recording."""
    basis = recorded["basis"]
    suites = [suite for suite in SUITES if _packages(recorded, suite)]
    head = _HEAD.format(
        suites=f"Debian {', '.join(suites)}",
        at=recorded["at"],
        tool=recorded["tool"],
        signed=_day(basis["signing_time"]),
        dns=f"{basis['dns_mode']}, as of {_day(basis['observed_at'])}",
        keys="\n".join(_row(_some(key, "name", "state").values()) for key in basis["keys"]),
        short="\n".join(_row(_counted(recorded, suite)) for suite in suites),
    )
    return head + "".join(_section(recorded, suite) for suite in suites) + _BY_HAND


def _day(time: str | None) -> str:
    return time.partition("T")[0] if time else ""


def _packages(recorded: Json, suite: str) -> list[Package]:
    return [package for package in map(Package.of, recorded["paths"]) if package.suite == suite]


def _places(recorded: Json, suite: str) -> list[Json]:
    return [place for place in recorded["places"] if Package.of(place["root"]).suite == suite]


def _counted(recorded: Json, suite: str) -> Iterator[str]:
    """How many places hold every current key, and which do not."""
    current = {key["name"] for key in recorded["basis"]["keys"] if key["state"] == "current"}
    held = [(place, set(keys_of(recorded, place))) for place in _places(recorded, suite)]
    # A source may have a file for each key.
    beside: dict[str, set[str]] = defaultdict(set)
    for place, keys in held:
        beside[posixpath.dirname(place["path"])] |= keys
    lacking = [
        _member(place)
        for place, keys in held
        if keys and not beside[posixpath.dirname(place["path"])] >= current
    ]
    yield suite
    yield str(sum(keys >= current for _, keys in held))
    yield ", ".join(lacking) or "none"


def _member(place: Json) -> str:
    """The file in its package, by its bare name."""
    return f"`{place['path'].rpartition('/')[2]}` of {Package.of(place['root']).name}"


def _section(recorded: Json, suite: str) -> str:
    places = _places(recorded, suite)
    holding = [place for place in places if keys_of(recorded, place)]
    rows = "\n".join(_row(_cells(recorded, place)) for place in holding)
    text = _TABLE.format(suite=suite, rows=rows)
    others = [place for place in places if place not in holding]
    if others:
        text += "\nConfigurations, and what has no root KSK of its own:\n\n" + "".join(
            map(_item, others)
        )
    named = {Package.of(place["root"]) for place in places}
    silent = [package for package in _packages(recorded, suite) if package not in named]
    if silent:
        text += f"\nNothing about the root's anchors: {', '.join(map(str, silent))}.\n"
    return text


def _cells(recorded: Json, place: Json) -> Iterator[str]:
    outcome = place["outcome"]
    yield str(Package.of(place["root"]))
    yield _path(place)
    yield ", ".join(keys_of(recorded, place))
    yield f"**{outcome}**" if outcome in {"fails", "will fail"} else outcome
    yield _day(place["day"])
    yield _words(place)


def _item(place: Json) -> str:
    package = Package.of(place["root"])
    return f"- {package}, {_path(place)}: {place['outcome']}; {_words(place)}\n"


def _path(place: Json) -> str:
    path = place["path"].removeprefix(f"{place['root']}:")
    return f"`{path}`{' (built in)' if place['compiled'] else ''}"


def _words(place: Json) -> str:
    """The audit's words, with names inside the package for those from outside."""
    return str(place["summary"]).replace(f"{place['root']}:", "")


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> int:
    """Audit the packages, record it, and write the document and the issues."""
    paths = [path for suite in SUITES for path in packages_of(suite)]
    try:
        said = audit(paths)
        texts = issues(paths)
    except NotAudited as error:
        sys.stderr.write(f"NO DOCUMENT: {error}\n")
        return 1
    recorded = record(f"root-anchors {anchors.__version__}", said)
    RECORDING.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")
    DOCUMENT.write_text(document(recorded), encoding="utf-8")
    for old in ISSUES.glob("*.md"):
        old.unlink()
    for package, text in texts.items():
        issue_of(package).write_text(text, encoding="utf-8")
    return 0


def issue_of(package: Package) -> Path:
    """Where the text of an issue about a package lies."""
    return ISSUES / f"{package.suite}-{package.name}.md"


if __name__ == "__main__":
    sys.exit(main())
