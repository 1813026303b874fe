"""Anchors as constants of a programming language: DS records, each digest in one piece.

What is in one piece can be found again in a source or a program, by ``audit`` and by grep.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import NamedTuple

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.header import header, join_lines
from anchors.core.emission import Emission

__all__ = ["FORMATS", "LANGUAGES", "Language", "render"]


class Language(NamedTuple):
    """How a language has a list of constants; each text is of whole lines.

    Attributes:
        comment: what a line of a comment begins with.
        first: what stands before the comment.
        before: what stands before the first anchor.
        row: an anchor, with places for its tag, algorithm, digest type and digest.
        after: what stands behind the last.
    """

    comment: str
    first: str
    before: str
    row: str
    after: str


LANGUAGES = {
    "c": Language(
        comment="//",
        first="",
        before="""\
#ifndef ROOT_ANCHORS_H
#define ROOT_ANCHORS_H

/* A DS record of the root zone (RFC 4034 5), its digest in upper-case hexadecimal digits. */
struct root_anchor {
    unsigned int key_tag;
    unsigned int algorithm;
    unsigned int digest_type;
    const char *digest;
};

static const struct root_anchor root_anchors[] = {
""",
        row='    {{{}, {}, {}, "{}"}},',
        after="""\
};

#define ROOT_ANCHORS_COUNT (sizeof root_anchors / sizeof root_anchors[0])

#endif
""",
    ),
    "go": Language(
        comment="//",
        first="",
        before="""\

// Package rootanchors has the trust anchors of the root zone.
package rootanchors

// Anchor is a DS record of the root zone (RFC 4034 5), its digest in upper-case hexadecimal digits.
type Anchor struct {
\tKeyTag     uint16
\tAlgorithm  uint8
\tDigestType uint8
\tDigest     string
}

// Anchors are the trust anchors of the root zone.
var Anchors = []Anchor{
""",
        row='\t{{{}, {}, {}, "{}"}},',
        after="}\n",
    ),
    "rust": Language(
        comment="//",
        first="",
        before="""\

/// A DS record of the root zone (RFC 4034 5), its digest in upper-case hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RootAnchor {
    pub key_tag: u16,
    pub algorithm: u8,
    pub digest_type: u8,
    pub digest: &'static str,
}

