"""The main job on real data: IANA's publication over HTTPS, the real RRset from a name server."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.lab import nameserver, zone
from tests.lab.https import Site, Tls
from tests.lab.nameserver import Endpoint
from tests.lab.zone import AT
from tests.live.command import Outcome, files_in, run

KSK_2010, KSK_2017, KSK_2024 = 19036, 20326, 38696
# What Debian ships in dns-root-data for this publication.
DEBIAN_SHA256 = {
    "root.ds": "2c212250f1ec271109464e0db2f674f2b6b497da6a177d4d1b264fccb0f6d111",
    "root.key": "299cf83468ba740e6a29d70f3d9e1d39b7b2c629b235a969cd15434c40bc3ea3",
}


def inputs(site: Site, *servers: Endpoint) -> list[str]:
    asked = [word for server in servers for word in ("--server", str(server))]
    return ["--source", site.base, *asked, "--at", AT, "--timeout", "20"]


def verified(site: Site, tls: Tls, cwd: Path, *servers: Endpoint) -> Outcome:
    return run(
        *("verify", *inputs(site, *servers), "--report-format", "json"),
        cwd=cwd,
        ca_file=tls.ca_file,
    )


def digests(directory: Path) -> dict[str, str]:
    return {
        name: hashlib.sha256(content).hexdigest() for name, content in files_in(directory).items()
    }


def test_verify_reports_both_keys(
    site: Site, tls: Tls, root_server: Endpoint, tmp_path: Path
) -> None:
    outcome = verified(site, tls, tmp_path, root_server)
    assert (outcome.code, outcome.stderr) == (0, "")
    report = outcome.report
    assert (report["verdict"], report["attention"], report["at"]) == ("verified", False, AT)
    assert outcome.checks("warning", "alarm", "failure") == []
    states = {one["key_tag"]: one["state"] for one in report["anchors"]}
    assert states == {KSK_2010: "expired", KSK_2017: "current", KSK_2024: "current"}
    ksk_2017, ksk_2024 = outcome.anchor(KSK_2017), outcome.anchor(KSK_2024)
    assert (ksk_2017["published"], ksk_2017["signing"], ksk_2017["emitted"]) == (True, True, True)
    assert (ksk_2024["published"], ksk_2024["signing"], ksk_2024["emitted"]) == (True, False, True)
    assert outcome.anchor(KSK_2010)["emitted"] is False


def test_verify_reports_what_the_server_answered(
    site: Site, tls: Tls, root_server: Endpoint, tmp_path: Path
) -> None:
    dns = verified(site, tls, tmp_path, root_server).report["dns"]
    (server,) = dns["servers"]
    assert (dns["mode"], dns["observed_at"]) == ("live", AT)
    assert root_server.host in server["address"]
    assert (server["transport"], server["outcome"]) == ("tcp", "verified")
    assert server["signed_by"] == [KSK_2017]
    assert {KSK_2017, KSK_2024} < set(server["key_tags"])
    assert len(server["key_tags"]) == 4
    assert 0 <= server["rtt_ms"] < 20000


def test_verify_reports_the_publication(
    site: Site, tls: Tls, root_server: Endpoint, publication: dict[str, bytes], tmp_path: Path
) -> None:
    found = verified(site, tls, tmp_path, root_server).report["publication"]
    document, signature = publication["root-anchors.xml"], publication["root-anchors.p7s"]
    assert found["document_sha256"] == hashlib.sha256(document).hexdigest()
    assert found["signature_sha256"] == hashlib.sha256(signature).hexdigest()
    assert found["signing_time"].startswith("2025-03-25T")
    assert found["signer"]["email"] == "dnssec@iana.org"
    assert found["root"]["built_in"] is True


def test_verify_writes_nothing(site: Site, tls: Tls, root_server: Endpoint, tmp_path: Path) -> None:
    assert verified(site, tls, tmp_path, root_server).code == 0
    assert files_in(tmp_path) == {}


@pytest.mark.parametrize("software", nameserver.SOFTWARE)
def test_build_and_replay_with_the_servers_gone(
    software: str, site: Site, tls: Tls, publication: dict[str, bytes], tmp_path: Path
) -> None:
    with nameserver.serve(zone.recorded(), nameserver.require(software)) as server:
        live = verified(site, tls, tmp_path, server)
        outcome = run(
            *("build", *inputs(site, server), "-o", "out"), cwd=tmp_path, ca_file=tls.ca_file
        )
    assert (outcome.code, outcome.stdout) == (0, "")
    output = tmp_path / "out"
    written = digests(output)
    assert {name: written[name] for name in DEBIAN_SHA256} == DEBIAN_SHA256
    assert {"bind.keys", "unbound-anchors.conf", "manifest.json"} < set(written)
    assert any(name.startswith("dns/") for name in written)
    assert publication.items() <= files_in(output).items()

    # Neither server nor web site is asked again: what would be asked is the wrong port.
    later = ["--source", "out", "--dns", "recorded", "--at", AT]
    replayed = run("verify", *later, "--report-format", "json", cwd=tmp_path)
    assert (replayed.code, replayed.report["verdict"]) == (0, "verified")
    assert replayed.report["dns"]["mode"] == "recorded"
    assert replayed.report["dns"]["observed_at"] == AT
    assert replayed.report["anchors"] == live.report["anchors"]
    assert replayed.report["publication"] == live.report["publication"]
    seen = live.report["dns"]["servers"][0], replayed.report["dns"]["servers"][0]
    assert seen[0]["signed_by"] == seen[1]["signed_by"] == [KSK_2017]
    assert digests(output) == written

    rebuilt = run("build", *later, "-o", "again", cwd=tmp_path)
    assert rebuilt.code == 0, rebuilt.stderr
    assert digests(tmp_path / "again") == written


def test_an_altered_recording_is_refused(
    site: Site, tls: Tls, root_server: Endpoint, tmp_path: Path
) -> None:
    arguments = ("build", *inputs(site, root_server), "-o", "out")
    assert run(*arguments, cwd=tmp_path, ca_file=tls.ca_file).code == 0
    (answer,) = (tmp_path / "out" / "dns").iterdir()
    wire = bytearray(answer.read_bytes())
    wire[len(wire) // 2] ^= 1
    answer.write_bytes(wire)
    outcome = run("verify", "--source", "out", "--dns", "recorded", "--at", AT, cwd=tmp_path)
    assert outcome.code == 1
    assert "source.manifest" in outcome.stdout + outcome.stderr


def test_a_recording_of_after_the_time_of_judgement(
    site: Site, tls: Tls, root_server: Endpoint, tmp_path: Path
) -> None:
    arguments = ("build", *inputs(site, root_server), "-o", "out")
    assert run(*arguments, cwd=tmp_path, ca_file=tls.ca_file).code == 0
    before = "2026-10-04T11:59:59Z"
    outcome = run(
        *("verify", "--source", "out", "--dns", "recorded", "--at", before),
        *("--report-format", "json"),
        cwd=tmp_path,
    )
    assert outcome.code == 3
    assert outcome.finding("rootzone.recording")["severity"] == "failure"


def test_a_file_in_the_place_of_servers(site: Site, tls: Tls, tmp_path: Path) -> None:
    (tmp_path / "root.rrset").write_text(zone.recorded().text(), encoding="ascii")
    outcome = run(
        *("verify", "--source", site.base, "--dns", "root.rrset", "--at", AT),
        *("--report-format", "json"),
        cwd=tmp_path,
        ca_file=tls.ca_file,
    )
    assert (outcome.code, outcome.report["verdict"]) == (0, "verified")
    assert outcome.anchor(KSK_2017)["signing"] is True
    assert outcome.anchor(KSK_2024)["published"] is True


@pytest.mark.usefixtures("ipv6")
def test_a_server_on_ipv6(site: Site, tls: Tls, tmp_path: Path) -> None:
    with nameserver.serve(zone.recorded(), hosts=("::1",)) as server:
        outcome = verified(site, tls, tmp_path, server)
    assert outcome.code == 0, outcome.stderr
    (row,) = outcome.report["dns"]["servers"]
    assert "::1" in row["address"]
    assert row["outcome"] == "verified"


def test_the_real_rrset_after_its_signature_expired(
    site: Site, tls: Tls, root_server: Endpoint, tmp_path: Path
) -> None:
    arguments = inputs(site, root_server)
    arguments[arguments.index(AT)] = "2026-10-22T00:00:01Z"
    outcome = run(*("build", *arguments, "-o", "out"), cwd=tmp_path, ca_file=tls.ca_file)
    assert outcome.code == 1
    assert "rootzone.signature" in outcome.stderr
    assert files_in(tmp_path) == {}


@pytest.mark.internet
def test_iana_and_the_root_servers_today(tmp_path: Path) -> None:
    """Today's date is the point here, which is why it is not run by default."""
    outcome = run("verify", "--report-format", "json", cwd=tmp_path)
    assert outcome.code == 0, outcome.stdout + outcome.stderr
    assert outcome.report["verdict"] == "verified"
    assert datetime.fromisoformat(outcome.report["at"]) > datetime(2026, 10, 4, tzinfo=UTC)
    answered = [one for one in outcome.report["dns"]["servers"] if one["outcome"] == "verified"]
    assert len(answered) >= 1
    assert any(one["signing"] for one in outcome.report["anchors"])
    built = run("build", "-o", "out", cwd=tmp_path)
    assert built.code == 0, built.stderr
    assert "root.ds" in files_in(tmp_path / "out")
