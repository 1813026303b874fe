"""What Knot Resolver does when it is started, as tried on kresd 5.6.0 and 6.5."""

from __future__ import annotations

import pytest

from anchors.consumers.files import Location, Status
from anchors.consumers.knot import CONSUMER
from anchors.consumers.loading import Loaded
from anchors.consumers.reading import Hold, Role
from anchors.core.checks import Check
from tests.unit.consumers.trees import DS17, DS24, Owned, load, messages, tags

CONF, YAML = "etc/knot-resolver/kresd.conf", "etc/knot-resolver/config.yaml"
A17, A24 = f". IN DS {DS17}\n", f". IN DS {DS24}\n"
DEFAULT = "usr/share/dns/root.key"
PROGRAM = {
    "usr/lib/knot-resolver/sandbox.lua": f"trust_anchors.add_file('/{DEFAULT}', true)\n",
    DEFAULT: A17 + A24,
}


def start(text: str, **more: str | Owned) -> Loaded:
    """The resolver of a machine; ``more``: key files in /k, by name."""
    path = YAML if text.startswith(("dnssec", "lua", "workers")) else CONF
    files = {f"k/{name}": content for name, content in more.items()}
    found = load(CONSUMER, {**PROGRAM, path: text, **files})
    return next(one for one in found if one.configuration == Location("host", path))


def refusal(loaded: Loaded) -> tuple[str, int | None]:
    """The file and line of the one failure."""
    ((location, note),) = [
        (location, note)
        for location, note in loaded.notes
        if note.finding.check.id in {"audit.refused", "audit.not-writable"}
    ]
    return location.path, note.line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("net.ipv6 = false\n", [20326, 38696]),
        (f"trust_anchors.add('{A17.strip()}')\n", [20326]),
        (f"trust_anchors.add('. DS {DS17}') trust_anchors.add('. DS {DS24}')\n", [38696]),
        (f"trust_anchors.add([[\n{A17}{A24}]])\n", [20326, 38696]),
        ("trust_anchors.add_file('/k/a', true)\n", [20326]),
        ("trust_anchors.add_file('/k/a', true) trust_anchors.add_file('/k/b', 1)\n", [38696]),
        (f"trust_anchors.add_file('/k/a', true) trust_anchors.add('. DS {DS24}')\n", [38696]),
        (f"trust_anchors.add('. DS {DS24}') trust_anchors.add_file('/k/a')\n", [20326]),
        (f"trust_anchors.add('example. DS {DS24}')\n", [20326, 38696]),
        (f"trust_anchors.remove('.') trust_anchors.add('. DS {DS24}')\n", [38696]),
        ("dofile('/k/lua')\n", [38696]),
        (f"do trust_anchors.add [==[. DS {DS24}]==] end\n", [38696]),
        (f"trust_anchors.add('\\46 DS {DS17}\\n. DS {DS24}')\n", [20326, 38696]),
        ("workers: 2\n", [20326, 38696]),
        (f"dnssec:\n  trust-anchors: ['. DS {DS17}', '. DS {DS24}']\n", [38696]),
        ((f"dnssec:\n  trust-anchors: ['. DS {DS24}']\n  trust-anchors-files:\n"
         "  - {file: /k/a, read-only: true}\n"), [20326]),
        (f"lua:\n  script: trust_anchors.add('. DS {DS17}')\n", [20326]),
        (f"dnssec:\n  trust-anchors: ['. DS {DS24}']\nlua: {{script-only: true}}\n",
         [20326, 38696]),
    ],
)  # fmt: skip
def test_the_last_anchors_of_the_root_count(text: str, expected: list[int]) -> None:
    lua = f"trust_anchors.add('. DS {DS24}')"
    loaded = start(text, a=A17, b=A24, lua=lua)
    assert (loaded.starts, loaded.validates) == (True, True)
    assert tags(loaded) == expected


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("trust_anchors.set_insecure({'a', '.'})\n", (CONF, 1)),
        ("-- x\ntrust_anchors.config('/k/a', true)\n", (CONF, 2)),
        ("trust_anchors.keyfile_default = nil\n", (CONF, 1)),
        ("trust_anchors.add_file('/k/none', true)\n", (CONF, 1)),
        ("trust_anchors.add_file('/k/none')\n", (CONF, 1)),
        (f"trust_anchors.add_file('/k/a')\ntrust_anchors.add('. DS {DS24}')\n", (CONF, 2)),
        ("trust_anchors.add('')\n", (CONF, 1)),
        ("trust_anchors.add(5)\n", (CONF, 1)),
        (f"trust_anchors.add([[\n. DS {DS17} ; Revoked:1]])\n", (CONF, 2)),
        ("trust_anchors.add_file('/k/bom', true)\n", ("k/bom", 1)),
        ("trust_anchors.add_file('/k/crlf', true)\n", ("k/crlf", 1)),
        ("trust_anchors.add_file('/k/signed', true)\n", ("k/signed", 2)),
        ("trust_anchors.add_file('/k/two', true)\n", ("k/two", 2)),
        ("trust_anchors.add_file('/k/empty')\n", ("k/empty", 1)),
        ("trust_anchors.add_file('/root/keys')\n", (CONF, 1)),
        ("dofile('/k/none.lua')\n", (CONF, 1)),
        ("dnssec:\n  negative-trust-anchors: [.]\n", (YAML, 2)),
        ("dnssec:\n  trust-anchors-files:\n  - file: /k/none\n", (YAML, 3)),
        ("dnssec:\n  trust_anchors: []\n", (YAML, 2)),
        ("dnssec:\n  trust-anchors: x\n", (YAML, 2)),
        ("dnssec:\n  enable: 'no'\n", (YAML, 2)),
    ],
)
def test_the_program_does_not_start(text: str, where: tuple[str, int]) -> None:
    loaded = (
        start(
            text,
            a=A17,
            bom="\ufeff" + A17,
            crlf=A17.replace("\n", "\r\n"),
            signed=f"{A17}. RRSIG DNSKEY 8 0 1 20300101000000 20200101000000 20326 . AAAA\n",
            two=f"{A17}example. DS {DS24}\n",
            empty="",
            **{"../root/keys": A17},
        )
        if "root/keys" not in text
        else unwritable(text)
    )
    assert loaded.starts is False
    assert refusal(loaded) == where


