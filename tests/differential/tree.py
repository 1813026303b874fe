"""A DER structure as a tree, and every way to spoil it that a seed can choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random

from tests.simulator import der

__all__ = ["Node", "grow", "spoil"]

_CONSTRUCTED = 0x20
_OCTET_STRING, _BIT_STRING, _SEQUENCE = 0x04, 0x03, 0x30
_TAGS = bytes.fromhex("01 02 03 04 05 06 0a 0c 13 16 17 18 30 31 80 81 a0 a1 a2 a3")
_LENGTHS: tuple[Callable[[bytes], bytes], ...] = (der.long_length, der.indefinite)


def _as_it_is(element: bytes) -> bytes:
    return element


@dataclass(slots=True)
class Node:
    """One element.

    Attributes:
        tag: its first byte.
        inside: its content, where it has no ``children``.
        children: the elements inside; also those inside an OCTET STRING that holds some.
        finish: how the encoded element is changed in the end.
    """

    tag: int
    inside: bytes
    children: list[Node] = field(default_factory=list)
    finish: Callable[[bytes], bytes] = _as_it_is

    def encode(self) -> bytes:
        """The element; the lengths above fit whatever has become of it."""
        inside = b"".join(child.encode() for child in self.children) or self.inside
        return self.finish(der.tlv(self.tag, inside))

    def walk(self) -> Iterator[Node]:
        """This one and everything below."""
        yield self
        for child in self.children:
            yield from child.walk()


def grow(element: bytes) -> Node:
    """The tree of one DER element."""
    inside = der.content(element)
    node = Node(element[0], inside)
    opens = element[0] == _OCTET_STRING and inside[:1] in (b"\x30", b"\x03", b"\x04")
    if element[0] & _CONSTRUCTED or opens:
        try:
            node.children = [grow(part) for part in der.elements(inside)]
        except ValueError:
            node.children = []
    if node.encode() != element:
        node.children = []  # looked like DER by chance
    return node


def spoil(root: Node, random: Random) -> None:
    """Do one thing to the tree, somewhere below its root."""
    parents = [node for node in root.walk() if node.children]
    parent = random.choice(parents)
    number = random.randrange(len(parent.children))
    random.choice(_WAYS)(parent, number, random)


def _drop(parent: Node, number: int, _random: Random) -> None:
    del parent.children[number]
    if not parent.children:
        parent.inside = b""


def _double(parent: Node, number: int, _random: Random) -> None:
    parent.children.insert(number, parent.children[number])


def _swap(parent: Node, number: int, random: Random) -> None:
    other = random.randrange(len(parent.children))
    siblings = parent.children
    siblings[number], siblings[other] = siblings[other], siblings[number]


def _add_null(parent: Node, number: int, _random: Random) -> None:
    parent.children.insert(number + 1, Node(0x05, b""))


def _wrap(parent: Node, number: int, _random: Random) -> None:
    parent.children[number] = Node(_SEQUENCE, b"", [parent.children[number]])


def _rename(parent: Node, number: int, random: Random) -> None:
    parent.children[number].tag = random.choice(_TAGS)


def _empty(parent: Node, number: int, _random: Random) -> None:
    parent.children[number] = Node(parent.children[number].tag, b"")


def _lengthen(parent: Node, number: int, random: Random) -> None:
    parent.children[number].finish = random.choice(_LENGTHS)


def _flip(parent: Node, number: int, random: Random) -> None:
    leaves = [node for node in parent.children[number].walk() if not node.children]
    leaf = random.choice(leaves)
    spoiled = bytearray(leaf.inside or b"\0")
    spoiled[random.randrange(len(spoiled))] ^= 1 << random.randrange(8)
    leaf.inside = bytes(spoiled)


def _stretch(parent: Node, number: int, random: Random) -> None:
    leaf = next(node for node in parent.children[number].walk() if not node.children)
    leaf.inside = random.choice((b"\0" + leaf.inside, leaf.inside + b"\0", leaf.inside[1:]))


def _exchange(parent: Node, number: int, random: Random) -> None:
    """Take what another element of the same tag holds."""
    node = parent.children[number]
    others = [other for other in parent.walk() if other.tag == node.tag and other is not node]
    parent.children[number] = deepcopy(random.choice(others or [node]))


_WAYS: tuple[Callable[[Node, int, Random], None], ...] = (
    _drop,
    _double,
    _swap,
    _add_null,
    _wrap,
    _rename,
    _empty,
    _lengthen,
    _flip,
    _flip,
    _stretch,
    _exchange,
)
