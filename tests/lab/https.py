"""A web server on loopback, with TLS of our own or without, that publishes files or misbehaves.

An :data:`Answer` says how one request is met, given the bytes of the file that was asked for.
"""

from __future__ import annotations

import contextlib
import gzip
import http.server
import ipaddress
import socket
import ssl
import sys
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = [
    "Answer",
    "Exchange",
    "Site",
    "Tls",
    "as_gzip",
    "body",
    "dripping_body",
    "dripping_for_ever",
    "dripping_headers",
    "endless",
    "for_ever",
    "hops",
    "length",
    "mute",
    "no_http",
    "publishing",
    "redirect",
    "redirect_with_a_bomb",
    "stale_unless_no_cache",
    "status",
    "tls_in",
    "two_lengths",
]

HOST = "127.0.0.1"
FOLDER = "/root-anchors"
# The longest any answer takes, whatever the client does.
PATIENCE = 20.0
DRIP = 0.05


@dataclass(frozen=True)
class Tls:
    """The CA that a client has to know, and the server's side of TLS."""

    ca_file: Path
    context: ssl.SSLContext


@dataclass
class Site:
    """A running web server: where it is, and what it was asked for."""

    base: str
    requests: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    sent: int = 0
    errors: list[BaseException] = field(default_factory=list)

    def asked_for(self, name: str) -> list[Mapping[str, str]]:
        """The headers of each request for the file of this name."""
        return [headers for path, headers in self.requests if _file_name(path) == name]


class Exchange(http.server.BaseHTTPRequestHandler):
    """One request and the means to answer it."""

    timeout: ClassVar[float | None] = PATIENCE

    @property
    def site_server(self) -> _Server:
        """The server, as what it is."""
        assert isinstance(self.server, _Server)
        return self.server

    def do_GET(self) -> None:
        """Meet the request as the site was told to."""
        server = self.site_server
        server.site.requests.append((self.path, dict(self.headers.items())))
        name = _file_name(self.path)
        content = server.files.get(name)
        if content is None:
            status(HTTPStatus.NOT_FOUND)(self, b"")
        else:
            server.misbehave.get(name, body())(self, content)

    def head(self, code: int = HTTPStatus.OK, **headers: str) -> None:
        """Status line and headers; ``content_length`` is written ``Content-Length``."""
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def write(self, content: bytes) -> None:
        """Send these bytes as they are."""
        self.wfile.write(content)
        self.site_server.site.sent += len(content)

    def whole(self, content: bytes, content_type: str = "text/xml") -> None:
        """The ordinary answer."""
        self.head(content_type=content_type, content_length=str(len(content)))
        self.write(content)

    def pause(self) -> None:
        """Wait a little; gives up as the client would when the server is being stopped."""
        if self.site_server.stopping.wait(DRIP):
            raise ConnectionAbortedError("the server is being stopped")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's)
        """Say nothing."""


Answer = Callable[[Exchange, bytes], None]


def body(other: bytes | None = None, content_type: str = "text/xml") -> Answer:
    """The file as it is, or other bytes in its place."""
    return lambda exchange, content: exchange.whole(
        content if other is None else other, content_type
    )


def status(code: int) -> Answer:
    """An error page."""

    def answer(exchange: Exchange, _content: bytes) -> None:
        page = b"<!DOCTYPE html><title>no</title>"
        exchange.head(code, content_type="text/html", content_length=str(len(page)))
        exchange.write(page)

    return answer


def redirect(location: str) -> Answer:
    """To this URL; ``{path}`` in it is the path that was asked for."""

    def answer(exchange: Exchange, _content: bytes) -> None:
        exchange.head(
            HTTPStatus.FOUND, location=location.format(path=exchange.path), content_length="0"
        )

    return answer


def hops(count: int) -> Answer:
    """That many redirects within the host, then the file."""

    def answer(exchange: Exchange, content: bytes) -> None:
        url = urlsplit(exchange.path)
        hop = int(parse_qs(url.query).get("hop", ["0"])[0])
        if hop == count:
            exchange.whole(content)
        else:
            redirect(f"{url.path}?hop={hop + 1}")(exchange, content)

    return answer


def dripping_body(exchange: Exchange, content: bytes) -> None:
    """A byte at a time: no single read ever times out."""
    exchange.head(content_length=str(len(content)))
    for byte in content[: int(PATIENCE / DRIP)]:
        exchange.write(bytes([byte]))
        exchange.pause()


def dripping_headers(exchange: Exchange, _content: bytes) -> None:
    """A header that never ends, a byte at a time."""
    exchange.write(b"HTTP/1.0 200 OK\r\nX-Drip: ")
    for _ in range(int(PATIENCE / DRIP)):
        exchange.write(b"x")
        exchange.pause()


def endless(exchange: Exchange, _content: bytes) -> None:
    """A body without a length that goes on for as long as the client reads (at most 256 MiB)."""
    exchange.head(content_type="text/xml")
    for _ in range(4096):
        exchange.write(b" " * 65536)