@pytest.mark.parametrize(
    ("path", "text", "got"),
    [
        ("kresd.conf", "trust_anchors.remove('.')\n", "trust_anchors.remove('.')"),
        ("config.yaml", "dnssec:\n  enable: false\n", "enable: false"),
    ],
)
def test_what_switches_validation_off_is_told_as_it_stands_there(
    path: str, text: str, got: str
) -> None:
    (resolver,) = load(CONSUMER, {f"etc/knot-resolver/{path}": text})
    (finding,) = [
        note.finding for _, note in resolver.notes if note.finding.check is Check.AUDIT_VALIDATION
    ]
    assert (finding.got, finding.message) == (got, f"validation is off: {got}")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("cache.open(1)\n// a remark\n", (CONF, 2)),
        ("net.ipv6 = false\n\n# a remark\n", (CONF, 3)),
        ("net.ipv6 = false\r\nf(1 2)\r\n", (CONF, 2)),
        ("net.ipv6 = 'false\n", (CONF, 1)),
        ("dofile('/k/broken')\n", ("k/broken", 2)),
    ],
)
def test_what_is_no_lua_ends_the_program(text: str, where: tuple[str, int]) -> None:
    loaded = start(text, broken="-- x\nf(x y)\n")
    assert (loaded.starts, refusal(loaded)) == (False, where)


def test_what_is_no_lua_and_has_another_name_may_be_no_configuration() -> None:
    text = f"trust_anchors.add('. DS {DS17}')\n// a remark\n"
    (loaded,) = load(CONSUMER, {**PROGRAM, "srv/page.txt": text})
    assert loaded.starts is None


def unwritable(text: str) -> Loaded:
    root = Owned(None, Status(0o40755, 0, 0))
    (loaded,) = load(CONSUMER, {**PROGRAM, CONF: text, "root": root, "root/keys": A17})
    return loaded


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("-- x\ntrust_anchors.remove('.')\n", 2),
        ("trust_anchors.remove('.')\ntrust_anchors.set_insecure({'.'})\n", 2),
        ((f"trust_anchors.remove('.') trust_anchors.set_insecure{{'.'}}\n"
         f"trust_anchors.add('. DS {DS17}')\n"), 1),
        ("policy.add(policy.all(policy.STUB('192.0.2.1')))\n", 1),
        ("dnssec:\n  sentinel: true\n  enable: false\n", 3),
        ("dnssec:\n  enable: no\n  negative-trust-anchors: [.]\n", 2),
    ],
)  # fmt: skip
def test_nothing_is_validated(text: str, line: int) -> None:
    loaded = start(text)
    assert (loaded.starts, loaded.validates) == (True, False)
    assert [note.line for _, note in loaded.notes] == [line]


