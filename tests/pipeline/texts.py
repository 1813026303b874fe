"""Every word that a finding of a story says, held to what it said before.

A change of words is made on purpose: ``RENEW_TEXTS=1 pytest -n0 tests/pipeline`` writes the file
anew, and the difference is looked at.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.pipeline.stories import Outcome

__all__ = ["compare"]

TEXTS = Path(__file__).with_name("texts.json")
# What differs from run to run: places, and whatever comes of the lab's new keys.
_PLACE = re.compile(r"/[^\s,:\x27\x22]*pytest-of-[^\s,:\x27\x22]*")
_HEX = re.compile(r"\b[0-9A-Fa-f]{16,}\b")
_TAG = re.compile(r"(?<![\w:.-])\d{1,5}(?![\w:-]|\.\d)")
_SIGNATURE = re.compile(r"[A-Za-z0-9+/=]{60,}")
# These tell what a library said, which is another library's tomorrow.
_QUOTING = {
    "choice.ca",
    "cms.der",
    "document.schema",
    "document.well-formed",
    "key.public-key",
    "signer.path",
}
_FIELDS = ("check", "severity", "message", "got", "want", "remedy")


def compare(nodeid: str, outcomes: Iterable[Outcome]) -> None:
    """Hold the findings of a test's runs to those that are recorded for it."""
    name = nodeid.partition("tests/pipeline/")[2]
    told = [finding for outcome in outcomes for finding in _findings(outcome)]
    recorded = json.loads(TEXTS.read_text(encoding="utf-8")) if TEXTS.exists() else {}
    if os.environ.get("RENEW_TEXTS"):
        recorded[name] = told
        text = json.dumps(dict(sorted(recorded.items())), indent=1, ensure_ascii=False)
        TEXTS.write_text(f"{text}\n", encoding="utf-8")
        return
    assert told == recorded.get(name)


def _findings(outcome: Outcome) -> list[Sequence[str | None]]:
    try:
        findings = json.loads(outcome.out)["findings"]
    except (ValueError, KeyError, TypeError):
        return []
    return [
        [
            "QUOTED" if field == "got" and finding["check"] in _QUOTING else _steady(finding[field])
            for field in _FIELDS
        ]
        for finding in findings
    ]


def _steady(text: str | None) -> str | None:
    if text is None:
        return None
    for pattern, name in ((_PLACE, "PLACE"), (_HEX, "HEX"), (_SIGNATURE, "BASE64"), (_TAG, "N")):
        text = pattern.sub(name, text)
    return text
