"""What an Unbound does that is started with a tree of files; tried on Unbound 1.17.1 and 1.26.2."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from anchors.consumers.files import File, Location, Status
from anchors.consumers.loading import Loaded
from anchors.consumers.reading import Hold, Role
from anchors.consumers.unbound import CONSUMER
from anchors.consumers.unbound.configuration import Configuration, Parsed
from anchors.core.checks import Check
from anchors.core.findings import Severity
from tests.unit.consumers.samples import DS1, DS2, KEY1, KEY2
from tests.unit.consumers.trees import MemoryFiles, Owned, load

CONF = "etc/unbound/unbound.conf"
STATE = "/var/lib/unbound/root.key"
SEED = f". IN DS {DS1}\n. IN DS {DS2}\n"
AUTOTRUST = (
    f"; autotrust trust anchor file\n;;id: . 1\n. IN DNSKEY {KEY1} ;;state=2 [  VALID  ]\n"
    f". IN DNSKEY {KEY2} ;;state=2 [  VALID  ]\n"
)
TRUSTED_KEYS = f'trusted-keys {{ "." {KEY1.rpartition(" ")[0]} "{KEY1.rpartition(" ")[2]}"; }};\n'
Tree = Mapping[str, bytes | str | Owned]


def the(tree: Tree) -> Loaded:
    """The resolver of the first configuration that there is."""
    resolvers = load(CONSUMER, tree)
    paths = {one.configuration.path: one for one in resolvers if one.configuration is not None}
    return paths[CONF] if CONF in paths else paths[min(paths)]


def started(options: str, **files: str | Owned) -> Loaded:
    """Unbound with these options and files of /etc/unbound."""
    return the({CONF: f"server:\n{options}", **{f"etc/unbound/{n}": c for n, c in files.items()}})


def managed(content: str | Owned, more: str = "", **files: str) -> Loaded:
    """Unbound with this managed file, in the usual place."""
    tree: dict[str, str | Owned] = {
        CONF: f'server:\n auto-trust-anchor-file: "{STATE}"\n{more}',
        STATE.lstrip("/"): content,
    }
    return the({**tree, **{f"etc/unbound/{name}": text for name, text in files.items()}})


def held(loaded: Loaded) -> int:
    return sum(one.effective for _, one in loaded.held)


def refusals(loaded: Loaded) -> list[tuple[str, int | None]]:
    """Where Unbound is told not to start: path and line."""
    return [
        (location.path, note.line)
        for location, note in loaded.notes
        if note.finding.check is Check.AUDIT_REFUSED
    ]


def checks(loaded: Loaded) -> set[Check]:
    return {note.finding.check for _, note in loaded.notes}


@pytest.mark.parametrize(("content", "hold"), [(SEED, Hold.SEED), (AUTOTRUST, Hold.STATE)])
def test_a_managed_file_by_itself_is_right(content: str, hold: Hold) -> None:
    loaded = managed(content)
    assert (loaded.starts, loaded.validates, loaded.follows) == (True, True, True)
    assert {one.hold for _, one in loaded.held} == {hold}
    assert held(loaded) == 2
    assert loaded.notes == ()
    assert [used.role for used in loaded.used] == [Role.CONFIGURATION, Role.MANAGED]


@pytest.mark.parametrize("content", [SEED, AUTOTRUST])
@pytest.mark.parametrize(
    "other",
    [
        f'trust-anchor: ". DS {DS1}"',
        "trust-anchor-file: /etc/unbound/other",
        "trusted-keys-file: /etc/unbound/bind.keys",
        "trusted-keys-file: /etc/unbound/bind.*",
        'domain-insecure: "."',
    ],
)
def test_a_managed_file_must_be_the_only_source_of_its_zone(content: str, other: str) -> None:
    loaded = managed(content, f" {other}\n", **{"other": SEED, "bind.keys": TRUSTED_KEYS})
    assert loaded.starts is False
    assert refusals(loaded) == [(CONF, 2)]


@pytest.mark.parametrize("other", [f'trust-anchor: "a. DS {DS1}"', "domain-insecure: a"])
def test_anchors_of_other_zones_are_no_second_source(other: str) -> None:
    assert managed(AUTOTRUST, f" {other}\n").starts is True


@pytest.mark.parametrize(
    ("first", "second", "starts"),
    # From the last to the first: a state that comes after a seed is refused.
    [(SEED, SEED, True), (AUTOTRUST, SEED, False), (SEED, AUTOTRUST, True)],
)
def test_a_seed_may_be_named_twice_and_a_state_may_not(
    first: str, second: str, *, starts: bool
) -> None:
    tree = {"etc/unbound/a": first, "etc/unbound/b": second}
    options = "".join(f" auto-trust-anchor-file: /etc/unbound/{name}\n" for name in "ab")
    assert the({CONF: f"server:\n{options}", **tree}).starts is starts


def test_a_state_that_two_files_of_a_configuration_name_is_refused() -> None:
    fragment = f"server:\n auto-trust-anchor-file: {STATE}\n"
    tree: Tree = {
        CONF: f'include-toplevel: "/etc/unbound/unbound.conf.d/*.conf"\n{fragment}',
        "etc/unbound/unbound.conf.d/root.conf": fragment,
        STATE.lstrip("/"): AUTOTRUST,
    }
    (loaded,) = load(CONSUMER, tree)
    assert loaded.starts is False
    assert len(refusals(loaded)) == 1


ROOT_FOLDER = Owned(None, Status(0o40755, 0, 0))


@pytest.mark.parametrize(
    ("more", "folder", "starts"),
    [
        ("", ROOT_FOLDER, False),
        ("username: someone", ROOT_FOLDER, False),
        ('username: ""', ROOT_FOLDER, True),
        ("username: root", ROOT_FOLDER, True),
        ("", Owned(None, Status(0o40777, 0, 0)), True),
        ("", Owned(None, Status(0o40775, 0, 101)), True),
        ("", Owned(None, Status(0o40755, 101, 0)), True),
    ],
)
def test_the_directory_decides_whether_the_state_can_be_kept(
    more: str, folder: Owned, *, starts: bool
) -> None:
    tree: Tree = {
        CONF: f"server:\n auto-trust-anchor-file: {STATE}\n {more}\n",
        STATE.lstrip("/"): AUTOTRUST,
        "var/lib/unbound": folder,
    }
    loaded = the(tree)
    assert loaded.starts is starts
    assert (Check.AUDIT_NOT_WRITABLE in checks(loaded)) is not starts


@pytest.mark.parametrize(
    "content",
    [
        "",
        "; nothing\n",
        "# nothing\n",
        f"\ufeff{SEED}",
        'trust-anchors { . initial-ds 1 8 2 "00"; };',
    ],
)
def test_what_unbound_refuses_as_a_managed_file(content: str) -> None:
    loaded = managed(content)
    assert loaded.starts is False
    assert refusals(loaded) == [(CONF, 2)]
    assert held(loaded) == 0 or "\ufeff" in content


def test_a_mark_before_the_only_record_makes_another_zone_of_it() -> None:
    loaded = managed(f"\ufeff. IN DS {DS1}\n")
    assert (loaded.starts, loaded.validates, held(loaded)) == (True, False, 0)


def test_a_managed_file_that_is_not_there_is_refused() -> None:
    tree: Tree = {
        CONF: f"server:\n auto-trust-anchor-file: {STATE}\n",
        "var/lib/unbound/other": "",
        "usr/sbin/unbound": "",
    }
    assert the(tree).starts is False
    may_be_debians = {path: content for path, content in tree.items() if path[:3] != "usr"}
    assert the(may_be_debians).starts is None
    nobody_can_tell = the({CONF: tree[CONF]})
    assert nobody_can_tell.starts is None
    assert checks(nobody_can_tell) == {Check.AUDIT_NOT_FOLLOWED}


HELPER = {"usr/libexec/unbound-helper": "#!/bin/sh\n", "var/lib/unbound/other": ""}


@pytest.mark.parametrize(
    ("more", "starts"),
    [
        ({}, True),
        ({"etc/default/unbound": "ROOT_TRUST_ANCHOR_UPDATE=true\n"}, True),
        ({"etc/default/unbound": "ROOT_TRUST_ANCHOR_UPDATE=no\n"}, False),
        ({"etc/default/unbound": 'X=1\nROOT_TRUST_ANCHOR_UPDATE="false"\n'}, False),
    ],
)
def test_debian_makes_the_managed_file_that_is_not_there(
    more: dict[str, str], *, starts: bool
) -> None:
    tree = {
        CONF: f"server:\n auto-trust-anchor-file: {STATE}\n",
        "usr/share/dns/root.key": SEED,
        **HELPER,
        **more,
    }
    loaded = the(tree)
    assert loaded.starts is starts
    assert held(loaded) == (2 if starts else 0)
    assert loaded.follows is starts


def test_debian_makes_no_file_of_another_name() -> None:
    conf = "server:\n auto-trust-anchor-file: /var/lib/unbound/mine.key\n"
    assert the({CONF: conf, "usr/share/dns/root.key": SEED, **HELPER}).starts is False


ROWS = [
    ("trust-anchor-file", SEED, 2),
    ("trust-anchor-file", AUTOTRUST, 2),
    ("trust-anchor-file", "", 0),
    ("trust-anchor-file", "; nothing\n", 0),
    ("trust-anchor-file", f"\ufeff{SEED}", 1),
    ("trust-anchor-file", f"{SEED}. 172800 IN RRSIG DNSKEY 8 0 1 2 3 4 . AAAA\n", 2),
    ("trust-anchor-file", f"$INCLUDE other\n{SEED}", 2),
    ("trust-anchor-file", "# nothing\n", None),
    ("trust-anchor-file", f". 4294967295 IN DS {DS1}\n", 1),
    ("trust-anchor-file", f". 4294967296 IN DS {DS1}\n", None),
    ("trust-anchor-file", f". IN KEYDATA 1 2 3 {KEY1}\n", None),
    ("trust-anchor-file", f"@ DS {DS1}\n\tIN DS {DS2}\n", 2),
    ("trust-anchor-file", ". IN DS 20326 8 2\n", 1),
    ("trust-anchor-file", f". IN DS {DS1.replace(' 8 2 ', ' 250 2 ')}\n", 0),
    ("trust-anchor-file", f". IN DNSKEY {KEY1.replace(' 3 ', ' 2 ')}\n", 0),
    ("trust-anchor-file", f".. IN DS {DS1}\n", None),
    ("trust-anchor-file", f"{SEED}.86400 IN NS x.\n", None),
    ("trust-anchor-file", f"{SEED}a..b IN NS x.\n", None),
    ("trust-anchor-file", TRUSTED_KEYS, None),
    ("trust-anchor-file", f'trust-anchor: ". DS {DS1}"\n', None),
    ("trust-anchor-file", "<TrustAnchor/>\n", None),
    ("trust-anchor-file", f". IN 3600 DS {DS1}\n", None),
    ("trust-anchor-file", ". IN DS 20326 8 SHA-256 00\n", None),
    ("trusted-keys-file", TRUSTED_KEYS, 1),
    ("trusted-keys-file", f";\n{TRUSTED_KEYS}", 1),
    ("trusted-keys-file", f"managed-keys {{ . initial-key 1 }};\n{TRUSTED_KEYS}", 1),
    ("trusted-keys-file", TRUSTED_KEYS.replace("trusted-keys", "trust-anchors"), 0),
    ("trusted-keys-file", SEED, 0),
    ("trusted-keys-file", "", 0),
    ("trusted-keys-file", TRUSTED_KEYS.replace("};", "}"), None),
    ("trusted-keys-file", TRUSTED_KEYS.replace("257", ""), None),
]


@pytest.mark.parametrize(("option", "content", "count"), ROWS)
def test_the_role_of_a_file_decides_how_it_is_read(
    option: str, content: str, count: int | None
) -> None:
    loaded = started(f" {option}: /etc/unbound/named\n", named=content)
    assert loaded.starts is (count is not None)
    assert held(loaded) == (count or 0)
    assert loaded.follows is False
    if count is None:
        assert refusals(loaded) == [(CONF, 2)]
    elif not count:
        assert loaded.validates is False
    assert (Check.AUDIT_IGNORED in checks(loaded)) is (option[:7] == "trusted" and count == 0)


def test_a_state_as_a_static_file_is_read_without_its_states() -> None:
    waiting = AUTOTRUST.replace("state=2", "state=1")
    assert held(managed(waiting)) == 0
    assert held(started(" trust-anchor-file: /etc/unbound/named\n", named=waiting)) == 2


@pytest.mark.parametrize("option", ["trust-anchor-file", "auto-trust-anchor-file"])
def test_a_file_that_is_a_directory_or_roots_alone_is_refused(option: str) -> None:
    line = f" {option}: /etc/unbound/named\n"
    assert started(line, named=Owned(None)).starts is False
    secret = Owned(SEED.encode(), Status(0o100600, 0, 0))
    assert started(line, named=secret).starts is False
    assert started(f' username: ""\n{line}', named=secret).starts is True


@pytest.mark.parametrize("content", [SEED, AUTOTRUST, "; nothing\n", TRUSTED_KEYS, "<x/>\n"])
def test_an_included_file_that_is_no_configuration_is_refused_where_it_is_included(
    content: str,
) -> None:
    loaded = started(f' trust-anchor: ". DS {DS1}"\n include: /etc/unbound/named\n', named=content)
    assert loaded.starts is False
    assert refusals(loaded) == [(CONF, 3)]
    assert held(loaded) == 1


@pytest.mark.parametrize("content", ["", "# nothing\n", f'trust-anchor: ". DS {DS2}"\n'])
def test_an_included_file_continues_the_clause(content: str) -> None:
    loaded = started(f' trust-anchor: ". DS {DS1}"\n include: /etc/unbound/named\n', named=content)
    assert loaded.starts is True
    assert held(loaded) == 1 + ("DS" in content)


def test_the_clause_that_an_included_file_begins_goes_on_behind_it() -> None:
    forward = "forward-zone:\n name: x\n"
    options = f' include: /etc/unbound/named\n trust-anchor: ". DS {DS1}"\n'
    assert started(options, named=forward).starts is False
    assert started(options, named="server:\n").starts is True
    top = options.replace("include", "include-toplevel")
    assert started(top, named="server:\n").starts is False


@pytest.mark.parametrize(
    ("conf", "starts"),
    [
        (f'trust-anchor: ". DS {DS1}"\n', False),
        (f'forward-zone:\n trust-anchor: ". DS {DS1}"\n', False),
        (f'forward-zone:\n name: x\nserver:\n trust-anchor: ". DS {DS1}"\n', True),
    ],
)
def test_an_anchor_belongs_into_a_server_clause(conf: str, *, starts: bool) -> None:
    assert the({CONF: conf}).starts is starts


def test_a_fragment_without_a_clause_is_a_part_of_what_was_not_found() -> None:
    assert the({"etc/other.conf": f'trust-anchor: ". DS {DS1}"\n'}).starts is None


@pytest.mark.parametrize(
    ("path", "starts"),
    [
        ("/etc/unbound/some.d/*.conf", True),
        ("/etc/unbound/none.d/*.conf", False),
        ("/etc/unbound/none.conf", False),
        ("/srv/far/none.conf", None),
        ("relative.conf", None),
        ("/etc/unbound/{a,b}.conf", None),
        ('""', False),
    ],
)
def test_a_pattern_that_matches_nothing_is_no_missing_file(path: str, starts: bool | None) -> None:
    loaded = started(f' include: {path}\n trust-anchor: ". DS {DS1}"\n', **{"some.d/README": "x"})
    assert loaded.starts is starts
    keys = started(f' trusted-keys-file: /none/*.key\n trust-anchor: ". DS {DS1}"\n', README="x")
    assert (keys.starts, keys.notes) == (True, ())


def test_files_that_include_each_other_come_to_an_end() -> None:
    loaded = started(" include: /etc/unbound/named\n", named="include: /etc/unbound/named\n")
    assert loaded.starts is False


def test_many_files_that_include_each_other_are_bounded() -> None:
    tree = {f"etc/{number}.conf": 'include-toplevel: "/etc/*.conf"\n' for number in range(100)}
    assert all(one.starts is False for one in load(CONSUMER, tree))


def test_a_file_that_includes_too_many_is_undecided() -> None:
    many = {f"many/{number}": "" for number in range(1001)}
    loaded = the({CONF: 'server:\ninclude: "/many/*"\n', **many})
    assert loaded.starts is None
    assert Check.AUDIT_LIMIT in checks(loaded)


@pytest.mark.parametrize(
    ("modules", "validates"),
    [
        ("validator iterator", True),
        ("respip validator iterator", True),
        ("subnetcache validator iterator", True),
        ("iterator", False),
        ("respip iterator", False),
    ],
)
def test_the_validator_may_stand_anywhere_among_the_modules(
    modules: str, *, validates: bool
) -> None:
    loaded = managed(AUTOTRUST, f' module-config: "{modules}"\n')
    assert (loaded.starts, loaded.validates) == (True, validates)
    assert (Check.AUDIT_VALIDATION in checks(loaded)) is not validates


def test_a_module_that_not_every_unbound_has_is_told() -> None:
    """Fedora's configuration names ipsecmod, and its Unbound has it; of others nobody knows."""
    fedoras = managed(AUTOTRUST, ' module-config: "ipsecmod validator iterator"\n')
    assert (fedoras.starts, fedoras.validates) == (True, True)
    assert [note.finding.severity for _, note in fedoras.notes] == [Severity.NOTICE]
    debians = the(
        {
            CONF: f'server:\n module-config: "ipsecmod iterator"\n trust-anchor: ". DS {DS2}"\n',
            "usr/libexec/unbound-helper": "#!/bin/sh\n",
        }
    )
    assert debians.starts is None
    other = managed(AUTOTRUST, ' module-config: "cachedb validator iterator"\n')
    assert other.starts is None


