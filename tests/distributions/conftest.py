"""The packages of each suite, audited once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NoReturn

import pytest

from tests.distributions.packages import NotAudited, audit, packages_of

# Set to 1 where a missing package is an error and not a reason to skip.
REQUIRE = "ROOT_ANCHORS_REQUIRE_PACKAGES"


def lacking(reason: str) -> NoReturn:
    """Skip the test for this reason, or fail it where the packages must be there."""
    if os.environ.get(REQUIRE) == "1":
        pytest.fail(f"{reason}, and {REQUIRE}=1", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def audited() -> Callable[[str], Mapping[str, Any]]:
    """The audit of a suite, in one run over all its packages; skips or fails without them."""

    @cache
    def run(suite: str) -> Mapping[str, Any]:
        said: Mapping[str, Any] = audit(packages_of(suite))
        return said

    def audited(suite: str) -> Mapping[str, Any]:
        if not packages_of(suite):
            lacking(f"build/packages/{suite} is empty: run .ci/download-packages.sh")
        try:
            return run(suite)
        except NotAudited as error:
            if "libarchive" not in str(error):
                raise
            lacking("libarchive is not installed (Debian: libarchive13 or libarchive13t64)")

    return audited
