"""BIND 9."""

from __future__ import annotations

from anchors.consumers.bind.writing import FORMATS
from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.reading import Kind, Role, Syntax

__all__ = ["CONF", "CONSUMER", "JOURNAL", "STATE", "STATIC_CONF"]

CONF = Syntax(
    "named.conf", Kind.CONFIGURATION, "bind", replaced_by="bind-initial-ds", could_follow=True
)
# One whose anchors are all static stays so: its owner may want that.
STATIC_CONF = CONF._replace(replaced_by="bind-static-ds")
_ANEW = (
    "include new/bind.keys in named.conf, or use it as the bindkeys-file before BIND 9.21.15, and "
    "run 'rndc managed-keys destroy' and 'rndc reconfig'"
)
STATE = Syntax(
    "BIND managed-keys state",
    Kind.STATE,
    "bind",
    replaced_by="bind-initial-ds",
    afterwards=_ANEW,
)
JOURNAL = STATE._replace(id="BIND managed-keys journal")

CONSUMER = Consumer(
    name="bind",
    title="BIND",
    formats=FORMATS,
    hints=Hints(
        words=(
            *(b"trust-anchors", b"managed-keys", b"trusted-keys", b"bindkeys-file"),
            *(b"dnssec-validation", b"keydata", b"type65533"),
        ),
        names=("named.conf", "named*.conf", "named*.conf.*", "bind.keys", "*.mkeys"),
        setting_words=(b"include", b"validate-except", b"dnssec-enable", b"disable-algorithms"),
        magic=(b";BIND LOG V9",),
    ),
    readers=Facet("anchors.consumers.bind.reading", "READERS"),
    loader=Facet("anchors.consumers.bind.loading", "load"),
    drivers=Facet("anchors.consumers.bind.running", "DRIVERS"),
    asker=Facet("anchors.consumers.bind.asking", "ASKER"),
    authority=Facet("anchors.consumers.bind.authority", "AUTHORITY"),
    replacements={
        Role.SEED: "bind-initial-ds",
    },
    restart=("named-checkconf", "rndc reconfig"),
)
