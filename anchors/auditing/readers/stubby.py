"""stubby.yml, getdns's configuration: it names its files of anchors and holds none itself."""

from __future__ import annotations

import re

from anchors.auditing.place import Reading, Role, Syntax
from anchors.auditing.readers.yaml import is_shaped, read_yaml, references_to, value_at

__all__ = ["looks_like", "read"]

_KEYS = re.compile(
    rb"""(?mx) ^["']? (?:dnssec_trust_anchors|appdata_dir) ["']? [^\S\n]* : [^\S\n]* [^\s\#]"""
)
# What else of getdns's own stands beside them.
_GETDNS = re.compile(rb"dnssec_trust_anchors|GETDNS_|upstream_recursive_servers")


def looks_like(content: bytes) -> bool:
    """Whether it is YAML that names a file or the directory of getdns's anchors."""
    return is_shaped(content, _KEYS) and _GETDNS.search(content) is not None


def read(content: bytes) -> Reading:
    """The files that are named.

    Raises:
        MalformedAnchors: not YAML.
    """
    return read_yaml(content, Syntax.STUBBY, _of_yaml)


def _of_yaml(document: object) -> Reading:
    references = [
        *references_to(value_at(document, "dnssec_trust_anchors"), Role.STATIC),
        *references_to(value_at(document, "appdata_dir"), Role.STATE_DIRECTORY),
    ]
    return Reading(Syntax.STUBBY, references=tuple(references))
