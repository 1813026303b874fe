"""Programs beside ours that documents, pages and completions are held against."""

from __future__ import annotations

import os
import shutil

import pytest

__all__ = ["REQUIRE", "need"]

# Set to 1 where a missing program is an error and not a reason to skip; as in tests/consumers.
REQUIRE = "ROOT_ANCHORS_REQUIRE_CONSUMERS"


def need(program: str, package: str) -> None:
    """Skip the test where a program is missing, or fail it where it must be there.

    Args:
        program: its name.
        package: what brings it in Debian.
    """
    if shutil.which(program) is not None:
        return
    message = f"not installed: {program} (Debian: {package})"
    if os.environ.get(REQUIRE) == "1":
        pytest.fail(f"{message}, and {REQUIRE}=1", pytrace=False)
    pytest.skip(message)
