"""The authentic document's meaning (RFC 9718 2): tolerant of growth, strict in what is known."""

from __future__ import annotations

import base64
import functools
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib import resources

from anchors.core import records
from anchors.core.checks import Check
from anchors.core.errors import DocumentRefused
from anchors.core.findings import Finding, Severity
from anchors.core.keys import KeyDigest, TrustAnchors, UnusableKeyDigest, Window
from anchors.core.times import parse_time
from anchors.grammars.xml import Element, Schema, name_of, parse, text_of
from anchors.publication.authenticate import Authenticated

__all__ = ["public_keys", "read"]

# The attributes and children that RFC 9718 2.1 knows; all other elements have text alone.
_KNOWN_ATTRIBUTES = {
    "TrustAnchor": {"id", "source"},
    "KeyDigest": {"id", "validFrom", "validUntil"},
}
_KNOWN_CHILDREN = {
    "TrustAnchor": {"Zone", "KeyDigest"},
    "KeyDigest": {"KeyTag", "Algorithm", "DigestType", "Digest", "PublicKey", "Flags"},
}
_ROOT_ZONE = "."
_SHA1_DIGEST_TYPE = 1
_NOT_ROOTS = "do not use this document; report it to IANA"


def read(authenticated: Authenticated) -> TrustAnchors:
    """Read an authentic document.

    A fault above the KeyDigests refuses the document; one inside a KeyDigest makes that key
    unusable, and the others stand.

    Raises:
        DocumentRefused: with the check that failed (``document.*``).
    """
    root = parse(authenticated.document)
    if name_of(root) != "TrustAnchor":
        raise _refuse(
            Check.DOCUMENT_SCHEMA,
            "the document's root element is not TrustAnchor",
            got=f"root element {name_of(root)}",
            want="TrustAnchor",
        )
    findings = list(_remove_unknown(root))
    by_element = {element: _read_key(element) for element in root.iterfind("KeyDigest")}
    _require_frame(root, by_element)
    keys = tuple(by_element.values())
    findings += [key.finding for key in keys if isinstance(key, UnusableKeyDigest)]
    findings += _duplicates(keys)
    return TrustAnchors(root.attrib["id"], root.attrib["source"], keys, tuple(findings))


