"""Settings with which a program answers nothing, or does not start, though its anchors are right.

Each was seen on the program of Debian 12 or on the newest one, beside a configuration that is
right: who is asked for the root, how often, what is taken for an answer, and code that decides.
"""

from __future__ import annotations

__all__ = [
    "KRESCTL",
    "KRESD",
    "NAMED",
    "NAMED_OUTSIDE",
    "RECURSOR_CONF",
    "RECURSOR_YML",
    "RECURSOR_YML_DNSSEC",
    "UNBOUND",
    "UNBOUND_CLAUSES",
]

UNBOUND = r"""
    tls-upstream: yes
    ssl-upstream: yes
    do-ip4: no\n    do-ip6: no
    do-not-query-address: 0.0.0.0/0
    private-address: 0.0.0.0/0
    max-sent-count: 1
    outbound-msg-retry: 0
    infra-cache-numhosts: 0
    msg-buffer-size: 512
    ratelimit: 1
    discard-timeout: 1
    module-config: "respip validator iterator"\n    response-ip: 0.0.0.0/0 deny
    tls-cert-bundle: "/nowhere"
"""
UNBOUND_CLAUSES = r"""
forward-zone:\n    name: "."
forward-zone:\n    name: "."\n    forward-host: "nowhere.invalid"
stub-zone:\n    name: "."
stub-zone:\n    name: "."\n    stub-host: "nowhere.invalid"
auth-zone:\n    name: "."
auth-zone:\n    name: "."\n    primary: 9.9.9.9
auth-zone:\n    name: "."\n    zonefile: "/var/nowhere/root.zone"
auth-zone:\n    name: "."\n    zonefile: "/var/nowhere/root.zone"\n    for-upstream: no
auth-zone:\n    name: "."\n    zonefile: "/var/nowhere/root.zone"\n    fallback-enabled: yes
auth-zone:\n    name: "example."\n    zonefile: "/var/nowhere/x.zone"
rpz:\n    name: "rpz."\n    zonefile: "/var/nowhere/rpz.zone"
"""
NAMED = r"""
max-recursion-queries 0;
max-recursion-queries 1;
max-recursion-queries 2;
fetches-per-zone 1;
max-records-per-type 1;
blackhole { any; };
deny-answer-addresses { 0.0.0.0/0; ::/0; };
dnsrps-enable yes;
cookie-algorithm aes;
response-policy { zone "rpz"; };
"""
NAMED_OUTSIDE = r"""
zone "." { type hint; file "/var/nowhere/root.hints"; };
zone "." { type hint; };
zone "." { type primary; file "/var/nowhere/root"; };
zone "." { type secondary; primaries { 9.9.9.9; }; };
zone "." { type redirect; file "/var/nowhere"; };
zone "." { type delegation-only; };
zone "." IN { type forward; forward first; };
server 0.0.0.0/0 { edns no; };
server 0.0.0.0/0 { bogus yes; };
server 198.41.0.4 { edns no; };
plugin query "/usr/lib/nowhere.so";
dlz "x" { database "x"; };
"""
KRESD = r"""
_G['trust_' .. 'anchors'].remove('.')
require('trust_anchors').remove('.')
package.loaded.trust_anchors.remove('.')
load("trust_anchors.remove('.')")()
local l = load; l("trust_anchors.remove('.')")()
getfenv()['trust_' .. 'anchors'].remove('.')
setmetatable(_G, nil)
kres.context().trust_anchors = nil
policy.add(function(req, query) return policy.DENY end)
policy.add(function(req) return 8 end)
policy.add(policy.all(policy.ANSWER({ [kres.type.A] = { rdata = 'abcd', ttl = 300 } })))
policy.add(policy.all(policy.DENY_MSG('no')))
policy.add(policy.all(policy.MIRROR('9.9.9.9')))
policy.add(policy.all(policy.FORWARD({})))
policy.add(policy.rpz(policy.DENY, '/var/nowhere/rpz'))
policy.add(policy.pattern(policy.DENY, '.*'))
policy.add(policy.suffix(policy.DENY, policy.todnames({ '.' })))
policy.add(policy.suffix(policy.DENY, { '\0' }))
policy.add(policy.suffix(policy.STUB('9.9.9.9'), policy.todnames({ '.' })))
policy.nosuch()
modules.load('daf'); daf.add('deny')
modules.load('bogus_log'); bogus_log.nosuch()
modules.load('hints'); hints.root({ ['x.'] = '192.0.2.1' })
modules.load('graphite')
ta_update.start('.')
net.ipv4 = false
option('NO_IPV4', true)
option('NO_EDNS', true)
option('STUB', true)
option('FORWARD', true)
option('RESOLVED', true)
option('NOSUCH', true)
"""
KRESCTL = r"""
network:\n  do-ipv4: false
forward:\n  - subtree: .\n    servers: []
views:\n  - subnets: [0.0.0.0/0]\n    options:\n      dns64: false
views:\n  - subnets: [0.0.0.0/0]\n    options:\n      minimize: false
"""
RECURSOR_CONF = r"""
auth-zones=example=/var/nowhere/zone
forward-zones-file=/var/nowhere/f
hint-file=no
hint-file=no-refresh
max-rrset-size=1
dont-query=0.0.0.0/0
dot-to-auth-names=.
lua-dns-script=/var/nowhere/x.lua
chroot=/var/nowhere
stack-size=1000
max-udp-queries-per-round=0
allow-from-file=/var/nowhere/a
"""
RECURSOR_YML = r"""
recursor:\n  auth_zones:\n    - {zone: ., file: /var/nowhere/root.zone}
recursor:\n  forward_zones_file: /var/nowhere/f.yml
recursor:\n  forward_zones:\n    - {zone: ., forwarders: [9.9.9.9], recurse: true}
recursor:\n  forward_zones:\n    - {zone: ., forwarders: []}
recursor:\n  hint_file: no-refresh
recursor:\n  max_total_msec: 1
recursor:\n  lua_dns_script: /var/nowhere/x.lua
recursor:\n  rpzs:\n    - {file: /var/nowhere/rpz}
recursor:\n  chroot: /var/nowhere
recursor:\n  config_name: x
outgoing:\n  dont_query: ['0.0.0.0/0']
outgoing:\n  dot_to_auth_names: ['.']
outgoing:\n  max_qperq: 1
outgoing:\n  max_bytesperq: 1
outgoing:\n  udp_source_port_min: 1
recordcache:\n  max_rrset_size: 1
recordcache:\n  max_entry_size: 1
incoming:\n  listen: []
webservice:\n  api_dir: /var/nowhere
"""
RECURSOR_YML_DNSSEC = r"""
  signature_inception_skew: 4294967295
"""
