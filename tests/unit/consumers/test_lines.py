"""Consumers that take one line, call or item for each anchor: as we write them and others do."""

from __future__ import annotations

import pytest

from anchors.consumers.dnsmasq import writing as dnsmasq
from anchors.consumers.dnsmasq.content import content_of as dnsmasq_content
from anchors.consumers.knot import content as knot_content
from anchors.consumers.knot import writing as knot
from anchors.consumers.pdns import content as pdns_content
from anchors.consumers.pdns import writing as pdns
from anchors.consumers.unbound import writing as unbound
from anchors.consumers.unbound.content import content_of as unbound_content
from anchors.core.found import FoundDs, MalformedAnchors
from anchors.pipeline.verify import example
from tests.simulator.ksk import KSK_2017, KSK_2024

ONE, TWO = f"20326 8 2 {KSK_2017.digest()}", f"38696 8 2 {KSK_2024.digest()}"
COMMAS = ONE.replace(" ", ",")


def found(statement: str) -> FoundDs:
    return FoundDs(20326, 8, 2, bytes.fromhex(KSK_2017.digest()), statement)


def body(content: bytes, comment: str) -> list[str]:
    """The lines that are no comments."""
    return [line for line in content.decode().splitlines() if not line.startswith(comment)]


class TestUnbound:
    def test_trust_anchor_lines(self) -> None:
        assert body(unbound.render(example().emission), "#") == [
            "server:",
            f'\ttrust-anchor: ". DS {ONE}"',
            f'\ttrust-anchor: ". DS {TWO}"',
        ]

    def test_an_anchor_file_has_keys(self) -> None:
        assert body(unbound.render_anchor_file(example().emission), ";") == [
            f". IN DNSKEY 257 3 8 {key.base64}" for key in (KSK_2017, KSK_2024)
        ]

    @pytest.mark.parametrize(
        ("text", "count"),
        [
            (f'trust-anchor: ". DS {ONE}"', 1),
            (f'server:\n    trust-anchor: ". IN DS {ONE}" # x\n', 1),
            (f"\ttrust-anchor:'. DS {ONE}'\n", 1),
            (f'trust-anchor: ". DS {ONE}"\ntrust-anchor: ". DS {ONE}"\n', 2),
            (f'# trust-anchor: ". DS {ONE}"\n', 0),
            (f'  #trust-anchor: ". DS {ONE}"\n', 0),
            (f'not-trust-anchor: ". DS {ONE}"\n', 0),
            ('trust-anchor-file: "/root.key"\n', 0),
            (f'trust-anchor: "example. DS {ONE}"\n', 0),
        ],
    )
    def test_what_others_write(self, text: str, count: int) -> None:
        assert [*unbound_content(text.encode()).anchors] == [found("trust-anchor")] * count

    @pytest.mark.parametrize("record", [". DS 20326 8 2 xyz", ". DS", "nonsense"])
    def test_what_cannot_be_read(self, record: str) -> None:
        with pytest.raises(MalformedAnchors):
            unbound_content(f'trust-anchor: "{record}"'.encode())


class TestDnsmasq:
    def test_trust_anchor_lines(self) -> None:
        assert body(dnsmasq.render(example().emission), "#") == [
            f"trust-anchor=.,{COMMAS}",
            f"trust-anchor=.,{TWO.replace(' ', ',')}",
        ]

    @pytest.mark.parametrize(
        ("text", "count"),
        [
            (f"trust-anchor=.,{COMMAS}", 1),
            (f"  trust-anchor = . , {COMMAS}\n", 1),
            (f"trust-anchor=.,IN,{COMMAS} # x\n", 1),
            (f"# trust-anchor=.,{COMMAS}\n", 0),
            (f"trust-anchor=example,{COMMAS}\n", 0),
            ("dnssec\n", 0),
        ],
    )
    def test_what_others_write(self, text: str, count: int) -> None:
        assert [*dnsmasq_content(text.encode()).anchors] == [found("trust-anchor")] * count

    @pytest.mark.parametrize("record", ["20326,8,2,xyz", "20326,8", "x"])
    def test_what_cannot_be_read(self, record: str) -> None:
        with pytest.raises(MalformedAnchors):
            dnsmasq_content(f"trust-anchor=.,{record}\n".encode())

    def test_two_dashes_are_for_the_command_line(self) -> None:
        with pytest.raises(MalformedAnchors, match="no option begins like this"):
            dnsmasq_content(f"--trust-anchor=.,{COMMAS}\n".encode())


