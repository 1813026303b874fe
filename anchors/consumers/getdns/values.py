"""What Stubby takes as the value of a setting; it has types of its own, and none of YAML's.

Tried on Stubby with getdns 1.6.0 and 1.7.3.  1.6 tells apart what is quoted: paths are, numbers,
addresses and its own words are not; 1.7 takes both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from types import MappingProxyType

from anchors.consumers.loading import refused
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.grammars.yaml import Scalar

__all__ = ["LISTENS", "SERVERS", "SWITCHES", "addresses", "faults", "is_on"]

SERVERS, LISTENS = "upstream_recursive_servers", "listen_addresses"
SWITCHES = (
    *("dnssec", "dnssec_return_status", "dnssec_return_only_secure"),
    *("dnssec_return_all_statuses", "dnssec_return_validation_chain"),
    "dnssec_return_full_validation_chain",
)
_TRANSPORTS = "dns_transport_list"
_PATHS = frozenset({"appdata_dir", "dnssec_trust_anchors", "tls_ca_file", "tls_ca_path"})
# What the words of a setting begin with.
_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "append_name": "GETDNS_APPEND_NAME_",
        "follow_redirects": "GETDNS_REDIRECTS_",
        "log_level": "GETDNS_LOG_",
        "resolution_type": "GETDNS_RESOLUTION_",
        "tls_authentication": "GETDNS_AUTHENTICATION_",
        "tls_max_version": "GETDNS_TLS1_",
        "tls_min_version": "GETDNS_TLS1_",
    }
)
_NUMBERS = frozenset({
    *("dnssec_allowed_skew", "edns_client_subnet_private", "edns_do_bit", "edns_extended_rcode"),
    *("edns_maximum_udp_payload_size", "edns_version", "idle_timeout", "limit_outstanding_queries"),
    *("max_backoff_value", "round_robin_upstreams", "timeout", "tls_backoff_time"),
    *("tls_connection_retries", "tls_query_padding_blocksize", "trust_anchors_backoff_time"),
})  # fmt: skip
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_NAME = re.compile(r"GETDNS_[A-Z0-9_]+")
_ON, _OFF = "1000", "1001"
_NUMBER_OF: Mapping[str, str] = MappingProxyType(
    {
        "GETDNS_EXTENSION_TRUE": _ON,
        "GETDNS_EXTENSION_FALSE": _OFF,
        "GETDNS_TRANSPORT_UDP": "1200",
        "GETDNS_TRANSPORT_TCP": "1201",
        "GETDNS_TRANSPORT_TLS": "1202",
    }
)
_ALL_TRANSPORTS = frozenset(_NUMBER_OF.values()) - {_ON, _OFF}
_BEHIND_ADDRESS = re.compile(r"[@#~%]")
_NO_SERVERS = Finding(
    Check.AUDIT_NOT_FOLLOWED,
    Severity.WARNING,
    "whether Stubby answers anything is not known here: it names nobody to ask",
    want=f"addresses in {SERVERS}",
    remedy="name the resolvers to ask",
)


def is_on(value: object) -> bool:
    """Whether the value of one of the SWITCHES switches validation on."""
    return _word(value) == _ON


def _word(value: object) -> str:
    """The first word of a value, a number in place of a name that stands for it."""
    if not isinstance(value, Scalar):
        return ""
    word = value.split(" ")[0] if value.is_plain else str(value)
    return str(int(word)) if _NUMBER.fullmatch(word) else _NUMBER_OF.get(word, word)


def faults(document: Mapping[object, object]) -> Iterator[tuple[str, Finding]]:
    """What keeps Stubby, or one of its versions, from its start, and the setting it stands in."""
    for key, value in document.items():
        fault = _fault(str(key), value)
        if fault is not None:
            yield str(key), fault
    if LISTENS not in document:
        words = f"Stubby does not start: it has no {LISTENS}"
        yield LISTENS, refused(words, got="", want="a list of addresses")
    if not document.get(SERVERS):
        yield SERVERS, _NO_SERVERS


def _fault(name: str, value: object) -> Finding | None:
    if "" in _scalars(value):
        return _refused(name, "", "without an empty value")
    if name in _PATHS:
        is_plain = isinstance(value, Scalar) and value.is_plain
        return _doubtful(name, value, "a path in quotes") if is_plain else None
    if name in {LISTENS, SERVERS}:
        return _of_addresses(name, value)
    if name == _TRANSPORTS:
        words = [*map(_word, value)] if isinstance(value, list) else []
        is_list = len(words) == len({*words}) > 0 and _ALL_TRANSPORTS.issuperset(words)
        want = "a list of GETDNS_TRANSPORT_UDP, _TCP and _TLS, each once at most"
        if "" in words or any(map(_is_address, words)):
            # Addresses, and mappings with some, are passed over at times.
            return _doubtful(name, value, want)
        return _unsure(name, value, want) if is_list else _refused(name, value, want)
    return _of_word(name, value) if name in {*SWITCHES, *_WORDS, *_NUMBERS} else None


def _of_word(name: str, value: object) -> Finding | None:
    word, begin = _word(value), _WORDS.get(name)
    if name in SWITCHES:
        want = "GETDNS_EXTENSION_TRUE or GETDNS_EXTENSION_FALSE"
        return _unsure(name, value, want) if word in {_ON, _OFF} else _refused(name, value, want)
    want = "a number" if begin is None else f"{begin}…"
    if _NUMBER.fullmatch(word) or (begin is not None and word.startswith(begin)):
        return _unsure(name, value, want)
    # Every name of getdns is a number.
    make = _doubtful if _NAME.fullmatch(word) else _refused
    return make(name, value, want)


def _of_addresses(name: str, value: object) -> Finding | None:
    want = "a list of addresses"
    if not isinstance(value, list):
        return _doubtful(name, value, want)
    for item in value:
        address = item.get("address_data") if isinstance(item, dict) else item
        if not isinstance(address, Scalar) or not address.is_plain:
            return _doubtful(name, address, f"{want}, which are not in quotes")
        if not _is_address(_BEHIND_ADDRESS.split(address, maxsplit=1)[0]):
            return _refused(name, address, want)
    return None


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def addresses(document: Mapping[object, object], name: str) -> set[str]:
    """The addresses of a list, without their ports."""
    listed = document.get(name)
    found = (
        item.get("address_data") if isinstance(item, dict) else item
        for item in (listed if isinstance(listed, list) else ())
    )
    return {one.partition("@")[0] for one in found if isinstance(one, Scalar)}


def _scalars(value: object) -> Iterator[str]:
    if isinstance(value, Scalar):
        yield value
    elif isinstance(value, (list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _scalars(one)


def _unsure(name: str, value: object, want: str) -> Finding | None:
    """Whether words are quoted, or have others behind them, which counts at times."""
    words = value if isinstance(value, list) else [value]
    if all(isinstance(one, Scalar) and one.is_plain and " " not in one for one in words):
        return None
    return _doubtful(name, value, f"{want}, without quotes and with nothing behind it")


def _refused(name: str, value: object, want: str) -> Finding:
    words = f"Stubby does not start: its {name} is not {want}"
    return refused(words, got=printable(str(value)[:80]), want=want)


def _doubtful(name: str, value: object, want: str) -> Finding:
    return Finding(
        Check.AUDIT_MALFORMED,
        Severity.WARNING,
        f"not every version of Stubby starts with such a value of {name:.40}",
        got=printable(str(value)[:80]),
        want=want,
        remedy="run 'stubby -i' with this configuration",
    )
