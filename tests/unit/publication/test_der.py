"""What an error says of a number from outside."""

from __future__ import annotations

import pytest

from anchors.publication.der import shown


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-1, "-1"),
        # RFC 5280 4.1.2.2: a serial number has up to 20 octets.
        ((1 << 160) - 1, str((1 << 160) - 1)),
        (1 << 160, "of 161 bits"),
        (-1 << 5000, "of 5001 bits"),
    ],
    ids=["zero", "negative", "20 octets", "one bit more", "negative and long"],
)
def test_a_number_too_long_to_be_written_down_is_told_by_its_size(number: int, text: str) -> None:
    assert shown(number) == text
