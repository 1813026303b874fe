"""getdns: the tool getdns_query, and the stub resolver stubby."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from anchors.consumers.bench import Bench, ConsumerFailed, last_words
from anchors.consumers.driver import (
    NOWHERE,
    Driver,
    Held,
    HeldTags,
    Security,
    Told,
    resolve_through,
)
from anchors.consumers.query import Endpoint
from anchors.core.found import FoundAnchor, FoundAnchors, FoundDnskey, FoundDs

__all__ = ["DRIVERS", "GetdnsQuery", "Stubby", "parse_keys", "parse_tags"]

_FORMATS = ("getdns", "ds", "dnskey")
_DS, _DNSKEY = 43, 48

_STUBBY = """\
resolution_type: GETDNS_RESOLUTION_STUB
dns_transport_list:
  - GETDNS_TRANSPORT_UDP
  - GETDNS_TRANSPORT_TCP
listen_addresses:
  - {here.address}@{here.port}
dnssec: GETDNS_EXTENSION_TRUE
dnssec_trust_anchors: "{file}"
appdata_dir: "{directory}"
upstream_recursive_servers:
  - address_data: {root.address}
    port: {root.port}
"""
_NAME = re.compile(r'"name":\s*"((?:[^"\\]|\\.)*)"')
_OF_ROOT = re.compile(
    r'^\s*"name": <bindata for \.>,$(.*?^\s*"type": \S+$)', re.DOTALL | re.MULTILINE
)
_ENTRY = {"class", "name", "rdata", "ttl", "type"}
_TAG = re.compile(r'"key_tag": (\d+)')
_LISTED = re.compile(r'"dnssec_trust_anchors":\s*\[(.*?)^\s*\]', re.DOTALL | re.MULTILINE)


def parse_keys(output: str) -> FoundAnchors:
    """The root's part of what ``getdns_query -k -j`` prints: records, bytes as lists of numbers.

    Raises:
        ConsumerFailed: it is something else.
    """
    try:
        entries = json.loads(_NAME.sub(_root_or_none, output))
        found = [(entry["name"], _found(entry)) for entry in entries]
    except (ValueError, KeyError, TypeError) as error:
        raise ConsumerFailed(f"getdns_query -k: {last_words(output)}") from error
    # Quotation marks in a name are printed as they are, and may look like the name of the root.
    if output.count('"name":') != len(found) or any(set(one) != _ENTRY for one in entries):
        raise ConsumerFailed("getdns_query -k: a name in its list cannot be told")
    return FoundAnchors(tuple(anchor for name, anchor in found if name == "."))


def _root_or_none(match: re.Match[str]) -> str:
    """The escapes of a name are none of JSON."""
    return match[0] if match[1] == "." else '"name":""'


def _found(entry: dict[str, Any]) -> FoundAnchor:
    rdata = entry["rdata"]
    if entry["type"] == _DS:
        return FoundDs(
            rdata["key_tag"], rdata["algorithm"], rdata["digest_type"], bytes(rdata["digest"])
        )
    return FoundDnskey(rdata["flags"], rdata["algorithm"], bytes(rdata["public_key"]))


def parse_tags(output: str) -> HeldTags | None:
    """The root's tags in what ``stubby -i`` prints; ``None`` for DNSKEYs, cut off there.

    Raises:
        ConsumerFailed: it does not list any anchors.
    """
    match = _LISTED.search(output)
    if match is None:
        raise ConsumerFailed(f"stubby -i: {last_words(output)}")
    of_root = _OF_ROOT.findall(match[1])
    if any("GETDNS_RRTYPE_DNSKEY" in entry for entry in of_root):
        return None
    return HeldTags(tuple(int(tag) for one in of_root for tag in _TAG.findall(one)))


class GetdnsQuery(Driver):
    """The lookup tool."""

    name = "getdns_query"
    package = "getdns-utils"
    programs = ("getdns_query",)
    formats = _FORMATS

    def version(self, bench: Bench) -> str:
        """From ``getdns_query -v``."""
        match = re.search(r"[Vv]ersion (\S+)", bench.run("getdns_query", "-v").output)
        return match[1] if match else "of unknown version"

    def loads(self, bench: Bench) -> Told:
        """It drops what it cannot read without a word, so there has to be something."""
        try:
            anchors = parse_keys(_keys(bench)).anchors
        except ConsumerFailed as error:
            return Told(yes=False, words=str(error))
        return Told(bool(anchors), f"getdns_query -k: {len(anchors)} trust anchors")

    def holds(self, bench: Bench) -> Held:
        """It tells them in full."""
        return Held(parse_keys(_keys(bench)), "getdns_query -k")

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security]:
        """One run for each name."""
        server = f"@{root.address}@{root.port}"
        return {
            name: _security(
                bench.run(
                    *("getdns_query", "-s", "-f", bench.file),
                    *("+dnssec_return_status", name, "A", server),
                ).output
            )
            for name in names
        }


class Stubby(Driver):
    """The stub resolver."""

    name = "stubby"
    package = "stubby"
    programs = ("stubby",)
    formats = _FORMATS

    def version(self, bench: Bench) -> str:
        """That of getdns, by which Debian numbers it."""
        match = re.search(r'"version_string": <bindata of "(\S+)">', _info(bench))
        return match[1] if match else "of unknown version"

    def loads(self, bench: Bench) -> Told:
        """It drops what it cannot read without a word, so there has to be something."""
        try:
            tags = parse_tags(_info(bench))
        except ConsumerFailed as error:
            return Told(yes=False, words=str(error))
        told = "DNSKEYs" if tags is None else f"{len(tags.tags)} trust anchors"
        return Told(tags is None or bool(tags.tags), f"stubby -i: {told}")

    def holds(self, bench: Bench) -> Held | None:
        """It tells the tags of DS records."""
        tags = parse_tags(_info(bench))
        return None if tags is None else Held(tags, "stubby -i")

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security]:
        """Through the server, with the lab root as its only upstream."""
        with bench.serving("stubby", lambda here: _configure(bench, here, root)) as (here, _):
            return resolve_through(here, names)


def _keys(bench: Bench) -> str:
    return bench.run("getdns_query", "-k", "-j", "-f", bench.file).output


def _security(output: str) -> Security:
    """A bogus answer is none: getdns gives only the replies that it does not reject."""
    if "GETDNS_RESPSTATUS_ALL_TIMEOUT" in output:
        return Security.NO_ANSWER
    if "GETDNS_DNSSEC_SECURE" in output:
        return Security.SECURE_NX if "GETDNS_RCODE_NXDOMAIN" in output else Security.SECURE
    if "GETDNS_RESPSTATUS_NO_NAME" in output and '"replies_full": []' in output:
        return Security.BOGUS
    return Security.UNVALIDATED


def _info(bench: Bench) -> str:
    return bench.run("stubby", "-i", *_configure(bench, NOWHERE, NOWHERE)).output


def _configure(bench: Bench, here: Endpoint, root: Endpoint) -> list[str]:
    text = _STUBBY.format(here=here, root=root, file=bench.file, directory=bench.directory)
    return ["-C", str(bench.write("stubby.yml", text))]


DRIVERS = (GetdnsQuery(), Stubby())
