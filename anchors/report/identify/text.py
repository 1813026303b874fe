"""What each key and digest is, for people: the answer, then the key, then digit under digit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anchors.auditing.identify import Identified, Identity
from anchors.auditing.result import Standing
from anchors.core.rdata_text import ds_text
from anchors.pipeline.report import Report, Verdict
from anchors.pipeline.root_keys import RootKey
from anchors.report.layout import GREEN, INDENT, RED, WIDTH, YELLOW, folded, labelled
from anchors.report.text import render as basis_text
from anchors.report.text import verdict_line as basis_line
from anchors.report.words import in_words

__all__ = ["answer", "render", "summary"]

_CANNOT_TELL = "CANNOT TELL"
_NOTHING = "the input contains no key and no digest"
_COLOURS = {
    Standing.CURRENT: GREEN,
    Standing.NOT_YET: YELLOW,
    None: YELLOW,
}
_SHA256 = 2


def render(identified: Identified, *, colour: bool = False) -> str:
    """All that was found, as text."""
    basis = identified.basis
    if basis.verdict is not Verdict.VERIFIED:
        return f"{summary(identified, colour=colour)}\n{basis_text(basis, colour=colour)}"
    blocks = [
        summary(identified, colour=colour).splitlines(),
        *(list(_compared(one)) for one in identified.found if one.got),
        *(list(_key(key, basis)) for key in _keys(identified.found)),
        labelled("Against", [basis_line(basis)]),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def summary(identified: Identified, *, colour: bool = False) -> str:
    """An answer for each key and digest."""
    found = identified.found
    if not found:
        why = "the root's keys are not verified"
        if identified.basis.verdict is Verdict.VERIFIED:
            why = _NOTHING
        return "\n".join(folded(_CANNOT_TELL, YELLOW, why, colour=colour)) + "\n"
    lines = [
        line
        for one in found
        for line in folded(
            _word(one),
            _COLOURS.get(one.standing, RED),
            answer(one, with_line=len(found) > 1),
            colour=colour,
        )
    ]
    return "\n".join(lines) + "\n"


def _word(one: Identity) -> str:
    return one.standing.value.upper() if one.standing else _CANNOT_TELL


def answer(one: Identity, *, with_line: bool = False) -> str:
    """What one key or digest is, in words."""
    where = f"line {one.line}: " if with_line and one.line else ""
    if one.standing is Standing.FOREIGN:
        return f"{where}IANA never published {one.name} as a root key"
    if one.standing is Standing.ZONE_KEY:
        return f"{where}{one.name} is a zone-signing key of the root, not a trust anchor"
    why = f": {one.fault}" if one.fault else ""
    return f"{where}{one.name}, {one.what}{why}"


def _compared(one: Identity) -> Iterator[str]:
    """What stands there above what should, and a mark below each that differs."""
    got, want = one.got or "", one.want or ""
    wrong = [at for at, (a, b) in enumerate(zip(got, want, strict=False)) if a != b]
    first = wrong[0] if wrong else min(len(got), len(want))
    room = WIDTH - INDENT
    begin = max(0, min(first - room // 2, max(len(got), len(want)) - room))
    end = begin + room
    yield f"{'got':<{INDENT}}{got[begin:end]}"
    yield f"{'want':<{INDENT}}{want[begin:end]}"
    same_size = len(got) == len(want)
    marks = {at - begin for at in (wrong if same_size else [first]) if begin <= at < end}
    yield " " * INDENT + "".join("^" if at in marks else " " for at in range(max(marks) + 1))


def _keys(found: Sequence[Identity]) -> list[RootKey]:
    return [*dict.fromkeys(one.key for one in found if one.key is not None)]


def _key(key: RootKey, basis: Report) -> Iterator[str]:
    """What is known of a key, and its DS record to copy."""
    words = [
        in_words(row, basis.keys, basis.seen_at, basis.at, in_advance=basis.dns_mode == "skr")
        for row in basis.keys
        if row.entry.digest in {digest for _, digest in key.digests}
    ]
    yield from labelled("Key", words or [f"{key.name}: no longer in IANA's document"])
    digest = key.digest(_SHA256)
    if digest is not None:
        yield "DS record"
        yield f"  {ds_text(key.key_tag, key.algorithm, _SHA256, digest)}"
