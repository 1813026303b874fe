from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from types import CodeType, FrameType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.docs.markdown import ROOT
from tests.fuzz.targets import TARGETS, Target

READER = re.compile("read|parse|loads?(_|$)|open_|looks_like|recognise|compiled_in|in_source")


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_target_reads_its_seeds(target: Target) -> None:
    seeds = list(target.seeds())
    assert seeds
    assert all(target.run(seed) for seed in seeds)


def readers() -> set[str]:
    """Every function of the package that reads bytes, or a file, from outside.

    The drivers and ``anchors.proving`` read what the resolvers of this machine say, which are no
    strangers.
    """
    found = {
        "anchors/auditing/scan/oci_image.py: scan_image",
        "anchors/auditing/scan/archive.py: scan_archive",
        "anchors/publication/root_cas.py: roots_from_file",
    }
    for path in sorted((ROOT / "anchors").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and READER.match(node.name):
                taken = {ast.unparse(one.annotation) for one in node.args.args if one.annotation}
                if "bytes" in taken and not {"proving", "running.py"} & {*path.parts}:
                    found.add(f"{path.relative_to(ROOT)}: {node.name}")
    return found


def test_every_reader_is_fuzzed() -> None:
    called: set[str] = set()
    known: set[CodeType] = set()

    def note(frame: FrameType, _event: str, _argument: object) -> None:
        if frame.f_code in known:
            return
        known.add(frame.f_code)
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT):
            called.add(f"{path.relative_to(ROOT)}: {frame.f_code.co_name}")

    sys.setprofile(note)
    try:
        for target in TARGETS:
            for seed in target.seeds():
                target.run(seed)
    finally:
        sys.setprofile(None)
    assert len(readers()) > 30
    assert readers() - called == set()


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_seed_cut_and_overwritten_raises_only_what_it_may(
    target: Target, data: st.DataObject
) -> None:
    seed = data.draw(st.sampled_from(list(target.seeds())))
    begin = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(begin, len(seed)))
    target.run(seed[:begin] + data.draw(st.binary(max_size=40)) + seed[end:])
