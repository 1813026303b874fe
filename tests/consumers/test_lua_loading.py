"""What our models of Knot Resolver and the recursor say, held against the programs themselves."""

from __future__ import annotations

import pytest
from _pytest.mark.structures import ParameterSet

from anchors.consumers.bench import ConsumerFailed
from anchors.consumers.consumer import Consumer
from anchors.consumers.files import Location
from anchors.consumers.knot import CONSUMER as KNOT
from anchors.consumers.loading import Loaded
from anchors.consumers.pdns import CONSUMER as PDNS
from anchors.core import records
from anchors.core.found import FoundAnchor, FoundAnchors, FoundDs
from tests.consumers.conftest import Case, cases
from tests.simulator.ksk import KSK_2017, KSK_2024
from tests.unit.consumers.trees import DS17, DS24, load

A17, A24 = f". IN DS {DS17}\n", f". IN DS {DS24}\n"
KEY17, KEY24 = (f". IN DNSKEY 257 3 8 {key.base64}\n" for key in (KSK_2017, KSK_2024))
ZONES = {
    "two": A17 + A24,
    "a byte order mark": "\ufeff" + A17 + A24,
    "CR LF": (A17 + A24).replace("\n", "\r\n"),
    "CR LF behind comments": (A17 + A24).replace("\n", " ; x\r\n"),
    "a line that is none": f"{A17}what is this\n{A24}",
    "class before TTL": f". IN 3600 DS {DS17}\n",
    "two units of time": f". 1d2h IN DS {DS17}\n",
    "a mnemonic of the algorithm": A17.replace(" 8 ", " RSASHA256 "),
    "a mnemonic of the digest type": A17.replace(" 2 ", " SHA-256 "),
    "a generic type": f". IN TYPE43 \\# 36 4F660802{DS17.split()[-1]}\n",
    "no owner": f"  IN DS {DS17}\n{A24}",
    "an owner left out": f"{A17}  IN DS {DS24}\n",
    "the origin": f"@ IN DS {DS17}\n",
    "a line of blanks": f"{A17}  \n{A24}",
    "a line of blanks first": f"  \n{A17}{A24}",
    "blanks before a comment first": f"  ; x\n{A17}{A24}",
    "class CH": f"{A17}. CH DS {DS24}\n",
    "a signature": f"{KEY17}. RRSIG DNSKEY 8 0 1 20300101000000 20200101000000 1 . AAAA\n",
    "another zone": f"{A17}example. DS {DS24}\n",
    "a key that is none": KEY17.replace("257", "1") + KEY24,
    "quoted digits": f'. IN DS {DS17[:10]}"{DS17[10:]}"\n',
    "nested parentheses": f". IN DS ( ( {DS17} ) )\n",
    "a state": f"{A17.strip()} ; Revoked:1900000000 ; KeyTag:20326\n{A24}",
    "a valid key behind a comment": f"{A17}; {A24.strip()} ; Valid: ; KeyTag:38696\n",
    "nothing": "",
}
KRESD_LUA = {
    "two calls": f"trust_anchors.add('. DS {DS17}')\ntrust_anchors.add('. DS {DS24}')\n",
    "one call": f"trust_anchors.add [==[\n{A17}{A24}]==]\n",
    "escapes": f"trust_anchors.add('\\46 DS {DS17}\\n\\x2e DS {DS24}')\n",
    "taken away and added": f"trust_anchors.remove('.') trust_anchors.add('. DS {DS24}')\n",
    "no anchor of the root": "trust_anchors.set_insecure{'.'}\n",
    "an empty text": "trust_anchors.add('')\n",
    "CR LF in the text": f"trust_anchors.add('. DS {DS17}\\r\\n')\n",
    "a removed name": "trust_anchors.keyfile_default = nil\n",
    "CR LF": f"-- x\r\ntrust_anchors.add([[\r\n{A17}{A24}]])\r\n",
    "a byte order mark": f"\ufefftrust_anchors.add('. DS {DS17}')\n",
}
RECURSOR_LUA = {
    "added to none": f'clearTA() addTA(".", "{DS24}")\n',
    "empty names": f'clearTA("") addTA("", [[{DS24}]])\n',
    "escapes": f'clearTA("\\46") addTA("\\046", "{DS17}")\n',
    "a table": f'addTA(".", {{"{DS17}"}})\n',
    "one argument": 'addTA(".")\n',
    "a mnemonic": f'addTA(".", "{DS17.replace(" 8 ", " RSASHA256 ")}")\n',
    "no such name": f'addta(".", "{DS17}")\n',
    "digits with blanks": f'clearTA() addTA(".", "{DS17[:30]}  {DS17[30:]}")\n',
}
RECURSOR_YAML = {
    "two entries": f"dnssec:\n  trustanchors:\n  - {{name: ., dsrecords: ['{DS17}']}}\n"
    f"  - {{name: ., dsrecords: ['{DS24}']}}\n",
    "no name": f"dnssec:\n  trustanchors:\n  - dsrecords: ['{DS17}']\n",
    "no list": f"dnssec:\n  trustanchors:\n  - {{name: ., dsrecords: '{DS17}'}}\n",
    "a key twice": "dnssec:\n  log_bogus: true\n  log_bogus: true\n",
}


