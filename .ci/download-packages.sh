#!/usr/bin/env bash
# Get the packages of four Debian suites that carry trust anchors of the root, to be audited as
# files: build/packages/SUITE/*.deb.  Nothing is installed, and no state of the machine's apt is
# touched; what is there already is not asked for again.
set -euo pipefail
cd "$(dirname "$0")/.."

SUITES='bullseye bookworm trixie sid'
# Without this one nothing is worth auditing; without another we go on, except in CI.
NEEDED=bookworm
# Names that follow each other through the suites stand together; the first that a suite has.  A
# suite may lack what ends in "|-".  Found by .ci/search-packages.sh, but for what holds no anchor.
# Not bind9-libs: what it knows of root keys is to warn of old ones, and it validates with none.
WANTED='
    bind9
    bind9-dnsutils
    dns-root-data
    dnsmasq-base
    dnsviz
    feather-wallet|-
    getdns-utils
    hickory-dns|-
    knot-resolver6|knot-resolver
    ldnsutils
    libgetdns10t64|libgetdns10
    libldns3t64|libldns3
    libminidns-java|-
    librust-hickory-proto-dev|librust-trust-dns-proto-dev|-
    libunbound8
    libwebsockets19t64|libwebsockets17|libwebsockets16
    pdns-recursor
    python3-electrum|-
    ruby-dnsruby
    stubby
    systemd-resolved|systemd
    unbound
    unbound-anchor
'

. .ci/apt.sh

main() {
    local suite lacking=''
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    for suite in $SUITES; do
        is_complete "build/packages/$suite" || download "$suite" || lacking+=" $suite"
    done
    for suite in $lacking; do
        echo "SKIPPED: $suite" >&2
        if [ "${CI:-}" = true ] || [ "$suite" = "$NEEDED" ]; then
            exit 1
        fi
    done
}

# Whether the folder has a package for every line of WANTED.
is_complete() {
    local names name
    for names in $WANTED; do
        for name in ${names//|/ }; do
            [ "$name" = - ] && continue 2
            compgen -G "$1/${name}_*.deb" >/dev/null && continue 2
        done
        return 1
    done
}

# The newest version in the suite, as apt chooses it.
download() {
    local suite=$1 apt=$scratch/$1
    mkdir -p "$apt/packages"
    set_up "$suite" "$apt"
    {
        timeout 60 apt-get "${OPTIONS[@]}" update \
            && apt-cache "${OPTIONS[@]}" pkgnames | sort >"$apt/known" \
            && chosen "$apt/known" >"$apt/chosen" \
            && (cd "$apt/packages" \
                && xargs timeout 240 apt-get "${OPTIONS[@]}" download <"$apt/chosen") \
            && is_complete "$apt/packages"
    } </dev/null >"$apt/log" 2>&1 || {
        tail -n 5 "$apt/log" >&2
        return 1
    }
    rm -rf "build/packages/$suite"
    mkdir -p build/packages
    mv "$apt/packages" "build/packages/$suite"
}

# For every line of WANTED the name that is in the list of known ones.
chosen() {
    local names name
    for names in $WANTED; do
        for name in ${names//|/ }; do
            [ "$name" = - ] && continue 2
            if grep -qxF -e "$name" "$1"; then
                echo "$name"
                continue 2
            fi
        done
        echo "no such package: $names" >&2
        return 1
    done
}

if ! command -v apt-get >/dev/null; then
    echo "only a Debian system can get Debian's packages" >&2
    exit 1
fi
main
