"""What asking says of real resolvers, over a lab root that is rolled while they run.

A story is told once with the installed version of the program, and once with the newest.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from anchors.asking import answers, control
from anchors.asking.questions import Choice
from anchors.asking.run import ask
from anchors.asking.verdict import ResolverVerdict
from anchors.consumers.bench import find_program
from anchors.consumers.query import Endpoint
from anchors.core.checks import Check
from anchors.core.servers import Server
from anchors.pipeline.request import Request
from anchors.proving.lab import Lab
from tests.consumers.asking.front import fronting
from tests.consumers.asking.resolvers import PROGRAMS, Anchor, running
from tests.consumers.asking.root import BOGUS, GOOD, PLAIN, State, rolling
from tests.consumers.conftest import FOLDERS, REQUIRE

CHOICE = Choice(zone=PLAIN, good=GOOD, bogus=BOGUS)
SENTINEL = ("unbound", "named", "kresd")
SILENT = ("pdns", "dnsmasq", "resolved", "stubby")
# They pass on what their server says of itself, so that has to be a resolver.
FORWARDERS = {"dnsmasq", "resolved", "stubby"}
BY_USE, BY_TAG, NOT, FAILS = "trusts-by-use", "trusts-by-tag", "not-trusted", "fails"
NOTHING, NONE, MIXED, UNTOLD = "tells-nothing", "does-not-validate", "mixed", "cannot-tell"

Words = tuple[str, str, str]


class Told:
    """Asks, and remembers what verifying takes."""

    def __init__(self, lab: Lab, request: Request) -> None:
        self.lab, self.request = lab, request
        self.old, self.new = (Anchor(key) for key in (lab.keys[0], lab.keys[-1]))
        self.wrong = Anchor(lab.keys[-1], wrong=True)
        self.both = (self.old, self.new)

    def ask(self, here: Endpoint, choice: Choice = CHOICE) -> ResolverVerdict:
        """As from another machine: what a control program says is told by other stories."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(control, "listener_at", lambda _server: None)
            (verdict,) = ask(self.request, [Server(here.address, here.port)], choice).resolvers
        return verdict

    def words(self, here: Endpoint, choice: Choice = CHOICE) -> Words:
        return words(self.ask(here, choice))


def words(verdict: ResolverVerdict) -> Words:
    old, new = verdict.keys
    return verdict.validates.value, old.trust.value, new.trust.value


def need(program: str) -> None:
    """Skip without the program, or fail where it must be there."""
    needed = PROGRAMS[program].needs
    if find_program(needed) is None:
        if any((folder / needed).exists() for folder in FOLDERS):
            pytest.skip(f"{program} is unpacked, and not installed")
        if os.environ.get(REQUIRE) == "1":
            pytest.fail(f"{program} is not installed, and {REQUIRE}=1", pytrace=False)
        pytest.skip(f"{program} is not installed")


