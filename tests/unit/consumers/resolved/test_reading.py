"""What systemd-resolved takes of a .positive file, and what it drops."""

from __future__ import annotations

import pytest

from anchors.consumers.reading import Hold, Reading
from anchors.consumers.resolved import POSITIVE
from anchors.consumers.resolved.reading import read_positive
from anchors.core.findings import Severity
from tests.simulator.ksk import KSK_2024
from tests.unit.consumers.samples import DS1, DS2, KEY1, KEY2, anchors, checks
from tests.unit.consumers.trees import AT

DIGEST = KSK_2024.digest()
STATIC, IGNORED = Hold.STATIC, Hold.IGNORED


def read(text: str) -> Reading:
    reading = read_positive(text.encode(), "etc/dnssec-trust-anchors.d/root.positive", AT)
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    ("text", "expected", "noted"),
    [
        (f"; x\n. IN DS {DS1}\n. in ds {DS2}\n", [(20326, 2, STATIC), (38696, 3, STATIC)], []),
        (f"\t.  IN DS 38696 RSASHA256 SHA-256 {DIGEST[:10]} {DIGEST[10:]}\r\n",
         [(38696, 1, STATIC)], []),
        (f". IN DNSKEY {KEY1}\n. IN DS {DS2}\n", [(20326, 1, STATIC), (38696, 2, STATIC)],
         [("audit.form", 1)]),
        (f". DS {DS1}\n", [(20326, 1, IGNORED)], [("audit.ignored", 1)]),
        (f". 3600 IN DS {DS1}\n", [(20326, 1, IGNORED)], [("audit.ignored", 1)]),
        (f". IN DS {DS1} ; KSK-2017\n. IN DS {DS2}\n", [(20326, 1, IGNORED), (38696, 2, STATIC)],
         [("audit.ignored", 1)]),
        (f". IN DNSKEY {KEY2} ;{{id = 38696}}\n", [(38696, 1, IGNORED)], [("audit.ignored", 1)]),
        (". IN DS 20326 8 2 xyz\n", [], [("audit.ignored", 1)]),
        (f". IN DS 38696 8 2 (\n{DIGEST} )\n", [], [("audit.ignored", 1)]),
        (". IN\n", [], [("audit.ignored", 1)]),
        (f"; . IN DS {DS1}\n# . IN DS {DS1}\nexample. IN DS {DS1}\n", [], []),
    ],
)  # fmt: skip
def test_lines(
    text: str, expected: list[tuple[int, int | None, Hold]], noted: list[tuple[str, int]]
) -> None:
    reading = read(text)
    assert reading.syntax is POSITIVE
    assert anchors(reading) == expected
    assert checks(reading) == noted


def test_a_key_stops_every_look_up() -> None:
    (note,) = read(f". IN DNSKEY {KEY1}\n").notes
    assert note.finding.severity is Severity.FAILURE


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (f". IN DS {DS1} ; x", "comment"),
        (f". 60 IN DS {DS1}", "class"),
        (". IN DS 1 8 2 x", "cannot be read"),
    ],
)
def test_why_a_line_is_dropped(row: str, why: str) -> None:
    (note,) = read(row).notes
    assert why in note.finding.message
