"""stubby.yml, getdns's configuration: it names its files of anchors and holds none itself."""

from __future__ import annotations

import posixpath
import re
from datetime import datetime

from anchors.consumers.consumer import Reader
from anchors.consumers.getdns import CONFIGURATION
from anchors.consumers.getdns.values import LISTENS, SERVERS, SWITCHES, addresses, faults
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
_ASKS_ITSELF = Finding(
    Check.AUDIT_NOT_FOLLOWED,
    Severity.WARNING,
    "Stubby asks an address that it listens on: it may not start, or answers nothing",
    want="the address of another resolver",
    remedy="name another address in upstream_recursive_servers",
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
    document = read_document(content, is_typed=False)
    if isinstance(document, Finding):
        return Reading(CONFIGURATION, notes=(Note(document),))
    reading = _of_yaml(document)
    if is_template(content):
        template = Note(untold("a template of a configuration"))
        # What is filled in may be what Stubby takes.
        kept = (n for n in reading.notes if n.finding.check is not Check.AUDIT_REFUSED)
        return reading._replace(notes=(template, *kept))
    return reading


def _of_yaml(document: object) -> Reading:
    references = [
        *references_to(value_at(document, "dnssec_trust_anchors"), Role.STATIC),
        *references_to(value_at(document, "appdata_dir"), Role.STATE_DIRECTORY),
    ]
    names = document if isinstance(document, dict) else {}
    settings = [
        Setting(name, value, value.line)
        for name, value in names.items()
        if name in SWITCHES and isinstance(value, Scalar)
    ]
    servers = value_at(document, SERVERS)
    if isinstance(servers, list) and not all(isinstance(one, dict) for one in servers):
        settings.append(Setting(UNKNOWN, f"{SERVERS} with a word", line_of(document, SERVERS)))
    settings += [
        Setting(UNKNOWN, f"{name!s:.80}", line_of(document, name))
        for name in names
        if str(name) not in _KNOWN
    ]
    found = [*faults(names)]
    own = sorted(addresses(names, LISTENS) & addresses(names, SERVERS))
    found += ((SERVERS, _ASKS_ITSELF._replace(got=printable(one))) for one in own[:1])
    notes = tuple(Note(finding, line_of(document, name)) for name, finding in found)
    return Reading(
        CONFIGURATION, references=tuple(references), settings=tuple(settings), notes=notes
    )


READERS = (Reader(50, read),)
