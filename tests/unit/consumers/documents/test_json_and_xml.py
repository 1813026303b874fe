"""The two formats that carry more than keys: our JSON, and IANA's document itself."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from anchors.consumers.documents import json as json_format
from anchors.consumers.documents import xml
from anchors.consumers.header import header, join_lines, remark
from anchors.core.found import FoundDs, MalformedAnchors
from anchors.core.keys import Anchor, KeyState
from anchors.pipeline.verify import example
from tests.simulator.document import CURRENT, Document
from tests.simulator.ksk import KSK_2017
from tests.unit.stages import checked

DIGEST = bytes.fromhex(KSK_2017.digest())


class TestJson:
    def test_the_content(self) -> None:
        content = json.loads(json_format.render(example().emission))
        assert content["schema"] == "root-anchors/anchors/1"
        assert content["cross_checked"] is True
        assert content["observed_on"] == "2026-10-04"
        assert content["document"]["signer"] == "dnssec@iana.org"
        assert content["document"]["signing_time"] == "2025-03-25T20:25:02Z"
        assert content["anchors"][0] == {
            "key_tag": 20326,
            "algorithm": 8,
            "digest_type": 2,
            "digest": KSK_2017.digest(),
            "flags": 257,
            "public_key": KSK_2017.base64,
            "valid_from": "2017-02-02T00:00:00Z",
            "valid_until": None,
            "state": "current",
        }

    def test_a_key_by_its_digest_alone(self) -> None:
        made = checked(Document(entries=[CURRENT[0].by_digest_only()]))
        content = json.loads(json_format.render(made.emission))
        assert content["cross_checked"] is False
        assert content["observed_on"] is None
        assert content["anchors"][0]["public_key"] is None
        assert content["anchors"][0]["flags"] is None

    @pytest.mark.parametrize(
        "harm",
        [
            {"schema": "root-anchors/anchors/2"},
            {"schema": None},
            {"anchors": None},
            {"anchors": [None]},
            {"anchors": [{}]},
            {"anchors": [{"key_tag": "x", "algorithm": 8, "digest_type": 2, "digest": "E0"}]},
            {"anchors": [{"key_tag": 1, "algorithm": [], "digest_type": 2, "digest": "E0"}]},
            {"anchors": [{"key_tag": 1, "algorithm": 8, "digest_type": 2, "digest": "xyz"}]},
            {"anchors": [{"key_tag": 1, "algorithm": 8, "digest_type": 2, "digest": 5}]},
            {"anchors": [{"key_tag": 1e400, "algorithm": 8, "digest_type": 2, "digest": "E0"}]},
            {
                "anchors": [
                    {"key_tag": float("nan"), "algorithm": 8, "digest_type": 2, "digest": ""}
                ]
            },
        ],
        ids=range(11),
    )
    def test_what_is_not_ours(self, harm: dict[str, Any]) -> None:
        content = json.loads(json_format.render(example().emission))
        with pytest.raises(MalformedAnchors):
            json_format.parse(json.dumps({**content, **harm}).encode())

    @pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{}", b"\xff", b"[" * 100_000])
    def test_what_is_not_json(self, data: bytes) -> None:
        with pytest.raises(MalformedAnchors):
            json_format.parse(data)


class TestXml:
    def test_the_exact_bytes(self) -> None:
        made = checked(Document(source="Z\u00fcrich"))
        assert xml.render(made.emission) == Document(source="Z\u00fcrich").encode()

    def test_every_key_whatever_its_dates(self) -> None:
        found = xml.parse(xml.render(example().emission)).anchors
        assert [a.key_tag for a in found if isinstance(a, FoundDs)] == [19036, 20326, 38696]
        assert found[1] == FoundDs(20326, 8, 2, DIGEST, "KeyDigest")

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"text",
            b"<!DOCTYPE a><TrustAnchor/>",
            b"<TrustAnchor><KeyDigest/></TrustAnchor>",
            Document().encode().replace(b"20326", b"x"),
            Document().encode().replace(KSK_2017.digest().encode(), b"xyz"),
        ],
        ids=range(6),
    )
    def test_what_is_no_such_document(self, data: bytes) -> None:
        with pytest.raises(MalformedAnchors):
            xml.parse(data)


class TestProvenance:
    def test_the_head(self) -> None:
        head = [*header(example().emission, "##")]
        assert all(line.startswith("## ") for line in head)
        assert head[1] == "## Document: http://data.iana.org/root-anchors/root-anchors.xml"
        assert head[-2:] == ["## KSK-2017 (20326)", "## KSK-2024 (38696)"]

    def test_what_was_not_cross_checked_says_so(self) -> None:
        assert "NOT cross-checked" in "\n".join(header(checked().emission, "#"))
        assert "NOT" not in "\n".join(header(example().emission, "#"))

    def test_no_time_of_our_own(self) -> None:
        days = re.findall(r"20\d\d-\d\d-\d\d", "\n".join(header(example().emission, "#")))
        # When it was signed, and when the root zone was asked.
        assert days == ["2025-03-25", "2026-10-04"]

    def test_a_key_whose_time_has_not_come(self) -> None:
        anchor = example().anchors.anchors[0]
        assert remark(anchor) == "KSK-2017 (20326)"
        future = Anchor(anchor.key, KeyState.FUTURE)
        assert remark(future) == "KSK-2017 (20326), not valid before 2017-02-02"

    def test_lines_end(self) -> None:
        assert join_lines([]) == b""
        assert join_lines(["a", "\u00fc"]) == b"a\n\xc3\xbc\n"
