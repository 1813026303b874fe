"""named.conf and what it includes, as BIND's own parser takes it."""

from __future__ import annotations

import pytest

from anchors.auditing.place import Hold, Role, Syntax
from anchors.auditing.readers import bind
from anchors.formats.found import MalformedAnchors
from tests.simulator.ksk import KSK_2017, KSK_2024
from tests.unit.auditing.samples import KEY1, KEY2, anchors, files

D1, D2 = KSK_2017.digest(), KSK_2024.digest()
B1 = KSK_2017.base64
SEED, STATIC = Hold.SEED, Hold.STATIC

# The shape of upstream's bind.keys: both forms in one statement, text broken over lines.
MIXED = f"""# comments come first
trust-anchors {{
        # The older key.
        . initial-key 257 3 8 "{B1[:60]}
                {B1[60:200]}
                {B1[200:]}";
        /* The
           younger key. */
        . initial-ds 38696 8 2 "{D2[:55]}
        {D2[55:]}";
}};
"""
OTHERS_TOO = f"""trust-anchors {{ "example" static-ds 1 8 2 "{D1}";
. initial-ds 20326 8 2 "{D1}"; }};
"""
VIEWS = f"""options {{ directory "/var/cache/bind"; }};
view "inside" IN {{
    match-clients {{ 10/8; }};
    trust-anchors {{ . static-ds 20326 8 2 "{D1}"; }};
    zone "x" {{ type hint; file "y"; }};
}};
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MIXED, [(20326, 4, SEED), (38696, 9, SEED)]),
        (f'trust-anchors {{\n\t. static-ds 38696 8 2 "{D2}";\n}};', [(38696, 2, STATIC)]),
        (f'trust-anchors {{ . static-key {KEY2[:8]}"{KEY2[8:]}"; }};', [(38696, 1, STATIC)]),
        (f'managed-keys {{ "." initial-key {KEY1[:8]}"{KEY1[8:]}"; }};', [(20326, 1, SEED)]),
        (f'trusted-keys {{\n\n"." {KEY1[:8]}"{KEY1[8:]}"; }};', [(20326, 3, STATIC)]),
        (OTHERS_TOO, [(20326, 2, SEED)]),
        (VIEWS, [(20326, 4, STATIC)]),
        (f'trust-anchors {{ . static-ds 38696 8 2 "{D2[:-2]}"; }};', [(38696, 1, STATIC)]),
    ],
)  # fmt: skip
def test_anchors_with_line_and_hold(
    text: str, expected: list[tuple[int, int | None, Hold]]
) -> None:
    assert bind.looks_like(text.encode())
    reading = bind.read(text.encode())
    assert reading.syntax is Syntax.BIND
    assert anchors(reading) == expected


def test_files_that_are_named() -> None:
    text = b"""// include "/etc/bind/commented";
include "/etc/bind/named.conf.options";
options {
\tdirectory "/var/cache/bind";
\tmanaged-keys-directory "/var/lib/bind/dynamic";
\tbindkeys-file "/etc/bind/bind.keys";
\tdnssec-validation auto;
};
view x { include "more.conf"; };
"""
    assert bind.looks_like(text)
    assert files(bind.read(text)) == [
        ("/etc/bind/named.conf.options", Role.INCLUDE, 2),
        ("/etc/bind/bind.keys", Role.SEED, 6),
        ("/var/cache/bind/more.conf", Role.INCLUDE, 9),
        ("/var/lib/bind/dynamic", Role.STATE_DIRECTORY, 5),
    ]


def test_named_changes_to_its_directory_as_soon_as_it_has_read_of_it() -> None:
    text = b'include "a"; options { bindkeys-file "b"; directory "/d"; }; include "c";'
    assert [path for path, _, _ in files(bind.read(text))] == ["a", "/d/b", "/d/c", "/d"]


@pytest.mark.parametrize("order", ["{1}{0}", "{0}{1}"])
def test_the_state_is_where_managed_keys_directory_says(order: str) -> None:
    options = 'directory "/a"; ', 'managed-keys-directory "/b"; '
    text = f"options {{ {order.format(*options)} }};".encode()
    assert files(bind.read(text)) == [("/b", Role.STATE_DIRECTORY, 1)]


def test_the_working_directory_holds_the_state_otherwise() -> None:
    text = b'options { directory "/a"; };\nkey-store k { directory "/keys"; };\n'
    assert files(bind.read(text)) == [("/a", Role.STATE_DIRECTORY, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "options { recursion no; };",
        '# include "x";\n',
        '#include "x.h"\nstatic int trust-anchors;\n',
        f'In named.conf: trust-anchors {{ . static-ds 20326 8 2 "{D1}"; }};',
        f'```\ntrust-anchors {{ . static-ds 20326 8 2 "{D1}"; }};\n```\n',
        'subnet 10.0.0.0 netmask 255.0.0.0 {}\ninclude "/etc/dhcp/more.conf";',
        "server { listen 80; include /etc/nginx/mime.types; }",
        "include: x\n",
        '"trust-anchors" { . };',
        'trust-anchors { "example" static-ds 1 8 2 "00"; };',
    ],
)
def test_what_is_none_of_ours(text: str) -> None:
    assert not bind.looks_like(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        'trust-anchors { . static-ds 20326 8 2 "xyz"; };',
        'trust-anchors { . static-ds 20326 8 2 "0"; };',
        'trust-anchors { . static-ds 99999 8 2 "00"; };',
        'trust-anchors { . static-key -1 3 8 "AAAA"; };',
        f'trust-anchors {{ . static-key 257 3 8 "{B1[:-1]}"; }};',
        'trust-anchors { . some-key 257 3 8 "AAAA"; };',
        "trust-anchors { . static-ds; };",
        f'options {{}}; trust-anchors {{ . static-ds 20326 8 2 "{D1}"; ',
        f'trust-anchors {{ . static-ds 20326 8 2 "{D1}"; }}; /* ',
        f'trust-anchors {{ . static-ds 20326 8 2 "{D1}"; }}; }}',
        f'trust-anchors {{ . static-ds 20326 8 2 "{D1}',
    ],
)
def test_a_statement_that_leaves_no_doubt_but_cannot_be_read(text: str) -> None:
    assert bind.looks_like(text.encode())
    with pytest.raises(MalformedAnchors):
        bind.read(text.encode())


def test_a_block_ends_with_a_semicolon() -> None:
    assert bind.looks_like(b'server 10.1.1.1 { };\ninclude "x";')
    # nginx has the same words, and none.
    assert not bind.looks_like(b'server { include "x"; }\ninclude "x";')
    assert not bind.looks_like(b'include "x"; server { }')


def test_words_may_follow_a_block_inside_another() -> None:
    controls = b"controls { inet 127.0.0.1 allow { localhost; } keys { k; }; };"
    assert bind.looks_like(controls + b'include "x";')


def test_a_fault_elsewhere_is_not_ours() -> None:
    assert not bind.looks_like(b'include "a"; options { directory "x"; ')
