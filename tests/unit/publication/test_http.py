"""The pure parts of fetching; ``tests/live`` has the servers."""

from __future__ import annotations

import io
import threading
import time

import pytest
import requests

from anchors.core.checks import Check
from anchors.core.errors import SourceUnavailable
from anchors.core.escape import without_userinfo
from anchors.publication import http

BASE = "https://data.iana.org/root-anchors/root-anchors.xml"
LIMIT = 4096


def transfer() -> http._Transfer:
    return http._Transfer(LIMIT, time.monotonic() + 5)


@pytest.mark.parametrize(
    ("url", "location", "target"),
    [
        (BASE, "/other.xml", "https://data.iana.org/other.xml"),
        (BASE, "other.xml", "https://data.iana.org/root-anchors/other.xml"),
        (BASE, "../x/y", "https://data.iana.org/x/y"),
        (BASE, "../../../x", "https://data.iana.org/x"),
        (BASE, "?v=2", f"{BASE}?v=2"),
        (BASE, "//data.iana.org/x", "https://data.iana.org/x"),
        (BASE, "HTTPS://DATA.IANA.ORG/x", "https://DATA.IANA.ORG/x"),
        (BASE, "https://data.iana.org:8443/x", "https://data.iana.org:8443/x"),
        ("http://host/a", "http://host/b", "http://host/b"),
        ("http://host/a", "https://host/b", "https://host/b"),
        ("https://[::1]/a", "https://[::1]/b", "https://[::1]/b"),
    ],
)
def test_a_redirect_within_the_host(url: str, location: str, target: str) -> None:
    assert http._next_hop(url, location) == target


@pytest.mark.parametrize(
    ("url", "location", "says"),
    [
        (BASE, "https://example.com/x", "another host"),
        (BASE, "//example.com/x", "another host"),
        (BASE, "https://iana.org/x", "another host"),
        (BASE, "https://data.iana.org.example/x", "another host"),
        (BASE, "https://data.iana.org@example.com/x", "another host"),
        (BASE, "https://example.com#@data.iana.org/", "another host"),
        (BASE, "", "without a Location"),
        (BASE, "file:///etc/passwd", "from https to http"),
        (BASE, "data:text/xml,x", "from https to http"),
        (BASE, "javascript:alert(1)", "from https to http"),
        (BASE, "http://data.iana.org/x", "from https to http"),
        (BASE, "HTTP://data.iana.org/x", "from https to http"),
        (BASE, "ftp://data.iana.org/x", "from https to http"),
        (BASE, "file://data.iana.org/etc/passwd", "from https to http"),
    ],
)
def test_a_redirect_that_is_not_followed(url: str, location: str, says: str) -> None:
    with pytest.raises(SourceUnavailable) as refusal:
        http._next_hop(url, location)
    assert refusal.value.check is Check.SOURCE_REDIRECT
    assert says in refusal.value.message
    assert refusal.value.got
    assert without_userinfo(location) in refusal.value.got


