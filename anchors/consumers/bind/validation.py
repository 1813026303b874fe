"""Whether a view validates: the mode, and what switches validation off for the root.

Tried on BIND 9.18.49 and 9.20.30.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from anchors.consumers.bind.configuration import Placed
from anchors.consumers.bind.views import View
from anchors.consumers.loading import switched_off
from anchors.consumers.reading import Held
from anchors.core.escape import printable
from anchors.core.findings import Finding
from anchors.core.found import FoundDs
from anchors.core.root_facts import KNOWN_KEYS

__all__ = [
    "disabled_algorithms",
    "disabled_digests",
    "is_auto",
    "mode_of",
    "switches",
    "unknown_words",
]

_ALGORITHMS: Mapping[str, int] = MappingProxyType(
    {
        "rsasha256": 8,
        "8": 8,
        "rsasha512": 10,
        "10": 10,
        "ecdsap256sha256": 13,
        "13": 13,
        "ecdsap384sha384": 14,
        "14": 14,
        "ed25519": 15,
        "15": 15,
        "ed448": 16,
        "16": 16,
    }
)
_DIGESTS: Mapping[str, int] = MappingProxyType(
    {"sha-256": 2, "sha256": 2, "2": 2, "sha-384": 4, "sha384": 4, "4": 4}
)
_OF_KEYS = 2
# What named-checkconf of 9.18.49 and 9.20.30 takes for the name of an algorithm or a digest.
_NAMES_OF_ALGORITHMS = (
    "rsamd5 dh dsa nsec3dsa rsasha1 nsec3rsasha1 rsasha256 rsasha512 eccgost ecdsap256sha256 "
    "ecdsa256 ecdsap384sha384 ecdsa384 ed25519 ed448 indirect privatedns privateoid"
)
_NAMES_OF_DIGESTS = "sha-1 sha1 sha-256 sha256 gost sha-384 sha384"
_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "disable-algorithms": frozenset(_NAMES_OF_ALGORITHMS.split(" ")),
        "disable-ds-digests": frozenset(_NAMES_OF_DIGESTS.split(" ")),
    }
)
_NUMBER = re.compile("[0-9]{1,3}", re.ASCII)
_MOST = 255


def mode_of(view: View) -> str:
    """``auto``, ``yes`` or ``no``; BIND 9.16 and newer: auto where nothing is written."""
    return view.value("dnssec-validation") or "auto"


def is_auto(view: View) -> bool:
    """Whether the view takes the built-in keys, or those of the bindkeys-file."""
    return mode_of(view) == "auto"


def disabled_algorithms(view: View) -> dict[int, Placed]:
    """The algorithms whose anchors named drops, each with the statement that says so."""
    listed = ((text.lower(), placed) for placed, text in view.listed("disable-algorithms"))
    return {_ALGORITHMS[text]: placed for text, placed in listed if text in _ALGORITHMS}


def disabled_digests(view: View, held: Sequence[Held]) -> Placed | None:
    """What disables the digest type of an anchor: with it, every name fails."""
    for placed, text in view.listed("disable-ds-digests"):
        digest_type = _DIGESTS.get(text.lower())
        for one in held:
            # Of a key named makes a DS first.
            of_anchor = one.anchor.digest_type if isinstance(one.anchor, FoundDs) else _OF_KEYS
            if of_anchor == digest_type:
                return placed
    return None


def unknown_words(view: View) -> Iterator[tuple[Placed, str]]:
    """What named takes for no name of a zone, an algorithm or a digest, and does not start with."""
    for name, known in _WORDS.items():
        for placed, text in view.listed(name, of_root=False):
            is_number = _NUMBER.fullmatch(text) is not None and int(text) <= _MOST
            if not is_number and text.lower() not in known:
                yield placed, f"{name}: {text:.40}"
    for placed, text in view.listed("validate-except", of_root=False):
        if ".." in text or text.startswith(".") > (text == "."):
            yield placed, f"validate-except: {text:.40}"


def switches(view: View) -> Iterator[tuple[Placed, Finding]]:
    """What switches validation off, where it stands."""
    validation = view.setting("dnssec-validation")
    if validation is not None and mode_of(view) == "no":
        got = f"dnssec-validation {printable(validation.values[0])}"
        yield validation, switched_off(got, "dnssec-validation auto")
    excepts = view.excepts_root()
    if excepts is not None:
        yield excepts, switched_off("validate-except .", "no such entry")
    of_root = {key.algorithm for key in KNOWN_KEYS}
    for placed, text in view.listed("disable-algorithms"):
        if _ALGORITHMS.get(text.lower()) in of_root:
            got = f'disable-algorithms "." {printable(text)}'
            yield placed, switched_off(got, "no such entry", "and named drops the root's anchors")
