"""stubby.yml, getdns's configuration: it names its files of anchors and holds none itself."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from datetime import datetime

from anchors.consumers.consumer import Reader
from anchors.consumers.getdns import CONFIGURATION
from anchors.consumers.loading import refused
from anchors.consumers.reading import Note, Reading, Role, Setting
from anchors.consumers.template import is_template
from anchors.consumers.yaml_reading import (
    is_shaped,
    line_of,
    read_document,
    references_to,
    untold,
    value_at,
)
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.grammars.yaml import Scalar

__all__ = ["READERS", "UNKNOWN", "read"]

_NAME = "stubby.yml"
# In place of a name: a setting that 1.6.0 and 1.7.3 do not both know.
UNKNOWN = ""
_NAMES = """
add_warning_for_bad_dns append_name appdata_dir dns_root_servers dns_transport_list dnssec
dnssec_allowed_skew dnssec_return_all_statuses dnssec_return_full_validation_chain
dnssec_return_only_secure dnssec_return_status dnssec_return_validation_chain dnssec_trust_anchors
edns_client_subnet_private edns_do_bit edns_extended_rcode edns_maximum_udp_payload_size
edns_version follow_redirects hosts idle_timeout limit_outstanding_queries listen_addresses
log_level max_backoff_value namespaces resolution_type resolvconf return_both_v4_and_v6
return_call_reporting round_robin_upstreams specify_class suffix timeout tls_authentication
tls_backoff_time tls_ca_file tls_ca_path tls_cipher_list tls_ciphersuites tls_connection_retries
tls_curves_list tls_max_version tls_min_version tls_query_padding_blocksize
trust_anchors_backoff_time upstream_recursive_servers
"""
_KNOWN = frozenset(_NAMES.split())

_KEYS = re.compile(
    rb"""(?mx) ^["']? (?:dnssec_trust_anchors|appdata_dir|dnssec_return_status|dnssec) ["']?
    [ \t]* : [ \t]* [^ \t\r\n\#]"""
)
# What else of getdns's own stands beside them.
_GETDNS = (b"dnssec_trust_anchors", b"GETDNS_", b"upstream_recursive_servers")
# A word of getdns with something behind it.
_NO_CONSTANT = re.compile(r"GETDNS_[A-Z0-9_]*[^A-Z0-9_]")
_SERVERS = "upstream_recursive_servers"
_LISTENS = "listen_addresses"
_ASKS_ITSELF = Finding(
    Check.AUDIT_NOT_FOLLOWED,
    Severity.WARNING,
    "Stubby asks an address that it listens on: it may not start, or answers nothing",
    want="the address of another resolver",
    remedy="name another address in upstream_recursive_servers",
)
_SWITCHES = (
    *("dnssec", "dnssec_return_status", "dnssec_return_only_secure"),
    *("dnssec_return_all_statuses", "dnssec_return_validation_chain"),
    "dnssec_return_full_validation_chain",
)
_TRANSPORTS = "dns_transport_list"
_NUMBERS = {"GETDNS_TRANSPORT_UDP": "1200", "GETDNS_TRANSPORT_TCP": "1201"}
_NUMBERS["GETDNS_TRANSPORT_TLS"] = "1202"
_BAD_TRANSPORTS = refused(
    "Stubby does not start: its transports are not such a list",
    got=_TRANSPORTS,
    want="a list of GETDNS_TRANSPORT_UDP, GETDNS_TRANSPORT_TCP and GETDNS_TRANSPORT_TLS, each once "
    "at most",
)


def read(content: bytes, path: str, _at: datetime) -> Reading | None:
    """The files that are named, and what switches validation on.

    Raises:
        MalformedAnchors: not YAML: Stubby does not start with it.
    """
    if not any(word in content for word in _GETDNS):
        return None
    # By its name it is one, whatever stands at the left margin.
    is_one = _KEYS.search(content) is not None and posixpath.basename(path) == _NAME
    if not (is_one or is_shaped(content, _KEYS)):
        return None
    document = read_document(content)
    if isinstance(document, Finding):
        return Reading(CONFIGURATION, notes=(Note(document),))
    reading = _of_yaml(document)
    if is_template(content):
        template = Note(untold("a template of a configuration"))
        return reading._replace(notes=(template, *reading.notes))
    return reading


def _of_yaml(document: object) -> Reading:
    references = [
        *references_to(value_at(document, "dnssec_trust_anchors"), Role.STATIC),
        *references_to(value_at(document, "appdata_dir"), Role.STATE_DIRECTORY),
    ]
    settings = []
    for name in _SWITCHES:
        value = value_at(document, name)
        if isinstance(value, Scalar):
            settings.append(Setting(name, value, value.line))
    servers = value_at(document, _SERVERS)
    if isinstance(servers, list) and not all(isinstance(one, dict) for one in servers):
        settings.append(Setting(UNKNOWN, f"{_SERVERS} with a word", line_of(document, _SERVERS)))
    names = document if isinstance(document, dict) else {}
    settings += [
        Setting(UNKNOWN, f"{name!s:.40} with {value:.40}", value.line)
        for name, value in names.items()
        if isinstance(value, Scalar) and _NO_CONSTANT.match(value)
    ]
    settings += [
        Setting(UNKNOWN, f"{name!s:.80}", line_of(document, name))
        for name in names
        if str(name) not in _KNOWN
    ]
    notes = tuple(Note(finding, line_of(document, name)) for name, finding in _faults(document))
    return Reading(
        CONFIGURATION, references=tuple(references), settings=tuple(settings), notes=notes
    )


def _faults(document: object) -> Iterator[tuple[str, Finding]]:
    """What keeps Stubby from its start or from answers, and the setting that it stands in."""
    own = _addresses(document, _LISTENS) & _addresses(document, _SERVERS)
    for address in sorted(own)[:1]:
        yield _SERVERS, _ASKS_ITSELF._replace(got=printable(address))
    listed = value_at(document, _TRANSPORTS)
    words = [*map(str, listed)] if isinstance(listed, list) else []
    numbers = {_NUMBERS.get(word, word) for word in words}
    is_list = len(words) == len(numbers) > 0 and numbers.issubset(_NUMBERS.values())
    if line_of(document, _TRANSPORTS) is not None and not is_list:
        yield _TRANSPORTS, _BAD_TRANSPORTS


def _addresses(document: object, name: str) -> set[str]:
    """The addresses of a list, without their ports."""
    listed = value_at(document, name)
    found = (
        value_at(one, "address_data") if isinstance(one, dict) else one
        for one in (listed if isinstance(listed, list) else ())
    )
    return {one.partition("@")[0] for one in found if isinstance(one, Scalar)}


READERS = (Reader(50, read),)
