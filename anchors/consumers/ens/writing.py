"""The anchors that the DNSSEC oracle of ENS is deployed with: DS records in wire form, as hex."""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.header import join_lines
from anchors.core.emission import Emission

__all__ = ["FORMATS", "render"]

# As its own anchors have it, in seconds.
_TTL = 3600


def render(emission: Emission) -> bytes:
    """One line without a comment, for nothing else may stand in the argument."""
    # The registry is loaded for a list of formats as well, without dnspython.
    from anchors.core.records import ds_record, ds_to_wire  # noqa: PLC0415

    keys = [anchor.key for anchor in emission.anchors]
    records = [ds_record(key.key_tag, key.algorithm, key.digest_type, key.digest) for key in keys]
    return join_lines([f"0x{ds_to_wire(records, _TTL).hex()}"])


FORMATS = (
    Format(
        name="ens-oracle",
        file_name="ens-oracle.hex",
        media_type="text/plain",
        consumer="the DNSSEC oracle of ENS",
        form=Form.DS,
        install="Give it to the constructor of DNSSECImpl, whose anchors are those of its\n"
        "deployment: new ones need a new contract.",
        write=render,
        read=Facet("anchors.consumers.ens.content", "content_of"),
        unproven="the constructor of DNSSECImpl and the deploy script of ens-contracts; what is "
        "written was read back by dnspython",
    ),
)
