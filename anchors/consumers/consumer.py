"""The record of a consumer: what is known of one program, in facets that load when first used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from anchors.consumers.facet import Facet

if TYPE_CHECKING:
    from anchors.consumers.asker import Asker
    from anchors.consumers.authority import Authority
    from anchors.consumers.driver import Driver
    from anchors.consumers.files import Files
    from anchors.consumers.format import Format
    from anchors.consumers.loading import Loaded
    from anchors.consumers.reading import Place, Reading, Role

__all__ = ["Consumer", "Hints", "Loader", "Reader"]


class Hints(NamedTuple):
    """What makes a file worth reading: data alone, so that a search looks for all of it at once.

    Attributes:
        words: any of them, in lower case and with single blanks, as every file with anchors of
            this consumer has one.
        names: patterns of the names (fnmatch) of files that are read whatever is in them.
        setting_words: any of them, in a file that is named like a configuration.
        magic: how a binary file of the consumer begins.
    """

    words: tuple[bytes, ...] = ()
    names: tuple[str, ...] = ()
    setting_words: tuple[bytes, ...] = ()
    magic: tuple[bytes, ...] = ()


class Reader(NamedTuple):
    """How content of one syntax, or of several alike, is read.

    Attributes:
        precedence: readers with lower numbers are tried first: from what nothing else looks like
            to what much looks like.
        read: what the content says; ``None`` where it is of another syntax, or has nothing to do
            with trust anchors.  Raises :class:`~anchors.core.found.MalformedAnchors` where it is
            plainly of this syntax and cannot be read.  Arguments: the content, its path, and the
            time of judgement, for states that depend on it.
        words: one of them stands in everything that it reads, where any are given: they are looked
            for in a hundredth of the time of an expression.
    """

    precedence: int
    read: Callable[[bytes, str, datetime], Reading | None]
    words: tuple[bytes, ...] = ()

    def may_read(self, content: bytes) -> bool:
        """Whether the content has what everything of its syntax has."""
        return not self.words or any(word in content for word in self.words)


class Loader(Protocol):
    """What the resolvers of one consumer do, started with the files of one root file system."""

    def __call__(self, found: Sequence[Place], files: Files, at: datetime) -> Iterator[Loaded]:
        """Every resolver of the consumer.

        Args:
            found: the files of the root file system that have to do with trust anchors.
            files: the root file system, for what is named by path.
            at: the time of judgement, for states that depend on it.
        """


class Consumer(NamedTuple):
    """One program, with all that is known of it; ``None`` where there is nothing to know.

    Attributes:
        name: in one word, as its folder is called, but for those that were not tried.
        title: what people call it.
        formats: what ``build`` writes for it.
        hints: what makes a file worth reading.
        readers: its configuration and its states.
        loader: what it does when it is started with them.
        drivers: how it is run for a proof.
        asker: how the running program tells what it holds.
        authority: how it serves the root zone of the lab.
        replacements: the format that replaces a file, by name, for what the program does with it.
        restart: the commands that make new anchors live.
    """

    name: str
    title: str
    formats: tuple[Format, ...] = ()
    hints: Hints = Hints()
    readers: Facet[tuple[Reader, ...]] | None = None
    loader: Facet[Loader] | None = None
    drivers: Facet[tuple[Driver, ...]] | None = None
    asker: Facet[Asker] | None = None
    authority: Facet[Authority] | None = None
    replacements: Mapping[Role, str] = MappingProxyType({})
    restart: tuple[str, ...] = ()
