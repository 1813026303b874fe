"""What named does with a root file system: the answers of BIND 9.18.49 and 9.20.30, tried."""

from __future__ import annotations

import time

import pytest

from anchors.consumers.bind import CONSUMER
from anchors.consumers.files import Location, Status
from anchors.consumers.loading import Loaded
from anchors.consumers.reading import Compiled, Hold, Kind, Place, Reading, Role, Syntax
from anchors.core.found import FoundDs
from tests.simulator.ksk import KSK_2017, KSK_2024, Ksk
from tests.unit.consumers.trees import AT, MemoryFiles, Owned, load, messages, tags

Tree = dict[str, bytes | str | Owned]

D17, D24 = KSK_2017.digest(), KSK_2024.digest()
MAIN = "etc/bind/named.conf"


def entry(keyword: str, tag: int = 20326, owner: str = ".") -> str:
    return f'{owner} {keyword} {tag} 8 2 "{D17 if tag == 20326 else D24}";'


def block(*entries: str, statement: str = "trust-anchors") -> str:
    return f"{statement} {{ {' '.join(entries)} }};\n"


OLD, NEW = block(entry("initial-ds")), block(entry("initial-ds", 38696))
BOTH = block(entry("initial-ds"), entry("initial-ds", 38696))
STATIC = block(entry("static-ds"))
# A directory that lies in /, and so is on every system.
HERE = 'directory "/named";'
AUTO, YES = "dnssec-validation auto;", "dnssec-validation yes;"
BOOKWORM = {"usr/lib/x86_64-linux-gnu/libdns-9.18.49-1~deb12u3-Debian.so": b"\x7fELF"}
SID = {"usr/lib/x86_64-linux-gnu/libdns-9.20.30-1-Debian.so": b"\x7fELF"}


def conf(options: str = "", rest: str = "", **more: str | bytes | Owned) -> Tree:
    """A named.conf with these options, and other files by their names below /etc/bind."""
    tree: Tree = {MAIN: f'options {{ directory "/var/cache/bind"; {options} }};\n{rest}'}
    tree["var/cache/bind"] = Owned(None, Status(0o40755, 101, 101))
    return tree | {f"etc/bind/{name}": content for name, content in more.items()}


def started(tree: Tree) -> Loaded:
    found = [one for one in load(CONSUMER, tree) if one.configuration is not None]
    (main,) = [one for one in found if one.configuration and one.configuration.path == MAIN]
    return main


def test_auto_means_the_keys_of_the_program() -> None:
    for options in (AUTO, "", "dnssec-validation AUTO;"):
        named = started(conf(options))
        assert (named.starts, named.validates, named.follows) == (True, True, True)
        assert tags(named) == []
        assert named.built_in is not None
        assert "9.18.32" in named.built_in.lacking
        assert messages(named) == []


@pytest.mark.parametrize("options", [AUTO, ""])
def test_the_keys_of_the_program_come_beside_initial_ones(options: str) -> None:
    named = started(conf(options, OLD))
    assert tags(named) == [20326]
    assert named.built_in is not None


def test_the_program_is_found_with_its_keys() -> None:
    syntax = Syntax("program or source", Kind.CONTENT)
    digests = tuple(map(bytes.fromhex, (D17, D24)))
    program = Location("host", "usr/sbin/named")
    compiled = Place(program, Reading(syntax, compiled=Compiled(digests)))
    files = MemoryFiles(conf(AUTO))
    content = files.entries[MAIN].content
    assert CONSUMER.loader is not None
    main = Place(Location("host", MAIN), None, content=content)
    (named,) = CONSUMER.loader.load()([compiled, main], files, AT)
    assert named.built_in is None
    (used,) = [one for one in named.used if one.role is Role.PROGRAM]
    assert used.location == program
    assert [held.anchor for held in used.held] == [
        FoundDs(20326, 8, 2, digests[0]),
        FoundDs(38696, 8, 2, digests[1]),
    ]


