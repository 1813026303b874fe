"""What runs as a service on a machine of its own: the units of docs/monitoring.md, installed.

The root servers' addresses and IANA's web server are all on loopback here.  What is learnt is
written as JSON, a :class:`Story` for each.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from anchors.core.servers import ROOT_SERVERS
from tests.docs.booting import PLACE
from tests.docs.markdown import ROOT, code_blocks
from tests.lab import nameserver, zone
from tests.lab.https import publishing, tls_in
from tests.lab.relay import Path as Way
from tests.lab.relay import relaying

__all__ = ["RESULTS", "Story"]

SERVICE = "root-anchors-verify.service"
TIMER = "root-anchors-verify.timer"
UNITS = Path("/etc/systemd/system")
CERTIFICATES = Path("/etc/ssl/lab")
PUBLICATION = ROOT / "fixtures" / "publications" / "2025-03-25"
METRICS = Path("/var/lib/root-anchors/root-anchors.prom")
PROBED = METRICS.with_name("probed.json")
RESULTS = Path(PLACE, "results.json")
SHOWN = ("ActiveState", "SubState", "Result", "ExecMainStatus", "NRestarts")
LATER = "2035-01-01T00:00:00Z"
PATIENCE = 20

# What a person adds with `systemctl edit`; the pause between two tries is shortened.
EDITED = f"""\
[Unit]
OnFailure=call.service
[Service]
RestartSec=100ms
Environment="AT={{at}}" REQUESTS_CA_BUNDLE={CERTIFICATES}/web-ca.pem
"""
CALL = "[Service]\nType=oneshot\nExecStart=true\n"
# What the service could do beside its work, told by one that stands in the same restrictions.
PROBE = f"""\
[Service]
Environment=LD_LIBRARY_PATH=/opt/python/lib PYTHONPATH=/opt/product
ExecStartPost=/opt/python/bin/python3 -m tests.docs.confined {PROBED}
"""
AT_ONCE = "[Timer]\nOnCalendar=\nOnActiveSec=1us\nRandomizedDelaySec=0\nAccuracySec=1us\n"


class Story(NamedTuple):
    """One start of the service, and what came of it."""

    start: int
    """The exit code of `systemctl start`."""
    shown: dict[str, str]
    status: str
    journal: str
    metrics: str | None
    """The file, where it was written."""


def main() -> None:
    """Tell all stories, in the order in which a machine could see them."""
    CERTIFICATES.mkdir(parents=True)
    Path(PLACE, "began").touch()
    (UNITS / "call.service").write_text(CALL, encoding="ascii")
    results: dict[str, object] = {}
    with world():
        edit(SERVICE, EDITED.format(at=zone.AT) + PROBE)
        results["document"] = [done(line) for line in documented()]
        results["confined"] = json.loads(PROBED.read_text(encoding="ascii"))
        results["timer"] = shown(TIMER, "ActiveState", "NextElapseUSecRealtime", "Unit")
        results["owner"] = METRICS.stat().st_uid
        edit(SERVICE, EDITED.format(at=zone.AT))
        edit(TIMER, AT_ONCE)
        results["verified"] = story("restart", TIMER)._asdict()
        edit(SERVICE, EDITED.format(at=LATER))
        results["not trusted"] = story()._asdict()
    edit(SERVICE, EDITED.format(at=zone.AT))
    results["undecided"] = story()._asdict()
    results["too often"] = story(forget=False)._asdict()
    RESULTS.write_text(json.dumps(results), encoding="utf-8")


def edit(unit: str, text: str) -> None:
    """What `systemctl edit` leaves."""
    edited = UNITS / f"{unit}.d" / "override.conf"
    edited.parent.mkdir(exist_ok=True)
    edited.write_text(text, encoding="ascii")


@contextlib.contextmanager
def world() -> Iterator[None]:
    """Everything that `verify` asks: a name server behind 26 addresses, and a web server."""
    addresses = [one.address for one in ROOT_SERVERS]
    for address in addresses:
        run("ip", "addr", "add", address, "dev", "lo", *(["nodad"] if ":" in address else []))
    names = ("root-anchors.xml", "root-anchors.p7s")
    files = {name: (PUBLICATION / name).read_bytes() for name in names}
    with contextlib.ExitStack() as stack:
        tls = tls_in(CERTIFICATES, "data.iana.org")
        stack.enter_context(publishing(files, tls, 443))
        server = stack.enter_context(nameserver.serve(zone.recorded()))
        ways = [Way(behind=server, host=address, port=53) for address in addresses]
        stack.enter_context(relaying(ways))
        yield


def documented() -> Iterator[str]:
    """The commands of docs/monitoring.md that are about the units."""
    document = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    (block,) = [one for one in code_blocks(document) if TIMER in one.text]
    yield from block.text.splitlines()


def done(command: str) -> tuple[str, int, str]:
    """Run a line of the document: the line, its exit code, and what it says."""
    ended = run("/bin/sh", "-c", command, check=False)
    return command, ended.returncode, ended.stdout


def story(verb: str = "start", unit: str = SERVICE, *, forget: bool = True) -> Story:
    """Have the service started, and wait until systemd has made up its mind."""
    if forget:
        run("systemctl", "daemon-reload")
        run("systemctl", "reset-failed")
    run("journalctl", "--sync")
    run("journalctl", "--rotate", "--vacuum-size=1")
    METRICS.unlink(missing_ok=True)
    start = run("systemctl", verb, unit, check=False).returncode
    deadline = time.monotonic() + PATIENCE
    # A timer starts it when it is ready to, and a start that is refused writes nothing.
    while forget and not METRICS.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    while (state := shown(SERVICE, *SHOWN))["ActiveState"] == "activating":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    run("journalctl", "--sync")
    return Story(
        start=start,
        shown=state,
        status=run("systemctl", "status", "--lines=0", SERVICE, check=False).stdout,
        journal=run("journalctl", "--output=cat", f"--unit={SERVICE}").stdout,
        metrics=METRICS.read_text(encoding="ascii") if METRICS.exists() else None,
    )


def shown(unit: str, *properties: str) -> dict[str, str]:
    """What systemd knows of a unit."""
    told = run("systemctl", "show", f"--property={','.join(properties)}", unit).stdout
    return dict(line.split("=", 1) for line in told.splitlines())


def run(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run it; what it says is one text."""
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=PATIENCE,
        check=check,
    )


if __name__ == "__main__":
    main()
