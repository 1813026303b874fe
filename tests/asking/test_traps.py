"""The traps of docs/ask.md: each is a resolver that looks otherwise than it is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import dns.message
import pytest

from anchors.asking.questions import Choice
from anchors.asking.verdict import ResolverVerdict, Summary
from anchors.core.checks import Check
from tests.asking.simulated import (
    BOTH_SIGN,
    CHOICE,
    NEW,
    NEW_SIGNS,
    OLD,
    OLD_SIGNS,
    ZSK,
    Resolver,
    told,
)
from tests.lab.zone import signed

OLD_ONLY = frozenset({OLD.tag})
GOOD_NAMES = (".", "www.good.")
STALE = Resolver(trusted=OLD_ONLY, usable=False)


def words(verdict: ResolverVerdict) -> tuple[str, str, str, str]:
    old, new = verdict.keys
    return verdict.validates.value, old.trust.value, new.trust.value, verdict.summary.value


STORIES: dict[str, tuple[Resolver, tuple[str, str, str, str]]] = {
    "ready": (Resolver(), ("yes", "trusts-by-tag", "trusts-by-use", "ready")),
    "1 tags: a wrong digest before the roll is told by tag alone": (
        Resolver(apex=OLD_SIGNS),
        ("yes", "trusts-by-use", "trusts-by-tag", "ready"),
    ),
    "1 tags: and fails after it": (
        replace(STALE, trusted=frozenset({OLD.tag, NEW.tag})),
        ("fails", "tells-nothing", "fails", "not ready"),
    ),
    "2 the cache of before the roll": (
        Resolver(apex=OLD_SIGNS, held=OLD_SIGNS, trusted=OLD_ONLY),
        ("yes", "trusts-by-use", "not-trusted", "not ready"),
    ),
    "3 expired names are answered with a mark": (
        replace(STALE, cached=GOOD_NAMES),
        ("fails", "tells-nothing", "fails", "not ready"),
    ),
    "6 DO passes unvalidated": (
        replace(STALE, sentinel=False, do_passes=True),
        ("fails", "tells-nothing", "fails", "not ready"),
    ),
    "6 only what is asked with AD or DO is validated": (
        replace(STALE, sentinel=False, needs_flag=True),
        ("fails", "tells-nothing", "fails", "not ready"),
    ),
    "7 a local root": (
        Resolver(local_root=True),
        ("yes", "trusts-by-tag", "trusts-by-tag", "cannot tell"),
    ),
    "8 an exempt zone": (
        Resolver(exempt=("good.", "bogus.", "plain.")),
        ("cannot-tell", "cannot-tell", "cannot-tell", "cannot tell"),
    ),
    "9 a permissive validator with good anchors": (
        Resolver(refuses_forged=False),
        ("lets-through", "trusts-by-tag", "trusts-by-use", "ready"),
    ),
    "9 a permissive validator with stale anchors": (
        replace(STALE, refuses_forged=False, sentinel=False, told=(OLD.tag,)),
        ("no", "does-not-validate", "does-not-validate", "not affected"),
    ),
    "10 a name server": (
        Resolver(validates=False, recursive=False),
        ("cannot-tell", "cannot-tell", "cannot-tell", "cannot tell"),
    ),
    "11 names that do not exist are made into addresses": (
        Resolver(rewrites=True),
        ("yes", "trusts-by-tag", "trusts-by-use", "ready"),
    ),
    "12 both keys sign": (
        Resolver(apex=BOTH_SIGN),
        ("yes", "trusts-by-tag", "trusts-by-tag", "cannot tell"),
    ),
    "12 both keys sign, and there is no sentinel": (
        Resolver(apex=BOTH_SIGN, sentinel=False),
        ("yes", "tells-nothing", "tells-nothing", "cannot tell"),
    ),
    "12 a revoked key signs too": (
        Resolver(apex=signed([OLD.revoked(), NEW, ZSK], by=[OLD.revoked(), NEW])),
        ("yes", "trusts-by-tag", "trusts-by-use", "ready"),
    ),
    "CD is ignored": (
        Resolver(honours_cd=False),
        ("yes", "trusts-by-tag", "trusts-by-use", "ready"),
    ),
    "nothing is marked on the way": (
        Resolver(apex=OLD_SIGNS, marks=lambda _number: False, trusted=OLD_ONLY),
        ("yes-unmarked", "trusts-by-tag", "not-trusted", "not ready"),
    ),
    "no validation": (
        Resolver(validates=False),
        ("no", "does-not-validate", "does-not-validate", "not affected"),
    ),
    "a key that signs and that nobody published": (
        Resolver(apex=NEW_SIGNS.and_signed_by(ZSK)),
        ("yes", "trusts-by-tag", "trusts-by-use", "ready"),
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_the_word_is_the_truth(name: str) -> None:
    resolver, expected = STORIES[name]
    assert words(told(resolver)) == expected


def test_trap_4_the_verdict_of_the_sentinel_is_kept_with_its_name() -> None:
    """The key is added, the cache is kept; every run asks for names that nobody asked for yet."""
    resolver = Resolver(apex=OLD_SIGNS, trusted=OLD_ONLY, keeps_verdicts=True)
    assert words(told(resolver))[2] == "not-trusted"
    resolver.trusted = frozenset({OLD.tag, NEW.tag})
    assert words(told(resolver))[2] == "trusts-by-tag"
    # Names that the zone has are the same for ever, and are believed last.
    both = CHOICE._replace(real_names=True)
    assert words(told(resolver, choice=both))[2] == "trusts-by-tag"


def test_trap_5_a_mark_that_comes_and_goes_makes_no_pool() -> None:
    verdict = told(Resolver(apex=OLD_SIGNS, marks=lambda number: number % 2 == 0))
    assert verdict.validates == "yes-unmarked"
    assert verdict.keys[1].trust == "trusts-by-tag"


def test_trap_9_the_anchors_of_one_that_neither_marks_nor_refuses_are_told() -> None:
    verdict = told(STORIES["9 a permissive validator with stale anchors"][0])
    assert Check.ASK_CONTRADICTION in {finding.check for finding in verdict.findings}


def test_a_key_that_signs_and_is_not_published_makes_use_prove_nothing() -> None:
    stranger = replace(ZSK, flags=257)
    apex = signed([OLD, NEW, stranger], by=[NEW, stranger])
    assert words(told(Resolver(apex=apex, sentinel=False)))[2] == "tells-nothing"


@pytest.mark.parametrize("name", ["www.good.", "www.bogus."])
def test_no_name_alone_decides(name: str) -> None:
    """A good name whose signature ended, and a bogus one that somebody has mended."""
    wrong = CHOICE._replace(good="www.bogus.") if name == "www.good." else None
    verdict = told(Resolver(), choice=wrong or CHOICE._replace(bogus="other.good."))
    assert verdict.summary is Summary.CANNOT_TELL


def pool(*members: Resolver) -> Callable[[dns.message.QueryMessage], Sequence[bytes]]:
    """They take turns."""
    turns = itertools.cycle(members)

    def says(query: dns.message.QueryMessage) -> Sequence[bytes]:
        return next(turns)(query)

    return says


OLD_AND_BOTH = (Resolver(apex=OLD_SIGNS, trusted=OLD_ONLY), Resolver(apex=OLD_SIGNS))


@pytest.mark.parametrize(
    ("members", "validates", "new"),
    [
        (OLD_AND_BOTH, "yes", "mixed"),
        ((STALE, Resolver()), "mixed", "mixed"),
        ((Resolver(validates=False), Resolver()), "mixed", "mixed"),
        ((Resolver(sentinel=False), Resolver()), "yes", "trusts-by-use"),
    ],
    ids=["before the roll", "after the roll", "one does not validate", "ready, of two kinds"],
)
def test_a_pool_that_takes_turns(
    members: tuple[Resolver, Resolver], validates: str, new: str
) -> None:
    verdict = told(pool(*members), choice=CHOICE._replace(rounds=8))
    assert (verdict.validates, verdict.keys[1].trust) == (validates, new)
    assert (verdict.summary is Summary.READY) is (new == "trusts-by-use")


def test_without_any_zone_but_the_root_and_arpa() -> None:
    """What a user gives is the address alone."""

    def says(query: dns.message.QueryMessage) -> Sequence[bytes]:
        names.add(query.question[0].name.to_text())
        return resolver(query)

    names: set[str] = set()
    resolver = Resolver()
    assert told(says, choice=Choice()).validates == "yes"
    assert {name for name in names if not name.endswith("arpa.")} == {
        *(".", "trustanchor.unbound.", "trustanchor.server."),
    }
    assert len({name for name in names if "sentinel" in name}) == 4 * 2 * 3