@pytest.mark.parametrize(
    ("options", "rest", "line"),
    [
        (AUTO, STATIC, 2),
        (YES, f"{OLD}{STATIC}", 3),
        ("dnssec-validation no;", f"{STATIC}{OLD}", 2),
        (YES, f"{BOTH}{block(entry('initial-ds', owner='e'), entry('static-ds', owner='E.'))}", 3),
        (YES, f"{STATIC}view a {{\n{NEW} }};", 2),
        (YES, f"{BOTH}managed-keys {{ {entry('initial-ds')} }};", 3),
        (YES, block(entry("initial-ds").replace('"', "")), 2),
        (YES, block(entry("initial-ds").replace(" 8 2", " 8 9")), 2),
        (YES, block(entry("initial-ds", owner="e").replace(" 8 2", " 8 9")) + BOTH, 2),
        (YES, block(entry("initial-ds").replace(D17, D17[:-2])), 2),
        (YES, f"{BOTH};", 3),
        (YES, BOTH.rstrip().rstrip(";"), 2),
        (YES, f"builtin-{BOTH}", 2),
        (YES, f"{BOTH}options {{ }};", 3),
        (f"{YES} {YES}", BOTH, 1),
        ("dnssec-validation maybe;", BOTH, 1),
        ("directory /tmp;", BOTH, 1),
        (YES, f"{BOTH}. IN DS 1 8 2 AB;", 3),
        (YES, f'{BOTH}view a {{ }};\nview "a" {{ }};', 4),
        (YES, f'{BOTH}include "/etc/bind/none";', 3),
        (YES, f'{BOTH}include "/etc/bind/none*";', 3),
        (YES, f'{BOTH}include "/etc/bind";', 3),
        (YES, f"{BOTH}include /etc/bind/none;", 3),
        ('disable-algorithms "." { RSASHA256; };', BOTH, 1),
    ],
)
def test_named_does_not_start_with(options: str, rest: str, line: int) -> None:
    named = started(conf(options, rest))
    assert named.starts is False
    (note,) = [note for _, note in named.notes if note.finding.check.id == "audit.refused"]
    assert note.finding.message.startswith("named does not start: ")
    assert note.line == line


@pytest.mark.parametrize(
    ("options", "rest", "expected"),
    [
        (YES, BOTH, [20326, 38696]),
        (YES, STATIC, [20326]),
        (YES, f"{block(entry('static-ds', 38696))}trusted-keys {{ }};", [38696]),
        (YES, block(entry("initial-ds", owner="@")), [20326]),
        (YES, f"{BOTH}/* x */ // y\n# z\n", [20326, 38696]),
        # The check is of the written word.
        ("", STATIC, [20326]),
        (AUTO, f"view a {{ {YES} {STATIC} }};", [20326]),
        # What is above a limit of an algorithm that BIND lacks is left out.
        (YES, f"{NEW}{block(entry('initial-ds').replace(' 8 2', ' 99 2'))}", [38696]),
        (f"{YES} listen-on {{ any; }}; allow-query {{{{ any; }}; }};", BOTH, [20326, 38696]),
    ],
)
def test_named_starts_and_holds(options: str, rest: str, expected: list[int]) -> None:
    named = started(conf(options, rest))
    assert named.starts is True
    assert named.validates is True
    assert tags(named) == expected


def test_yes_without_anchors_validates_nothing_and_newer_versions_do_not_start() -> None:
    tree = conf(YES)
    named = started(tree | BOOKWORM)
    assert (named.starts, named.validates) == (True, False)
    assert [note.finding.check.id for _, note in named.notes] == ["audit.validation"]
    assert started(tree).starts is None
    assert started(tree | SID).starts is False
    # An empty statement is one.
    empty = started(conf(YES, "trust-anchors { };") | SID)
    assert (empty.starts, empty.validates) == (True, False)


def test_initial_anchors_follow_a_roll_with_yes_up_to_9_18() -> None:
    tree = conf(YES, BOTH)
    follows = [started(tree | more).follows for more in ({}, BOOKWORM, SID)]
    assert follows == [None, True, False]
    assert started(conf(AUTO, BOTH) | SID).follows is True
    assert started(conf(YES, STATIC) | BOOKWORM).follows is False


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("dnssec-validation no;", "validation is off: dnssec-validation no"),
        ("dnssec-validation 0;", "validation is off: dnssec-validation 0"),
        (f'{YES} validate-except {{ "a"; "."; }};', "validation is off: validate-except ."),
        (
            f'{YES} disable-algorithms "." {{ RSASHA256; }};',
            "validation is off: disable-algorithms",
        ),
    ],
)
def test_what_switches_validation_off(options: str, message: str) -> None:
    named = started(conf(options, BOTH))
    assert (named.starts, named.validates) == (True, False)
    (told,) = messages(named)
    assert told.startswith(message)


