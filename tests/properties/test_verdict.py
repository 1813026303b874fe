"""When a verdict may change, and when not a byte may."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from dns.dnssectypes import Algorithm
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.pipeline.report import Verdict
from anchors.report.json import render
from tests.live.command import PACKAGE_PARENT, files_in
from tests.properties.cases import (
    ASKED,
    CASES,
    LIARS,
    WITHOUT_REVOCATION,
    Case,
    Listed,
    Shown,
    a_place,
    build_from,
    run,
    write,
)
from tests.simulator.times import AT, rfc3339

ECDSA, ED25519 = Algorithm.ECDSAP256SHA256, Algorithm.ED25519
SILENCE = Shown(keys=())

many = settings(deadline=None, derandomize=True, max_examples=50)


@many
@given(CASES)
def test_the_same_inputs_give_the_same_report_and_the_same_bytes(case: Case) -> None:
    """And what was written is verified again to the same end, from itself alone."""
    with a_place() as place:
        source = write(case, place / "source")
        one, other = (build_from(source, case, place / name) for name in ("one", "other"))
        assert one == other
        assert render(one.report) == render(other.report)
        written = place.joinpath("one").exists()
        assert written == (one.report.verdict is Verdict.VERIFIED)
        if not written:
            return
        assert files_in(place / "one") == files_in(place / "other") == one.files
        (place / "one" / "ca.pem").write_bytes((source / "ca.pem").read_bytes())
        again = build_from(place / "one", case, place / "again")
        assert files_in(place / "again") == one.files
        assert again.report.keys == one.report.keys


def a_bit_of_everything() -> Case:
    """Keys in every state, unusable ones, and servers that do not agree."""
    day = timedelta(days=1)
    keys = [(name, algorithm) for name in ("own one", "own two") for algorithm in (ECDSA, ED25519)]
    unknown = [(f"unknown {number}", ED25519) for number in range(5)]
    return Case(
        listed=(
            *(Listed(key=key, begin=-day, end=None) for key in keys),
            *(Listed(key=key, begin=-day, end=None, hash_name="sha384") for key in keys),
            *(Listed(key=key, begin=-2 * day, end=-day) for key in keys[:2]),
            Listed(key=keys[0], begin=-day, end=None, fault="short digest"),
            Listed(key=keys[1], begin=-day, end=None, fault="unknown algorithm"),
        ),
        shown=(
            Shown(keys=tuple(keys), signers=frozenset(keys), revoked=frozenset(keys[3:])),
            Shown(keys=(*keys[:2], *unknown), signers=frozenset(keys[:2])),
            Shown(keys=tuple(keys[1:3]), signers=frozenset(keys), forged=True),
            SILENCE,
        ),
    )


def test_the_same_in_a_process_that_hashes_otherwise(tmp_path: Path) -> None:
    source = write(a_bit_of_everything(), tmp_path / "source")
    inputs = ["--source", source, "--ca", source / "ca.pem", "--dns", "recorded"]
    seen = []
    for seed in ("0", "1", "4294967295"):
        output = tmp_path / "output"
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(PACKAGE_PARENT)}
        reports = [
            subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "anchors",
                    *map(str, (*command, *inputs, "--at", rfc3339(AT))),
                ],
                env=env,
                cwd=tmp_path,
                capture_output=True,
                check=True,
                timeout=60,
            )
            for command in (("verify", "--report-format", "json"), ("build", "-o", output))
        ]
        seen.append(([(one.stdout, one.stderr) for one in reports], files_in(output)))
    assert seen[0][1]
    assert seen == seen[:1] * 3


@many
@given(WITHOUT_REVOCATION, st.data())
def test_less_evidence_never_makes_a_refused_publication_verified(
    case: Case, data: st.DataObject
) -> None:
    """A server that falls silent takes nothing away but what it showed.

    Only the silence of a server that shows a revocation can, which is why one is enough.
    """
    assert case.shown is not None
    silent = data.draw(st.frozensets(st.integers(0, len(case.shown) - 1), min_size=1))
    less = replace(
        case,
        shown=tuple(SILENCE if n in silent else one for n, one in enumerate(case.shown)),
    )
    before, after = run(case).report, run(less).report
    assert before.verdict is Verdict.VERIFIED or after.verdict is not Verdict.VERIFIED
    if less.shown == (SILENCE,) * len(case.shown):
        assert after.verdict is not Verdict.VERIFIED
        assert not any(row.usable for row in after.keys)


@many
@given(CASES, st.data())
def test_signatures_that_do_not_hold_verify_nothing(case: Case, data: st.DataObject) -> None:
    """Whatever else is right: without one good signature nothing comes out."""
    shown = case.shown or (Shown(keys=(data.draw(st.sampled_from(case.listed)).key,)),)
    built = run(replace(case, shown=tuple(replace(one, forged=True) for one in shown)))
    assert built.report.verdict is not Verdict.VERIFIED
    assert built.files == {}


@many
@given(ASKED, LIARS, st.booleans())
def test_a_server_that_lies_changes_nothing(case: Case, liar: Shown, first: bool) -> None:
    """It takes no key away, revokes none, and makes nothing verified."""
    assert case.shown is not None
    shown = (liar, *case.shown) if first else (*case.shown, liar)
    honest, deceived = run(case), run(replace(case, shown=shown))
    assert honest.files == deceived.files
    verified = (one.report.verdict is Verdict.VERIFIED for one in (honest, deceived))
    assert [*verified] in ([True, True], [False, False])


@many
@given(ASKED)
def test_the_order_of_the_servers_changes_nothing(case: Case) -> None:
    assert case.shown is not None
    one, other = run(case), run(replace(case, shown=case.shown[::-1]))
    assert one.report.verdict is other.report.verdict
    assert one.report.keys == other.report.keys
    assert one.files == other.files