def test_without_the_validator_no_anchor_is_loaded_so_none_is_refused() -> None:
    assert managed("", ' module-config: "iterator"\n').starts is True


def test_without_the_iterator_nothing_is_answered() -> None:
    assert managed(AUTOTRUST, ' module-config: "validator"\n').starts is False


def test_the_last_of_several_settings_counts() -> None:
    more = ' module-config: "iterator"\nserver:\n module-config: "validator iterator"\n'
    assert managed(AUTOTRUST, more).validates is True


@pytest.mark.parametrize(
    ("option", "starts", "validates"),
    [
        ("val-permissive-mode: yes", True, False),
        ("val-permissive-mode: no", True, True),
        ("val-permissive-mode: maybe", False, True),
        ('val-override-date: ""', True, True),
        ('val-override-date: "0"', True, True),
        ("domain-insecure: example", True, True),
    ],
)
def test_what_else_decides_whether_it_validates(
    option: str, *, starts: bool, validates: bool
) -> None:
    loaded = managed(AUTOTRUST, f" {option}\n")
    assert (loaded.starts, loaded.validates) == (starts, validates)


@pytest.mark.parametrize("date", ["20300101000000", "-1"])
def test_another_date_is_told(date: str) -> None:
    loaded = managed(AUTOTRUST, f' val-override-date: "{date}"\n')
    assert checks(loaded) == {Check.AUDIT_VALIDATION}


