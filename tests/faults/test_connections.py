"""Certificates, resets, proxies and addresses: what the servers of tests/live do not do."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from anchors.core.errors import SourceUnavailable
from anchors.publication import http
from tests.faults.process import Done, contents, forked
from tests.faults.sets import AT
from tests.lab import https
from tests.lab.https import Answer, Exchange, Site, Tls, publishing, tls_in

TIMEOUT = 8.0
SHORT = 1.0
# Starting Python and judging what came, on a machine with other work to do.
SLACK = 10
PUBLICATION = Path(__file__).parents[2] / "fixtures" / "publications" / "2025-03-25"
FILES = {path.name: path.read_bytes() for path in PUBLICATION.iterdir()}


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return tls_in(tmp_path_factory.mktemp("tls"))


def built(
    source: str,
    cwd: Path,
    env: Mapping[str, str | None] | None = None,
    ca_file: Path | None = None,
    timeout: float = TIMEOUT,
) -> Done:
    trusted = {} if ca_file is None else {"REQUESTS_CA_BUNDLE": str(ca_file)}
    inputs = ("--source", source, "--dns", "none", "--at", AT, "--timeout", str(timeout))
    done = forked("build", *inputs, "-o", "out", cwd=cwd, env={**trusted, **(env or {})})
    assert done.seconds < timeout + SLACK
    assert b"Traceback" not in done.err
    return done


def assert_refused(done: Done, code: int, check: str, message: str, cwd: Path) -> None:
    assert (done.code, done.out) == (code, b""), done.err
    assert f"check {check} " in done.told
    # Long words are broken where a line ends.
    assert message.replace(" ", "") in done.told.replace(" ", "")
    assert not (cwd / "out").exists()


def certified(folder: Path, *, begin: int = 2020, end: int = 2100, name: str = "localhost") -> Tls:
    """A certificate that is its own CA; trusted by whoever is given its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(begin, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(end, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    ).public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(certificate)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "server.pem").write_bytes(private + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return Tls(folder / "ca.pem", context)


@pytest.mark.parametrize(
    ("certificate", "message"),
    [
        ({"end": 2021}, "certificate has expired"),
        ({"begin": 2090}, "certificate is not yet valid"),
        ({"name": "data.iana.org"}, "Hostname mismatch"),
        ({"name": "*"}, "Hostname mismatch"),
    ],
    ids=["expired", "not yet valid", "another name", "any name"],
)
def test_a_certificate_that_does_not_hold(
    certificate: dict[str, object], message: str, tmp_path: Path
) -> None:
    """Not even where its own issuer is trusted."""
    bad = certified(tmp_path, **certificate)  # type: ignore[arg-type]
    with publishing(FILES, bad) as site:
        done = built(site.base, tmp_path, ca_file=bad.ca_file)
    assert_refused(done, 3, "source.available", message, tmp_path)
    assert site.requests == []


def test_a_certificate_of_its_own(tmp_path: Path) -> None:
    """Nobody vouches for it; who does, is served."""
    own = certified(tmp_path)
    with publishing(FILES, own) as site:
        done = built(site.base, tmp_path)
        message = "the TLS certificate was refused: self-signed certificate"
        assert_refused(done, 3, "source.available", message, tmp_path)
        assert site.requests == []
        assert built(site.base, tmp_path, ca_file=own.ca_file).code == 0


def test_an_old_version_of_tls_alone(tmp_path: Path) -> None:
    old = certified(tmp_path)
    old.context.minimum_version = ssl.TLSVersion.TLSv1_2
    old.context.maximum_version = ssl.TLSVersion.TLSv1_2
    old.context.set_ciphers("NULL-SHA256:@SECLEVEL=0")
    with publishing(FILES, old) as site:
        done = built(site.base, tmp_path, ca_file=old.ca_file)
    assert_refused(done, 3, "source.available", "cannot be fetched", tmp_path)


Talk = Callable[[socket.socket], object]


@contextlib.contextmanager
def talking(talk: Talk, scheme: str = "https") -> Iterator[str]:
    """A base URL whose server says this on every connection, and then resets it."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    stop = threading.Event()

    def meet(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(TIMEOUT)
            talk(connection)
            reset(connection)

    def serve() -> None:
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                threading.Thread(target=meet, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"{scheme}://localhost:{listener.getsockname()[1]}/root-anchors"
    finally:
        stop.set()
        thread.join()
        listener.close()


def reset(connection: socket.socket) -> None:
    """Close with a reset instead of a farewell."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def dripping_handshake(connection: socket.socket) -> None:
    """The beginning of a record that would be long, a byte at a time."""
    connection.recv(4096)
    connection.sendall(b"\x16\x03\x03\x40\x00")
    for _ in range(100):
        connection.sendall(b"\x02")
        time.sleep(0.05)


def after_the_hello(words: bytes) -> Talk:
    """Hear the client's first words, and say these."""

    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(words)

    return talk


HANDSHAKES: dict[str, tuple[Talk, str]] = {
    "reset before a word": (lambda _connection: None, "cannot be fetched"),
    "reset after the hello": (after_the_hello(b""), "cannot be fetched"),
    "reset in mid record": (after_the_hello(b"\x16\x03\x03\x00\x7a\x02"), "cannot be fetched"),
    "HTTP where TLS was wanted": (after_the_hello(b"HTTP/1.1 200 OK\r\n\r\n"), "cannot be fetched"),
    "an alert": (after_the_hello(b"\x15\x03\x03\x00\x02\x02\x28"), "cannot be fetched"),
    "a handshake that drips": (dripping_handshake, "fetched"),
}


@pytest.mark.parametrize("story", HANDSHAKES)
def test_a_handshake_that_fails(story: str, tls: Tls, tmp_path: Path) -> None:
    talk, message = HANDSHAKES[story]
    with talking(talk) as base:
        done = built(base, tmp_path, ca_file=tls.ca_file, timeout=SHORT)
    assert_refused(done, 3, "source.available", message, tmp_path)


def cut(exchange: Exchange, *, hard: bool) -> None:
    """End the connection here: with a reset, or with a farewell too early."""
    exchange.wfile.flush()
    exchange.close_connection = True
    if hard:
        reset(exchange.connection)


def after_the_request(hard: bool) -> Answer:
    return lambda exchange, _content: cut(exchange, hard=hard)


def after_the_headers(hard: bool) -> Answer:
    def answer(exchange: Exchange, content: bytes) -> None:
        exchange.head(content_length=str(len(content)))
        cut(exchange, hard=hard)

    return answer


def in_the_body(hard: bool) -> Answer:
    def answer(exchange: Exchange, content: bytes) -> None:
        exchange.head(content_length=str(len(content)))
        exchange.write(content[: len(content) // 2])
        cut(exchange, hard=hard)

    return answer


def in_a_chunk(hard: bool) -> Answer:
    def answer(exchange: Exchange, content: bytes) -> None:
        exchange.protocol_version = "HTTP/1.1"
        exchange.head(transfer_encoding="chunked")
        exchange.write(b"%x\r\n" % len(content) + content + b"\r\n400\r\n<!")
        cut(exchange, hard=hard)

    return answer


@pytest.mark.parametrize("hard", [True, False], ids=["reset", "closed"])
@pytest.mark.parametrize("phase", [after_the_request, after_the_headers, in_the_body, in_a_chunk])
@pytest.mark.parametrize("which", ["xml", "p7s"])
def test_a_connection_that_ends_early(
    phase: Callable[[bool], Answer], hard: bool, which: str, tls: Tls, tmp_path: Path
) -> None:
    with publishing(FILES, tls, **{which: phase(hard)}) as site:
        done = built(site.base, tmp_path, ca_file=tls.ca_file)
    assert_refused(done, 3, "source.available", "cannot be fetched", tmp_path)


def bomb(exchange: Exchange, _content: bytes) -> None:
    """A hundred mebibytes in a hundred kilobytes."""
    packed = gzip.compress(bytes(100 << 20), 9)
    exchange.head(content_encoding="gzip", content_length=str(len(packed)))
    exchange.write(packed)


def many_headers(exchange: Exchange, content: bytes) -> None:
    exchange.send_response(200)
    for number in range(100_000):
        exchange.send_header(f"X-{number}", "x" * 100)
    exchange.end_headers()
    exchange.write(content)


def continuing(exchange: Exchange, _content: bytes) -> None:
    """``100 Continue`` without end."""
    for _ in range(1 << 16):
        exchange.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 64)
        if exchange.site_server.stopping.is_set():
            return


def one_chunk_without_end(exchange: Exchange, _content: bytes) -> None:
    exchange.protocol_version = "HTTP/1.1"
    exchange.head(transfer_encoding="chunked")
    exchange.write(b"7fffffffffffffff\r\n")
    for _ in range(4096):
        exchange.write(b" " * 65536)


BOMBS: dict[str, tuple[Answer, str, str]] = {
    "gzip": (bomb, "source.content-encoding", "Content-Encoding gzip"),
    "headers": (many_headers, "source.available", "cannot be fetched"),
    "continue": (continuing, "source.size", "far more than 1048576 bytes"),
    "chunk": (one_chunk_without_end, "source.size", "more than 1048576 bytes"),
}


@pytest.mark.parametrize("story", BOMBS)
def test_more_than_anybody_asked_for(story: str, tls: Tls, tmp_path: Path) -> None:
    answer, check, message = BOMBS[story]
    with publishing(FILES, tls, xml=answer) as site:
        done = built(site.base, tmp_path, ca_file=tls.ca_file, timeout=3)
    assert_refused(done, 3, check, message, tmp_path)


def test_a_portal_that_answers_all_with_a_page(tmp_path: Path) -> None:
    page = https.body(b"<!DOCTYPE html><title>Please log in</title>", "text/html")
    with publishing(FILES, xml=page, p7s=page) as site:
        done = built(site.base, tmp_path)
    assert_refused(done, 1, "cms.der", "", tmp_path)


def test_a_portal_that_redirects_to_itself(tls: Tls, tmp_path: Path) -> None:
    portal = https.redirect("http://portal.invalid/login?from={path}")
    with publishing(FILES, tls, xml=portal, p7s=portal) as site:
        done = built(site.base, tmp_path, ca_file=tls.ca_file)
    assert_refused(done, 3, "source.redirect", "the server redirected from https to http", tmp_path)


def test_two_that_redirect_to_each_other(tls: Tls, tmp_path: Path) -> None:
    there, back = https.redirect("root-anchors.p7s"), https.redirect("root-anchors.xml")
    with publishing(FILES, tls, xml=there, p7s=back) as site:
        done = built(site.base, tmp_path, ca_file=tls.ca_file)
    assert_refused(done, 3, "source.redirect", "the server redirected more than 2 times", tmp_path)
    assert len(site.requests) <= 6


class TestProxies:
    """They are honoured, and can do no more than anybody else on the way."""

    source = "http://publication.invalid/root-anchors"

    def env(self, site: Site) -> dict[str, str | None]:
        proxy = site.base.removesuffix("/root-anchors")
        return {"http_proxy": proxy, "https_proxy": proxy, "no_proxy": None, "NO_PROXY": None}

    def test_one_that_does_its_work(self, tmp_path: Path) -> None:
        with publishing(FILES) as proxy:
            done = built(self.source, tmp_path, self.env(proxy))
        assert (done.code, contents(tmp_path / "out")["root-anchors.xml"]) == (
            0,
            FILES["root-anchors.xml"],
        )
        assert {path for path, _ in proxy.requests} == {
            f"{self.source}/root-anchors.{suffix}" for suffix in ("xml", "p7s")
        }

    def test_one_that_changes_the_document(self, tmp_path: Path) -> None:
        changed = FILES["root-anchors.xml"].replace(b"E06D44", b"E06D45")
        with publishing(FILES, xml=https.body(changed)) as proxy:
            done = built(self.source, tmp_path, self.env(proxy))
        assert_refused(done, 1, "source.out-of-step", "to another document", tmp_path)

    def test_one_that_does_not_let_tls_through(self, tmp_path: Path) -> None:
        """Then nothing is asked for in the clear."""
        with publishing(FILES) as proxy:
            secure = self.source.replace("http:", "https:")
            done = built(secure, tmp_path, self.env(proxy))
        assert_refused(done, 3, "source.available", "cannot be fetched", tmp_path)
        assert proxy.requests == []

    def test_one_that_is_silent(self, tmp_path: Path) -> None:
        with publishing(FILES, xml=https.dripping_headers) as proxy:
            done = built(self.source, tmp_path, self.env(proxy), timeout=SHORT)
        assert_refused(done, 3, "source.available", "within --timeout", tmp_path)

    @pytest.mark.parametrize(
        "proxy",
        [
            *("http://127.0.0.1:1", "socks5://127.0.0.1:1", "\x1b[2J", "http://", "//", " "),
            *("http://:8080", "http://user:hunter2@", "http://user:hunter2@127.0.0.1:1"),
            *("http://user:hunter2@127.0.0.1:99999", "http://user:hun/ter2@127.0.0.1:1"),
            *("http://user:hun ter2@127.0.0.1:99999", "http://user:hunter2@[::1"),
            *("foo://user:hunter2@127.0.0.1", "http://user:hunter2\u20ac@127.0.0.1:1"),
            *("socks5://user:hunter2@127.0.0.1:1", "http://user:hunter2@127.0..0.1"),
        ],
    )
    def test_one_that_is_none(self, proxy: str, tmp_path: Path) -> None:
        """No defect of ours is told, and no password."""
        names = dict.fromkeys(("http_proxy", "all_proxy"), proxy)
        done = built(self.source, tmp_path, {**names, "no_proxy": None, "NO_PROXY": None})
        assert done.code == 3, done.err
        assert "source.available" in done.told
        assert not any(words in done.err for words in (b"\x1b", b"hun", b"ter2"))
        assert "internal error" not in done.told
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("bundle", ["/nonexistent", "/dev/null", "/etc/passwd", "/proc", " "])
def test_a_ca_bundle_of_the_environment_that_is_none(bundle: str, tls: Tls, tmp_path: Path) -> None:
    with publishing(FILES, tls) as site:
        done = built(site.base, tmp_path, {"REQUESTS_CA_BUNDLE": bundle})
    assert_refused(done, 3, "source.available", "cannot be fetched", tmp_path)
    assert "internal error" not in done.told


class TestAddresses:
    """A name of two addresses, and a network that swallows what is sent to one of them."""

    @pytest.fixture
    def swallowing(self) -> Iterator[tuple[str, int]]:
        """An address whose queue is full: the kernel answers nothing to who connects."""
        listener = socket.socket()
        listener.bind(("127.0.0.3", 0))
        listener.listen(0)
        address: tuple[str, int] = listener.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        time.sleep(0.05)
        yield address
        for one in (*waiting, listener):
            one.close()

    def resolve(self, addresses: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch) -> None:
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)
            for address in addresses
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_named: found)

    def test_the_other_address_is_tried_in_time(
        self, swallowing: tuple[str, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with publishing(FILES) as site:
            port = int(site.base.rpartition(":")[2].partition("/")[0])
            self.resolve([swallowing, ("127.0.0.1", port)], monkeypatch)
            begin = time.monotonic()
            urls = [
                f"http://two.invalid/{name}" for name in ("root-anchors.xml", "root-anchors.p7s")
            ]
            until = begin + 3
            fetched = http.fetch_all(urls, limit=1 << 20, until=until, fresh=False)
        assert fetched == [FILES["root-anchors.xml"], FILES["root-anchors.p7s"]]
        assert time.monotonic() < until

    def test_where_all_are_swallowed_the_deadline_ends_it(
        self, swallowing: tuple[str, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.resolve([swallowing] * 20, monkeypatch)
        begin = time.monotonic()
        with pytest.raises(SourceUnavailable):
            http.fetch_all(["http://two.invalid/x"], limit=10, until=begin + 1, fresh=False)
        assert time.monotonic() - begin < 5
