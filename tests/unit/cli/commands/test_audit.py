"""``root-anchors audit`` as people run it, over real files in a tree of their own."""

from __future__ import annotations

import gzip
import json
import os
import shlex
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from anchors.auditing import run
from anchors.cli.main import main
from anchors.core.errors import UsageError
from anchors.core.policy import VerificationPolicy
from anchors.core.root_facts import KNOWN_KEYS
from anchors.pipeline.request import Request
from tests.unit.consumers.samples import DS1, DS2, KEY1, KEY2

AT = "2026-11-24T00:00:00Z"
BEFORE = "2026-10-05T00:00:00Z"

Audit = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(name="audit")
def _audit(capsys: pytest.CaptureFixture[str]) -> Audit:
    def run(*arguments: str | Path, at: str = AT) -> tuple[int, dict[str, Any]]:
        options = ["--offline", "--at", at, "--report-format", "json"]
        code = main(["audit", *options, *map(str, arguments)])
        report: dict[str, Any] = json.loads(capsys.readouterr().out)
        return code, report

    return run


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def checks(report: dict[str, Any]) -> dict[str, set[str]]:
    """The checks of each place, by its path below the root."""
    return {
        place["path"].removeprefix(place["root"]).lstrip("/:"): {
            finding["check"] for finding in place["findings"]
        }
        for place in report["places"]
    }


# A configuration that names the file of anchors beside it.
UNBOUND = 'server:\n  trust-anchor-file: "root.ds"\n  directory: "/etc/unbound"\n'


def unbound(anchors: str) -> dict[str, str]:
    return {"etc/unbound/unbound.conf": UNBOUND, "etc/unbound/root.ds": anchors}


BOTH = f". IN DS {DS1}\n. IN DS {DS2}\n"
OLD = f". IN DS {DS1}\n"
DNSMASQ = "".join(f"trust-anchor=.,{','.join(ds.split())}\n" for ds in (DS1, DS2))
RETIRED = f"19036 8 2 {KNOWN_KEYS[0].digest}"


def test_a_right_file_is_right(audit: Audit, tmp_path: Path) -> None:
    root = write(tmp_path, {"root.ds": BOTH})
    code, report = audit(root / "root.ds")
    assert (code, report["outcome"]) == (0, "right")
    (place,) = report["places"]
    assert [anchor["standing"] for anchor in place["anchors"]] == ["current", "current"]
    assert report["coverage"] == {"looked_at": 1, "size": len(BOTH), "unreadable": 0}


def test_a_resolver_that_fails_says_since_when(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path, unbound(OLD))
    assert main(["audit", "--offline", "--at", AT, str(root)]) == 1
    out, err = capsys.readouterr()
    assert out.startswith(
        "FAILS: 1 resolver (1 fails), compared with IANA's publication of 2025-03-25"
    )
    told = " ".join(out.split())
    assert "every look-up fails since 2026-10-11" in told
    assert "root-anchors build --offline --format unbound-anchor-file -o new" in told
    assert f"install -m 0644 new/unbound-root.key {root}/etc/unbound/root.ds" in told
    assert err == ""


def test_a_loose_file_never_fails(audit: Audit, tmp_path: Path) -> None:
    root = write(tmp_path, {"root.ds": OLD})
    code, report = audit(root)
    assert (code, report["outcome"]) == (0, "attention")
    assert report["places"][0]["summary"].startswith(
        "no resolver found here loads it; a resolver that loads it "
    )
    assert report["places"][0]["day"] == "2026-10-11T00:00:00Z"
    assert audit("--strict", root)[0] == 4


def test_before_the_roll_the_same_resolver_will_fail(audit: Audit, tmp_path: Path) -> None:
    root = write(tmp_path, unbound(OLD))
    code, report = audit(root, at=BEFORE)
    assert (code, report["outcome"]) == (1, "will fail")
    assert {place["day"] for place in report["places"]} == {"2026-10-11T00:00:00Z"}


