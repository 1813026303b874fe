"""Whether Unbound starts: what the model of its start says, held against unbound-checkconf.

That reads anchors without the validator as well, which the server does not.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from anchors.consumers.bench import Bench, on_bench
from anchors.consumers.unbound import CONSUMER
from anchors.consumers.unbound.running import CheckConf
from tests.consumers.conftest import FOLDERS, needs, rendered
from tests.unit.consumers.trees import DS17, load

KEY = rendered("dnskey").decode().split("\n. IN DNSKEY ")[1].split("\n")[0]
STATE = f"; autotrust trust anchor file\n;;id: . 1\n. IN DNSKEY {KEY} ;;state=2\n"
SEED = f". IN DNSKEY {KEY}\n"
DS = f'trust-anchor: ". DS {DS17}"'
QUOTED = f'"{KEY.split(" ")[3]}"'
TRUSTED = f"trusted-keys {{ . 257 3 8 {QUOTED}; }};\n"
# A {d} stands for the directory.  The options follow a server: clause.
TRIES: dict[str, tuple[str, dict[str, str]]] = {
    "a managed state": ("auto-trust-anchor-file: {d}/a", {"a": STATE}),
    "a managed file that is not there": ("auto-trust-anchor-file: {d}/a", {}),
    "an empty managed file": ("auto-trust-anchor-file: {d}/a", {"a": ""}),
    "a managed file behind a byte order mark": (
        "auto-trust-anchor-file: {d}/a",
        {"a": f"\ufeff{SEED}{SEED}"},
    ),
    "a state and an anchor": (f"auto-trust-anchor-file: {{d}}/a {DS}", {"a": STATE}),
    "a seed and an anchor": (f"auto-trust-anchor-file: {{d}}/a {DS}", {"a": SEED}),
    "a state and an insecure root": (
        "auto-trust-anchor-file: {d}/a domain-insecure: .",
        {"a": STATE},
    ),
    "a state twice": ("auto-trust-anchor-file: {d}/a auto-trust-anchor-file: {d}/a", {"a": STATE}),
    "a seed twice": ("auto-trust-anchor-file: {d}/a auto-trust-anchor-file: {d}/a", {"a": SEED}),
    "a state before a seed": (
        "auto-trust-anchor-file: {d}/a auto-trust-anchor-file: {d}/b",
        {"a": STATE, "b": SEED},
    ),
    "a seed before a state": (
        "auto-trust-anchor-file: {d}/a auto-trust-anchor-file: {d}/b",
        {"a": SEED, "b": STATE},
    ),
    "an insecure root and a file": (
        "domain-insecure: . trust-anchor-file: {d}/a",
        {"a": SEED},
    ),
    "a static file of options": ("trust-anchor-file: {d}/a", {"a": f"{DS}\n"}),
    "a static file, class before TTL": (
        "trust-anchor-file: {d}/a",
        {"a": f". IN 3600 DNSKEY {KEY}\n"},
    ),
    "a static file with a directive": ("trust-anchor-file: {d}/a", {"a": f"$INCLUDE x\n{SEED}"}),
    "trusted-keys": ("trusted-keys-file: {d}/a", {"a": f";\n{TRUSTED}"}),
    "trusted-keys that do not end": ("trusted-keys-file: {d}/a", {"a": TRUSTED[:-3]}),
    "zone text as trusted-keys": ("trusted-keys-file: {d}/a", {"a": SEED}),
    "a pattern of trusted-keys without a match": ("trusted-keys-file: {d}/none/*", {}),
    "an included state": ("include: {d}/a", {"a": STATE}),
    "an included fragment": ("include: {d}/a", {"a": f"{DS}\n"}),
    "an included pattern without a match": ("include: {d}/*.none", {}),
    "a pattern in no directory": ("include: {d}/none/*", {}),
    "an included file that is not there": ("include: {d}/none", {}),
    "an include without a name": ('include: ""', {}),
    "a file that includes itself": ("include: {d}/a", {"a": "include: {d}/a\n"}),
    "a fragment of the top level": ("include-toplevel: {d}/a", {"a": f"{DS}\n"}),
    "an option behind a fragment of the top level": (
        f"include-toplevel: {{d}}/a\n{DS}",
        {"a": "server:\n"},
    ),
    "an option behind another clause": (f"include: {{d}}/a\n{DS}", {"a": "forward-zone: name: y"}),
    "an anchor in another clause": (f"forward-zone: name: y {DS}", {}),
    "an anchor without quotation marks": (f"trust-anchor: . DS {DS17}", {}),
    "an anchor in single quotation marks": (f"trust-anchor: '. DS {DS17}'# x", {}),
    "an anchor on the next line": (f'trust-anchor: # x\n\n". DS {DS17}"', {}),
    "no blank behind the colon": (f'verbosity:1 trust-anchor:". DS {DS17}"', {}),
    "a no-break space": (f"\u00a0{DS}", {}),
    "a vertical tab": (f"\v{DS}", {}),
    "a record of another type": ('trust-anchor: ". A 192.0.2.1"', {}),
    "an anchor of blanks": ('trust-anchor: " "', {}),
    "an anchor of nothing": ('trust-anchor: ""', {}),
    "a number with a sign": (f'trust-anchor: ". DS +{DS17}"', {}),
    "a digest type by its name": (f'trust-anchor: ". DS {DS17.replace(" 2 ", " SHA-256 ")}"', {}),
    "val-permissive-mode: maybe": ("val-permissive-mode: maybe", {}),
    "a value is missing": ("trust-anchor:\n", {}),
    "a quotation mark is not closed": ('trust-anchor: ". DS', {}),
}
_HEAD = 'server:\n directory: "{d}"\n chroot: ""\n username: ""\n pidfile: ""\n '


def write(bench: Bench, name: str, text: str) -> None:
    bench.write(name, text.replace("{d}", str(bench.directory)))


def says(bench: Bench) -> bool:
    """Whether unbound-checkconf has nothing against it."""
    ran = bench.run("unbound-checkconf", bench.directory / "unbound.conf")
    return ran.code == 0


@pytest.mark.parametrize("folder", [None, *FOLDERS], ids=lambda one: one and one.parent.name)
@pytest.mark.parametrize("name", TRIES)
def test_the_model_says_what_the_program_does(
    name: str, folder: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if folder is not None:
        if not (folder / "unbound-checkconf").exists():
            pytest.skip("no Unbound in there")
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    needs(CheckConf(), optional=folder is not None)
    options, files = TRIES[name]
    with on_bench("unbound", "README", b"") as bench:
        write(bench, "unbound.conf", f"{_HEAD}{options}\n")
        for path, text in files.items():
            write(bench, path, text)
        tree = {str(one).lstrip("/"): one.read_bytes() for one in bench.directory.iterdir()}
        path = f"{bench.directory}/unbound.conf".lstrip("/")
        loaded = {one.configuration and one.configuration.path: one for one in load(CONSUMER, tree)}
        assert loaded[path].starts is says(bench)
