"""What decides, by the manual of each program, whether answers are validated and by which anchors.

From unbound.conf(5), named.conf(5) and the Administrator Reference Manual, the manuals of Knot
Resolver and PowerDNS Recursor, dnsmasq(8), resolved.conf(5), dnssec-trust-anchors.d(5), and the
settings of Stubby and getdns.  Beside the settings of validation itself stand those that decide
who answers for the root, and what every name is answered with before anything is validated.  What
is about the lab's own names, servers and clients is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tests.differential.resolvers import answering

__all__ = ["FATAL", "SETTINGS", "Setting"]


class Setting(NamedTuple):
    """Some lines of a configuration, and where they stand.

    Attributes:
        head: the line that they stand behind; "" for the end of the file.
        body: the lines.
        tail: the line that ends what ``head`` begins.
    """

    head: str
    body: str
    tail: str = ""

    def added_to(self, text: str) -> str:
        """The configuration with the setting in it."""
        if self.head and self.head in text:
            before, _, after = text.partition(self.head)
            return f"{before}{self.head}\n{self.body}\n{after}"
        lines = [line for line in (text.rstrip("\n"), self.head, self.body, self.tail) if line]
        return "\n".join([*lines, ""])


def _each(head: str, lines: str, tail: str = "") -> Iterator[Setting]:
    """A setting for each line; ``\\n`` in a line stands for another one."""
    for line in filter(str.strip, lines.split("\n")):
        yield Setting(head, line.replace("\\n", "\n"), tail)


_UNBOUND = r"""
    val-override-date: "20200101000000"
    val-override-date: "20991231000000"
    val-override-date: "1795800000"
    val-override-date: "yesterday"
    val-override-date: ""
    val-override-date: "0"
    val-override-date: "-1"
    val-sig-skew-min: 0
    val-sig-skew-max: 0
    val-sig-skew-min: 999999999
    val-sig-skew-min: 100000\n    val-sig-skew-max: 1
    val-permissive-mode: yes
    val-permissive-mode: no
    val-max-restart: 0
    val-bogus-ttl: 0
    val-clean-additional: no
    val-nsec3-keysize-iterations: "1024 150 2048 150 4096 150"
    val-nsec3-keysize-iterations: "1024"
    val-nsec3-keysize-iterations: ""
    val-log-level: 2
    val-log-squelch: yes
    domain-insecure: "."
    domain-insecure: ""
    domain-insecure: "example."
    domain-insecure: "a..b"
    insecure-lan-zones: yes
    harden-dnssec-stripped: no
    harden-algo-downgrade: yes
    harden-referral-path: yes
    harden-unknown-additional: yes
    aggressive-nsec: no
    ignore-cd-flag: yes
    trust-anchor-signaling: no
    root-key-sentinel: no
    hide-trustanchor: yes
    add-holddown: 1
    del-holddown: 0
    keep-missing: 0
    permit-small-holddown: yes
    disable-dnssec-lame-check: yes
    disable-edns-do: yes
    fake-sha1: yes
    fake-dsa: yes
    key-cache-size: 0
    key-cache-size: 4m
    neg-cache-size: 0
    prefetch-key: yes
    edns-buffer-size: 512
    max-udp-size: 512
    qname-minimisation-strict: yes
    use-caps-for-id: yes
    serve-expired: yes
    minimal-responses: no
    root-hints: "/var/nowhere/root.hints"
    root-hints: ""
    local-zone: "." static
    local-zone: "." refuse
    local-zone: "." deny
    local-zone: "." always_nxdomain
    local-zone: "." redirect\n    local-data: ". A 192.0.2.1"
    local-zone: "." transparent
    local-zone: "." typetransparent
    local-zone: "example." static
    module-config: "iterator"
    module-config: "validator"
    module-config: "iterator validator"
    module-config: "validator validator iterator"
    module-config: "dns64 validator iterator"
    module-config: "validator  iterator"
    module-config: "dns64 iterator"
    module-config: "subnetcache validator iterator"
    module-config: "respip validator iterator"
    module-config: "Validator Iterator"
    module-config: "validator,iterator"
    trust-anchor: ""
    trust-anchor-file: ""
    auto-trust-anchor-file: ""
    trusted-keys-file: ""
    dlv-anchor-file: "/var/nowhere/dlv.key"
