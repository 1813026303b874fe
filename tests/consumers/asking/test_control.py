"""What programs say of themselves, over their control channels, beside what they do."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from anchors.asking.control import Control, Witness, witnesses
from anchors.asking.run import ask
from anchors.asking.verdict import ResolverVerdict, Summary
from anchors.consumers.bench import free_port, on_bench
from anchors.consumers.driver import HeldTags
from anchors.consumers.query import Endpoint
from anchors.core.checks import Check
from anchors.core.findings import Severity
from anchors.core.found import FoundAnchor, FoundAnchors, FoundDnskey
from anchors.core.servers import Server
from tests.consumers.asking.resolvers import PROGRAMS, Anchor, Setup
from tests.consumers.asking.root import State
from tests.consumers.asking.test_stories import (
    BY_TAG,
    BY_USE,
    CHOICE,
    FAILS,
    NOT,
    Told,
    need_of_version,
    roots,
    told,
    version,
    words,
)

__all__ = ["roots", "told", "version"]

CONSUMER = {"named": "bind", "unbound": "unbound", "pdns": "pdns", "kresd": "knot"}
DIGESTS = {"unbound", "pdns"}
KEY = 'key "lab" {{ algorithm hmac-sha256; secret "bm90IGEgc2VjcmV0IGF0IGFsbA=="; }};\n'
UNBOUND = """\
remote-control:
    control-enable: yes
    control-interface: "{socket}"
    control-use-cert: no
"""
RNDC = KEY + 'options {{ default-server 127.0.0.1; default-port {port}; default-key "lab"; }};\n'
CONTROLS = (
    KEY + 'controls {{ inet 127.0.0.1 port {port} allow {{ 127.0.0.1; }} keys {{ "lab"; }}; }};'
)


def with_control(program: str, folder: Path) -> Path:
    """Open a control channel in the configuration that was just written; what names it."""
    if program == "unbound":
        conf = folder / "unbound.conf"
        text = conf.read_text().replace("remote-control:\n    control-enable: no\n", "")
        conf.write_text(text + UNBOUND.format(socket=folder / "control"))
        return conf
    if program == "named":
        port = free_port("127.0.0.1")
        conf = folder / "named.conf"
        text = conf.read_text()
        assert "controls { };" in text
        conf.write_text(text.replace("controls { };", CONTROLS.format(port=port)))
        (folder / "rndc.conf").write_text(RNDC.format(port=port))
        return folder / "rndc.conf"
    return folder


@contextlib.contextmanager
def controlled(
    program: str, up: Endpoint, anchors: Sequence[Anchor]
) -> Iterator[tuple[Endpoint, Control]]:
    """The program with its control channel open."""
    row = PROGRAMS[program]
    with on_bench("", "unused", b"") as bench:
        place = bench.directory

        def configure(here: Endpoint) -> list[str]:
            nonlocal place
            arguments = row.configure(bench, Setup(here, up, anchors, ""))
            place = with_control(program, bench.directory)
            return arguments

        with bench.serving(row.command, configure, SYSTEMD_INSTANCE="1") as (here, _):
            if program == "kresd":
                (place,) = (bench.directory / "control").iterdir()
            yield here, Control(CONSUMER[program], place)


def verdict_on(told: Told, here: Endpoint, control: Control) -> ResolverVerdict:
    server = Server(here.address, here.port)
    (verdict,) = ask(told.request, [server], CHOICE, control=control).resolvers
    return verdict


def contradictions(verdict: ResolverVerdict) -> list[Severity]:
    return [f.severity for f in verdict.findings if f.check is Check.ASK_CONTRADICTION]


@pytest.mark.parametrize("program", [one for one in CONSUMER if one != "kresd"])
def test_a_wrong_digest_is_found_before_the_roll_where_digests_are_told(
    program: str, version: Path | None, told: Told, roots: Mapping[State, Endpoint]
) -> None:
    need_of_version(program, version)
    with controlled(program, roots[State.OLD], (told.old, told.wrong)) as (here, control):
        verdict = verdict_on(told, here, control)
    assert verdict.witness is not None
    assert verdict.witness.held is not None, verdict.witness.failure
    if program in DIGESTS:
        assert not isinstance(verdict.witness.held.anchors, HeldTags)
        assert words(verdict) == ("yes", BY_USE, NOT)
        assert contradictions(verdict) == [Severity.FAILURE]
        assert verdict.summary is Summary.NOT_READY
    else:
        assert verdict.witness.held.anchors == HeldTags((told.old.key.tag, told.wrong.key.tag))
        assert words(verdict) == ("yes", BY_USE, BY_TAG)
        assert contradictions(verdict) == []


def test_kresd_tells_the_key_that_it_took_by_the_tag_of_a_wrong_digest(
    version: Path | None, told: Told, roots: Mapping[State, Endpoint]
) -> None:
    """Its digest is gone once it has seen the root's keys, so there is nothing to contradict."""
    need_of_version("kresd", version)
    with controlled("kresd", roots[State.OLD], (told.old, told.wrong)) as (here, control):
        server, until = Server(here.address, here.port), time.monotonic() + 10
        anchors: tuple[FoundAnchor, ...] = ()
        while time.monotonic() < until and not any(isinstance(x, FoundDnskey) for x in anchors):
            (said,) = witnesses([server], control)
            assert said is not None
            assert said.held is not None, said.failure
            assert isinstance(said.held.anchors, FoundAnchors)
            anchors = said.held.anchors.anchors
            time.sleep(0.05)
    keys = {one.public_key for one in anchors if isinstance(one, FoundDnskey)}
    assert keys == {key.dnskey.key for key in told.lab.keys}


