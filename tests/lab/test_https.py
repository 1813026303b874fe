"""The web server of the lab misbehaves exactly as told, seen by ``requests``."""

from __future__ import annotations

import gzip
import socket
from urllib.parse import urlsplit

import pytest
import requests

from tests.lab import https
from tests.lab.https import Answer, Site, Tls, publishing

XML = b"<TrustAnchor/>" * 100
FILES = {"root-anchors.xml": XML, "root-anchors.p7s": b"signature"}


def fetched(site: Site, timeout: float = 5.0, **headers: str) -> requests.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.get(f"{site.base}/root-anchors.xml", headers=sent, timeout=timeout)


def test_http() -> None:
    with publishing(FILES) as site:
        assert site.base.startswith("http://localhost:")
        assert fetched(site).content == XML


@pytest.mark.usefixtures("trusting")
def test_https(tls: Tls) -> None:
    with publishing(FILES, tls) as site:
        assert site.base.startswith("https://localhost:")
        assert fetched(site).content == XML
        assert fetched(site, X_Lab="here").content == XML
    assert [headers.get("X-Lab") for headers in site.asked_for("root-anchors.xml")] == [
        None,
        "here",
    ]
    assert site.asked_for("root-anchors.p7s") == []


def test_a_client_that_does_not_know_the_ca_refuses(tls: Tls) -> None:
    with publishing(FILES, tls) as site, pytest.raises(requests.exceptions.SSLError):
        fetched(site)


@pytest.mark.parametrize("code", [404, 500])
def test_an_error_page(code: int) -> None:
    with publishing(FILES, xml=https.status(code)) as site:
        assert fetched(site).status_code == code


def test_an_unknown_name_is_not_found() -> None:
    with publishing({}) as site:
        assert fetched(site).status_code == 404


@pytest.mark.parametrize("count", [1, 2, 3])
def test_redirects_within_the_host(count: int) -> None:
    with publishing(FILES, xml=https.hops(count)) as site:
        response = fetched(site)
    assert len(response.history) == count
    assert response.content == XML


def test_a_redirect_to_another_place() -> None:
    with publishing(FILES) as other:
        elsewhere = other.base.replace("localhost", "127.0.0.1")
        with publishing(FILES, xml=https.redirect(f"{elsewhere}/root-anchors.xml")) as site:
            assert fetched(site).url == f"{elsewhere}/root-anchors.xml"
    assert len(other.requests) == 1


@pytest.mark.parametrize("declared", [len(XML) + 1, 10**12])
def test_a_body_shorter_than_declared(declared: int) -> None:
    with (
        publishing(FILES, xml=https.length(declared)) as site,
        pytest.raises(requests.exceptions.ChunkedEncodingError),
    ):
        fetched(site)


def test_a_body_longer_than_declared() -> None:
    with publishing(FILES, xml=https.length(10)) as site:
        assert fetched(site).content == XML[:10]


def test_gzip() -> None:
    with (
        publishing(FILES, xml=https.as_gzip) as site,
        requests.get(f"{site.base}/root-anchors.xml", timeout=5, stream=True) as response,
    ):
        assert response.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(response.raw.read()) == XML


@pytest.mark.parametrize("content", [b"", b"<html>", b" " * (1 << 20)])
def test_another_body(content: bytes) -> None:
    with publishing(FILES, xml=https.body(content)) as site:
        assert fetched(site).content == content


def test_a_stale_cache() -> None:
    with publishing(FILES, xml=https.stale_unless_no_cache(b"old")) as site:
        assert fetched(site).content == b"old"
        assert fetched(site, Cache_Control="max-age=0").content == b"old"
        assert fetched(site, Cache_Control="no-cache").content == XML


@pytest.mark.parametrize("answer", [https.endless, https.dripping_body, https.dripping_headers])
def test_what_never_ends_ends_with_the_block(answer: Answer) -> None:
    with publishing(FILES, xml=answer) as site:
        where = urlsplit(site.base)
        with socket.create_connection((where.hostname, where.port), timeout=5) as client:
            client.sendall(b"GET /root-anchors/root-anchors.xml HTTP/1.0\r\n\r\n")
            assert len(client.recv(1)) == 1
            assert len(client.recv(1 << 16)) > 0


def test_a_mute_server() -> None:
    with https.mute() as base, pytest.raises(requests.exceptions.Timeout):
        requests.get(f"{base}/root-anchors.xml", timeout=0.2)
