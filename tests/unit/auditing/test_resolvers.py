"""Which resolvers there are: what each model says, put together over all programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from anchors.auditing import resolvers as putting
from anchors.auditing.judge.audit import judge
from anchors.auditing.result import Outcome
from anchors.consumers import bind, unbound
from anchors.consumers.consumer import Consumer
from anchors.consumers.facet import Facet
from anchors.consumers.files import Files
from anchors.consumers.loading import Loaded
from anchors.consumers.reading import Place
from anchors.core.checks import Check
from tests.unit.auditing.basis import keys
from tests.unit.auditing.systems import audited, checks, packed, put, resolvers, rows
from tests.unit.consumers.samples import DS1, DS2, KEY1

BOTH = f". IN DS {DS1}\n. IN DS {DS2}\n"
UNBOUND = f'server:\n trust-anchor: ". DS {DS1}"\n trust-anchor: ". DS {DS2}"\n'


def quoted(ds: str) -> str:
    number, _, digest = ds.rpartition(" ")
    return f'{number} "{digest}"'


KEYS = f"trust-anchors {{ . initial-ds {quoted(DS1)}; . initial-ds {quoted(DS2)}; }};\n"
TRUSTED = f'trusted-keys {{ "." {KEY1[:8]} "{KEY1[8:]}"; }};\n'


def names(tmp_path: Path) -> list[tuple[str, str]]:
    return [(one.loaded.consumer, one.location.path) for one in resolvers(audited(tmp_path))]


def test_every_configuration_is_a_resolver_of_its_program(tmp_path: Path) -> None:
    put(tmp_path, {"etc/unbound/unbound.conf": UNBOUND, "etc/bind/named.conf": KEYS})
    assert sorted(names(tmp_path)) == [
        ("bind", "etc/bind/named.conf"),
        ("unbound", "etc/unbound/unbound.conf"),
    ]


def test_what_another_names_as_anchors_is_no_configuration(tmp_path: Path) -> None:
    """Unbound's trusted-keys-file is written as named's configuration is."""
    put(tmp_path, {"etc/bind/keys.conf": TRUSTED})
    assert names(tmp_path) == [("bind", "etc/bind/keys.conf")]
    put(
        tmp_path,
        {"etc/unbound/unbound.conf": 'server:\n trusted-keys-file: "/etc/bind/keys.conf"\n'},
    )
    assert names(tmp_path) == [("unbound", "etc/unbound/unbound.conf")]


def test_what_another_names_as_anchors_is_no_state_and_no_bindkeys_file(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "etc/bind.keys": KEYS,
            "etc/unbound/unbound.conf": 'server:\n trusted-keys-file: "/etc/bind.keys"\n',
        },
    )
    assert names(tmp_path) == [("unbound", "etc/unbound/unbound.conf")]


@pytest.mark.parametrize(
    "path",
    [
        "usr/share/doc/unbound/examples/unbound.conf",
        "usr/share/man/man5/unbound.conf",
        "chroot/usr/share/doc/unbound/unbound.conf",
    ],
)
def test_a_sample_among_documents_is_no_resolver(tmp_path: Path, path: str) -> None:
    old = f'server:\n trust-anchor: ". DS {DS1}"\n'
    put(tmp_path, {path: old})
    judged = audited(tmp_path)
    assert resolvers(judged) == []
    row = rows(judged)[path]
    assert row.outcome is Outcome.ATTENTION
    assert row.summary.startswith("no resolver found here loads it; a resolver that loads it ")
    assert resolvers(audited(put(tmp_path / "b", {"usr/local/unbound/unbound.conf": old}))) != []


# As bind9, unbound, logwatch, freeipa-client and knot-resolver6 of Debian have them.
OF_OTHERS = {
    "usr/lib/tmpfiles.d/named.conf": "d /run/named 0775 root bind - -\n",
    "usr/lib/sysusers.d/unbound.conf": 'u! unbound - "unbound" /var/lib/unbound\n',
    "usr/share/logwatch/default.conf/services/named.conf": 'Title = "Named"\nLogFile = messages\n',
    "usr/share/ipa/client/unbound.conf.template": "server:\n${ITERATOR}module-config: iterator\n",
    "usr/lib/python3/dist-packages/knot_resolver/datamodel/templates/dnssec.lua.j2": (
        "trust_anchors.add_file('{{ file }}')\n"
    ),
}


@pytest.mark.parametrize("path", OF_OTHERS)
def test_what_other_programs_call_by_the_name_is_no_resolver_and_nothing(
    tmp_path: Path, path: str
) -> None:
    judged = audited(put(tmp_path, {path: OF_OTHERS[path]}))
    assert (resolvers(judged), rows(judged)) == ([], {})


def test_a_sample_hides_nothing_that_it_includes(tmp_path: Path) -> None:
    sample = 'include: "/etc/unbound/unbound.conf"\nserver:\n module-config: "iterator"\n'
    put(tmp_path, {"etc/unbound/unbound.conf": UNBOUND, "usr/share/x/unbound.conf": sample})
    assert names(tmp_path) == [("unbound", "etc/unbound/unbound.conf")]


def test_what_systemd_brings_in_usr_lib_counts(tmp_path: Path) -> None:
    put(tmp_path, {"usr/lib/dnssec-trust-anchors.d/root.positive": BOTH})
    assert [name for name, _ in names(tmp_path)] == ["resolved"]


def test_a_file_of_anchors_that_cannot_be_read_is_told_wherever_it_lies(tmp_path: Path) -> None:
    torn = f"trust-anchors {{ . initial-ds {quoted(DS1)}"
    (row,) = rows(audited(put(tmp_path, {"usr/share/x/bind.keys": torn}))).values()
    assert row.outcome is Outcome.UNDECIDED


NAMED = 'options { directory "/var/cache/bind"; dnssec-validation auto; };\n'
OWNED_BY_ROOT = {"etc/bind/named.conf": NAMED, "etc/bind/bind.keys": KEYS, "var/cache/bind/x": ""}


@pytest.mark.parametrize(
    ("root", "outcome"), [("bind9.deb", Outcome.RIGHT), ("etc.tar", Outcome.UNDECIDED)]
)
def test_who_owns_a_directory_is_decided_by_the_scripts_of_a_package(
    root: str, outcome: Outcome
) -> None:
    (resolver,) = resolvers(judge([packed(OWNED_BY_ROOT, root=f"/{root}")], keys()))
    assert resolver.outcome is outcome
    assert (Check.AUDIT_NOT_WRITABLE in checks(resolver)) == (outcome is Outcome.UNDECIDED)


def test_a_sample_in_an_image_is_none_either() -> None:
    found = packed({"usr/share/doc/x/unbound.conf": UNBOUND}, base="0123456789ab/")
    assert judge([found], keys()).hosts[0].resolvers == ()


def test_a_state_alone_is_a_resolver_whose_configuration_was_not_found(tmp_path: Path) -> None:
    state = f"; autotrust trust anchor file\n;;id: . 1\n. 300 IN DNSKEY {KEY1} ;;state=2\n"
    put(tmp_path, {"var/lib/unbound/root.key": state})
    (resolver,) = resolvers(audited(tmp_path))
    assert resolver.loaded.configuration is None
    assert resolver.location.path == "var/lib/unbound/root.key"


def raising(_found: Sequence[Place], _files: Files, _at: datetime) -> Iterator[Loaded]:
    # A loader is a generator.
    yield from defects()


def defects() -> list[Loaded]:
    raise ZeroDivisionError("a defect of ours")


def late(found: Sequence[Place], files: Files, at: datetime) -> Iterator[Loaded]:
    first, *_ = unbound_loader(found, files, at)
    yield first
    raise ZeroDivisionError("a defect of ours")


unbound_loader = unbound.CONSUMER.loader.load() if unbound.CONSUMER.loader else late


@pytest.mark.parametrize("loader", ["raising", "late"])
def test_a_model_that_raises_makes_its_own_resolvers_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loader: str
) -> None:
    options = 'options { directory "/named"; };\n'
    put(tmp_path, {"etc/unbound/unbound.conf": UNBOUND, "etc/bind/named.conf": options + KEYS})
    broken: Consumer = unbound.CONSUMER._replace(loader=Facet(__name__, loader))
    monkeypatch.setattr(putting, "CONSUMERS", (broken, bind.CONSUMER))
    found = {one.loaded.consumer: one for one in resolvers(audited(tmp_path))}
    assert found["bind"].outcome is not Outcome.UNDECIDED
    assert found["unbound"].outcome is Outcome.UNDECIDED
    assert checks(found["unbound"]) == [Check.AUDIT_UNREADABLE]
    assert len(resolvers(audited(tmp_path))) == 2
    row = rows(audited(tmp_path))["etc/unbound/unbound.conf"]
    assert row.outcome is Outcome.UNDECIDED
    got = [note.finding.got or "" for note in row.notes]
    assert any("ZeroDivisionError: a defect of ours" in text for text in got)


def test_a_path_in_which_nothing_is_seen_is_told_beside_a_good_one(tmp_path: Path) -> None:
    put(tmp_path, {"good/root.ds": BOTH, "empty/notes.txt": "nothing\n"})
    judged = audited(tmp_path / "good", tmp_path / "empty")
    assert judged.has_any == (True, False)
    assert [host.name for host in judged.hosts] == [
        str(tmp_path / "good"),
        str(tmp_path / "empty"),
    ]


@pytest.mark.parametrize(
    "tree",
    [
        {"etc/unbound/unbound.conf": "server:\n  trust-anchor-file: /etc/unbound/none.ds\n"},
        {
            "etc/unbound/unbound.conf": "server:\n  trust-anchor-file: /etc/unbound/root.ds\n",
            "etc/unbound/root.ds": "",
        },
        {"etc/unbound/unbound.conf": 'server:\n  module-config: "iterator"\n'},
        {"etc/root.ds": ""},
    ],
    ids=["a resolver that fails", "an empty file of a resolver", "validation off", "an empty file"],
)
def test_what_is_told_of_a_path_is_not_nothing(tmp_path: Path, tree: dict[str, str]) -> None:
    judged = audited(put(tmp_path, tree))
    assert judged.has_any == (True,)
    assert judged.places != ()


def test_nothing_is_seen_in_a_configuration_without_a_word_of_anchors(tmp_path: Path) -> None:
    judged = audited(put(tmp_path, {"etc/hosts": "127.0.0.1 localhost\n"}))
    assert (judged.has_any, judged.places) == ((False,), ())
