"""The manifest: what we write reads back, and whatever else there is is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.core.checks import Check
from anchors.core.errors import ManifestRefused, UsageError
from anchors.core.servers import ServerAnswer, parse_server
from anchors.publication.manifest import AnswerEntry, Manifest, with_manifest

AT = datetime(2026, 10, 4, 12, tzinfo=UTC)
DIGEST = "0" * 64
GOOD: dict[str, Any] = {
    "schema": "root-anchors/manifest/1",
    "files": [{"name": "root.ds", "sha256": DIGEST}],
    "dns": {
        "observed_at": "2026-10-04T12:00:00Z",
        "answers": [
            {
                "address": "192.0.2.1",
                "port": 53,
                "transport": "udp",
                "file": "00.bin",
                "sha256": DIGEST,
                "failure": None,
                "rtt_ms": 12.5,
                "tries": 2,
            }
        ],
    },
}

LETTERS = "abcxyzABCXYZ0189"
NO_ANSWERS: list[object] = [{}, "", "ab", 1, None]

NAMES = st.builds(
    str.__add__, st.sampled_from(LETTERS), st.text(st.sampled_from(f"{LETTERS}._-"), max_size=99)
)
DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)
# An answer has a message, or the reason why there is none.
OUTCOMES = st.one_of(
    st.tuples(st.none(), st.none(), st.sampled_from(["timeout", "unreachable", "malformed"])),
    st.tuples(NAMES, DIGESTS, st.none()),
)
ANSWERS = st.builds(
    lambda outcome, **rest: AnswerEntry(
        file=outcome[0], sha256=outcome[1], failure=outcome[2], **rest
    ),
    outcome=OUTCOMES,
    address=st.just("file") | st.ip_addresses().map(str),
    port=st.integers(0, 0xFFFF),
    transport=st.sampled_from(["udp", "tcp", "tls", "file"]),
    rtt_ms=st.none() | st.floats(0, 3_600_000) | st.integers(0, 3_600_000),
    tries=st.integers(0, 100),
)
TIMES = st.datetimes(
    datetime(1, 1, 2),  # noqa: DTZ001 - the zone is drawn
    datetime(9999, 12, 30),  # noqa: DTZ001 - the zone is drawn
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
MANIFESTS = st.one_of(
    st.builds(Manifest, st.dictionaries(NAMES, DIGESTS, max_size=4), st.none(), st.just(())),
    st.builds(
        Manifest,
        st.dictionaries(NAMES, DIGESTS, max_size=4),
        TIMES,
        st.lists(ANSWERS, max_size=4).map(tuple),
    ),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def good() -> dict[str, Any]:
    """A manifest that is right, to be harmed."""
    copy: dict[str, Any] = json.loads(json.dumps(GOOD))
    return copy


def loads(content: object) -> Manifest:
    return Manifest.loads(json.dumps(content).encode())


def refusal(data: bytes) -> ManifestRefused:
    with pytest.raises(ManifestRefused) as caught:
        Manifest.loads(data)
    assert caught.value.check is Check.SOURCE_MANIFEST
    assert caught.value.got
    assert caught.value.want
    return caught.value


def with_answer(**values: object) -> dict[str, Any]:
    content = good()
    content["dns"]["answers"][0].update(values)
    return content


@settings(deadline=None, derandomize=True)
@given(MANIFESTS)
def test_what_we_write_reads_back(manifest: Manifest) -> None:
    written = manifest.dumps()
    assert Manifest.loads(written) == manifest
    assert Manifest.loads(written).dumps() == written


def test_the_same_content_makes_the_same_bytes() -> None:
    files = {"b": DIGEST, "a": DIGEST}
    one = Manifest(files, None, ()).dumps()
    assert one == Manifest(dict(reversed(files.items())), None, ()).dumps()
    assert one.endswith(b"}\n")
    assert one.index(b'"a"') < one.index(b'"b"')


def test_the_example_reads() -> None:
    manifest = loads(GOOD)
    assert manifest.observed_at == AT
    assert manifest.paths == {"manifest.json", "root.ds", "dns/00.bin"}
    assert manifest.answers[0] == AnswerEntry(
        "192.0.2.1", 53, "udp", "00.bin", DIGEST, None, 12.5, 2
    )


def test_an_answer_that_never_came_has_no_path() -> None:
    content = with_answer(file=None, sha256=None, failure="timeout", rtt_ms=None)
    assert loads(content).paths == {"manifest.json", "root.ds"}


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../x", "/etc/passwd", "dns/00.bin", "a/b", "a\\b", "./a", "~", "~root"),
        *("a\0", "\0", "a\n", " a", "a ", "-rf", "_a", ".bashrc", "a:b", "a*", "a?b", "a|b"),
        *("r\u043e\u043et.ds", "\u202eds", "a" * 101, 1, 1.0, True, None, [], {}, ["a"]),
    ],
)
def test_a_name_that_is_no_plain_file_name(name: object) -> None:
    content = good()
    content["files"][0]["name"] = name
    assert "the name" in str(refusal(json.dumps(content).encode()).got)
    if name is not None:
        assert "the name" in str(refusal(json.dumps(with_answer(file=name)).encode()).got)


@pytest.mark.parametrize("name", ["a", "A", "0", "root.ds", "a..b", "a" * 100, "00.bin", "a-b_c"])
def test_a_plain_file_name(name: str) -> None:
    content = good()
    content["files"][0]["name"] = name
    assert name in loads(content).paths


@pytest.mark.parametrize(
    "digest",
    ["", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "0" * 64 + "\n", None, 0, [], "\uff10" * 64],
)
def test_a_digest_that_is_none(digest: object) -> None:
    content = good()
    content["files"][0]["sha256"] = digest
    assert "the digest" in str(refusal(json.dumps(content).encode()).got)
    assert "the digest" in str(refusal(json.dumps(with_answer(sha256=digest)).encode()).got)


@pytest.mark.parametrize(
    "values",
    [
        {"address": ""},
        {"address": "a.root-servers.net"},
        {"address": "192.0.2.256"},
        {"address": "192.0.2.1/24"},
        {"address": "192.0.2.1\n"},
        {"address": None},
        {"address": 5},
        {"address": True},
        {"address": []},
        {"address": "fe80::1%\x1b[2J"},
        {"address": "fe80::1%" + "x" * 1000},
        {"port": -1},
        {"port": 65536},
        {"port": 10**400},
        {"port": 53.0},
        {"port": "53"},
        {"port": None},
        {"port": True},
        {"transport": ""},
        {"transport": "UDP"},
        {"transport": "u d p"},
        {"transport": "\x1b[2J"},
        {"transport": "u" * 41},
        {"transport": None},
        {"transport": 0},
        {"failure": ""},
        {"failure": "\x1b[2J"},
        {"failure": "no answer"},
        {"failure": False},
        {"failure": 0},
        {"rtt_ms": -1},
        {"rtt_ms": -0.1},
        {"rtt_ms": 3_600_001},
        {"rtt_ms": float("nan")},
        {"rtt_ms": float("inf")},
        {"rtt_ms": float("-inf")},
        {"rtt_ms": "12"},
        {"rtt_ms": []},
        {"rtt_ms": True},
        {"transport": "quic"},
        {"failure": "servfail"},
        *({"tries": tries} for tries in (-1, 101, 1.0, "1", True, None)),
        {"sha256": None},
        {"file": None},
        {"failure": "timeout"},
    ],
    ids=lambda values: str(values)[:40],
)
def test_an_answer_that_we_would_not_write(values: dict[str, object]) -> None:
    refusal(json.dumps(with_answer(**values)).encode())


@pytest.mark.parametrize("key", ["schema", "files", "dns"])
def test_something_is_missing(key: str) -> None:
    content = good()
    del content[key]
    assert "KeyError" in str(refusal(json.dumps(content).encode()).got)


@pytest.mark.parametrize("key", [*GOOD["dns"]["answers"][0]])
def test_something_is_missing_in_an_answer(key: str) -> None:
    content = good()
    del content["dns"]["answers"][0][key]
    refusal(json.dumps(content).encode())


@pytest.mark.parametrize(
    "value", [{}, "", "ab", 0, 1, True, False, None, [[]], ["a"], [{}], [None]]
)
def test_files_that_are_no_list_of_files(value: object) -> None:
    refusal(json.dumps({**GOOD, "files": value}).encode())


@pytest.mark.parametrize(
    "value",
    [
        *(
            {},
            "",
            0,
            False,
            True,
            [],
            "dns",
            {"answers": []},
            {"observed_at": "2026-10-04T12:00:00Z"},
        ),
        {"observed_at": None, "answers": []},
        {"observed_at": 0, "answers": []},
        {"observed_at": "yesterday", "answers": []},
        {"observed_at": "2026-10-04T12:00:00", "answers": []},
        *({**GOOD["dns"], "answers": answers} for answers in NO_ANSWERS),
        *({**GOOD["dns"], "answers": [answer]} for answer in NO_ANSWERS),
    ],
    ids=str,
)
def test_a_word_about_dns_that_we_would_not_write(value: object) -> None:
    refusal(json.dumps({**GOOD, "dns": value}).encode())


@pytest.mark.parametrize("schema", ["", "root-anchors/manifest/2", "x" * 10_000, None, 1, [], {}])
def test_another_schema(schema: object) -> None:
    error = refusal(json.dumps({**GOOD, "schema": schema}).encode())
    assert str(error.got).startswith("schema ")
    assert len(str(error.got)) < 80


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"null",
        b"true",
        b"0",
        b'"root-anchors/manifest/1"',
        b"[]",
        b"{}",
        b"{",
        b"<html>",
        b"\xff\xfe",
        b"\xff",
        b"\0" * 8,
        b"NaN",
        b"-Infinity",
        b"9" * 5000,
        b'{"schema": %s}' % (b"9" * 5000),
        b"[" * 200_000,
        b'{"schema":' * 50_000,
        b'{"schema": NaN, "files": [], "dns": null}',
        json.dumps(GOOD).encode() + b"x",
        b"\xef\xbb\xbf" + b"{}",
        json.dumps(GOOD).encode().replace(b"192.0.2.1", b"\xff"),
        json.dumps(GOOD).replace("192.0.2.1", "\\ud800").encode(),
    ],
    ids=range(24),
)
def test_what_is_no_manifest(data: bytes) -> None:
    refusal(data)


def test_a_million_answers() -> None:
    observed = {"observed_at": "2026-10-04T12:00:00Z", "answers": [None] * 10**6}
    error = refusal(json.dumps({**GOOD, "dns": observed}).encode())
    assert "at most 256" in (error.want or "")
    assert len(error.got or "") < 100


@pytest.mark.parametrize(("count", "reads"), [(256, True), (257, False)])
def test_as_many_answers_as_there_may_be(count: int, *, reads: bool) -> None:
    content = good()
    content["dns"]["answers"] *= count
    if reads:
        assert len(loads(content).answers) == count
    else:
        assert refusal(json.dumps(content).encode()).want == "a list of at most 256"


@pytest.mark.parametrize(("count", "reads"), [(100, True), (101, False)])
def test_as_many_files_as_there_may_be(count: int, *, reads: bool) -> None:
    content = {**GOOD, "files": [{"name": f"f{n}", "sha256": DIGEST} for n in range(count)]}
    if reads:
        assert len(loads(content).files) == count
    else:
        assert refusal(json.dumps(content).encode()).want == "a list of at most 100"


def test_of_a_repeated_key_the_last_counts_and_is_checked() -> None:
    data = json.dumps(GOOD).replace('"port": 53', '"port": 53, "port": 99999').encode()
    assert "99999" in str(refusal(data).got)


def test_a_name_listed_twice_with_two_digests() -> None:
    files = [{"name": "root.ds", "sha256": digit * 64} for digit in "01"]
    refusal(json.dumps({**GOOD, "files": files}).encode())


@settings(deadline=None, derandomize=True)
@given(st.data())
def test_nothing_but_a_refusal_comes_of_hostile_json(data: st.DataObject) -> None:
    content = good()
    place: Any = data.draw(
        st.sampled_from(
            [content, content["files"][0], content["dns"], content["dns"]["answers"][0]]
        )
    )
    place[data.draw(st.sampled_from([*place]))] = data.draw(JSON)
    try:
        manifest = loads(content)
    except ManifestRefused:
        return
    # What passes is what we could have written.
    assert Manifest.loads(manifest.dumps()) == manifest


@settings(deadline=None, derandomize=True)
@given(st.binary(max_size=60))
def test_nothing_but_a_refusal_comes_of_noise(noise: bytes) -> None:
    refusal(noise)


class TestWithManifest:
    ANSWERS = (
        ServerAnswer("192.0.2.1", 53, "udp", AT, b"one", None, 1.5),
        ServerAnswer("192.0.2.2", 53, "udp", AT, None, "timeout"),
        ServerAnswer("2001:db8::1", 5353, "tcp", AT, b"three", None, 3.5),
    )

    def test_every_file_is_listed_with_its_digest(self) -> None:
        files = with_manifest({"root.ds": b"ds"}, self.ANSWERS)
        assert [*files] == ["root.ds", "dns/00.bin", "dns/02.bin", "manifest.json"]
        manifest = Manifest.loads(files["manifest.json"])
        assert manifest.files == {"root.ds": sha256(b"ds").hexdigest()}
        assert manifest.paths == set(files)
        assert manifest.observed_at == AT

    def test_the_answers_are_the_answers(self) -> None:
        files = with_manifest({}, self.ANSWERS)
        for entry, answer in zip(
            Manifest.loads(files["manifest.json"]).answers, self.ANSWERS, strict=True
        ):
            assert (entry.address, entry.port, entry.transport) == answer[:3]
            assert (entry.failure, entry.rtt_ms) == (answer.failure, answer.rtt_ms)
            wire = files[f"dns/{entry.file}"] if entry.file else None
            assert wire == answer.wire
            assert entry.sha256 == (sha256(wire).hexdigest() if wire else None)

    def test_without_answers_there_is_no_word_about_dns(self) -> None:
        files = with_manifest({"root.ds": b"ds"}, ())
        manifest = Manifest.loads(files["manifest.json"])
        assert (manifest.observed_at, manifest.answers) == (None, ())

    def test_an_empty_message_is_an_answer_too(self) -> None:
        answer = self.ANSWERS[0]._replace(wire=b"")
        assert with_manifest({}, [answer])["dns/00.bin"] == b""

    def test_what_was_given_is_not_changed(self) -> None:
        files = {"root.ds": b"ds"}
        with_manifest(files, self.ANSWERS)
        assert files == {"root.ds": b"ds"}

    def test_more_answers_than_two_digits_can_count(self) -> None:
        files = with_manifest({}, [self.ANSWERS[0]] * 120)
        assert len(files) == 121
        assert Manifest.loads(files["manifest.json"]).paths == set(files)

    @pytest.mark.parametrize(
        "server", ["192.0.2.1", "2001:DB8:0::1", "::ffff:192.0.2.1#5353", "fe80::1%lo", "::1%1"]
    )
    def test_every_server_that_may_be_asked_reads_back(self, server: str) -> None:
        try:
            address = parse_server(server).address
        except UsageError:
            return
        files = with_manifest({}, [self.ANSWERS[0]._replace(address=address)])
        assert Manifest.loads(files["manifest.json"]).answers[0].address == address
