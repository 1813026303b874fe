"""Serving a root zone with NSD."""

from __future__ import annotations

from anchors.consumers.authority import Authority
from anchors.consumers.bench import Bench
from anchors.consumers.query import Endpoint

__all__ = ["AUTHORITY"]

_CONF = """\
server:
    ip-address: {address}@{port}
    username: ""
    chroot: ""
    zonesdir: "{directory}"
    database: ""
    pidfile: ""
    xfrdfile: ""
    zonelistfile: "{directory}/zone.list"
    server-count: 1
remote-control:
    control-enable: no
zone:
    name: "."
    zonefile: "{zone}"
"""


def _configure(bench: Bench, here: Endpoint) -> list[str]:
    text = _CONF.format(
        address=here.address, port=here.port, directory=bench.directory, zone=bench.file
    )
    return ["-d", "-c", str(bench.write("nsd.conf", text))]


AUTHORITY = Authority("nsd", "nsd", _configure)