@pytest.mark.parametrize("options", ["", ' domain-insecure: "."\n', ' trust-anchor: ""\n'])
def test_without_an_anchor_it_starts_and_validates_nothing(options: str) -> None:
    loaded = started(options)
    assert (loaded.starts, loaded.validates) == (True, False)
    assert checks(loaded) == {Check.AUDIT_VALIDATION}


def test_an_insecure_root_with_a_static_anchor_is_secure() -> None:
    loaded = started(f' domain-insecure: "."\n trust-anchor: ". DS {DS1}"\n')
    assert (loaded.starts, loaded.validates) == (True, True)


def test_where_every_key_is_revoked_nothing_is_validated() -> None:
    loaded = managed(f";;REVOKED\n{AUTOTRUST}")
    assert (loaded.starts, loaded.validates, held(loaded)) == (True, False, 0)
    assert Check.AUDIT_REVOKED in checks(loaded)


def test_where_every_key_of_a_state_is_revoked_a_static_anchor_validates() -> None:
    loaded = managed(f";;REVOKED\n{AUTOTRUST}", f' trust-anchor: ". DS {DS1}"\n')
    assert (loaded.starts, loaded.validates, held(loaded)) == (True, True, 1)
    assert [note.finding.severity for used in loaded.used for note in used.notes] == [
        Severity.WARNING
    ]


