"""Whatever a web server does, the command ends in time, says why, and writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.lab import https
from tests.lab.https import Answer, Tls, mute, publishing
from tests.lab.zone import AT
from tests.live.command import Outcome, files_in, run
from tests.simulator.document import CURRENT, Document
from tests.simulator.publication import publish

TIMEOUT = 10.0
# For servers that never come to an end.
SHORT = 1.0
# Starting Python and judging what came, on a machine with other work to do.
SLACK = 10
MIB = 1 << 20


def built(
    source: str, cwd: Path, *more: str | Path, ca_file: Path | None = None, timeout: float = TIMEOUT
) -> Outcome:
    """``build`` without DNS; a run never takes much longer than its deadline."""
    outcome = run(
        *("build", "--source", source, "--dns", "none", "--at", AT, "-o", "out"),
        *("--timeout", str(timeout)),
        *more,
        cwd=cwd,
        ca_file=ca_file,
    )
    assert outcome.seconds < timeout + SLACK
    return outcome


def assert_refused(outcome: Outcome, code: int, check: str, message: str, cwd: Path) -> None:
    """The exit code, the check and the message are these, and nothing was written."""
    assert (outcome.code, outcome.stdout) == (code, ""), outcome.stderr
    assert check in outcome.stderr
    assert message in outcome.told
    assert files_in(cwd) == {}


STORIES: Mapping[str, tuple[Answer, str, str]] = {
    "not found": (https.status(404), "source.available", "HTTP status 404"),
    "server error": (https.status(500), "source.available", "HTTP status 500"),
    "partial content": (https.status(206), "source.available", "HTTP status 206"),
    "three redirects": (
        https.hops(3),
        "source.redirect",
        "the server redirected more than 2 times",
    ),
    "redirect to itself": (
        https.redirect("{path}"),
        "source.redirect",
        "the server redirected more than 2 times",
    ),
    "redirected to an unusable URL": (
        https.redirect("https://[::1/root-anchors.xml"),
        "source.redirect",
        "redirect",
    ),
    "redirect to a file": (
        https.redirect("file:///etc/passwd"),
        "source.redirect",
        "redirect",
    ),
    "shorter than declared": (https.length(10**5), "source.available", "cannot be fetched"),
    "two lengths": (https.two_lengths, "source.available", "cannot be fetched"),
    "no HTTP": (https.no_http, "source.available", "cannot be fetched"),
    "gzip": (https.as_gzip, "source.content-encoding", "Content-Encoding gzip"),
    "one byte too many": (
        https.body(b" " * (MIB + 1)),
        "source.size",
        "more than 1048576 bytes",
    ),
    "endless": (https.endless, "source.size", "more than 1048576 bytes"),
    "dripping body": (https.dripping_body, "source.available", "within --timeout"),
    "dripping headers": (https.dripping_headers, "source.available", "within --timeout"),
}


@pytest.mark.parametrize("story", STORIES)
def test_a_document_that_cannot_be_had(
    story: str, tls: Tls, publication: dict[str, bytes], tmp_path: Path
) -> None:
    answer, check, message = STORIES[story]
    timeout = SHORT if "dripping" in story else TIMEOUT
    with publishing(publication, tls, xml=answer) as site:
        outcome = built(site.base, tmp_path, ca_file=tls.ca_file, timeout=timeout)
    assert_refused(outcome, 3, check, message, tmp_path)
    assert site.sent < 16 * MIB


def test_a_signature_that_cannot_be_had(
    tls: Tls, publication: dict[str, bytes], tmp_path: Path
) -> None:
    with publishing(publication, tls, p7s=https.status(404)) as site:
        outcome = built(site.base, tmp_path, ca_file=tls.ca_file)
    assert_refused(outcome, 3, "source.available", "root-anchors.p7s: HTTP status 404", tmp_path)


@pytest.mark.parametrize("count", [1, 2])
def test_two_redirects_within_the_host_are_followed(
    count: int, tls: Tls, publication: dict[str, bytes], tmp_path: Path
) -> None:
    with publishing(publication, tls, xml=https.hops(count), p7s=https.hops(count)) as site:
        outcome = built(site.base, tmp_path, ca_file=tls.ca_file)
    assert outcome.code == 0, outcome.stderr
    assert files_in(tmp_path / "out")["root-anchors.xml"] == publication["root-anchors.xml"]
    assert len(site.asked_for("root-anchors.xml")) == count + 1


def test_a_redirect_to_another_host_is_not_followed(
    tls: Tls, publication: dict[str, bytes], tmp_path: Path
) -> None:
    with publishing(publication, tls) as other:
        elsewhere = other.base.replace("localhost", "127.0.0.1")
        answer = https.redirect(f"{elsewhere}/root-anchors.xml")
        with publishing(publication, tls, xml=answer) as site:
            outcome = built(site.base, tmp_path, ca_file=tls.ca_file)
    assert_refused(outcome, 3, "source.redirect", "the server redirected to another host", tmp_path)
    assert other.requests == []


def test_a_redirect_from_https_to_http_is_not_followed(
    tls: Tls, publication: dict[str, bytes], tmp_path: Path
) -> None:
    with publishing(publication) as plain:
        answer = https.redirect(f"{plain.base}/root-anchors.xml")
        with publishing(publication, tls, xml=answer) as site:
            outcome = built(site.base, tmp_path, ca_file=tls.ca_file)
    assert_refused(
        outcome, 3, "source.redirect", "the server redirected from https to http", tmp_path
    )
    assert plain.requests == []


def test_a_server_that_takes_the_connection_and_is_mute(tls: Tls, tmp_path: Path) -> None:
    with mute() as base:
        outcome = built(base, tmp_path, ca_file=tls.ca_file, timeout=SHORT)
    assert_refused(outcome, 3, "source.available", "fetched", tmp_path)
    # To connect, each address has a third of the deadline.
    assert outcome.seconds >= SHORT / 3


def test_nobody_listens(tls: Tls, publication: dict[str, bytes], tmp_path: Path) -> None:
    with publishing(publication, tls) as site:
        pass
    outcome = built(site.base, tmp_path, ca_file=tls.ca_file)
    assert_refused(outcome, 3, "source.available", "cannot be fetched", tmp_path)


def test_a_certificate_of_an_unknown_ca(
    tls: Tls, publication: dict[str, bytes], tmp_path: Path
) -> None:
    with publishing(publication, tls) as site:
        outcome = built(site.base, tmp_path)
    assert_refused(outcome, 3, "source.available", "the TLS certificate was refused", tmp_path)
    assert site.requests == []


@pytest.mark.parametrize(
    "content",
    [b"", b"<!DOCTYPE html><title>Please log in</title>", b"<TrustAnchor/>"],
    ids=["empty", "HTML", "another document"],
)
def test_a_document_that_was_not_signed(
    content: bytes, tls: Tls, publication: dict[str, bytes], tmp_path: Path
) -> None:
    with publishing(publication, tls, xml=https.body(content)) as site:
        outcome = built(site.base, tmp_path, ca_file=tls.ca_file)
    assert_refused(outcome, 1, "source.out-of-step", "to another document", tmp_path)


def test_a_document_cut_short_by_its_length(
    tls: Tls, publication: dict[str, bytes], tmp_path: Path
) -> None:
    with publishing(publication, tls, xml=https.length(500)) as site:
        outcome = built(site.base, tmp_path, ca_file=tls.ca_file)
    assert_refused(outcome, 1, "source.out-of-step", "to another document", tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"<!DOCTYPE html><title>Please log in</title>"], ids=["empty", "HTML"]
)
def test_a_signature_that_is_none(
    content: bytes, tls: Tls, publication: dict[str, bytes], tmp_path: Path
) -> None:
    with publishing(publication, tls, p7s=https.body(content)) as site:
        outcome = built(site.base, tmp_path, ca_file=tls.ca_file)
    assert_refused(outcome, 1, "cms.der", "", tmp_path)
    assert len(site.asked_for("root-anchors.p7s")) == 1


class TestOutOfStep:
    """A cache serves the signature of another day."""

    old = publish(document=Document(entries=CURRENT[:1]))
    new = publish()

    @property
    def files(self) -> dict[str, bytes]:
        return {"root-anchors.xml": self.new.document, "root-anchors.p7s": self.new.signature}

    @pytest.fixture
    def ca(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return self.new.write(tmp_path_factory.mktemp("lab")) / "ca.pem"

    def test_one_retry_past_the_caches_mends_it(self, ca: Path, tls: Tls, tmp_path: Path) -> None:
        stale = https.stale_unless_no_cache(self.old.signature)
        with publishing(self.files, tls, p7s=stale) as site:
            outcome = built(site.base, tmp_path, "--ca", ca, ca_file=tls.ca_file)
        assert outcome.code == 0, outcome.stderr
        assert files_in(tmp_path / "out")["root-anchors.p7s"] == self.new.signature
        assert len(site.asked_for("root-anchors.p7s")) == 2
        assert len(site.asked_for("root-anchors.xml")) == 2

    def test_a_stale_document_is_mended_too(self, ca: Path, tls: Tls, tmp_path: Path) -> None:
        stale = https.stale_unless_no_cache(self.old.document)
        with publishing(self.files, tls, xml=stale) as site:
            outcome = built(site.base, tmp_path, "--ca", ca, ca_file=tls.ca_file)
        assert outcome.code == 0, outcome.stderr
        assert files_in(tmp_path / "out")["root-anchors.xml"] == self.new.document

    def test_always_out_of_step(self, ca: Path, tls: Tls, tmp_path: Path) -> None:
        stale = https.body(self.old.signature)
        with publishing(self.files, tls, p7s=stale) as site:
            outcome = built(site.base, tmp_path, "--ca", ca, ca_file=tls.ca_file)
        assert_refused(outcome, 1, "source.out-of-step", "to another document", tmp_path)
        assert len(site.asked_for("root-anchors.p7s")) == 2

    def test_the_deadline_covers_the_retry(self, ca: Path, tls: Tls, tmp_path: Path) -> None:
        stale = https.stale_unless_no_cache(self.old.signature, then=https.dripping_body)
        with publishing(self.files, tls, p7s=stale) as site:
            outcome = built(site.base, tmp_path, "--ca", ca, ca_file=tls.ca_file, timeout=SHORT)
        assert_refused(outcome, 3, "source.available", "within --timeout", tmp_path)
        assert len(site.asked_for("root-anchors.p7s")) == 2


def test_plain_http_is_told(publication: dict[str, bytes], tmp_path: Path) -> None:
    with publishing(publication) as site:
        outcome = built(site.base, tmp_path, "-v")
    assert outcome.code == 0, outcome.stderr
    assert "source.http" in outcome.stderr
    assert "fetched without TLS" in outcome.told


def test_exactly_one_mebibyte_is_not_too_large(
    publication: dict[str, bytes], tls: Tls, tmp_path: Path
) -> None:
    with publishing(publication, tls, xml=https.body(b" " * MIB)) as site:
        outcome = built(site.base, tmp_path, ca_file=tls.ca_file)
    assert "source.size" not in outcome.stderr
    assert_refused(outcome, 1, "source.out-of-step", "to another document", tmp_path)


def test_yesterdays_files_survive_a_failed_fetch(
    publication: dict[str, bytes], tls: Tls, tmp_path: Path
) -> None:
    with publishing(publication, tls) as site:
        assert built(site.base, tmp_path, ca_file=tls.ca_file).code == 0
    before = files_in(tmp_path)
    outcome = built(site.base, tmp_path, ca_file=tls.ca_file)
    assert outcome.code == 3
    assert files_in(tmp_path) == before != {}
