"""The options that named knows, in options and in views.

``named-checkconf`` of BIND 9.18.49 and 9.20.30 was given each word of the parser and of the manual
page named.conf(5); what either knows is here.
"""

from __future__ import annotations

__all__ = ["GONE", "IN_OPTIONS", "IN_VIEWS", "OF_18_ALONE", "OF_20_ALONE"]

_IN_BOTH = (
    "allow-new-zones allow-notify allow-proxy allow-proxy-on allow-query allow-query-cache "
    "allow-query-cache-on allow-query-on allow-recursion allow-recursion-on allow-transfer "
    "allow-update allow-update-forwarding also-notify alt-transfer-source alt-transfer-source-v6 "
    "attach-cache auth-nxdomain auto-dnssec catalog-zones check-dup-records check-integrity "
    "check-mx check-mx-cname check-names check-sibling check-spf check-srv-cname check-svcb "
    "check-wildcard clients-per-query deny-answer-addresses deny-answer-aliases dialup "
    "disable-algorithms disable-ds-digests disable-empty-zone dns64 dns64-contact dns64-server "
    "dnskey-sig-validity dnsrps-enable dnsrps-options dnssec-accept-expired dnssec-dnskey-kskonly "
    "dnssec-loadkeys-interval dnssec-must-be-secure dnssec-policy dnssec-secure-to-insecure "
    "dnssec-update-mode dnssec-validation dnstap dual-stack-servers edns-udp-size empty-contact "
    "empty-server empty-zones-enable fetch-quota-params fetches-per-server fetches-per-zone "
    "forward forwarders glue-cache include ipv4only-contact ipv4only-enable ipv4only-server "
    "ixfr-from-differences key-directory lame-ttl lmdb-mapsize masterfile-format masterfile-style "
    "max-cache-size max-cache-ttl max-clients-per-query max-ixfr-ratio max-journal-size "
    "max-ncache-ttl max-query-count max-query-restarts max-records max-records-per-type "
    "max-recursion-depth max-recursion-queries max-refresh-time max-retry-time max-stale-ttl "
    "max-transfer-idle-in max-transfer-idle-out max-transfer-time-in max-transfer-time-out "
    "max-types-per-name max-udp-size max-validation-failures-per-fetch max-validations-per-fetch "
    "max-zone-ttl message-compression min-cache-ttl min-ncache-ttl min-refresh-time "
    "min-retry-time min-transfer-rate-in minimal-any minimal-responses multi-master "
    "new-zones-directory no-case-compress nocookie-udp-size notify notify-defer notify-delay "
    "notify-source notify-source-v6 notify-to-soa nsec3-test-zone nta-lifetime nta-recheck "
    "nxdomain-redirect parental-source parental-source-v6 preferred-glue prefetch provide-ixfr "
    "qname-minimization query-source query-source-v6 rate-limit recursion request-expire "
    "request-ixfr request-nsid require-server-cookie resolver-nonbackoff-tries "
    "resolver-query-timeout resolver-retry-interval resolver-use-dns64 response-padding "
    "response-policy root-key-sentinel rrset-order send-cookie serial-update-method servfail-ttl "
    "sig-signing-nodes sig-signing-signatures sig-signing-type sig-validity-interval "
    "sig0key-checks-limit sig0message-checks-limit sortlist stale-answer-client-timeout "
    "stale-answer-enable stale-answer-ttl stale-cache-enable stale-refresh-time "
    "suppress-initial-notify synth-from-dnssec transfer-format transfer-source transfer-source-v6 "
    "trust-anchor-telemetry try-tcp-refresh update-check-ksk use-alt-transfer-source v6-bias "
    "validate-except zero-no-soa-ttl zero-no-soa-ttl-cache zone-statistics"
)
_IN_OPTIONS_ALONE = (
    "answer-cookie automatic-interface-scan avoid-v4-udp-ports avoid-v6-udp-ports bindkeys-file "
    "blackhole cookie-algorithm cookie-secret coresize datasize directory dnsrps-library "
    "dnstap-identity dnstap-output dnstap-version dscp dump-file files flush-zones-on-shutdown "
    "fstrm-set-buffer-hint fstrm-set-flush-timeout fstrm-set-input-queue-size "
    "fstrm-set-output-notify-threshold fstrm-set-output-queue-model fstrm-set-output-queue-size "
    "fstrm-set-reopen-interval geoip-directory heartbeat-interval hostname http-listener-clients "
    "http-port http-streams-per-connection https-port interface-interval keep-response-order "
    "listen-on listen-on-v6 lock-file managed-keys-directory match-mapped-addresses "
    "max-rsa-exponent-size memstatistics memstatistics-file notify-rate pid-file port querylog "
    "random-device recursing-file recursive-clients reserved-sockets responselog reuseport "
    "secroots-file serial-query-rate server-id session-keyalg session-keyfile session-keyname "
    "sig0checks-quota sig0checks-quota-exempt stacksize startup-notify-rate statistics-file "
    "tcp-advertised-timeout tcp-clients tcp-idle-timeout tcp-initial-timeout "
    "tcp-keepalive-timeout tcp-listen-queue tcp-receive-buffer tcp-reuse-timeout tcp-send-buffer "
    "tkey-dhkey tkey-domain tkey-gssapi-credential tkey-gssapi-keytab tls-port "
    "transfer-message-size transfers-in transfers-out transfers-per-ns udp-receive-buffer "
    "udp-send-buffer update-quota use-v4-udp-ports use-v6-udp-ports version"
)
_IN_VIEWS_ALONE = (
    "dlz dyndb key managed-keys match-clients match-destinations match-recursive-only plugin "
    "server trust-anchors trusted-keys zone"
)
# 9.18.49 and 9.20.30 do not start with these; older versions do.
_GONE = (
    "acache-cleaning-interval acache-enable additional-from-auth additional-from-cache "
    "allow-v6-synthesis cache-file cleaning-interval deallocate-on-exit dnssec-enable "
    "dnssec-lookaside fake-iquery fetch-glue filter-aaaa filter-aaaa-on-v4 filter-aaaa-on-v6 "
    "geoip-use-ecs has-old-clients host-statistics host-statistics-max maintain-ixfr-base "
    "max-acache-size max-ixfr-log-size min-roots multiple-cnames named-xfer nosit-udp-size "
    "queryport-pool-ports queryport-pool-updateinterval request-sit rfc2308-type1 "
    "root-delegation-only serial-queries sit-secret statistics-interval topology "
    "treat-cr-as-space use-id-pool use-ixfr use-queryport-pool"
)