@pytest.mark.parametrize(
    "text",
    [f'server:\n trust-anchor: ". DS {DS1}', f"server:\n trust-anchor: . DS {DS1}\n", "server;\n"],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    assert the({CONF: text}).starts is False


def test_a_template_is_undecided() -> None:
    loaded = the({CONF: f'server:\n trust-anchor: ". DS {DS1}"\n{{% if x %}}\n'})
    assert (loaded.starts, loaded.validates) == (None, None)
    assert checks(loaded) == {Check.AUDIT_MALFORMED}


@pytest.mark.parametrize("option", ['trust-anchor: "{{ x }}"', "auto-trust-anchor-file: {{ x }}"])
def test_what_is_filled_into_a_template_refuses_nothing(option: str) -> None:
    loaded = the({f"{CONF}.j2": f"server:\n {option}\n"})
    assert (loaded.starts, refusals(loaded)) == (None, [])


@pytest.mark.parametrize(
    ("more", "starts"),
    [({}, None), ({"opt/etc/unbound/x": ""}, True), ({"opt/y/x": ""}, None)],
)
def test_a_chroot_without_the_directory_that_is_built_in(more: Tree, starts: bool | None) -> None:
    conf = f'server:\n chroot: /opt\n trust-anchor: ". DS {DS1}"\n'
    assert the({CONF: conf, "opt/x": "", **more}).starts is starts
    assert the({CONF: f"{conf} directory: /opt\n", "opt/x": "", **more}).starts is True


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ("directory: /opt/unbound\n trust-anchor-file: root.ds", "opt/unbound/root.ds"),
        ("trust-anchor-file: root.ds\n directory: /opt/unbound", "opt/unbound/root.ds"),
        ("trust-anchor-file: root.ds", "etc/unbound/root.ds"),
        ("chroot: /opt\n directory: /opt/etc\n trust-anchor-file: root.ds", "opt/etc/root.ds"),
        ("chroot: /opt\n directory: /etc\n trust-anchor-file: /etc/root.ds", "opt/etc/root.ds"),
        ("chroot: /opt\n directory: /opt\n trust-anchor-file: /opt/root.ds", "opt/root.ds"),
        ("chroot: /opt\n trust-anchor-file: root.ds", "opt/etc/unbound/root.ds"),
    ],
)
def test_where_a_named_file_lies(options: str, path: str) -> None:
    loaded = the({CONF: f"server:\n {options}\n", path: SEED})
    assert [used.location.path for used in loaded.used] == [CONF, path]


