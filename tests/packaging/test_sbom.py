"""The bill of materials: what is needed, all of it and nothing else, with licences and hashes."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.packaging.building import ROOT
from tests.packaging.sbom import Incomplete, merge


def component(name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"bom-ref": f"{name}==1", "name": name, "purl": f"pkg:pypi/{name}@1", **more}


LICENCE = [{"license": {"id": "MIT"}}]
HASHES = [{"alg": "SHA-256", "content": "00" * 32}]
ENVIRONMENT: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "metadata": {"component": {"bom-ref": "root-component", "name": "root-anchors"}, "tools": {}},
    "components": [
        component("cffi", licenses=LICENCE),
        component("cryptography", licenses=LICENCE, externalReferences=[{"type": "website"}]),
        component("pip", licenses=LICENCE),
    ],
    "dependencies": [
        {"ref": "cffi==1"},
        {"ref": "cryptography==1", "dependsOn": ["cffi==1"]},
        {"ref": "pip==1"},
        {"ref": "root-component", "dependsOn": ["cryptography==1"]},
    ],
}
REQUIREMENTS: dict[str, Any] = {
    "components": [
        component(name, externalReferences=[{"type": "distribution", "hashes": HASHES}])
        for name in ("cffi", "cryptography", "flit-core")
    ]
}


def merged() -> dict[str, Any]:
    return merge(ENVIRONMENT, REQUIREMENTS, version="1.2")


def test_make_runs_it_in_environments_of_their_own() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert ".venv-sbom/bin/python -m tests.packaging.sbom .venv-run/bin/python\n" in makefile


def test_what_is_needed_is_in_it_and_nothing_else() -> None:
    bill = merged()
    assert [part["name"] for part in bill["components"]] == ["cffi", "cryptography"]
    refs = [row["ref"] for row in bill["dependencies"]]
    assert refs == ["cffi==1", "cryptography==1", "root-component"]


def test_every_part_has_its_hashes_beside_what_it_had() -> None:
    first, second = merged()["components"]
    assert first["externalReferences"] == [{"type": "distribution", "hashes": HASHES}]
    assert [row["type"] for row in second["externalReferences"]] == ["website", "distribution"]
    assert first["licenses"] == LICENCE


def test_it_is_about_our_package() -> None:
    about = merged()["metadata"]["component"]
    assert about["version"] == "1.2"
    assert about["purl"] == "pkg:pypi/root-anchors@1.2"


def test_what_was_given_is_not_changed() -> None:
    before = copy.deepcopy((ENVIRONMENT, REQUIREMENTS))
    merged()
    assert before == (ENVIRONMENT, REQUIREMENTS)


def test_a_circle_ends() -> None:
    environment = copy.deepcopy(ENVIRONMENT)
    environment["dependencies"][0]["dependsOn"] = ["cryptography==1"]
    assert len(merge(environment, REQUIREMENTS, version="1")["components"]) == 2


@pytest.mark.parametrize("lacks", ["licence", "hash", "lock"])
def test_what_lacks_something_is_no_bill(lacks: str) -> None:
    environment, requirements = copy.deepcopy((ENVIRONMENT, REQUIREMENTS))
    if lacks == "licence":
        del environment["components"][0]["licenses"]
    elif lacks == "hash":
        del requirements["components"][0]["externalReferences"][0]["hashes"]
    else:
        del requirements["components"][0]
    with pytest.raises(Incomplete, match="licence" if lacks == "licence" else "hash"):
        merge(environment, requirements, version="1")
