"""What named does, started with a configuration, is what the audit's model of it says.

Each case is started on both versions of named that CI has: starts, and the root's keys by tag.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from anchors.consumers.bench import Bench, ConsumerFailed, free_port, on_bench
from anchors.consumers.bind import CONSUMER
from anchors.consumers.bind.running import Named, no_lock_file
from anchors.consumers.query import Endpoint
from anchors.core.found import FoundDs
from anchors.core.records import dnskey, key_tag
from tests.consumers.conftest import FOLDERS, has_all, needs
from tests.simulator.ksk import KSK_2017, KSK_2024
from tests.unit.consumers.trees import load

D17, D24 = KSK_2017.digest(), KSK_2024.digest()
OLD = f'trust-anchors {{ . initial-ds 20326 8 2 "{D17}"; }};\n'
NEW = f'trust-anchors {{ . initial-ds 38696 8 2 "{D24}"; }};\n'
STATIC = OLD.replace("initial", "static")
AUTO, YES, NO = (f"dnssec-validation {mode};" for mode in ("auto", "yes", "no"))
BINDKEYS = f'{AUTO} bindkeys-file "my.keys";'
KEYDATA = f"\tKEYDATA 20901130000000 20250101000000 19700101000000 257 3 8 ( {KSK_2017.base64} )\n"
STATE = f"$ORIGIN .\n$TTL 0\n@ IN SOA . . ( 5 0 0 0 0 )\n{KEYDATA}"
# Options, what stands outside of them, and other files.
CASES: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    (AUTO, "", {}),
    ("", OLD, {}),
    ("", STATIC, {}),
    (AUTO, STATIC, {}),
    (YES, "", {}),
    (YES, "trust-anchors { };", {}),
    (YES, STATIC + NEW, {}),
    (YES, OLD + STATIC, {}),
    (NO, OLD, {}),
    (YES, OLD.replace("20326", "020326"), {}),
    (YES, OLD.replace(" . ", " @ "), {}),
    (YES, OLD.replace('"', ""), {}),
    (YES, OLD.replace(D17, D17[2:]), {}),
    (YES, NEW + OLD.replace(" 8 2", " 8 9"), {}),
    (YES, NEW + OLD.replace(" 8 2", " 99 2"), {}),
    (YES, NEW + OLD.replace("trust-anchors", "managed-keys"), {}),
    (YES, f"{NEW};", {}),
    (YES, f"builtin-{NEW}", {}),
    ("dnssec-enable yes;", NEW, {}),
    ('disable-algorithms "." { RSASHA256; };', NEW, {}),
    (f'{YES} disable-algorithms "." {{ RSASHA256; }};', NEW, {}),
    (f"{YES} {YES}", NEW, {}),
    (BINDKEYS, "", {"my.keys": OLD}),
    (BINDKEYS, NEW, {"my.keys": STATIC}),
    (BINDKEYS, "", {"my.keys": ""}),
    (BINDKEYS, "", {"my.keys": OLD.replace('"', "")}),
    (BINDKEYS, "", {"my.keys": OLD.replace("{ .", "{ e.")}),
    (BINDKEYS, "", {"my.keys": OLD.replace(D17, D17[2:])}),
    (BINDKEYS, "", {"my.keys": "trust-anchors { };"}),
    (BINDKEYS.replace(AUTO, YES), NEW, {"my.keys": OLD}),
    (YES, 'include "k";', {"k": OLD}),
    (YES, 'include "*.k";', {"a.k": OLD, "b.k": NEW}),
    (YES, f'{NEW}include "none";', {}),
    (YES, f'{NEW}include "none*";', {}),
    (YES, f'{NEW}include "z";', {"z": f". IN DS 20326 8 2 {D17}\n"}),
    (YES, f'view a {{ include "k"; }}; view b {{ {NEW} }};', {"k": OLD}),
    (AUTO, NEW, {"managed-keys.bind": STATE}),
    (YES, NEW, {"managed-keys.bind": STATE}),
    (YES, NEW.replace("initial", "static"), {"managed-keys.bind": STATE}),
    (AUTO, NEW, {"managed-keys.bind": STATE[:-40]}),
    (AUTO, "view a { };", {"a.mkeys": STATE}),
    (f'{AUTO} managed-keys-directory "none";', "", {}),
)
_TAGS = re.compile(r"^\./\w+/(\d+) ;", re.MULTILINE)
_CONTROLS = """\
key "k" {{ algorithm hmac-sha256; secret "c2VjcmV0c2VjcmV0"; }};
controls {{ inet 127.0.0.1 port {port} allow {{ 127.0.0.1; }} keys {{ "k"; }}; }};
"""
_RNDC = """\
key "k" {{ algorithm hmac-sha256; secret "c2VjcmV0c2VjcmV0"; }};
options {{ default-server 127.0.0.1; default-port {port}; default-key "k"; }};
"""


@pytest.fixture(params=[None, *FOLDERS], ids=lambda folder: folder.parent.name if folder else "own")
def named(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Named:
    folder: Path | None = request.param
    driver = Named()
    if folder is not None:
        if not has_all(folder, driver):
            pytest.skip(f"not in {folder}")
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    needs(driver)
    return driver


def started(bench: Bench, options: str, rest: str) -> tuple[str, set[int] | None]:
    """The configuration, and the tags that named holds; ``None``: it does not start."""
    text = ""

    def configure(here: Endpoint) -> list[str]:
        nonlocal text
        # Both ports anew at each try: named ends where somebody else took one meanwhile.
        control = free_port("127.0.0.1")
        bench.write("rndc.conf", _RNDC.format(port=control))
        text = f"""options {{ directory "{bench.directory}"; pid-file none; session-keyfile none;
{no_lock_file(bench)}
listen-on port {here.port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
{options} }};
{_CONTROLS.format(port=control)}{rest}"""
        return ["-g", "-n", "1", "-c", str(bench.write("named.conf", text))]

    try:
        with bench.serving("named", configure):
            ran = bench.run("rndc", "-c", bench.directory / "rndc.conf", "secroots", "-")
    except ConsumerFailed:
        return text, None
    assert ran.code == 0, ran.output
    return text, {int(tag) for tag in _TAGS.findall(ran.output)}


def expected(
    bench: Bench, text: str, files: Mapping[str, str], version: str
) -> tuple[bool | None, set[int]]:
    """What the model says of the same files."""
    below = str(bench.directory).lstrip("/")
    tree = {f"{below}/named.conf": text, f"usr/lib/libdns-{version}.so": "x"}
    tree |= {f"{below}/{name}": content for name, content in files.items()}
    found = [one for one in load(CONSUMER, dict(tree)) if one.configuration is not None]
    (one,) = [one for one in found if one.configuration and "named.conf" in one.configuration.path]
    built_in = {20326, 38696} if one.built_in is not None else set()
    tags = {
        held.anchor.key_tag
        if isinstance(held.anchor, FoundDs)
        else key_tag(dnskey(*held.anchor[:3]))
        for _, held in one.held
        if held.effective
    }
    return one.starts, tags | built_in


@pytest.mark.parametrize(("options", "rest", "files"), CASES)
def test_named_does_what_its_model_says(
    named: Named, options: str, rest: str, files: Mapping[str, str]
) -> None:
    with on_bench("bind-initial-ds", "anchors.conf", b"") as bench:
        version = re.search(r"\d+\.\d+\.\d+", named.version(bench))
        assert version is not None
        for name, content in files.items():
            bench.write(name, content)
        text, tags = started(bench, options, rest)
        starts, said = expected(bench, text, files, version[0])
        assert starts is (tags is not None)
        if tags is not None:
            assert said == tags
