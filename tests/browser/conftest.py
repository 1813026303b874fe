"""Chromium, where it is installed."""

from __future__ import annotations

import os

import pytest

from tests.browser.chromium import PROGRAM

# Set to 1 where a missing browser is an error and not a reason to skip.
REQUIRE = "ROOT_ANCHORS_REQUIRE_BROWSER"


@pytest.fixture(autouse=True)
def _browser() -> None:
    if PROGRAM is not None:
        return
    message = "not installed: chromium (Debian: chromium)"
    if os.environ.get(REQUIRE):
        pytest.fail(f"{message}, and {REQUIRE} is set", pytrace=False)
    pytest.skip(message)
