"""What the PowerDNS recursor does when it is started, as tried on 4.8.8 and 5.4."""

from __future__ import annotations

import pytest

from anchors.consumers.files import Location
from anchors.consumers.loading import Loaded
from anchors.consumers.pdns import CONSUMER, SETTINGS
from anchors.consumers.pdns.loading import load as load_found
from anchors.consumers.reading import Compiled, Hold, Kind, Place, Reading, Role, Syntax
from tests.unit.consumers.trees import AT, DS17, DS24, MemoryFiles, load, messages, tags

CONF, LUA, YAML = (f"etc/powerdns/recursor.{ending}" for ending in ("conf", "lua", "yml"))
A17, A24 = f". IN DS {DS17}\n", f". IN DS {DS24}\n"
ADD17, ADD24 = f'addTA(".", "{DS17}")\n', f'addTA(".", "{DS24}")\n'
NAMED = f"lua-config-file=/{LUA}\n"
FILES = {
    "k/a": A17,
    "k/b": A24,
    "k/both": A17 + A24,
    "k/included": f"$INCLUDE b\n{A17}",
    "k/bom": "\ufeff" + A17 + A24,
    "k/crlf": (A17 + A24).replace("\n", "\r\n"),
    "k/ends": f"{A17.strip()} \v\r\r\n \t\x1a\r\n{A24.strip()}\x1a",
    "k/remark": f"# a remark\n{A17}",
    "k/signed": f"{A17}. RRSIG DNSKEY 8 0 1 20300101000000 20200101000000 20326 . AAAA\n",
    "k/mnemonic": f". IN DS {DS17.replace(' 2 ', ' SHA-256 ')}\n",
    "k/generic": f". IN TYPE43 \\# 36 4F660802{DS17.split()[-1]}\n",
    "k/prose": "what is this\n",
    "k/empty": "",
    "k/more.lua": f'clearTA(".") {ADD24}',
}


def listed(*records: str, tag: str = "") -> str:
    rows = "".join(f"    - {one}\n" for one in records)
    return f"dnssec:\n  trustanchors:{tag}\n  - name: .\n    dsrecords:\n{rows}"


def start(text: str, **more: str) -> Loaded:
    """The recursor with this Lua, or with this YAML; ``more``: parts of its settings, by name."""
    is_yaml = text.startswith(("dnssec", "recursor"))
    tree = {YAML: text} if is_yaml else {CONF: NAMED, LUA: text}
    parts = {f"etc/powerdns/recursor.d/{name}": content for name, content in more.items()}
    return started({**FILES, **tree, **parts}, YAML if is_yaml else CONF)


def started(tree: dict[str, str], path: str) -> Loaded:
    """The recursor that is started with this configuration."""
    return next(one for one in load(CONSUMER, tree) if one.configuration == Location("host", path))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"clearTA() {ADD17}{ADD24}", [20326, 38696]),
        (f'clearTA("") addTA("", [[{DS24}]])', [38696]),
        (f'clearTA("\\46") addTA("\\46", "{DS24}")', [38696]),
        (f"{ADD17}clearTA() {ADD24}", [38696]),
        ('readTrustAnchorsFromFile("/k/both", 24)', [20326, 38696]),
        (f'{ADD24}readTrustAnchorsFromFile("/k/a")', [20326]),
        (f'readTrustAnchorsFromFile("/k/b") {ADD24}', [38696]),
        ('readTrustAnchorsFromFile("/k/a") readTrustAnchorsFromFile("/k/b")', [38696]),
        ('readTrustAnchorsFromFile("/k/included")', [20326, 38696]),
        ('readTrustAnchorsFromFile("/k/bom")', [38696]),
        ('readTrustAnchorsFromFile("/k/crlf")', [20326, 38696]),
        ('readTrustAnchorsFromFile("/k/ends")', [20326, 38696]),
        ('readTrustAnchorsFromFile("/k/signed")', [20326]),
        ('dofile("/k/more.lua")', [38696]),
        (listed(DS17, DS24), [20326, 38696]),
        (f"dnssec:\n  trustanchorfile: /k/a\n{listed(DS24).partition(chr(10))[2]}", [20326]),
        ("dnssec:\n  trustanchorfile: ''\n" + listed(DS24).partition("\n")[2], [38696]),
        (f"dnssec:\n  trustanchors:\n  - dsrecords: ['{DS24}']\n", [38696]),
    ],
)
def test_the_anchors_that_are_left_at_the_end(text: str, expected: list[int]) -> None:
    loaded = start(text)
    assert (loaded.starts, loaded.validates) == (True, True)
    assert sorted(tags(loaded)) == expected
    assert loaded.built_in is None


