from __future__ import annotations

from pathlib import Path

import pytest

from anchors.consumers.format import Format
from anchors.consumers.registry import REGISTRY
from anchors.pipeline.crosscheck import CrossCheck
from anchors.pipeline.verify import example

GOLDEN = Path(__file__).parents[3] / "fixtures/golden"


@pytest.fixture(scope="module")
def checked() -> CrossCheck:
    return example()


@pytest.mark.parametrize("row", REGISTRY, ids=lambda row: row.name)
def test_each_format_is_byte_for_byte_its_golden_file(row: Format, checked: CrossCheck) -> None:
    assert row.write(checked.emission) == (GOLDEN / row.file_name).read_bytes()


def test_no_golden_file_is_left_over() -> None:
    names = {row.file_name for row in REGISTRY}
    assert {path.name for path in GOLDEN.iterdir()} == {*names, "manifest.json"}
