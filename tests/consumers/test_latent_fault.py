"""Two anchors, one wrong digit in the second: all is well until the day of the roll."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

import pytest

from anchors.consumers.driver import NAMES, WWW, Security
from anchors.consumers.query import Endpoint
from anchors.core.keys import KeyDigest, label
from anchors.pipeline.verify import verify
from anchors.proving.lab import Lab, LabKey
from anchors.proving.proof import Aspect, Outcome
from anchors.proving.recording import embedded_recording
from anchors.proving.trial import Subject, prove
from tests.consumers.conftest import Case, cases

WHERE = 10


def flipped(content: bytes, key: LabKey) -> bytes:
    """One character of the key's digest, or of the key itself, is another."""
    for text in (key.digest.hex().upper(), base64.b64encode(key.dnskey.key).decode()):
        if text.encode() in content:
            other = "E" if text[WHERE] != "E" else "F"
            wrong = f"{text[:WHERE]}{other}{text[WHERE + 1 :]}"
            return content.replace(text.encode(), wrong.encode())
    raise AssertionError("the key is not in the file")


@pytest.mark.parametrize("case", [*cases(installed_only=True)], indirect=True)
def test_one_wrong_digit_is_found_though_the_consumer_says_secure(
    case: Case, lab: Lab, roots: Mapping[LabKey, Endpoint], tmp_path: Path
) -> None:
    good, wrong = lab.keys
    rendered = lab.anchor_file(case.row.name)
    content = flipped(rendered, wrong)

    with case.bench(content) as bench:
        today = case.driver.resolves(bench, roots[good], NAMES)
    with case.bench(content) as bench:
        after_the_roll = case.driver.resolves(bench, roots[wrong], NAMES)
    if today is not None:
        assert today[WWW] is Security.SECURE
        assert after_the_roll is not None
        assert after_the_roll[WWW] is Security.BOGUS

    keys = verified(lab, tmp_path)
    subject = Subject(case.row, content, keys, (), rendered)
    proof = prove(subject, embedded_recording(), None, drivers=[case.driver])
    (second,) = (key for key in keys if key.key_tag == wrong.tag)
    (first,) = (key for key in keys if key.key_tag == good.tag)
    assert proof.exit_code == 1
    assert proof.of(Aspect.FILE, second) is Outcome.CONTRADICTED
    assert proof.of(Aspect.FILE, first) is Outcome.SHOWN
    assert proof.of(Aspect.HOLDS, first) is not Outcome.CONTRADICTED
    told = next(s for s in proof.statements if s.outcome is Outcome.CONTRADICTED)
    assert told.key == second, label(second)
    by_digest = wrong.digest.hex().upper().encode() in rendered
    place = f"digit {WHERE + 1} of the digest" if by_digest else f"base64 character {WHERE + 1} of"
    assert told.words.startswith(place)


def verified(lab: Lab, directory: Path) -> tuple[KeyDigest, ...]:
    report = verify(lab.publish(lab.keys, directory))
    keys = tuple(row.entry for row in report.keys if isinstance(row.entry, KeyDigest))
    assert {key.key_tag for key in keys} == {key.tag for key in lab.keys}
    return keys
