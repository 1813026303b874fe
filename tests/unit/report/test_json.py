"""The report for programs: stable names, plain types, nothing lost."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from dns.dnssectypes import Algorithm

from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.pipeline.report import Report, Verdict
from anchors.report.json import render
from tests.lab.keys import ksk
from tests.simulator.authority import INTERMEDIATE, Profile, certify, lab_root, lab_signer
from tests.simulator.cms import Signing
from tests.simulator.document import Document
from tests.simulator.ksk import KSK_2017
from tests.unit.report.test_text import HOSTILE, lab, real, report_of
from tests.unit.stages import authentic, checked, entry_of, failed

ANCHOR_KEYS = (
    *("id", "key_tag", "algorithm", "digest_type", "digest", "valid_from", "valid_until"),
    *("state", "emitted", "published", "signing", "why", "words"),
)


def content(report: Report) -> dict[str, Any]:
    text = render(report)
    assert text.endswith("}\n")
    text.encode("ascii")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def test_the_names_and_their_order() -> None:
    loaded = content(real())
    assert [*loaded] == [
        *("schema", "verdict", "attention", "at", "source"),
        *("publication", "anchors", "dns", "calendar", "findings"),
    ]
    assert [*loaded["publication"]] == [
        *("document_sha256", "signature_sha256", "signing_time", "signer", "chain", "root"),
    ]
    assert [*loaded["publication"]["signer"]] == [
        *("subject", "email", "serial", "not_before", "not_after", "sha256"),
    ]
    assert [*loaded["publication"]["root"]] == ["subject", "sha256", "not_after", "built_in"]
    assert [*loaded["anchors"][0]] == [*ANCHOR_KEYS]
    assert [*loaded["dns"]] == ["mode", "observed_at", "servers"]
    assert [*loaded["dns"]["servers"][0]] == [
        *("address", "transport", "outcome", "rtt_ms", "tries"),
        *("key_tags", "flags", "signed_by"),
    ]


def test_the_snapshot() -> None:
    loaded = content(real())
    assert (loaded["schema"], loaded["verdict"], loaded["attention"]) == (
        "root-anchors/report/1",
        "verified",
        False,
    )
    assert (loaded["at"], loaded["source"]) == ("2026-10-11T00:00:00Z", "embedded")
    assert loaded["publication"]["signer"]["serial"] == 18
    assert loaded["publication"]["root"]["built_in"] is True
    words = loaded["anchors"][1].pop("words")
    assert words.startswith("KSK-2017 (20326): in the document")
    assert loaded["anchors"][1] == {
        "id": "Klajeyz",
        "key_tag": 20326,
        "algorithm": 8,
        "digest_type": 2,
        "digest": KSK_2017.digest(),
        "valid_from": "2017-02-02T00:00:00Z",
        "valid_until": None,
        "state": "current",
        "emitted": True,
        "published": True,
        "signing": True,
        "why": None,
    }
    assert loaded["dns"]["mode"] == "recorded"
    assert loaded["dns"]["observed_at"] == "2026-10-04T00:00:00Z"
    (server,) = loaded["dns"]["servers"]
    assert (server["outcome"], server["signed_by"]) == ("verified", [20326])
    assert server["key_tags"] == sorted(server["key_tags"])


def test_what_was_not_checked_is_null_and_not_false() -> None:
    for row in content(report_of(checked()))["anchors"]:
        assert (row["published"], row["signing"]) == (None, None)
    seen = {(r["published"], r["signing"]) for r in content(report_of(lab()))["anchors"]}
    assert seen == {(True, True), (True, False), (False, False)}


def test_a_server_that_gave_nothing() -> None:
    document = Document(entries=[entry_of(ksk("a", Algorithm.ED25519))])
    (server,) = content(report_of(checked(document, [failed("timeout")])))["dns"]["servers"]
    assert (server["outcome"], server["rtt_ms"]) == ("timeout", None)
    assert (server["key_tags"], server["signed_by"]) == ([], [])


def test_a_key_that_cannot_be_read_is_null_all_over() -> None:
    entries = [*Document().entries]
    entries[1] = replace(entries[1], key_tag="x", digest="xyz", valid_from="now")
    bad = content(report_of(checked(Document(entries=entries))))["anchors"][1]
    for name in ("key_tag", "digest", "valid_from", "valid_until", "published", "signing"):
        assert bad[name] is None
    assert (bad["id"], bad["algorithm"]) == ("Klajeyz", 8)
    assert (bad["state"], bad["emitted"]) == ("unusable", False)
    assert bad["why"].startswith("key ? is unusable")


def test_without_a_publication_there_is_null() -> None:
    bare = replace(real(), authenticated=None, keys=(), servers=(), observed_at=None)
    loaded = content(bare)
    assert (loaded["publication"], loaded["anchors"]) == (None, [])
    assert loaded["dns"] == {"mode": "recorded", "observed_at": None, "servers": []}


def test_the_chain_from_the_signer_to_the_root() -> None:
    signer = lab_signer(Profile(), certify(INTERMEDIATE, lab_root()))
    authenticated = authentic(signing=Signing(signer=signer))
    publication = content(replace(real(), authenticated=authenticated))["publication"]
    assert len(publication["chain"]) == 3
    assert publication["chain"][0] == publication["signer"]["sha256"]
    assert publication["chain"][-1] == publication["root"]["sha256"]


@pytest.mark.parametrize("severity", Severity)
def test_a_finding(severity: Severity) -> None:
    told = Finding(Check.KEY_TAG, severity, "message", "got", None, "remedy")
    loaded = content(replace(real(), findings=[told]))
    assert loaded["findings"] == [
        {
            "check": "key.tag",
            "severity": severity.value,
            "message": "message",
            "got": "got",
            "want": None,
            "reference": "RFC 4034 B",
            "remedy": "remedy",
        }
    ]
    assert loaded["attention"] == (severity in {Severity.WARNING, Severity.ALARM})


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict(verdict: Verdict) -> None:
    assert content(replace(real(), verdict=verdict))["verdict"] == verdict.value


def test_text_from_outside_is_kept_and_escaped() -> None:
    text = render(replace(real(), source=HOSTILE))
    assert json.loads(text)["source"] == HOSTILE
    assert "\x1b" not in text


def test_the_same_report_is_the_same_text() -> None:
    assert render(real()) == render(real())
