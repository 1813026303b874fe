"""What every server said lies in the output directory, and says the same again without them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path as FilePath

import dns.message
import dns.rcode
import pytest

from tests.lab import liar
from tests.lab.https import Tls
from tests.lab.liar import lying
from tests.lab.nameserver import Endpoint
from tests.lab.relay import Front, Tcp, relaying
from tests.lab.zone import AT
from tests.networks.fleet import COUNT, Seen, built, far_and_near, fleet, replayed, seen
from tests.networks.lab import APEX, OTHER


@pytest.fixture
def motley(servers: list[Endpoint], tls: Tls) -> Iterator[list[Front]]:
    """Every transport, some dead, some lying, at their distances."""
    with (
        lying(liar.answers(OTHER)) as other,
        lying(liar.answers(APEX.stripped())) as stripped,
        lying(liar.rcode(dns.rcode.NXDOMAIN)) as nxdomain,
        lying(liar.truncated(), liar.garbage) as garbage,
    ):
        paths = far_and_near(fleet(servers))
        for index, server in enumerate((other, stripped, nxdomain)):
            paths[index] = replace(paths[index], behind=server.endpoint, tcp=Tcp.REFUSED)
        paths[3] = replace(paths[3], behind=garbage.endpoint)
        paths[4] = replace(paths[4], tls=tls.context)
        paths[5] = replace(paths[5], truncate=True)
        paths[6] = replace(paths[6], truncate=True, tcp=Tcp.REFUSED)
        paths[7] = replace(paths[7], behind=None)
        paths[8] = replace(paths[8], lose=1)
        with relaying(paths) as fronts:
            yield fronts


OUTCOMES = [
    ("untrusted", "udp", 1),
    ("unsigned", "udp", 1),
    ("nxdomain", "udp", 1),
    ("malformed", "tcp", 1),
    ("verified", "tls", 1),
    ("verified", "tcp", 1),
    ("unreachable", "tcp", 1),
    ("timeout", "udp", 2),
    ("verified", "udp", 2),
    *[("verified", "udp", 1)] * (COUNT - 9),
]


def findings_of(run: Seen) -> list[dict[str, str]]:
    """All but the choices of the command line, which differ."""
    return [one for one in run.report["findings"] if not one["check"].startswith("choice.")]


def test_a_directory_replays_to_the_same_table(
    motley: list[Front], source: FilePath, tmp_path: FilePath
) -> None:
    output = tmp_path / "anchors"
    assert built(source, motley, output) == 0
    # Where each server's message went, and what it said.
    manifest = json.loads((output / "manifest.json").read_bytes())["dns"]
    assert manifest["observed_at"] == AT
    assert len(manifest["answers"]) == COUNT
    for front, entry in zip(motley, manifest["answers"], strict=True):
        assert (entry["address"], entry["port"]) == (front.endpoint.host, front.endpoint.port)
        if entry["file"] is None:
            assert entry["failure"] in {"timeout", "unreachable", "malformed"}
        else:
            wire = (output / "dns" / entry["file"]).read_bytes()
            assert sha256(wire).hexdigest() == entry["sha256"]
            assert entry["rtt_ms"] >= front.path.delay * 1000
            assert dns.message.from_wire(wire).question[0].to_text() == ". IN DNSKEY"
    recorded = {path.name for path in (output / "dns").iterdir()}
    assert recorded == {entry["file"] for entry in manifest["answers"]} - {None}
    # And again, with everything gone.
    (output / "ca.pem").write_bytes((source / "ca.pem").read_bytes())
    again = replayed(output)
    assert again.code == 0
    assert again.rows == OUTCOMES
    assert again.report["dns"]["mode"] == "recorded"
    for entry, row in zip(manifest["answers"], again.servers, strict=True):
        assert row["rtt_ms"] == entry["rtt_ms"]
        assert row["address"].removeprefix("tls://") == f"{entry['address']}#{entry['port']}"


def test_the_replay_is_the_run(
    motley: list[Front],
    source: FilePath,
    tmp_path: FilePath,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One observation, seen by ``verify`` and written by ``build``."""
    from anchors.rootzone import query  # noqa: PLC0415 - replaced below

    observed: list[object] = []
    ask = query.ask

    def ask_once(*arguments: object, **options: object) -> object:
        if not observed:
            observed.append(ask(*arguments, **options))  # type: ignore[arg-type]
        return observed[0]

    monkeypatch.setattr(query, "ask", ask_once)
    live = seen(source, motley)
    output = tmp_path / "anchors"
    assert built(source, motley, output) == live.code == 0
    (output / "ca.pem").write_bytes((source / "ca.pem").read_bytes())
    again = replayed(output)
    assert live.rows == OUTCOMES
    assert again.servers == live.servers
    assert again.report["dns"]["observed_at"] == live.report["dns"]["observed_at"]
    for part in ("verdict", "attention", "anchors", "publication"):
        assert again.report[part] == live.report[part]
    assert findings_of(again) == findings_of(live)
    assert again.report["attention"] is True


def test_an_answer_that_was_changed_afterwards_is_refused(
    motley: list[Front], source: FilePath, tmp_path: FilePath
) -> None:
    output = tmp_path / "anchors"
    assert built(source, motley, output) == 0
    (output / "ca.pem").write_bytes((source / "ca.pem").read_bytes())
    path = output / "dns" / "20.bin"
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    again = replayed(output)
    assert again.code in {1, 3}
    assert again.findings("failure")
