"""Asking from end to end: what is verified first, whom and what is asked, over every transport."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dns.message
import pytest

import anchors.asking.run as asking
from anchors.asking import answers
from anchors.asking.questions import Choice, Role, first_questions, round_of, unused
from anchors.asking.resolv_conf import nameservers
from anchors.asking.verdict import Summary
from anchors.cli.main import main
from anchors.core.checks import Check
from anchors.core.errors import NotTrusted, Undecided, UsageError
from anchors.core.policy import VerificationPolicy
from anchors.core.servers import Server
from anchors.pipeline.report import Report
from anchors.pipeline.request import Request
from anchors.pipeline.verify import Say, verify
from anchors.rootzone.names import absolute_name
from tests.asking.simulated import (
    BOTH_SIGN,
    CHOICE,
    NEW,
    OLD,
    Resolver,
    asked,
    request_for_lab,
    told,
)
from tests.lab.https import tls_in
from tests.lab.liar import lying
from tests.simulator.times import AT


def test_the_questions_of_a_round() -> None:
    questions = [*first_questions(), *round_of(CHOICE, (1, 2, 0), "label")]
    assert len(questions) == 2 + 2 + 2 + 2 + 2 + 3 * 2
    status = [q for q in questions if not q.cd and q.subject.role is not Role.DNSKEY]
    # DO passes some resolvers unvalidated, and without AD others validate nothing.
    assert {(q.ad, q.do) for q in status} == {(True, False)}
    assert {(q.ad, q.do) for q in questions if q.cd} == {(False, True)}
    sentinel = [q for q in questions if q.subject.role in {Role.IS_TA, Role.NOT_TA}]
    assert {q.name for q in sentinel} >= {
        "root-key-sentinel-is-ta-00001.slabel.plain.",
        "root-key-sentinel-not-ta-00000.slabel.plain.",
    }
    assert {q.rdtype for q in sentinel} == {"A"}


def test_names_that_a_zone_may_have_are_asked_for_beside_the_others() -> None:
    real = CHOICE._replace(real_names=True)
    names = {q.name for q in round_of(real, (1,), "label")}
    assert "root-key-sentinel-is-ta-00001.plain." in names
    assert len(names) == len({q.name for q in round_of(CHOICE, (1,), "label")}) + 2


def test_the_unused_tag_is_no_keys() -> None:
    assert (unused([20326]), unused([0, 1, 3])) == (0, 2)


def test_every_round_has_names_of_its_own() -> None:
    with lying(Resolver()) as liar:
        asked(Server(liar.endpoint.host, liar.endpoint.port), choice=CHOICE._replace(rounds=3))
    names = [query.question[0].name.to_text() for query in liar.over_udp]
    sentinel = [name for name in names if "root-key-sentinel" in name]
    assert len({*sentinel}) == len(sentinel) == 3 * 3 * 2


def test_rounds_are_asked_in_different_orders() -> None:
    """A pool that takes turns would show each question one member only."""
    with lying(Resolver()) as liar:
        asked(Server(liar.endpoint.host, liar.endpoint.port), choice=CHOICE._replace(rounds=1))
        asked(Server(liar.endpoint.host, liar.endpoint.port), choice=CHOICE._replace(rounds=1))
    shapes = [(q.question[0].rdtype, q.flags, q.ednsflags) for q in liar.over_udp]
    half = len(shapes) // 2
    assert shapes[:half] != shapes[half:]
    assert sorted(shapes[:half]) == sorted(shapes[half:])


def test_both_signing_by_tag_alone_cannot_be_told() -> None:
    verdict = told(Resolver(apex=BOTH_SIGN))
    assert verdict.summary is Summary.CANNOT_TELL
    assert Check.ASK_UNDECIDED in {finding.check for finding in verdict.findings}


def test_where_iana_cannot_be_reached_the_package_has_a_publication(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def far_away(request: Request, say: Say) -> Report:
        if request.source == "live":
            return verify(replace(request, source=str(tmp_path / "nothing")), say)
        return verify(request, say)

    monkeypatch.setattr(asking, "verify", far_away)
    request = Request(policy=VerificationPolicy(at=AT), dns="none")
    result = asking.ask(request, [Server("127.0.0.1", 9)], Choice(rounds=1))
    assert result.basis.source == "embedded"
    assert [finding.check for finding in result.basis.findings] == [Check.ASK_SOURCE]
    assert [key.key_tag for key in result.resolvers[0].keys] == [20326, 38696]


def test_a_verdict_may_be_raised_and_is_json() -> None:
    with lying(Resolver()) as liar:
        ready = asked(Server(liar.endpoint.host, liar.endpoint.port))
    ready.raise_for_verdict()
    late_one = Resolver(trusted=frozenset({OLD.tag}), usable=False)
    with lying(late_one) as liar:
        late = asked(Server(liar.endpoint.host, liar.endpoint.port))
    with pytest.raises(NotTrusted, match=liar.endpoint.host):
        late.raise_for_verdict()
    document = json.loads(late.to_json())
    assert (document["schema"], document["summary"]) == ("root-anchors/ask/1", late.summary)
    with pytest.raises(Undecided):
        replace(late, resolvers=()).raise_for_verdict()


def test_without_a_verified_publication_nobody_is_asked(tmp_path: Path) -> None:
    with lying(Resolver()) as liar:
        server = Server(liar.endpoint.host, liar.endpoint.port)
        request = replace(request_for_lab(), ca_file=None)
        result = asking.ask(request, [server], CHOICE)
        missing = replace(request_for_lab(), source=str(tmp_path))
        assert asking.ask(missing, [server], CHOICE).resolvers == ()
    assert (result.resolvers, result.summary, liar.over_udp) == ((), Summary.CANNOT_TELL, [])


@pytest.mark.parametrize(
    ("servers", "rounds"), [([], 4), ([Server("127.0.0.1")] * 10001, 4), ([], 0), ([], 33)]
)
def test_what_makes_no_sense(servers: list[Server], rounds: int) -> None:
    with pytest.raises(UsageError):
        asking.ask(request_for_lab(), servers or [], Choice(rounds=rounds))


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    request = request_for_lab()
    report = tmp_path / "report.json"
    with lying(Resolver()) as liar:
        command = [
            *("ask", str(liar), "--source", request.source, "--ca", str(request.ca_file)),
            *("--at", "2026-10-04T12:00:00Z", "--good", "www.good", "--bogus", "www.bogus."),
            *("--sentinel-zone", "plain", "--rounds", "2"),
        ]
        assert main(command) == 0
        text = capsys.readouterr().out
        assert text.startswith(f"READY: {liar}, compared with IANA's publication of ")
        assert main([*command, "-q"]) == 0
        assert capsys.readouterr().out.count("\n") == 1
        assert main([*command, "--report-format", "json", "--report", str(report)]) == 0
    content = json.loads(report.read_text(encoding="utf-8"))
    assert content["choice"] == {
        "zone": "plain.",
        "real_names": True,
        "good": "www.good.",
        "bogus": "www.bogus.",
        "rounds": 2,
    }
    (row,) = content["resolvers"]
    assert (row["address"], row["validates"]) == (str(liar), "yes")
    assert [key["trust"] for key in row["keys"]] == ["trusts-by-tag", "trusts-by-use"]


@pytest.mark.parametrize(
    ("resolver", "code", "strict"),
    [
        (Resolver(usable=False, trusted=frozenset({OLD.tag})), 1, 1),
        (Resolver(validates=False), 0, 4),
        (Resolver(apex=BOTH_SIGN), 3, 3),
        (Resolver(), 0, 0),
    ],
    ids=["stale", "no validation", "both sign", "ready"],
)
def test_the_exit_codes(resolver: Resolver, code: int, strict: int) -> None:
    with lying(resolver) as liar:
        result = asked(Server(liar.endpoint.host, liar.endpoint.port))
    assert (result.exit_code(strict=False), result.exit_code(strict=True)) == (code, strict)


@pytest.mark.parametrize(
    "arguments",
    [
        ["dns.example"],
        ["127.0.0.1", "--rounds", "0"],
        ["127.0.0.1", "--good", "a..b"],
        ["127.0.0.1", "--sentinel-zone", ""],
        ["127.0.0.1", "--bogus", "a" * 64],
    ],
)
def test_arguments_that_make_no_sense(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", *arguments]) == 2
    assert "error: " in capsys.readouterr().err


def test_names_are_made_absolute() -> None:
    assert absolute_name("WWW.Example") == "www.example."
    assert absolute_name(".") == "."
    with pytest.raises(UsageError):
        absolute_name(".".join(["a" * 60] * 3))


def test_the_resolvers_of_this_machine(tmp_path: Path) -> None:
    conf = tmp_path / "resolv.conf"
    conf.write_text(
        "# nameserver 192.0.2.9\nsearch example\nnameserver 192.0.2.1\nnameserver fe80::1%eth0\n"
        "nameserver 192.0.2.1\nnameserver dns.example\nnameserver\n"
    )
    assert nameservers(conf) == (Server("192.0.2.1"), Server("fe80::1%eth0"))
    conf.write_text("search example\n")
    with pytest.raises(UsageError, match="no resolver was given"):
        nameservers(conf)
    with pytest.raises(UsageError):
        nameservers(tmp_path / "missing")


class _Stream(socketserver.StreamRequestHandler):
    """Takes so many questions of a connection, replies to the later ones first, and closes it."""

    most = 16

    def handle(self) -> None:
        assert isinstance(self.server, _Server)
        # The first two are asked alone, before all others.
        most = 2 if self.server.connections == 1 else self.most
        with contextlib.suppress(OSError, struct.error):
            for wire in reversed([self._wire() for _ in range(most)]):
                query = dns.message.from_wire(wire)
                assert isinstance(query, dns.message.QueryMessage)
                (reply,) = Resolver()(query)
                self.wfile.write(struct.pack("!H", len(reply)) + reply)
            self._close()

    def _wire(self) -> bytes:
        (length,) = struct.unpack("!H", self.rfile.read(2))
        return self.rfile.read(length)

    def _close(self) -> None:
        """Questions that nobody reads would reset the connection, and the replies with it."""
        self.request.shutdown(socket.SHUT_WR)
        while self.request.recv(4096):
            pass


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, handler: type[_Stream], context: ssl.SSLContext) -> None:
        self.context = context
        self.connections = 0
        super().__init__(("127.0.0.1", 0), handler)

    def get_request(self) -> tuple[socket.socket, object]:
        client, address = super().get_request()
        self.connections += 1
        return self.context.wrap_socket(client, server_side=True), address

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no error here."""


@contextlib.contextmanager
def over_tls(tmp_path: Path, most: int) -> Iterator[_Server]:
    handler = type("Handler", (_Stream,), {"most": most})
    with _Server(handler, tls_in(tmp_path).context) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("most", "connections"), [(16, 1 + 2), (8, 1 + 2 * 2)])
def test_over_tls_a_round_shares_a_connection(
    tmp_path: Path, most: int, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that closes early is asked the rest on the next connection."""
    monkeypatch.setattr(answers, "STREAM_SECONDS", 60.0)
    with over_tls(tmp_path, most) as server:
        (verdict,) = asked(
            Server("127.0.0.1", server.server_address[1], tls=True),
            choice=CHOICE._replace(rounds=2),
            timeout=60.0,
        ).resolvers
    assert verdict.address == f"tls://127.0.0.1#{server.server_address[1]}"
    assert (verdict.summary, verdict.keys[1].trust) == (Summary.READY, "trusts-by-use")
    assert server.connections == connections
    assert {key.key_tag for key in verdict.keys} == {OLD.tag, NEW.tag}
