"""Where an option of Unbound may stand, and what its value must be.

``unbound-checkconf`` of 1.17.1 and 1.26.2 was given each option in each clause, with a value that
is neither a number nor yes nor no: both versions take and refuse the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["belongs", "fault"]

# What belongs into another clause than server: the clause, a colon, and the options.
_ELSEWHERE = """
rpz: allow-notify for-downstream master name primary rpz-action-override rpz-cname-override
    rpz-log rpz-log-name rpz-signal-nxdomain-ra tags url zonefile
auth-zone: allow-notify fallback-enabled for-downstream for-upstream master name primary url
    zonefile zonemd-check zonemd-reject-absence
cachedb: backend redis-expire-records redis-server-host redis-server-port redis-timeout
    secret-seed
remote-control: control-cert-file control-enable control-interface control-key-file control-port
    control-use-cert server-cert-file server-key-file
dnscrypt: dnscrypt-enable dnscrypt-nonce-cache-size dnscrypt-nonce-cache-slabs dnscrypt-port
    dnscrypt-provider dnscrypt-provider-cert dnscrypt-provider-cert-rotated dnscrypt-secret-key
    dnscrypt-shared-secret-cache-size dnscrypt-shared-secret-cache-slabs
dnstap: dnstap-bidirectional dnstap-enable dnstap-identity dnstap-ip
    dnstap-log-client-query-messages dnstap-log-client-response-messages
    dnstap-log-forwarder-query-messages dnstap-log-forwarder-response-messages
    dnstap-log-resolver-query-messages dnstap-log-resolver-response-messages
    dnstap-send-identity dnstap-send-version dnstap-socket-path dnstap-tls
    dnstap-tls-cert-bundle dnstap-tls-client-cert-file dnstap-tls-client-key-file
    dnstap-tls-server-name dnstap-version
dynlib: dynlib-file
forward-zone: forward-addr forward-first forward-host forward-no-cache forward-ssl-upstream
    forward-tcp-upstream forward-tls-upstream name
view: local-data local-zone name response-ip response-ip-data view-first
stub-zone: name stub-addr stub-first stub-host stub-no-cache stub-prime stub-ssl-upstream
    stub-tcp-upstream stub-tls-upstream
ipset: name-v4 name-v6
python: python-script
"""
# And into server as well.
_ALSO_IN_SERVER = frozenset({"local-data", "local-zone", "response-ip", "response-ip-data"})
_SWITCHES = """
aggressive-nsec client-subnet-always-forward control-enable deny-any disable-dnssec-lame-check
dns64-synthall dnscrypt-enable dnstap-bidirectional dnstap-enable dnstap-log-client-query-messages
dnstap-log-client-response-messages dnstap-log-forwarder-query-messages
dnstap-log-forwarder-response-messages dnstap-log-resolver-query-messages
dnstap-log-resolver-response-messages dnstap-send-identity dnstap-send-version dnstap-tls
do-daemonize do-ip4 do-ip6 do-not-query-localhost do-tcp do-udp ede ede-serve-expired
edns-tcp-keepalive extended-statistics fallback-enabled for-downstream for-upstream forward-first
forward-no-cache forward-ssl-upstream forward-tcp-upstream forward-tls-upstream
harden-algo-downgrade harden-below-nxdomain harden-dnssec-stripped harden-glue
harden-large-queries harden-referral-path harden-short-bufsize hide-http-user-agent hide-identity
hide-trustanchor hide-version http-nodelay http-notls-downstream ignore-cd-flag infra-keep-probing
insecure-lan-zones interface-automatic ip-freebind ip-ratelimit-backoff ip-transparent
iter-scrub-promiscuous log-local-actions log-queries log-replies log-servfail log-tag-queryreply
log-time-ascii minimal-responses pad-queries pad-responses permit-small-holddown prefer-ip4
prefer-ip6 prefetch prefetch-key qname-minimisation qname-minimisation-strict ratelimit-backoff
root-key-sentinel rpz-log rpz-signal-nxdomain-ra rrset-roundrobin serve-expired
serve-expired-ttl-reset serve-original-ttl shm-enable so-reuseport ssl-upstream
statistics-cumulative statistics-inhibit-zero stub-first stub-no-cache stub-prime
stub-ssl-upstream stub-tcp-upstream stub-tls-upstream tcp-upstream tls-system-cert tls-upstream
tls-use-sni tls-win-cert trust-anchor-signaling udp-connect udp-upstream-without-downstream
unblock-lan-zones use-caps-for-id use-syslog use-systemd val-clean-additional val-permissive-mode
view-first zonemd-check zonemd-permissive-mode zonemd-reject-absence
"""
_NUMBERS = """
add-holddown cache-max-negative-ttl cache-max-ttl cache-min-ttl control-port del-holddown
delay-close dnscrypt-nonce-cache-slabs dnscrypt-port dnscrypt-shared-secret-cache-slabs
edns-buffer-size edns-tcp-keepalive-timeout fast-server-num fast-server-permil http-max-streams
https-port incoming-num-tcp infra-cache-max-rtt infra-cache-min-rtt infra-cache-numhosts
infra-cache-slabs infra-host-ttl ip-dscp ip-ratelimit ip-ratelimit-factor ip-ratelimit-slabs
jostle-timeout keep-missing key-cache-slabs low-rtt-permil max-query-restarts
max-reuse-tcp-queries max-sent-count msg-buffer-size msg-cache-slabs num-queries-per-thread
num-threads outbound-msg-retry outgoing-num-tcp outgoing-range outgoing-tcp-mss
pad-queries-block-size pad-responses-block-size port ratelimit ratelimit-below-domain
ratelimit-factor ratelimit-for-domain ratelimit-slabs rrset-cache-slabs
serve-expired-client-timeout serve-expired-reply-ttl serve-expired-ttl shm-key ssl-port
statistics-interval tcp-auth-query-timeout tcp-idle-timeout tcp-mss tcp-reuse-timeout tls-port
unwanted-reply-threshold val-bogus-ttl val-log-level val-max-restart
val-sig-skew-max val-sig-skew-min verbosity
"""


def _by_clause(text: str) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    clause = ""
    for word in text.split():
        if word.endswith(":"):
            clause = word.removesuffix(":")
        else:
            found.setdefault(clause, set()).add(word)
    return {clause: frozenset(names) for clause, names in found.items()}


_BY_CLAUSE = _by_clause(_ELSEWHERE)
_OF_OTHERS = frozenset[str]().union(*_BY_CLAUSE.values()) - _ALSO_IN_SERVER
_WITH_SWITCH, _WITH_NUMBER = frozenset(_SWITCHES.split()), frozenset(_NUMBERS.split())
# Other than 0, as atoi(3) finds one.
_NUMBER = re.compile(r"[ \t\n\v\f\r]*[+-]?0*[1-9]")


def belongs(name: str, clause: str) -> bool:
    """Whether an option that is known may stand in a clause."""
    if clause == "server":
        return name not in _OF_OTHERS
    return name in _BY_CLAUSE.get(clause, frozenset())


def fault(name: str, value: str) -> str:
    """What Unbound wants in place of the value of an option, empty where it takes the value."""
    if name in _WITH_SWITCH and value not in {"yes", "no"}:
        return "yes or no"
    if name in _WITH_NUMBER and value != "0" and _NUMBER.match(value) is None:
        return "a number"
    return ""
