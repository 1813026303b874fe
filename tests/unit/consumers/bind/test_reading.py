"""named.conf and what it includes, as BIND's own parser takes it."""

from __future__ import annotations

import pytest

from anchors.consumers.bind import CONF, STATIC_CONF
from anchors.consumers.bind import reading as bind
from anchors.consumers.bind.configuration import Configuration
from anchors.consumers.bind.writing import FORMATS
from anchors.consumers.files import File, Location
from anchors.consumers.format import Format
from anchors.consumers.reading import Hold, Reading, Role
from anchors.core.found import MalformedAnchors
from anchors.grammars.named_conf import parse_named_conf
from anchors.pipeline.verify import example
from tests.simulator.ksk import KSK_2017, KSK_2024
from tests.unit.consumers.samples import KEY1, KEY2, anchors, files
from tests.unit.consumers.trees import AT, MemoryFiles

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


def read(content: str | bytes, name: str = "etc/some.conf") -> Reading | None:
    data = content if isinstance(content, bytes) else content.encode()
    return bind.read(data, name, AT)


def told(content: str | bytes, name: str = "etc/some.conf") -> Reading:
    reading = read(content, name)
    assert reading is not None
    return reading


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
        (f"builtin-{OTHERS_TOO}", [(20326, 2, SEED)]),
        (f'TRUST-ANCHORS {{ @ INITIAL-DS 20326 8 2 "{D1}"; }};', [(20326, 1, SEED)]),
    ],
)  # fmt: skip
def test_anchors_with_line_and_hold(
    text: str, expected: list[tuple[int, int | None, Hold]]
) -> None:
    reading = told(text)
    static = {hold for _, _, hold in expected} == {STATIC}
    assert reading.syntax == (STATIC_CONF if static else CONF)
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
    assert files(told(text)) == [
        ("/etc/bind/named.conf.options", Role.INCLUDE, 2),
        ("/etc/bind/bind.keys", Role.SEED, 6),
        ("/var/cache/bind/more.conf", Role.INCLUDE, 9),
        ("/var/lib/bind/dynamic", Role.STATE_DIRECTORY, 5),
    ]


def test_named_changes_to_its_directory_as_soon_as_it_has_read_of_it() -> None:
    text = b'include "a"; options { bindkeys-file "b"; directory "/d"; }; include "c";'
    assert [path for path, _, _ in files(told(text))] == ["a", "/d/b", "/d/c", "/d"]


@pytest.mark.parametrize("order", ["{1}{0}", "{0}{1}"])
def test_the_state_is_where_managed_keys_directory_says(order: str) -> None:
    options = 'directory "/a"; ', 'managed-keys-directory "/b"; '
    text = f"options {{ {order.format(*options)} }};".encode()
    assert files(told(text)) == [("/b", Role.STATE_DIRECTORY, 1)]


def test_the_working_directory_holds_the_state_otherwise() -> None:
    text = b'options { directory "/a"; };\nkey-store k { directory "/keys"; };\n'
    assert files(told(text)) == [("/a", Role.STATE_DIRECTORY, 1)]


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
        f'trust-anchors {{ "example" static-ds 1 8 2 "{D1}"; }};',
    ],
)
def test_what_is_none_of_ours(text: str) -> None:
    assert read(text) is None


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
    with pytest.raises(MalformedAnchors):
        read(text)


def test_a_block_ends_with_a_semicolon() -> None:
    assert read('server 10.1.1.1 { };\ninclude "x";') is not None
    # nginx has the same words, and none.
    assert read('server { include "x"; }\ninclude "x";') is None
    assert read('include "x"; server { }') is None


def test_words_may_follow_a_block_inside_another() -> None:
    controls = "controls { inet 127.0.0.1 allow { localhost; } keys { k; }; };"
    assert read(f'{controls}include "x";') is not None


def test_a_fault_elsewhere_is_not_ours_unless_the_name_says_so() -> None:
    cut = 'include "a"; options { directory "x"; '
    assert read(cut) is None
    with pytest.raises(MalformedAnchors):
        read(cut, "etc/named.conf")


@pytest.mark.parametrize("name", ["named.conf", "bind.keys"])
def test_a_file_with_the_name_of_one_is_one_whatever_it_says(name: str) -> None:
    assert told("", f"etc/{name}").held == ()
    with pytest.raises(MalformedAnchors):
        read(f'\ufefftrust-anchors {{ . static-ds 20326 8 2 "{D1}"; }};', f"etc/{name}")
    with pytest.raises(MalformedAnchors):
        read(f'x;\ntrust-anchors {{ . static-ds 20326 8 2 "{D1}"; }};', f"etc/{name}")


def test_a_template_is_told_and_its_anchors_are_read() -> None:
    text = f'{{% if x %}}\ntrust-anchors {{\n. static-ds 20326 8 2 "{D1}";\n}};\n{{% endif %}}\n'
    (note,) = told(text, "named.conf.j2").notes
    assert note.finding.check.id == "audit.malformed"
    rendered = f'# {{{{ ansible_managed }}}}\ntrust-anchors {{ . static-ds 20326 8 2 "{D1}"; }};'
    assert told(rendered).notes == ()
    quoted = f'options {{ directory "{{{{ d }}}}"; }};\n{rendered}'
    reading = told(quoted)
    assert [note.finding.check.id for note in reading.notes] == ["audit.malformed"]
    assert anchors(reading) == [(20326, 3, STATIC)]


def test_what_switches_validation_is_told_with_its_view() -> None:
    text = """options {
dnssec-validation TRUE; recursion 0; validate-except { "a"; "."; };
disable-algorithms "." { RSASHA256; };
};
view v { dnssec-validation auto; };
"""
    assert [tuple(one) for one in told(text).settings] == [
        ("dnssec-validation", "yes", 2, ""),
        ("recursion", "no", 2, ""),
        ("validate-except", ".", 2, ""),
        ("disable-algorithms", ".", 3, ""),
        ("view", "v", 5, "v"),
        ("dnssec-validation", "auto", 5, "v"),
    ]


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
def test_our_own_files_say_all_that_was_written_and_nothing_else(row: Format) -> None:
    emission = example().emission
    content = row.write(emission)
    assert [tag for tag, _, _ in anchors(told(content))] == [20326, 38696]
    parsed = parse_named_conf(content)
    assert parsed.fault is None
    assert [statement.name for statement in parsed.statements] == ["trust-anchors"]


def test_an_anchor_that_named_leaves_out_is_told_and_ignored() -> None:
    revoked = KEY2.replace("257", "385", 1)
    text = f'trust-anchors {{\n. initial-key {revoked[:8]}"{revoked[8:]}";\n}};'
    reading = told(text)
    assert [(held.hold, held.line) for held in reading.held] == [(Hold.IGNORED, 2)]
    assert [(note.finding.check.id, note.line) for note in reading.notes] == [("audit.ignored", 2)]


def test_a_file_that_a_package_names_may_come_from_another_one() -> None:
    """Debian's bind9 names the hints of dns-root-data."""
    for root, inside, there in [("bind9.deb", True, True), ("image.tar", True, False)]:
        main = File(Location(root, "etc/bind/named.conf", inside=inside), b"")
        configuration = Configuration(main, MemoryFiles({}))
        assert configuration.has_file("/usr/share/dns/root.hints") is there
        assert not configuration.has_file("")
