#!/usr/bin/env bash
# Search a suite of Debian for packages that hold a trust anchor of the root, and print the row of
# each file: .ci/search-packages.sh [SUITE].  Run by hand, not in CI: it downloads some 700 MB.  No
# package is left on the disk, and none is installed.
#
# Looked into are the packages of main for amd64
#   - of at most 5 MB, that have DNSSEC, DANE or a trust anchor in their name or description, or a
#     file that has to do with DNSSEC or is named like an anchor file,
#   - of at most 1 MB, that have DNS or a resolver there,
#   - of at most 30 MB, that depend on, recommend, suggest or were built with a library that
#     validates,
#   - of at most 500 kB, that depend on a library of cryptography: nothing validates without one.
# What is larger, and what has all of it inside and says nothing of it, is not found.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/apt.sh

SUITE=${1:-sid}
TOGETHER=40
FILES='[^/]*dnssec[^/]*|trust[-_]?anchors?[^/]*|root[-_.]?(keys?|anchors?)[^/]*|root\.ds|bind\.keys'
VALIDATING='libunbound8|libldns3(t64)?|libgetdns10(t64)?|libdnssec[0-9]+|dns-root-data|unbound-anchor'
VALIDATING+='|ruby-dnsruby|libnet-dns-(sec|resolver-unbound)-perl|python3-(unbound|getdns|ldns)'
VALIDATING+='|libminidns-java|libdnsjava-java|lua-unbound|librust-(hickory|trust-dns|domain)-[a-z0-9+-]*'
VALIDATING+='|rust-(hickory|trust-dns|domain)(-[a-z]*)?'
CRYPTOGRAPHY='lib(ssl|gnutls|nss|gcrypt|nettle|hogweed|mbedcrypto|wolfssl|botan|crypto[+][+])[-0-9].*'
# Where nothing of these stands, the audit finds nothing but what is written in odd ways: digests and
# keys as text and as bytes, ICANN's roots as DER and PEM, and what is packed inside.
MARKS='E06D44B80B8F1D39|CB8C9B712E948B27|49AAC11D7B6F6446|AwEAAaz/tAm8|AwEAAa96jeuk|AwEAAagAIKlV'
MARKS+='|0xE0, ?0x6D, ?0x44|ICANN Root CA|KEwVJQ0FOT|\.(jar|war|whl|zip|gem)\x00'
MARKS+='|\xE0\x6D\x44\xB8\x0B\x8F\x1D\x39|\xCB\x8C\x9B\x71\x2E\x94\x8B\x27'
MARKS+='|\xAC\xFF\xB4\x09\xBC\xC9\x39\xF8|\xAF\x7A\x8D\xEB\xA4\x9D\x99\x5A'

main() {
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    set_up "$SUITE" "$scratch"
    # shellcheck disable=SC2016 # apt-get fills these in
    OPTIONS+=(-o Acquire::Languages=en
        -o 'Acquire::IndexTargets::deb::Contents-deb::MetaKey=$(COMPONENT)/Contents-$(ARCHITECTURE)'
        -o Acquire::IndexTargets::deb::Contents-deb::Description=Contents
        -o Acquire::IndexTargets::deb::Contents-deb::KeepCompressed=true
        -o Acquire::IndexTargets::deb::Contents-deb::KeepCompressedAs=gz)
    apt-get "${OPTIONS[@]}" update
    apt-cache "${OPTIONS[@]}" dumpavail >"$scratch/available"
    {
        { described 'dnssec|\bDANE\b|trust.anchor'; named; } | of_size 5000000
        described '\bDNS\b|\bresolver' | of_size 1000000
        related "$VALIDATING" | of_size 30000000
        related "$CRYPTOGRAPHY" | of_size 500000
    } | sort -u >"$scratch/candidates"
    echo "$SUITE: $(wc -l <"$scratch/candidates") packages to look into" >&2
    mkdir "$scratch/packages" "$scratch/hits"
    split -l "$TOGETHER" -a 4 "$scratch/candidates" "$scratch/batch."
    for batch in "$scratch"/batch.*; do
        look_into "$batch"
    done
    tell
}

described() {
    apt-cache "${OPTIONS[@]}" search "$1" | cut -d ' ' -f 1
}

named() {
    zcat "$scratch"/lists/*_Contents-*.gz \
        | sed -nE "\\,^usr/share/(doc|man|locale)/,d;s,^([^ ].*/)?($FILES)  *([^ ]+)\$,\\4,Ip" \
        | tr ',' '\n' | sed 's,.*/,,'
}

# The packages that are of this name, depend on such a one, or were built with its source.
related() {
    awk -v RS= -v FS='\n' -v wanted="^($1)\$" '{
        hit = 0
        for (line = 1; line <= NF; line++) {
            at = index($line, ": "); field = substr($line, 1, at - 1); rest = substr($line, at + 2)
            if (field == "Package") { name = rest; hit = name ~ wanted }
            if (field !~ /^((Pre-)?Depends|Recommends|Suggests|(Static-)?Built-Using)$/) continue
            count = split(rest, others, /[,|] */)
            for (one = 1; one <= count; one++) {
                sub(/[ :(].*/, "", others[one])
                if (others[one] ~ wanted) hit = 1
            }
        }
        if (hit) print name
    }' "$scratch/available"
}

# Those of the names on stdin that the suite has, of packages that are not larger.
of_size() {
    awk -v most="$1" 'FNR == NR {
        if (/^Package: /) name = $2
        if (/^Size: / && $2 <= most) fits[name] = 1
        next
    } $1 in fits' "$scratch/available" -
}

look_into() {
    (cd "$scratch/packages" && xargs apt-get "${OPTIONS[@]}" download <"$1") \
        || echo "not all were downloaded: $(paste -sd ' ' "$1")" >&2
    for package in "$scratch"/packages/*.deb; do
        if may_hold "$package"; then mv "$package" "$scratch/hits"; else rm "$package"; fi
    done
}

may_hold() {
    # To the end: dpkg-deb must not find its pipe closed.
    dpkg-deb --fsys-tarfile "$1" | LC_ALL=C grep -aPic "$MARKS" >/dev/null
}

tell() {
    # Exit 1 is an audit that found something.
    .venv/bin/python -m anchors audit --offline --report-format json "$scratch"/hits/*.deb \
        >"$scratch/audit.json" || [ -s "$scratch/audit.json" ]
    jq -r '.places[] | select((.anchors | length > 0) or .compiled != null)
        | [(.root | sub(".*/"; "")), (.path | sub("^.*?\\.deb:"; "")), .outcome, .summary]
        | @tsv' "$scratch/audit.json"
}

main
