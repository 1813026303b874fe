"""The words of all consumers that make a file worth reading."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from anchors.consumers.consumer import Hints
from anchors.consumers.registry import CONSUMERS

__all__ = ["BLANKS", "FOLD", "Words", "hints", "may_matter", "may_set"]

# All that may stand between words.
BLANKS = b"\t\n\v\f\r() "
# To lower case, and every blank to one: then a word has one form.
FOLD = bytes(
    ord(" ") if byte in BLANKS else byte + 32 if byte in range(65, 91) else byte
    for byte in range(256)
)
# No word that is looked for is longer.
_MAX_WORD = 64


def may_matter(content: bytes) -> bool:
    """Whether the content has one of the words that every file with anchors contains."""
    # No regular expression: what is hostile makes one take the square of its length.
    folded = content.translate(FOLD)
    return any(word in folded for word in hints().words)


def may_set(content: bytes) -> bool:
    """Whether the content has one of the words that every relevant configuration contains."""
    folded = content.lower()
    return any(word in folded for word in hints().setting_words)


class Words:
    """Searches a stream of blocks for every relevant word."""

    def __init__(self) -> None:
        self.found = False
        self._tail = b""

    def feed(self, block: bytes) -> None:
        """Search the next block."""
        window = self._tail + block
        self.found = self.found or may_matter(window) or may_set(window)
        self._tail = window[-_MAX_WORD:]


@functools.cache
def hints() -> Hints:
    """The hints of all consumers, without words that contain another word."""
    all_of = [one.hints for one in CONSUMERS]
    words = {word.translate(FOLD) for hints in all_of for word in hints.words}
    return Hints(
        words=tuple(sorted(_shortest(words), key=len, reverse=True)),
        names=tuple(sorted({name for hints in all_of for name in hints.names})),
        setting_words=tuple(sorted({w.lower() for hints in all_of for w in hints.setting_words})),
        magic=tuple({magic for hints in all_of for magic in hints.magic}),
    )


def _shortest(words: set[bytes]) -> Iterator[bytes]:
    for word in words:
        if not any(other in word for other in words if other != word):
            yield word
