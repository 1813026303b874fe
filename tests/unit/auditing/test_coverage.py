"""What could not be read is counted where a row tells which file that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from anchors.auditing import run
from anchors.auditing.scan import classify
from anchors.core.policy import VerificationPolicy
from anchors.pipeline.request import Request
from tests.unit.auditing.basis import AFTER_THE_ROLL
from tests.unit.auditing.systems import Tree, put
from tests.unit.consumers.samples import DS1, DS2

CONF = "server:\n  trust-anchor-file: /etc/unbound/k.txt\n  include: /etc/unbound/root.keys\n"
MAIN, PART = "etc/unbound/unbound.conf", "etc/unbound/root.keys"
KEYS = {"etc/unbound/k.txt": f". DS {DS1}\n. DS {DS2}\n"}


@pytest.mark.parametrize(
    ("tree", "unread"),
    [
        ({MAIN: CONF, PART: "verbosity: 1\n"}, []),
        ({PART: "verbosity: 1\n"}, [PART]),
        ({MAIN: CONF, PART: "verbosity: 1 #" + "x" * classify.MAX_TEXT + "dnssec\n"}, [PART]),
        (
            {"etc/root.ds": "and so on\n", "etc/root.key": "and so on\n"},
            ["etc/root.ds", "etc/root.key"],
        ),
    ],
    ids=["read by its program", "loose", "large", "two"],
)
def test_each_that_is_counted_has_a_row(tmp_path: Path, tree: Tree, unread: list[str]) -> None:
    put(tmp_path, KEYS | dict(tree))
    policy = VerificationPolicy(at=AFTER_THE_ROLL)
    request = Request(policy=policy, source="embedded", dns="recorded")
    found = run.audit(request, [tmp_path])
    told = [row.found.location.path for row in found.places if row.found.reading is None]
    assert found.coverage.unreadable == len(unread)
    assert set(unread) <= set(told)
