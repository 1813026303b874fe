"""Whether a consumer validates at all with what it loads, and starts with it.

Tried on BIND 9.18 and 9.20, Unbound 1.17 and 1.26, dnsmasq 2.90 and 2.93, PowerDNS Recursor 4.8
and 5.4, Knot Resolver 5.6 and 6.5, and systemd-resolved 252 and 262.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from anchors.auditing.named_views import named_notes
from anchors.auditing.place import Note, Place, Role, Setting, Syntax
from anchors.auditing.switched import noted, refused, shown, switched_off
from anchors.auditing.together import Loaded

__all__ = ["switched_on_in", "validation_notes"]

_NO = frozenset({"0", "f", "false", "n", "no", "off"})
_YES = frozenset({"1", "t", "true", "y", "yes", "on"})


class _Rule(NamedTuple):
    """When a setting switches validation off; ``instead``: what it should be."""

    is_off: Callable[[str], bool]
    instead: str
    words: str = ""


def _is_unvalidated(mode: str) -> bool:
    return mode in {"off", "process-no-validate"}


_RULES: Mapping[tuple[Syntax, str], _Rule] = MappingProxyType(
    {
        (Syntax.UNBOUND, "module-config"): _Rule(
            lambda value: "validator" not in value.split(), 'module-config: "validator iterator"'
        ),
        (Syntax.UNBOUND, "val-permissive-mode"): _Rule(
            "yes".__eq__,
            "val-permissive-mode: no",
            "and what fails validation is answered all the same",
        ),
        (Syntax.KRESD_LUA, "trust_anchors.remove"): _Rule(".".__eq__, "no such call"),
        (Syntax.KNOT_YAML, "dnssec"): _Rule("false".__eq__, "no such line"),
        (Syntax.KNOT_YAML, "dnssec.enable"): _Rule("false".__eq__, "enable: true"),
        (Syntax.PDNS_LUA, "dnssec"): _Rule(_is_unvalidated, "dnssec=validate"),
        (Syntax.PDNS_YAML, "dnssec.validation"): _Rule(_is_unvalidated, "validation: validate"),
        (Syntax.PDNS_LUA, "addNTA"): _Rule(".".__eq__, "no such call"),
        (Syntax.PDNS_YAML, "dnssec.negative_trustanchors"): _Rule(".".__eq__, "no such entry"),
        (Syntax.RESOLVED_NEGATIVE, "negative trust anchor"): _Rule(".".__eq__, "no such line"),
    }
)
_RESOLVED_RULES = (
    _Rule(_NO.__contains__, "DNSSEC=yes"),
    _Rule(
        "allow-downgrade".__eq__,
        "DNSSEC=yes",
        "and who alters a server's answers can make it look as if it knew no DNSSEC",
    ),
)


def switched_on_in(places: Sequence[Place]) -> frozenset[tuple[str, Syntax]]:
    """Below which PATH dnsmasq or systemd-resolved is told to validate, by whatever file."""
    return frozenset(
        (place.location.root, place.reading.syntax)
        for place in places
        if place.reading is not None
        for setting in place.reading.settings
        if setting.name == "dnssec" or (setting.name == "DNSSEC" and setting.value in _YES)
    )


def validation_notes(loaded: Loaded, on: Collection[tuple[str, Syntax]]) -> Iterator[Note]:
    """What a configuration with its parts says of validation; nothing of a part.

    Args:
        loaded: the configuration.
        on: as :func:`switched_on_in` tells.
    """
    reading = loaded.place.reading
    if loaded.part_of is not None or reading is None:
        return
    if reading.syntax is Syntax.BIND:
        yield from named_notes(loaded)
    elif reading.syntax is Syntax.DNSMASQ:
        yield from _dnsmasq(loaded, on)
    else:
        for place in loaded.whole:
            for setting in _last(place):
                yield from _switched(loaded, place, setting, on)


def _last(place: Place) -> Collection[Setting]:
    """Of each name, what stands last in a file: it is what counts."""
    return {one.name: one for one in (place.reading.settings if place.reading else ())}.values()


def _switched(
    loaded: Loaded, place: Place, setting: Setting, on: Collection[tuple[str, Syntax]]
) -> Iterator[Note]:
    syntax = place.reading.syntax if place.reading else Syntax.ZONE
    rules = [_RULES[syntax, setting.name]] if (syntax, setting.name) in _RULES else []
    if syntax is Syntax.RESOLVED_CONF and (place.location.root, syntax) not in on:
        rules += _RESOLVED_RULES
    for rule in rules:
        if rule.is_off(setting.value):
            finding = switched_off(shown(setting), rule.instead, rule.words)
            yield noted(loaded, place, setting, finding)
    words = _refusal(loaded, syntax, setting)
    if words is not None:
        yield noted(loaded, place, setting, refused(words, setting, "no such line"))


def _refusal(loaded: Loaded, syntax: Syntax, setting: Setting) -> str | None:
    """Why the consumer does not start with the root as a negative trust anchor, where it is one."""
    if syntax is Syntax.UNBOUND and setting.value == "." and _is_managed(loaded):
        return f"Unbound does not start: {setting.name} . with an auto-trust-anchor-file"
    negative = setting.name.startswith("trust_anchors.set_") or "negative-" in setting.name
    if syntax in {Syntax.KRESD_LUA, Syntax.KNOT_YAML} and negative:
        return f"Knot Resolver does not start: {setting.name} . with the anchor that it has"
    return None


def _is_managed(loaded: Loaded) -> bool:
    return any(
        reference.role is Role.MANAGED
        for place in loaded.whole
        if place.reading is not None
        for reference in place.reading.references
    )


def _dnsmasq(loaded: Loaded, on: Collection[tuple[str, Syntax]]) -> Iterator[Note]:
    """Anchors do nothing without the option, which a file of nothing but anchors leaves to another.

    It may stand in any file below the PATH: which are loaded together, the command line says too.
    """
    root = loaded.place.location.root
    readings = [place.reading for place in loaded.whole if place.reading is not None]
    holds = any(reading.held for reading in readings)
    is_whole = any(reading.settings or reading.references for reading in readings)
    if holds and is_whole and (root, Syntax.DNSMASQ) not in on:
        yield Note(_NO_DNSSEC)


_NO_DNSSEC = switched_off(
    "there is no option dnssec",
    "dnssec, here or in another file",
    "and the trust anchors do nothing without it",
)