@pytest.fixture(scope="module")
def told(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Told:
    place = tmp_path_factory.mktemp("asked")
    return Told(lab, replace(lab.publish(lab.keys, place), dns="none"))


@pytest.fixture(scope="module")
def roots(lab: Lab) -> Iterator[Mapping[State, Endpoint]]:
    """A root in every state."""
    with contextlib.ExitStack() as stack:
        yield {state: stack.enter_context(rolling(lab, state)).endpoint for state in State}


@pytest.fixture(params=[None, *FOLDERS], ids=lambda f: f.parent.name if f else "installed")
def version(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path | None:
    """The installed programs, or those in a folder."""
    folder: Path | None = request.param
    if folder is not None:
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def need_of_version(program: str, version: Path | None) -> None:
    needed = PROGRAMS[program].needs
    if version is not None and not (version / needed).exists():
        pytest.skip(f"{program} is not in {version}")
    need(program)


@contextlib.contextmanager
def beside(
    program: str, root: Endpoint, anchors: Sequence[Anchor], more: str = ""
) -> Iterator[Endpoint]:
    """The program over the root, or over a resolver that validates nothing."""
    with contextlib.ExitStack() as stack:
        if program in FORWARDERS:
            root = stack.enter_context(running("unbound", root, ()))
        yield stack.enter_context(running(program, root, anchors, more))


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_every_program_does_before_and_after_the_roll(
    program: str, version: Path | None, told: Told, roots: Mapping[State, Endpoint]
) -> None:
    need_of_version(program, version)
    tells = program in SENTINEL
    tag, no = (BY_TAG, NOT) if tells else (NOTHING, NOTHING)
    decisive = [
        (State.NEW, told.both, ("yes", tag, BY_USE)),
        (State.NEW, (told.old,), (FAILS, NOTHING, FAILS)),
        (State.OLD, (told.old,), ("yes", BY_USE, no)),
        (State.OLD, (told.old, told.wrong), ("yes", BY_USE, tag)),
    ]
    others = [
        (State.NEW, (told.new,), ("yes", no, BY_USE)),
        (State.NEW, (told.old, told.wrong), (FAILS, NOTHING, FAILS)),
        (State.OLD, told.both, ("yes", BY_USE, tag)),
        (State.NEW, (), ("no", NONE, NONE)),
    ]
    for state, anchors, expected in [*decisive, *(others if version is None else ())]:
        with beside(program, roots[state], anchors) as here:
            assert (state, anchors, told.words(here)) == (state, anchors, expected)


@pytest.mark.parametrize("program", SENTINEL)
def test_names_in_the_root_itself_tell_the_same(
    program: str, told: Told, roots: Mapping[State, Endpoint]
) -> None:
    need(program)
    with beside(program, roots[State.NEW], told.both) as here:
        assert told.words(here, CHOICE._replace(zone=".")) == ("yes", BY_TAG, BY_USE)


MORE: dict[str, tuple[str, State, str, str, Words]] = {
    # name: program, state of the root, anchors (o, n), configuration, words
    "pdns in its default mode": ("pdns", State.NEW, "on", "process", ("yes", NOTHING, BY_USE)),
    "pdns in its default mode, stale": (
        "pdns",
        State.NEW,
        "o",
        "process",
        (FAILS, NOTHING, FAILS),
    ),
    "revoked, unbound": ("unbound", State.REVOKED, "on", "", ("yes", BY_TAG, BY_USE)),
    "revoked, named": ("named", State.REVOKED, "on", "", ("yes", NOT, BY_USE)),
    "revoked, kresd": ("kresd", State.REVOKED, "on", "", ("yes", BY_TAG, BY_USE)),
    "revoked, pdns": ("pdns", State.REVOKED, "on", "", ("yes", NOTHING, BY_USE)),
    "revoked, dnsmasq": ("dnsmasq", State.REVOKED, "on", "", ("yes", NOTHING, BY_USE)),
    "revoked, resolved": ("resolved", State.REVOKED, "on", "", ("yes", NOTHING, BY_USE)),
    "revoked, stubby": ("stubby", State.REVOKED, "on", "", ("yes", NOTHING, BY_USE)),
    "revoked, and nothing else": ("unbound", State.REVOKED, "o", "", (FAILS, NOTHING, FAILS)),
    "both sign, pdns": ("pdns", State.BOTH, "on", "", ("yes", NOTHING, NOTHING)),
    "both sign, unbound": ("unbound", State.BOTH, "on", "", ("yes", BY_TAG, BY_TAG)),
    "both sign, unbound with the old": ("unbound", State.BOTH, "o", "", ("yes", BY_TAG, NOT)),
    "the sentinel is off, before": (
        "unbound",
        State.OLD,
        "on",
        "    root-key-sentinel: no\n",
        ("yes", BY_USE, NOTHING),
    ),
    "the sentinel is off, named": (
        "named",
        State.NEW,
        "on",
        "    root-key-sentinel no;",
        ("yes", NOTHING, BY_USE),
    ),
    "permissive": (
        "unbound",
        State.NEW,
        "on",
        "    val-permissive-mode: yes\n",
        ("lets-through", BY_TAG, BY_USE),
    ),
    "permissive, stale": (
        "unbound",
        State.NEW,
        "o",
        "    val-permissive-mode: yes\n",
        ("no", NONE, NONE),
    ),
    "CD is ignored": (
        "unbound",
        State.NEW,
        "on",
        "    ignore-cd-flag: yes\n",
        ("yes", BY_TAG, BY_USE),
    ),
    "an exempt zone, unbound": (
        "unbound",
        State.NEW,
        "on",
        '    domain-insecure: "e2e."\n',
        (UNTOLD, UNTOLD, UNTOLD),
    ),
    "an exempt zone, named": (
        "named",
        State.NEW,
        "on",
        '    validate-except { "e2e"; };',
        (UNTOLD, UNTOLD, UNTOLD),
    ),
    "refused": (
        "unbound",
        State.NEW,
        "on",
        "    access-control: 127.0.0.0/8 refuse\n",
        (UNTOLD, UNTOLD, UNTOLD),
    ),
    "a wrong clock": (
        "unbound",
        State.NEW,
        "on",
        '    val-override-date: "20310101000000"\n    ede: yes\n',
        (FAILS, NOTHING, FAILS),
    ),
}


@pytest.mark.parametrize("name", MORE)
def test_a_configuration(name: str, told: Told, roots: Mapping[State, Endpoint]) -> None:
    program, state, held, more, expected = MORE[name]
    need(program)
    anchors = [{"o": told.old, "n": told.new}[letter] for letter in held]
    with beside(program, roots[state], anchors, more) as here:
        verdict = told.ask(here)
    assert words(verdict) == expected
    if name == "permissive, stale":
        assert Check.ASK_CONTRADICTION in {finding.check for finding in verdict.findings}


def test_what_is_held_and_what_is_done_contradict_each_other(
    told: Told, roots: Mapping[State, Endpoint]
) -> None:
    need("unbound")
    with beside("unbound", roots[State.NEW], (told.old, told.wrong)) as here:
        verdict = told.ask(here)
    assert [*verdict.told] == sorted(key.tag for key in told.lab.keys)
    assert Check.ASK_CONTRADICTION in {finding.check for finding in verdict.findings}


def test_a_stale_resolver_lives_off_its_cache_until_that_ends(
    version: Path | None, told: Told, tmp_path: Path
) -> None:
    need_of_version("unbound", version)
    unbound_control = Controlled(tmp_path)
    with (
        rolling(told.lab, State.OLD) as root,
        running("unbound", root.endpoint, (told.old,), unbound_control.lines) as here,
    ):
        assert told.words(here) == ("yes", BY_USE, NOT)
        root.roll(State.NEW)
        assert told.words(here) == ("yes", BY_USE, NOT)
        # As if the time of all that it has were over.
        unbound_control("flush_zone", ".")
        assert told.words(here) == (FAILS, NOTHING, FAILS)


def test_one_that_serves_what_is_expired_fails(version: Path | None, told: Told) -> None:
    """Names that it has are answered, and marked, after its anchor is dead."""
    need_of_version("unbound", version)
    with (
        rolling(told.lab, State.OLD, ttl=1) as root,
        running("unbound", root.endpoint, (told.old,), "    serve-expired: yes\n") as here,
    ):
        assert told.words(here) == ("yes", BY_USE, NOT)
        root.roll(State.NEW)
        # Until all that it has is expired, some rounds have it as it was.
        until = time.monotonic() + 30
        while time.monotonic() < until and told.words(here) != (FAILS, NOTHING, FAILS):
            time.sleep(0.2)
        assert told.words(here) == (FAILS, NOTHING, FAILS)


class Controlled:
    """Unbound's control program, by a socket in this folder."""

    def __init__(self, folder: Path) -> None:
        if find_program("unbound-control") is None:
            pytest.skip("unbound-control is not installed")
        self._socket = folder / "control"
        self.lines = (
            "remote-control:\n    control-enable: yes\n"
            f'    control-interface: "{self._socket}"\n    control-use-cert: no\nserver:\n'
        )

    def __call__(self, *command: str) -> None:
        subprocess.run(
            [find_program("unbound-control") or "", "-s", str(self._socket), *command],
            check=True,
            timeout=20,
            stdout=subprocess.DEVNULL,
        )


# Who forwards to whom: the word is about the whole path.

CHAINS: dict[str, tuple[str, str, State, tuple[str, str], str, Words]] = {
    # name: in front, behind, state, their anchors, configuration in front, words
    "nothing is marked in front of a stale one": (
        "dnsmasq",
        "unbound",
        State.OLD,
        ("", "o"),
        "",
        ("yes-unmarked", BY_TAG, NOT),
    ),
    "nothing is marked, and there is no sentinel": (
        "dnsmasq",
        "pdns",
        State.OLD,
        ("", "on"),
        "",
        ("yes-unmarked", NOTHING, NOTHING),
    ),
    "resolved without validation": (
        "resolved",
        "unbound",
        State.OLD,
        ("", "o"),
        "",
        ("yes-unmarked", BY_TAG, NOT),
    ),
    "unbound over unbound": (
        "unbound",
        "unbound",
        State.OLD,
        ("on", "on"),
        "",
        ("yes", BY_USE, BY_TAG),
    ),
    "unbound over a stale unbound": (
        "unbound",
        "unbound",
        State.OLD,
        ("on", "o"),
        "",
        ("yes", BY_USE, BY_TAG),
    ),
    "unbound over one that does not validate": (
        "unbound",
        "unbound",
        State.NEW,
        ("on", ""),
        "",
        ("yes", BY_TAG, BY_USE),
    ),
    "named over a stale unbound": (
        "named",
        "unbound",
        State.OLD,
        ("on", "o"),
        "",
        ("yes", BY_USE, BY_TAG),
    ),
    "kresd over a stale unbound": (
        "kresd",
        "unbound",
        State.OLD,
        ("on", "o"),
        "",
        ("yes", BY_USE, BY_TAG),
    ),
    "unbound over a stale named": (
        "unbound",
        "named",
        State.OLD,
        ("on", "o"),
        "",
        ("yes", BY_USE, BY_TAG),
    ),
    "stubby over a stale unbound, after the roll": (
        "stubby",
        "unbound",
        State.NEW,
        ("", "o"),
        "",
        (FAILS, NOTHING, FAILS),
    ),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_of_forwarders(
    name: str,
    told: Told,
    roots: Mapping[State, Endpoint],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    front, behind, state, held, more, expected = CHAINS[name]
    # What would take over resolv.conf is unpacked, and not installed.
    unpacked = [f for f in FOLDERS if (f / PROGRAMS[front].needs).exists()]
    if find_program(PROGRAMS[front].needs) is None and unpacked:
        monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{unpacked[0]}")
    need(front)
    need(behind)
    letters = {"o": told.old, "n": told.new}
    with (
        running(behind, roots[state], [letters[one] for one in held[1]]) as target,
        running(front, target, [letters[one] for one in held[0]], more) as here,
    ):
        assert told.words(here) == expected


def test_marks_that_get_lost_in_a_cache_make_no_pool(
    told: Told, roots: Mapping[State, Endpoint]
) -> None:
    need("dnsmasq")
    need("unbound")
    with (
        running("unbound", roots[State.NEW], told.both) as target,
        running("dnsmasq", target, (), "proxy-dnssec\n") as here,
    ):
        assert told.words(here)[2] == BY_USE
        assert told.ask(here).validates in {"yes", "yes-unmarked"}


@pytest.mark.parametrize(
    ("state", "members", "expected"),
    [
        (State.OLD, ("unbound o", "unbound on"), ("yes", BY_USE, MIXED)),
        (State.NEW, ("unbound o", "unbound on"), (MIXED, MIXED, MIXED)),
        (State.NEW, ("unbound ", "unbound on"), (MIXED, MIXED, MIXED)),
        (State.NEW, ("pdns on", "unbound on"), ("yes", MIXED, BY_USE)),
    ],
    ids=["before the roll", "after the roll", "one does not validate", "ready, of two kinds"],
)
def test_a_pool(
    state: State,
    members: Sequence[str],
    expected: Words,
    told: Told,
    roots: Mapping[State, Endpoint],
) -> None:
    with contextlib.ExitStack() as stack:
        behind = []
        for member in members:
            program, _, held = member.partition(" ")
            need(program)
            anchors = [{"o": told.old, "n": told.new}[letter] for letter in held]
            behind.append(stack.enter_context(running(program, roots[state], anchors)))
        here = stack.enter_context(fronting(*behind))
        assert told.words(here, CHOICE._replace(rounds=12)) == expected


def rewritten(wire: bytes) -> bytes:
    """An address in the place of a name that does not exist, as some networks have it."""
    message = dns.message.from_wire(wire)
    if message.rcode() != dns.rcode.NXDOMAIN:
        return wire
    message.set_rcode(dns.rcode.NOERROR)
    message.flags &= ~dns.flags.AD
    message.authority = []
    name = message.question[0].name
    message.answer = [dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.1")]
    return message.to_wire()


def test_a_key_in_its_hold_down_is_not_trusted_yet(
    told: Told, roots: Mapping[State, Endpoint], tmp_path: Path
) -> None:
    """RFC 5011 2.4.1, as unbound keeps its state."""
    need("unbound")
    old, new = (key.dnskey.to_text() for key in told.lab.keys)
    soon = int(time.time())
    counts = f";;count=1 ;;lastchange={soon} ;;{time.ctime(soon)}"
    file = tmp_path / "root.key"
    file.write_text(
        f"; autotrust trust anchor file\n;;id: . 1\n;;last_queried: {soon} ;;x\n"
        f";;last_success: {soon} ;;x\n;;next_probe_time: {soon + 9999} ;;x\n;;query_failed: 0\n"
        ";;query_interval: 43200\n;;retry_time: 8640\n"
        f".\t300\tIN\tDNSKEY\t{old} ;;state=2 [  VALID  ] {counts}\n"
        f".\t300\tIN\tDNSKEY\t{new} ;;state=1 [ ADDPEND ] {counts}\n"
    )
    more = f'    auto-trust-anchor-file: "{file}"\n'
    with running("unbound", roots[State.OLD], (), more) as here:
        assert told.words(here) == ("yes", BY_USE, NOT)


def test_an_anchor_of_another_zone_counts_for_no_root_name(
    told: Told, roots: Mapping[State, Endpoint]
) -> None:
    need("unbound")
    more = f'    trust-anchor: "island. IN DS {told.lab.keys[0].tag} 8 2 {"AB" * 32}"\n'
    with running("unbound", roots[State.NEW], (told.new,), more) as here:
        assert told.words(here) == ("yes", NOT, BY_USE)


def test_a_key_that_is_added_while_the_cache_is_kept(
    told: Told, roots: Mapping[State, Endpoint], tmp_path: Path
) -> None:
    """The sentinel's verdict is cached with its name, and every run asks for new names."""
    need("unbound")
    unbound_control = Controlled(tmp_path)
    file = tmp_path / "root.ds"
    file.write_text(f". IN DS {told.old.rdata}\n")
    more = f'    trust-anchor-file: "{file}"\n{unbound_control.lines}'
    with running("unbound", roots[State.OLD], (), more) as here:
        assert told.words(here) == ("yes", BY_USE, NOT)
        file.write_text(f". IN DS {told.old.rdata}\n. IN DS {told.new.rdata}\n")
        unbound_control("reload_keep_cache")
        assert told.words(here) == ("yes", BY_USE, BY_TAG)


def test_denials_that_are_rewritten_on_the_way(told: Told, roots: Mapping[State, Endpoint]) -> None:
    need("unbound")
    with (
        running("unbound", roots[State.NEW], told.both) as target,
        fronting(target, change=rewritten) as here,
    ):
        assert told.words(here) == ("yes", BY_TAG, BY_USE)


def test_a_name_server_is_no_resolver(told: Told, roots: Mapping[State, Endpoint]) -> None:
    verdict = told.ask(roots[State.NEW])
    assert verdict.validates == UNTOLD
    assert "not a resolver" in verdict.why


def test_a_resolver_whose_server_is_silent(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    need("unbound")
    monkeypatch.setattr(answers, "UDP_WAITS", (0.3, 0.3))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        nobody = Endpoint("127.0.0.1", silent.getsockname()[1])
        with running("unbound", nobody, told.both) as here:
            assert told.words(here)[0] == UNTOLD