@pytest.mark.parametrize("program", CONSUMER)
def test_with_the_right_anchors_the_program_says_what_it_does(
    program: str, version: Path | None, told: Told, roots: Mapping[State, Endpoint]
) -> None:
    need_of_version(program, version)
    with controlled(program, roots[State.OLD], told.both) as (here, control):
        verdict = verdict_on(told, here, control)
    assert words(verdict) == ("yes", BY_USE, BY_TAG)
    assert (verdict.summary, contradictions(verdict)) == (Summary.READY, [])


@pytest.mark.parametrize("program", CONSUMER)
def test_a_wrong_digest_is_the_finding_after_the_roll(
    program: str, told: Told, roots: Mapping[State, Endpoint]
) -> None:
    need_of_version(program, None)
    with controlled(program, roots[State.NEW], (told.old, told.wrong)) as (here, control):
        verdict = verdict_on(told, here, control)
    assert verdict.validates.value == verdict.keys[1].trust.value == FAILS
    assert Severity.FAILURE in contradictions(verdict)


def test_a_silent_program_that_lacks_the_next_key_is_not_ready(
    told: Told, roots: Mapping[State, Endpoint]
) -> None:
    need_of_version("pdns", None)
    with controlled("pdns", roots[State.OLD], (told.old,)) as (here, control):
        verdict = verdict_on(told, here, control)
    assert (words(verdict), verdict.summary) == (("yes", BY_USE, NOT), Summary.NOT_READY)


def test_unbound_tells_anchors_of_a_file_by_tag_alone(
    told: Told, roots: Mapping[State, Endpoint]
) -> None:
    need_of_version("unbound", None)
    with on_bench("", "root.ds", f". IN DS {told.new.rdata}\n".encode()) as bench:

        def configure(here: Endpoint) -> list[str]:
            more = f'    trust-anchor-file: "{bench.file}"\n'
            setup = Setup(here, roots[State.NEW], (told.old,), more)
            arguments = PROGRAMS["unbound"].configure(bench, setup)
            with_control("unbound", bench.directory)
            return arguments

        with bench.serving("unbound", configure) as (here, _):
            server = Server(here.address, here.port)
            (said,) = witnesses([server], Control("unbound", bench.directory / "unbound.conf"))
    assert said is not None
    assert said.held is not None
    assert said.held.by == "CH TXT trustanchor.unbound"
    assert isinstance(said.held.anchors, HeldTags)
    assert {*said.held.anchors.tags} == {told.old.key.tag, told.new.key.tag}


def test_named_is_reached_by_its_own_configuration_too(
    version: Path | None, told: Told, roots: Mapping[State, Endpoint]
) -> None:
    """Its key lies in a file of its own, its port is another one, and it is not the only named."""
    need_of_version("named", version)
    with controlled("named", roots[State.OLD], told.both) as (here, control):
        assert control.place is not None
        conf = control.place.with_name("named.conf")
        (conf.parent / "lab.key").write_text(KEY.format())
        conf.write_text(conf.read_text().replace(KEY.format(), 'include "lab.key";\n'))
        server = Server(here.address, here.port)
        by_name = witnesses([server], Control("bind", conf))
        by_itself = witnesses([server], None)
    for (said,) in (by_name, by_itself):
        assert said is not None
        assert said.held is not None, said.failure
        assert said.held.anchors == HeldTags((told.old.key.tag, told.new.key.tag))


@pytest.mark.parametrize("program", CONSUMER)
def test_a_program_that_cannot_be_reached_does_not_tell(program: str, tmp_path: Path) -> None:
    need_of_version(program, None)
    (said,) = witnesses([Server("127.0.0.1", 9)], Control(CONSUMER[program], tmp_path / "nothing"))
    assert isinstance(said, Witness)
    assert said.held is None
    assert said.failure


@pytest.mark.parametrize("program", ["unbound", "pdns", "kresd"])
def test_the_program_that_answers_is_found_by_itself(
    program: str, told: Told, roots: Mapping[State, Endpoint]
) -> None:
    """By its own channel, whichever else of it run."""
    need_of_version(program, None)
    with controlled(program, roots[State.NEW], told.both) as (here, _):
        (said,) = witnesses([Server(here.address, here.port)], None)
    assert said is not None
    assert (said.held is not None, said.is_chosen) == (True, False), said.failure