"""
_UNBOUND_CLAUSES = r"""
stub-zone:\n    name: "."\n    stub-addr: 9.9.9.9
stub-zone:\n    name: "."\n    stub-addr: 9.9.9.9\n    stub-prime: yes
forward-zone:\n    name: "."\n    forward-addr: 9.9.9.9
forward-zone:\n    name: "."\n    forward-addr: 9.9.9.9\n    forward-first: yes
auth-zone:\n    name: "."\n    primary: 9.9.9.9\n    fallback-enabled: yes\n    for-downstream: no
view:\n    name: "v"\n    local-zone: "." static
remote-control:\n    control-enable: no
"""
_NAMED = r"""
dnssec-validation yes;
dnssec-validation auto;
dnssec-validation no;
dnssec-validation false;
dnssec-validation True;
dnssec-validation "auto";
dnssec-validation maybe;
validate-except { "."; };
validate-except { "example"; };
validate-except { };
validate-except { "a..b"; };
disable-algorithms "." { RSASHA256; };
disable-algorithms "." { "rsasha256"; };
disable-algorithms "." { ECDSAP256SHA256; };
disable-algorithms "." { NSEC3RSASHA1; RSASHA1; };
disable-algorithms "." { 8; };
disable-algorithms "." { NOSUCH; };
disable-algorithms "example" { RSASHA256; };
disable-ds-digests "." { SHA-256; };
disable-ds-digests "." { SHA-1; };
disable-ds-digests "." { SHA-384; };
disable-ds-digests "." { 2; };
disable-ds-digests "." { NOSUCH; };
disable-ds-digests "example" { SHA-256; };
dnssec-must-be-secure "." yes;
dnssec-must-be-secure "." no;
dnssec-must-be-secure "e2e" yes;
dnssec-accept-expired yes;
dnssec-enable no;
dnssec-lookaside auto;
dnssec-lookaside no;
max-rsa-exponent-size 35;
max-rsa-exponent-size 4096;
bindkeys-file "/var/nowhere/bind.keys";
bindkeys-file "bind.keys";
managed-keys-directory "/var/nowhere";
managed-keys-directory "/var/lib/bind";
trust-anchor-telemetry no;
root-key-sentinel no;
nta-lifetime 604800;
nta-lifetime 8d;
nta-recheck 0;
synth-from-dnssec no;
stale-answer-enable yes;
qname-minimization strict;
qname-minimization off;
minimal-responses yes;
max-recursion-depth 1;
max-validations-per-fetch 1;
max-validation-failures-per-fetch 0;
forwarders { 9.9.9.9; };
forwarders { 9.9.9.9; }; forward only;
forward only;
forwarders { };
edns-udp-size 512;
check-names response fail;
empty-zones-enable no;
root-delegation-only;
dns64 64:ff9b::/96 { break-dnssec yes; };
max-cache-ttl 0;
max-cache-size 2M;
servfail-ttl 0;
nxdomain-redirect "example";
"""
_NAMED_OUTSIDE = r"""
server 9.9.9.9 { bogus yes; };
zone "." { type forward; forward only; forwarders { 9.9.9.9; }; };
zone "." { type forward; forwarders { }; };
zone "." { type mirror; };
zone "." { type mirror; primaries { 9.9.9.9; }; };
zone "." { type static-stub; server-addresses { 9.9.9.9; }; };
zone "." { type stub; primaries { 9.9.9.9; }; };
zone "e2e" { type static-stub; server-addresses { 9.9.9.9; }; };
zone "e2e" { type forward; forwarders { 9.9.9.9; }; };
trust-anchors { e2e static-ds 1 8 2 "00"; };
trust-anchors { };
managed-keys { };
trusted-keys { };
dnssec-policy "p" { keys { csk lifetime unlimited algorithm 13; }; };
"""
_KRESD = r"""
trust_anchors.set_insecure({ '.' })
trust_anchors.set_insecure({ 'example.' })
trust_anchors.set_insecure({})
trust_anchors.negative = { '.' }
trust_anchors.negative = {}
trust_anchors.hold_down_time = 1
trust_anchors.hold_down_time = 30 * day
trust_anchors.refresh_time = 1
trust_anchors.keep_removed = 1
trust_anchors.remove('.')
trust_anchors.remove('example.')
trust_anchors.summary()
trust_anchors.distrust('.')
trust_anchors.add_file('/var/nowhere/root.key')
trust_anchors.add_file('/var/nowhere/root.key', true)
trust_anchors.keyfile_default = nil
trust_anchors.bootstrap_url = 'https://example.com/'
trust_anchors.add('')
mode('permissive')
mode('strict')
mode('normal')
option('NO_MINIMIZE', true)
option('DNSSEC_WANT', false)
option('DNSSEC_CD', true)
option('DNSSEC_INSECURE', true)
option('PERMISSIVE', true)
modules.unload('validate')
modules.unload('iterate')
modules.unload('ta_sentinel')
modules.unload('ta_signal_query')
modules.unload('ta_update')
modules.unload('detect_time_skew')
modules.unload('detect_time_jump')
modules.unload('priming')
modules.unload('policy')
modules.unload('nosuch')
modules.load('bogus_log')
modules.load('serve_stale < cache')
modules.load('nosuch')
modules = { 'bogus_log', 'workarounds < iterate' }
modules = { 'validate' }
policy.add(policy.all(policy.FLAGS({ 'DNSSEC_CD' })))
policy.add(policy.all(policy.FLAGS({ 'DNSSEC_INSECURE' })))
policy.add(policy.all(policy.FLAGS({ 'DNSSEC_WANT' })))
policy.add(policy.all(policy.FLAGS({}, { 'DNSSEC_WANT' })))
policy.add(policy.all(policy.FLAGS({ 'PERMISSIVE' })))
policy.add(policy.all(policy.STUB('9.9.9.9')))
policy.add(policy.all(policy.FORWARD('9.9.9.9')))
policy.add(policy.all(policy.PASS))
policy.add(policy.all(policy.DENY))
policy.add(policy.all(policy.DROP))
policy.add(policy.all(policy.REFUSE))
policy.add(policy.suffix(policy.FLAGS({ 'DNSSEC_INSECURE' }), { todname('.') }))
policy.add(policy.suffix(policy.DENY, { todname('example.') }))
policy.del(0)
view:addr('127.0.0.0/8', policy.all(policy.FLAGS({ 'DNSSEC_CD' })))
hints.root({ ['a.root-servers.net.'] = '198.41.0.4' })
cache.clear()
net.bufsize(512)
"""
_KRESCTL_DNSSEC = r"""
  enable: false
  enable: true
  sentinel: false
  signal-query: false
  time-skew-detection: false
  trust-anchor-sentinel: false
  trust-anchor-signal-query: false
  keep-removed: 0
  refresh-time: 10s
  hold-down-time: 1s
  log-bogus: true
  negative-trust-anchors: [.]
  negative-trust-anchors: [example]
  negative-trust-anchors: []
  trust-anchors: []
  trust-anchors-files: []
  trust-anchors-files:\n    - file: /var/nowhere/root.key
  trust-anchors-files:\n    - file: /var/nowhere/root.key\n      read-only: true