def test_who_does_not_recurse_has_nothing_to_validate() -> None:
    named = started(conf("recursion no; dnssec-validation no;", BOTH))
    assert (named.validates, messages(named)) == (False, [])
    assert started(conf("recursion no;", BOTH)).validates is True


def test_a_disabled_digest_type_fails_every_name() -> None:
    named = started(conf(f'{YES} disable-ds-digests "." {{ SHA-256; }};', BOTH))
    assert [note.finding.severity.name for _, note in named.notes] == ["FAILURE"]
    other = started(conf(f'{YES} disable-ds-digests "com" {{ SHA-256; }};', BOTH))
    assert messages(other) == []


@pytest.mark.parametrize("option", ["dnssec-enable yes;", "dnssec-validaton auto;"])
def test_an_option_that_is_unknown_or_gone(option: str) -> None:
    tree = conf(option, BOTH)
    starts = [started(tree | more).starts for more in ({}, BOOKWORM, SID)]
    assert starts == [None, False, False]


class TestBindkeys:
    """The bindkeys-file, and the one that is taken where none is named."""

    NAMED = f'{AUTO} bindkeys-file "/etc/bind/my.keys";'

    def test_replaces_the_keys_of_the_program_with_auto(self) -> None:
        named = started(conf(self.NAMED, **{"my.keys": OLD}))
        assert (tags(named), named.built_in) == ([20326], None)
        assert [one.role for one in named.used] == [Role.CONFIGURATION, Role.SEED]

    def test_comes_beside_what_the_configuration_has(self) -> None:
        assert tags(started(conf(self.NAMED, NEW, **{"my.keys": OLD}))) == [38696, 20326]

    @pytest.mark.parametrize(
        "content",
        ["", "# x\n", OLD.replace('"', ""), f"options {{ }};\n{OLD}", f"builtin-{OLD}", "; x\n",
         f"\ufeff{OLD}", block(entry("initial-ds"), statement="managed-keys"),
         f'{OLD}include "/etc/bind/none";', OLD.rstrip().rstrip(";")],
    )  # fmt: skip
    def test_that_cannot_be_read_is_no_fault_for_named(self, content: str) -> None:
        named = started(conf(self.NAMED, **{"my.keys": content}))
        assert (named.starts, tags(named)) == (True, [])
        assert named.built_in is not None
        assert len(messages(named)) == 1

    @pytest.mark.parametrize(
        "content",
        [block(entry("initial-ds", owner="e")), OLD.replace(D17, D17[2:]), "trust-anchors { };",
         OLD.replace("20326", "70000"), OLD.replace(" 8 2", " 99 2"),
         f"{OLD}{block(entry('initial-ds', owner='e').replace(' 8 2', ' 8 9'))}"],
    )  # fmt: skip
    def test_that_is_refused_all_the_same(self, content: str) -> None:
        named = started(conf(self.NAMED, **{"my.keys": content}))
        assert named.starts is False
        assert {place.path for place, _ in named.notes} == {"etc/bind/my.keys"}

    def test_may_hold_static_anchors_and_makes_all_static(self) -> None:
        named = started(conf(self.NAMED, NEW, **{"my.keys": STATIC}))
        assert (named.starts, named.follows) == (True, False)
        assert {held.hold for _, held in named.held} == {Hold.STATIC}

    def test_may_include(self) -> None:
        tree = conf(self.NAMED, **{"my.keys": 'include "/etc/bind/k";', "k": OLD})
        assert started(tree).built_in is None

    def test_is_not_used_with_yes(self) -> None:
        options = self.NAMED.replace(AUTO, YES)
        named = started(conf(options, BOTH, **{"my.keys": OLD}))
        assert tags(named) == [20326, 38696]
        assert [note.finding.severity.name for _, note in named.notes] == ["NOTICE"]
        assert started(conf(options, BOTH, **{"my.keys": "x"})).starts is True

    def test_is_looked_for_beside_the_configuration_up_to_9_18(self) -> None:
        tree = conf(AUTO, **{"bind.keys": OLD})
        assert [tags(started(tree | more)) for more in ({}, BOOKWORM, SID)] == [
            [20326],
            [20326],
            [],
        ]
        assert started(tree | SID).built_in is not None

    def test_that_was_not_found_is_undecided(self) -> None:
        named = started(conf(f'{AUTO} bindkeys-file "/srv/x/my.keys";'))
        assert [note.finding.check.id for _, note in named.notes] == ["audit.not-followed"]