class TestKnotResolver:
    def test_one_call_holds_all_anchors(self) -> None:
        assert body(knot.render_lua(example().emission), "--") == [
            "trust_anchors.add([[",
            f". IN DS {ONE}",
            f". IN DS {TWO}",
            "]])",
        ]

    def test_one_item_holds_all_anchors(self) -> None:
        assert body(knot.render_yaml(example().emission), "#") == [
            "dnssec:",
            "  trust-anchors:",
            "    - |-",
            f"      . IN DS {ONE}",
            f"      . IN DS {TWO}",
        ]

    @pytest.mark.parametrize(
        ("text", "count"),
        [
            (f"trust_anchors.add('. IN DS {ONE}')", 1),
            (f'trust_anchors.add(". IN DS {ONE}")\n', 1),
            (f"trust_anchors.add([[. IN DS {ONE}]])\n", 1),
            (f"-- trust_anchors.add('. IN DS {ONE}')\n", 0),
            ("trust_anchors.add_file('root.keys', true)\n", 0),
        ],
    )
    def test_what_others_write_in_lua(self, text: str, count: int) -> None:
        assert [*knot_content.lua_content(text.encode()).anchors] == [
            found("trust_anchors.add")
        ] * count

    @pytest.mark.parametrize(
        ("text", "count"),
        [
            (f"dnssec:\n  trust-anchors:\n    - . IN DS {ONE}\n", 1),
            (f"dnssec: {{trust-anchors: ['. IN DS {ONE}', 5, null]}}\n", 1),
            (f"trust-anchors:\n  - . IN DS {ONE}\n", 0),
            ("dnssec: true\n", 0),
            ("dnssec:\n  trust-anchors: x\n", 0),
            ("- a\n", 0),
            ("", 0),
        ],
    )
    def test_what_others_write_in_yaml(self, text: str, count: int) -> None:
        assert [*knot_content.yaml_content(text.encode()).anchors] == [
            found("trust-anchors")
        ] * count


class TestPowerDns:
    def test_a_call_for_each_anchor(self) -> None:
        assert body(pdns.render_lua(example().emission), "--") == [
            'clearTA(".")',
            f'addTA(".", "{ONE}")',
            f'addTA(".", "{TWO}")',
        ]

    def test_a_section(self) -> None:
        assert body(pdns.render_yaml(example().emission), "#") == [
            "dnssec:",
            "  trustanchors:",
            "    - name: .",
            "      dsrecords:",
            f"        - '{ONE}'",
            f"        - '{TWO}'",
        ]

    @pytest.mark.parametrize(
        ("text", "count"),
        [
            (f"addTA('.', \"{ONE}\")", 1),
            (f'  addTA( "." , "{ONE}" )\n', 1),
            (f"-- addTA('.', \"{ONE}\")\n", 0),
            (f"addTA('example.', \"{ONE}\")\n", 0),
            ("clearTA('.')\n", 0),
        ],
    )
    def test_what_others_write_in_lua(self, text: str, count: int) -> None:
        assert [*pdns_content.lua_content(text.encode()).anchors] == [found("addTA")] * count

    @pytest.mark.parametrize(
        ("text", "count"),
        [
            (f"dnssec:\n  trustanchors:\n  - {{name: ., dsrecords: ['{ONE}']}}\n", 1),
            (f"dnssec:\n  trustanchors:\n  - {{name: x., dsrecords: ['{ONE}']}}\n", 0),
            ("dnssec:\n  trustanchors:\n  - {name: ., dsrecords: x}\n", 0),
            ("dnssec:\n  trustanchors: [5, null, [a]]\n", 0),
            ("dnssec:\n", 0),
        ],
    )
    def test_what_others_write_in_yaml(self, text: str, count: int) -> None:
        assert [*pdns_content.yaml_content(text.encode()).anchors] == [
            found("trustanchors")
        ] * count


@pytest.mark.parametrize("parse", [knot_content.yaml_content, pdns_content.yaml_content])
@pytest.mark.parametrize(
    "text",
    [
        "dnssec: [",
        "\t- a",
        "!!python/object/apply:os.system ['true']",
        "!!python/name:os.system",
        "a: !unknown b",
        "dnssec: {trust-anchors: ['nonsense'], trustanchors: [{name: ., dsrecords: [x]}]}",
    ],
)
def test_yaml_that_cannot_be_read(parse: object, text: str) -> None:
    assert callable(parse)
    with pytest.raises(MalformedAnchors):
        parse(text.encode())
