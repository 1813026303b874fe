from __future__ import annotations

import re

import anchors
from anchors.auditing.judge import judge
from anchors.auditing.place import Location, Note, Place
from anchors.auditing.render.markdown import render
from anchors.checks import Check
from anchors.model import Finding, Severity
from tests.docs.markdown import table_rows
from tests.unit.auditing.audits import (
    FOREIGN,
    HOSTILE,
    MISSING,
    PENDING,
    SUMMARY,
    UNREADABLE,
    audit,
    everything,
    fails,
    hostile,
    right,
    state,
    unreadable,
    unverified,
)
from tests.unit.auditing.basis import keys


def section(text: str, head: str) -> str:
    """What stands below a head."""
    (found,) = [part for part in text.split("\n## ") if part.partition("\n")[0] == head]
    return found


def test_the_verdict_then_the_table() -> None:
    text = render(everything()).replace("/etc/bind/", "/")
    title, _, verdict, _, head, *_ = text.splitlines()
    assert title == "# Audit of DNSSEC root trust anchors"
    assert verdict.startswith("FAILS: 6 places (1 fails, 1 undecided, 2 need attention, 2 right)")
    assert head == "| place | syntax | anchors | outcome | day |"
    assert [" ".join(row) for row in table_rows(text)] == [
        "`image/etc/root.key` zone file KSK-2017 (20326) current **fails** 2026-10-11",
        "`image/bind.keys` named.conf KSK-2017 (20326) current, KSK-2024 (38696) current right -",
        "`image/var/root.key` Unbound autotrust state KSK-2024 (38696) not in force right -",
        "`image/etc/unbound.conf` unbound.conf KSK-2017 (20326) current **attention** -",
        "`image/etc/secret.key` - - **undecided** -",
        "`x.deb:usr/bin/tool` program or source digest of KSK-2017 **attention** 2026-10-11",
    ]


def test_a_section_for_each_place_that_needs_a_person() -> None:
    heads = re.findall("^## (.+)$", render(everything()), re.MULTILINE)
    assert heads == [
        "`image/etc/root.key`",
        "`image/etc/unbound.conf`",
        "`x.deb:usr/bin/tool`",
        "What was not read",
        "How it was judged",
    ]
    text = section(render(everything()), "`image/etc/root.key`")
    for line in (
        f"**fails**: {SUMMARY}",
        "- line 3: KSK-2017 (20326), file, current",
        f"- **failure**: {MISSING.message} (`audit.missing`, RFC 9718 2.2)",
        f"  - got: `{MISSING.got}`",
        f"- **alarm**: line 3, 5: {FOREIGN.message} (`audit.foreign`, RFC 9718 2.2)",
        f"  - do: {FOREIGN.remedy}",
        "**Do:** root-anchors build --format ds -o new",
    ):
        assert line in text.splitlines()


def test_a_notice_is_not_for_a_person() -> None:
    row = fails()
    row = row._replace(notes=(*row.notes, *state().notes))
    assert FOREIGN.message in render(audit(row))
    assert PENDING.message not in render(audit(row))


def test_what_was_not_read() -> None:
    text = section(render(everything()), "What was not read")
    assert "1,234 files looked at, 5,000,000 bytes, 1 could not be read." in text
    assert f"- `image/etc/secret.key`: {UNREADABLE.message}" in text.splitlines()
    assert f"  - got: `{UNREADABLE.got}`" in text.splitlines()


def test_that_nothing_was_found_is_for_a_person() -> None:
    finding = Finding(Check.AUDIT_NOTHING, Severity.WARNING, "no trust anchor was found")
    rows = judge([Place(Location("image", ""), None, (Note(finding),))], keys())
    assert "no trust anchor was found" in section(render(audit(*rows)), "`image`")


def test_how_it_was_judged() -> None:
    text = section(render(everything()), "How it was judged")
    for line in (
        "- verdict on IANA's publication: **verified**",
        "- signed: 2025-03-25T20:25:02Z",
        "- time of judgement: 2026-11-24T00:00:00Z",
        "- what was audited: `image`",
        f"- tool: root-anchors {anchors.__version__}",
    ):
        assert line in text.splitlines()


_MARK_UP = re.compile(r"(?<!\\)[\[\]!{}_]|@|://|www\.|(?<!&)#\d|&(?!lt;|gt;|amp;|#124;)")


def without_code(line: str) -> str:
    """The line without its code spans, in which Markdown and forges read nothing."""
    return re.sub(r"(?<!\\)`[^`]*`", "", line)


def test_nothing_from_outside_is_mark_up() -> None:
    plain = render(audit(fails(), right(), unreadable()))
    text = render(audit(hostile(), right(HOSTILE), unreadable(HOSTILE), paths=(HOSTILE,)))
    assert all(character.isprintable() or character == "\n" for character in text)
    assert text.encode()
    assert len(table_rows(text)) == 3
    assert {len(row) for row in table_rows(text)} == {5}
    for line in text.splitlines():
        bare = without_code(line)
        assert "`" not in bare.replace(r"\`", "")
        assert "<" not in bare
        assert _MARK_UP.search(bare) is None, line
        if not line.startswith("|"):
            assert _MARK_UP.search(bare) is None, line
        if not line.startswith("|"):
            assert "|" not in bare
    heads = re.compile("^#+ (?:[A-Z].*|`.*`)$")
    assert all(heads.match(line) for line in text.splitlines() if line.startswith("#"))
    assert plain.count("\n# ") == text.count("\n# ") == 0


def test_a_backslash_protects_nothing() -> None:
    for name in ("a\\", "\\`x", "`", "``", " ", "\\|", "|", "a`|`b"):
        text = render(audit(fails(name), unreadable(name)))
        assert [len(row) for row in table_rows(text)] == [5, 5], name
        shown = [line for line in text.splitlines() if line.startswith("## `image/")]
        assert len(shown) == 1
        assert shown[0].count("`") == 2


def test_one_place_many_and_none() -> None:
    assert len(table_rows(render(audit(right())))) == 1
    many = render(audit(*(fails(f"{number}") for number in range(2000))))
    assert len(table_rows(many)) == 2000
    text = render(unverified())
    assert "UNDECIDED: nothing was audited" in text
    assert "| place" not in text
    assert "What was not read" not in text
    assert "- **failure**: the signature does not hold (`cms.signature`, RFC 5652 5.6)" in text