@pytest.mark.parametrize("name", ["etc/bind.keys", "usr/local/etc/namedb/bind.keys"])
@pytest.mark.parametrize("statement", ["trust-anchors", "managed-keys", "builtin-trust-anchors"])
def test_a_loose_bind_keys_is_what_named_takes_by_itself(name: str, statement: str) -> None:
    (named,) = load(CONSUMER, {name: block(entry("initial-ds"), statement=statement)})
    assert named.configuration is None
    assert [(one.location.path, one.role) for one in named.used] == [(name, Role.SEED)]
    assert (tags(named), named.starts, named.follows) == ([20326], True, True)


def test_a_loose_bind_keys_that_is_cut_off_is_undecided() -> None:
    (named,) = load(CONSUMER, {"bind.keys": OLD[:40]})
    assert (named.starts, named.validates) == (None, None)
    assert [note.finding.check.id for _, note in named.notes] == ["audit.malformed"]


class TestInclude:
    """Includes are read as if they stood there."""

    def test_of_a_zone_file_is_refused_where_it_stands(self) -> None:
        named = started(conf(YES, 'include "/etc/bind/z";', z=f". IN DS 20326 8 2 {D17}\n"))
        assert named.starts is False
        assert [(place.path, note.line) for place, note in named.notes] == [("etc/bind/z", 1)]
        assert "unknown option '.'" in messages(named)[0]

    def test_of_a_pattern_reads_all_that_it_finds(self) -> None:
        tree = conf(YES, 'include "/etc/bind/*.k";', **{"a.k": OLD, "b.k": NEW})
        named = started(tree)
        assert tags(named) == [20326, 38696]
        assert [held_at.path for held_at, _ in named.held] == ["etc/bind/a.k", "etc/bind/b.k"]
        # They are parts, and no resolvers of their own.
        assert len(load(CONSUMER, tree)) == 1

    def test_inside_a_block_belongs_to_it(self) -> None:
        tree = conf('include "/etc/bind/o";', 'view a { include "/etc/bind/k"; };', o=YES, k=BOTH)
        assert tags(started(tree)) == [20326, 38696]
        tree = conf(YES, 'trust-anchors { include "/etc/bind/k"; };', k=entry("initial-ds"))
        assert started(tree).starts is False

    @pytest.mark.parametrize(
        ("before", "after", "path"),
        [
            ('include "k";', "", "etc/bind/k"),
            ("", 'include "k";', "var/cache/bind/k"),
            # Not from the folder of the file that includes.
            ("", 'include "/etc/bind/s/one";', "var/cache/bind/k"),
        ],
    )
    def test_is_taken_from_the_directory_once_that_is_known(
        self, before: str, after: str, path: str
    ) -> None:
        options = f'options {{ directory "/var/cache/bind"; {YES} }};'
        tree: Tree = {
            MAIN: f"{before}\n{options}\n{after}",
            "etc/bind/s/one": 'include "k";',
            "var/cache/bind/x": "",
        }
        assert started(tree | {path: OLD}).starts is True
        other = "etc/bind/k" if path.startswith("var") else "var/cache/bind/k"
        assert started(tree | {other: OLD}).starts is False

    def test_that_was_not_found_is_undecided(self) -> None:
        named = started(conf(YES, 'include "/srv/x/k";'))
        assert named.starts is None
        assert [note.finding.check.id for _, note in named.notes] == ["audit.not-followed"]

    def test_of_a_folder_is_refused(self) -> None:
        named = started(conf(YES, 'include "/etc/bind/k";', k=Owned(None)))
        assert named.starts is False

    def test_of_a_template_is_undecided(self) -> None:
        named = started(conf(YES, f'include "/etc/bind/k";{BOTH}', k="{% if x %}\n"))
        assert named.starts is None
        assert [note.finding.check.id for _, note in named.notes] == ["audit.malformed"]

    @pytest.mark.parametrize("text", [OLD, ""])
    def test_in_a_circle_is_refused(self, text: str) -> None:
        tree: Tree = {
            "etc/bind/a": f'{text}include "/etc/bind/b";',
            "etc/bind/b": 'include "/etc/bind/a";include "/etc/bind/a";',
        }
        (named,) = load(CONSUMER, tree)
        assert named.starts is False
        assert [note.finding.check.id for _, note in named.notes] == ["audit.refused"]
        assert len(named.held) == bool(text)

    def test_that_fans_out_is_bounded(self) -> None:
        tree: Tree = {
            f"etc/bind/{level}/{n}": f'include "/etc/bind/{level + 1}/*";\n' if level < 9 else OLD
            for level in range(10)
            for n in range(3)
        }
        found = [*load(CONSUMER, {MAIN: 'include "/etc/bind/0/*";\n'} | tree)]
        assert {one.starts for one in found} == {None}
        assert "audit.limit" in {note.finding.check.id for _, note in found[0].notes}

    @pytest.mark.parametrize("before", ["", "view a {", "options { recursion yes; };"])
    def test_that_is_missing_hides_no_anchor_that_was_read_before(self, before: str) -> None:
        named = started(
            {MAIN: f'{before} include "/etc/bind/k"; include "/etc/bind/k2";', "etc/bind/k": OLD}
        )
        assert named.starts is False
        assert [where.path for where, _ in named.held] == ["etc/bind/k"]


