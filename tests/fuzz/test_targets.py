from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, Target, seeds_of


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_target_reads_its_seeds(target: Target) -> None:
    seeds = list(target.seeds())
    assert seeds
    assert all(target.run(seed) for seed in seeds)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_what_once_went_wrong_goes_well(target: Target) -> None:
    for seed in seeds_of(target):
        target.run(seed)


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