"""
_KRESCTL = r"""
dnssec: false
dnssec: true
forward:\n  - subtree: .\n    servers: [9.9.9.9]
forward:\n  - subtree: .\n    servers: [9.9.9.9]\n    options:\n      dnssec: false
forward:\n  - {subtree: ., servers: [9.9.9.9], options: {authoritative: true, dnssec: false}}
forward:\n  - subtree: example\n    servers: [9.9.9.9]\n    options:\n      dnssec: false
options:\n  glue-checking: strict
options:\n  glue-checking: permissive
options:\n  violators-workarounds: true
options:\n  serve-stale: true
options:\n  minimize: false
options:\n  time-jump-detection: false
local-data:\n  rules:\n    - subtree: .\n      action: refused
lua:\n  script: modules.unload('validate')
lua:\n  script: trust_anchors.set_insecure({'.'})
lua:\n  script: "policy.add(policy.all(policy.FLAGS({'DNSSEC_INSECURE'})))"
lua:\n  script: log_info(ffi.C.LOG_GRP_SYSTEM, 'x')
"""
_RECURSOR_CONF = r"""
dnssec=off
dnssec=process-no-validate
dnssec=process
dnssec=log-fail
dnssec=validate
dnssec=VALIDATE
dnssec=
dnssec-log-bogus=yes
dnssec-disabled-algorithms=8
dnssec-disabled-algorithms=13
dnssec-disabled-algorithms=rsasha256
dnssec-disabled-algorithms=1,5,7
signature-inception-skew=0
signature-inception-skew=-1
nsec3-max-iterations=0
max-dnskeys=0
max-dnskeys=1
max-ds-per-zone=1
max-rrsigs-per-record=0
max-signature-validations-per-query=0
max-signature-validations-per-query=1
aggressive-nsec-cache-size=0
root-nx-trust=no
allow-trust-anchor-query=yes
x-dnssec-names=e2e
ignore-unknown-settings=dnssec
hint-file=no
hint-file=no-refresh
hint-file=/var/nowhere/root.hints
auth-zones=.=/var/nowhere/root.zone
forward-zones=.=9.9.9.9
forward-zones-recurse=.=9.9.9.9
forward-zones=e2e=9.9.9.9
forward-zones-recurse=example=9.9.9.9
lua-dns-script=/var/nowhere/script.lua
edns-outgoing-bufsize=512
disable-packetcache=yes
dns64-prefix=64:ff9b::/96
qname-minimization=no
chroot=/var/nowhere
lua-config-file=
lua-config-file=/var/nowhere/recursor.lua
dnssec-validation=off
"""
_RECURSOR_LUA = r"""
clearTA(".")
clearTA()
clearTA("example")
clearDS(".")
addTA("example", "1 8 2 0000000000000000000000000000000000000000000000000000000000000000")
addNTA(".", "why")
addNTA(".")
addNTA("example", "why")
clearNTA(".")
clearNTA()
addNTA(".")\nclearNTA(".")
addNTA(".")\nclearNTA()
readTrustAnchorsFromFile("/var/nowhere/root.key")
readTrustAnchorsFromFile("/var/nowhere/root.key", 0)
addSortList("0.0.0.0/0", { "192.0.2.0/24" })
rpzFile("/var/nowhere/block.rpz")
zoneToCache(".", "axfr", "9.9.9.9")
zoneToCache(".", "axfr", "9.9.9.9", { dnssec = "ignore" })
zoneToCache(".", "axfr", "9.9.9.9", { zonemd = "require" })
"""
_RECURSOR_YML_DNSSEC = r"""
  validation: off
  validation: 'off'
  validation: process
  validation: process-no-validate
  validation: validate
  validation: log-fail
  validation: Validate
  disabled_algorithms: ['8']
  disabled_algorithms: [8]
  disabled_algorithms: ['13']
  disabled_algorithms: [rsasha256]
  disabled_algorithms: []
  log_bogus: true
  signature_inception_skew: 0
  nsec3_max_iterations: 0
  max_dnskeys: 1
  max_dnskeys: 0
  max_ds_per_zone: 1
  max_rrsigs_per_record: 0
  max_signature_validations_per_query: 0
  max_signature_validations_per_query: 1
  aggressive_nsec_cache_size: 0
  x_dnssec_names: [e2e]
  negative_trustanchors:\n    - name: .
  negative_trustanchors:\n    - name: .\n      reason: x
  negative_trustanchors:\n    - name: example
  negative_trustanchors: []
  trustanchorfile: ''
  trustanchorfile: /var/nowhere/root.key
  trustanchorfile_interval: 0
  trustanchors: []
  trustanchors:\n    - name: .
  trustanchors:\n    - name: .\n      dsrecords: []
