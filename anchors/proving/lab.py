"""A root zone of our own on loopback, and anchor files of its keys by the real renderers.

Every name is inside the one zone, so that nothing needs port 53.  There is one zone for each
key-signing key, published with the others of its algorithm and signed by that key alone: a
resolver that validates it has used that very anchor.  The publication of the keys is signed by a
CA of our own and goes through the whole pipeline, as IANA's does.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import dns.dnssec
import dns.name
import dns.zone
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from anchors.consumers.bench import ConsumerFailed, find_program, on_bench
from anchors.consumers.driver import BOGUS, WWW, RecordedRrset
from anchors.consumers.query import Endpoint, Question
from anchors.consumers.registry import authorities
from anchors.core import records
from anchors.core.policy import VerificationPolicy
from anchors.core.root_facts import IANA_SIGNER
from anchors.pipeline.build import Target, build
from anchors.pipeline.request import Request
from anchors.publication.source import DOCUMENT_NAME, SIGNATURE_NAME

__all__ = ["ALGORITHMS", "Lab", "LabKey"]

# Consumers judge by their clock; everything is good for a while around it.
_BEFORE, _AFTER = timedelta(days=2), timedelta(days=30)
_RSA, _ECDSA = 8, 13
# As the root has them today, and the one that ICANN means to roll to.
ALGORITHMS = (_RSA, _RSA, _ECDSA)
# Of a zone-signing key: ICANN means to make it that small while two algorithms sign.
_ZONE_KEY_BITS = 1536
_TTL = 300

_ZONE = f"""\
$ORIGIN .
$TTL {_TTL}
. IN SOA a.rootfake. hostmaster.rootfake. 1 1800 900 604800 {_TTL}
. IN NS a.rootfake.
a.rootfake. IN A 127.0.0.1
{WWW} IN A 192.0.2.80
{BOGUS} IN A 192.0.2.66
lab._domainkey.{WWW} IN TXT "v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK1hZGU="
lab._domainkey.{BOGUS} IN TXT "v=DKIM1; n=192.0.2.66; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK1hZGU="
"""


class LabKey(NamedTuple):
    """A key-signing key or (``flags`` 256) a zone-signing key of the lab."""

    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    algorithm: int
    flags: int = 257

    @property
    def dnskey(self) -> DNSKEY:
        """The key as the zone publishes it."""
        return dns.dnssec.make_dnskey(self.private.public_key(), self.algorithm, self.flags)

    @property
    def tag(self) -> int:
        """The key tag."""
        return records.key_tag(self.dnskey)

    @property
    def digest(self) -> bytes:
        """The SHA-256 digest of the key's DS."""
        return records.ds_digest(self.dnskey, 2)


