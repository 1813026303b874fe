"""OpenDKIM, which validates the keys of mail's signatures by libunbound."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.reading import Kind, Role, Syntax

__all__ = ["CONF", "CONSUMER"]

CONF = Syntax("opendkim.conf", Kind.CONFIGURATION, "opendkim", replaced_by="dnskey")
CONSUMER = Consumer(
    name="opendkim",
    title="OpenDKIM",
    hints=Hints(words=(b"trustanchorfile",), setting_words=(b"resolverconfiguration",)),
    readers=Facet("anchors.consumers.opendkim.reading", "READERS"),
    loader=Facet("anchors.consumers.opendkim.loading", "load"),
    drivers=Facet("anchors.consumers.opendkim.running", "DRIVERS"),
    replacements={
        Role.STATIC: "dnskey",
    },
    restart=("systemctl restart opendkim",),
)
