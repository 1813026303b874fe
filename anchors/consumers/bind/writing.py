"""BIND's ``trust-anchors`` statement (BIND 9 Administrator Reference Manual, trust-anchors)."""

from __future__ import annotations

import functools

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.header import header, join_lines
from anchors.consumers.zone_text import dnskey_rdata, ds_rdata
from anchors.core.emission import Emission
from anchors.core.keys import Anchor

__all__ = ["FORMATS", "render"]


def render(emission: Emission, keyword: str) -> bytes:
    """A ``trust-anchors`` block of entries with one keyword."""
    entries = [
        f"\t. {keyword} {entry};"
        for entry in dict.fromkeys(_entry(a, keyword) for a in emission.anchors)
        if entry is not None
    ]
    return join_lines([*header(emission, "//"), "trust-anchors {", *entries, "};"])


def _entry(anchor: Anchor, keyword: str) -> str | None:
    rdata = ds_rdata(anchor) if keyword.endswith("-ds") else dnskey_rdata(anchor)
    if rdata is None:
        return None
    numbers, _, text = rdata.rpartition(" ")
    return f'{numbers} "{text}"'


def _row(keyword: str, file_name: str, install: str, alias: str | None = None) -> Format:
    return Format(
        name=f"bind-{keyword}",
        file_name=file_name,
        media_type="text/plain",
        consumer="BIND 9.16, 9.18, 9.20: named, delv",
        form=Form.DS if keyword.endswith("-ds") else Form.DNSKEY,
        install=install,
        write=functools.partial(render, keyword=keyword),
        read=Facet("anchors.consumers.bind.content", "content_of"),
        alias=alias,
    )


_MANAGED = (
    'Include it in named.conf, or name it in options: bindkeys-file "FILE"; with\n'
    "dnssec-validation auto; so that named follows later rolls (RFC 5011)."
)
_STATIC = (
    "Include it in named.conf. named never changes a static anchor: at every roll of the\n"
    "root's key a person must replace this file."
)

FORMATS = (
    _row("initial-ds", "bind.keys", _MANAGED, alias="bind"),
    _row("initial-key", "bind-initial-key.conf", _MANAGED),
    _row("static-ds", "bind-static-ds.conf", _STATIC),
    _row("static-key", "bind-static-key.conf", _STATIC),
)
