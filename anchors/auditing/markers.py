"""What every file with anchors has in it: looked for before anything is parsed."""

from __future__ import annotations

import re

__all__ = ["may_hold", "may_include"]

# The type of a record, in a line that begins with the root or continues one that did.
_RECORD = re.compile(rb"(?im)^(?:\.|@|\s)[^;\n]{0,40}?\b(?:DS\s+\(?\s*\d{1,5}|DNSKEY)\s")
_JOURNAL = b";BIND LOG V9"
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
    # Most of the time of an audit goes by here: few words, found by the one search that is fast.
    return (
        b"trust" in content  # trust-anchor, trusted-keys, trust_anchors, trustanchors
        or b"ed-keys" in content  # managed-keys
        or b"bindkeys-file" in content
        or b"TrustAnchors" in content  # readTrustAnchorsFromFile
        or b"addTA" in content
        or b"KeyDigest" in content
        or b"KEYDATA" in content
        or b"TYPE65533" in content  # the same, by a tool that does not know its name
        or ((b"DS" in content or b"DNSKEY" in content) and _RECORD.search(content) is not None)
        or ((b" ds" in content or b"dnskey" in content) and _RECORD.search(content) is not None)
    )


def may_include(content: bytes, path: str) -> bool:
    """Whether a configuration without anchors of its own may include a file that has some."""
    # The name first: few have such a one.
    return _CONFIGURATION.fullmatch(path) is not None and any(w in content for w in _INCLUDES)
