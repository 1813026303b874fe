"""What in a Lua configuration of Knot Resolver may decide over answers without a word on anchors.

Code that is made as it runs, policies whose result only a run tells, other servers for the root,
and fields that a module does not have.  Each was tried on kresd 5.6.0 and 6.5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from anchors.consumers.knot.known_names import MODULES
from anchors.consumers.yaml_reading import line_of, value_at
from anchors.grammars.lua import Call, Mention, Program, Table

__all__ = ["OF_INTEREST", "untellable", "untellable_settings"]

_POLICY = "policy"
# With these a program reaches any name by a string, or runs one.
_DYNAMIC = frozenset({
    *("_G", "debug", "eval_cmd", "ffi", "getfenv", "getmetatable", "load", "loadstring", "map"),
    *("newproxy", "package", "rawget", "rawset", "require", "setfenv", "setmetatable"),
})  # fmt: skip
# The fields that the modules have, and those of which the effect is known.
_FIELDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "bogus_log": frozenset({"frequent"}),
        "cache": frozenset(
            {"backends", "checkpoint", "clear", "close", "count", "get", "max_ttl", "min_ttl"}
            | {"ns_tout", "open", "prune", "stats"}
        ),
        "detect_time_jump": frozenset({"config"}),
        "detect_time_skew": frozenset({"config"}),
        "dns64": frozenset({"config"}),
        "hints": frozenset({"add_hosts", "config", "del", "get", "set", "ttl", "use_nodata"}),
        "nsid": frozenset({"name"}),
        "policy": frozenset(
            {"DEBUG_ALWAYS", "FLAGS", "FORWARD", "IPTRACE", "QTRACE", "STUB", "TLS_FORWARD"}
            | {"add", "all", "del", "domains", "suffix", "suffix_common", "todnames"}
        ),
        "predict": frozenset({"config"}),
        "prefill": frozenset({"config"}),
        "renumber": frozenset({"config"}),
        "stats": frozenset({"clear_frequent", "frequent", "get", "list", "set", "upstreams"}),
        "view": frozenset({"addr", "tsig"}),
        "watchdog": frozenset({"config", "timeout"}),
    }
)
_OF_MODULES = MODULES - {"cache", "policy", "resolve"}
OF_INTEREST = _DYNAMIC | _OF_MODULES | {_POLICY, "net"}
_ANSWERS = frozenset(f"policy.{name}" for name in ("DENY", "DROP", "REFUSE", "TC", "NO_ANSWER"))
_FOR_SOME = frozenset(f"policy.{name}" for name in ("domains", "suffix", "suffix_common"))
_NAMES = frozenset({"todname", "policy.todname", "policy.todnames"})
# As text, and in wire format.
_ROOT = frozenset({"", ".", "\0"})
# Of the flags of a query, those with which everything is resolved as ever.
_OPTIONS = frozenset({
    *("ALLOW_LOCAL", "ALWAYS_CUT", "DNSSEC_CD", "DNSSEC_WANT", "NO_0X20"),
    *("NO_CACHE", "NO_IPV6", "NO_MINIMIZE", "PERMISSIVE", "REORDER_RR", "STRICT", "TCP"),
})  # fmt: skip


def untellable(program: Program) -> Iterator[tuple[str, int]]:
    """The names whose effect only a run could tell, with their lines."""
    before: Call | Mention | None = None
    for one in program.steps:
        if before is not None and before.name == "policy.add" and _head(one.name) != _POLICY:
            yield before.name, before.line
        is_told = _is_told(one) if isinstance(one, Call) else _is_known(one)
        if not is_told or (one.name in _ANSWERS and not (before and before.name in _FOR_SOME)):
            yield one.name, one.line
        before = one
    if before is not None and before.name == "policy.add":
        yield before.name, before.line


def untellable_settings(document: object) -> Iterator[tuple[str, int]]:
    """The same of YAML: among others what 6.5 has in its schema, and does not start with."""
    network = value_at(document, "network")
    if value_at(network, "do-ipv4") is False:
        yield "network: do-ipv4", line_of(network, "do-ipv4") or 1
    listen = value_at(network, "listen")
    places = [str(one) for one in listen] if isinstance(listen, list) else []
    if len({*places}) < len(places):
        # No address can be listened on twice.
        yield "network: listen", line_of(network, "listen") or 1
    forward = value_at(document, "forward")
    for one in forward if isinstance(forward, list) else ():
        if value_at(one, "servers") == []:
            yield "forward: servers", line_of(one, "servers") or 1
    views = value_at(document, "views")
    for one in views if isinstance(views, list) else ():
        options = value_at(one, "options")
        # Its template makes text of them that kresctl cannot convert.
        for name in ("dns64", "fallback", "minimize", "price-factor"):
            if value_at(options, name) not in {None, True}:
                yield f"views: options: {name}", line_of(options, name) or 1


def _head(name: str) -> str:
    return name.replace(":", ".").partition(".")[0]


def _is_known(one: Mention) -> bool:
    """Whether what is done with a name, other than to call it, leaves answers as they are."""
    head = _head(one.name)
    if head == "net":
        # Without IPv4 no server may be reached.
        return not (one.is_assigned and one.name == "net.ipv4")
    return (head == _POLICY and not one.is_assigned) or head not in OF_INTEREST


def _is_told(call: Call) -> bool:
    decides = _CALLS.get(call.name)
    if decides is not None:
        return decides(call)
    head, _, field = call.name.replace(":", ".").partition(".")
    if head in _OF_MODULES or head in _FIELDS:
        return not field or field in _FIELDS.get(head, ())
    return head not in _DYNAMIC


def _never(_call: Call) -> bool:
    return False


def _is_harmless(call: Call) -> bool:
    return call.arguments[:1] != () and call.arguments[0] in _OPTIONS


def _has_servers(call: Call) -> bool:
    return call.arguments[:1] != (Table(),)


def _is_below_root(call: Call) -> bool:
    lists = [a.strings if isinstance(a, Table) else (a,) for a in call.arguments]
    return not any(_ROOT.intersection(strings) for strings in lists)


_CALLS: Mapping[str, Callable[[Call], bool]] = MappingProxyType(
    {
        # What is done with what it gives is not told.
        "kres.context": _never,
        # 6.5 does not start with some of these.
        "resolve": _never,
        "option": _is_harmless,
        "policy.FORWARD": _has_servers,
        "policy.TLS_FORWARD": _has_servers,
        **dict.fromkeys((*_NAMES, *_FOR_SOME), _is_below_root),
    }
)