def redirect_with_a_bomb(exchange: Exchange, content: bytes) -> None:
    """A redirect to the file, whose own body is 256 MiB in a quarter of one, compressed."""
    if urlsplit(exchange.path).query:
        exchange.whole(content)
        return
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(256)), packer.flush()])
    exchange.head(
        HTTPStatus.FOUND,
        location=f"{exchange.path}?next",
        content_encoding="gzip",
        content_length=str(len(packed)),
    )
    exchange.write(packed)


def for_ever(before: bytes, again: bytes) -> Answer:
    """Some bytes, then others again and again, for as long as the client reads."""

    def answer(exchange: Exchange, _content: bytes) -> None:
        exchange.write(before)
        block = again * (1 + 65536 // len(again))
        while not exchange.site_server.stopping.is_set():
            exchange.write(block)

    return answer


def dripping_for_ever(before: bytes, again: bytes) -> Answer:
    """The same, a few bytes at a time: no bound of size is ever met."""

    def answer(exchange: Exchange, _content: bytes) -> None:
        exchange.write(before)
        while not exchange.site_server.stopping.is_set():
            exchange.write(again)
            exchange.pause()

    return answer


def length(declared: int) -> Answer:
    """The file under a Content-Length that is not its own."""

    def answer(exchange: Exchange, content: bytes) -> None:
        exchange.head(content_type="text/xml", content_length=str(declared))
        exchange.write(content)

    return answer


def as_gzip(exchange: Exchange, content: bytes) -> None:
    """Compressed, whether the client can take it or not."""
    packed = gzip.compress(content)
    exchange.head(content_encoding="gzip", content_length=str(len(packed)))
    exchange.write(packed)


def two_lengths(exchange: Exchange, content: bytes) -> None:
    """The file under two Content-Lengths that contradict each other."""
    exchange.send_response(HTTPStatus.OK)
    for declared in (len(content), 10):
        exchange.send_header("Content-Length", str(declared))
    exchange.end_headers()
    exchange.write(content)


def no_http(exchange: Exchange, content: bytes) -> None:
    """The file with no status line and no header before it."""
    exchange.write(content)


def stale_unless_no_cache(stale: bytes, then: Answer | None = None) -> Answer:
    """What a cache does: old bytes, and the file (or ``then``) only for ``no-cache``."""

    def answer(exchange: Exchange, content: bytes) -> None:
        if "no-cache" in exchange.headers.get("Cache-Control", ""):
            (then or body())(exchange, content)
        else:
            exchange.whole(stale)

    return answer


@contextlib.contextmanager
def publishing(
    files: Mapping[str, bytes], tls: Tls | None = None, port: int = 0, /, **misbehave: Answer
) -> Iterator[Site]:
    """Publish files under one base URL; ``xml=`` and ``p7s=`` say how else to answer for those."""
    server = _Server(files, misbehave, tls, port)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.site
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
    if server.site.errors:
        raise RuntimeError("the web server of the lab is wrong") from server.site.errors[0]


@contextlib.contextmanager
def mute() -> Iterator[str]:
    """A base URL whose server takes the connection and never says a word, not even TLS's first."""
    with socket.create_server((HOST, 0)) as listener:
        yield f"https://localhost:{listener.getsockname()[1]}{FOLDER}"


def tls_in(directory: Path, host: str = "localhost") -> Tls:
    """Make a CA and a server certificate for a host; the CA's file lies in ``directory``."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = _name("Lab web CA")
    ca = _certificate(ca_name, ca_name, ca_key.public_key(), ca_key, is_ca=True)
    leaf = _certificate(_name(host), ca_name, key.public_key(), ca_key, is_ca=False)
    ca_file, leaf_file = directory / "web-ca.pem", directory / "web-server.pem"
    ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    leaf_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + leaf.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf_file)
    return Tls(ca_file, context)


class _Server(http.server.ThreadingHTTPServer):
    """Serves the files; threads die with the process at the latest."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        misbehave: Mapping[str, Answer],
        tls: Tls | None,
        port: int,
    ) -> None:
        self.files = files
        self.misbehave = {f"root-anchors.{suffix}": how for suffix, how in misbehave.items()}
        self.tls = tls
        self.stopping = threading.Event()
        super().__init__((HOST, port), Exchange)
        scheme = "http" if tls is None else "https"
        self.site = Site(f"{scheme}://localhost:{self.server_port}{FOLDER}")

    def get_request(self) -> tuple[socket.socket, object]:
        """Accept; the handshake is left to the thread of the request."""
        connection, address = super().get_request()
        if self.tls is not None:
            connection.settimeout(PATIENCE)
            connection = self.tls.context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """A client that hangs up is no error; anything else is one of the lab."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.site.errors.append(error)


def _file_name(path: str) -> str:
    return urlsplit(path).path.rpartition("/")[2]


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_ca: bool,
) -> x509.Certificate:
    """Valid for longer than anybody will run this test."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(_key_usage(is_ca=is_ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if not is_ca:
        (name,) = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        names = [x509.DNSName(str(name.value)), x509.IPAddress(ipaddress.ip_address(HOST))]
        builder = builder.add_extension(
            x509.SubjectAlternativeName(names), critical=False
        ).add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _key_usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
