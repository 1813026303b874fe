"""What is known of Debian's packages, found again by the audit of the package files.

Known by another way: the digests, keys and certificates were looked for in the unpacked files, as
text with and without spaces and as bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest

from tests.distributions.packages import SUITES, Package, keys_of, packages_of

Json = Mapping[str, Any]
Audited = Callable[[str], Json]

KSK_2017, KSK_2024 = "KSK-2017 (20326)", "KSK-2024 (38696)"
OLD, BOTH = {KSK_2017}, {KSK_2017, KSK_2024}
FIRST_ROOT, SECOND_ROOT = "aee89906", "d8eee1b7"
ROLL = "2026-10-11T00:00:00Z"
END_OF_FIRST_ROOT = "2029-12-18T00:00:00Z"


class Truth(NamedTuple):
    """Which of the current keys a file of a package holds, in the version that was looked into."""

    suite: str
    package: str
    file: str
    version: str
    keys: set[str]


def truths(package: str, file: str, **suites: tuple[str, set[str]]) -> list[Truth]:
    return [Truth(suite, package, file, *known) for suite, known in suites.items()]


TRUTHS = [
    *truths(
        "dns-root-data",
        "usr/share/dns/root.key",
        bullseye=("2024071801~deb11u1", BOTH),
        bookworm=("2024071801~deb12u1", BOTH),
        trixie=("2025080400~deb13u1", BOTH),
        sid=("2025080400", BOTH),
    ),
    *truths(
        "dns-root-data",
        "usr/share/dns/root.ds",
        bullseye=("2024071801~deb11u1", BOTH),
        bookworm=("2024071801~deb12u1", BOTH),
        trixie=("2025080400~deb13u1", BOTH),
        sid=("2025080400", BOTH),
    ),
    # Newer ones have none of it.
    *truths(
        "bind9",
        "etc/bind/bind.keys",
        bullseye=("1:9.16.50-1~deb11u6", OLD),
        bookworm=("1:9.18.49-1~deb12u3", BOTH),
    ),
    *truths(
        "bind9",
        "usr/sbin/named",
        bullseye=("1:9.16.50-1~deb11u6", OLD),
        bookworm=("1:9.18.49-1~deb12u3", BOTH),
        trixie=("1:9.20.30-1~deb13u1", BOTH),
        sid=("1:9.20.30-1", BOTH),
    ),
    *truths(
        "bind9-dnsutils",
        "usr/bin/delv",
        bullseye=("1:9.16.50-1~deb11u6", OLD),
        bookworm=("1:9.18.49-1~deb12u3", BOTH),
        trixie=("1:9.20.30-1~deb13u1", BOTH),
        sid=("1:9.20.30-1", BOTH),
    ),
    *truths(
        "dnsmasq-base",
        "usr/share/dnsmasq-base/trust-anchors.conf",
        bullseye=("2.85-1+deb11u2", OLD),
        bookworm=("2.90-4~deb12u2", OLD),
        trixie=("2.91-1+deb13u2", BOTH),
        sid=("2.93-3", BOTH),
    ),
    *truths(
        "dnsviz",
        "usr/lib/python3/dist-packages/dnsviz/util.py",
        bullseye=("0.9.3-1", OLD),
        bookworm=("0.9.4-1", OLD),
        trixie=("0.11.1-1", OLD),
        sid=("0.11.2-1", BOTH),
    ),
    *truths(
        "python3-electrum",
        "usr/lib/python3/dist-packages/electrum/dnssec.py",
        bullseye=("4.0.9-1", OLD),
        bookworm=("4.3.4+dfsg1-1+deb12u2", OLD),
        trixie=("4.5.8+ds-6", OLD),
        sid=("4.8.3+dfsg-1", BOTH),
    ),
    *truths(
        "ruby-dnsruby",
        "usr/lib/ruby/vendor_ruby/dnsruby/dnssec.rb",
        bullseye=("1.61.5-2", OLD),
        bookworm=("1.61.5-3", OLD),
        trixie=("1.61.5-3", OLD),
    ),
    *truths(
        "ruby-dnsruby",
        "usr/share/rubygems-integration/all/gems/dnsruby-1.74.0/lib/dnsruby/dnssec.rb",
        sid=("1.74.0-2", OLD),
    ),
    *truths("hickory-dns", "usr/bin/hickory-dns", trixie=("0.24.4-1+b2", OLD)),
    *truths("feather-wallet", "usr/bin/feather", sid=("2.8.1+dfsg-7", OLD)),
    # In bullseye the compiler has torn the digest apart.
    *truths(
        "pdns-recursor",
        "usr/sbin/pdns_recursor",
        bookworm=("4.8.8-1+deb12u1", OLD),
        trixie=("5.4.9-1~deb13u1", BOTH),
        sid=("5.4.9-1", BOTH),
    ),
    *truths("systemd", "lib/systemd/systemd-resolved", bullseye=("247.3-7+deb11u8", OLD)),
    *truths(
        "systemd-resolved", "lib/systemd/systemd-resolved", bookworm=("252.39-1~deb12u2", BOTH)
    ),
    *truths(
        "systemd-resolved",
        "usr/lib/systemd/systemd-resolved",
        trixie=("257.13-1~deb13u1", BOTH),
        sid=("262.1-1", BOTH),
    ),
    *truths(
        "unbound-anchor",
        "usr/sbin/unbound-anchor",
        bullseye=("1.13.1-1+deb11u7", OLD),
        bookworm=("1.17.1-2+deb12u4", OLD),
        trixie=("1.26.2-0+deb13u1", BOTH),
        sid=("1.26.2-1", BOTH),
    ),
]
# In these the first root of ICANN is pinned, and in newer unbound-anchor the second.
PINNING = {"unbound-anchor", "stubby", "getdns-utils", "libgetdns10", "libgetdns10t64"}
UNBOUND_ANCHOR_WITH_SECOND_ROOT = {"1.26.2-0+deb13u1", "1.26.2-1"}


def upstream(version: str) -> str:
    """The version without Debian's part of it."""
    return version.rpartition("-")[0] or version


