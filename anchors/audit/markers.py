"""What every file with anchors has in it: looked for before anything is parsed."""

from __future__ import annotations

import re

__all__ = ["may_hold", "may_include"]

# Each syntax has at least one; the longer a word is, the faster it is looked for.
_WORDS = (
    b"trust-anchor",
    b"trusted-keys",
    b"managed-keys",
    b"bindkeys-file",
    b"trust_anchor",
    b"trustanchor",
    b"readTrustAnchors",
    b"addTA",
    b"DNSKEY",
    b"KeyDigest",
    b"KEYDATA",
    b"TYPE65533",
)
_JOURNAL = b";BIND LOG V9"
# The type of a record, in a line that begins with the root or continues one that did.
_DS = re.compile(rb"(?im)^(?:\.|@|\s)[^;\n]{0,40}?\bDS\s+\(?\s*\d{1,5}\s")
_DNSKEY = re.compile(rb"(?im)^(?:\.|@|\s)[^;\n]{0,40}?\bDNSKEY\s")
_INCLUDES = (b"include", b"conf-file", b"conf-dir", b"lua-config", b"lua_config", b"dofile")
_CONFIGURATION = re.compile(
    r"(?i)(?:.*\.(?:conf|lua|ya?ml)|(?:.*[/.])?(?:named|unbound|dnsmasq|kresd|recursor)\.[^/]*)"
)


def may_hold(content: bytes) -> bool:
    """Whether it is worth parsing: never ``False`` for what a reader would find anchors in."""
    if content.startswith(_JOURNAL):
        return True
    if b"\0" in content:
        return False
    if any(word in content for word in _WORDS):
        return True
    if b"DS" in content or b"ds" in content:
        return _DS.search(content) is not None
    return b"dnskey" in content.lower() and _DNSKEY.search(content) is not None


def may_include(content: bytes, path: str) -> bool:
    """Whether a configuration without anchors of its own may include a file that has some."""
    return _CONFIGURATION.fullmatch(path) is not None and any(w in content for w in _INCLUDES)
