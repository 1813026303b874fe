"""A Signed Key Response: the root's DNSKEY RRsets of one quarter, signed in advance.

The root's KSK operator signs a bundle for each slot of some ten days and publishes them all as
XML.  What is read here is a claim; :mod:`anchors.rootzone.calendar` tries the signatures.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib import resources
from itertools import pairwise
from typing import NamedTuple

from anchors.core import records
from anchors.core.checks import Check
from anchors.core.errors import DocumentRefused, UsageError
from anchors.core.findings import Finding, Severity
from anchors.core.rdata_text import dnskey_text
from anchors.core.times import format_time, parse_time
from anchors.grammars.xml import Element, Schema, name_of, parse, text_of
from anchors.rootzone.rrset import Observation, answer_from_text, observe

__all__ = ["MAX_SIZE", "Bundle", "SignedKeyResponse", "read"]

MAX_SIZE = 1 << 20

# A quarter has nine slots; elements and records are bounded where they are read.
_SLOTS = 9
_MAX_BUNDLES = 32
_ROOT_ZONE = "."
_FORM = "the XML form that IANA publishes"
# RRSIG times are 32 bits (RFC 4034 3.1.5).
_END_OF_TIME = 1 << 32


class Bundle(NamedTuple):
    """The RRset and RRSIGs of one slot; observed, as it were, when the slot begins.

    ``key_tags`` are those that the response says its keys have.
    """

    id: str
    inception: datetime
    expiration: datetime
    observation: Observation
    key_tags: tuple[int, ...]


class SignedKeyResponse(NamedTuple):
    """A response as it was read, its bundles in the order of time; nothing is verified yet."""

    id: str
    serial: int
    bundles: tuple[Bundle, ...]
    findings: tuple[Finding, ...]


def read(data: bytes) -> SignedKeyResponse:
    """Read a Signed Key Response.

    Raises:
        DocumentRefused: with the check that failed (``skr.*``).
    """
    root = _parse(data)
    domain = root.get("domain", "")
    if domain != _ROOT_ZONE:
        raise _refuse(Check.SKR_ZONE, "the response is of another zone", domain, _ROOT_ZONE)
    try:
        serial = int(root.get("serial", ""))
    except ValueError as error:
        raise _refuse(Check.SKR_SCHEMA, "a number cannot be read", str(error), "digits") from error
    elements = root.findall("Response/ResponseBundle")
    if len(elements) > _MAX_BUNDLES:
        raise _refuse(
            Check.SKR_SCHEMA, "too many bundles", str(len(elements)), f"at most {_MAX_BUNDLES}"
        )
    bundles = tuple(_bundle(element) for element in elements)
    _require_order(bundles)
    findings = (*_gaps(bundles), *_wrong_tags(bundles))
    return SignedKeyResponse(root.get("id", ""), serial, bundles, findings)


def _refuse(check: Check, message: str, got: str, want: str) -> DocumentRefused:
    return DocumentRefused(
        check,
        f"the signed key response: {message}",
        got=got,
        want=want,
        remedy="fetch it again from https://www.iana.org/dnssec/ceremonies",
    )


def _parse(data: bytes) -> Element:
    if len(data) > MAX_SIZE:
        raise _refuse(
            Check.SKR_SCHEMA, "too large", f"{len(data)} bytes", f"at most {MAX_SIZE} bytes"
        )
    try:
        root = parse(data)
    except DocumentRefused as error:
        raise _refuse(Check.SKR_SCHEMA, error.message, error.got or "", error.want or "") from error
    if name_of(root) != "KSR" or root.find("Response") is None:
        children = ", ".join(name_of(child) for child in root[:3])
        raise _refuse(
            Check.SKR_SCHEMA, "it is none", f"{name_of(root)} with {children}", "KSR with Response"
        )
    fault = _schema().fault(root)
    if fault is not None:
        raise _refuse(Check.SKR_SCHEMA, "the KeyDigest does not follow the schema", fault, _FORM)
    return root


@functools.cache
def _schema() -> Schema:
    return Schema(resources.files("anchors.rootzone").joinpath("data/skr.rng").read_bytes())


def _bundle(element: Element) -> Bundle:
    name = element.get("id", "")
    try:
        inception, expiration = _time(element, "Inception"), _time(element, "Expiration")
        keys = element.findall("Key")
        tags = tuple(sorted(int(key.get("keyTag", "")) for key in keys))
        lines = [*map(_dnskey_line, keys), *map(_rrsig_line, element.findall("Signature"))]
        # As text, so that this RRset goes the way of every other one.
        observation = observe(answer_from_text("\n".join(lines), inception))
    except UsageError as error:
        raise _no_bundle(name, error.got or error.message) from error
    except ValueError as error:
        raise _no_bundle(name, str(error)) from error
    if observation.failure is not None:
        raise _no_bundle(name, observation.failure)
    return Bundle(name, inception, expiration, observation, tags)


def _no_bundle(name: str, got: str) -> DocumentRefused:
    return _refuse(
        Check.SKR_SCHEMA, f"bundle {name:.60} cannot be read", got, "a DNSKEY RRset and its RRSIGs"
    )


def _time(element: Element, name: str) -> datetime:
    time = parse_time(text_of(element, name))
    if time.microsecond or not 0 <= time.timestamp() < _END_OF_TIME:
        message = f"{name} {format_time(time)} is not a time that an RRSIG can have"
        raise ValueError(message)
    return time


def _number(element: Element, name: str) -> int:
    return int(text_of(element, name))


def _binary(element: Element, name: str) -> bytes:
    return base64.b64decode("".join(text_of(element, name).split()), validate=True)


def _dnskey_line(element: Element) -> str:
    ttl, flags, algorithm = (_number(element, name) for name in ("TTL", "Flags", "Algorithm"))
    return f". {ttl} IN DNSKEY " + dnskey_text(flags, algorithm, _binary(element, "PublicKey"))


def _rrsig_line(element: Element) -> str:
    ttl, algorithm, original_ttl, tag = (
        _number(element, name) for name in ("TTL", "Algorithm", "OriginalTTL", "KeyTag")
    )
    end, begin = (
        f"{_time(element, name):%Y%m%d%H%M%S}"
        for name in ("SignatureExpiration", "SignatureInception")
    )
    signature = base64.b64encode(_binary(element, "SignatureData")).decode()
    fields = f"DNSKEY {algorithm} 0 {original_ttl} {end} {begin} {tag} . {signature}"
    return f". {ttl} IN RRSIG {fields}"


def _require_order(bundles: Sequence[Bundle]) -> None:
    names = [bundle.id for bundle in bundles]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise _refuse(
            Check.SKR_SLOTS, "two bundles have the same id", twice, "a different id for each bundle"
        )
    for bundle in bundles:
        if bundle.expiration <= bundle.inception:
            raise _refuse(
                Check.SKR_SLOTS,
                "a slot ends before it begins",
                _span(bundle),
                "a begin before the end",
            )
        times = [(s.inception, s.expiration) for s in bundle.observation.signatures]
        begin, end = int(bundle.inception.timestamp()), int(bundle.expiration.timestamp())
        if any(begin < since or until < end for since, until in times):
            raise _refuse(
                Check.SKR_SLOTS,
                f"a signature of bundle {bundle.id:.60} does not cover the whole slot",
                ", ".join(bundle.observation.signed),
                _span(bundle),
            )
    for one, other in pairwise(bundles):
        if other.inception <= one.inception or other.expiration <= one.expiration:
            raise _refuse(
                Check.SKR_SLOTS,
                "its slots are not in order",
                f"{_span(other)} after {_span(one)}",
                "each later than the one before",
            )


def _span(bundle: Bundle) -> str:
    return f"{format_time(bundle.inception)} to {format_time(bundle.expiration)}"


def _gaps(bundles: Sequence[Bundle]) -> Iterator[Finding]:
    for one, other in pairwise(bundles):
        if other.inception > one.expiration:
            yield Finding(
                Check.SKR_SLOTS,
                Severity.ALARM,
                "the signed key response has no signature for part of its time",
                got=f"{format_time(one.expiration)} to {format_time(other.inception)}",
                want="slots that overlap",
                remedy="look for another response for that time",
            )
    if len(bundles) != _SLOTS:
        yield Finding(
            Check.SKR_SLOTS,
            Severity.WARNING,
            "the signed key response does not cover a whole quarter",
            got=str(len(bundles)),
            want=f"{_SLOTS} slots",
            remedy="see whether slots were left out, or whether another response has them",
        )


def _wrong_tags(bundles: Sequence[Bundle]) -> Iterator[Finding]:
    for bundle in bundles:
        tags = tuple(sorted(records.key_tag(key) for key in bundle.observation.keys))
        if bundle.key_tags != tags:
            yield Finding(
                Check.SKR_KEY_TAG,
                Severity.WARNING,
                f"bundle {bundle.id:.60} of the signed key response has key tags that do not "
                "match its keys",
                got=" ".join(map(str, bundle.key_tags)),
                want=" ".join(map(str, tags)),
                remedy="rely on the keys; if IANA's own file contains this error, report it to "
                "IANA",
            )