def found(said: Json, package: str) -> dict[str, Json]:
    """The places of a package, by their path inside it."""
    return {
        place["path"].removeprefix(f"{place['root']}:"): place
        for place in said["places"]
        if Package.of(place["root"]).name == package
    }


def resolvers(said: Json, package: str) -> list[Json]:
    """The resolvers that are configured in a package."""
    return [
        resolver
        for host in said["hosts"]
        if Package.of(host["name"]).name == package
        for resolver in host["resolvers"]
    ]


# The resolvers of each package as Debian ships it.  All work but named of bullseye, which starts
# with a bind.keys that lacks KSK-2024.  PowerDNS Recursor validates only for those that ask for it.
RESOLVERS = {
    "bind9": ("BIND", "etc/bind/named.conf", "right"),
    "knot-resolver": ("Knot Resolver", "etc/knot-resolver/kresd.conf", "right"),
    "knot-resolver6": ("Knot Resolver", "etc/knot-resolver/config.yaml", "right"),
    "pdns-recursor": ("PowerDNS Recursor", "etc/powerdns/recursor.conf", "attention"),
    "unbound": ("Unbound", "etc/unbound/unbound.conf", "right"),
}
FAILING = {("bullseye", "bind9")}


@pytest.mark.parametrize("suite", SUITES)
def test_each_resolver_is_found_once_and_what_works_is_not_called_broken(
    suite: str, audited: Audited
) -> None:
    said = audited(suite)
    names = [Package.of(path).name for path in said["paths"]]
    expected = {name: RESOLVERS[name] for name in names if name in RESOLVERS}
    told = {
        name: (one["title"], one["configuration"].partition(".deb:")[2], one["outcome"])
        for name in names
        for one in resolvers(said, name)
    }
    assert sum(len(resolvers(said, name)) for name in names) == len(told)
    for name, (title, configuration, outcome) in expected.items():
        is_failing = (suite, name) in FAILING
        assert told.pop(name) == (title, configuration, "fails" if is_failing else outcome)
    assert told == {}


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda t: f"{t.suite}-{t.package}-{t.file}")
def test_the_audit_finds_what_is_known(truth: Truth, audited: Audited) -> None:
    said = audited(truth.suite)
    versions = {package.name: package.version for package in map(Package.of, said["paths"])}
    version = versions.get(truth.package)
    place = found(said, truth.package).get(truth.file)
    if truth.suite == "sid" and version != truth.version and place is None:
        pytest.skip(f"{truth.package} {version} has it no longer, or elsewhere")
    assert place is not None
    keys = {*keys_of(said, place)} & BOTH
    if version == truth.version:
        assert keys == truth.keys
    elif version is not None and upstream(version) == upstream(truth.version):
        # An update within a suite mends it, or does not.
        assert truth.keys <= keys
    else:
        assert keys == BOTH
    loaded = {file["path"] for one in resolvers(said, truth.package) for file in one["files"]}
    is_loaded = place["path"] in loaded
    assert (place["outcome"], place["day"]) == becomes(keys, place, is_loaded=is_loaded)


