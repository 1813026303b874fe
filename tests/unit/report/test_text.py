"""The report for people: the verdict first, narrow, harmless, and coloured only when asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from dns.dnssectypes import Algorithm
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.core.checks import Check
from anchors.core.errors import AnchorsError, NothingValid, RootZoneSilent
from anchors.core.findings import Finding, Severity
from anchors.core.keys import KeyState
from anchors.core.servers import ServerAnswer
from anchors.pipeline.crosscheck import CrossCheck, withheld
from anchors.pipeline.report import Report, Verdict
from anchors.pipeline.request import Request
from anchors.pipeline.verify import verify
from anchors.report.text import render, verdict_line
from tests.lab.keys import ksk
from tests.lab.zone import signed
from tests.simulator.document import Document
from tests.simulator.times import AT
from tests.unit.stages import checked, entry_of, failed, observed, policy

WIDTH = 80
OLD = ksk("old", Algorithm.ECDSAP256SHA256)
NEW = ksk("new", Algorithm.ECDSAP256SHA256)
HOSTILE = "\x1b[2J\x1b]0;x\x07\r\nVERIFIED: all is well\x9b31m\u202e\u2028\0\udcff"


@cache
def real() -> Report:
    """The report of the embedded snapshot."""
    at = datetime(2026, 10, 11, tzinfo=UTC)
    return verify(Request(policy=policy(at=at), source="embedded", dns="recorded"))


def report_of(result: CrossCheck, error: AnchorsError | None = None) -> Report:
    """A report as the pipeline makes it."""
    findings = [*result.findings, *([Finding.from_error(error)] if error else [])]
    return Report(
        verdict=Verdict.UNDECIDED if error else Verdict.VERIFIED,
        at=AT,
        source="the lab",
        dns_mode="live" if result.servers else "none",
        observed_at=AT if result.servers else None,
        authenticated=result.authenticated,
        keys=result.keys,
        servers=result.servers,
        findings=findings,
    )


def lab() -> CrossCheck:
    apex = signed([OLD, NEW], by=[OLD])
    document = Document(
        entries=[
            entry_of(OLD, valid_from="2020-01-01T00:00:00Z"),
            entry_of(NEW, valid_from="2030-01-01T00:00:00Z"),
            entry_of(
                ksk("gone", Algorithm.ED25519),
                valid_from="2019-01-01T00:00:00Z",
                valid_until="2020-01-01T00:00:00Z",
            ),
        ]
    )
    servers = [observed(apex), observed(apex, "2001:db8::1"), failed("timeout", "192.0.2.3")]
    return checked(document, servers)


def finding(severity: Severity = Severity.WARNING, message: str = "something") -> Finding:
    return Finding(Check.KEY_TAG, severity, message, "this", "that", "do it")


def root_zone(report: Report) -> list[str]:
    """The block about the root zone."""
    blocks = render(report).split("\n\n")
    return next(block for block in blocks if block.startswith("Root zone")).splitlines()


def lines_of(report: Report) -> list[str]:
    text = render(report)
    assert text.endswith("\n")
    return text.splitlines()


class TestVerdict:
    def test_verified_names_the_keys_and_the_time(self) -> None:
        line = "VERIFIED: KSK-2017 (20326), KSK-2024 (38696) at 2026-10-11T00:00:00Z"
        assert verdict_line(real()) == line
        assert lines_of(real())[0] == line

    @pytest.mark.parametrize(
        ("severity", "attention"),
        [(Severity.NOTICE, False), (Severity.WARNING, True), (Severity.ALARM, True)],
    )
    def test_attention(self, severity: Severity, attention: bool) -> None:
        line = verdict_line(replace(real(), findings=[finding(severity)]))
        assert line.endswith(", needs attention") == attention

    @pytest.mark.parametrize(
        ("verdict", "word"),
        [(Verdict.NOT_TRUSTED, "NOT TRUSTED"), (Verdict.UNDECIDED, "UNDECIDED")],
    )
    def test_a_refusal_says_why(self, verdict: Verdict, word: str) -> None:
        told = [finding(Severity.FAILURE, "the reason"), finding(Severity.ALARM, "another")]
        assert (
            verdict_line(replace(real(), verdict=verdict, findings=told)) == f"{word}: the reason"
        )

    def test_one_line_whatever_the_reason(self) -> None:
        told = [finding(Severity.FAILURE, HOSTILE), finding(Severity.FAILURE, "x" * 1000)]
        line = verdict_line(replace(real(), verdict=Verdict.UNDECIDED, findings=told))
        assert line.isprintable()

    def test_verified_and_nothing_written(self) -> None:
        told = replace(real(), keys=withheld(real().keys, "held back"), findings=[finding()])
        line = "VERIFIED: nothing is written at 2026-10-11T00:00:00Z, needs attention"
        assert verdict_line(told) == line
        assert lines_of(told).count("    held back") == 2

    def test_a_long_answer_is_folded_in_the_report_alone(self) -> None:
        told = replace(real(), verdict=Verdict.UNDECIDED, findings=[])
        words = " ".join(["reason"] * 20)
        told = replace(told, findings=[finding(Severity.FAILURE, words)])
        assert verdict_line(told) == f"UNDECIDED: {words}"
        block = render(told).split("\n\n")[0].splitlines()
        assert [line[:11] for line in block] == ["UNDECIDED: ", " " * 11]
        assert " ".join(line[11:] for line in block) == words

    def test_every_verdict_has_its_word(self) -> None:
        words = {verdict_line(replace(real(), verdict=v)).split(":")[0] for v in Verdict}
        assert len(words) == len(Verdict)


class TestColour:
    def test_none_unless_asked_for(self) -> None:
        told = replace(real(), findings=[finding(severity) for severity in Severity])
        assert "\x1b" not in render(told)
        assert "\x1b" not in verdict_line(told)

    def test_a_mark_for_those_who_watch(self) -> None:
        marks = {
            verdict_line(replace(real(), verdict=verdict), unicode=True).split()[0]
            for verdict in Verdict
        }
        assert marks == {"\u2714", "\u2718", "?"}
        plain = render(real())
        assert plain.isascii()
        assert render(real(), unicode=True) == f"\u2714 {plain}"

    def test_it_only_adds(self) -> None:
        told = replace(real(), findings=[finding(severity) for severity in Severity])
        coloured = render(told, colour=True)
        # The verdict, the keys' header, a state of each key, and the severities.
        assert coloured.count("\x1b[0m") == 2 + len(real().keys) + len(Severity)
        assert re.sub(r"\x1b\[\d+m", "", coloured) == render(told)

    @pytest.mark.parametrize(
        ("verdict", "code"),
        [(Verdict.VERIFIED, 32), (Verdict.NOT_TRUSTED, 31), (Verdict.UNDECIDED, 33)],
    )
    def test_a_verdict_has_its_colour(self, verdict: Verdict, code: int) -> None:
        line = verdict_line(replace(real(), verdict=verdict), colour=True)
        assert line.startswith(f"\x1b[{code}m")


class TestEvidence:
    def test_the_signature(self) -> None:
        text = render(real())
        for words in (
            "by dnssec@iana.org at 2025-03-25T20:25:02Z",
            "certificate 18 (0x12), 2023-03-15 to 2029-03-13",
            "CN=ICANN Root CA,",
            "(built in, to 2029-12-18)",
            "SHA-256     3ccaab38830025ee0a0f6c1f25769427544f81ea2865aa860468f3ef5278b908",
        ):
            assert words in text
        assert "(from --ca, to 2045-01-01)" in render(report_of(lab()))

    def test_the_keys(self) -> None:
        _, keys, *_ = render(report_of(lab())).split("\n\n")
        header, *rows = [line.split("  ") for line in keys.splitlines()]
        cells = [[cell.strip() for cell in row if cell.strip()] for row in (header, *rows)]
        gone = ksk("gone", Algorithm.ED25519)
        assert cells == [
            ["Key", "From", "Until", "State", "Root zone", "Anchor"],
            [f"key {OLD.tag}", "2020-01-01", "-", "current", "signing", "yes"],
            [f"key {NEW.tag}", "2030-01-01", "-", "future", "there", "no"],
            [f"key {gone.tag}", "2019-01-01", "2020-01-01", "expired", "not there", "no"],
        ]

    def test_the_plans_for_a_key_stand_below_it(self) -> None:
        lines = lines_of(real())
        row = next(number for number, line in enumerate(lines) if line.startswith("KSK-2017"))
        planned = "    revocation planned for 2027-01-11: no action needed while 38696 is trusted"
        assert lines[row + 1] == planned

    def test_why_a_current_key_is_no_anchor_stands_below_it(self) -> None:
        rows = [row._replace(usable=False, why="the reason") for row in real().keys]
        told = lines_of(replace(real(), keys=rows))
        assert told.count("    the reason") == 2

    def test_a_revoked_key_says_its_new_tag(self) -> None:
        rows = [
            row._replace(state=KeyState.REVOKED, revoked_tags=(20454,), usable=False)
            for row in real().keys[1:2]
        ]
        text = render(replace(real(), keys=rows))
        assert (
            "  revoked  signed on 2026-10-04  no\n    in DNS as 20454 with the REVOKE bit\n" in text
        )

    def test_keys_that_were_not_checked_say_so(self) -> None:
        text = render(report_of(checked()))
        assert text.count("  not checked  ") == 3
        assert "Root zone   NOT CHECKED (--dns none)" in text

    def test_the_root_zone(self) -> None:
        text = render(report_of(lab()))
        assert "Root zone   live, as of 2026-10-04T12:00:00Z\n" in text
        assert "2 of 3 answered, all the same RRset" in text

    def test_servers_that_say_the_same_are_one_entry(self) -> None:
        *_, verified, silent = root_zone(report_of(lab()))
        ksks, servers = verified.split(": ", 1)
        assert sorted(ksks.split()) == sorted([f"{OLD.tag}*", str(NEW.tag), "verified"])
        assert servers == "192.0.2.1, 2001:db8::1"
        assert silent == "  timeout: 192.0.2.3"

    def test_the_fastest_and_the_slowest_are_told(self) -> None:
        servers = [
            row._replace(answer=row.answer._replace(rtt_ms=rtt))
            for rtt, row in zip((9.4, 120.0), lab().servers, strict=False)
        ]
        *_, line = root_zone(replace(report_of(lab()), servers=servers))
        assert line.endswith(", 9 to 120 ms: 192.0.2.1, 2001:db8::1")
        *_, line = root_zone(replace(report_of(lab()), servers=servers[:1]))
        assert line.endswith(", 9 ms: 192.0.2.1")

    def test_many_that_say_the_same_are_counted_and_few_that_do_not_are_named(self) -> None:
        apex, other = signed([OLD, NEW], by=[OLD]), signed([OLD], by=[OLD])
        many = [observed(apex, f"192.0.2.{number}") for number in range(1, 7)]
        few = [observed(other, f"198.51.100.{number}") for number in range(1, 5)]
        result = checked(Document(entries=[entry_of(OLD), entry_of(NEW)]), [*many, *few])
        text = "\n".join(root_zone(report_of(result)))
        assert re.search(r"^  verified .*: 6 servers$", text, re.MULTILINE)
        assert "192.0.2." not in text
        for number in range(1, 5):
            assert f"198.51.100.{number}" in text

    def test_each_server_where_all_is_asked_for(self) -> None:
        text = render(report_of(lab()), verbose=True)
        by_address = {line.split()[0]: line.split() for line in text.splitlines() if line}
        assert by_address["192.0.2.3"][1:] == ["udp", "1", "-", "timeout"]
        *told, first, second = by_address["2001:db8::1"]
        assert told == ["2001:db8::1", "file", "1", "-", "verified"]
        assert {f"{OLD.tag}*", str(NEW.tag)} == {first, second}

    def test_servers_that_ipv6_does_not_reach_are_one_row(self) -> None:
        apex = signed([OLD, NEW], by=[OLD])
        servers = [observed(apex)]
        servers += [failed("unreachable", f"2001:db8::{number}") for number in range(1, 4)]
        text = render(report_of(checked(Document(entries=[entry_of(OLD)]), servers)))
        assert "1 of 4 answered" in text
        assert "3 IPv6 addresses: " in text
        assert "2001:db8::2 " not in text

    def test_a_server_of_the_root_has_its_letter(self) -> None:
        assert re.search(r"\bk 193\.0\.14\.129\n", render(real()))

    def test_a_recording_is_called_one(self) -> None:
        assert "recorded, as of 2026-10-04T00:00:00Z, as the recording claims" in render(real())

    def test_servers_that_differ_are_not_called_the_same(self) -> None:
        document = Document(
            entries=[entry_of(key, valid_from="2020-01-01T00:00:00Z") for key in (OLD, NEW)]
        )
        servers = [observed(signed([OLD, NEW], by=[OLD])), observed(signed([OLD], by=[OLD]))]
        text = render(report_of(checked(document, servers)))
        assert "2 of 2 answered, NOT all with the same signed RRset" in text
        assert "all the same" not in text

    def test_servers_that_differ_without_signatures_are_not_called_the_same_either(self) -> None:
        servers = [observed(signed([key], by=[key]).stripped()) for key in (OLD, NEW)]
        result = checked(Document(entries=[entry_of(OLD)]), servers)
        assert isinstance(result.refusal, RootZoneSilent)
        assert "all the same" not in render(report_of(result, result.refusal))

    def test_a_refusal_before_the_signature_has_no_evidence(self) -> None:
        error = RootZoneSilent(Check.ROOTZONE_ANSWERS, "nothing came", remedy="wait")
        bare = replace(
            report_of(checked(), error), authenticated=None, keys=(), servers=(), dns_mode="live"
        )
        blocks = render(bare).split("\n\n")
        assert blocks[0] == "UNDECIDED: nothing came"
        assert not any(block.startswith(("Signature", "Key", "Root zone")) for block in blocks)

    def test_the_files(self) -> None:
        text = render(replace(real(), files=("root.ds", "bind.keys")))
        assert text.endswith("\n\nFiles       root.ds, bind.keys\n")
        assert "Files" not in render(real())

    def test_a_finding(self) -> None:
        block = render(replace(real(), findings=[finding(Severity.ALARM)])).split("\n\n")[-1]
        assert block.splitlines() == [
            "alarm       something",
            "  got       this",
            "  want      that",
            "  do        do it",
            "  check     key.tag (RFC 4034 B)",
        ]

    def test_a_finding_that_has_little_to_say(self) -> None:
        bare = Finding(Check.KEY_TAG, Severity.WARNING, "")
        block = render(replace(real(), findings=[bare])).split("\n\n")[-1]
        assert [line.split() for line in block.splitlines()] == [
            ["warning"],
            ["check", "key.tag", "(RFC", "4034", "B)"],
        ]

    def test_notices_are_a_line_each_unless_all_is_asked_for(self) -> None:
        told = replace(real(), findings=[finding(Severity.NOTICE, word) for word in ("one", "two")])
        *_, block = render(told).split("\n\n")
        assert block == "notice      one\nnotice      two\n"
        assert render(told, verbose=True).count("  check     key.tag (RFC 4034 B)\n") == 2


def too_wide(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if len(line) > WIDTH]


class TestWidth:
    @pytest.mark.parametrize("verbose", [False, True])
    def test_nothing_is_wider_than_the_terminal(self, verbose: bool) -> None:
        for report in (real(), report_of(lab()), report_of(checked())):
            assert too_wide(render(report, verbose=verbose).splitlines()) == []

    def test_the_longest_row_of_a_key_fits(self) -> None:
        rows = [
            row._replace(entry=row.entry._replace(key_tag=65535), state=state, published=None)
            for row in real().keys
            for state in KeyState
        ]
        told = lines_of(replace(real(), keys=rows, dns_mode="none"))
        assert too_wide(told) == []
        assert sum("not checked" in line for line in told) == len(rows)

    @pytest.mark.parametrize("check", Check, ids=lambda check: check.id)
    def test_every_check_fits(self, check: Check) -> None:
        told = Finding(check, Severity.WARNING, check.title, check.title, check.title, check.title)
        assert too_wide(lines_of(replace(real(), findings=[told]))[-6:]) == []

    @settings(deadline=None, derandomize=True)
    @given(st.text(max_size=300), st.sampled_from(Severity))
    def test_findings_are_wrapped_whatever_they_say(self, words: str, severity: Severity) -> None:
        told = Finding(Check.KEY_TAG, severity, words, words, words, words)
        block = render(replace(real(), findings=[told])).split("\n\n")[-1]
        for line in block.removesuffix("\n").split("\n"):
            assert len(line) <= WIDTH
            assert line.isprintable()

    def test_long_words_are_cut_and_not_lost(self) -> None:
        digest = "0123456789abcdef" * 20
        block = render(replace(real(), findings=[finding(message=digest)])).split("\n\n")[-1]
        joined = "".join(line[12:] for line in block.splitlines())
        assert digest in joined

    def test_a_refusal_is_as_narrow(self) -> None:
        error = NothingValid(
            Check.KEY_NONE_VALID,
            "the document is authentic, but has no key that is valid at this time",
            got="1 expired, 1 future",
            want="at least one trust anchor current key",
            remedy="keep validation on; look for a newer publication, and check the clock",
        )
        assert too_wide(lines_of(report_of(checked(), error))) == []


class TestHostileWords:
    """Whatever comes from outside reaches a terminal escaped, in every cell there is."""

    def harmless(self, report: Report) -> str:
        text = render(report)
        for line in text.removesuffix("\n").split("\n"):
            assert line.isprintable(), line
            assert not line.startswith("VERIFIED: all is well")
        assert verdict_line(report).isprintable()
        return text

    def test_the_certificates(self) -> None:
        good = real().authenticated
        assert good is not None
        signer = good.signer._replace(email=HOSTILE, subject=HOSTILE)
        root = good.root._replace(subject=HOSTILE)
        hostile = good._replace(signer=signer, root=root, origin=HOSTILE)
        assert "\\x1b[2J" in self.harmless(replace(real(), authenticated=hostile))

    def test_the_findings(self) -> None:
        told = Finding(Check.KEY_TAG, Severity.FAILURE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
        for verdict in Verdict:
            report = replace(real(), verdict=verdict, findings=[told])
            assert "\\x1b[2J" in self.harmless(report)

    def test_the_source(self) -> None:
        self.harmless(replace(real(), source=HOSTILE))

    def test_the_keys(self) -> None:
        rows = [row._replace(why=HOSTILE, usable=False) for row in real().keys]
        assert "\\x1b[2J" in self.harmless(replace(real(), keys=rows))
        ids = [row._replace(entry=row.entry._replace(id=HOSTILE)) for row in real().keys]
        self.harmless(replace(real(), keys=ids))

    def test_the_servers(self) -> None:
        answer = ServerAnswer("fe80::1%\x1b[2J\n", 53, "udp", AT, None, "timeout", 1e6)
        rows = [row._replace(answer=answer) for row in real().servers]
        self.harmless(replace(real(), servers=rows, dns_mode="live"))