"""
_RECURSOR_YML = r"""
recordcache:\n  zonetocaches:\n    - {zone: ., method: axfr, sources: [9.9.9.9], dnssec: ignore}
recursor:\n  forward_zones:\n    - zone: .\n      forwarders: [9.9.9.9]
recursor:\n  forward_zones_recurse:\n    - zone: .\n      forwarders: [9.9.9.9]
recursor:\n  hint_file: no
recursor:\n  root_nx_trust: false
recursor:\n  lua_config_file: /var/nowhere/recursor.lua
outgoing:\n  edns_bufsize: 512
"""
_DNSMASQ = r"""
dnssec
dnssec-check-unsigned
dnssec-check-unsigned=no
dnssec-check-unsigned=yes
dnssec-check-unsigned=maybe
dnssec-no-timecheck
dnssec-debug
dnssec-timestamp=/var/lib/misc/stamp
dnssec-timestamp=/var/nowhere/stamp
dnssec-timestamp
dnssec-limits=1
dnssec-limits=0,0,0,1
dnssec-limits=,,,
dnssec-limits=x
proxy-dnssec
trust-anchor=example
trust-anchor=.
trust-anchor=e2e
trust-anchor=
trust-anchor=.,CH,1,8,2,00
local=/example/
local=/./
server=/./9.9.9.9
server=/#/9.9.9.9
address=/#/192.0.2.1
cache-size=0
edns-packet-max=512
domain-needed
bogus-priv
bogus-nxdomain=192.0.2.66
filterwin2k
strict-order
all-servers
add-mac
no-resolv
localise-queries
filter-A
"""
_RESOLVED = r"""
DNSSEC=yes
DNSSEC=no
DNSSEC=allow-downgrade
DNSSEC=Yes
DNSSEC=on
DNSSEC=1
DNSSEC=
DNSSEC=maybe
DNSSECNegativeTrustAnchors=.
DNSOverTLS=no
Cache=no
Cache=no-negative
CacheFromLocalhost=yes
MulticastDNS=no
LLMNR=no
ReadEtcHosts=no
ResolveUnicastSingleLabel=yes
FallbackDNS=
DNSStubListener=yes
StaleRetentionSec=60
RefuseRecordTypes=DNSKEY
"""
_STUBBY = r"""
dnssec: GETDNS_EXTENSION_TRUE
dnssec: GETDNS_EXTENSION_FALSE
dnssec_return_status: GETDNS_EXTENSION_TRUE
dnssec_return_status: GETDNS_EXTENSION_FALSE
dnssec_return_only_secure: GETDNS_EXTENSION_TRUE
dnssec_return_all_statuses: GETDNS_EXTENSION_TRUE
dnssec_return_full_validation_chain: GETDNS_EXTENSION_TRUE
dnssec_return_validation_chain: GETDNS_EXTENSION_TRUE
dnssec_roadblock_avoidance: GETDNS_EXTENSION_TRUE
dnssec_allowed_skew: 0
dnssec_allowed_skew: 4294967295
dnssec_allowed_skew: 100000000
dnssec_trust_anchors: ""
dnssec_trust_anchors: "/var/nowhere/root.key"
trust_anchors_url: "http://127.0.0.1/anchors.xml"
trust_anchors_verify_CA: ""
trust_anchors_verify_email: "dnssec@example.com"
trust_anchors_backoff_time: 1
appdata_dir: "/var/nowhere"
appdata_dir: "/var/cache/stubby"
edns_client_subnet_private: 1
tls_authentication: GETDNS_AUTHENTICATION_REQUIRED
follow_redirects: GETDNS_REDIRECTS_DO_NOT_FOLLOW
idle_timeout: 10000
namespaces:\n  - GETDNS_NAMESPACE_LOCALNAMES
suffix:\n  - e2e.
"""

# With these nothing is answered, or the program does not start; by the file that they stand in.
FATAL: Mapping[str, tuple[Setting, ...]] = {
    "/etc/unbound/unbound.conf": (
        *_each("server:", answering.UNBOUND),
        *_each("", answering.UNBOUND_CLAUSES),
    ),
    "/etc/bind/named.conf": (
        *_each("options {", answering.NAMED, "};"),
        *_each("", answering.NAMED_OUTSIDE),
    ),
    "/etc/knot-resolver/kresd.conf": tuple(_each("", answering.KRESD)),
    "/etc/knot-resolver/config.yaml": tuple(_each("", answering.KRESCTL)),
    "/etc/powerdns/recursor.conf": tuple(_each("", answering.RECURSOR_CONF)),
    "/etc/powerdns/recursor.yml": (
        *_each("", answering.RECURSOR_YML),
        *_each("dnssec:", answering.RECURSOR_YML_DNSSEC),
    ),
}
_OTHERS: Mapping[str, tuple[Setting, ...]] = {
    "/etc/unbound/unbound.conf": (*_each("server:", _UNBOUND), *_each("", _UNBOUND_CLAUSES)),
    "/etc/bind/named.conf": (*_each("options {", _NAMED, "};"), *_each("", _NAMED_OUTSIDE)),
    "/etc/knot-resolver/kresd.conf": tuple(_each("", _KRESD)),
    "/etc/knot-resolver/config.yaml": (*_each("dnssec:", _KRESCTL_DNSSEC), *_each("", _KRESCTL)),
    "/etc/powerdns/recursor.conf": tuple(_each("", _RECURSOR_CONF)),
    "/etc/powerdns/recursor.lua": tuple(_each("", _RECURSOR_LUA)),
    "/etc/powerdns/recursor.yml": (
        *_each("dnssec:", _RECURSOR_YML_DNSSEC),
        *_each("", _RECURSOR_YML),
    ),
    "/etc/dnsmasq.conf": tuple(_each("", _DNSMASQ)),
    "/etc/systemd/resolved.conf": tuple(_each("[Resolve]", _RESOLVED)),
    "/etc/stubby/stubby.yml": tuple(_each("", _STUBBY)),
}
SETTINGS: Mapping[str, tuple[Setting, ...]] = {
    path: (*settings, *FATAL.get(path, ())) for path, settings in _OTHERS.items()
}
