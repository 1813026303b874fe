"""Programs that take files of anchors by one setting: what is read, and what each does with it.

What becomes of the files was tried in tests/consumers: test_one_setting.py, test_compiled_paths.py.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import NamedTuple

import pytest

from anchors.consumers.consumer import Consumer
from anchors.consumers.reading import Reading, Role
from anchors.consumers.registry import consumer_named
from anchors.core.checks import Check
from tests.unit.consumers.trees import AT, DS17, DS24, load, messages, tags

DS = f". IN DS {DS17}\n. IN DS {DS24}\n"
LIBRARY = b"\x7fELF\2\1\1\0text\0/etc/dane/root.key\0libunbound.so.8\0"
TLSA = """\
#!/usr/bin/python3
ROOTKEY="none"
cauldron = ( "/etc/dane/root.key", "/etc/dane/second.key" )
for root in cauldron:
"""
PROSODY = """\
modules_enabled = { "roster"; "tls" }
unbound = {
    resolvconf = true; -- as it is
    trustfile = "/etc/dane/root.key";
}
VirtualHost "example.org"
    unbound = { trustfile = "/etc/dane/none" }
"""
PERL = """\
#!/usr/bin/perl
use Net::DNS::Resolver::Unbound;
my $resolver = Net::DNS::Resolver::Unbound->new(add_ta_file => '/etc/dane/root.key');
"""


class Case(NamedTuple):
    """A configuration that names /etc/dane/root.key.

    Attributes:
        path: where it lies.
        content: what it says.
        empty: whether the program starts without an anchor of the root.
        foreign: what is no file of anchors to it.
        is_certain: whether the model may say that all is right.
    """

    path: str
    content: bytes | str
    empty: bool
    foreign: str = "trust-anchors { };\n"
    is_certain: bool = True


CASES: Mapping[str, Case] = {
    "gnutls": Case("usr/lib/x86_64-linux-gnu/libgnutls-dane.so.0.4.1", LIBRARY, empty=False),
    "hashslinger": Case("usr/bin/tlsa", TLSA, empty=False),
    "prosody": Case("etc/prosody/prosody.cfg.lua", PROSODY, empty=True),
    "netdns": Case("usr/local/bin/mail-check", PERL, empty=True, is_certain=False),
    "dnsjava": Case(
        "etc/app/dns.properties",
        "dnsjava.dnssec.trust_anchor_file=/etc/dane/root.key\n",
        empty=True,
        is_certain=False,
    ),
}
EACH = pytest.mark.parametrize("name", CASES)


def known(name: str) -> tuple[Consumer, Case]:
    return consumer_named(name), CASES[name]


def read(name: str, content: bytes | str, path: str) -> Reading | None:
    readers = consumer_named(name).readers
    assert readers is not None
    (reader,) = readers.load()
    return reader.read(content.encode() if isinstance(content, str) else content, path, AT)


@EACH
@pytest.mark.parametrize("content", [DS, f"; comment\n{DS}", DS.replace("\n", "\r\n")])
def test_the_anchors_of_the_file_are_held(name: str, content: str) -> None:
    consumer, case = known(name)
    (loaded,) = load(consumer, {case.path: case.content, "etc/dane/root.key": content})
    assert tags(loaded) == [20326, 38696]
    assert loaded.starts is (True if case.is_certain else None)
    assert loaded.validates is (True if case.is_certain else None)
    assert loaded.follows is False
    assert bool(loaded.notes) is not case.is_certain
    own, anchors = loaded.used
    library = {"gnutls", "hashslinger"}
    assert own.role is (Role.PROGRAM if name in library else Role.CONFIGURATION)
    assert (anchors.location.path, anchors.role) == ("etc/dane/root.key", Role.STATIC)


@EACH
@pytest.mark.parametrize(
    "content", ["", "; nothing\n", f"\ufeff. IN DS {DS17}\n", f"de. IN DS {DS17}\n"]
)
def test_without_an_anchor_of_the_root(name: str, content: str) -> None:
    consumer, case = known(name)
    (loaded,) = load(consumer, {case.path: case.content, "etc/dane/root.key": content})
    if case.empty:
        assert loaded.starts is (True if case.is_certain else None)
        assert loaded.validates is (False if case.is_certain else None)
        assert INSECURE in " ".join(messages(loaded))
    else:
        assert loaded.starts is False


INSECURE = "it has no anchor of the root, so it silently accepts every answer"


@EACH
def test_a_file_that_cannot_be_read_is_told(name: str) -> None:
    consumer, case = known(name)
    (loaded,) = load(consumer, {case.path: case.content, "etc/dane/root.key": case.foreign})
    assert loaded.starts is False
    assert Check.AUDIT_REFUSED in {note.finding.check for _, note in loaded.notes}


@EACH
def test_a_file_that_is_not_there_is_told(name: str) -> None:
    consumer, case = known(name)
    (loaded,) = load(consumer, {case.path: case.content, "etc/dane/other": ""})
    assert loaded.starts is False
    assert Check.AUDIT_REFUSED in {note.finding.check for _, note in loaded.notes}
    goes_on = "a program that ignores the error accepts every answer"
    assert (goes_on in " ".join(messages(loaded))) is (name == "dnsjava")


@EACH
def test_a_file_that_may_lie_elsewhere_decides_nothing(name: str) -> None:
    consumer, case = known(name)
    # Of /etc nothing was looked into.
    (loaded,) = load(consumer, {f"opt/{posixpath.basename(case.path)}": case.content})
    assert loaded.starts is None


def test_hash_slinger_takes_the_first_file_that_is_there() -> None:
    consumer, case = known("hashslinger")
    tree = {case.path: case.content, "etc/dane/second.key": DS}
    (loaded,) = load(consumer, tree)
    assert tags(loaded) == [20326, 38696]
    assert loaded.starts is True


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (LIBRARY, "usr/lib/libunbound.so.8"),
        (b"/etc/dane/root.key\0", "usr/lib/libgnutls-dane.so.0"),
    ],
)
def test_what_is_no_libdane(content: bytes, path: str) -> None:
    assert read("gnutls", content, path) is None


@pytest.mark.parametrize("content", [b"\x7fELF\0nothing\0", b"\x7fELF\0/a\0/b\0"])
def test_a_libdane_that_tells_no_single_path_is_undecided(content: bytes) -> None:
    (loaded,) = load(consumer_named("gnutls"), {"usr/lib/libgnutls-dane.so.0": content})
    assert loaded.starts is None or not loaded.held


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ('unbound = { trustfile = "/a" }', ["/a"]),
        ("unbound={a={b=1};trustfile='/a';}", ["/a"]),
        ("unbound = { trustfile = [[/a]], }", ["/a"]),
        ('unbound = { trustfile = "" }', []),
        ('-- unbound = { trustfile = "/a" }', None),
        ('dns = { trustfile = "/a" } unbound = {}', None),
        ('VirtualHost "a" unbound = { trustfile = "/a" }', None),
        ('unbound = { options = { trustfile = "/a" } }', None),
        ('unbound = { trustfile = "/a', None),
    ],
)
def test_which_file_prosody_is_told(text: str, files: list[str] | None) -> None:
    reading = read("prosody", text, "prosody.cfg.lua")
    if files is None:
        assert reading is None
    else:
        assert reading is not None
        assert [one.path for one in reading.references] == files
        assert reading.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        'unbound = { trustfile = "/a" .. name }',
        "unbound = { trustfile = name }",
        'unbound.trustfile = "/a"',
        'if x then unbound = { trustfile = "/a" } end',
        'unbound = { trustfile = "/a" } unbound = { trustfile = "/b" }',
        'unbound = { trustfile = "/a", options = { ["val-permissive-mode:"] = "yes" } }',
        'unbound = { options = more, trustfile = "/a" }',
        'unbound = { trustfile = "/a", ["options"] = more }',
        'unbound = { trustfile = "/a", ["trusted"] = more }',
    ],
)
def test_what_only_a_run_of_prosody_could_tell_is_undecided(text: str) -> None:
    tree = {"etc/prosody.cfg.lua": text, "a": DS, "b": DS}
    (loaded,) = load(consumer_named("prosody"), tree)
    assert loaded.starts is None


@pytest.mark.parametrize(
    ("include", "starts"),
    [
        ('Include "conf.d/*.cfg.lua"', None),
        ('Include ("plain.cfg.lua")', True),
        ('Include "none/*.cfg.lua"', True),
        ('include "/etc/none.cfg.lua"', None),
        ("Include (name)", None),
        ('Include "more.cfg.lua"', None),
    ],
)
def test_a_file_that_prosody_includes_may_name_other_anchors(
    include: str, starts: bool | None
) -> None:
    tree = {
        "etc/prosody.cfg.lua": f'unbound = {{ trustfile = "/a" }}\nVirtualHost "b"\n{include}\n',
        "etc/conf.d/a.cfg.lua": "unbound = {}\n",
        "etc/plain.cfg.lua": "admins = {}\n",
        "etc/more.cfg.lua": 'Include "x"\n',
        "a": DS,
    }
    (loaded,) = load(consumer_named("prosody"), tree)
    assert loaded.starts is starts


@pytest.mark.parametrize(
    ("value", "starts", "held"),
    [
        (f'". IN DS {DS24}"', True, [38696]),
        (f'". 3600 IN DS {DS24} ; comment"', True, [38696]),
        ('""', True, []),
        (f'{{ ". IN DS {DS24}" }}', False, []),
        ('"hello"', False, []),
        (f'". IN DS {DS17}\\n. IN DS {DS24}"', False, []),
        ("5", None, []),
    ],
)
def test_the_record_that_prosody_is_told(value: str, starts: bool | None, held: list[int]) -> None:
    """As lua-unbound 1.0.0 and 1.1.0 took each."""
    tree = {"etc/prosody.cfg.lua": f"unbound = {{ trusted = {value} }}\n"}
    (loaded,) = load(consumer_named("prosody"), tree)
    assert (loaded.starts, tags(loaded)) == (starts, held)


@pytest.mark.parametrize(
    ("line", "file"),
    [
        ("dnsjava.dnssec.trust_anchor_file = /a", "/a"),
        ("dnsjava.dnssec.trust_anchor_file:/a\r", "/a"),
        ("  dnsjava.dnssec.trust_anchor_file /a", "/a"),
        ('JAVA_OPTS="-Xmx1g -Ddnsjava.dnssec.trust_anchor_file=/a -Dx=y"', "/a"),
        ("ExecStart=/usr/bin/java -Ddnsjava.dnssec.trust_anchor_file=/a -jar app.jar", "/a"),
        ("# dnsjava.dnssec.trust_anchor_file=/a", None),
        ("#JAVA_OPTS=-Ddnsjava.dnssec.trust_anchor_file=/a", None),
        ("dnsjava.dnssec.trust_anchor_file=", None),
        ("dnsjava.dnssec.trust_anchor_file=${conf}/a", None),
        ('config.put("dnsjava.dnssec.trust_anchor_file", "/a");', None),
    ],
)
def test_which_file_dnsjava_is_told(line: str, file: str | None) -> None:
    reading = read("dnsjava", f"# of an application\n{line}\n", "app.properties")
    if file is None:
        assert reading is None
    else:
        assert reading is not None
        assert [(one.path, one.line) for one in reading.references] == [(file, 2)]


@pytest.mark.parametrize(
    ("text", "held"),
    [
        (f"$TTL 3600\n@ 3600 IN DS {DS24}\n. NS a.\n", [38696]),
        (f". DS {DS24}", [38696]),
        (f". IN DS {DS24}AB\n", None),
        (f". IN DS {DS24}\nhello world\n", None),
        (f"# comment\n. IN DS {DS24}\n", None),
        (f". CH DS {DS24}\n", []),
    ],
)
def test_what_dnsjava_reads_of_the_file(text: str, held: list[int] | None) -> None:
    """As dnsjava 3.6.3 took each: all of the file, or none of it."""
    consumer, case = known("dnsjava")
    (loaded,) = load(consumer, {case.path: case.content, "etc/dane/root.key": text})
    assert (loaded.starts, tags(loaded)) == (False if held is None else None, held or [])


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ('use Net::DNS::Resolver::Unbound;\n$r->add_ta_file("/a");', ["/a"]),
        ("use Net::DNS::Resolver::Unbound;\n# $r->add_ta_file('/a');", None),
        ("use Net::DNS::Resolver::Unbound;\n$r->add_ta_file($file);", None),
        ("use Net::DNS::Resolver;\n$r->add_ta_file('/a');", None),
    ],
)
def test_which_file_a_program_in_perl_names(text: str, files: list[str] | None) -> None:
    reading = read("netdns", text, "usr/local/bin/check")
    assert (reading and [one.path for one in reading.references]) == files