def test_an_include_lies_below_the_directory_that_was_named_before() -> None:
    conf = "server:\n directory: /opt\n include: a.conf\n"
    loaded = the({CONF: conf, "opt/a.conf": f'trust-anchor: ". DS {DS1}"\n'})
    assert (loaded.starts, held(loaded)) == (True, 1)


def test_a_state_that_no_configuration_names_is_a_resolver_by_itself() -> None:
    (loaded,) = load(CONSUMER, {"srv/root.key": AUTOTRUST})
    assert loaded.configuration is None
    assert loaded.follows is True
    assert held(loaded) == 2


def test_a_file_of_which_nothing_was_read_is_undecided() -> None:
    class Unread(MemoryFiles):
        """No content was read."""

        def find(self, path: str, seen_from: Location) -> File | None:
            file = super().find(path, seen_from)
            return file and file._replace(content=None, unread="too large")

    conf = b"include: /etc/unbound/list.conf\n"
    files = Unread({"etc/unbound/list.conf": "x"})
    configuration = Configuration(Location("host", CONF), conf, files, Parsed())
    assert configuration.starts is None


def test_a_long_list_is_read() -> None:
    rows = "".join(f' local-zone: "{number}.example" always_null\n' for number in range(40_000))
    loaded = managed(AUTOTRUST, " include: /etc/unbound/list\n", list=rows)
    assert (loaded.starts, loaded.validates, loaded.notes) == (True, True, ())


