"""Unbound."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.reading import Kind, Role, Syntax
from anchors.consumers.unbound.writing import FORMATS

__all__ = ["CONF", "CONSUMER", "STATE"]

CONF = Syntax(
    "unbound.conf",
    Kind.CONFIGURATION,
    "unbound",
    replaced_by="unbound",
    could_follow=True,
    files_could_follow=True,
)
STATE = Syntax(
    "Unbound autotrust state",
    Kind.STATE,
    "unbound",
    replaced_by="unbound-anchor-file",
    is_whole=True,
    afterwards="stop Unbound, and put new/unbound-root.key in place of the state, "
    "owned by its user",
)
CONSUMER = Consumer(
    name="unbound",
    title="Unbound",
    formats=FORMATS,
    hints=Hints(
        words=(b"trust-anchor", b"trusted-keys", b"autotrust", b";;id:", b" dnskey ", b" ds "),
        names=("*unbound*.conf", "*unbound*.conf.*"),
        setting_words=(
            *(b"include", b"module-config", b"val-permissive-mode"),
            *(b"val-override-date", b"domain-insecure"),
        ),
    ),
    readers=Facet("anchors.consumers.unbound.reading", "READERS"),
    loader=Facet("anchors.consumers.unbound.loading", "load"),
    drivers=Facet("anchors.consumers.unbound.running", "DRIVERS"),
    asker=Facet("anchors.consumers.unbound.asking", "ASKER"),
    replacements={
        Role.MANAGED: "unbound-anchor-file",
        Role.STATIC: "unbound-anchor-file",
    },
    restart=("unbound-checkconf", "systemctl restart unbound"),
)
