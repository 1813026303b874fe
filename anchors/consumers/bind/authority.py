"""Serving a root zone with named."""

from __future__ import annotations

from anchors.consumers.authority import Authority
from anchors.consumers.bench import Bench
from anchors.consumers.bind.running import no_lock_file
from anchors.consumers.query import Endpoint

__all__ = ["AUTHORITY"]

_CONF = """\
options {{
    directory "{directory}";
    pid-file none;
    session-keyfile none;
{no_lock}\
    listen-on port {port} {{ {address}; }};
    listen-on-v6 {{ none; }};
    recursion no;
    dnssec-validation no;
    notify no;
}};
controls {{ }};
zone "." {{ type primary; file "{zone}"; }};
"""


def _configure(bench: Bench, here: Endpoint) -> list[str]:
    text = _CONF.format(
        no_lock=no_lock_file(bench),
        address=here.address,
        port=here.port,
        directory=bench.directory,
        zone=bench.file,
    )
    return ["-g", "-n", "1", "-c", str(bench.write("named.conf", text))]


AUTHORITY = Authority("named", "bind9", _configure)
