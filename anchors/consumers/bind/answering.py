"""What else decides whether named answers anything: whom it asks, how often, and what it takes.

With right anchors nothing may be answered all the same: no answer comes, or none with signatures.
From the statements of named.conf(5) and the ARM; each was tried on BIND 9.18.49 and 9.20.30.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from types import MappingProxyType

from anchors.consumers.bind.configuration import Placed
from anchors.consumers.bind.statements import BOOLEANS
from anchors.consumers.bind.views import View
from anchors.consumers.loading import not_judged
from anchors.consumers.root_servers import has_root_server
from anchors.core.findings import Finding

__all__ = ["doubts"]

_ROOT = "."
# Named takes the root from these itself, or from a file or a server that has all of it.
_ASKING = frozenset({"hint", "mirror", "forward", "static-stub", "stub"})
_EVERYTHING = frozenset({"any", "0.0.0.0/0", "::/0"})
# One look-up takes a few of each; named's own numbers are 50 or more, or have no bound.
_FEW = 20
# Those that Debian and the ISC bring; of any other nobody knows what it answers.
_PLUGINS = frozenset({"filter-aaaa.so", "filter-a.so"})


def doubts(view: View) -> Iterator[tuple[Placed, Finding]]:
    """What nobody can tell the effect of, where it stands."""
    for placed in view.statements:
        decides = _RULES.get(placed.name)
        if decides is not None and decides(placed, view):
            yield placed, not_judged(" ".join((placed.name, *placed.values)), "named")


def _is_few(placed: Placed, _view: View) -> bool:
    return _number(placed) < _FEW


def _is_few_or_none(placed: Placed, _view: View) -> bool:
    # 0 means that there is no bound.
    return 0 < _number(placed) < _FEW


def _number(placed: Placed) -> int:
    text = placed.values[0] if placed.values else ""
    return int(text) if text.isascii() and text.isdigit() else _FEW


def _is_everything(placed: Placed, _view: View) -> bool:
    # The grammar has a prefix as three words.
    return any("".join(words) in _EVERYTHING for words in _block(placed))


def _is_on(placed: Placed, _view: View) -> bool:
    return BOOLEANS.get(" ".join(placed.values).lower(), False)


def _is_written(_placed: Placed, _view: View) -> bool:
    return True


def _is_old_cookie(placed: Placed, _view: View) -> bool:
    # 9.20 does not start with it, 9.18 does.
    return placed.values[:1] == ("aes",)


def _is_strange_plugin(placed: Placed, _view: View) -> bool:
    return placed.values[1:2] == () or placed.values[1] not in _PLUGINS


def _is_without_zone(placed: Placed, view: View) -> bool:
    """Whether a zone of a response-policy is not there: named does not start."""
    there = {one.values[0].lower() for one in view.statements if one.name == "zone" and one.values}
    named = (words[1] for words in _block(placed) if words[0] == "zone" and len(words) > 1)
    return any(name.lower() not in there for name in named)


def _is_silenced(placed: Placed, view: View) -> bool:
    """Whether a server that is asked for the root is not asked, or not for signatures."""
    settings = {one.name: BOOLEANS.get(" ".join(one.values).lower()) for one in placed.children}
    if settings.get("edns") is not False and settings.get("bogus") is not True:
        return False
    return has_root_server("".join(placed.values), _forwarders(view))


def _forwarders(view: View) -> Iterator[str]:
    for placed in view.statements:
        for one in (placed, *placed.children):
            if one.name == "forwarders":
                yield from (words[0] for words in _block(one) if _is_address(words[0]))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_other_root(placed: Placed, view: View) -> bool:
    """Whether the root itself comes from elsewhere than from its servers."""
    if placed.values[:1] != (_ROOT,):
        return False
    kinds = [one.values[0].lower() for one in placed.children if one.name == "type" and one.values]
    if "hint" in kinds:
        return not any(one.name == "file" and view.has_file(one) for one in placed.children)
    return not _ASKING.intersection(kinds) or _is_forward_alone(placed)


def _is_forward_alone(placed: Placed) -> bool:
    names = {one.name for one in placed.children}
    return "forward" in names and "forwarders" not in names


def _block(placed: Placed) -> Sequence[Sequence[str]]:
    """The words of each statement of a block, which are never empty."""
    block = placed.statement.block
    rows = () if block is None else [[w.text for w in one.words] for one in block.statements]
    return [row for row in rows if row]


_RULES: Mapping[str, Callable[[Placed, View], bool]] = MappingProxyType(
    {
        "blackhole": _is_everything,
        "cookie-algorithm": _is_old_cookie,
        "deny-answer-addresses": _is_everything,
        "dlz": _is_written,
        "dnsrps-enable": _is_on,
        "dyndb": _is_written,
        "fetches-per-zone": _is_few_or_none,
        "max-records-per-type": _is_few_or_none,
        "max-recursion-queries": _is_few,
        "plugin": _is_strange_plugin,
        "response-policy": _is_without_zone,
        "server": _is_silenced,
        "zone": _is_other_root,
    }
)
