"""The settings of a recursor.conf: those of ``pdns_recursor --config`` of 4.8.8.

Each was given the values ``x`` and ``1 ; a``: with some it does not start.
"""

from __future__ import annotations

import re

__all__ = ["SETTINGS_OF_4", "is_odd"]

_SETTINGS = """
aggressive-cache-max-nsec3-hash-cost aggressive-nsec-cache-size allow-from allow-from-file
allow-notify-for allow-notify-for-file allow-notify-from allow-notify-from-file
allow-trust-anchor-query any-to-tcp api-config-dir api-key auth-zones carbon-instance
carbon-interval carbon-namespace carbon-ourname carbon-server chroot client-tcp-timeout
config-dir config-name cpu-map daemon disable-packetcache disable-syslog
distribution-load-factor distribution-pipe-buffer-size distributor-threads dns64-prefix dnssec
dnssec-log-bogus dont-query dont-throttle-names dont-throttle-netmasks dot-to-auth-names
dot-to-port-853 ecs-add-for ecs-cache-limit-ttl ecs-ipv4-bits ecs-ipv4-cache-bits
ecs-ipv4-never-cache ecs-ipv6-bits ecs-ipv6-cache-bits ecs-ipv6-never-cache
ecs-minimum-ttl-override ecs-scope-zero-address edns-outgoing-bufsize edns-padding-from
edns-padding-mode edns-padding-out edns-padding-tag edns-subnet-allow-list edns-subnet-whitelist
entropy-source etc-hosts-file event-trace-enabled export-etc-hosts
export-etc-hosts-search-suffix extended-resolution-errors forward-zones forward-zones-file
forward-zones-recurse gettag-needs-edns-options hint-file ignore-unknown-settings include-dir
latency-statistic-size limit-qtype-any local-address local-port log-common-errors
log-rpz-changes log-timestamp logging-facility loglevel lowercase-outgoing lua-config-file
lua-dns-script lua-maintenance-interval max-busy-dot-probes max-cache-bogus-ttl
max-cache-entries max-cache-ttl max-concurrent-requests-per-tcp-connection max-dnskeys
max-ds-per-zone max-generate-steps max-include-depth max-mthreads max-negative-ttl
max-ns-address-qperq max-ns-per-resolve max-nsec3-hash-computations-per-query
max-nsec3s-per-record max-packetcache-entries max-qperq max-recursion-depth max-rrset-size
max-rrsigs-per-record max-signature-validations-per-query max-tcp-clients max-tcp-per-client
max-tcp-queries-per-connection max-total-msec max-udp-queries-per-round minimum-ttl-override
network-timeout no-shuffle non-local-bind non-resolving-ns-max-fails
non-resolving-ns-throttle-time nothing-below-nxdomain nsec3-max-iterations
packetcache-servfail-ttl packetcache-ttl pdns-distributes-queries processes
protobuf-use-kernel-timestamp proxy-protocol-from proxy-protocol-maximum-size
public-suffix-list-file qname-minimization query-local-address quiet
record-cache-locked-ttl-perc record-cache-shards refresh-on-ttl-perc reuseport rng root-nx-trust
save-parent-ns-set security-poll-suffix serve-rfc1918 serve-stale-extensions
server-down-max-fails server-down-throttle-time server-id setgid setuid signature-inception-skew
single-socket snmp-agent snmp-daemon-socket snmp-master-socket soa-minimum-ttl socket-dir
socket-group socket-mode socket-owner spoof-nearmiss-max stack-size statistics-interval
stats-api-blacklist stats-api-disabled-list stats-carbon-blacklist stats-carbon-disabled-list
stats-rec-control-blacklist stats-rec-control-disabled-list stats-ringbuffer-entries
stats-snmp-blacklist stats-snmp-disabled-list structured-logging structured-logging-backend
tcp-fast-open tcp-fast-open-connect tcp-out-max-idle-ms tcp-out-max-idle-per-auth
tcp-out-max-idle-per-thread tcp-out-max-queries threads trace udp-source-port-avoid
udp-source-port-max udp-source-port-min udp-truncation-threshold use-incoming-edns-subnet
version-string webserver webserver-address webserver-allow-from
webserver-hash-plaintext-credentials webserver-loglevel webserver-password webserver-port
write-pid x-dnssec-names
"""
SETTINGS_OF_4 = frozenset(_SETTINGS.split())
# What must begin with a number.
_WITH_NUMBER = """
aggressive-cache-max-nsec3-hash-cost aggressive-nsec-cache-size carbon-interval
client-tcp-timeout distribution-load-factor distribution-pipe-buffer-size distributor-threads
ecs-cache-limit-ttl ecs-ipv4-bits ecs-ipv4-cache-bits ecs-ipv6-bits ecs-ipv6-cache-bits
ecs-minimum-ttl-override ecs-scope-zero-address edns-outgoing-bufsize edns-padding-tag
event-trace-enabled latency-statistic-size local-port logging-facility loglevel
lua-maintenance-interval max-busy-dot-probes max-cache-bogus-ttl max-cache-entries max-cache-ttl
max-concurrent-requests-per-tcp-connection max-dnskeys max-ds-per-zone max-mthreads
max-negative-ttl max-ns-address-qperq max-ns-per-resolve max-nsec3-hash-computations-per-query
max-nsec3s-per-record max-packetcache-entries max-qperq max-recursion-depth max-rrset-size
max-rrsigs-per-record max-signature-validations-per-query max-tcp-clients max-tcp-per-client
max-tcp-queries-per-connection max-total-msec max-udp-queries-per-round minimum-ttl-override
network-timeout non-resolving-ns-max-fails non-resolving-ns-throttle-time nsec3-max-iterations
packetcache-servfail-ttl packetcache-ttl processes proxy-protocol-maximum-size
record-cache-locked-ttl-perc record-cache-shards refresh-on-ttl-perc serve-stale-extensions
server-down-max-fails server-down-throttle-time signature-inception-skew socket-mode
statistics-interval stats-ringbuffer-entries tcp-fast-open tcp-out-max-idle-ms
tcp-out-max-idle-per-auth tcp-out-max-idle-per-thread tcp-out-max-queries threads
udp-truncation-threshold
"""
# What must be right to its end: networks, files, users, modes.
_TO_THE_END = """
allow-from allow-from-file allow-notify-for-file allow-notify-from allow-notify-from-file
auth-zones dns64-prefix dont-query dont-throttle-netmasks ecs-add-for edns-padding-from
edns-padding-mode forward-zones forward-zones-file forward-zones-recurse local-address
lua-dns-script nothing-below-nxdomain proxy-protocol-from query-local-address rng socket-group
socket-owner stack-size udp-source-port-avoid udp-source-port-max udp-source-port-min
"""
_NUMBERS, _STRICT = frozenset(_WITH_NUMBER.split()), frozenset(_TO_THE_END.split())
_NUMBER = re.compile(r"[ \t]*[+-]?[0-9]")
# Marks of other syntaxes; a semicolon alone stands between the servers of forward-zones.
_ODD = re.compile(r"\s[;/]|[#\"'{}()]|[^ -~]")


def is_odd(name: str, value: str) -> bool:
    """Whether 4.8.8 may not start with such a value."""
    if name in _NUMBERS:
        return value != "" and _NUMBER.match(value) is None
    return name in _STRICT and _ODD.search(value) is not None