def test_an_option_wants_no_blank_behind_its_colon() -> None:
    loaded = managed(f". IN DS {DS1}\n", " interface:127.0.0.1 port:53\n")
    assert (loaded.starts, held(loaded)) == (True, 1)


def test_a_managed_file_may_be_a_link() -> None:
    tree: Tree = {
        CONF: f"server:\n auto-trust-anchor-file: {STATE}\n",
        "var/lib/unbound/root.key": "-> ../../../etc/unbound/dnssec-root.key",
        "etc/unbound/dnssec-root.key": AUTOTRUST,
    }
    loaded = the(tree)
    assert (loaded.starts, held(loaded)) == (True, 2)
    assert loaded.used[1].location.path == "etc/unbound/dnssec-root.key"


def test_one_large_file_that_is_included_again_and_again_is_bounded() -> None:
    rows = "".join(f"local-data: a{number}\n" for number in range(20_000))
    loaded = started(" include: /etc/unbound/list\n" * 60, list=rows)
    assert loaded.starts is None
    assert Check.AUDIT_LIMIT in checks(loaded)


@pytest.mark.parametrize(
    "clauses",
    [
        "forward-zone:\n forward-addr: 9.9.9.9\n",
        'stub-zone:\n name: ""\n stub-addr: 9.9.9.9\n',
        "forward-zone:\n name: a..b\n forward-addr: 9.9.9.9\n",
        "forward-zone:\n name: a\\300\n forward-addr: 9.9.9.9\n",
        "forward-zone:\n name: a\n forward-addr: 9.9.9\n",
        "stub-zone:\n name: a\n stub-addr: 9.9.9.9@x\n",
        "stub-zone:\n name: a\n stub-host: a..b\n",
        "auth-zone:\n name: a\n name: a\n primary: 9.9.9.9\n",
        "view:\n view-first: yes\n",
        "view:\n name: a\nview:\n name: a\n",
        (
            "remote-control:\n control-enable: yes\n control-interface: 127.0.0.1\n"
            " control-interface: /run/x\n"
        ),
    ],
)
def test_a_clause_that_ends_it(clauses: str) -> None:
    """Each was tried on Unbound 1.17.1 and 1.26.2, as were those below."""
    loaded = started(f' trust-anchor: ". DS {DS1}"\n{clauses}')
    assert loaded.starts is False
    assert len(refusals(loaded)) in {1, 2}