def of(driver: str, row: str) -> list[ParameterSet]:
    return [p for p in cases() if (p.values[0].driver.name, p.values[0].row.name) == (driver, row)]  # type: ignore[union-attr]


def said(case: Case, content: str) -> tuple[bool, set[int]]:
    """Whether the program starts with the content, and the tags that it holds then."""
    with case.bench(content.encode()) as bench:
        if not case.driver.loads(bench).yes:
            return False, set()
        try:
            held = case.driver.holds(bench)
        except ConsumerFailed:
            return True, set()
    assert held is not None
    assert isinstance(held.anchors, FoundAnchors)
    return True, {tag(anchor) for anchor in held.anchors.anchors}


def tag(anchor: FoundAnchor) -> int:
    if isinstance(anchor, FoundDs):
        return anchor.key_tag
    return records.key_tag(records.dnskey(*anchor[:3]))


def modelled(consumer: Consumer, tree: dict[str, str], path: str) -> tuple[bool | None, set[int]]:
    loaded = started(consumer, tree, path)
    held = {tag(held.anchor) for _, held in loaded.held if held.effective}
    return loaded.starts, held if loaded.starts else set()


def started(consumer: Consumer, tree: dict[str, str], path: str) -> Loaded:
    found = load(consumer, tree)
    return next(one for one in found if one.configuration == Location("host", path))


KRESD = "etc/knot-resolver/kresd.conf"
DEFAULT = {
    "usr/lib/knot-resolver/sandbox.lua": "trust_anchors.add_file('/usr/share/dns/root.key', true)",
    "usr/share/dns/root.key": KEY17 + KEY24,
}


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("case", of("kresd", "knot-resolver"), indirect=True)
def test_key_files_of_kresd(case: Case, name: str) -> None:
    tree = {**DEFAULT, KRESD: "trust_anchors.add_file('/k', true)\n", "k": ZONES[name]}
    assert modelled(KNOT, tree, KRESD) == said(case, ZONES[name])


@pytest.mark.parametrize("name", KRESD_LUA)
@pytest.mark.parametrize("case", of("kresd", "knot-resolver-lua"), indirect=True)
def test_calls_of_kresd(case: Case, name: str) -> None:
    tree = {**DEFAULT, KRESD: KRESD_LUA[name]}
    assert modelled(KNOT, tree, KRESD) == said(case, KRESD_LUA[name])


CONF, LUA, RECURSOR = (f"etc/powerdns/recursor.{ending}" for ending in ("conf", "lua", "yml"))


def of_recursor(row: str) -> list[ParameterSet]:
    return [*of("pdns-recursor 4", row), *of("pdns-recursor 5", row)]


@pytest.mark.parametrize("name", sorted({*ZONES} - {"a key that is none"}))
@pytest.mark.parametrize("case", of_recursor("ds"), indirect=True)
def test_anchor_files_of_the_recursor(case: Case, name: str) -> None:
    tree = {RECURSOR: "dnssec: {trustanchorfile: /k}\n", "k": ZONES[name]}
    assert modelled(PDNS, tree, RECURSOR) == said(case, ZONES[name])


@pytest.mark.parametrize("name", RECURSOR_LUA)
@pytest.mark.parametrize("case", of_recursor("pdns-recursor-lua"), indirect=True)
def test_calls_of_the_recursor(case: Case, name: str) -> None:
    tree = {CONF: f"lua-config-file=/{LUA}\n", LUA: RECURSOR_LUA[name]}
    told, held = modelled(PDNS, tree, CONF)
    starts, tags = said(case, RECURSOR_LUA[name])
    if told is None:
        # Of a name that is none we cannot tell whether somebody defines it.
        assert not starts
    else:
        assert (told, held) == (starts, tags)


@pytest.mark.parametrize("name", RECURSOR_YAML)
@pytest.mark.parametrize("case", of_recursor("pdns-recursor-yaml"), indirect=True)
def test_yaml_of_the_recursor(case: Case, name: str) -> None:
    try:
        told, held = modelled(PDNS, {RECURSOR: RECURSOR_YAML[name]}, RECURSOR)
    except StopIteration:
        told, held = False, set()
    assert (told, held) == said(case, RECURSOR_YAML[name])
