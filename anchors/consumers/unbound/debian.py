"""What Debian's package adds to Unbound's start: unbound-helper root_trust_anchor_update.

Before each start, the service copies the anchors of dns-root-data over a managed file that is not
there, or is older (``test -nt``).  No time of a file is known here, so a file that is there is
taken as it is; a running Unbound writes its state anew every day.
Read in unbound 1.17.1-2+deb12u2 and 1.26.2-1.
"""

from __future__ import annotations

import re

from anchors.consumers.files import Files, Location
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity

__all__ = ["COPIED", "ROOT_KEY", "copies_root_key", "is_here", "may_copy_root_key"]

ROOT_KEY = "/usr/share/dns/root.key"
_STATE = "/var/lib/unbound/root.key"
# The second is that of Debian 9 to 11.
_HELPERS = ("/usr/libexec/unbound-helper", "/usr/lib/unbound/package-helper")
_DEFAULTS = "/etc/default/unbound"
_OFF = re.compile(rb"""(?m)^[ \t]*ROOT_TRUST_ANCHOR_UPDATE=["']?(?:false|0|no)["']?[ \t]*$""")
COPIED = Finding(
    Check.AUDIT_NOT_FOLLOWED,
    Severity.NOTICE,
    f"{_STATE} does not exist: Debian's service copies {ROOT_KEY} to it before Unbound starts",
)


def is_here(files: Files, seen_from: Location) -> bool:
    """Whether the Unbound of this root file system is Debian's."""
    return any(files.find(helper, seen_from) for helper in _HELPERS)


def copies_root_key(path: str, files: Files, seen_from: Location) -> bool:
    """Whether Debian's service makes the managed file at ``path``, which is not there."""
    if path != _STATE or not is_here(files, seen_from):
        return False
    defaults = files.find(_DEFAULTS, seen_from)
    return defaults is None or _OFF.search(defaults.content or b"") is None


def may_copy_root_key(path: str, files: Files, seen_from: Location) -> bool:
    """Whether Debian's service may be there: its helper lies where nobody looked."""
    helper = _HELPERS[0]
    is_known = files.find(helper, seen_from) is not None or files.is_absent(helper, seen_from)
    return path == _STATE and not is_known
