"""What is read back of a source that we wrote: the rows alone, and nothing beside them."""

from __future__ import annotations

import pytest

from anchors.consumers.format import Format
from anchors.consumers.registry import consumer_named
from anchors.consumers.source.writing import LANGUAGES
from anchors.core.found import FoundDs, MalformedAnchors
from anchors.pipeline.verify import example

ROWS = consumer_named("source").formats
EACH = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def written(row: Format) -> str:
    return row.write(example().emission).decode()


@EACH
def test_the_digest_is_in_one_piece_and_the_comment_says_where_from(row: Format) -> None:
    text = written(row)
    assert '"E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"' in text
    assert "Document: http://data.iana.org/root-anchors/root-anchors.xml" in text
    assert "signed 2025-03-25T20:25:02Z by dnssec@iana.org" in text


@EACH
def test_every_changed_line_is_refused_or_read(row: Format) -> None:
    lines = written(row).splitlines(keepends=True)
    comment = LANGUAGES[row.name.removeprefix("source-")].comment
    for at, line in enumerate(lines):
        # A comment says what its author likes.
        if line.startswith(comment):
            continue
        changed = "".join([*lines[:at], line.replace("\n", " \n"), *lines[at + 1 :]])
        with pytest.raises(MalformedAnchors):
            row.read.load()(changed.encode())


@EACH
def test_a_row_too_many_or_too_few_shows(row: Format) -> None:
    text = written(row)
    (digest,) = [line for line in text.splitlines() if "38696, " in line or ": 38696" in line]
    more = text.replace(digest, f"{digest}\n{digest.replace('38696', '1')}")
    read = row.read.load()
    assert [a.key_tag for a in read(more.encode()).anchors if isinstance(a, FoundDs)] == [
        20326,
        38696,
        1,
    ]
    assert len(read(text.replace(f"{digest}\n", "").encode()).anchors) == 1


@EACH
@pytest.mark.parametrize("other", ["another language", "a bad byte", "no end", "a tag too large"])
def test_what_is_refused(row: Format, other: str) -> None:
    text = written(row)
    next_row = ROWS[(ROWS.index(row) + 1) % len(ROWS)]
    data = {
        "another language": written(next_row).encode(),
        "a bad byte": text.encode() + b"\xff\n",
        "no end": text.encode().rstrip(b"\n"),
        "a tag too large": text.replace("20326,", "99999,").encode(),
    }[other]
    with pytest.raises(MalformedAnchors):
        row.read.load()(data)
