"""What else decides whether the recursor answers anything: whom it asks, how often, what answers.

From the manual of its settings; each was tried on 5.4.9, and the settings of version 4 on 4.8.8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from anchors.consumers.root_servers import has_root_server
from anchors.consumers.yaml_reading import line_of, value_at
from anchors.grammars.option_lines import Option

__all__ = ["deciding_options", "deciding_settings"]

_FORWARDS = ("forward_zones", "forward_zones_recurse", "forward_zones_file")


def deciding_settings(document: object) -> Iterator[tuple[str, int]]:
    """Settings of YAML of which only a run tells what is answered with them, with their lines."""
    recursor = value_at(document, "recursor")
    is_forwarded = any(value_at(recursor, name) for name in _FORWARDS)
    for path, decides in _RULES.items():
        section, _, name = path.partition(".")
        settings = value_at(document, section)
        value = value_at(settings, name)
        if is_forwarded and name == "hint_file":
            continue
        if value is not None and decides(value):
            yield name, line_of(settings, name) or 1


def deciding_options(options: Mapping[str, Option]) -> Iterator[tuple[str, int]]:
    """The same of a recursor.conf."""
    is_forwarded = any(name.replace("_", "-") in options for name in _FORWARDS)
    for path, decides in _RULES.items():
        name = _OLD.get(path, path.partition(".")[2].replace("_", "-"))
        option = options.get(name)
        if option is None or (is_forwarded and name == "hint-file"):
            continue
        if decides(option.value if path not in _LISTS else _listed(option.value or "")):
            yield name, option.line


def _listed(text: str) -> list[str]:
    return text.replace(",", " ").replace(";", " ").split()


def _fewer(least: int, *, none_is_all: bool = False) -> Callable[[object], bool]:
    """Whether a number is lower than any look-up needs; 0 may mean that there is no bound."""

    def decides(value: object) -> bool:
        text = str(value)
        number = int(text[:12]) if text.isascii() and text.isdigit() else least
        return number < least and not (none_is_all and number == 0)

    return decides


def _is_set(value: object) -> bool:
    return value not in ("", [])


def _is_empty(value: object) -> bool:
    return value in ("", [])


def _is_beyond(value: object) -> bool:
    text = str(value)
    return text.isascii() and text.isdigit() and int(text[:12]) >= 1 << 31


def _is_without_hints(value: object) -> bool:
    return value is False or str(value) in {"no", "no-refresh"}


def _asks_no_root(value: object) -> bool:
    """Whether a prefix that is not asked has a server of the root; ``!`` takes one out."""
    prefixes = value if isinstance(value, list) else [value]
    return any(has_root_server(str(one)) for one in prefixes if not str(one).startswith("!"))


def _is_odd_forward(value: object) -> bool:
    """Whether a zone is forwarded to nobody, or in a way that belongs into a file of its own."""
    entries = value if isinstance(value, list) else []
    return any(not value_at(one, "forwarders") or value_at(one, "recurse") for one in entries)


# The recursor's own numbers are far higher.
_RULES: Mapping[str, Callable[[object], bool]] = MappingProxyType(
    {
        "dnssec.signature_inception_skew": _is_beyond,
        "incoming.allow_from_file": _is_set,
        "incoming.listen": _is_empty,
        "incoming.max_udp_queries_per_round": _fewer(1),
        "outgoing.dont_query": _asks_no_root,
        "outgoing.dot_to_auth_names": _is_set,
        "outgoing.max_bytesperq": _fewer(20_000, none_is_all=True),
        "outgoing.max_qperq": _fewer(20),
        "outgoing.udp_source_port_min": _fewer(1024),
        "recordcache.max_entry_size": _fewer(4096),
        "recordcache.max_rrset_size": _fewer(32),
        "recursor.auth_zones": _is_set,
        "recursor.chroot": _is_set,
        "recursor.config_name": _is_set,
        "recursor.forward_zones": _is_odd_forward,
        "recursor.forward_zones_file": _is_set,
        "recursor.forward_zones_recurse": _is_odd_forward,
        "recursor.hint_file": _is_without_hints,
        "recursor.lua_dns_script": _is_set,
        "recursor.max_total_msec": _fewer(1000, none_is_all=True),
        "recursor.rpzs": _is_set,
        "recursor.stack_size": _fewer(100_000),
        "webservice.api_dir": _is_set,
    }
)
_LISTS = frozenset({"outgoing.dont_query"})
# Where the old name is not made of the new one.
_OLD: Mapping[str, str] = MappingProxyType(
    {"incoming.listen": "local-address", "webservice.api_dir": "api-config-dir"}
)
