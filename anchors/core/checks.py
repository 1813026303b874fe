"""The catalogue of checks: every finding and every refusal names one of these.

A check's ``id`` is what the reports print, what the tests assert and what ``root-anchors explain``
explains.  ``reference`` is the clause the check comes from, or that command for one of our own.
"""

from __future__ import annotations

from enum import Enum, unique

__all__ = ["Check"]

# No clause of somebody else's asks for it.
_OURS = ""


@unique
class Check(Enum):
    """One thing that is verified: ``(id, title, reference)``."""

    # what the user asked for, worth repeating
    CHOICE_AT = ("choice.at", "The time of judgement was given by --at", _OURS)
    CHOICE_CA = ("choice.ca", "The pinned roots were replaced by --ca", _OURS)
    CHOICE_SIGNER = ("choice.signer", "The signer was chosen by --signer", _OURS)
    CHOICE_SERVERS = (
        "choice.servers",
        "Servers other than the root servers were asked",
        _OURS,
    )
    CHOICE_FUTURE = (
        "choice.include-future",
        "Keys that are not valid yet were requested",
        "RFC 9718 4.1.1",
    )
    CHOICE_POLICY = (
        "choice.policy",
        "The verification policy was changed through the Python API",
        _OURS,
    )

    # where the bytes come from
    SOURCE_AVAILABLE = ("source.available", "Document and signature can be read", "RFC 9718 3.1")
    SOURCE_SIZE = (
        "source.size",
        "Document and signature are within the size limits",
        _OURS,
    )
    SOURCE_REDIRECT = (
        "source.redirect",
        "At most two redirects, within the host, never from https to http",
        "RFC 9110 15.4",
    )
    SOURCE_ENCODING = (
        "source.content-encoding",
        "The server adds no content encoding",
        "RFC 9110 8.4",
    )
    SOURCE_HTTP = ("source.http", "The publication was fetched without TLS", "RFC 9718 3.1")
    SOURCE_OUT_OF_STEP = (
        "source.out-of-step",
        "The served signature belongs to the served document",
        "RFC 5652 5.4",
    )
    SOURCE_MANIFEST = (
        "source.manifest",
        "The manifest of the source has the form that root-anchors writes",
        _OURS,
    )

    # the CMS signature
    CMS_DER = (
        "cms.der",
        "The signature is one CMS ContentInfo in DER, with nothing after it",
        "RFC 5652 3",
    )
    CMS_SIGNED_DATA = ("cms.signed-data", "The content is SignedData over id-data", "RFC 5652 5.1")
    CMS_DETACHED = ("cms.detached", "The signature is detached", "RFC 5652 5.2")
    CMS_ONE_SIGNER = (
        "cms.one-signer",
        "There is one SignerInfo, or there are two and both are valid",
        "RFC 5652 5.3",
    )
    CMS_SIGNER_IDENTIFIER = (
        "cms.signer-identifier",
        "The signer is named by issuer and serial number, or by key identifier",
        "RFC 5652 5.3",
    )
    CMS_SIGNER_CERTIFICATE = (
        "cms.signer-certificate",
        "Exactly one embedded certificate is the signer's",
        "RFC 5652 5.3",
    )
    CMS_DIGEST_ALGORITHM = (
        "cms.digest-algorithm",
        "The digest algorithm is SHA-2 and the same everywhere",
        "RFC 8933 3",
    )
    CMS_SHA1_HISTORY = (
        "cms.sha1-history",
        "A SHA-1 signature is historical evidence only",
        "NIST SP 800-131A",
    )
    CMS_SIGNED_ATTRIBUTES = (
        "cms.signed-attributes",
        "Signed attributes are present",
        "RFC 5652 5.3",
    )
    CMS_CONTENT_TYPE = (
        "cms.content-type",
        "There is one content-type attribute, and it is id-data",
        "RFC 5652 11.1",
    )
    CMS_MESSAGE_DIGEST = (
        "cms.message-digest",
        "There is one message-digest attribute, and it matches the document",
        "RFC 5652 11.2",
    )
    CMS_SIGNING_TIME = ("cms.signing-time", "There is one signing-time attribute", "RFC 5652 11.3")
    CMS_ALGORITHM_PROTECTION = (
        "cms.algorithm-protection",
        "The algorithms named in the signed attributes are those of the SignerInfo",
        "RFC 6211 2",
    )
    CMS_SIGNING_CERTIFICATE = (
        "cms.signing-certificate",
        "The certificates named in the signed attributes are those that are used",
        "RFC 5035 3",
    )
    CMS_SIGNATURE_ALGORITHM = (
        "cms.signature-algorithm",
        "The signature is RSA, ECDSA or Ed25519, with the digest algorithm's hash",
        "RFC 5652 10.1.2, RFC 4056, 5753, 8419",
    )
    CMS_SIGNATURE = (
        "cms.signature",
        "The signature over the signed attributes is valid",
        "RFC 5652 5.6",
    )
    CMS_REVOCATION_LISTS = (
        "cms.revocation-lists",
        "The signature carries no revocation list",
        "RFC 5652 10.2.1",
    )

    # the signer's certificate and its path
    SIGNER_BASIC_CONSTRAINTS = (
        "signer.basic-constraints",
        "The signer's certificate is not a CA certificate",
        "RFC 5280 4.2.1.9",
    )
    SIGNER_KEY_USAGE = (
        "signer.key-usage",
        "Key usage is critical and includes digitalSignature",
        "RFC 5280 4.2.1.3",
    )
    SIGNER_EXTENDED_KEY_USAGE = (
        "signer.extended-key-usage",
        "Extended key usage includes emailProtection",
        "RFC 5280 4.2.1.12",
    )
    SIGNER_KEY_STRENGTH = (
        "signer.key-strength",
        "The signer's key is RSA of at least 2048 bits, ECDSA on P-256, P-384 or P-521, or Ed25519",
        "NIST SP 800-131A",
    )
    SIGNER_VALIDITY = (
        "signer.validity",
        "The signer's certificate is valid at the time of judgement",
        "RFC 5280 4.1.2.5",
    )
    SIGNER_PATH = (
        "signer.path",
        "A certificate path leads from the signer to a pinned root",
        "RFC 5280 6.1",
    )
    SIGNER_NAME_CONSTRAINTS = (
        "signer.name-constraints",
        "The signer's mail addresses obey every CA's name constraints",
        "RFC 5280 4.2.1.10",
    )
    SIGNER_IDENTITY = (
        "signer.identity",
        "Every mail address of the signer is the expected one",
        "RFC 8550 3",
    )
    SIGNER_SIGNING_TIME = (
        "signer.signing-time",
        "The signing time is within the signer's validity and not in the future",
        "RFC 5652 11.3",
    )
    SIGNER_ENDS_SOON = (
        "signer.ends-soon",
        "The signer's certificate ends within 90 days",
        "RFC 5280 4.1.2.5",
    )

    # the document
    DOCUMENT_WELL_FORMED = (
        "document.well-formed",
        "The document is well-formed XML",
        "XML 1.0 2.1",
    )
    DOCUMENT_DOCTYPE = ("document.doctype", "The document has no DOCTYPE", "XML 1.0 2.8")
    DOCUMENT_SCHEMA = ("document.schema", "The document follows the schema", "RFC 9718 2.1")
    DOCUMENT_ZONE = ("document.zone", "The document is about the root zone", "RFC 9718 2.2")
    DOCUMENT_UNKNOWN = ("document.unknown", "Every element and attribute is known", "RFC 9718 2.1")

    # each KeyDigest
    KEY_SCHEMA = ("key.schema", "The KeyDigest follows the schema", "RFC 9718 2.1")
    KEY_DATES = (
        "key.dates",
        "The dates of the KeyDigest have a time zone and are in order",
        "RFC 9718 2.2, RFC 3339 5.6",
    )
    KEY_ALGORITHM = (
        "key.algorithm",
        "The key's algorithm is one that validators must or should support, without SHA-1",
        "RFC 9904, RFC 9905 2",
    )
    KEY_DIGEST_TYPE = (
        "key.digest-type",
        "The digest type is SHA-256 or SHA-384",
        "RFC 9904, RFC 9905 5",
    )
    KEY_DIGEST_LENGTH = (
        "key.digest-length",
        "The digest has the length that its type requires",
        "RFC 4034 5.1.4",
    )
    KEY_PUBLIC_KEY = (
        "key.public-key",
        "The public key is valid for its algorithm",
        "RFC 9718 2.2, RFC 4034 2.1.4",
    )
    KEY_DIGEST = (
        "key.digest",
        "The digest is the DS of the public key",
        "RFC 9718 4.1.2, RFC 4034 5.1.4",
    )
    KEY_TAG = ("key.tag", "The key tag is that of the public key", "RFC 4034 B")
    KEY_FLAGS = (
        "key.flags",
        "The flags include ZONE and SEP, and not REVOKE",
        "RFC 4034 2.1.1, RFC 5011 7",
    )
    KEY_DUPLICATE = ("key.duplicate", "No key is listed twice", "RFC 9718 2.2")
    KEY_ENDS_SOON = ("key.ends-soon", "A current key ends within 90 days", "RFC 9718 2.2")
    KEY_NONE_VALID = ("key.none-valid", "At least one key is valid now", "RFC 9718 2.2")

    # the root zone
    ROOTZONE_NOT_CHECKED = ("rootzone.not-checked", "The root zone was not asked", "RFC 4035 5.3")
    ROOTZONE_ANSWERS = (
        "rootzone.answers",
        "At least one server gave a signed answer",
        "RFC 4035 3.1.1",
    )
    ROOTZONE_SILENT = ("rootzone.silent", "Every server that was asked answered", "RFC 7720 3")
    ROOTZONE_SIGNATURE = (
        "rootzone.signature",
        "An anchored key signs the DNSKEY RRset",
        "RFC 4035 5.3.3",
    )
    ROOTZONE_CHAIN = (
        "rootzone.chain",
        "Every signature made with a key of the document is valid",
        "RFC 4035 5.3.3",
    )
    ROOTZONE_SERVER = (
        "rootzone.server",
        "Every server serves an RRset that an anchored key signs",
        "RFC 4035 5.3.3",
    )
    ROOTZONE_AGREEMENT = ("rootzone.agreement", "All servers serve the same RRset", "RFC 2181 5")
    ROOTZONE_UNKNOWN_SEP = (
        "rootzone.unknown-sep",
        "Every SEP key in DNS is published by IANA",
        "RFC 5011 2.2",
    )
    ROOTZONE_REVOKED = (
        "rootzone.revoked",
        "No key of the document is revoked in DNS",
        "RFC 5011 2.1",
    )
    ROOTZONE_GONE = (
        "rootzone.gone",
        "No current key leaves DNS before the document ends it",
        _OURS,
    )
    ROOTZONE_REVOKE_UNSIGNED = (
        "rootzone.revoke-unsigned",
        "A key with the REVOKE bit signs its own revocation",
        "RFC 5011 2.1",
    )
    ROOTZONE_RECORDING = (
        "rootzone.recording",
        "The answers were recorded before the time of judgement",
        _OURS,
    )
    ROOTZONE_RECORDING_OLD = (
        "rootzone.recording-old",
        "No planned change lies between the observation and the time of judgement",
        _OURS,
    )

    # going back in time
    ROLLBACK_DIRECTORY = (
        "rollback.directory",
        "The publication is not older than the one in the directory",
        _OURS,
    )
    ROLLBACK_SNAPSHOT = (
        "rollback.snapshot",
        "The publication is not older than the embedded one",
        _OURS,
    )
    ROLLBACK_MISSING_KEY = (
        "rollback.missing-key",
        "No known current key has left the document without an end date",
        "RFC 9718 5",
    )
    ROLLBACK_UNREADABLE = (
        "rollback.unreadable",
        "The publication in the directory can be verified for comparison",
        _OURS,
    )

    # writing
    FORMAT_DIGEST_ONLY = (
        "format.digest-only",
        "The format can express every key",
        "RFC 9718 4.1.3",
    )
    OUTPUT_DIRECTORY = (
        "output.directory",
        "The directory is absent, empty, or was written by root-anchors",
        _OURS,
    )
    OUTPUT_WRITE = ("output.write", "The files can be written", _OURS)
    USAGE = ("usage", "The command line makes sense", "root-anchors --help")
    OPENSSL_ALGORITHMS = (
        "openssl.algorithms",
        "OpenSSL provides hashes, signatures and TLS",
        _OURS,
    )
    LIBRARY_VERSION = (
        "library.version",
        "Every library is as new as a verification needs",
        _OURS,
    )

    # the signed key response of a quarter
    SKR_SCHEMA = (
        "skr.schema",
        "The signed key response follows the schema",
        "draft-icann-dnssec-keymgmt B",
    )
    SKR_ZONE = (
        "skr.zone",
        "The signed key response is of the root zone",
        "draft-icann-dnssec-keymgmt 4.5.4",
    )
    SKR_SLOTS = (
        "skr.slots",
        "The nine slots follow one another, and each is signed for its whole time",
        "draft-icann-dnssec-keymgmt 3",
    )
    SKR_KEY_TAG = ("skr.key-tag", "The key tags match the keys", "RFC 4034 B")
    SKR_SIGNATURE = (
        "skr.signature",
        "A current key of the document signs every slot",
        "RFC 4035 5.3.3",
    )
    SKR_UNKNOWN_SEP = (
        "skr.unknown-sep",
        "Every SEP key of the signed key response is published by IANA",
        "RFC 5011 2.2",
    )
    SKR_AGREEMENT = (
        "skr.agreement",
        "The root zone serves the RRset that was signed in advance for this time",
        "draft-icann-dnssec-keymgmt 3",
    )

    # anchors found anywhere, held against the verified set
    AUDIT_MISSING = ("audit.missing", "Every current root key is trusted", "RFC 9718 2.2")
    AUDIT_NOT_YET = ("audit.not-yet", "No key is trusted before it is valid", "RFC 9718 2.2")
    AUDIT_RETIRED = ("audit.retired", "No key is trusted after its end date", "RFC 9718 2.2")
    AUDIT_REVOKED = ("audit.revoked", "No revoked key is trusted", "RFC 5011 2.1")
    AUDIT_FOREIGN = ("audit.foreign", "IANA published every anchor of the root", "RFC 9718 2.2")
    AUDIT_DAMAGED = ("audit.damaged", "Tag, algorithm and digest match the key", "RFC 4034 5.1")
    AUDIT_DUPLICATE = ("audit.duplicate", "No anchor is listed twice", "RFC 4035 5")
    AUDIT_SHA1 = ("audit.sha1", "No key is anchored by its SHA-1 digest alone", "RFC 9904")
    AUDIT_EMPTY = (
        "audit.empty",
        "A file that is meant for root trust anchors contains some",
        "RFC 4035 4.4",
    )
    AUDIT_IGNORED = (
        "audit.ignored",
        "The program reads the statement that contains the anchor",
        _OURS,
    )
    AUDIT_FORM = ("audit.form", "The program can use the anchor in this form", _OURS)
    AUDIT_VALIDATION = ("audit.validation", "Validation is switched on", "RFC 4035 5")
    AUDIT_REFUSED = (
        "audit.refused",
        "The program starts with its configuration",
        _OURS,
    )
    AUDIT_STATIC = (
        "audit.static",
        "The resolver follows the next key rollover by itself",
        "RFC 5011 2",
    )
    AUDIT_NOT_WRITABLE = (
        "audit.not-writable",
        "The program can write its RFC 5011 state",
        "RFC 5011 2.3",
    )
    AUDIT_PENDING = ("audit.pending", "No key is in its RFC 5011 hold-down time", "RFC 5011 2.4.1")
    AUDIT_JOURNAL = (
        "audit.journal",
        "The state is in the file, not in its journal",
        _OURS,
    )
    AUDIT_ZONE_KEY = (
        "audit.zone-key",
        "No zone-signing key of the root is used as a trust anchor",
        "RFC 4034 2.1.1",
    )
    AUDIT_BUILT_IN = (
        "audit.built-in",
        "The keys that are built into a program are known",
        _OURS,
    )
    AUDIT_COMPILED = (
        "audit.compiled",
        "A program that contains a root key's digest contains every current one",
        _OURS,
    )
    AUDIT_PINNED_ROOT = (
        "audit.pinned-root",
        "Software that pins ICANN's first root CA pins the second too",
        "RFC 9718 3.2",
    )
    AUDIT_MALFORMED = ("audit.malformed", "The file follows its format", _OURS)
    AUDIT_UNREADABLE = ("audit.unreadable", "The file can be read", _OURS)
    AUDIT_NOT_FOLLOWED = (
        "audit.not-followed",
        "Every included file lies below the audited paths",
        _OURS,
    )
    AUDIT_LIMIT = ("audit.limit", "Size, depth and number are within the limits", _OURS)
    AUDIT_NOTHING = (
        "audit.nothing",
        "There is a root trust anchor or a resolver to judge",
        _OURS,
    )

    # what runs, held against the files
    AUDIT_RUNNING = (
        "audit.running",
        "The running program works as its files say",
        _OURS,
    )
    AUDIT_NOT_LOADED = (
        "audit.not-loaded",
        "The running program trusts the anchors of its files, and no others",
        _OURS,
    )
    AUDIT_NOT_TOLD = (
        "audit.not-told",
        "The running program reports its anchors",
        _OURS,
    )

    # what a running resolver does
    ASK_FAILS = ("ask.fails", "The resolver answers for correctly signed names", "RFC 4035 5")
    ASK_NOT_TRUSTED = (
        "ask.not-trusted",
        "The resolver trusts every key that signs now or will sign",
        "RFC 8509 3",
    )
    ASK_REVOKED = ("ask.revoked", "The resolver trusts no revoked or expired key", "RFC 5011 2.1")
    ASK_CONTRADICTION = (
        "ask.contradiction",
        "The resolver's answers agree with the anchors that it reports",
        _OURS,
    )
    ASK_NOT_TOLD = (
        "ask.not-told",
        "The program that answers reports its anchors",
        _OURS,
    )
    ASK_ROOT_KEYS = (
        "ask.root-keys",
        "A published key signs the root DNSKEY RRset that the resolver returns",
        "RFC 4035 5.3.3",
    )
    ASK_FORGED = ("ask.forged", "The resolver refuses forged data", "RFC 4035 5.5")
    ASK_VALIDATION = ("ask.validation", "The resolver validates", "RFC 4035 4")
    ASK_MIXED = ("ask.mixed", "A single resolver answers at the address", "RFC 8509 3")
    ASK_UNDECIDED = ("ask.undecided", "The replies show what the resolver does", _OURS)
    ASK_CONTROL = (
        "ask.control",
        "The test names show whether the resolver validates",
        _OURS,
    )
    ASK_SOURCE = (
        "ask.source",
        "The publication comes from IANA, not from this package",
        _OURS,
    )

    def __init__(self, check_id: str, title: str, reference: str) -> None:
        self.id = check_id
        self.title = title
        self.reference = reference or f"root-anchors explain {check_id}"
