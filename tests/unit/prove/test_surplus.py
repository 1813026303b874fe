"""A file that holds more than its anchors is never proven: what else it says may undo them."""

from __future__ import annotations

import pytest

from anchors.formats import REGISTRY, Format, find_formats
from anchors.pipeline import example
from anchors.prove.surplus import surplus

BAD = "0" * 64

MORE = [
    ("dnsmasq", f"trust-anchor=,20326,8,2,{BAD}"),
    ("dnsmasq", f'trust-anchor=".",20326,8,2,{BAD}'),
    ("dnsmasq", "conf-file=/etc/other.conf"),
    ("dnsmasq", f"trust-anchor=com.,1,8,2,{BAD}"),
    ("dnsmasq", "dnssec-no-timecheck"),
    ("dnsmasq", "address=/#/192.0.2.1"),
    ("unbound", 'trust-anchor-file: "/tmp/other"'),
    ("unbound", "val-permissive-mode: yes"),
    ("unbound", 'domain-insecure: "."'),
    ("unbound", "include: /etc/other.conf"),
    ("unbound", 'logfile: "/tmp/log"'),
    ("knot-resolver-lua", "modules.unload('validate')"),
    ("knot-resolver-lua", "trust_anchors.set_insecure({ 'com' })"),
    ("pdns-recursor-lua", 'addNTA(".", "x")'),
    ("pdns-recursor-lua", 'os.execute("true")'),
    ("pdns-recursor-yaml", "  validation: off"),
    ("knot-resolver-yaml", "  negative-trust-anchors: [com]"),
    ("bind", "options { dnssec-validation no; };"),
    ("bind", f'trust-anchors {{ com. initial-ds 1 8 2 "{BAD}"; }};'),
    ("bind", 'include "other";'),
    ("ldns", f"com. IN DS 1 8 2 {BAD}"),
    ("systemd-resolved", f"com. IN DS 1 8 2 {BAD}"),
    ("hickory", "com. IN A 192.0.2.1"),
    ("xml", " "),
    ("json", " "),
]


def rendered(row: Format) -> bytes:
    return row.render(example())


def row_of(name: str) -> Format:
    (row,) = find_formats([name])
    return row


@pytest.mark.parametrize(("name", "line"), MORE, ids=lambda value: value[:40])
def test_what_else_a_file_says_is_found(name: str, line: str) -> None:
    row = row_of(name)
    content = rendered(row)
    found = surplus(row, content + f"{line}\n".encode(), content)
    assert found is not None
    assert "besides" in found


@pytest.mark.parametrize("row", REGISTRY, ids=lambda row: row.name)
def test_our_own_file_holds_nothing_else(row: Format) -> None:
    assert surplus(row, rendered(row), rendered(row)) is None


@pytest.mark.parametrize(
    ("name", "comment"),
    [
        ("bind", "/* by hand */ // and\n# so"),
        ("unbound", "# by hand"),
        ("dnsmasq", "# by hand"),
        ("knot-resolver-lua", "-- by hand"),
        ("pdns-recursor-lua", "-- by hand"),
        ("knot-resolver-yaml", "# by hand"),
        ("ldns", "; by hand"),
    ],
)
def test_comments_and_blanks_are_nothing(name: str, comment: str) -> None:
    row = row_of(name)
    content = rendered(row)
    assert surplus(row, f"\n{comment}\n\n".encode() + content, content) is None


@pytest.mark.parametrize(("held", "named"), [("initial", "static"), ("static", "initial")])
def test_another_keyword_of_bind_is_found(held: str, named: str) -> None:
    content, wanted = (rendered(row_of(f"bind-{word}-ds")) for word in (held, named))
    assert surplus(row_of(f"bind-{named}-ds"), content, wanted) is not None


def test_a_record_in_another_shape_is_the_same() -> None:
    row = row_of("ldns")
    content = rendered(row).replace(b". IN DS", b". 172800 IN DS")
    assert surplus(row, content, rendered(row)) is None


LUA = [row for row in REGISTRY if row.media_type == "text/x-lua"]


@pytest.mark.parametrize("row", LUA, ids=lambda row: row.name)
@pytest.mark.parametrize("level", ["", "=", "=="])
def test_a_lua_file_in_a_block_comment_is_not_judged(row: Format, level: str) -> None:
    content = f"--[{level}[\n".encode() + rendered(row) + f"--]{level}]\n".encode()
    assert row.parse(content) == row.parse(rendered(row))
    assert surplus(row, content, rendered(row)) is not None


@pytest.mark.parametrize("row", LUA, ids=lambda row: row.name)
@pytest.mark.parametrize("blank", ["\v", "\f", "\x1c", "\x85", "\u2028"])
def test_what_ends_no_line_of_lua_ends_no_comment(row: Format, blank: str) -> None:
    first, *rest = (line for line in rendered(row).splitlines(True) if not line.startswith(b"--"))
    content = b"".join([f"-- {blank}".encode(), first, *rest])
    assert surplus(row, content, rendered(row)) is not None


def test_a_carriage_return_ends_a_comment_of_lua() -> None:
    row = row_of("pdns-recursor-lua")
    content = rendered(row) + b'-- \rclearTA(".")\n'
    assert surplus(row, content, rendered(row)) is not None
    assert surplus(row, rendered(row).replace(b"\n", b"\r\n"), rendered(row)) is None


def test_lines_of_lua_in_another_order_are_another_program() -> None:
    row = row_of("pdns-recursor-lua")
    clear = b'clearTA(".")\n'
    content = rendered(row).replace(clear, b"") + clear
    assert row.parse(content) == row.parse(rendered(row))
    found = surplus(row, content, rendered(row))
    assert found is not None
    assert "order" in found
