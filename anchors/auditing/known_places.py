"""Where systems keep trust anchors: looked at before everything else.

Debian and Ubuntu, Fedora, Arch, Alpine, FreeBSD, NixOS and OpenWrt, from their packages.
"""

from __future__ import annotations

__all__ = ["FOLDERS"]

# Below the root of the file system.
FOLDERS = (
    "etc",
    "etc/bind",
    "etc/dnssec-trust-anchors.d",
    "etc/dnsmasq.d",
    "etc/knot-resolver",
    "etc/pdns-recursor",
    "etc/powerdns",
    "etc/stubby",
    "etc/unbound",
    "etc/unbound/unbound.conf.d",
    "run/dnssec-trust-anchors.d",
    "usr/lib/dnssec-trust-anchors.d",
    "usr/local/etc/namedb",
    "usr/local/etc/unbound",
    "usr/local/lib/dnssec-trust-anchors.d",
    "usr/share/dns",
    "usr/share/dnsmasq",
    "usr/share/dnsmasq-base",
    "usr/share/dnssec-root",
    "usr/share/pdns-recursor",
    "var/cache/bind",
    "var/cache/knot-resolver",
    "var/lib/knot-resolver",
    "var/lib/named",
    "var/lib/unbound",
    "var/named",
    "var/named/dynamic",
    "var/unbound",
)
