"""Run a proof: test the file alone, then with each installed consumer, aspect by aspect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

from anchors.consumers import registry
from anchors.consumers.bench import Bench, ConsumerFailed, on_bench
from anchors.consumers.driver import BOGUS, NAMES, NX, WWW, Driver, HeldTags, Security
from anchors.consumers.format import Format
from anchors.core.found import MalformedAnchors
from anchors.core.keys import KeyDigest
from anchors.core.records import ALGORITHMS
from anchors.proving.comparison import Comparison, compare, compare_tags
from anchors.proving.lab import Lab, LabKey
from anchors.proving.proof import Aspect, Outcome, Proof, Statement
from anchors.proving.recording import Recording

__all__ = ["Subject", "prove"]

_OURSELVES = "root-anchors"
_APEX = "the DNSKEY RRset"
_EXPECTED: Mapping[str, Security] = {
    WWW: Security.SECURE,
    BOGUS: Security.BOGUS,
    NX: Security.SECURE_NX,
    _APEX: Security.SECURE,
}


class Subject(NamedTuple):
    """The file to be proven.

    Attributes:
        row: the format.
        content: the file.
        keys: the verified keys that it must contain.
        tolerated: keys that it may contain too.
        rendered: the file that the renderer writes for the verified keys.
    """

    row: Format
    content: bytes
    keys: tuple[KeyDigest, ...]
    tolerated: tuple[KeyDigest, ...]
    rendered: bytes

    def bench(self) -> AbstractContextManager[Bench]:
        """A bench with a copy of the file."""
        return on_bench(self.row.name, self.row.file_name, self.content)


def prove(
    subject: Subject,
    recording: Recording,
    lab: Lab | None,
    *,
    drivers: Sequence[Driver] | None = None,
    say: Callable[[str], None] = lambda _message: None,
) -> Proof:
    """Run all tests that this machine allows; ``lab`` is ``None`` if the lab is not used."""
    statements = [*_file(subject)]
    missing: list[tuple[str, str]] = []
    for driver in registry.drivers() if drivers is None else drivers:
        if subject.row.name not in driver.formats:
            continue
        if driver.missing():
            missing.append((driver.name, driver.package))
            continue
        say(f"try {driver.name}")
        statements += _Trial(driver, subject, recording, lab).statements()
    return Proof(
        row=subject.row,
        keys=subject.keys,
        statements=tuple(statements),
        missing=tuple(missing),
        as_rendered=subject.content == subject.rendered,
    )


def _file(subject: Subject) -> Iterator[Statement]:
    """The file as we read it ourselves: no consumer notices a wrong digit."""
    try:
        found = subject.row.read.load()(subject.content)
    except MalformedAnchors as error:
        yield Statement(Aspect.FILE, Outcome.CONTRADICTED, _OURSELVES, f"cannot be read: {error}")
        return
    comparison = compare(subject.keys, found.anchors, subject.tolerated)
    yield from _compared(Aspect.FILE, _OURSELVES, comparison)
    if found.besides and subject.content != subject.rendered:
        # The program does what stands there, and a proof does not judge that.
        words = (
            f"the file contains more than anchors ({found.besides[0]!r:.60}), and the effect of "
            "that was not judged"
        )
        yield Statement(Aspect.FILE, Outcome.NOT_SHOWN, _OURSELVES, words)


def _compared(
    aspect: Aspect, by: str, comparison: Comparison, how: str = ""
) -> Iterator[Statement]:
    shown = Outcome.SHOWN if comparison.in_full else Outcome.TAG_SHOWN
    for key, words in comparison.right:
        yield Statement(aspect, shown, by, words + how, key)
    for stranger, words in comparison.wrong:
        yield Statement(aspect, Outcome.CONTRADICTED, by, words + how, stranger)


class _Trial(NamedTuple):
    """One consumer and one file."""

    driver: Driver
    subject: Subject
    recording: Recording
    lab: Lab | None
    by: str = ""

    def statements(self) -> list[Statement]:
        """Everything that this consumer shows."""
        try:
            with self.subject.bench() as bench:
                by = f"{self.driver.name} {self.driver.version(bench)}"
                unfit = self.driver.unfit(bench)
        except ConsumerFailed as error:
            return [Statement(Aspect.LOADS, Outcome.NOT_SHOWN, self.driver.name, str(error))]
        if unfit is not None:
            return [Statement(Aspect.LOADS, Outcome.NOT_SHOWN, by, unfit)]
        trial = _Trial(self.driver, self.subject, self.recording, self.lab, by)
        statements: list[Statement] = []
        for aspect, attempt in (
            (Aspect.LOADS, trial.loads()),
            (Aspect.HOLDS, trial.holds()),
            (Aspect.VALIDATES, trial.validates()),
            (Aspect.CONFORMS, trial.conforms()),
        ):
            try:
                statements += attempt
            except ConsumerFailed as error:
                statements.append(Statement(aspect, Outcome.NOT_SHOWN, by, str(error)))
        return statements

    def loads(self) -> Iterator[Statement]:
        """Whether the program takes the file."""
        with self.subject.bench() as bench:
            told = self.driver.loads(bench)
        yield self._statement(Aspect.LOADS, told.words, yes=told.yes)

    def holds(self) -> Iterator[Statement]:
        """Whether what it holds is the verified set."""
        with self.subject.bench() as bench:
            held = self.driver.holds(bench)
        if held is None:
            yield self._statement(Aspect.HOLDS, "the program has no way to list its anchors")
            return
        comparison = (
            compare_tags(self.subject.keys, held.anchors.tags)
            if isinstance(held.anchors, HeldTags)
            else compare(self.subject.keys, held.anchors.anchors, self.subject.tolerated)
        )
        yield from _compared(Aspect.HOLDS, self.by, comparison, f" ({held.by})")

    def validates(self) -> Iterator[Statement]:
        """Whether the file validates the real RRset, at the time it was recorded."""
        day = f"{self.recording.rrset.observed_at:%Y-%m-%d}"
        signers = [key for key in self.subject.keys if key.key_tag in self.recording.signers]
        with self.subject.bench() as bench:
            told = self.driver.validates(bench, self.recording.rrset) if signers else None
        if signers and told is None:
            yield self._statement(Aspect.VALIDATES, "the program cannot be run at another date")
            return
        for key in self.subject.keys:
            if key not in signers or told is None:
                words = f"this key does not sign the RRset recorded on {day}"
                yield self._statement(Aspect.VALIDATES, words, key=key)
            elif told.yes and len(signers) > 1:
                words = f"this key is not the only one that signs the RRset recorded on {day}"
                yield self._statement(Aspect.VALIDATES, words, key=key)
            else:
                words = f"the RRset recorded on {day}: {told.words}"
                yield self._statement(Aspect.VALIDATES, words, yes=told.yes, key=key)

    def conforms(self) -> Iterator[Statement]:
        """Whether the renderer's file of lab keys validates the lab root, each key alone."""
        if self.lab is None:
            yield self._statement(Aspect.CONFORMS, "not run (--lab runs it)")
            return
        for number, key in enumerate(self.lab.keys, 1):
            others = [other for other in self.lab.keys if other != key]
            right = self._judged(self.lab, key, self.lab.keys)
            wrong = self._judged(self.lab, key, others)
            if right is None or wrong is None:
                yield self._statement(Aspect.CONFORMS, "the program itself does not validate")
                return
            faults = [
                *_faults("with it", right, _EXPECTED),
                *_faults("without it", wrong, dict.fromkeys(wrong, Security.BOGUS)),
            ]
            judged = ", ".join(f"{name} {verdict}" for name, verdict in right.items())
            alone = f"lab key {number} ({ALGORITHMS[key.algorithm]}) alone"
            words = f"{alone}: {', '.join(faults) or f'{judged}; all bogus without it'}"
            yield self._statement(Aspect.CONFORMS, words, yes=not faults)

    def _judged(
        self, lab: Lab, signer: LabKey, anchors: Sequence[LabKey]
    ) -> Mapping[str, Security] | None:
        """What the program makes of the zone that ``signer`` signs, given these anchors."""
        row = self.subject.row
        content = lab.anchor_file(row.name, anchors)
        with lab.serving(signer) as root, on_bench(row.name, row.file_name, content) as bench:
            judged = self.driver.resolves(bench, root, NAMES)
            if judged is not None:
                if Security.NO_ANSWER in judged.values():
                    raise ConsumerFailed("the program does not answer in the lab")
                return judged
            told = self.driver.validates(bench, lab.recorded(signer))
        if told is None:
            return None
        return {_APEX: Security.SECURE if told.yes else Security.BOGUS}

    def _statement(
        self, aspect: Aspect, words: str, *, yes: bool | None = None, key: KeyDigest | None = None
    ) -> Statement:
        outcomes = {None: Outcome.NOT_SHOWN, True: Outcome.SHOWN, False: Outcome.CONTRADICTED}
        return Statement(aspect, outcomes[yes], self.by, words, key)


def _faults(
    when: str, judged: Mapping[str, Security], expected: Mapping[str, Security]
) -> Iterator[str]:
    for name, verdict in judged.items():
        if verdict is not expected[name]:
            yield f"{name} is {verdict} {when}, should be {expected[name]}"
