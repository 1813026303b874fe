"""What programs print of their anchors, as it was recorded; its consumer's facet reads it."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from anchors.consumers.asker import Asker
from anchors.consumers.bench import ConsumerFailed, on_bench
from anchors.consumers.bind.asking import parse_secroots
from anchors.consumers.bind.channel import rndc_arguments
from anchors.consumers.driver import Held
from anchors.consumers.knot import asking as knot
from anchors.consumers.knot.asking import ASKER, SUMMARY, anchors_of_summary, parse_reply
from anchors.consumers.query import Endpoint
from anchors.consumers.registry import CONSUMERS, askers
from anchors.consumers.unbound.asking import parse_trust_anchor
from anchors.core.found import FoundDs

OLD = "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
NEW = "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"
OLD_DS, NEW_DS = (FoundDs(t, 8, 2, bytes.fromhex(d)) for t, d in ((20326, OLD), (38696, NEW)))

# BIND 9.18.49, 9.20.30
SECROOTS = """\
secure roots as of 29-Nov-2026 02:27:25.232:

 Start view _default
   Secure roots:

./RSASHA256/20326 ; static
./RSASHA256/38696 ; managed
example/RSASHA256/5 ; static

   Negative trust anchors:

./RSASHA256 ; expiry 29-Nov-2026
"""
VIEWS = """\
secure roots as of 29-Nov-2026 02:27:26.128:

 Start view a
   Secure roots:

./RSASHA256/20326 ; static

   Negative trust anchors:

 Start view b
   Secure roots:

   Negative trust anchors:

"""
# Knot Resolver 5.6.0, 6.5.0
REPLY = (
    f"> '.                   \t3600\tDS\t20326 8 2 {OLD} ; Valid: ; KeyTag:20326\n"
    f".                   \t3600\tDS\t38696 8 2 {NEW} ; Valid: ; KeyTag:38696\n'\n\n> "
)
ERROR = (
    '> [string "return table_print(nonsense.x())"]:1: attempt to index global '
    "'nonsense' (a nil value)\n> "
)


def test_named_tells_the_tags_of_the_root() -> None:
    assert parse_secroots(SECROOTS) == (20326, 38696)


def test_named_with_no_anchor_tells_none() -> None:
    assert parse_secroots(" Start view _default\n   Secure roots:\n\n") == ()


def test_views_of_named_that_differ_tell_nothing() -> None:
    with pytest.raises(ConsumerFailed, match="its views have different anchors"):
        parse_secroots(VIEWS)


RNDC_KEY = 'key "a" { algorithm hmac-sha256; secret "c2VjcmV0"; };\n'
CONTROLS = "controls { inet %s allow { any; } %s; };\n"


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        (RNDC_KEY, ["-k", "PLACE"]),
        (f"{RNDC_KEY}options {{ default-key a; default-port 9; }};\n", ["-c", "PLACE"]),
        ("options { listen-on { any; }; };\n", []),
        ("", []),
        (CONTROLS % ("* port 99", ""), ["-s", "127.0.0.1", "-p", "99"]),
        (CONTROLS % ("::1 port *", ""), ["-s", "::1", "-p", "953"]),
        (RNDC_KEY + CONTROLS % (":: port 99", "keys { b; a; }"), None),
        (RNDC_KEY + CONTROLS % ("host.example", "keys { a; }"), None),
        ('key a { secret "!"; algorithm x; };' + CONTROLS % ("::", "keys { a; }"), None),
        ("controls { };\n", None),
        ('controls { unix "/run/named" perm 0 owner 0 group 0; };\n', None),
    ],
)
def test_how_rndc_reaches_a_named(text: str, arguments: list[str] | None, tmp_path: Path) -> None:
    place = tmp_path / "named.conf"
    place.write_text(text)
    with on_bench("", "unused", b"") as bench:
        if arguments is None:
            with pytest.raises(ConsumerFailed, match=r"its c|of its channel"):
                rndc_arguments(bench, place)
            return
        expected = [str(place) if one == "PLACE" else one for one in arguments]
        assert [*map(str, rndc_arguments(bench, place))] == expected


def test_the_key_of_its_channel_is_given_to_rndc(tmp_path: Path) -> None:
    place = tmp_path / "named.conf"
    (tmp_path / "rndc.key").write_text(RNDC_KEY)
    text = CONTROLS % (":: port 99", 'keys { "a"; }')
    # A file that includes itself, and one that never ends, do no harm.
    place.write_text(f'include "named.conf"; include "pipe"; include "rndc.key";\n{text}')
    os.mkfifo(tmp_path / "pipe")
    with on_bench("", "unused", b"") as bench:
        option, written = rndc_arguments(bench, place)
        assert (option, Path(written).read_text()) == (
            "-c",
            f'{RNDC_KEY}options {{ default-server ::1; default-port 99; default-key "a"; }};\n',
        )
        with pytest.raises(ConsumerFailed, match="cannot be read"):
            rndc_arguments(bench, tmp_path / "pipe")


def test_what_rndc_prints_instead_is_told() -> None:
    with pytest.raises(ConsumerFailed, match="permission denied"):
        parse_secroots("rndc: 'secroots' failed: permission denied\n")


def test_unbound_prints_the_lines_of_its_configuration() -> None:
    # Unbound 1.17.1, 1.26.2
    printed = f"example. IN DS 20326 8 2 {OLD}\n. IN DS 38696 8 2 {NEW}\n"
    assert parse_trust_anchor(printed).anchors == (NEW_DS,)
    assert parse_trust_anchor("").anchors == ()


def test_unbound_may_print_what_is_no_record() -> None:
    with pytest.raises(ConsumerFailed, match="get_option trust-anchor"):
        parse_trust_anchor(". IN DS 38696 8 2 683D2\n")


def test_kresd_replies_between_two_prompts() -> None:
    assert parse_reply(REPLY).anchors == (OLD_DS, NEW_DS)
    assert parse_reply("> ''\n> ").anchors == ()


@pytest.mark.parametrize("reply", ["", "> ", ERROR, "> 1\n> ", "'"])
def test_kresd_may_reply_something_else(reply: str) -> None:
    with pytest.raises(ConsumerFailed, match=r"trust_anchors\.summary"):
        parse_reply(reply)


@pytest.mark.parametrize(
    ("state", "trusted"),
    [("Valid", True), ("Missing", True), ("AddPend", False), ("Start", False), ("Revoked", False)],
)
def test_kresd_uses_an_anchor_by_its_state(state: str, trusted: bool) -> None:
    line = f".                   \t3600\tDS\t38696 8 2 {NEW} ; {state}: ; KeyTag:38696\n"
    assert bool(anchors_of_summary(line).anchors) is trusted


@contextlib.contextmanager
def replying(path: Path, reply: bytes) -> Iterator[None]:
    """A control socket that replies this to any command, and stays open."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(path))
        server.listen()
        server.settimeout(5)

        def serve() -> None:
            with contextlib.suppress(OSError):
                stream, _ = server.accept()
                with stream:
                    stream.settimeout(5)
                    asked.append(stream.recv(100))
                    stream.sendall(reply)
                    stream.recv(1)

        asked: list[bytes] = []
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()
        assert asked == [f"{SUMMARY}\n".encode()]


