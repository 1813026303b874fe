"""Texts of configurations and anchor files, and the odd variations that people make of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from tests.resolvers.keys import filled

__all__ = ["VARIATIONS", "grown", "is_kept", "zone_text"]

# Who is asked, and where: no matter of anchors, and without them nothing can be seen.
_KEPT = re.compile(
    r"listen|address_data|upstream|transport|resolution_type"
    r"|^\s*(?:server=|no-resolv|DNS=|Domains"
    r"|rundir|socket.dir|security.poll|workers|cache:|management|network|interface|- "
    r"|\[Resolve\]|port|forward)",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[;\"'{}:,=()]")
# No part of a path: in capitals it leads to where no file of a tree lies.
_WORDS = re.compile(r"(?<!/)\b[a-z][a-z-]{2,}\b(?!/)")


def is_kept(line: str) -> bool:
    """Whether nothing could be seen without the line."""
    return _KEPT.search(line) is not None


def zone_text(random: Random) -> str:
    """A zone file of anchors: its records written in one of many ways."""
    letters = random.choice(["AB", "AB", "AB", "BA", "A", "B", "ABB", "AAB", ""])
    rows = [_record(letter, random) for letter in letters]
    if random.random() < 0.3:
        rows.insert(random.randrange(len(rows) + 1), random.choice(_BESIDE))
    return "".join(f"{row}\n" for row in rows)


_BESIDE = (
    *(
        "; a remark",
        "# a remark",
        "",
        "$TTL 3600",
        "$ORIGIN .",
        "e2e. IN DS @B:ds@",
        "   ; indented",
    ),
    *(". 300 IN NS a.root-servers.net.", ". IN DS 1 8 9 ABCD", ". CH DS @B:ds@"),
)


def _record(letter: str, random: Random) -> str:
    rdtype = random.choice(["DS", "DS", "DNSKEY"])
    rdata = filled(f"@{letter}:{'ds' if rdtype == 'DS' else 'dnskey'}@")
    between = random.choice([" ", " ", "\t", "   "])
    front = random.choice([["IN"], ["IN"], [], ["3600", "IN"], ["IN", "3600"], ["172800"], ["1d"]])
    shape = random.randrange(12)
    if shape == 0:
        rdata = rdata.lower() if rdtype == "DS" else rdata
    elif shape == 1:
        *first, last = rdata.split(" ")
        rdata = " ".join([*first, "(", f"{last[:20]}\n   {last[20:]}", ")"])
    elif shape == 2:
        rdata += " ; a remark"
    elif shape == 3:
        *first, last = rdata.split(" ")
        rdata = " ".join([*first, last[:10], last[10:]])
    elif shape == 4:
        rdtype = rdtype.lower()
    elif shape == 5:
        *first, last = rdata.split(" ")
        rdata = " ".join([*first, f'"{last}"'])
    elif shape == 6:
        rdata = rdata.replace(" 8 ", " RSASHA256 ", 1)
    elif shape == 7:
        rdata = rdata[:-2]
    return between.join(
        [random.choice([".", ".", ".", "@", ""]) if shape == 8 else ".", *front, rdtype, rdata]
    )


def _lines(change: Callable[[list[str], int, Random], None]) -> Callable[[str, Random], str]:
    """A variation of one line, which is none of those that are kept."""

    def varied(text: str, random: Random) -> str:
        lines = text.split("\n")
        free = [at for at, line in enumerate(lines) if line.strip() and not _KEPT.search(line)]
        if free:
            change(lines, random.choice(free), random)
        return "\n".join(lines)

    return varied


def _dropped(lines: list[str], at: int, _random: Random) -> None:
    del lines[at]


def _doubled(lines: list[str], at: int, _random: Random) -> None:
    lines.insert(at, lines[at])


def _remarked(lines: list[str], at: int, random: Random) -> None:
    lines[at] = random.choice(["#", "# ", ";", "//", "--", " #"]) + lines[at]


def _with_remark(lines: list[str], at: int, random: Random) -> None:
    lines[at] += random.choice([" # a remark", " ; a remark", " // a remark", "# a remark"])


def _indented(lines: list[str], at: int, random: Random) -> None:
    lines[at] = random.choice([" ", "\t", "        "]) + lines[at].strip(" \t")


def _unindented(lines: list[str], at: int, _random: Random) -> None:
    lines[at] = lines[at].strip(" \t")


def _joined(lines: list[str], at: int, random: Random) -> None:
    if at + 1 < len(lines) and not _KEPT.search(lines[at + 1]):
        lines[at : at + 2] = [lines[at] + random.choice([" ", ""]) + lines[at + 1].strip()]


def _without_mark(lines: list[str], at: int, random: Random) -> None:
    marks = [*_MARKS.finditer(lines[at])]
    if marks:
        start = random.choice(marks).start()
        lines[at] = lines[at][:start] + lines[at][start + 1 :]


def _in_capitals(lines: list[str], at: int, random: Random) -> None:
    words = [*_WORDS.finditer(lines[at])]
    if words:
        match = random.choice(words)
        lines[at] = lines[at][: match.start()] + match[0].upper() + lines[at][match.end() :]


def _blanks(lines: list[str], at: int, random: Random) -> None:
    old = random.choice([" ", ": ", " {", "; ", "="])
    new = random.choice(["  ", "\t", old.strip(), f" {old.strip()} "])
    lines[at] = lines[at].replace(old, new, 1)


def _requoted(lines: list[str], at: int, random: Random) -> None:
    old, new = random.choice([('"', "'"), ("'", '"'), ('"', ""), ("'", "")])
    lines[at] = lines[at].replace(old, new)


def _windows(text: str, _random: Random) -> str:
    return text.replace("\n", "\r\n")


def _marked(text: str, _random: Random) -> str:
    return "\ufeff" + text


def _cut(text: str, _random: Random) -> str:
    return text.rstrip("\n")


_SWITCH = re.compile(r"\b(?:yes|no|auto|true|false|on|off|validate|process|enabled?)\b")
_OF_VALIDATION = re.compile(r"dnssec|valid|permissive|enable|trust", re.IGNORECASE)
_SWITCHES = ("yes", "no", "auto", "true", "false", "on", "off", "validate", "process", "0", "1")
_RUN = re.compile(r"[A-Za-z0-9+/=]{60,}")
_TEMPLATES = ("{{ anchors }}", "{% if dnssec %}", "<%= @anchors %>", "${ANCHORS}", "{{- end }}")
# A blocklist of some megabytes: what stands on each line, by what the text is.
_LONG = (
    ("server:", '    local-zone: "n{}.example" always_nxdomain\n'),
    ("no-resolv", "address=/n{}.example/\n"),
    ("net.listen", "-- n{}.example\n"),
    ("", "# n{}.example\n"),
)
_MANY = 60_000


def _switched(lines: list[str], _at: int, random: Random) -> None:
    """Validation on or off in another way, where something says so."""
    found = [at for at, line in enumerate(lines) if _OF_VALIDATION.search(line)]
    found = [at for at in found if _SWITCH.search(lines[at])]
    if found:
        at = random.choice(found)
        lines[at] = _SWITCH.sub(random.choice(_SWITCHES), lines[at], count=1)


def _folded(lines: list[str], at: int, random: Random) -> None:
    """A key or a digest over several lines, in parentheses or not."""
    width = random.choice([20, 44, 56, 64])
    opening, closing = random.choice([("( ", " )"), ("(", ")"), ("", "")])

    def several(match: re.Match[str]) -> str:
        parts = [match[0][i : i + width] for i in range(0, len(match[0]), width)]
        return opening + "\n\t\t\t\t".join(parts) + closing

    lines[at] = _RUN.sub(several, lines[at], count=1)


def _templated(lines: list[str], at: int, random: Random) -> None:
    lines.insert(at, random.choice(_TEMPLATES))


def grown(text: str) -> str:
    """The text with a blocklist of a megabyte or two behind it."""
    line = next(line for mark, line in _LONG if mark in text)
    return text.rstrip("\n") + "\n" + "".join(line.format(n) for n in range(_MANY))


VARIATIONS: tuple[Callable[[str, Random], str], ...] = (
    *map(_lines, (_dropped, _doubled, _remarked, _with_remark, _indented, _unindented, _joined)),
    *map(_lines, (_without_mark, _in_capitals, _blanks, _requoted)),
    *map(_lines, (_switched, _switched, _folded, _templated)),
    *(_windows, _marked, _cut),
)
