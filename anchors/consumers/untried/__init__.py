"""Programs that could not be run here: text in their own syntax, read back by our own readers.

What is known of them comes from what they say of themselves; that a program is right with its
files is never said.  The last three take zone text from a file that a setting names.
"""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.reading import Kind, Role, Syntax
from anchors.consumers.untried.writing import FORMATS

__all__ = ["CONSUMERS", "SYNTAXES"]

_CONFIGURED = Kind.CONFIGURATION
SYNTAXES = {
    "windows": Syntax("PowerShell of Windows DNS", Kind.ANCHORS, "windows", replaced_by="windows"),
    "blocky": Syntax("blocky's config.yml", _CONFIGURED, "blocky", replaced_by="blocky"),
    "routedns": Syntax("RouteDNS's TOML", _CONFIGURED, "routedns", replaced_by="routedns"),
    "sdns": Syntax("sdns.conf", _CONFIGURED, "sdns", replaced_by="sdns"),
    "libval": Syntax("dnsval.conf", _CONFIGURED, "libval", replaced_by="libval"),
    "f5": Syntax("bigip.conf", _CONFIGURED, "f5", replaced_by="f5"),
    "libreswan": Syntax("ipsec.conf", _CONFIGURED, "libreswan"),
    "strongswan": Syntax("strongswan.conf", _CONFIGURED, "strongswan"),
    "asterisk": Syntax("resolver_unbound.conf", _CONFIGURED, "asterisk"),
    "infoblox": Syntax("JSON of Infoblox's WAPI", Kind.ANCHORS, "infoblox", replaced_by="infoblox"),
}


def _consumer(name: str, title: str, word: bytes, *restart: str) -> Consumer:
    is_loaded = SYNTAXES[name].kind is Kind.CONFIGURATION
    return Consumer(
        name=name,
        title=title,
        formats=FORMATS.get(name, ()),
        hints=Hints(words=(word,)),
        readers=Facet("anchors.consumers.untried.reading", name.upper()),
        loader=Facet("anchors.consumers.untried.loading", name.upper()) if is_loaded else None,
        replacements={} if name in FORMATS else {Role.STATIC: "dnskey"},
        restart=restart,
    )


CONSUMERS = (
    _consumer("windows", "Windows DNS Server", b"dnsservertrustanchor"),
    _consumer("blocky", "blocky", b"trustanchors", "systemctl restart blocky"),
    _consumer("routedns", "RouteDNS", b"dnssec-trust-anchors", "systemctl restart routedns"),
    _consumer("sdns", "SDNS", b"rootkeys", "systemctl restart sdns"),
    _consumer("libval", "libval", b"trust-anchor"),
    _consumer("f5", "F5 BIG-IP", b"trust-anchors"),
    _consumer("infoblox", "Infoblox NIOS", b"dnssec_trusted_keys"),
    _consumer("libreswan", "Libreswan", b"dnssec-rootkey-file", "systemctl restart ipsec"),
    _consumer("strongswan", "strongSwan", b"trust_anchors", "systemctl restart strongswan"),
    _consumer("asterisk", "Asterisk", b"ta_file", "systemctl restart asterisk"),
)
