"""The lab's keys, and the words by which a tree of files names them.

A stands for KSK-2017, B for KSK-2024, C for a stranger's key.  A text says ``@A:ds@`` where the
rdata of A's DS belongs; real keys are written as they are.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from dns.dnssectypes import Algorithm

from tests.lab.keys import SEP, ZONE, LabKey

__all__ = ["LETTERS", "filled", "key", "marked", "named", "tag_of"]

LETTERS = ("A", "B", "C")
# Nobody trusts them but the lab.
_KEYS = Path(__file__).parents[2] / "fixtures" / "loading" / "keys"
_MARK = re.compile(r"@([ABC]):([a-z0-9-]+)@")


@cache
def key(letter: str) -> LabKey:
    """The key of this letter: the same in each process, so that a tree can be made again."""
    private = load_pem_private_key((_KEYS / f"{letter}.pem").read_bytes(), password=None)
    assert isinstance(private, RSAPrivateKey)
    return LabKey(private, int(Algorithm.RSASHA256), ZONE | SEP)


def filled(text: str) -> str:
    """The text with the keys in place of their marks."""
    return _MARK.sub(lambda match: _said(key(match[1]), match[2]), text)


def marked(text: str) -> str:
    """The text with marks in place of the keys: what the tables would have."""
    for letter in LETTERS:
        for what in ("dnskey", "ds", "key", "digest", "commas"):
            text = text.replace(_said(key(letter), what), f"@{letter}:{what}@")
        text = re.sub(rf"\b{key(letter).tag}\b", f"@{letter}:tag@", text)
    return text


def named(tags: Iterable[int]) -> frozenset[str]:
    """The lab's keys among these tags by letter, the other tags as numbers.

    C256 is key C with flags 256, a zone key; A385 is key A with REVOKE.
    """
    names = {key(letter).tag: letter for letter in LETTERS}
    for letter in LETTERS:
        for flags in (256, 385):
            names.setdefault(replace(key(letter), flags=flags).tag, f"{letter}{flags}")
    return frozenset(names.get(tag, str(tag)) for tag in tags)


def tag_of(flags: int, beginning: bytes) -> int:
    """The tag that the lab's key of this beginning has with these flags.

    Raises:
        ValueError: no key of the lab begins so.
    """
    for letter in LETTERS:
        one = key(letter)
        if one.public_key.startswith(beginning):
            return replace(one, flags=flags).tag
    raise ValueError("a key that is none of the lab's")


def _said(one: LabKey, what: str) -> str:
    public = base64.b64encode(one.public_key).decode()
    digest = one.digest.hex().upper()
    ds = f"{one.tag} {one.algorithm} 2"
    ways = {
        "ds": f"{ds} {digest}",
        "dnskey": f"{one.flags} 3 {one.algorithm} {public}",
        "key": public,
        "zone-key": f"{one.flags & ~SEP} 3 {one.algorithm} {public}",
        "revoked": f"{one.flags | 128} 3 {one.algorithm} {public}",
        "tag": str(one.tag),
        "digest": digest,
        "commas": f"{one.tag},{one.algorithm},2,{digest}",
        "initial-ds": f'. initial-ds {ds} "{digest}";',
        "static-ds": f'. static-ds {ds} "{digest}";',
        "initial-key": f'. initial-key {one.flags} 3 {one.algorithm} "{public}";',
        "trusted-key": f'. {one.flags} 3 {one.algorithm} "{public}";',
    }
    return ways[what]
