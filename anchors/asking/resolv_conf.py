"""The nameservers of this machine, from resolv.conf(5)."""

from __future__ import annotations

from pathlib import Path

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.files import read_given
from anchors.core.servers import Server, plain_address

__all__ = ["nameservers"]

_RESOLV_CONF = Path("/etc/resolv.conf")
_MAX_RESOLV_CONF = 1 << 16


def nameservers(path: Path = _RESOLV_CONF) -> tuple[Server, ...]:
    """The resolvers in the file, each once, in the order of the file.

    Raises:
        UsageError: the file cannot be read, or names no resolver.
    """
    what, want = "the list of this machine's resolvers", "a file with nameserver lines"
    text = read_given(path, _MAX_RESOLV_CONF, what=what, want=want).decode(errors="replace")
    addresses = dict.fromkeys(_addresses(text))
    if not addresses:
        raise UsageError(
            Check.USAGE,
            "no resolver was given",
            got=f"no usable nameserver line in {path}",
            want="the address of a resolver",
            remedy="give its address: root-anchors ask 192.0.2.53",
        )
    return tuple(Server(address) for address in addresses)


def _addresses(text: str) -> list[str]:
    found = []
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            try:
                found.append(plain_address(words[1]))
            except ValueError:
                continue
    return found