@pytest.mark.parametrize(
    "text",
    [
        "-- x\n",
        ADD17,
        f'addTA("example", "{DS17}")',
        "dnssec: {}\n",
        "recursor:\n  threads: 2\n",
        "dnssec:\n  trustanchors: []\n",
        f"{ADD17}clearTA('example')",
    ],
)
def test_the_built_in_keys_stay_where_nothing_takes_them_away(text: str) -> None:
    loaded = start(text)
    assert (loaded.starts, loaded.validates) == (True, True)
    assert loaded.built_in is not None
    assert loaded.built_in.program == "pdns_recursor"


def test_the_keys_of_the_program_stand_for_the_built_in_ones() -> None:
    digest = bytes.fromhex(DS17.split()[-1])
    content = Syntax("program or source", Kind.CONTENT)
    program = Reading(content, compiled=Compiled((digest,)))
    settings = Reading(SETTINGS)
    found = [
        Place(Location("host", CONF), settings, content=b"quiet=yes\n"),
        Place(Location("host", "usr/sbin/pdns_recursor"), program),
    ]
    (loaded,) = load_found(found, MemoryFiles({}), AT)
    assert loaded.built_in is None
    assert tags(loaded) == [20326]
    assert loaded.used[-1].role is Role.PROGRAM


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f'addTA(".", {{"{DS17}"}})', (LUA, 1)),
        ('\nclearTA({"."})', (LUA, 2)),
        ('addTA(".")', (LUA, 1)),
        ('addTA(".", "20326 RSASHA256 2 00")', (LUA, 1)),
        ('readTrustAnchorsFromFile("/k/none")', (LUA, 1)),
        ('readTrustAnchorsFromFile("/k/mnemonic")', ("k/mnemonic", 1)),
        ('readTrustAnchorsFromFile("/k/generic")', ("k/generic", 1)),
        ('readTrustAnchorsFromFile("/k/prose")', ("k/prose", 1)),
        ('readTrustAnchorsFromFile("/k/remark")', ("k/remark", 1)),
        ('dofile("/k/none")', (LUA, 1)),
        (f"{ADD17}\n// a remark\n", (LUA, 3)),
        ("f(1 2)", (LUA, 1)),
        ("dnssec:\n  validation: Validate\n", (YAML, 2)),
        ("dnssec:\n  trustanchorfile: /k/none\n", (YAML, 2)),
        (f"{listed(DS17)}recursor:\n  lua_config_file: /k/more.lua\n", (YAML, 7)),
        ("dnssec:\n  trustanchorfile: /k/a\nrecursor: {lua_config_file: /k/more.lua}\n", (YAML, 3)),
        ("recursor:\n  lua_config_file: /k/none\n", (YAML, 2)),
        ("recursor:\n  include_dir: /etc/none\n", (YAML, 2)),
        (f"recursor:\n  lua_config_file: /{LUA}x\n", (YAML, 2)),
    ],
)
def test_the_program_does_not_start(text: str, where: tuple[str, int]) -> None:
    loaded = start(text)
    assert loaded.starts is False
    refusals = [
        (location.path, note.line)
        for location, note in loaded.notes
        if note.finding.check.id == "audit.refused"
    ]
    assert refusals == [where]