class Lab:
    """Key-signing keys, a zone signed by each alone, and a CA that publishes them.

    Args:
        now: the time by the machine's clock, which the consumers go by.
        algorithms: those of the keys: RSA/SHA-256 (8) or ECDSA P-256 (13).
    """

    def __init__(self, now: datetime, algorithms: Sequence[int] = (_RSA, _RSA)) -> None:
        self._begin, self._end = now - _BEFORE, now + _AFTER
        # The library that signs goes by the clock too: judge after it.
        self._at = now + timedelta(days=1)
        self.keys, self.zone_keys = _keys(algorithms)
        self._ca_key = ec.generate_private_key(ec.SECP256R1())
        self._signer_key = ec.generate_private_key(ec.SECP256R1())

    def anchor_file(self, format_name: str, keys: Sequence[LabKey] | None = None) -> bytes:
        """The file that the real renderer makes of these keys (all of them unless told).

        Raises:
            ConsumerFailed: the pipeline refuses the lab's own publication, which is a defect.
        """
        keys = self.keys if keys is None else keys
        with tempfile.TemporaryDirectory(prefix="root-anchors-") as name:
            request = self.publish(keys, Path(name))
            built = build(request, Target(directory=None, formats=(format_name,)))
        if not built.files:
            raise ConsumerFailed(
                f"the lab zone does not verify: {built.report.findings[0].message}"
            )
        (content,) = built.files.values()
        return content

    def zone(self, signer: LabKey) -> str:
        """The root zone as text, its DNSKEY RRset signed by ``signer`` alone."""
        text = self._zones[signer.tag]
        # Changed after signing, so that its RRSIG no longer holds.
        return text.replace("192.0.2.66", "192.0.2.67")

    def recorded(self, signer: LabKey) -> RecordedRrset:
        """The zone's DNSKEY RRset with its RRSIG, as if it had been recorded."""
        lines = self.zone(signer).splitlines(keepends=True)
        wanted = (" IN DNSKEY ", " IN RRSIG DNSKEY ")
        text = "".join(line for line in lines if any(words in line for words in wanted))
        return RecordedRrset(text, self._at)

    @contextlib.contextmanager
    def serving(self, signer: LabKey) -> Iterator[Endpoint]:
        """Serve the zone that ``signer`` signs on a free port of 127.0.0.1.

        Raises:
            ConsumerFailed: no name server is installed, or it does not start.
        """
        known = authorities()
        authority = next((one for one in known if find_program(one.program)), None)
        if authority is None:
            programs = " or ".join(one.program for one in known)
            packages = ", ".join(one.package for one in known)
            raise ConsumerFailed(f"the lab needs a name server: {programs} (Debian: {packages})")
        with on_bench("", "root.zone", self.zone(signer).encode()) as bench:
            configure = functools.partial(authority.configure, bench)
            ready = Question(".", "SOA")
            with bench.serving(authority.program, configure, ready=ready) as (endpoint, _):
                yield endpoint

    @functools.cached_property
    def _zones(self) -> dict[int, str]:
        return {key.tag: self._signed(key).to_text(relativize=False) for key in self.keys}

    def _signed(self, signer: LabKey) -> dns.zone.Zone:
        zone = dns.zone.from_text(_ZONE, origin=dns.name.root, relativize=False)
        zone_key = self.zone_keys[signer.algorithm]
        # Whoever publishes a key of an algorithm must sign with that algorithm (RFC 4035 2.2).
        published = [key for key in self.keys if key.algorithm == signer.algorithm]
        with zone.writer() as transaction:
            for key in published:
                transaction.add(dns.name.root, _TTL, key.dnskey)
            dns.dnssec.sign_zone(
                zone,
                transaction,
                keys=[(key.private, key.dnskey) for key in (signer, zone_key)],
                inception=self._begin,
                expiration=self._end,
            )
        return zone

    def publish(self, keys: Sequence[LabKey], directory: Path) -> Request:
        """Write a publication of these keys with all that it takes to verify it.

        Returns:
            The request to verify it: another CA, and an RRset in place of the live root zone.
        """
        document = _document(keys, self._begin).encode()
        ca = self._certificate("Lab Root CA", self._ca_key, None)
        signer = self._certificate("Lab Signer", self._signer_key, (ca, self._ca_key))
        signature = (
            pkcs7.PKCS7SignatureBuilder()
            .set_data(document)
            .add_signer(signer, self._signer_key, hashes.SHA256())
            .sign(
                serialization.Encoding.DER,
                [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary],
            )
        )
        directory.joinpath(DOCUMENT_NAME).write_bytes(document)
        directory.joinpath(SIGNATURE_NAME).write_bytes(signature)
        ca_file = directory / "ca.pem"
        ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
        rrset = directory / "root.rrset"
        rrset.write_text(self.recorded(keys[0]).text, encoding="ascii")
        return Request(
            policy=VerificationPolicy(at=self._at),
            source=str(directory),
            dns=str(rrset),
            ca_file=ca_file,
            at_given=True,
        )

    def _certificate(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
    ) -> x509.Certificate:
        """A CA's certificate, or that of the signer whom it certifies."""
        is_ca = issuer is None
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, name),
                *([] if is_ca else [x509.NameAttribute(NameOID.EMAIL_ADDRESS, IANA_SIGNER)]),
            ]
        )
        issuer_key = key if issuer is None else issuer[1]
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if issuer is None else issuer[0].subject)
            .public_key(key.public_key())
            .serial_number(1 if is_ca else 2)
            .not_valid_before(self._begin)
            .not_valid_after(self._end)
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(_key_usage(is_ca=is_ca), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
        )
        if issuer is not None:
            builder = builder.add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
                critical=False,
            ).add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
            )
        return builder.sign(issuer_key, hashes.SHA256())


def _keys(algorithms: Sequence[int]) -> tuple[tuple[LabKey, ...], dict[int, LabKey]]:
    """Key-signing keys, and a zone-signing key of each algorithm; each has a tag of its own."""
    while True:
        signers = tuple(LabKey(_private(number), number) for number in algorithms)
        zone_keys = {
            number: LabKey(_private(number, _ZONE_KEY_BITS), number, 256) for number in algorithms
        }
        made = (*signers, *zone_keys.values())
        if len({key.tag for key in made}) == len(made):
            return signers, zone_keys


def _private(algorithm: int, bits: int = 2048) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    if algorithm == _ECDSA:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _document(keys: Sequence[LabKey], valid_from: datetime) -> str:
    """The keys as RFC 9718 publishes them."""
    entries = "".join(
        f'<KeyDigest id="K{key.tag}" validFrom="{valid_from:%Y-%m-%dT%H:%M:%S}+00:00">\n'
        f"<KeyTag>{key.tag}</KeyTag><Algorithm>{key.algorithm}</Algorithm>\n"
        f"<DigestType>2</DigestType><Digest>{key.digest.hex().upper()}</Digest>\n"
        f"<PublicKey>{base64.b64encode(key.dnskey.key).decode()}</PublicKey>\n"
        f"<Flags>{key.flags}</Flags></KeyDigest>\n"
        for key in keys
    )
    source = "http://a.rootfake/root-anchors.xml"
    return f'<TrustAnchor id="lab" source="{source}">\n<Zone>.</Zone>\n{entries}</TrustAnchor>\n'


def _key_usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
