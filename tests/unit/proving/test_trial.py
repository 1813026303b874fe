"""What is shown, what is contradicted, and what is not shown, with a consumer that we can bend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from anchors.consumers.bench import Bench, ConsumerFailed
from anchors.consumers.driver import (
    BOGUS,
    NX,
    WWW,
    Driver,
    Held,
    HeldTags,
    RecordedRrset,
    Security,
    Told,
)
from anchors.consumers.query import Endpoint
from anchors.consumers.registry import find_formats
from anchors.core.found import FoundAnchors
from anchors.pipeline.verify import example
from anchors.proving.lab import Lab
from anchors.proving.proof import Aspect, Outcome, Proof
from anchors.proving.recording import Recording, embedded_recording
from anchors.proving.trial import Subject, prove
from tests.lab.nameserver import require

(DS,) = find_formats(["ds"])
CONTENT = DS.write(example().emission)
KSK_2017, KSK_2024 = KEYS = tuple(anchor.key for anchor in example().anchors.anchors)
RECORDING = embedded_recording()
YES, NO = Told(yes=True, words="fine"), Told(yes=False, words="line 2: bad digest")
TAGS = Held(HeldTags((20326, 38696)), "tell-tags")

Resolve = Callable[[Bench], Mapping[str, Security] | None]


def fail() -> str:
    raise ConsumerFailed("it fell over")


@dataclass
class Bent(Driver):
    """A consumer that says what it is told to."""

    name: str = "bent"
    package: str = "bent-utils"
    programs: tuple[str, ...] = ("sh",)
    formats: tuple[str, ...] = ("ds",)
    tells_version: Callable[[], str] = lambda: "1.2"
    why_unfit: str | None = None
    told: Callable[[Bench], Told] = lambda _bench: YES
    held: Callable[[Bench], Held | None] = lambda bench: Held(
        DS.read.load()(bench.file.read_bytes()), "tell-all"
    )
    validated: Told | None = None
    resolved: Resolve = lambda _bench: None

    def version(self, bench: Bench) -> str:
        del bench
        return self.tells_version()

    def unfit(self, bench: Bench) -> str | None:
        del bench
        return self.why_unfit

    def loads(self, bench: Bench) -> Told:
        return self.told(bench)

    def holds(self, bench: Bench) -> Held | None:
        return self.held(bench)

    def validates(self, bench: Bench, recorded: RecordedRrset) -> Told | None:
        del bench, recorded
        return self.validated

    def resolves(
        self, bench: Bench, root: Endpoint, names: Iterable[str]
    ) -> Mapping[str, Security] | None:
        del root, names
        return self.resolved(bench)


def proof(
    *drivers: Driver,
    content: bytes = CONTENT,
    recording: Recording = RECORDING,
    lab: Lab | None = None,
) -> Proof:
    return prove(Subject(DS, content, KEYS, (), CONTENT), recording, lab, drivers=drivers)


def words(proof: Proof, aspect: Aspect) -> list[tuple[Outcome, str]]:
    return [(s.outcome, s.words) for s in proof.statements if s.aspect is aspect]


def test_a_file_that_is_right_in_every_way_is_proven() -> None:
    made = proof(Bent())
    assert made.exit_code == 0
    assert made.as_rendered
    assert {s.by for s in made.statements} == {"root-anchors", "bent 1.2"}
    for key in KEYS:
        assert made.of(Aspect.FILE, key) is Outcome.SHOWN
        assert made.of(Aspect.HOLDS, key) is Outcome.SHOWN
    assert words(made, Aspect.LOADS) == [(Outcome.SHOWN, "fine")]
    assert words(made, Aspect.HOLDS) == [(Outcome.SHOWN, "DS in full (tell-all)")] * 2
    assert words(made, Aspect.CONFORMS) == [(Outcome.NOT_SHOWN, "not run (--lab runs it)")]


def test_tags_are_shown_as_tags() -> None:
    made = proof(Bent(held=lambda _bench: TAGS))
    assert made.exit_code == 0
    assert words(made, Aspect.HOLDS) == [(Outcome.TAG_SHOWN, "its tag alone (tell-tags)")] * 2
    assert made.of(Aspect.HOLDS, KSK_2024) is Outcome.TAG_SHOWN


def test_in_full_outweighs_the_tag() -> None:
    made = proof(Bent(held=lambda _bench: TAGS), Bent())
    assert made.of(Aspect.HOLDS, KSK_2024) is Outcome.SHOWN


def test_a_wrong_digit_that_the_consumer_takes_is_contradicted() -> None:
    made = proof(Bent(held=lambda _bench: TAGS), content=CONTENT.replace(b"683D2D", b"683D2E"))
    assert made.exit_code == 1
    assert not made.as_rendered
    assert made.of(Aspect.FILE, KSK_2017) is Outcome.SHOWN
    assert made.of(Aspect.FILE, KSK_2024) is Outcome.CONTRADICTED
    assert made.of(Aspect.HOLDS, KSK_2024) is Outcome.TAG_SHOWN


def test_a_file_that_cannot_be_read_is_contradicted() -> None:
    made = proof(Bent(held=lambda _bench: TAGS), content=b". IN DS 38696 8 2 G0\n")
    assert made.exit_code == 1
    assert made.of(Aspect.FILE, KSK_2017) is Outcome.CONTRADICTED
    ((outcome, said),) = words(made, Aspect.FILE)
    assert outcome is Outcome.CONTRADICTED
    assert said.startswith("cannot be read: ")


def test_a_consumer_that_refuses_the_file_contradicts_it_in_its_own_words() -> None:
    made = proof(Bent(told=lambda _bench: NO))
    assert made.exit_code == 1
    assert words(made, Aspect.LOADS) == [(Outcome.CONTRADICTED, "line 2: bad digest")]


@pytest.mark.parametrize("tags", [(20326,), (), (20326, 38696, 19036)])
def test_a_consumer_that_holds_another_set_contradicts_the_file(tags: tuple[int, ...]) -> None:
    made = proof(Bent(held=lambda _bench: Held(HeldTags(tags), "tell-tags")))
    assert made.exit_code == 1
    assert Outcome.CONTRADICTED in {outcome for outcome, _ in words(made, Aspect.HOLDS)}


def test_a_consumer_that_holds_nothing_in_full_contradicts_the_file() -> None:
    made = proof(Bent(held=lambda _bench: Held(FoundAnchors(()), "tell-all")))
    assert (
        words(made, Aspect.HOLDS)
        == [
            (Outcome.CONTRADICTED, "the key is missing (tell-all)"),
        ]
        * 2
    )


def test_what_nobody_can_tell_is_not_shown() -> None:
    made = proof(Bent(held=lambda _bench: None))
    assert made.exit_code == 3
    assert made.of(Aspect.LOADS, KSK_2017) is Outcome.SHOWN
    assert made.of(Aspect.HOLDS, KSK_2017) is Outcome.NOT_SHOWN


def test_another_consumer_may_tell_it() -> None:
    assert proof(Bent(held=lambda _bench: None), Bent()).exit_code == 0


def test_a_consumer_that_is_not_installed_decides_nothing() -> None:
    made = proof(Bent(programs=("sh", "no-such-program")))
    assert made.exit_code == 3
    assert made.missing == (("bent", "bent-utils"),)
    assert {s.aspect for s in made.statements} == {Aspect.FILE}


def test_a_consumer_of_other_formats_is_not_asked() -> None:
    made = proof(Bent(formats=("xml",), programs=("no-such-program",)))
    assert made.missing == ()


def test_a_version_that_the_format_is_not_for_decides_nothing() -> None:
    made = proof(Bent(why_unfit="it is too old"))
    assert made.exit_code == 3
    assert words(made, Aspect.LOADS) == [(Outcome.NOT_SHOWN, "it is too old")]
    assert words(made, Aspect.HOLDS) == []


@pytest.mark.parametrize(
    ("driver", "aspect"),
    [
        (Bent(tells_version=fail), Aspect.LOADS),
        (Bent(told=lambda _bench: Told(yes=True, words=fail())), Aspect.LOADS),
        (Bent(held=lambda _bench: Held(HeldTags(()), fail())), Aspect.HOLDS),
    ],
)
def test_a_consumer_that_falls_over_decides_nothing(driver: Driver, aspect: Aspect) -> None:
    made = proof(driver)
    assert made.exit_code == 3
    assert words(made, aspect) == [(Outcome.NOT_SHOWN, "it fell over")]


def test_no_attempt_sees_what_another_did_to_the_file() -> None:
    def spoil(bench: Bench) -> Told:
        bench.file.write_bytes(b"")
        return YES

    assert proof(Bent(told=spoil)).exit_code == 0


def test_the_key_that_signs_the_recorded_rrset_is_validated() -> None:
    made = proof(Bent(validated=YES))
    assert made.of(Aspect.VALIDATES, KSK_2017) is Outcome.SHOWN
    assert made.of(Aspect.VALIDATES, KSK_2024) is Outcome.NOT_SHOWN
    assert words(made, Aspect.VALIDATES) == [
        (Outcome.SHOWN, "the RRset recorded on 2026-10-04: fine"),
        (Outcome.NOT_SHOWN, "this key does not sign the RRset recorded on 2026-10-04"),
    ]


def test_a_recorded_rrset_that_does_not_validate_contradicts_the_key_that_signs_it() -> None:
    made = proof(Bent(validated=NO))
    assert made.exit_code == 1
    assert made.of(Aspect.VALIDATES, KSK_2017) is Outcome.CONTRADICTED
    assert made.of(Aspect.VALIDATES, KSK_2024) is Outcome.NOT_SHOWN


def test_two_signatures_prove_neither_key() -> None:
    both = RECORDING._replace(signers=frozenset({20326, 38696}))
    made = proof(Bent(validated=YES), recording=both)
    assert {outcome for outcome, _ in words(made, Aspect.VALIDATES)} == {Outcome.NOT_SHOWN}
    assert proof(Bent(validated=NO), recording=both).exit_code == 1


def test_a_consumer_without_a_date_validates_nothing() -> None:
    made = proof(Bent(validated=None))
    want = [(Outcome.NOT_SHOWN, "the program cannot be run at another date")]
    assert words(made, Aspect.VALIDATES) == want


def test_the_embedded_rrset_is_the_real_one() -> None:
    assert RECORDING.signers == {20326}
    assert RECORDING.rrset.observed_at == datetime(2026, 10, 4, tzinfo=UTC)
    assert RECORDING.rrset.text.count(" IN DNSKEY 257 ") == 2


RIGHT = {WWW: Security.SECURE, BOGUS: Security.BOGUS, NX: Security.SECURE_NX}
WRONG = dict.fromkeys(RIGHT, Security.BOGUS)


@pytest.fixture(scope="module")
def lab() -> Lab:
    require()
    return Lab(datetime.now(UTC))


def judge(right: Mapping[str, Security], wrong: Mapping[str, Security]) -> Resolve:
    """By the number of anchors in the file: the lab gives one alone only when it is wrong."""
    return lambda bench: (
        right if len(DS.read.load()(bench.file.read_bytes()).anchors) == 2 else wrong
    )


def test_a_consumer_that_judges_the_lab_rightly_conforms(lab: Lab) -> None:
    made = proof(Bent(resolved=judge(RIGHT, WRONG)), lab=lab)
    assert made.exit_code == 0
    for number, (outcome, said) in enumerate(words(made, Aspect.CONFORMS), 1):
        assert outcome is Outcome.SHOWN
        assert said == (
            f"lab key {number} (RSASHA256) alone: www.e2e. secure, bogus.e2e. bogus, "
            "nx.e2e. secure denial; all bogus without it"
        )
    assert len(words(made, Aspect.CONFORMS)) == 2


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (
            RIGHT | {WWW: Security.UNVALIDATED},
            WRONG,
            "www.e2e. is answered without validation with it, should be secure",
        ),
        (
            RIGHT | {BOGUS: Security.SECURE},
            WRONG,
            "bogus.e2e. is secure with it, should be bogus",
        ),
        (RIGHT, RIGHT, "www.e2e. is secure without it, should be bogus"),
        (
            RIGHT | {NX: Security.SECURE},
            WRONG,
            "nx.e2e. is secure with it, should be secure denial",
        ),
    ],
)
def test_a_consumer_that_judges_otherwise_contradicts_the_renderer(
    lab: Lab, right: Mapping[str, Security], wrong: Mapping[str, Security], said: str
) -> None:
    made = proof(Bent(resolved=judge(right, wrong)), lab=lab)
    assert made.exit_code == 1
    assert said in words(made, Aspect.CONFORMS)[0][1]


def test_a_consumer_that_gives_no_answer_in_the_lab_decides_nothing(lab: Lab) -> None:
    made = proof(Bent(resolved=judge(RIGHT | {WWW: Security.NO_ANSWER}, WRONG)), lab=lab)
    assert made.exit_code == 0
    assert words(made, Aspect.CONFORMS) == [
        (Outcome.NOT_SHOWN, "the program does not answer in the lab")
    ]


def test_a_consumer_that_resolves_nothing_is_given_the_rrset(lab: Lab) -> None:
    made = proof(Bent(validated=YES), lab=lab)
    # It says yes to the wrong anchor too.
    assert made.of(Aspect.CONFORMS, KSK_2017) is Outcome.CONTRADICTED


def test_a_consumer_that_validates_nothing_conforms_to_nothing(lab: Lab) -> None:
    made = proof(Bent(), lab=lab)
    assert words(made, Aspect.CONFORMS) == [
        (Outcome.NOT_SHOWN, "the program itself does not validate")
    ]