# Which of these are unknown to 9.20.30, and which to 9.18.49: either does not start with them.
_OF_18_ALONE = (
    "alt-transfer-source alt-transfer-source-v6 auto-dnssec coresize datasize dscp files "
    "glue-cache lock-file random-device reserved-sockets resolver-nonbackoff-tries "
    "resolver-retry-interval stacksize suppress-initial-notify tkey-dhkey use-alt-transfer-source"
)
_OF_20_ALONE = (
    "allow-proxy allow-proxy-on check-svcb dnsrps-library max-validation-failures-per-fetch "
    "max-validations-per-fetch min-transfer-rate-in notify-defer resolver-use-dns64 responselog "
    "sig0checks-quota sig0checks-quota-exempt sig0key-checks-limit sig0message-checks-limit "
    "tcp-reuse-timeout"
)

IN_OPTIONS = frozenset(f"{_IN_BOTH} {_IN_OPTIONS_ALONE}".split(" "))
IN_VIEWS = frozenset(f"{_IN_BOTH} {_IN_VIEWS_ALONE}".split(" "))
GONE = frozenset(_GONE.split(" "))
OF_18_ALONE = frozenset(_OF_18_ALONE.split(" "))
OF_20_ALONE = frozenset(_OF_20_ALONE.split(" "))
