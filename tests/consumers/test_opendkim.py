"""OpenDKIM: what it makes of a file of anchors, and what it says of a key that it looks up."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from anchors.consumers.bench import on_bench
from anchors.consumers.driver import BOGUS, NAMES, NX, WWW, Security, Told
from anchors.consumers.opendkim.running import OpendkimTestkey
from anchors.consumers.query import Endpoint
from anchors.proving.lab import Lab, LabKey
from tests.consumers.conftest import needs, rendered

DRIVER = OpendkimTestkey()


def loads(content: bytes) -> Told:
    needs(DRIVER)
    with on_bench("ds", "anchors", content) as bench:
        return DRIVER.loads(bench)


def resolves(content: bytes, root: Endpoint) -> Mapping[str, Security]:
    needs(DRIVER)
    with on_bench("ds", "anchors", content) as bench:
        return DRIVER.resolves(bench, root, NAMES)


@pytest.mark.parametrize("name", ["ds", "dnskey"])
def test_zone_text_is_read(name: str) -> None:
    assert loads(rendered(name)).yes


@pytest.mark.parametrize(
    "content",
    [
        rendered("bind"),
        b"# a comment of another kind\n",
        rendered("ds").replace(b". IN DS ", b". IN 3600 DS "),
    ],
)
def test_with_a_file_that_libunbound_cannot_read_every_look_up_fails(content: bytes) -> None:
    assert loads(content) == Told(yes=False, words="query failed")


@pytest.mark.parametrize("name", ["ds", "dnskey"])
def test_a_key_is_secure_with_the_right_anchor(
    name: str, lab: Lab, roots: Mapping[LabKey, Endpoint]
) -> None:
    signer = lab.keys[0]
    judged = resolves(lab.anchor_file(name, [signer]), roots[signer])
    assert judged == {WWW: Security.SECURE, BOGUS: Security.BOGUS, NX: Security.SECURE_NX}


def test_no_key_is_found_with_another_anchor(lab: Lab, roots: Mapping[LabKey, Endpoint]) -> None:
    signer, other = lab.keys[:2]
    judged = resolves(lab.anchor_file("ds", [other]), roots[signer])
    assert judged == dict.fromkeys(NAMES, Security.BOGUS)


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"])
def test_without_an_anchor_of_the_root_a_key_is_not_secure(
    before: bytes, lab: Lab, roots: Mapping[LabKey, Endpoint]
) -> None:
    signer = lab.keys[0]
    record = lab.anchor_file("ds", [signer]).split(b". IN DS ")[-1]
    content = before and before + b". IN DS " + record
    assert resolves(content, roots[signer])[WWW] is Security.UNVALIDATED