@pytest.mark.parametrize(
    "text",
    [
        f"trust_anchors.add('. DS ' .. '{DS17}')\n",
        f"trust_anchors['add']('. DS {DS17}')\n",
        f"local ta = trust_anchors ta.add('. DS {DS17}')\n",
        f"if x then trust_anchors.add('. DS {DS17}') end\n",
        "trust_anchors.set_insecure({x = '.'})\n",
        "dofile(x)\n",
        "dofile('/opt/elsewhere/x.lua')\n",
        "trust_anchors.add_file('/var/lib/elsewhere/root.keys', true)\n",
        f"{{% if x %}}\ntrust_anchors.add('. DS {DS17}')\n{{% endif %}}\n",
        "lua:\n  script-file: /k/lua\n",
        "dnssec: false\n",
        "workers: 2\nforeign: 1\n",
        "workers: 2\nnetwork: {listen: [{interface: 127.0.0.1}, {interface: 127.0.0.1}]}\n",
        "dofile('/k/self')\n",
        "x = 7 // 2\n",
        "x = 7 & 2\n",
    ],
)
def test_what_is_not_known_is_undecided(text: str) -> None:
    loaded = start(text, lua="-- x\n", self="dofile('/k/self')\n")
    assert loaded.starts is None
    assert loaded.validates is not True
    assert messages(loaded)


def test_a_managed_file_follows_and_keeps_its_states() -> None:
    state = f"{A17.strip()} ; Valid: ; KeyTag:1\n; {A24.strip()} ; AddPend:1900000000 ; KeyTag:2\n"
    loaded = start("trust_anchors.add_file('/k/a')\n", a=state)
    assert loaded.follows
    assert tags(loaded) == [20326]
    assert [held.hold for _, held in loaded.held] == [Hold.STATE] * 2
    assert loaded.used[1].role is Role.MANAGED
    assert start("trust_anchors.add_file('/k/a')\n", a=A17).held[0][1].hold is Hold.SEED
    text = "modules.unload('ta_update')\n"
    assert not start(f"trust_anchors.add_file('/k/a')\n{text}", a=A17).follows
    assert not start("trust_anchors.add_file('/k/a', true)\n", a=A17).follows


def test_what_comes_behind_a_line_that_cannot_be_read_does_not_count() -> None:
    loaded = start("trust_anchors.add_file('/k/a', true)\n", a=f"{A17}what is this\n{A24}")
    assert loaded.starts
    assert tags(loaded) == [20326]
    assert [(location.path, note.line) for location, note in loaded.notes] == [("k/a", 2)]


def test_a_replaced_anchor_is_told_and_the_default_is_not() -> None:
    loaded = start(f"trust_anchors.add('. DS {DS17}')\ntrust_anchors.add('. DS {DS24}')\n")
    assert [note.line for _, note in loaded.notes] == [1]
    assert [held.hold for _, held in loaded.held] == [Hold.IGNORED, Hold.STATIC]
    assert [used.location.path for used in loaded.used] == [CONF]


@pytest.mark.parametrize("content", [None, "", "\ufeff" + A17])
def test_without_the_key_file_of_the_package_nothing_starts(content: str | None) -> None:
    tree = {**PROGRAM, CONF: f"trust_anchors.add('. DS {DS24}')\n", "usr/share/dns/x": ""}
    tree[DEFAULT] = content or ""
    if content is None:
        del tree[DEFAULT]
    (loaded,) = load(CONSUMER, tree)
    assert loaded.starts is False


def test_without_the_program_the_one_file_of_a_distribution_is_its_default() -> None:
    (loaded,) = load(CONSUMER, {CONF: "-- x\n", "var/lib/knot-resolver/root.keys": A17})
    assert tags(loaded) == [20326]
    (loaded,) = load(CONSUMER, {CONF: "-- x\n"})
    assert loaded.starts is None


def test_without_the_program_nobody_can_tell_whether_a_managed_file_is_fetched() -> None:
    tree = {CONF: "trust_anchors.add_file('/k/none')\n", "k/a": A17}
    (loaded,) = load(CONSUMER, tree)
    assert (loaded.starts, loaded.validates) == (None, None)
    assert "fetches the anchors" in messages(loaded)[0]


def test_a_state_that_no_configuration_names_is_somebodys() -> None:
    state = f"{A17.strip()} ; Valid: ; KeyTag:20326\n"
    (loaded,) = load(CONSUMER, {"var/lib/kresd/root.keys": state})
    assert (loaded.configuration, loaded.follows, tags(loaded)) == (None, True, [20326])


def test_the_states_of_another_program_are_comments() -> None:
    """Unbound's state: kresd holds the key that Unbound does not trust yet."""
    state = f"{A17.strip()} ;;state=2 [  VALID  ]\n{A24.strip()} ;;state=1 [ ADDPEND ]\n"
    assert tags(start("trust_anchors.add_file('/k/a', true)\n", a=state)) == [20326, 38696]


def test_a_directory_of_its_own_that_is_roots_leaves_open_whether_it_starts() -> None:
    own = "var/lib/knot-resolver"

    def starts(uid: int) -> bool | None:
        folder = Owned(None, Status(0o40755, uid, uid))
        (loaded,) = load(CONSUMER, {**PROGRAM, CONF: "net.ipv6 = false\n", own: folder})
        return loaded.starts

    assert starts(0) is None
    assert starts(100)