def becomes(keys: set[str], place: Json, *, is_loaded: bool) -> tuple[str, str | None]:
    """The outcome and the day for a place that holds or contains these current keys.

    A resolver fails; nobody is known to fail with a file that nothing in the package loads.
    """
    if keys == OLD:
        return ("fails" if is_loaded else "attention"), ROLL
    pins = place["compiled"] is not None and len(place["compiled"]["roots"]) == 1
    return ("attention", END_OF_FIRST_ROOT) if pins else ("right", None)


@pytest.mark.parametrize("suite", SUITES)
def test_all_root_data_has_both_keys(suite: str, audited: Audited) -> None:
    said = audited(suite)
    places = found(said, "dns-root-data")
    assert {*places} == {"usr/share/dns/root.ds", "usr/share/dns/root.key"}
    for place in places.values():
        assert keys_of(said, place) == [KSK_2017, KSK_2024]
        assert place["outcome"] == "right"


@pytest.mark.parametrize("suite", SUITES)
def test_a_program_that_pins_the_first_root_alone_is_told(suite: str, audited: Audited) -> None:
    said = audited(suite)
    pinning = set()
    for place in said["places"]:
        package = Package.of(place["root"])
        roots = {root[:8] for root in (place["compiled"] or {}).get("roots", ())}
        if not roots:
            continue
        pinning.add(package.name)
        told = "audit.pinned-root" in {finding["check"] for finding in place["findings"]}
        assert told == (SECOND_ROOT not in roots)
        if package.name != "unbound-anchor" or package.version in UNBOUND_ANCHOR_WITH_SECOND_ROOT:
            both = package.version in UNBOUND_ANCHOR_WITH_SECOND_ROOT
            assert roots == ({FIRST_ROOT, SECOND_ROOT} if both else {FIRST_ROOT})
    assert pinning == {Package.of(path).name for path in packages_of(suite)} & PINNING


@pytest.mark.parametrize("suite", SUITES)
def test_what_names_the_file_of_another_package_is_told(suite: str, audited: Audited) -> None:
    said = audited(suite)
    told = {
        name: one["summary"]
        for name in ("unbound", "pdns-recursor", "knot-resolver", "knot-resolver6")
        for one in resolvers(said, name)
    }
    assert len(told) == len({"unbound", "pdns-recursor", "knot"})
    assert "Debian's service copies /usr/share/dns/root.key" in told.pop("unbound")
    for words in told.values():
        assert (
            "it names /usr/share/dns/root.key (trust anchors), which is not in this package or "
            "image"
        ) in words


@pytest.mark.parametrize("suite", SUITES)
def test_every_file_was_read(suite: str, audited: Audited) -> None:
    said = audited(suite)
    assert said["paths"] == packages_of(suite)
    assert said["coverage"]["unreadable"] == 0
    assert said["coverage"]["looked_at"] > 400
    assert {place["outcome"] for place in said["places"]} <= {"fails", "attention", "right"}
    fails = any(place["outcome"] == "fails" for place in said["places"])
    assert (said["outcome"] == "fails") == fails


@pytest.mark.parametrize("suite", SUITES)
def test_no_key_is_damaged_or_foreign(suite: str, audited: Audited) -> None:
    anchors = [
        anchor
        for place in audited(suite)["places"]
        # Keys that were made up for tests, in the sources of a library.
        if "/tests/test-data/" not in place["path"]
        for anchor in place["anchors"]
    ]
    assert anchors
    assert {anchor["standing"] for anchor in anchors} == {"current"}