/// The trust anchors of the root zone.
#[rustfmt::skip]
pub const ROOT_ANCHORS: &[RootAnchor] = &[
""",
        row='    RootAnchor {{ key_tag: {}, algorithm: {}, digest_type: {}, digest: "{}" }},',
        after="];\n",
    ),
    "java": Language(
        comment="//",
        first="",
        before="""\

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** A DS record of the root zone (RFC 4034 5), its digest in upper-case hexadecimal digits. */
public final class RootAnchor {
    public final int keyTag;
    public final int algorithm;
    public final int digestType;
    public final String digest;

    private RootAnchor(int keyTag, int algorithm, int digestType, String digest) {
        this.keyTag = keyTag;
        this.algorithm = algorithm;
        this.digestType = digestType;
        this.digest = digest;
    }

    /** The trust anchors of the root zone. */
    public static final List<RootAnchor> ALL = Collections.unmodifiableList(Arrays.asList(
        new RootAnchor[] {
""",
        row='            new RootAnchor({}, {}, {}, "{}"),',
        after="""\
        }));
}
""",
    ),
    "python": Language(
        comment="#",
        # A docstring first: what a second line of comment says could be taken for an encoding.
        first='"""The trust anchors of the root zone."""\n\n',
        before='''\

from typing import NamedTuple


class RootAnchor(NamedTuple):
    """A DS record of the root zone (RFC 4034 5), its digest in upper-case hexadecimal digits."""

    key_tag: int
    algorithm: int
    digest_type: int
    digest: str


ROOT_ANCHORS = (
''',
        row='    RootAnchor({}, {}, {}, "{}"),',
        after=")\n",
    ),
    "javascript": Language(
        comment="//",
        first="",
        before="""\

/** DS records of the root zone (RFC 4034 5), each digest in upper-case hexadecimal digits. */
export const ROOT_ANCHORS = Object.freeze([
""",
        row='  Object.freeze({{ keyTag: {}, algorithm: {}, digestType: {}, digest: "{}" }}),',
        after="]);\n",
    ),
    "dnsprovejs": Language(
        comment="//",
        first="",
        before="""\

/** DS records of the root zone (RFC 4034 5) as dns-packet has them, for DNSProver. */
export const ROOT_ANCHORS = [
""",
        row='  {{ name: ".", type: "DS", class: "IN", data: {{ keyTag: {}, algorithm: {}, '
        'digestType: {}, digest: Buffer.from("{}", "hex") }} }},',
        after="];\n",
    ),
}


def render(emission: Emission, language: Language) -> bytes:
    """The constants, and before them where they come from."""
    return join_lines(_lines(emission, language))


def _lines(emission: Emission, language: Language) -> Iterator[str]:
    yield from language.first.splitlines()
    yield from map(_harmless, header(emission, language.comment))
    yield from language.before.splitlines()
    for anchor in emission.anchors:
        key = anchor.key
        digest = key.digest.hex().upper()
        yield language.row.format(key.key_tag, key.algorithm, key.digest_type, digest)
    yield from language.after.splitlines()


def _harmless(comment: str) -> str:
    """A comment that stays one: C goes on behind a backslash, and Java reads escapes in it."""
    return comment.replace("\\", "%5C").replace("??", "?%3F")


def _row(name: str, file_name: str, consumer: str, install: str, media_type: str) -> Format:
    return Format(
        name=f"source-{name}",
        file_name=file_name,
        media_type=media_type,
        consumer=consumer,
        form=Form.DS,
        install=install,
        write=functools.partial(render, language=LANGUAGES[name]),
        read=Facet("anchors.consumers.source.content", f"read_{name}"),
    )


_TEXT = "text/plain"
_LATER = "\nThe program trusts these keys until it is built anew: audit finds them in it."

FORMATS = (
    _row(
        "c",
        "root_anchors.h",
        "C99 and C++",
        f'Include it where the anchors are used: #include "root_anchors.h"{_LATER}',
        _TEXT,
    ),
    _row(
        "go",
        "root_anchors.go",
        "Go",
        f"Put it into a folder rootanchors of the module, and import that.{_LATER}",
        _TEXT,
    ),
    _row(
        "rust",
        "root_anchors.rs",
        "Rust",
        f"Put it beside lib.rs or main.rs: mod root_anchors;{_LATER}",
        _TEXT,
    ),
    _row(
        "java",
        "RootAnchor.java",
        "Java 8 and newer",
        f"Put it beside the classes that use it, with their package in its first line.{_LATER}",
        _TEXT,
    ),
    _row(
        "python",
        "root_anchors.py",
        "Python 3.6 and newer",
        f"Put it beside the modules that use it: from root_anchors import ROOT_ANCHORS{_LATER}",
        _TEXT,
    ),
    _row(
        "javascript",
        "root-anchors.mjs",
        "JavaScript, as an ECMAScript module",
        f'Import it: import {{ ROOT_ANCHORS }} from "./root-anchors.mjs";{_LATER}',
        "text/javascript",
    ),
    _row(
        "dnsprovejs",
        "dnsprovejs-anchors.mjs",
        "dnsprovejs 0.5, which has KSK-2010 and KSK-2017 alone built in",
        'Import it: import { ROOT_ANCHORS } from "./dnsprovejs-anchors.mjs"; and give it to\n'
        "new DNSProver(ask, DEFAULT_DIGESTS, DEFAULT_ALGORITHMS, ROOT_ANCHORS)",
        "text/javascript",
    ),
)
