from __future__ import annotations

import re

import anchors
from anchors.consumers.reading import Note
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.report.audit import renderer
from tests.docs.markdown import table_rows
from tests.unit.auditing.audits import (
    BUILD,
    FOREIGN,
    HOSTILE,
    INSTALL,
    MISSING,
    PENDING,
    REFUSED,
    UNREADABLE,
    audit,
    everything,
    fails,
    hostile,
    hostile_resolver,
    resolver,
    right,
    right_resolver,
    state,
    unreadable,
    unverified,
)

render = renderer("markdown")


def section(text: str, head: str) -> list[str]:
    """The lines below a head."""
    parts = re.split(r"\n##+ ", text)
    (found,) = [part for part in parts if part.partition("\n")[0] == head]
    return found.splitlines()


def test_the_verdict_then_the_table() -> None:
    title, _, verdict, _, *lines = render(everything()).splitlines()
    assert title == "# Audit of DNSSEC root trust anchors"
    assert verdict.startswith("FAILS: 3 resolvers on 2 hosts (2 fail, 1 right) and 5 other files")
    assert lines[:5] == [
        "| host | resolver | today | next planned day | why |",
        "|---|---|---|---|---|",
        f"| `image` | Unbound `etc/other.conf` | **FAILS** | 2027-01-11 | {REFUSED.message} |",
        (
            "| `image` | Unbound `etc/unbound/unbound.conf` | **FAILS** | 2027-01-11 "
            "| has KSK-2017 (20326) only: every look-up fails since 2026-10-11 |"
        ),
        (
            "| `other` | BIND | **RIGHT** | 2027-01-11: attention "
            "| has KSK-2017 (20326) and KSK-2024 (38696) |"
        ),
    ]


def test_a_section_for_whatever_is_not_right() -> None:
    assert re.findall("^##+ (.+)$", render(everything()), re.MULTILINE) == [
        "Planned days",
        "Resolvers",
        "**FAILS**  Unbound  `image/etc/other.conf`",
        "**FAILS**  Unbound  `image/etc/unbound/unbound.conf`",
        "Anchor files that no resolver loads",
        "**FAILS**  `image/etc/root.key`  (zone file)",
        "**ATTENTION**  `image/etc/unbound.conf`  (unbound.conf)",
        "Programs and texts with root keys in them",
        "**ATTENTION**  `x.deb:usr/bin/tool`  (program or source)",
        "Files that were not read",
        "**UNDECIDED**  `image/etc/secret.key`",
        "How it was judged",
    ]


def test_a_resolver_that_fails() -> None:
    head = "**FAILS**  Unbound  `image/etc/unbound/unbound.conf`"
    lines = section(render(everything()), head)
    for line in (
        "  - `var/root.key`: managed trust anchors",
        "- anchors: `var/root.key`, line 2: KSK-2017 (20326), initial anchor, current",
        f"- **failure**: {MISSING.message} (`audit.missing`, RFC 9718 2.2)",
        f"  - got: `{MISSING.got}`",
        f"- **alarm**: var/root.key, line 7: {FOREIGN.message} (`audit.foreign`, RFC 9718 2.2)",
        f"  - do: {FOREIGN.remedy}",
        f"1. `{BUILD.text}`",
        f"2. `{INSTALL.text}`",
        "3. ask who put it there",
    ):
        assert line in lines


def test_a_notice_is_not_for_a_person() -> None:
    row = fails()
    row = row._replace(notes=(*row.notes, *state().notes))
    assert FOREIGN.message in render(audit(row))
    assert PENDING.message not in render(audit(row))


def test_what_was_not_read() -> None:
    text = render(everything())
    assert f"| `image/etc/secret.key` | - | **UNDECIDED** | {UNREADABLE.message} |" in text
    assert f"  - got: `{UNREADABLE.got}`" in section(text, "**UNDECIDED**  `image/etc/secret.key`")
    assert "\n1,234 files looked at, 5,000,000 bytes, 1 could not be read.\n" in text


def test_a_path_without_an_anchor_was_read_and_has_nothing() -> None:
    nothing = Finding(Check.AUDIT_NOTHING, Severity.NOTICE, "no trust anchor of the root was found")
    row = unreadable("", "empty")
    row = row._replace(notes=(Note(nothing),), found=row.found._replace(notes=(Note(nothing),)))
    text = render(audit(row))
    assert "Files that were not read" not in text
    assert "## Paths without any root trust anchor" in text
    assert "## Paths without any" not in render(everything())


def test_whether_it_starts_is_told_as_not_known() -> None:
    one = resolver()
    loaded = one.loaded._replace(starts=None, validates=None)
    text = render(audit(resolvers=(one._replace(loaded=loaded),)))
    assert "whether it starts is unknown, whether it validates is unknown" in text
    assert "may not" not in text


def test_how_it_was_judged() -> None:
    lines = section(render(everything()), "How it was judged")
    for line in (
        "- verdict on IANA's publication: **verified**",
        "- signed: 2025-03-25T20:25:02Z",
        "- time of judgement: 2026-11-24T00:00:00Z",
        "- audited: `image`",
        f"Tool: root-anchors {anchors.__version__}",
    ):
        assert line in lines


MARK_UP = re.compile(r"(?<!\\)[\[\]!{}_]|@|://|www\.|(?<!&)#\d|&(?!lt;|gt;|amp;|#124;)")


def without_code(line: str) -> str:
    """The line without its code spans, in which Markdown and forges read nothing."""
    return re.sub(r"(?<!\\)`[^`]*`", "", line)


def test_nothing_from_outside_is_mark_up() -> None:
    rows = (hostile(), right(HOSTILE), unreadable(HOSTILE))
    text = render(audit(*rows, resolvers=(hostile_resolver(),), paths=(HOSTILE,)))
    assert all(character.isprintable() or character == "\n" for character in text)
    assert text.encode()
    assert sorted(len(row) for row in table_rows(text)) == [4, 4, 5]
    for line in text.splitlines():
        bare = without_code(line)
        assert "`" not in bare.replace(r"\`", "")
        assert "<" not in bare
        assert MARK_UP.search(bare) is None, line
        if not line.startswith("|"):
            assert "|" not in bare
    heads = re.compile(r"^#+ (?:[A-Z].*|\*\*[A-Z]+\*\*  .*)$")
    assert all(heads.match(line) for line in text.splitlines() if line.startswith("#"))
    assert text.count("\n# ") == 0


def test_a_backslash_protects_nothing() -> None:
    for name in ("a\\", "\\`x", "`", "``", " ", "\\|", "|", "a`|`b"):
        text = render(audit(fails(name), unreadable(name)))
        assert [len(row) for row in table_rows(text)] == [4, 4], name
        shown = [line for line in text.splitlines() if line.startswith("### ")]
        assert [line.count("`") for line in shown] == [2, 2]


def test_one_many_and_none() -> None:
    assert len(table_rows(render(audit(resolvers=(right_resolver(),))))) == 1
    assert len(table_rows(render(audit(right())))) == 1
    many = tuple(resolver()._replace(title=f"{n}") for n in range(2000))
    assert len(table_rows(render(audit(resolvers=many)))) == 2000
    text = render(unverified())
    assert "UNDECIDED: nothing was audited" in text
    assert "| host" not in text
    assert "Files that were not read" not in text
    assert "- **failure**: the signature does not hold (`cms.signature`, RFC 5652 5.6)" in text
