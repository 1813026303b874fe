"""What is written for programs that could not be run here: one shape for each.

Each is text around rows, one row for an anchor; where its grammar was read is told with it.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.header import header, join_lines
from anchors.consumers.zone_text import dnskey_rdata, ds_rdata
from anchors.core.emission import Emission
from anchors.core.found import FoundAnchors
from anchors.core.keys import Anchor

__all__ = ["FORMATS", "MICROSOFT", "SHAPES", "Shape", "render"]

# As Windows calls the algorithms (IANA's DNS Security Algorithm Numbers) and the digest types.
MICROSOFT = {
    "algorithm": {
        5: "RsaSha1",
        7: "RsaSha1NSec3",
        8: "RsaSha256",
        10: "RsaSha512",
        13: "ECDsaP256Sha256",
        14: "ECDsaP384Sha384",
    },
    "digest type": {1: "Sha1", 2: "Sha256", 4: "Sha384"},
}


class Shape(NamedTuple):
    """How the anchors stand in a file.

    Attributes:
        row: one anchor, with places for its fields.
        before: the lines above the first anchor.
        after: those behind the last.
        comment: what a line of comment begins with, empty where there are no comments.
        between: what stands at the end of each row but the last.
    """

    row: str
    before: str = ""
    after: str = ""
    comment: str = "#"
    between: str = ""


SHAPES = {
    "windows": Shape(
        'Add-DnsServerTrustAnchor -Name "." -CryptoAlgorithm {algorithm_name} '
        '-KeyTag {tag} -DigestType {type_name} -Digest "{digest}"'
    ),
    "windows-dsset": Shape(". IN DS {ds}", comment=""),
    "blocky": Shape(
        '    - ". IN DNSKEY {dnskey}"',
        before="dnssec:\n  validate: true\n  trustAnchors:\n",
    ),
    "routedns": Shape(
        "\n[[groups.dnssec-validated.dnssec-trust-anchors]]\n"
        'owner = "."\nkey-tag = {tag}\nalgorithm = {algorithm}\ndigest-type = {type}\n'
        'digest = "{digest}"'
    ),
    "sdns": Shape(
        '    ". IN DNSKEY {dnskey}",',
        before="rootkeys = [\n",
        after="]\n",
    ),
    "libval": Shape("    . DS {ds}", before=": trust-anchor\n", after=";\n"),
    "f5": Shape(
        '        ". IN DS {ds}"',
        before="ltm dns cache validating-resolver CACHE {\n    trust-anchors {\n",
        after="    }\n}\n",
    ),
    "infoblox": Shape(
        '    {{"fqdn": ".", "algorithm": "{algorithm}", "key": "{key}", '
        '"secure_entry_point": true, "dnssec_must_be_secure": false}}',
        before='{\n  "dnssec_trusted_keys": [\n',
        after="  ]\n}\n",
        comment="",
        between=",",
    ),
}


def render(emission: Emission, shape: Shape, form: Form) -> bytes:
    """The rows of these anchors, and before them where they come from."""
    rows = (_row(anchor, shape, form) for anchor in emission.anchors)
    each = list(dict.fromkeys(row for row in rows if row is not None))
    text = f"{shape.between}\n".join(each)
    comment = header(emission, shape.comment) if shape.comment else ()
    lines: Iterator[str] = (
        line for part in (shape.before, text, shape.after) for line in part.splitlines()
    )
    return join_lines([*comment, *lines])


def _row(anchor: Anchor, shape: Shape, form: Form) -> str | None:
    """The row of an anchor, ``None`` where a key is wanted and only its digest is published."""
    key = anchor.key
    if form is Form.DNSKEY and dnskey_rdata(anchor) is None:
        return None
    return shape.row.format(
        ds=ds_rdata(anchor),
        dnskey=dnskey_rdata(anchor),
        tag=key.key_tag,
        algorithm=key.algorithm,
        type=key.digest_type,
        digest=key.digest.hex().upper(),
        key=base64.b64encode(key.public_key or b"").decode(),
        algorithm_name=MICROSOFT["algorithm"].get(key.algorithm, str(key.algorithm)),
        type_name=MICROSOFT["digest type"].get(key.digest_type, str(key.digest_type)),
    )


def _format(
    name: str,
    file_name: str,
    consumer: str,
    form: Form,
    *,
    install: str,
    source: str,
    media_type: str = "text/plain",
    read: Facet[Callable[[bytes], FoundAnchors]] | None = None,
) -> Format:
    own: Facet[Callable[[bytes], FoundAnchors]]
    own = Facet("anchors.consumers.untried.reading", f"content_of_{name}")
    return Format(
        name=name,
        file_name=file_name,
        media_type=media_type,
        consumer=consumer,
        form=form,
        install=install,
        write=functools.partial(render, shape=SHAPES[name], form=form),
        read=read or own,
        unproven=source,
    )


FORMATS = {
    "windows": (
        _format(
            "windows",
            "root-anchors.ps1",
            "Windows DNS Server 2012 and newer",
            Form.DS,
            install="Run it in PowerShell as an administrator of the server; it removes nothing:\n"
            'Get-DnsServerTrustAnchor -Name "." shows what the server holds then.',
            source="Microsoft's reference of Add-DnsServerTrustAnchor",
        ),
        _format(
            "windows-dsset",
            "dsset-root",
            "Windows DNS Server 2012 and newer",
            Form.DS,
            media_type="text/dns",
            install="Import it in PowerShell: Import-DnsServerTrustAnchor -DSSetFile dsset-root",
            read=Facet("anchors.consumers.zonefile.content", "content_of"),
            source="Microsoft's reference of Import-DnsServerTrustAnchor, which does not describe "
            "the file; it is one of DS records, as dnssec-signzone(8) writes them",
        ),
    ),
    "blocky": (
        _format(
            "blocky",
            "blocky.yml",
            "blocky with dnssec.validate",
            Form.DNSKEY,
            media_type="application/yaml",
            install="Put it beside the other files of a configuration folder, or its lines into "
            "config.yml.\nWithout trustAnchors it uses keys that are built in; it does not follow "
            "rolls.",
            source="blocky's resolver/dnssec/trust_anchor.go, which takes nothing but DNSKEY "
            "records of key-signing keys",
        ),
    ),
    "routedns": (
        _format(
            "routedns",
            "routedns.toml",
            "RouteDNS with a dnssec-validator",
            Form.DS,
            media_type="application/toml",
            install="Give it to routedns beside the other files, with the name of your group of\n"
            'type "dnssec-validator" in place of dnssec-validated.',
            source="RouteDNS's doc/security.md",
        ),
    ),
    "sdns": (
        _format(
            "sdns",
            "sdns.toml",
            "SDNS",
            Form.DNSKEY,
            media_type="application/toml",
            install="Put it in place of rootkeys in sdns.conf.",
            source="SDNS's config/validate.go",
        ),
    ),
    "libval": (
        _format(
            "libval",
            "dnsval.conf",
            "libval of DNSSEC-Tools",
            Form.DS,
            install="Put it in place of the trust-anchor of the default policy in "
            "/etc/dnssec-tools/dnsval.conf.",
            source="dnsval.conf(3) and the dnsval.conf of DNSSEC-Tools' source",
        ),
    ),
    "f5": (
        _format(
            "f5",
            "f5-trust-anchors.conf",
            "F5 BIG-IP with a validating resolver cache",
            Form.DS,
            install="Put the name of the cache in place of CACHE, and load it:\n"
            "tmsh load sys config merge file /var/tmp/f5-trust-anchors.conf",
            source="F5's TMSH reference of ltm dns cache validating-resolver",
        ),
    ),
    "infoblox": (
        _format(
            "infoblox",
            "infoblox.json",
            "Infoblox NIOS",
            Form.DNSKEY,
            media_type="application/json",
            install="PUT it to the grid:dns object of the WAPI: it replaces every trusted key, of "
            "other zones too.\nNIOS does not follow rolls of the root's key by itself.",
            source="clients of the WAPI that set dnssec_trusted_keys of grid:dns",
        ),
    ),
}