@pytest.mark.parametrize("text", ["", "// nothing\n"])
def test_whether_named_starts_with_an_empty_configuration_depends_on_its_directory(
    text: str,
) -> None:
    named = started({MAIN: text})
    assert (named.starts, named.built_in is None) == (None, False)
    assert [note.finding.check.id for _, note in named.notes] == ["audit.not-writable"]


class TestViews:
    """Each view has its own anchors, and those that stand outside."""

    @pytest.mark.parametrize(
        ("rest", "a", "b"),
        [
            (f"view a {{ {OLD} }};\nview b {{ {BOTH} }};", [17], [17, 24]),
            (f'view a {{ {BOTH} }};\nview "b" IN {{ {NEW} }};', [17, 24], [24]),
            (f"{OLD}\nview a {{ {NEW} }};\nview b {{ recursion yes; }};", [17, 24], [17]),
            (f"view a {{ recursion yes; }};\nview b {{ {NEW} }};\n{OLD}", [17], [17, 24]),
            (f'view a {{ include "o"; }};\nview b {{ {NEW} }};', [17], [24]),
            (f'{NEW}view a {{ include "o"; }};\nview b {{ {OLD} }};', [17, 24], [17, 24]),
            ('include "o";\nview a { include "n"; };\nview b {};', [17, 24], [17]),
            ('view a { include "o"; include "n"; };\nview b { include "n"; };', [17, 24], [24]),
        ],
    )
    def test_have_what_stands_in_them_and_outside(
        self, rest: str, a: list[int], b: list[int]
    ) -> None:
        tree: Tree = {MAIN: f"{rest}\noptions {{ {HERE} {YES} }};"}
        tree |= {"etc/bind/o": OLD, "etc/bind/n": NEW}
        named = started(tree)
        assert named.starts is True
        assert named.views == ("a", "b")
        for view, expected in (("a", a), ("b", b)):
            held = [h for _, h in named.held if h.view in {"", view}]
            found = {getattr(h.anchor, "key_tag", 0) for h in held}
            assert sorted(found) == sorted({17: 20326, 24: 38696}[key] for key in expected)

    def test_that_are_all_alike_are_one(self) -> None:
        rest = f"{BOTH}\nview a {{ recursion yes; }};\nview b {{ recursion yes; }};"
        named = started(conf(YES, rest))
        assert (named.views, tags(named)) == ((), [20326, 38696])

    def test_have_their_own_switch(self) -> None:
        assert started(conf(YES, f"{BOTH}view a {{ dnssec-validation no; }};")).validates is False
        named = started(conf(YES, f"{BOTH}view a {{ }}; view b {{ dnssec-validation no; }};"))
        assert named.validates is False
        assert len(messages(named)) == 1

    def test_with_auto_take_the_keys_of_the_program_alone(self) -> None:
        named = started(conf(YES, f"view a {{ {AUTO} }};\nview b {{ {BOTH} }};"))
        assert named.built_in is not None
        assert {held.view for _, held in named.held} == {"b"}

    def test_of_another_class_do_not_count(self) -> None:
        named = started(conf(YES, f'view c CH {{ }};\nview "a" {{ {BOTH} }};'))
        assert tags(named) == [20326, 38696]
        assert messages(named) == []


