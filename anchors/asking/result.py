"""The result of asking: a verdict for each resolver, and its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anchors.asking.questions import Choice
from anchors.asking.verdict import ResolverVerdict, Summary
from anchors.core.checks import Check
from anchors.core.errors import NotTrusted, Undecided
from anchors.core.facade import as_json
from anchors.core.findings import Severity
from anchors.pipeline.report import Report
from anchors.pipeline.report import Verdict as Basis

__all__ = ["Asked"]

_READY, _NOT_READY, _CANNOT_TELL, _ATTENTION = 0, 1, 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The verdicts.

    Attributes:
        basis: the verification with which the resolvers are compared.
        choice: the choice of questions.
        resolvers: one verdict for each address, in the order of the user.
    """

    basis: Report
    choice: Choice
    resolvers: Sequence[ResolverVerdict]

    def __repr__(self) -> str:
        return f"<Asked {', '.join(row.address for row in self.resolvers)}: {self.summary}>"

    def to_json(self) -> str:
        """The same document as that of ``root-anchors ask --report-format json``."""
        return as_json("anchors.report.asking.json", self)

    def raise_for_verdict(self) -> None:
        """Do nothing where every resolver is ready, or not affected.

        Raises:
            NotTrusted: a resolver is not ready, or the publication is not trusted.
            Undecided: something kept us from deciding.
        """
        self.basis.raise_for_verdict()
        code = self.exit_code(strict=False)
        if code == _READY:
            return
        told = [row for row in self.resolvers if row.summary is self.summary]
        found = [finding for row in told for finding in row.findings]
        raise (NotTrusted if code == _NOT_READY else Undecided)(
            found[0].check if found else Check.ASK_UNDECIDED,
            f"{', '.join(row.address for row in told) or 'no resolver'}: {self.summary}",
            got=told[0].why if told else None,
            remedy="see the findings of each resolver",
        )

    @property
    def summary(self) -> Summary:
        """The worst of all; nothing can be told without a verified publication."""
        if self.basis.verdict is not Basis.VERIFIED or not self.resolvers:
            return Summary.CANNOT_TELL
        return min((row.summary for row in self.resolvers), key=list(Summary).index)

    @property
    def attention(self) -> bool:
        """Whether a person should look, although no resolver is in danger."""
        found = (finding for row in self.resolvers for finding in row.findings)
        return any(finding.severity is not Severity.NOTICE for finding in found)

    def exit_code(self, *, strict: bool) -> int:
        """1 not ready, 3 cannot tell, 4 something needs a person (only ``strict``), 0 ready."""
        if self.summary is Summary.NOT_READY:
            return _NOT_READY
        if self.summary is Summary.CANNOT_TELL:
            return _CANNOT_TELL
        return _ATTENTION if strict and self.attention else _READY
