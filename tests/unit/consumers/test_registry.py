"""Every format at once: what is written reads back, and nothing from outside breaks out of it."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

import pytest
from dns.dnssectypes import Algorithm
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.consumers.format import Form, Format
from anchors.consumers.registry import GROUPS, REGISTRY, find_formats
from anchors.core.checks import Check
from anchors.core.errors import NothingValid, UsageError
from anchors.core.findings import Severity
from anchors.core.found import FoundAnchor, FoundDnskey, FoundDs, MalformedAnchors
from anchors.core.keys import Anchor, AnchorSet, KeyDigest, KeyState, Window
from anchors.pipeline.crosscheck import CrossCheck
from anchors.pipeline.emit import render_all
from anchors.pipeline.verify import example
from tests.lab.keys import ksk
from tests.simulator.document import CURRENT, Document, entry
from tests.simulator.ksk import KSK_2017, Ksk
from tests.unit.stages import checked, entry_of

BY_NAME = {row.name: row for row in REGISTRY}
EACH = pytest.mark.parametrize("row", REGISTRY, ids=lambda row: row.name)
BEGIN = datetime(2024, 7, 18, tzinfo=UTC)
LAB = [
    ksk(name, algorithm)
    for algorithm in (Algorithm.RSASHA256, Algorithm.ECDSAP256SHA256, Algorithm.ED25519)
    for name in ("one", "two")
]
HOSTILE = [
    *("*/", "/*", '"', "'", "`", "\\", "]]", "]]>", "--[[", "};", "#", ";", "//", "$(id)", "%s"),
    *("\n. IN DS 1 8 2 00", "\r\n", "\t", "\u2028. IN DS", "\x85", "\x0b", "\x1b[2J", "\u202e"),
]


@cache
def snapshot() -> CrossCheck:
    return example()


def holding(anchors: Sequence[Anchor]) -> CrossCheck:
    """The snapshot with other anchors in it."""
    return snapshot()._replace(anchors=AnchorSet.of(anchors))


def expected(row: Format, checked_: CrossCheck) -> list[FoundAnchor]:
    """What a file in this format holds of a set, statements aside."""
    found: list[FoundAnchor] = []
    for anchor in checked_.anchors.anchors:
        key = anchor.key
        as_key = row.form is not Form.DS and key.public_key is not None and row.name != "json"
        if as_key and key.public_key is not None and key.flags is not None:
            found.append(FoundDnskey(key.flags, key.algorithm, key.public_key))
        elif row.form is not Form.DNSKEY:
            found.append(FoundDs(key.key_tag, key.algorithm, key.digest_type, key.digest))
    return [*dict.fromkeys(found)]


def without_statement(anchors: Sequence[FoundAnchor]) -> list[FoundAnchor]:
    return [anchor._replace(statement=None) for anchor in anchors]


def key_of(number: int, digest_type: int, window: Window, *, bare: bool) -> KeyDigest:
    """The KeyDigest of a lab key."""
    lab = LAB[number]
    wire = Ksk(lab.public_key, lab.algorithm)
    return KeyDigest(
        id=f"K{number}",
        key_tag=lab.tag,
        algorithm=lab.algorithm,
        digest_type=digest_type,
        digest=bytes.fromhex(wire.digest("sha256" if digest_type == 2 else "sha384")),
        window=window,
        public_key=None if bare else lab.public_key,
        flags=None if bare else lab.flags,
    )


WINDOWS = st.builds(
    Window,
    st.integers(0, 3).map(lambda days: BEGIN + timedelta(days=days)),
    st.none() | st.just(BEGIN + timedelta(days=9999)),
)
LAB_KEYS = st.builds(
    key_of, st.integers(0, len(LAB) - 1), st.sampled_from([2, 4]), WINDOWS, bare=st.booleans()
)
RANDOM_KEYS = st.builds(
    lambda digest_type, digest, **rest: KeyDigest(
        digest_type=digest_type, digest=digest[: {2: 32, 4: 48}[digest_type]], **rest
    ),
    digest_type=st.sampled_from([2, 4]),
    digest=st.binary(min_size=48, max_size=48),
    id=st.just("K"),
    key_tag=st.integers(0, 0xFFFF),
    algorithm=st.sampled_from([8, 10, 13, 14, 15, 16]),
    window=WINDOWS,
)
ANCHORS = (LAB_KEYS | RANDOM_KEYS).map(
    lambda key: Anchor(key, key.window.state_at(BEGIN + timedelta(days=1)))
)


class TestRegistry:
    def test_names_and_files_are_unique(self) -> None:
        names = [name for row in REGISTRY for name in (row.name, row.alias) if name]
        assert len({*names}) == len(names)
        assert {*names}.isdisjoint(GROUPS)
        assert len({row.file_name for row in REGISTRY}) == len(REGISTRY)

    @EACH
    def test_a_row_is_complete(self, row: Format) -> None:
        assert re.fullmatch(r"[a-z0-9-]+", row.name)
        # What a manifest takes, and no file of ours with another meaning.
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", row.file_name)
        assert row.file_name not in {"manifest.json", "root-anchors.p7s", "dns"}
        assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", row.media_type)
        assert row.consumer
        assert row.install
        assert row.form in Form

    def test_no_name_is_all(self) -> None:
        assert find_formats(()) == find_formats(["all"]) == REGISTRY

    def test_a_name_an_alias_or_a_group(self) -> None:
        assert [row.name for row in find_formats(["ds"])] == ["ds"]
        assert [row.file_name for row in find_formats(["bind"])] == ["bind.keys"]
        assert [row.file_name for row in find_formats(["debian"])] == ["root.ds", "root.key"]

    def test_the_registrys_order_and_no_repetition(self) -> None:
        assert [row.name for row in find_formats(["dnskey", "ds", "dnskey", "debian"])] == [
            "ds",
            "dnskey",
        ]

    @pytest.mark.parametrize("name", ["", "nonsense", "DS", "ds ", "root.ds", "bind.keys", "*"])
    def test_no_such_format(self, name: str) -> None:
        with pytest.raises(UsageError, match="no format has this name") as refusal:
            find_formats(["ds", name])
        assert refusal.value.got == name
        assert "ds, dnskey" in (refusal.value.want or "")


class TestRoundTrip:
    @EACH
    def test_the_snapshot(self, row: Format) -> None:
        found = row.read.load()(row.write(snapshot().emission))
        if row.name == "xml":
            assert [a.key_tag for a in found.anchors if isinstance(a, FoundDs)] == [
                19036,
                20326,
                38696,
            ]
            return
        assert without_statement(found.anchors) == expected(row, snapshot())

    @settings(deadline=None, derandomize=True, max_examples=60)
    @given(st.lists(ANCHORS, min_size=1, max_size=6))
    def test_any_set(self, anchors: list[Anchor]) -> None:
        made = holding(anchors)
        for row in REGISTRY:
            if row.name == "xml":
                continue
            content = row.write(made.emission)
            found = without_statement(row.read.load()(content).anchors)
            assert sorted(found, key=repr) == sorted(expected(row, made), key=repr), row.name
            assert content.endswith(b"\n") or not found
            content.decode("ascii")

    @EACH
    def test_the_same_set_makes_the_same_bytes(self, row: Format) -> None:
        assert row.write(snapshot().emission) == row.write(example().emission)


class TestGolden:
    def test_what_debian_ships(self) -> None:
        digests = {
            row.file_name: sha256(row.write(snapshot().emission)).hexdigest()
            for row in find_formats(["debian"])
        }
        assert digests == {
            "root.ds": "2c212250f1ec271109464e0db2f674f2b6b497da6a177d4d1b264fccb0f6d111",
            "root.key": "299cf83468ba740e6a29d70f3d9e1d39b7b2c629b235a969cd15434c40bc3ea3",
        }

    def test_the_signed_document_itself(self) -> None:
        assert BY_NAME["xml"].write(snapshot().emission) == snapshot().authenticated.document

    def test_the_same_keys_of_another_publication_make_the_same_files(self) -> None:
        for row in find_formats(["debian"]):
            assert row.write(checked().emission) == row.write(snapshot().emission)


class TestFutureKeys:
    ENTRIES = (
        entry_of(LAB[2], valid_from="2020-01-01T00:00:00Z"),
        entry_of(LAB[3], valid_from="2030-01-01T00:00:00Z"),
    )
    MADE = checked(Document(entries=ENTRIES), include_future=True)

    @EACH
    def test_they_are_marked_where_comments_are(self, row: Format) -> None:
        content = row.write(self.MADE.emission).decode()
        if row.name in {"ds", "ens-oracle", "hickory", "windows-dsset", "infoblox"}:
            assert "2030" not in content
        else:
            assert "2030-01-01" in content

    @EACH
    def test_they_are_in_the_file(self, row: Format) -> None:
        assert len(row.read.load()(row.write(self.MADE.emission)).anchors) == 2


class TestRenderAll:
    def test_every_file(self) -> None:
        rendered = render_all(snapshot().emission, REGISTRY, asked=False)
        assert [*rendered.files] == [row.file_name for row in REGISTRY]
        assert rendered.findings == ()

    def test_a_key_by_its_digest_alone_is_missing_from_some(self) -> None:
        made = checked(Document(entries=[CURRENT[0], CURRENT[1].by_digest_only()]))
        rendered = render_all(made.emission, REGISTRY, asked=False)
        (finding,) = rendered.findings
        assert (finding.check, finding.severity) == (Check.FORMAT_DIGEST_ONLY, Severity.WARNING)
        assert finding.got == "KSK-2024 (38696)"
        for row in REGISTRY:
            assert (row.file_name in finding.message) == (row.form is Form.DNSKEY)
            found = row.read.load()(rendered.files[row.file_name]).anchors
            assert len(found) == (1 if row.form is Form.DNSKEY else 2)

    @pytest.mark.parametrize("asked", [False, True])
    def test_only_keys_by_their_digest(self, asked: bool) -> None:
        made = checked(Document(entries=[key.by_digest_only() for key in CURRENT]))
        if asked:
            with pytest.raises(NothingValid, match="would contain no anchor") as refusal:
                render_all(made.emission, REGISTRY, asked=True)
            assert refusal.value.check is Check.FORMAT_DIGEST_ONLY
            return
        rendered = render_all(made.emission, REGISTRY, asked=False)
        assert set(rendered.files) == {
            row.file_name for row in REGISTRY if row.form is not Form.DNSKEY
        }

    @EACH
    @pytest.mark.parametrize("asked", [False, True])
    def test_no_anchor_no_file(self, row: Format, asked: bool) -> None:
        with pytest.raises(NothingValid):
            render_all(holding(()).emission, [row], asked=asked)

    def test_no_format_no_file(self) -> None:
        assert render_all(snapshot().emission, (), asked=True).files == {}


class TestHostileWords:
    """The document's source and the signer's address stand in comments."""

    @EACH
    @pytest.mark.parametrize("words", HOSTILE, ids=repr)
    def test_they_stay_in_the_comment(self, row: Format, words: str) -> None:
        good = snapshot()
        signer = good.authenticated.signer._replace(email=f"x{words}y@iana.org")
        hostile = good._replace(
            document=good.document._replace(source=f"http://x{words}. IN DS 1 8 2 00"),
            authenticated=good.authenticated._replace(signer=signer),
        )
        content = row.write(hostile.emission)
        assert row.read.load()(content) == row.read.load()(row.write(good.emission))
        assert content.count(b"\n") == row.write(good.emission).count(b"\n")
        assert b"\x1b" not in content
        assert len(content.decode().splitlines()) == content.count(b"\n")


NOISE = st.binary(max_size=80) | st.text(
    st.sampled_from("\n \t.;:,\"'#/*\\{}[]()0123456789ABdnsIN=-$"), max_size=80
).map(str.encode)


class TestHostileFiles:
    @EACH
    def test_no_file_is_too_odd(self, row: Format) -> None:
        @settings(deadline=None, derandomize=True, max_examples=60)
        @given(NOISE)
        def parse(data: bytes) -> None:
            try:
                found = row.read.load()(data)
            except MalformedAnchors as error:
                assert str(error)  # noqa: PT017 - either is right
            else:
                assert all(isinstance(a, FoundDs | FoundDnskey) for a in found.anchors)

        parse()

    @EACH
    def test_no_harmed_file_is_too_odd(self, row: Format) -> None:
        good = row.write(snapshot().emission)

        @settings(deadline=None, derandomize=True, max_examples=40)
        @given(st.integers(0, len(good) - 1), st.integers(0, len(good)), NOISE)
        def parse(start: int, end: int, noise: bytes) -> None:
            try:
                row.read.load()(good[:start] + noise + good[end:])
            except MalformedAnchors:
                return

        parse()

    @EACH
    @pytest.mark.parametrize("data", [b"", b"\n", b" ", b"\xff", b"\0", b"\xef\xbb\xbf"])
    def test_nothing_in_a_file_is_nothing_found(self, row: Format, data: bytes) -> None:
        try:
            assert row.read.load()(data).anchors == ()
        except MalformedAnchors:
            return

    @EACH
    def test_a_large_file_takes_no_time(self, row: Format) -> None:
        """All of it takes milliseconds; what grows with the square of the size, minutes."""
        # PyYAML takes a second to find out that it nests too deeply, however long the rest.
        nesting = () if row.media_type == "application/yaml" else (b"{", b"[")
        began = time.process_time()
        for piece in (b'"', b"(", b"/*", b"a ", b"\\", b". IN DS ", b"\t\n", *nesting):
            try:
                row.read.load()(piece * (20_000 // len(piece)))
            except MalformedAnchors:
                continue
        assert time.process_time() - began < 5


def replaced(**fields: Any) -> Anchor:  # noqa: ANN401 - any field
    key = snapshot().anchors.anchors[0].key
    return Anchor(key._replace(**fields), KeyState.CURRENT)


class TestTwins:
    """One key under two digest types is two DS records and one DNSKEY."""

    @EACH
    def test_each_form_as_often_as_it_must(self, row: Format) -> None:
        if row.name == "xml":  # is the document itself
            return
        twins = [entry(KSK_2017, hash_name=name) for name in ("sha256", "sha384")]
        twins = [replace(twin, valid_from="2017-02-02T00:00:00Z") for twin in twins]
        made = checked(Document(entries=twins))
        found = row.read.load()(row.write(made.emission)).anchors
        as_ds = row.form is Form.DS or row.name == "json"
        assert len(found) == (2 if as_ds else 1)

    @EACH
    def test_two_of_one_ds_come_out_once(self, row: Format) -> None:
        if row.name == "xml":  # is the document itself
            return
        twins = [replaced(id="a"), replaced(id="b"), replaced(id="c", public_key=None, flags=None)]
        assert len(row.read.load()(row.write(holding(twins).emission)).anchors) == 1
