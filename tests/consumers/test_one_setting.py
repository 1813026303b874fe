"""Libraries that take one file of anchors: what each makes of a file that it cannot use."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from anchors.consumers.bench import on_bench
from anchors.consumers.by_script import ByScript
from anchors.consumers.driver import NAMES, Security
from anchors.consumers.netdns.running import NetDnsUnbound
from anchors.consumers.prosody.running import LuaUnbound
from anchors.consumers.query import Endpoint
from anchors.proving.lab import Lab, LabKey
from tests.consumers.conftest import needs, rendered

EACH = pytest.mark.parametrize("driver", [LuaUnbound(), NetDnsUnbound()], ids=lambda one: one.name)


def resolves(driver: ByScript, content: bytes, root: Endpoint) -> Mapping[str, Security]:
    needs(driver)
    with on_bench("ds", "anchors", content) as bench:
        return driver.resolves(bench, root, NAMES)


@EACH
@pytest.mark.parametrize("content", [b"", b"; nothing\n"])
def test_with_no_anchor_every_answer_is_taken(
    driver: ByScript, content: bytes, lab: Lab, roots: Mapping[LabKey, Endpoint]
) -> None:
    judged = resolves(driver, content, roots[lab.keys[0]])
    assert judged == dict.fromkeys(NAMES, Security.UNVALIDATED)


@EACH
def test_with_another_form_every_look_up_fails(
    driver: ByScript, lab: Lab, roots: Mapping[LabKey, Endpoint]
) -> None:
    judged = resolves(driver, rendered("bind"), roots[lab.keys[0]])
    assert judged == dict.fromkeys(NAMES, Security.NO_ANSWER)


@EACH
def test_without_the_file_every_look_up_fails(driver: ByScript) -> None:
    needs(driver)
    with on_bench("ds", "anchors", b"") as bench:
        bench.file.unlink()
        assert not driver.loads(bench).yes