@pytest.mark.parametrize("location", ["http://[::1", "https://[x]/", "//["])
def test_a_redirect_to_what_is_no_url(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = response(b"", 302, {"Location": location})
    monkeypatch.setattr(requests.Session, "get", lambda *_arguments, **_named: answer)
    with pytest.raises(SourceUnavailable, match="redirect") as refusal:
        http._fetch(BASE, transfer(), fresh=False)
    assert refusal.value.check is Check.SOURCE_REDIRECT


@pytest.mark.parametrize(
    "location",
    ["https://user:hunter2@example.com/", "https://user:hunter2@data.iana.org:99999/"],
)
def test_a_password_in_a_redirect_is_not_told(location: str) -> None:
    with pytest.raises(SourceUnavailable) as refusal:
        http._next_hop(BASE, location)
    assert refusal.value.check is Check.SOURCE_REDIRECT
    assert "hunter2" not in (refusal.value.got or "")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_third_redirect_is_one_too_many(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def get(_session: object, url: str, **_named: object) -> requests.Response:
        asked.append(url)
        return response(b"", code, {"Location": f"x{len(asked)}"})

    monkeypatch.setattr(requests.Session, "get", get)
    with pytest.raises(
        SourceUnavailable, match="the server redirected more than 2 times"
    ) as refusal:
        http._fetch(BASE, transfer(), fresh=False)
    assert refusal.value.check is Check.SOURCE_REDIRECT
    assert [url.rpartition("/")[2] for url in asked] == ["root-anchors.xml", "x1", "x2"]


@pytest.mark.parametrize("fresh", [False, True])
def test_what_a_server_is_told(fresh: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, object] = {}

    def get(_session: object, _url: str, **named: object) -> requests.Response:
        told.update(named)
        return response(b"body")

    monkeypatch.setattr(requests.Session, "get", get)
    assert http._fetch(BASE, transfer(), fresh=fresh) == b"body"
    headers = told["headers"]
    assert isinstance(headers, dict)
    assert headers["Accept-Encoding"] == "identity"
    assert headers.get("Cache-Control") == ("no-cache" if fresh else None)
    assert (told["stream"], told["allow_redirects"]) == (True, False)


def test_a_password_in_netrc_is_not_sent() -> None:
    request = requests.Request("GET", BASE).prepare()
    assert http._no_auth(request) is request
    assert "Authorization" not in request.headers


def response(
    body: bytes, status: int = 200, headers: dict[str, str] | None = None
) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made.headers.update(headers or {})
    made.raw = io.BytesIO(body)
    return made


def body_of(answer: requests.Response) -> bytes:
    return http._body(answer, BASE, transfer())


class TestBody:
    @pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1025, LIMIT - 1, LIMIT])
    def test_up_to_the_limit(self, size: int) -> None:
        assert body_of(response(b"x" * size)) == b"x" * size

    @pytest.mark.parametrize("size", [LIMIT + 1, LIMIT * 10])
    def test_beyond_the_limit(self, size: int) -> None:
        answer = response(b"x" * size)
        with pytest.raises(SourceUnavailable, match="more than 4096 bytes") as refusal:
            body_of(answer)
        assert refusal.value.check is Check.SOURCE_SIZE
        assert answer.raw.tell() <= LIMIT + 1024

    @pytest.mark.parametrize("status", [100, 201, 204, 206, 304, 404, 500])
    def test_another_status(self, status: int) -> None:
        with pytest.raises(SourceUnavailable, match="did not return the file") as refusal:
            body_of(response(b"x", status))
        assert refusal.value.check is Check.SOURCE_AVAILABLE
        assert refusal.value.got == f"{BASE}: HTTP status {status}"

    @pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "identity, gzip", "", "x"])
    def test_an_encoding_that_nobody_asked_for(self, coding: str) -> None:
        with pytest.raises(SourceUnavailable, match="encoded") as refusal:
            body_of(response(b"x", headers={"Content-Encoding": coding}))
        assert refusal.value.check is Check.SOURCE_ENCODING

    @pytest.mark.parametrize("coding", ["identity", "Identity"])
    def test_no_encoding_by_name(self, coding: str) -> None:
        assert body_of(response(b"x", headers={"Content-Encoding": coding})) == b"x"

    def test_nobody_waits_any_more(self) -> None:
        given_up = transfer()
        given_up.stop()
        answer = response(b"x" * LIMIT)
        with pytest.raises(TimeoutError):
            http._body(answer, BASE, given_up)
        assert answer.raw.tell() == 1024


class TestFetchAll:
    """Side by side, in order, within the deadline; what one fetch does is replaced here."""

    @pytest.fixture
    def release(self, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
        event = threading.Event()

        def fetch(url: str, *_bounds: object, fresh: bool) -> bytes:
            if "slow" in url:
                event.wait(10)
            if "bad" in url:
                raise http._unavailable("the server does not have it", url)
            return f"{url} {fresh}".encode()

        monkeypatch.setattr(http, "_fetch", fetch)
        return event

    def test_in_the_order_asked_for(self, release: threading.Event) -> None:
        threading.Timer(0.05, release.set).start()
        until = time.monotonic() + 10
        bodies = http.fetch_all(["slow", "fast"], limit=1, until=until, fresh=True)
        assert bodies == [b"slow True", b"fast True"]

    def test_nothing_to_fetch(self, release: threading.Event) -> None:
        assert not release.is_set()
        assert http.fetch_all([], limit=1, until=0, fresh=False) == []

    def test_the_first_failure_is_enough(self, release: threading.Event) -> None:
        until = time.monotonic() + 10
        with pytest.raises(SourceUnavailable, match="does not have it"):
            http.fetch_all(["slow", "bad"], limit=1, until=until, fresh=False)
        assert time.monotonic() < until - 5
        release.set()

    @pytest.mark.parametrize("seconds", [0.05, -5])
    def test_the_deadline_names_what_is_missing(
        self, seconds: float, release: threading.Event
    ) -> None:
        started = time.monotonic()
        with pytest.raises(SourceUnavailable, match="within --timeout") as refusal:
            http.fetch_all(["slow1", "slow2"], limit=1, until=started + seconds, fresh=False)
        assert refusal.value.got == "slow1, slow2"
        assert time.monotonic() - started < 5
        release.set()