@pytest.mark.parametrize(
    "text",
    ["view {n} {{ }};\n", '. initial-ds 20326 8 2 "' + D17 + '";\n', "options {{ }};\n", "{{", '"'],
)
def test_no_configuration_takes_long(text: str) -> None:
    """It takes seconds at most here; what grows with its square, many minutes."""
    many = "".join(text.format(n=n) for n in range((1 << 16) // len(text)))
    began = time.process_time()
    load(CONSUMER, {MAIN: many, "etc/bind/k": f"trust-anchors {{ {many} }};\n{many}"})
    load(CONSUMER, {MAIN: f"trust-anchors {{\n{many}}};\n" + "view a { };\n" * 9})
    assert time.process_time() - began < 30


def keydata(*keys: tuple[Ksk, str], placeholder: bool = False) -> str:
    unset = "19700101000000"
    text = "$ORIGIN .\n$TTL 0\n@ IN SOA . . ( 5 0 0 0 0 )\n"
    for key, since in keys:
        text += f"\tKEYDATA 20261130000000 {since} {unset} 257 3 8 ( {key.base64} )\n"
    return text + (f"\tKEYDATA {unset} {unset} {unset} 0 0 0\n" if placeholder else "")


OF_OLD = keydata((KSK_2017, "20250101000000"))
OF_BOTH = keydata((KSK_2017, "20250101000000"), (KSK_2024, "20250101000000"))
STATE = "var/cache/bind/managed-keys.bind"


class TestState:
    """The RFC 5011 state comes before the initial anchors."""

    def test_decides_alone(self) -> None:
        named = started(conf(AUTO, BOTH) | {STATE: OF_OLD})
        assert named.built_in is None
        effective = [(place.path, held.hold) for place, held in named.held if held.effective]
        assert effective == [(STATE, Hold.STATE)]
        assert (named.starts, named.validates, named.follows) == (True, True, True)
        assert len(load(CONSUMER, conf(AUTO, BOTH) | {STATE: OF_OLD})) == 1

    def test_tells_of_a_key_that_waits(self) -> None:
        state = keydata((KSK_2017, "20250101000000"), (KSK_2024, "20270101000000"))
        named = started(conf(AUTO) | {STATE: state})
        assert [held.effective for _, held in named.held] == [True, False]

    @pytest.mark.parametrize(
        "state",
        ["", "garbage here\n", OF_BOTH[:-60], f"{OF_OLD}\tCH TXT a\n", f"{OF_OLD})\n",
         keydata((KSK_2017, "20250101000000"), placeholder=True), keydata(placeholder=True)],
    )  # fmt: skip
    def test_that_cannot_be_loaded_leaves_the_initial_anchors(self, state: str) -> None:
        named = started(conf(AUTO, OLD) | {STATE: state})
        assert tags(named) == [20326]
        assert named.built_in is not None
        assert {note.finding.severity.name for _, note in named.notes} == {"NOTICE"}

    def test_is_not_read_with_static_anchors(self) -> None:
        named = started(conf(YES, STATIC) | BOOKWORM | {STATE: OF_BOTH})
        assert tags(named) == [20326]

    def test_counts_with_yes_up_to_9_18(self) -> None:
        tree = conf(YES, NEW) | {STATE: OF_OLD}
        held = [
            [held.hold for _, held in started(tree | more).held if held.effective]
            for more in (BOOKWORM, SID)
        ]
        assert held == [[Hold.STATE], [Hold.SEED]]
        assert started(tree).validates is None
        same = started(conf(YES, OLD) | {STATE: OF_OLD})
        assert same.validates is True

    def test_lies_in_the_managed_keys_directory(self) -> None:
        options = f'{AUTO} managed-keys-directory "d";'
        tree = conf(options) | {"var/cache/bind/d/managed-keys.bind": OF_OLD, STATE: OF_BOTH}
        named = started(tree)
        assert [place.path for place, _ in named.held] == ["var/cache/bind/d/managed-keys.bind"]

    @pytest.mark.parametrize(
        ("view", "name"),
        [("a", "a.mkeys"), ("a-b.c d", "a-b.c d.mkeys"), ("UPPER", "9cba1c6593a62cf5.mkeys"),
         ("Weird/Name", "4682be1b49545c70.mkeys")],
    )  # fmt: skip
    def test_of_a_view_has_its_name_or_the_hash_of_it(self, view: str, name: str) -> None:
        tree = conf(AUTO, f'view "{view}" {{ }};') | {f"var/cache/bind/{name}": OF_OLD}
        assert [place.path for place, _ in started(tree).held] == [f"var/cache/bind/{name}"]
        beside = conf(AUTO, f'view "{view}" {{ }};') | {STATE: OF_OLD}
        assert started(beside).built_in is not None

    def test_that_no_configuration_uses_is_a_resolver_of_its_own(self) -> None:
        journal = b";BIND LOG V9" + bytes(30) + b"\0\xff\xfd\0\1"
        (named,) = load(
            CONSUMER, {"x/managed-keys.bind": OF_OLD, "x/managed-keys.bind.jnl": journal}
        )
        assert named.configuration is None
        assert [one.role for one in named.used] == [Role.STATE, Role.STATE]
        assert [note.finding.severity.name for _, note in named.notes] == ["NOTICE"]
        (alone,) = load(CONSUMER, {"x/managed-keys.bind.jnl": journal})
        assert [note.finding.severity.name for _, note in alone.notes] == ["WARNING"]

    def test_has_its_journal_beside_it(self) -> None:
        journal = b";BIND LOG V9" + bytes(30) + b"\0\xff\xfd\0\1"
        tree = conf(AUTO) | {STATE: OF_OLD, f"{STATE}.jnl": journal}
        (named,) = load(CONSUMER, tree)
        assert f"{STATE}.jnl" in {one.location.path for one in named.used}


class TestDirectory:
    """named must find its directories, and write them."""

    def test_that_is_not_there_is_refused(self) -> None:
        tree = conf(AUTO)
        tree[MAIN] = f'options {{ directory "/etc/bind/none"; {AUTO} }};'
        assert started(tree).starts is False
        # What lies in / may be anywhere.
        tree[MAIN] = f'options {{ directory "/tmp"; {AUTO} }};'
        assert started(tree).starts is True

    @pytest.mark.parametrize("options", [AUTO, YES])
    def test_of_managed_keys_must_be_there(self, options: str) -> None:
        named = started(conf(f'{options} managed-keys-directory "none";', BOTH))
        assert named.starts is False

    def test_that_root_alone_may_write_is_undecided(self) -> None:
        tree = conf(AUTO)
        tree["var/cache/bind"] = Owned(None, Status(0o40755, 0, 0))
        named = started(tree)
        assert named.starts is None
        assert [note.finding.check.id for _, note in named.notes] == ["audit.not-writable"]
        tree["var/cache/bind"] = Owned(None, Status(0o40775, 0, 101))
        assert started(tree).starts is True


def test_old_statements_are_told_and_newer_versions_refuse_them() -> None:
    tree = conf(YES, block(entry("initial-ds"), statement="managed-keys"))
    assert "BIND 9.21.15 and newer do not start with it" in messages(started(tree))[0]
    assert started(tree | {"usr/lib/libdns-9.21.16.so": b""}).starts is False


@pytest.mark.parametrize(
    ("version", "starts"), [("9.20.30", True), ("9.21.14", True), ("9.21.16", False)]
)
def test_a_bindkeys_file_is_of_the_versions_before_9_21_15(version: str, starts: bool) -> None:
    tree = conf(f'{AUTO} bindkeys-file "/etc/bind/bind.keys";') | {"etc/bind/bind.keys": BOTH}
    named = started(tree | {f"usr/lib/libdns-{version}.so": b""})
    assert named.starts is starts
    words = "BIND 9.21.15 and newer"
    assert any(words in message for message in messages(named))


@pytest.mark.parametrize("version", ["9.18.49", "9.20.30", "9.21.16"])
def test_an_included_file_is_right_for_every_version(version: str) -> None:
    tree = conf(AUTO) | {"etc/bind/bind.keys": BOTH}
    tree[MAIN] = f'include "/etc/bind/bind.keys";\n{tree[MAIN]!s}'
    named = started(tree | {f"usr/lib/libdns-{version}.so": b""})
    assert (named.starts, named.validates) == (True, True)


@pytest.mark.parametrize("name", ["named.conf.j2", "named.conf.erb"])
@pytest.mark.parametrize("mark", ["{% if x %}", "<%= x %>", 'options { directory "{{ d }}"; };'])
def test_a_template_is_undecided(name: str, mark: str) -> None:
    (named,) = load(CONSUMER, {name: f"{mark}\n{STATIC}"})
    assert (named.starts, named.validates) == (None, None)
    assert [note.finding.check.id for _, note in named.notes] == ["audit.malformed"]


def test_a_loose_file_of_statements_is_an_entry_of_its_own() -> None:
    found = load(CONSUMER, {"etc/a.conf": OLD, "etc/b.conf": STATIC, "etc/c.conf": YES + "\n"})
    paths = [one.configuration.path for one in found if one.configuration]
    assert paths == ["etc/a.conf", "etc/b.conf", "etc/c.conf"]
    assert {one.starts for one in found[:2]} == {True}


@pytest.mark.parametrize(
    ("tree", "starts", "held", "where"),
    [
        # Static anchors of old beside auto, in an included file.
        ({"named.conf": 'include "/o";', "o": f"options {{ {AUTO} }};{STATIC}"},
         False, [20326], ["o"]),
        # An old bind.keys, included: the built-in keys of 9.20 come beside it.
        ({"named.conf": f'options {{ {HERE} {AUTO} }};include "/bind.keys";', "bind.keys": OLD},
         True, [20326], ["bind.keys"]),
        # A bindkeys-file that is not used, and an included file that is.
        ({"named.conf": f'options {{ {HERE} {YES} bindkeys-file "/b"; }};include "/k";', "b": OLD,
          "k": BOTH}, True, [20326, 38696], ["k", "b"]),
        # The include is taken from a directory that is not there; bind.keys is taken by itself.
        ({"db/named.conf": 'options { directory "/db/working"; };include "bind.keys";',
          "db/bind.keys": OLD}, False, [20326], ["db/bind.keys"]),
    ],
)  # fmt: skip
def test_machines_as_people_have_them(
    tree: Tree,
    starts: bool,
    held: list[int],
    where: list[str],
) -> None:
    (named,) = load(CONSUMER, tree)
    assert (named.starts, tags(named)) == (starts, held)
    assert list(dict.fromkeys(place.path for place, _ in named.held)) == where


@pytest.mark.parametrize(
    "zone",
    [
        'zone "a" { type hint; };',
        'zone "a" { type primary; };',
        'zone "a" { type secondary; };',
        'zone "a" { type slave; masters { }; };',
        'zone "a" { type mirror; };',
        'zone "a" { type static-stub; };',
        'zone "a" { type forward; forward only; };',
        'zone "a" { type redirect; file "/x"; };',
        'zone "a" { };',
        'zone "a" { type nosuch; };',
        'zone "a" { type "hint"; file "/x"; };',
        'zone "a" { type hint; type hint; file "/x"; };',
        "zone '.' { type hint; file '/x'; };",
        'zone "a..b" { type forward; forwarders { 9.9.9.9; }; };',
        'zone "a" NOSUCH { type forward; };',
        'zone "a" { type forward; }; zone "A." { type forward; };',
        'zone "a";',
    ],
)
def test_a_zone_that_named_refuses(zone: str) -> None:
    """Each was tried on 9.18.49 and 9.20.30, as were those below."""
    named = started(conf(AUTO, f"{BOTH}{zone}\n"))
    assert named.starts is False
    assert "named does not start" in messages(named)[0]


@pytest.mark.parametrize(
    "zone",
    [
        'zone a { type HINT; file "/x"; };',
        'zone "a" in { type primary; file "/nowhere"; };',
        'zone "a" { type slave; masters { 9.9.9.9; }; };',
        'zone "a" { type static-stub; server-names { "x"; }; };',
        'zone "a" { type primary; database "x"; };',
        'zone "a" { type forward; };',
    ],
)
def test_a_zone_that_named_takes(zone: str) -> None:
    assert started(conf(AUTO, f"{BOTH}{zone}\n")).starts is True


def test_a_pattern_matches_files_alone_or_named_does_not_start() -> None:
    rest = 'include "/etc/bind/d/*.conf";\n'
    assert started(conf(AUTO, rest, **{"d/b.conf": BOTH})).starts is True
    for other in ("-> nowhere", Owned(None, Status(0o40755, 0, 0))):
        named = started(conf(AUTO, rest, **{"d/b.conf": BOTH, "d/c.conf": other}))
        assert named.starts is False


@pytest.mark.parametrize("line", ["$ORIGIN . # a remark", "$ORIGIN . x", " $ORIGIN ."])
def test_a_state_with_more_than_a_name_behind_its_origin_is_not_loaded(line: str) -> None:
    assert tags(started(conf(AUTO, BOTH) | {STATE: f"$ORIGIN .\n{OF_OLD}"})) != [20326, 38696]
    named = started(conf(AUTO, BOTH) | {STATE: f"{line}\n{OF_OLD}"})
    assert tags(named) == [20326, 38696]
