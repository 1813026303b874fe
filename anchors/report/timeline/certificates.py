"""The certificates of a report: the signer's, and the roots that a path may end at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from anchors.core.escape import printable
from anchors.core.root_facts import ROOT_CAS, RootCa
from anchors.publication.authenticate import Authenticated
from anchors.publication.root_cas import built_in_roots, fingerprint
from anchors.report.timeline.model import NOT_OBSERVED, Basis, Date, Kind, Life, Row, Span, on_day

__all__ = ["dates_of_certificates", "lives_of_certificates"]


def lives_of_certificates(authenticated: Authenticated) -> Iterator[Life]:
    """The signer's, then ICANN's roots, or the user's own."""
    signer, root = authenticated.signer, authenticated.root
    ends = (
        f"certificate {signer.serial}, {signer.not_before:%Y-%m-%d} to {signer.not_after:%Y-%m-%d}"
    )
    yield _certificate("Signer", f"{signer.email}, {ends}", signer.not_before, signer.not_after)
    if not root.built_in:
        caption = f"from --ca, to {root.not_after:%Y-%m-%d}: {root.subject}"
        yield _certificate("Root CA", caption, None, root.not_after)
        return
    for ca, certificate in zip(ROOT_CAS, built_in_roots().certificates, strict=True):
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        caption = f"{begin:%Y-%m-%d} to {end:%Y-%m-%d}"
        if fingerprint(certificate) == root.sha256:
            caption += ", the publication's signature leads to it"
        yield _certificate(ca.name, caption, begin, end)


def _certificate(title: str, caption: str, begin: datetime | None, end: datetime) -> Life:
    row = Row("certificate", (Span(Kind.LIFE, Basis.STATED, begin, end),))
    return Life(title, (printable(caption),), (row,))


def dates_of_certificates(authenticated: Authenticated, at: datetime) -> Iterator[Date]:
    """When they begin and end, and what to do about it, as judged at ``at``."""
    signer, root = authenticated.signer, authenticated.root
    yield on_day(authenticated.signing_time, "publication", "signed", Basis.STATED)
    yield on_day(signer.not_before, "signer", "certificate begins", Basis.STATED)
    yield on_day(
        signer.not_after,
        "signer",
        "certificate ends",
        Basis.STATED,
        do="before this day, use a newly signed publication from IANA: afterwards, this one and "
        "every copy of it are refused",
    )
    if not root.built_in:
        yield on_day(root.not_after, "root CA", "certificate ends", Basis.STATED, do=_CA_ENDS)
        return
    for ca, certificate in zip(ROOT_CAS, built_in_roots().certificates, strict=True):
        name = ca.name
        leads_here = fingerprint(certificate) == root.sha256
        if leads_here and ca.expected is not None:
            yield on_day(
                authenticated.signing_time, name, "publication signed under it", Basis.OBSERVED
            )
        elif ca.expected is not None:
            yield _expected(ca, ca.expected, at)
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        yield on_day(begin, name, "certificate begins", Basis.STATED)
        do = _CA_ENDS if leads_here else ""
        yield on_day(end, name, "certificate ends", Basis.STATED, do=do)


_CA_ENDS = (
    "before this day, replace software that pins this root only: afterwards, it refuses every "
    "publication"
)


def _expected(ca: RootCa, year: int, at: datetime) -> Date:
    return Date(
        datetime(year, 1, 1, tzinfo=UTC),
        datetime(year, 12, 31, tzinfo=UTC),
        str(year),
        ca.name,
        "first signatures under it",
        Basis.PLANNED,
        note=NOT_OBSERVED if at.year > year else "",
        do="before this day, update software that does not pin this root; root-anchors pins it",
    )