def told_by(asker: Asker, place: Path | None) -> Held:
    assert asker.tell is not None
    with on_bench("", "nothing", b"") as bench:
        return asker.tell(bench, Endpoint("127.0.0.1", 9), place)


def test_the_control_socket_of_kresd_is_asked_one_thing(tmp_path: Path) -> None:
    with replying(tmp_path / "1", REPLY.encode()):
        held = told_by(ASKER, tmp_path / "1")
    assert (held.by, held.anchors) == (SUMMARY, parse_reply(REPLY))


def test_processes_of_kresd_that_differ_tell_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knot, "_SOCKETS", tmp_path)
    with (
        replying(tmp_path / "1", REPLY.encode()),
        replying(tmp_path / "2", b"> ''\n> "),
        pytest.raises(ConsumerFailed, match="its processes have different anchors"),
    ):
        told_by(ASKER, None)


def test_a_control_socket_that_says_nothing_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knot, "CONTROL_SECONDS", 0.2)
    with (
        replying(tmp_path / "1", b"> "),
        pytest.raises(ConsumerFailed, match="timed out"),
    ):
        told_by(ASKER, tmp_path / "1")


def test_a_control_socket_that_never_ends_is_left(tmp_path: Path) -> None:
    with (
        replying(tmp_path / "1", b"x" * (1 << 18)),
        pytest.raises(ConsumerFailed, match="summary"),
    ):
        told_by(ASKER, tmp_path / "1")


def test_who_can_be_asked() -> None:
    assert [one.name for one, asker in askers() if asker.tell] == [
        "bind",
        "knot",
        "pdns",
        "unbound",
    ]
    names = [name for _, asker in askers() for name in asker.witnesses]
    assert sorted(names) == ["trustanchor.server.", "trustanchor.unbound."]
    assert {one.name for one in CONSUMERS if one.asker} == {one.name for one, _ in askers()}