def test_a_root_file_system_is_read_as_its_resolvers_do(audit: Audit, tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "etc/unbound/unbound.conf": 'server:\ninclude: "/etc/unbound/unbound.conf.d/*.conf"\n',
            "etc/unbound/unbound.conf.d/a.conf": (
                'server:\n    auto-trust-anchor-file: "/var/lib/unbound/root.key"\n'
            ),
            "var/lib/unbound/root.key": f". 86400 IN DNSKEY {KEY1}\n. 86400 IN DNSKEY {KEY2}\n",
            "usr/share/dnsmasq-base/trust-anchors.conf": (
                f"trust-anchor=.,{DS1.replace(' ', ',')}\n"
            ),
            "usr/share/doc/README": f"The anchor is . IN DS {DS1} and nothing else.\n",
            "etc/passwd": "root:x:0:0::/:/bin/sh\n",
        },
    )
    # Whoever runs this: Unbound's user may write its file, and a new one beside it.
    (root / "var/lib/unbound/root.key").chmod(0o666)
    (root / "var/lib/unbound").chmod(0o777)
    code, report = audit(root)
    assert code == 0
    outcomes = {p["path"].removeprefix(f"{tmp_path}/"): p["outcome"] for p in report["places"]}
    assert outcomes == {
        "etc/unbound/unbound.conf": "right",
        "usr/share/dnsmasq-base/trust-anchors.conf": "attention",
        "usr/share/doc/README": "attention",
        "var/lib/unbound/root.key": "right",
    }
    assert report["coverage"]["looked_at"] == 6


def test_what_one_path_names_may_lie_in_another(audit: Audit, tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "etc/unbound/unbound.conf": (
                f'server:\n  auto-trust-anchor-file: "{tmp_path}/var/lib/unbound/root.key"\n'
            ),
            "var/lib/unbound/root.key": f". IN DS {DS1}\n. IN DS {DS2}\n",
        },
    )
    (root / "var/lib/unbound/root.key").chmod(0o666)
    (root / "var/lib/unbound").chmod(0o777)
    code, report = audit(root / "etc", root / "var/lib")
    assert {Path(place["path"]).name: place["outcome"] for place in report["places"]} == {
        "unbound.conf": "right",
        "root.key": "right",
    }
    assert code == 0
    code, report = audit(root / "etc")
    assert code == 3
    assert checks(report)["unbound/unbound.conf"] == {"audit.not-followed"}


def test_a_configuration_is_followed_where_it_leads(audit: Audit, tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "bind/named.conf": f'include "{tmp_path}/bind/a.conf";\ninclude "b.conf";\n',
            "bind/a.conf": f"trust-anchors {{ . initial-ds {_quoted(DS1)}; }};\n",
            "bind/b.conf": f"trust-anchors {{ . initial-ds {_quoted(DS2)}; }};\n",
            "bind/not-named.conf": f"trust-anchors {{ . static-ds {_quoted(DS1)}; }};\n",
        },
    )
    _, report = audit(folder / "bind/named.conf")
    assert {Path(place["path"]).name for place in report["places"]} == {
        "named.conf",
        "a.conf",
        "b.conf",
    }
    assert report["outcome"] != "fails"
    (folder / "bind/b.conf").unlink()
    code, report = audit(folder / "bind/named.conf")
    assert (code, report["outcome"]) == (1, "fails")


def _quoted(ds: str) -> str:
    numbers, _, digest = ds.rpartition(" ")
    return f'{numbers} "{digest}"'


def test_includes_that_go_round_end(audit: Audit, tmp_path: Path) -> None:
    anchors = f"trust-anchors {{ . initial-ds {_quoted(DS1)}; . initial-ds {_quoted(DS2)}; }};\n"
    files = {"a.conf": f'include "b.conf";\n{anchors}', "b.conf": 'include "a.conf";\n'}
    code, report = audit(write(tmp_path, files) / "a.conf")
    assert code == 1
    assert {place["outcome"] for place in report["places"]} == {"fails"}
    assert (
        report["places"][0]["summary"] == "named does not start: the include a.conf makes a circle"
    )


