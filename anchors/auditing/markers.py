"""What every file with anchors has in it: looked for before anything is parsed."""

from __future__ import annotations

import re

__all__ = ["is_configuration", "may_hold", "may_include"]

# To lower case, and all that may stand between words to a blank: then a word has one form.
_FOLD = bytes(
    ord(" ") if byte in b"\t\n\v\f\r()" else byte + 32 if byte in range(65, 91) else byte
    for byte in range(256)
)
_JOURNAL = b";BIND LOG V9"
_INCLUDES = (
    *(b"include", b"conf-file", b"conf-dir", b"lua-config", b"lua_config", b"dofile"),
    b"appdata_dir",  # getdns keeps anchors there
    *(b"dnssec", b"DNSSEC", b"module-config", b"val-permissive-mode"),
    *(b"validate-except", b"validation", b"addNTA"),
)
# systemd-resolved's files have no word in them, and hide others by their names alone.
_RESOLVED = (".negative", ".positive")
_CONFIGURATION = re.compile(
    r"(?i)(?:.*\.(?:conf|lua|ya?ml)|(?:.*[/.])?(?:named|unbound|dnsmasq|kresd|recursor)\.[^/]*)"
)


def may_hold(content: bytes) -> bool:
    """Whether it is worth parsing: never ``False`` for what a reader would find anchors in.

    Other files are parsed for their names alone.
    """
    if content.startswith(_JOURNAL):
        return True
    if b"\0" in content:
        return False
    # Most of the time of an audit goes by here.  No regular expression: what is hostile makes one
    # take the square of its length.
    folded = content.translate(_FOLD)
    return (
        b"trust" in folded  # trust-anchor, trusted-keys, trust_anchors, readTrustAnchorsFromFile
        or b"managed-keys" in folded
        or b"bindkeys-file" in folded
        or b"dnssec-validation" in folded
        or b"addta" in folded
        or b"keydigest" in folded
        or b"keydata" in folded
        or b"type65533" in folded  # the same, by a tool that does not know its name
        or b" dnskey " in folded
        or b" ds " in folded
    )


def may_include(content: bytes, path: str) -> bool:
    """Whether a configuration without anchors may include some, or says whether to validate."""
    # The name first: few have such a one.
    return path.endswith(_RESOLVED) or (
        is_configuration(path) and any(word in content for word in _INCLUDES)
    )


def is_configuration(path: str) -> bool:
    """Whether a file has the name of a resolver's configuration."""
    return _CONFIGURATION.fullmatch(path) is not None
