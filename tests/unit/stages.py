"""Each stage's product, made the honest way from what the simulator publishes and the lab signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from anchors.core.keys import TrustAnchors
from anchors.core.policy import VerificationPolicy
from anchors.core.servers import ServerAnswer
from anchors.pipeline.crosscheck import CrossCheck, cross_check
from anchors.publication.authenticate import Authenticated, authenticate
from anchors.publication.document import read
from anchors.publication.root_cas import PinnedRoots
from anchors.publication.source import Publication
from anchors.rootzone.rrset import Observation, answer_from_text, observe
from tests.lab.keys import LabKey
from tests.lab.zone import Apex
from tests.simulator.authority import lab_root
from tests.simulator.cms import Signing
from tests.simulator.document import Document, Entry, entry
from tests.simulator.ksk import Ksk
from tests.simulator.publication import publish
from tests.simulator.times import AT

__all__ = [
    "FIXTURES",
    "authentic",
    "checked",
    "entry_of",
    "failed",
    "meaning",
    "observed",
    "policy",
    "publication",
    "roots",
]

FIXTURES = Path(__file__).parents[2] / "fixtures"


def roots() -> PinnedRoots:
    """The lab's root, as ``--ca`` would give it."""
    return PinnedRoots((lab_root().certificate,), built_in=False)


def policy(**knobs: Any) -> VerificationPolicy:  # noqa: ANN401 - a knob is of any type
    """The default policy at the lab's time, with some knobs turned."""
    return replace(VerificationPolicy(at=AT), **knobs)


def publication(
    document: Document | bytes | None = None, signing: Signing | None = None
) -> Publication:
    """What the lab publishes, before anybody looked at it."""
    made = publish(signing, document)
    return Publication(made.document, made.signature, "the lab")


def authentic(
    document: Document | bytes | None = None,
    signing: Signing | None = None,
    **knobs: Any,  # noqa: ANN401 - a knob is of any type
) -> Authenticated:
    """The same, its signature verified."""
    return authenticate(publication(document, signing), roots(), policy(**knobs))


def meaning(document: Document | bytes | None = None) -> TrustAnchors:
    """What an authentic document means."""
    return read(authentic(document))


def observed(apex: Apex, address: str = "192.0.2.1") -> Observation:
    """A server that gives this apex."""
    return observe(answer_from_text(apex.text(), AT)._replace(address=address, port=53))


def failed(failure: str, address: str = "192.0.2.1") -> Observation:
    """A server that gives nothing."""
    return observe(ServerAnswer(address, 53, "udp", AT, None, failure))


def checked(
    document: Document | None = None,
    observations: Sequence[Observation] | None = None,
    **knobs: Any,  # noqa: ANN401 - a knob is of any type
) -> CrossCheck:
    """The document held against what the servers gave; ``None``: nobody was asked."""
    authenticated = authentic(document, **knobs)
    return cross_check(authenticated, read(authenticated), observations, policy(**knobs))


def entry_of(key: LabKey, **attributes: Any) -> Entry:  # noqa: ANN401 - id and dates
    """The KeyDigest that is right for a lab key."""
    return entry(Ksk(key.public_key, key.algorithm), **attributes)