@pytest.mark.parametrize(
    "clauses",
    [
        "auth-zone:\n primary: 9.9.9.9\n",
        "rpz:\n",
        "forward-zone:\n name: a\n forward-addr: 9.9.9.9@99999#b\n forward-addr: ::1%lo\n",
        "forward-zone:\n name: a\nforward-zone:\n name: a\n",
        "remote-control:\n control-enable: yes\n control-use-cert: YES\n",
        (
            "remote-control:\n control-enable: yes\n control-interface: /run/x\n"
            " control-interface: 127.0.0.1\n"
        ),
    ],
)
def test_a_clause_that_does_not_end_it(clauses: str) -> None:
    loaded = started(f' trust-anchor: ". DS {DS1}"\n{clauses}')
    assert loaded.starts is True


def test_a_relative_name_without_a_directory_is_below_where_unbound_is_started() -> None:
    conf = 'server:\n directory: ""\n auto-trust-anchor-file: "var/root.key"\n'
    tree = {CONF: conf, "etc/unbound/var/root.key": f". DS {DS1}\n"}
    assert the(tree).starts is None
    absolute = conf.replace("var/root", "/etc/unbound/var/root")
    assert the({**tree, CONF: absolute}).starts is True


@pytest.mark.parametrize(
    ("owner", "starts"),
    [("ads.example", True), ("*.ads.example", True), ("*", None), (".", None), ("*.rpz.x.", None)],
)
def test_a_policy_zone_for_every_name_leaves_the_answers_open(
    owner: str, starts: bool | None
) -> None:
    conf = (
        'server:\n module-config: "respip validator iterator"\n'
        f' trust-anchor: ". DS {DS1}"\nrpz:\n name: rpz.x\n zonefile: /etc/unbound/rpz.zone\n'
    )
    loaded = the({CONF: conf, "etc/unbound/rpz.zone": f"{owner} CNAME .\n"})
    assert loaded.starts is starts