@pytest.mark.parametrize(
    ("settings", "starts", "validates"),
    [
        ("quiet=yes\n", True, True),
        ("dnssec=validate # x\n", True, True),
        ("dnssec=process\n", True, True),
        ("dnssec=log-fail\n", True, True),
        ("dnssec=off\n", True, False),
        ("dnssec = process-no-validate\n", True, False),
        ("dnssec=off\ndnssec=validate\n", True, True),
        ("dnssec=validate\nallow-trust-anchor-query=yes\n", True, True),
        ("allow-trust-anchors-query=yes\n", False, None),
        ("dnssec=OFF\n", False, None),
        ("dnssec=validate#x\n", False, None),
        ("\ufeffdnssec=validate\n", False, None),
        ("--dnssec=validate\n", False, None),
        ("dnssec+=validate\n", False, None),
        ("lua-config-file=/etc/powerdns/none\n", False, None),
        ("lua-config-file=\\\n/k/more.lua\n", True, True),
        ("lua-config-file=/srv/elsewhere.lua\n", None, None),
        ("include-dir=/etc/none\n", False, None),
        ("include-dir=/etc/powerdns/recursor.d\ndnssec=off\n", True, True),
        ("max-signature-validations-per-query=1\n", None, None),
        ("max-signature-validations-per-query=30\n", True, True),
        ("dnssec={{ mode }}\n", None, None),
    ],
)
def test_settings_of_version_4(settings: str, starts: bool | None, validates: bool | None) -> None:
    part = {"etc/powerdns/recursor.d/a.conf": "dnssec=validate\n"}
    part["etc/powerdns/recursor.d/b.txt"] = part["etc/powerdns/recursor.d/.c.conf"] = "dnssec=off\n"
    loaded = started({**FILES, CONF: settings, **part}, CONF)
    assert (loaded.starts, loaded.validates) == (starts, validates)


@pytest.mark.parametrize(
    "text",
    [
        'addNTA(".", "x")',
        'addNTA("")',
        'clearTA(".")',
        'readTrustAnchorsFromFile("/k/empty")',
        "dnssec:\n  validation: off\n",
        "dnssec:\n  validation: 'process-no-validate'\n",
        "dnssec:\n  negative_trustanchors: [{name: .}]\n",
        "dnssec:\n  trustanchors: [{name: .}]\n",
        "dnssec:\n  trustanchors: [{name: ., dsrecords: []}]\n",
    ],
)
def test_nothing_is_validated(text: str) -> None:
    loaded = start(text)
    assert (loaded.starts, loaded.validates, loaded.built_in) == (True, False, None)
    assert "validation is off" in " ".join(messages(loaded))


@pytest.mark.parametrize(
    "text", ['addNTA(".") clearNTA()', 'addNTA("") clearNTA(".")', 'addNTA("corp")']
)
def test_a_negative_anchor_that_is_taken_back_or_of_another_name(text: str) -> None:
    assert start(text).validates


@pytest.mark.parametrize(
    "text",
    [
        f'addTA(".", "{DS17[:9]}" .. x)',
        f'local a = addTA a(".", "{DS17}")',
        f'if x then addTA(".", "{DS17}") end',
        "return",
        'readTrustAnchorsFromFile("/srv/elsewhere.key")',
        'dofile("relative.lua")',
        "x = 7 // 2",
        f'readTrustAnchorsFromFile("/k/a") {ADD24}',
        "recursor:\n  config_dir: /srv\n",
        "{% include x %}",
        "dnssec:\n  trustanchorfile: /srv/elsewhere.key\n",
        "dnssec:\n  foreign: 1\n",
        "dnssec:\n  trustanchors:\n  - name: .\n    dsrecords: ['{{ ds }}']\n",
    ],
)
def test_what_is_not_known_is_undecided(text: str) -> None:
    text = f"{text} {ADD17}" if text == "return" else text
    loaded = start(text)
    assert loaded.starts is None
    assert loaded.validates is not True


