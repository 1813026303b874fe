"""The keys of Knot Resolver's YAML and what each takes: what ``kresctl schema`` of 6.5.0 says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from anchors.consumers.yaml_reading import line_of

__all__ = ["KEYS", "strange_keys"]

# A place, a colon, and its keys, each with the first letters of the types that it takes: an array,
# a boolean, an integer, null, an object, a string.  The items of a list are in its own place.
_TEXT = """
.: cache=o defer=o dns64=o dnssec=o fallback=o forward=an hostname=ns local-data=o logging=o
    lua=o management=o monitoring=o network=o nsid=ns options=o rate-limiting=o rundir=s
    version=i views=an workers=is
management: interface=ns unix-socket=ns
options: glue-checking=s minimize=b priming=b query-case-randomization=b query-loopback=b
    rebinding-protection=b refuse-no-rd=b reorder-rrset=b serve-stale=b time-jump-detection=b
    violators-workarounds=b
network: address-renumbering=an do-ipv4=b do-ipv6=b edns-buffer-size=o edns-tcp-keepalive=b
    listen=a out-interface-v4=ns out-interface-v6=ns proxy-protocol=o quic=o tcp-pipeline=i
    tls=o
network.edns-buffer-size: downstream=s upstream=s
network.address-renumbering: destination=s source=s
network.tls: cert-file=ns key-file=ns padding=bi sticket-secret=ns sticket-secret-file=ns
    watchdog=bs
network.proxy-protocol: allow=an enable=b
network.quic: max-conns=i max-streams=i require-retry=b
network.listen: freebind=b interface=ans kind=s port=in unix-socket=ans
views: answer=ns dst-subnet=ns options=o protocols=an subnets=a tags=an
views.options: dns64=b fallback=b minimize=b price-factor=i
local-data: addresses=no addresses-files=an nodata=b records=ns rpz=an rules=an ttl=ns
local-data.rules: address=ans file=ans name=ans nodata=bn records=ns subtree=ns tags=an ttl=ns
local-data.rpz: file=s log=an tags=an watchdog=bs
forward: options=o servers=a subtree=as
forward.servers: address=as ca-file=ns hostname=ns pin-sha256=ans transport=ns
forward.options: authoritative=b dnssec=b
fallback: enable=b servers=an
fallback.servers: address=as ca-file=ns hostname=ns pin-sha256=ans transport=ns
cache: garbage-collector=o ns-timeout=s prefetch=o prefill=an size-max=s storage=s ttl-max=s
    ttl-min=s
cache.garbage-collector: dry-run=b enable=b interval=s release=i rw-delay=s rw-deletes=i
    rw-duration=s rw-reads=i temp-keys-space=s threshold=i
cache.prefill: ca-file=ns origin=s refresh-interval=s url=s
cache.prefetch: expiring=b prediction=o
cache.prefetch.prediction: enable=b period=i window=s
dnssec: enable=b log-bogus=b negative-trust-anchors=an sentinel=b signal-query=b
    trust-anchors=an trust-anchors-files=an
dnssec.trust-anchors-files: file=s read-only=b
dns64: enable=b exclude-subnets=an prefix=s reverse-ttl=ns
logging: dnstap=o groups=an level=s target=s
logging.dnstap: enable=b log-queries=b log-responses=b log-tcp-rtt=b unix-socket=ns
monitoring: graphite=o metrics=s
monitoring.graphite: enable=b host=ns interval=s port=i prefix=s tcp=b
rate-limiting: capacity=i dry-run=b enable=b instant-limit=i log-period=s rate-limit=in slip=i
defer: enable=b log-period=s
lua: policy-script=ns policy-script-file=ns policy-script-only=b script=ns script-file=ns
    script-only=b
"""

# Keys whose value is one of some words.
_WORDS = """
fallback.servers.transport: tls
forward.servers.transport: tls
local-data.rules.subtree: empty nxdomain redirect
logging.level: crit err warning notice info debug
monitoring.metrics: manager-only lazy always
network.listen.kind: dns xdp dot doh-legacy doh2 doh2-insecure doq
options.glue-checking: normal strict permissive
views.answer: allow refused noanswer
"""


def _words(text: str) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    place = ""
    for word in text.split():
        if word.endswith(":"):
            place = word.removesuffix(":")
        else:
            found.setdefault(place, set()).add(word)
    return {place: frozenset(words) for place, words in found.items()}


def _places(text: str) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    place = ""
    for word in text.split():
        name, equals, types = word.partition("=")
        if equals:
            found.setdefault(place, {})[name] = types
        else:
            place = name.removesuffix(":")
    return found


_PLACES = _places(_TEXT)
_CHOICES = _words(_WORDS)
KEYS = frozenset(_PLACES["."])


def strange_keys(value: object, place: str = ".") -> Iterator[tuple[str, int]]:
    """Keys that 6.5.0 does not know, or whose value is of a type that it does not take."""
    known = _PLACES.get(place)
    if isinstance(value, list):
        for item in value:
            yield from strange_keys(item, place)
    if not isinstance(value, dict) or known is None:
        return
    for key, below in value.items():
        here = f"{key!s}" if place == "." else f"{place}.{key!s}"
        is_none = isinstance(below, str) and below not in _CHOICES.get(here, {below})
        if is_none or _type_of(below) not in known.get(f"{key!s}", ""):
            yield f"{key!s:.40}", line_of(value, f"{key!s}") or 1
        yield from strange_keys(below, here)


def _type_of(value: object) -> str:
    types = ((bool, "b"), (int, "i"), (str, "s"), (list, "a"), (dict, "o"))
    return next((letter for kind, letter in types if isinstance(value, kind)), "n")
