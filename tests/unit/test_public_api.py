"""The package's own names: few, loaded late, and the same as in their homes."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import dns.dnssec
import pytest

import anchors
from anchors.cli.main import main
from tests.frozen import SNAPSHOT

AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("name", anchors.__all__)
def test_a_name_is_that_of_its_home(name: str) -> None:
    assert getattr(anchors, name) is getattr(import_module(anchors._HOMES[name]), name)


def test_every_name_is_told_to_type_checkers_too() -> None:
    tree = ast.parse(Path(str(anchors.__file__)).read_text(encoding="utf-8"))
    told = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("anchors.")
        for alias in node.names
    }
    assert told == anchors._HOMES
    assert sorted(told) == anchors.__all__


def test_there_is_no_other_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = anchors.nonsense


def test_importing_the_package_loads_nothing() -> None:
    code = "import sys, anchors; print([m for m in sys.modules if m.startswith('anchors.')])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"


def test_the_names_are_listed() -> None:
    assert dir(anchors) == sorted([*anchors.__all__, "__version__"])


def offline(at: datetime = AT, source: Path | str = SNAPSHOT) -> anchors.Report:
    return anchors.verify(at=at, source=source, dns="recorded")


def test_objects_and_options_mean_the_same() -> None:
    policy = anchors.VerificationPolicy(at=AT)
    request = anchors.Request(policy=policy, source=str(SNAPSHOT), dns="recorded")
    by_name = offline()
    assert anchors.verify(request).to_json() == by_name.to_json()
    assert anchors.trust_anchors(at=AT, source=SNAPSHOT, dns="recorded") == by_name.anchors
    built = anchors.build(request, anchors.Target(directory=None, formats=("ds", "dnskey")))
    assert [*built.files] == ["root.ds", "root.key"]
    names = ["ds", "dnskey"]
    assert built == anchors.build(formats=names, at=AT, source=SNAPSHOT, dns="recorded")
    assert built.to_json() == built.report.to_json()


def test_paths_may_be_text(tmp_path: Path) -> None:
    there = tmp_path / "out"
    built = anchors.build(directory=str(there), at=AT, source=str(SNAPSHOT), dns="recorded")
    assert (there / "root.ds").read_bytes() == built.files["root.ds"]
    for path in (there, str(there)):
        audit = anchors.audit(paths=path, at=AT, source=SNAPSHOT, dns="recorded")
        assert audit.paths == (str(path),)


def test_the_json_is_that_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--source", str(SNAPSHOT), "--dns", "recorded", "--at", f"{AT:%Y-%m-%d}"]
    main(["verify", *where, "--report-format", "json"])
    printed = json.loads(capsys.readouterr().out)
    # The command tells that the time was given.
    printed["findings"] = [f for f in printed["findings"] if f["check"] != "choice.at"]
    assert json.loads(offline().to_json()) == printed


def request() -> anchors.Request:
    return anchors.Request(policy=anchors.VerificationPolicy(at=AT))


# Of types that a type checker refuses as well.
VERIFY: Any = anchors.verify


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (anchors.verify, "the time of judgement is missing"),
        (lambda: VERIFY(at="2026-11-24"), "the time of judgement is missing"),
        (
            lambda: anchors.verify(at=AT.replace(tzinfo=None)),
            "the time of judgement has no",
        ),
        (lambda: VERIFY(at=AT, sorce="live"), "there is no such option"),
        (lambda: VERIFY("live", at=AT), "there is no such option"),
        (lambda: VERIFY(at=AT, source=5), "a path or a name is needed"),
        (lambda: VERIFY(at=AT, servers=[5]), "a server is needed"),
        (lambda: VERIFY(at=AT, timeout="5"), "the timeout is out of range"),
        (
            lambda: anchors.verify(at=AT, dns="none", servers=["::1"]),
            "--server works with",
        ),
        (lambda: anchors.verify(at=AT, ca_file=""), "a path is needed"),
        (lambda: anchors.verify(request(), at=AT), "a Request has all options in it"),
        (lambda: anchors.VerificationPolicy(at=AT, max_intermediates=256), "the number of"),
        (lambda: anchors.Target(directory=None, formats=("nonsense",)), "no format has this name"),
        (
            lambda: anchors.build(request(), anchors.Target(directory=None), formats="ds"),
            "a Target has the directory",
        ),
        (lambda: anchors.audit(at=AT), "there is nothing to audit"),
        (lambda: anchors.ask(at=AT), "the number of resolvers is out of range"),
    ],
)
def test_misuse_is_told_before_anything_is_done(make: Callable[[], object], message: str) -> None:
    with pytest.raises(anchors.UsageError) as caught:
        make()
    assert caught.value.message.startswith(message)


def test_a_verdict_may_be_raised() -> None:
    offline().raise_for_verdict()
    with pytest.raises(anchors.NotTrusted) as caught:
        offline(at=datetime(2035, 1, 1, tzinfo=UTC)).raise_for_verdict()
    assert caught.value.check is anchors.Check.SIGNER_VALIDITY
    missing = offline(source="/nonexistent")
    assert missing.anchors == ()
    with pytest.raises(anchors.Undecided):
        missing.raise_for_verdict()
    with pytest.raises(anchors.Undecided):
        anchors.trust_anchors(at=AT, source="/nonexistent")


def test_an_audit_that_fails_may_be_raised(tmp_path: Path) -> None:
    key = tmp_path / "root.key"
    key.write_text(f". IN DS 1 8 2 {'AB' * 32}\n")
    (tmp_path / "unbound.conf").write_text(f'server:\n trust-anchor-file: "{key}"\n')
    audit = anchors.audit(paths=tmp_path, at=AT, source=SNAPSHOT, dns="recorded")
    assert audit.outcome is anchors.Outcome.FAILS
    with pytest.raises(anchors.NotTrusted, match="foreign"):
        audit.raise_for_verdict()
    assert json.loads(audit.to_json())["schema"] == "root-anchors/audit/2"


def test_an_anchor_is_text_and_rdata() -> None:
    for anchor in offline().anchors:
        assert anchor.ds_rdata().to_text().upper() == anchor.ds()
        assert anchor.dnskey_rdata().to_text().replace(" ", "") == anchor.dnskey().replace(" ", "")
        assert dns.dnssec.key_id(anchor.dnskey_rdata()) == anchor.key_tag
        without = anchor._replace(key=anchor.key._replace(public_key=None))
        assert (anchor.has_dnskey, without.has_dnskey) == (True, False)
        with pytest.raises(anchors.UsageError, match="has no DNSKEY"):
            without.dnskey()


def test_old_names_work_and_tell_the_new_ones(tmp_path: Path) -> None:
    row = offline().keys[0]
    with pytest.warns(DeprecationWarning, match=r"KeyEvidence\.key is now entry") as warned:
        assert row.key is row.entry
    assert warned[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="is now usable"):
        assert row.emitted is row.usable
    audit = anchors.audit(paths=tmp_path, at=AT, source=SNAPSHOT, dns="recorded")
    with pytest.warns(DeprecationWarning, match="is now found"):
        assert audit.places[0].place.location.text == audit.places[0].path


def test_what_is_shown_at_a_prompt_is_short(tmp_path: Path) -> None:
    report = offline()
    audit = anchors.audit(paths=tmp_path, at=AT, source=SNAPSHOT, dns="recorded")
    shown = [report, report.keys[0], report.servers[0], audit, audit.places[0]]
    assert [repr(one) for one in shown if len(repr(one)) > 100 + len(str(tmp_path))] == []