def test_parts_of_yaml_go_on_with_a_list_or_override_it() -> None:
    main = f"{listed(DS17)}recursor:\n  include_dir: /etc/powerdns/recursor.d\n"
    assert sorted(tags(start(main, **{"a.yml": listed(DS24)}))) == [20326, 38696]
    assert tags(start(main, **{"a.yml": listed(DS24, tag=" !override")})) == [38696]
    assert tags(start(main, **{"a.conf": listed(DS24)})) == [20326]
    assert tags(start(main, **{"a.yml": "dnssec: {trustanchorfile: /k/b}\n"})) == [38696]
    assert start(main, **{"a.yml": "dnssec: {validation: off}\n"}).validates is False


def test_an_include_directory_that_was_not_found_leaves_the_start_open() -> None:
    main = f"{listed(DS17)}recursor:\n  include_dir: /srv/elsewhere/recursor.d\n"
    loaded = start(main)
    assert (loaded.starts, loaded.validates, tags(loaded)) == (None, True, [20326])


def test_old_names_are_refused_by_version_5() -> None:
    loaded = start(f'clearDS() addDS(".", "{DS17}")')
    told = [note.finding for _, note in loaded.notes if "from version 5 on" in note.finding.message]
    assert [finding.severity.name for finding in told] == ["WARNING", "WARNING"]
    files = {**FILES, "k/old.lua": "clearDS()\n"}
    loaded = started({**files, YAML: "recursor: {lua_config_file: /k/old.lua}\n"}, YAML)
    assert loaded.starts is False


def test_an_anchor_that_is_replaced_is_told() -> None:
    loaded = start(f'{ADD17}readTrustAnchorsFromFile("/k/b")')
    assert [held.hold for _, held in loaded.held] == [Hold.IGNORED, Hold.STATIC]
    assert messages(loaded) == [
        "it validates only for clients that set the flag AD or DO",
        "the recursor does not keep this anchor: the anchors of the file replace it",
    ]


def test_what_the_package_brings_for_others_is_no_configuration() -> None:
    read = 'readTrustAnchorsFromFile("/k/a")'
    tree = {"k/a": A17, "usr/share/pdns-recursor/lua-config/rootkeys.lua": read}
    assert load(CONSUMER, tree) == []


def test_what_debian_ships() -> None:
    rootkeys = "usr/share/pdns-recursor/lua-config/rootkeys.lua"
    tree = {
        CONF: f"config-dir=/etc/powerdns\nquiet=yes\n{NAMED}",
        LUA: f'-- Load the keys.\ndofile("/{rootkeys}")\n',
        rootkeys: 'readTrustAnchorsFromFile("/usr/share/dns/root.key")\n',
        "usr/share/dns/root.key": A17 + A24,
    }
    (loaded,) = load(CONSUMER, tree)
    assert (loaded.starts, loaded.validates, tags(loaded)) == (True, True, [20326, 38696])
    assert [used.role for used in loaded.used] == [
        *(Role.CONFIGURATION, Role.INCLUDE, Role.INCLUDE, Role.STATIC),
    ]


def test_a_byte_order_mark_before_yaml_leaves_the_start_open() -> None:
    """5.4.9 takes one before a block, and says "more than one document" before a flow."""
    loaded = started({**FILES, YAML: "\ufeffdnssec: {trustanchorfile: /k/b}\n"}, YAML)
    assert loaded.starts is None


def test_what_version_4_clears_comes_back_after_a_day() -> None:
    text = 'readTrustAnchorsFromFile("/k/both") clearTA(".")'

    loaded = start(text)

    assert (loaded.starts, loaded.validates) == (None, None)
    (note,) = [note for _, note in loaded.notes if note.finding.check.id == "audit.malformed"]
    assert "read again after a day" in str(note.finding.got)
    beside = {**FILES, YAML: f"recursor:\n  lua_config_file: /{LUA}\n", LUA: text}
    assert tags(started(beside, YAML)) == [20326, 38696]