def test_a_root_an_exclusion_and_a_baseline_can_be_given(audit: Audit, tmp_path: Path) -> None:
    root = write(
        tmp_path / "image",
        {"etc/dnsmasq.conf": "dnssec\nconf-file=/keys\n", "keys": DNSMASQ},
    )
    code, report = audit("--root", root, root / "etc")
    assert (code, report["outcome"]) == (0, "right")
    assert {place["path"] for place in report["places"]} == {
        f"{root}/etc/dnsmasq.conf",
        f"{root}/keys",
    }
    write(root, {"old/root.ds": OLD})
    assert audit(root)[1]["outcome"] == "attention"
    assert audit("--exclude", "old", root)[1]["outcome"] == "right"
    row = 'check = "audit.missing"\npath = "old/*"\nreason = "kept"\nuntil = 2027-01-01\n'
    write(tmp_path, {"baseline.toml": f"[[accept]]\n{row}"})
    assert audit("--baseline", tmp_path / "baseline.toml", root)[1]["outcome"] == "right"
    assert (
        audit("--baseline", tmp_path / "baseline.toml", root, at="2027-01-02T00:00:00Z")[1][
            "outcome"
        ]
        == "attention"
    )


@pytest.mark.parametrize(
    ("name", "text", "check"),
    [
        ("root.ds", f". IN DS 12345 8 2 {'00' * 32}\n{BOTH}", "audit.foreign"),
        ("root.ds", f"{OLD}. IN DS {DS2[:-1]}7\n", "audit.damaged"),
        ("root.ds", f". IN DS {RETIRED}\n{BOTH}", "audit.retired"),
        ("root.ds", BOTH + OLD, "audit.duplicate"),
        (
            "root.key",
            f". IN DNSKEY {KEY1}\n. IN DNSKEY {KEY2.replace('257', '385', 1)}\n",
            "audit.revoked",
        ),
        ("root.ds", ". IN DS 20326 8 2 XYZ\n", "audit.malformed"),
        ("a.positive", f". IN DNSKEY {KEY2}\n", "audit.form"),
        ("a.positive", f". DS {DS2}\n", "audit.ignored"),
        ("a.conf", f'server:\n  trust-anchor: ". DS {DS2}"\n', "audit.static"),
        ("a.c", f'const char *ds = "{DS1}";\n', "audit.compiled"),
        ("root.ds", OLD, "audit.missing"),
    ],
)
def test_each_fault_has_its_check(
    audit: Audit, tmp_path: Path, name: str, text: str, check: str
) -> None:
    _, report = audit(write(tmp_path, {name: text}))
    assert check in checks(report)[name]


def test_an_audit_of_nothing_makes_no_sense() -> None:
    at = datetime(2026, 10, 11, tzinfo=UTC)
    request = Request(policy=VerificationPolicy(at=at), source="embedded", dns="recorded")
    with pytest.raises(UsageError, match="nothing to audit"):
        run.audit(request, [])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 0),
        (["--strict"], 4),
        (["--fail-on", "static"], 1),
        (["--fail-on", "audit.static,foreign"], 1),
        (["--fail-on", "foreign"], 0),
    ],
)
def test_what_is_not_wrong_fails_only_who_asks(
    audit: Audit, tmp_path: Path, arguments: list[str], code: int
) -> None:
    text = f'server:\n  trust-anchor: ". DS {DS1}"\n  trust-anchor: ". DS {DS2}"\n'
    got, report = audit(*arguments, write(tmp_path, {"unbound.conf": text}))
    assert (got, report["outcome"]) == (code, "attention")


def test_fail_on_replaces_what_fails(audit: Audit, tmp_path: Path) -> None:
    code, report = audit("--fail-on", "foreign", write(tmp_path, unbound(OLD)))
    assert (code, report["outcome"]) == (0, "fails")


def test_a_check_that_is_none_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "--offline", "--fail-on", "wrong", str(tmp_path)]) == 2
    assert "no check of the audit has this name" in capsys.readouterr().err


