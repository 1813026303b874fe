from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from anchors.cli.main import main
from tests.pipeline import texts
from tests.pipeline.stories import Shelf, Story, Teller, inputs
from tests.simulator.publication import publish
from tests.simulator.times import AT, rfc3339

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture(scope="session")
def real_publications() -> Path:
    """IANA's own publications, one folder per signing date."""
    return FIXTURES / "publications"


@pytest.fixture(scope="session")
def real_document(real_publications: Path) -> bytes:
    """IANA's document, as it is since 2024."""
    return (real_publications / "2025-03-25" / "root-anchors.xml").read_bytes()


@pytest.fixture
def teller(capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Iterator[Teller]:
    """Runs the command, and holds every word of its findings to what they were."""
    telling = Teller(capsys)
    yield telling
    failed = request.session.testsfailed
    if not failed:
        texts.compare(request.node.nodeid, telling.outcomes)


@pytest.fixture(scope="session")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a good build of the lab's publication wrote."""
    place = tmp_path_factory.mktemp("yesterday")
    source = publish().write(place / "source")
    with contextlib.redirect_stderr(io.StringIO()) as report:
        exit_code = main(["build", *inputs(source), "-o", str(place / "anchors")])
    assert exit_code == 0, report.getvalue()
    return place / "anchors"


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an offline build of IANA's publication wrote, with the answers of the root zone."""
    place = tmp_path_factory.mktemp("recorded") / "anchors"
    with contextlib.redirect_stderr(io.StringIO()) as report:
        exit_code = main(["build", "--offline", "--at", rfc3339(AT), "-o", str(place)])
    assert exit_code == 0, report.getvalue()
    return place


@pytest.fixture
def shelf(tmp_path: Path, yesterday: Path) -> Shelf:
    return Shelf(tmp_path / "shelf", yesterday)


@pytest.fixture
def refuse(teller: Teller, shelf: Shelf, tmp_path: Path) -> Callable[[Story], None]:
    """Tell a story to both commands; nothing on disk may change, nothing may be written."""

    def tell(story: Story) -> None:
        source = story.publish().write(tmp_path / "source")

        verified = teller.verify(source, at=story.at)
        failures = verified.findings("failure")
        assert (verified.exit_code, [*failures]) == (story.exit_code, [story.check.id])
        assert story.says in failures[story.check.id]
        assert verified.report["verdict"] == (
            "not-trusted" if story.exit_code == 1 else "undecided"
        )
        assert not any(row["emitted"] for row in verified.report["anchors"])

        built = teller.build(source, shelf.anchors, at=story.at)
        assert built.exit_code == story.exit_code
        assert built.out == ""
        assert story.check.id in built.err
        shelf.assert_untouched()

        fresh = tmp_path / "fresh"
        assert teller.build(source, fresh, at=story.at).exit_code == story.exit_code
        assert not fresh.exists()

    return tell