def public_keys(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The algorithm and public key (RFC 9718 2.1.2) of every KeyDigest; nothing is verified.

    Raises:
        DocumentRefused: not well-formed XML.
        ValueError: an algorithm or a public key cannot be read.
    """
    for element in parse(data).iterfind("KeyDigest"):
        if text_of(element, "PublicKey"):
            yield int(text_of(element, "Algorithm")), _public_key(element)


def _refuse(check: Check, message: str, *, got: str, want: str) -> DocumentRefused:
    return DocumentRefused(check, message, got=got, want=want, remedy=_NOT_ROOTS)


@functools.cache
def _document_schema() -> Schema:
    path = resources.files("anchors.publication").joinpath("data/root-anchors.rng")
    return Schema(path.read_bytes())


@functools.cache
def _key_schema() -> Schema:
    return _document_schema().starting_at("keydigest")


def _remove_unknown(root: Element) -> Iterator[Finding]:
    """Remove what RFC 9718 does not know, so that a document that grew still reads."""
    removed: Counter[str] = Counter()
    for parent in [root, *root.iterfind("KeyDigest")]:
        for child in [c for c in parent if name_of(c) not in _KNOWN_CHILDREN[name_of(parent)]]:
            removed[f"element {name_of(child)} in {name_of(parent)}"] += 1
            _remove_keeping_tail(parent, child)
    for element in root.iter():
        known = _KNOWN_ATTRIBUTES.get(name_of(element), set())
        for name in [str(n) for n in element.attrib if n not in known]:
            del element.attrib[name]
            removed[f"attribute {name} of {name_of(element)}"] += 1
    for what, times in sorted(removed.items()):
        yield Finding(
            Check.DOCUMENT_UNKNOWN,
            Severity.WARNING,
            f"unknown {what}, left out",
            got=f"{times} times",
            want="elements and attributes of RFC 9718 2.1",
            remedy="look for a newer root-anchors; IANA may have extended the document",
        )


def _remove_keeping_tail(parent: Element, child: Element) -> None:
    # lxml drops the text behind a removed element; stray text must still fail the schema.
    previous, tail = child.getprevious(), child.tail or ""
    if previous is None:
        parent.text = (parent.text or "") + tail
    else:
        previous.tail = (previous.tail or "") + tail
    parent.remove(child)


def _require_frame(root: Element, keys: Mapping[Element, KeyDigest | UnusableKeyDigest]) -> None:
    """The schema without the KeyDigests that fail it by themselves: those are told one by one."""
    for element, key in keys.items():
        if isinstance(key, UnusableKeyDigest) and key.finding.check is Check.KEY_SCHEMA:
            _remove_keeping_tail(root, element)
    fault = _document_schema().fault(root)
    if keys and root.find("KeyDigest") is None:
        # The schema wants a KeyDigest, and every one was malformed: what else it wants is this.
        missing = [name for name in ("id", "source") if root.get(name) is None]
        fault = f"no attribute {', '.join(missing)}" if missing else None
    if fault is not None:
        raise _refuse(
            Check.DOCUMENT_SCHEMA,
            "the document does not follow the schema",
            got=fault,
            want="the schema of RFC 9718 2.1",
        )
    zones = [zone.text or "" for zone in root.iterfind("Zone")]
    if zones != [_ROOT_ZONE]:
        raise _refuse(
            Check.DOCUMENT_ZONE,
            "the document is not about the root zone",
            got=", ".join(map(repr, zones)) or "no Zone",
            want=repr(_ROOT_ZONE),
        )


class _Unusable(Exception):
    """Carries why one KeyDigest must not be used."""

    def __init__(self, check: Check, message: str, got: str, want: str) -> None:
        self.check, self.message, self.got, self.want = check, message, got, want


def _read_key(element: Element) -> KeyDigest | UnusableKeyDigest:
    try:
        key = _parse_key(element)
        _require_usable(key)
    except _Unusable as fault:
        return _unusable(element, fault)
    return key


def _parse_key(element: Element) -> KeyDigest:
    fault = _key_schema().fault(element)
    if fault is not None:
        raise _Unusable(
            Check.KEY_SCHEMA, "the KeyDigest does not follow the schema", fault, "RFC 9718 2.1"
        )
    has_key = element.find("PublicKey") is not None
    try:
        # Schema-valid numbers may still have more digits than Python converts.
        key_tag, algorithm, digest_type = (
            int(text_of(element, name)) for name in ("KeyTag", "Algorithm", "DigestType")
        )
        digest = bytes.fromhex(text_of(element, "Digest"))
        flags = int(text_of(element, "Flags")) if has_key else None
        public_key = _public_key(element) if has_key else None
    except ValueError as error:
        raise _Unusable(
            Check.KEY_SCHEMA,
            "the KeyDigest does not follow the schema",
            str(error),
            "numbers, hex, base64",
        ) from error
    return KeyDigest(
        id=element.attrib["id"],
        key_tag=key_tag,
        algorithm=algorithm,
        digest_type=digest_type,
        digest=digest,
        window=_window(element),
        public_key=public_key,
        flags=flags,
    )


def _public_key(element: Element) -> bytes:
    return base64.b64decode("".join(text_of(element, "PublicKey").split()), validate=True)


def _window(element: Element) -> Window:
    until_text = element.get("validUntil")
    try:
        # XML Schema collapses white space around a dateTime.
        valid_from = parse_time(element.attrib["validFrom"].strip())
        valid_until = None if until_text is None else parse_time(until_text.strip())
    except (KeyError, ValueError) as error:
        raise _Unusable(
            Check.KEY_DATES,
            "one of its dates cannot be read",
            str(error),
            "a dateTime with a time zone",
        ) from error
    if valid_until is not None and valid_until < valid_from:
        raise _Unusable(
            Check.KEY_DATES,
            "it ends before it begins",
            f"{element.get('validFrom')} to {until_text}",
            "validUntil no earlier than validFrom",
        )
    return Window(valid_from, valid_until)


def _require_usable(key: KeyDigest) -> None:
    if key.algorithm not in records.ALGORITHMS:
        raise _Unusable(
            Check.KEY_ALGORITHM,
            "its algorithm is unknown or retired",
            str(key.algorithm),
            "one of " + ", ".join(f"{n} {name}" for n, name in records.ALGORITHMS.items()),
        )
    if key.digest_type not in records.DIGEST_LENGTHS:
        name = "SHA-1" if key.digest_type == _SHA1_DIGEST_TYPE else "unknown"
        raise _Unusable(
            Check.KEY_DIGEST_TYPE,
            f"its digest type is {name}",
            str(key.digest_type),
            "2 (SHA-256) or 4 (SHA-384)",
        )
    length = records.DIGEST_LENGTHS[key.digest_type]
    if len(key.digest) != length:
        raise _Unusable(
            Check.KEY_DIGEST_LENGTH,
            "its digest has the wrong length",
            f"{len(key.digest)} bytes",
            f"{length} bytes for digest type {key.digest_type}",
        )
    if key.public_key is not None and key.flags is not None:
        _require_own_digest(key, key.public_key, key.flags)


def _require_own_digest(key: KeyDigest, public_key: bytes, flags: int) -> None:
    """RFC 9718 3.2: a digest that is not the DS of the public key must not be used."""
    wanted = records.Flag.ZONE | records.Flag.SEP
    if flags & (wanted | records.Flag.REVOKE) != wanted:
        raise _Unusable(
            Check.KEY_FLAGS,
            "its flags are not those of an active key-signing key",
            str(flags),
            "ZONE and SEP without REVOKE (257)",
        )
    dnskey = records.dnskey(flags, key.algorithm, public_key)
    fault = records.public_key_fault(dnskey)
    if fault is not None:
        raise _Unusable(
            Check.KEY_PUBLIC_KEY,
            "its public key is not valid for its algorithm",
            fault,
            f"a {records.ALGORITHMS[key.algorithm]} key",
        )
    digest = records.ds_digest(dnskey, key.digest_type)
    if digest != key.digest:
        raise _Unusable(
            Check.KEY_DIGEST,
            "its digest does not match its public key",
            key.digest.hex().upper(),
            digest.hex().upper(),
        )
    tag = records.key_tag(dnskey)
    if tag != key.key_tag:
        raise _Unusable(
            Check.KEY_TAG, "its key tag does not match its public key", str(key.key_tag), str(tag)
        )


def _unusable(element: Element, fault: _Unusable) -> UnusableKeyDigest:
    """What can be told of a KeyDigest that must not be used."""
    tag = _number(element, "KeyTag")
    finding = Finding(
        fault.check,
        Severity.WARNING,
        f"key {'?' if tag is None else tag} is unusable: {fault.message}",
        got=fault.got,
        want=fault.want,
        remedy="the key is left out; if IANA's own document contains this error, report it to IANA",
    )
    try:
        digest = bytes.fromhex(text_of(element, "Digest")) or None
    except ValueError:
        digest = None
    try:
        window = _window(element)
    except _Unusable:
        window = None
    return UnusableKeyDigest(
        id=element.get("id"),
        key_tag=tag,
        algorithm=_number(element, "Algorithm"),
        digest_type=_number(element, "DigestType"),
        digest=digest,
        window=window,
        finding=finding,
    )


def _number(element: Element, name: str) -> int | None:
    text = text_of(element, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("65535") else None


def _duplicates(keys: tuple[KeyDigest | UnusableKeyDigest, ...]) -> Iterator[Finding]:
    counts = Counter(
        (key.key_tag, key.algorithm, key.digest_type, key.digest)
        for key in keys
        if isinstance(key, KeyDigest)
    )
    for (tag, *_rest), times in counts.items():
        if times > 1:
            yield Finding(
                Check.KEY_DUPLICATE,
                Severity.NOTICE,
                f"key {tag} is listed {times} times and is written once",
                got=f"{times} KeyDigests",
                want="1",
            )