def test_what_is_not_there_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "--offline", str(tmp_path / "nothing")]) == 2
    assert "a PATH to audit does not exist" in capsys.readouterr().err


def test_where_there_is_no_anchor_nothing_is_decided(audit: Audit, tmp_path: Path) -> None:
    code, report = audit(write(tmp_path, {"etc/passwd": "root:x:0:0::/:/bin/sh\n"}))
    assert (code, report["outcome"]) == (3, "undecided")
    assert [f["check"] for p in report["places"] for f in p["findings"]] == ["audit.nothing"]


def packed_up(path: Path, files: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def found_at(report: dict[str, Any], path: Path) -> list[tuple[str, str, str]]:
    (place,) = [place for place in report["places"] if place["path"] == str(path)]
    return [(f["check"], f["severity"], f["message"]) for f in place["findings"]]


def test_archives_in_a_directory_are_told_once_with_the_command_that_opens_them(
    audit: Audit, tmp_path: Path
) -> None:
    folder = tmp_path / "all of them"
    anchors = {"root.ds": f". IN DS {DS1}\n. IN DS {DS2}\n"}
    packed_up(folder / "a.jar", anchors)
    packed_up(folder / "below" / "b.whl", anchors)
    # Packed by itself, a text is no archive.
    (folder / "changelog.gz").write_bytes(gzip.compress(b"nothing"))
    code, report = audit(folder)
    assert code == 3
    words = "2 archives in this directory were not opened: give each as a PATH"
    message = f"no trust anchor of the root was found, and {words}"
    assert found_at(report, folder) == [("audit.nothing", "warning", message)]
    command = report["places"][0]["findings"][0]["remedy"]
    assert shlex.split(command)[-6:] == ["-exec", "root-anchors", "audit", "--offline", "{}", "+"]
    shown = command.partition(" -exec ")[0]
    listed = subprocess.run(shown, shell=True, capture_output=True, check=True, encoding="utf-8")  # noqa: S602 - as a person pastes it
    names = sorted(listed.stdout.splitlines())
    assert names == [str(folder / "a.jar"), str(folder / "below" / "b.whl")]
    code, opened = audit(*names)
    assert (code, len(opened["places"])) == (0, 2)


def test_archives_beside_anchors_are_a_notice(audit: Audit, tmp_path: Path) -> None:
    write(tmp_path, {"root.ds": f". IN DS {DS1}\n. IN DS {DS2}\n"})
    packed_up(tmp_path / "one", {"x": "y"})
    code, report = audit(tmp_path)
    words = "an archive in this directory was not opened: give it as a PATH"
    assert found_at(report, tmp_path) == [("audit.limit", "notice", words)]
    assert (code, report["outcome"], report["coverage"]["unreadable"]) == (0, "right", 0)


def test_a_package_without_anchors_beside_one_that_has_some_is_a_notice(
    audit: Audit, tmp_path: Path
) -> None:
    good = packed_up(tmp_path / "good.apk", {"root.ds": f". IN DS {DS1}\n. IN DS {DS2}\n"})
    empty = packed_up(tmp_path / "empty.apk", {"x": "y"})
    code, report = audit(good, empty)
    words = "no trust anchor of the root was found"
    assert found_at(report, empty) == [("audit.nothing", "notice", words)]
    assert (code, report["outcome"]) == (0, "right")
    code, report = audit(empty)
    assert found_at(report, empty) == [("audit.nothing", "warning", words)]
    assert code == 3


def test_without_a_verified_publication_nothing_is_audited(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path / "tree", {"root.ds": OLD})
    source = tmp_path / "source"
    source.mkdir()
    options = ["--source", str(source), "--dns", "none", "--at", AT]
    assert main(["audit", *options, str(root)]) == 3
    out = capsys.readouterr().out
    assert out.startswith(
        "UNDECIDED: nothing was audited, because the publication is not verified\n"
    )


def test_names_never_reach_the_terminal_raw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = os.fsencode(tmp_path) + b"/\x1b[31mroot\n\xff.key"
    Path(os.fsdecode(bad)).write_text(f". IN DNSKEY {KEY1}\n", encoding="utf-8")
    for kind in ("text", "json", "markdown", "sarif", "issue"):
        options = ["--offline", "--at", AT, "--report-format", kind]
        assert main(["audit", *options, str(tmp_path)]) == 0
        out, err = capsys.readouterr()
        assert "\x1b" not in out + err
        assert "KSK-2017" in out


def test_a_report_file_is_written_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write(tmp_path / "tree", unbound(OLD))
    report = tmp_path / "audit.json"
    options = ["--offline", "--at", AT, "--report-format", "json", "--report", str(report)]
    assert main(["audit", *options, str(root)]) == 1
    assert json.loads(report.read_text(encoding="utf-8"))["outcome"] == "fails"
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("FAILS: 1 resolver")


def test_the_same_tree_gives_the_same_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path, {f"{n}/root.ds": BOTH if n % 3 else OLD for n in range(40)})
    said = []
    for _ in range(2):
        main(["audit", "--offline", "--at", AT, str(root)])
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]


