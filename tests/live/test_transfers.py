"""No part of an answer is without a bound, and nothing goes on once the caller has an error."""

from __future__ import annotations

import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from anchors.core.checks import Check
from anchors.core.errors import SourceUnavailable
from anchors.core.policy import VerificationPolicy
from anchors.pipeline.report import Verdict
from anchors.pipeline.request import Request
from anchors.pipeline.verify import verify
from anchors.publication.http import fetch_all
from tests.lab import https
from tests.lab.https import HOST, publishing

MIB = 1 << 20
SECONDS = 20.0
SHORT = 1.0
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

# What comes before, and then without end.
PARTS: Mapping[str, tuple[bytes, bytes]] = {
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "interim answers with headers": (b"", b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\n"),
    "trailers": (CHUNKED + b"1\r\nx\r\n0\r\n", b"X-Trailer: x\r\n"),
    "the length of a chunk": (CHUNKED, b"0"),
    "the extension of a chunk": (CHUNKED + b"1;", b"x"),
    "chunks of nothing but extensions": (CHUNKED, b"1;" + b"x" * 200 + b"\r\nx\r\n"),
}


@pytest.fixture(autouse=True)
def nothing_goes_on() -> Iterator[None]:
    """When the test ends no thread is left that fetches."""
    before = set(threading.enumerate())
    yield
    assert [one.name for one in set(threading.enumerate()) - before if "(work)" in one.name] == []


def fetched(base: str, *, seconds: float = SECONDS) -> list[bytes]:
    urls = [f"{base}/root-anchors.xml", f"{base}/root-anchors.p7s"]
    return fetch_all(urls, limit=MIB, until=time.monotonic() + seconds, fresh=False)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_without_an_end_is_read_to_its_bound(
    part: str, publication: dict[str, bytes]
) -> None:
    started = time.monotonic()
    with publishing(publication, xml=https.for_ever(*PARTS[part])) as site:
        with pytest.raises(SourceUnavailable) as failure:
            fetched(site.base)
        sent = site.sent
    # The library bounds a line of its own accord.
    ends_by_line = part in {"the length of a chunk", "the extension of a chunk"}
    wanted = Check.SOURCE_AVAILABLE if ends_by_line else Check.SOURCE_SIZE
    assert failure.value.check is wanted
    assert time.monotonic() - started < SECONDS / 2
    assert sent < 32 * MIB


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_drips_ends_with_the_deadline(part: str, publication: dict[str, bytes]) -> None:
    started = time.monotonic()
    with publishing(publication, xml=https.dripping_for_ever(*PARTS[part])) as site:
        with pytest.raises(SourceUnavailable, match="within --timeout"):
            fetched(site.base, seconds=SHORT)
        assert time.monotonic() - started < SHORT + 3
        assert_nothing_is_fetched()


def test_the_body_of_a_redirect_is_not_read(publication: dict[str, bytes]) -> None:
    with publishing(publication, xml=https.redirect_with_a_bomb) as site:
        tracemalloc.start()
        try:
            document, _ = fetched(site.base)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert document == publication["root-anchors.xml"]
    assert peak < 16 * MIB


def test_chunks_of_one_byte_are_no_reason_to_refuse(publication: dict[str, bytes]) -> None:
    content = publication["root-anchors.xml"]
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in content) + b"0\r\nA: b\r\n\r\n"

    def once(exchange: https.Exchange, _content: bytes) -> None:
        exchange.write(CHUNKED + chunks)

    with publishing(publication, xml=once) as site:
        assert fetched(site.base)[0] == content


def assert_nothing_is_fetched() -> None:
    assert [one.name for one in threading.enumerate() if "(work)" in one.name] == []


def test_the_other_fetch_ends_where_one_fails(publication: dict[str, bytes]) -> None:
    started = time.monotonic()
    with publishing(publication, xml=https.dripping_body, p7s=https.status(404)) as site:
        with pytest.raises(SourceUnavailable, match="did not return the file"):
            fetched(site.base)
        assert time.monotonic() - started < SECONDS / 2
        assert_nothing_is_fetched()


def test_a_server_that_is_mute_holds_no_thread() -> None:
    """Neither in the handshake of TLS nor while an answer is waited for."""
    with socket.create_server((HOST, 0)) as listener:
        for scheme in ("http", "https"):
            base = f"{scheme}://{HOST}:{listener.getsockname()[1]}"
            with pytest.raises(SourceUnavailable):
                fetched(base, seconds=SHORT)
            assert_nothing_is_fetched()


def test_verify_leaves_nothing_behind(publication: dict[str, bytes]) -> None:
    policy = VerificationPolicy(at=datetime(2026, 10, 11, tzinfo=UTC))
    sent = []
    with publishing(publication, xml=https.dripping_for_ever(*PARTS["trailers"])) as site:
        request = Request(policy=policy, source=site.base, dns="none", timeout=SHORT)
        assert verify(request).verdict is Verdict.UNDECIDED
        assert_nothing_is_fetched()
        for _ in range(3):
            time.sleep(0.3)
            sent.append(site.sent)
    assert all(later - earlier < 1000 for earlier, later in pairwise(sent))
