"""No check without a story: every id of the catalogue is asserted here, or by whom it says."""

from __future__ import annotations

import ast
from pathlib import Path

from anchors.core.checks import Check

HERE = Path(__file__).parent
TESTS = HERE.parent

# Told with a web server or a name server: the folder asserts the id.
ELSEWHERE = {
    # No option of the command line comes to it.
    Check.CHOICE_POLICY: "unit/pipeline",
    # Told with libraries in place of those that are installed.
    Check.LIBRARY_VERSION: "unit/core",
    Check.SOURCE_REDIRECT: "live",
    Check.SOURCE_ENCODING: "live",
    Check.SOURCE_HTTP: "live",
    Check.SOURCE_OUT_OF_STEP: "live",
    Check.ROOTZONE_SILENT: "live",
    Check.ROOTZONE_SIGNATURE: "live",
    Check.ROOTZONE_CHAIN: "rootzone",
    Check.ROOTZONE_SERVER: "live",
    Check.ROOTZONE_AGREEMENT: "live",
    Check.ROOTZONE_UNKNOWN_SEP: "live",
    Check.ROOTZONE_REVOKED: "live",
    Check.ROOTZONE_GONE: "unit/pipeline",
    Check.ROOTZONE_REVOKE_UNSIGNED: "live",
    Check.OPENSSL_ALGORITHMS: "faults",
    Check.SKR_SCHEMA: "unit/rootzone",
    Check.SKR_ZONE: "unit/rootzone",
    Check.SKR_SLOTS: "unit/rootzone",
    Check.SKR_KEY_TAG: "unit/rootzone",
    Check.SKR_SIGNATURE: "unit/rootzone",
    Check.SKR_UNKNOWN_SEP: "unit/rootzone",
    Check.SKR_AGREEMENT: "unit/rootzone",
    **{check: "asking" for check in Check if check.id.startswith("ask.")},
    **{check: "unit/auditing" for check in Check if check.id.startswith("audit.")},
    **dict.fromkeys((Check.AUDIT_RUNNING, Check.AUDIT_NOT_LOADED, Check.AUDIT_NOT_TOLD), "joining"),
    # What a consumer's own folder, or the command alone, tells.
    **dict.fromkeys(
        (
            Check.AUDIT_IGNORED,
            Check.AUDIT_JOURNAL,
            Check.AUDIT_NOT_FOLLOWED,
            Check.AUDIT_NOT_WRITABLE,
        ),
        "unit/consumers",
    ),
    **dict.fromkeys(
        (Check.AUDIT_FORM, Check.AUDIT_MALFORMED, Check.AUDIT_NOTHING), "unit/cli/commands"
    ),
}


def named_in(module: Path) -> set[str]:
    """The members of ``Check`` that a test module names."""
    return {
        node.attr
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Check"
    }


def test_every_check_has_a_story() -> None:
    told = {name for module in HERE.glob("test_stories_*.py") for name in named_in(module)}
    told |= named_in(HERE / "test_real_publications.py")
    untold = {check for check in Check if check.name not in told}
    assert untold == set(ELSEWHERE)


def test_what_is_told_elsewhere_is_told_there() -> None:
    missing = {
        check.id
        for check, folder in ELSEWHERE.items()
        if not any(
            check.id in text or f"Check.{check.name}" in text
            for text in (
                path.read_text(encoding="utf-8") for path in (TESTS / folder).rglob("*.py")
            )
        )
    }
    assert not missing