def test_a_quiet_audit_is_its_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write(tmp_path, unbound(OLD))
    assert main(["audit", "-q", "--offline", "--at", AT, str(root)]) == 1
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert out.startswith("FAILS: ")


def test_what_we_write_ourselves_is_right(audit: Audit, tmp_path: Path) -> None:
    out = tmp_path / "anchors"
    assert main(["build", "-q", "--offline", "--at", AT, "-o", str(out)]) == 0
    code, report = audit(out)
    assert code == 0
    worse = {Path(place["path"]).name for place in report["places"] if place["outcome"] != "right"}
    # Those that a person must replace at every roll, and those of the recursor, which validates
    # for all clients only where its mode says "validate": by their consumers' own design.
    assert worse == {
        "bind-static-ds.conf",
        "bind-static-key.conf",
        "knot-resolver.lua",
        "knot-resolver.yaml",
        "pdns-recursor.lua",
        "pdns-recursor.yml",
        "unbound-anchors.conf",
    }
    assert "root-anchors.p7s" not in {Path(place["path"]).name for place in report["places"]}


def test_an_interrupt_leaves_the_report_of_what_was_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"root.ds": f". IN DS {DS1}\n", "later/root.ds": f". IN DS {DS2}\n"})
    write(tmp_path / "other", {"root.ds": f". IN DS {DS2}\n"})

    def strike(_self: object, files: int, _size: int) -> None:
        if files:
            raise KeyboardInterrupt

    monkeypatch.setattr("anchors.cli.commands.audit.Progress.show", strike)
    paths = [str(tmp_path), str(tmp_path / "other")]
    assert main(["audit", "--offline", "--at", AT, "--report-format", "json", *paths]) == 130
    told = capsys.readouterr()
    assert "interrupted; this report covers what was seen until then" in told.err
    report = json.loads(told.out)
    messages = [f["message"] for place in report["places"] for f in place["findings"]]
    assert "interrupted: the remaining files were not audited" in messages
    assert [p["path"] for p in report["places"] if p["outcome"] == "undecided"] == paths


def test_an_interrupt_before_anything_was_seen_tells_of_an_audit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def strike(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "verify", strike)
    assert main(["audit", "--offline", "--at", AT, str(tmp_path)]) == 130
    told = capsys.readouterr()
    assert told.err == ("root-anchors: interrupted; no report was made, and nothing was changed\n")
    assert told.out == ""


def test_of_a_machine_its_configurations_come_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    etc = tmp_path / "etc"
    text = f"server:\n  trust-anchor: '. IN DS {DS1}'\n"
    write(etc, {"unbound/unbound.conf": text})
    monkeypatch.setattr(run, "_CONFIGURATIONS", etc)
    others = [option for top in Path("/").iterdir() for option in ("--exclude", top.name)]
    main(["audit", "--offline", "--at", AT, *others, "/"])
    told = capsys.readouterr()
    assert f"root-anchors: first {etc} alone: FAILS: 1 resolver (1 fails)" in told.err
    assert "FAILS" not in told.out
