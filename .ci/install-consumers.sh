#!/usr/bin/env bash
# Get every program that reads our anchor files, the name servers that the tests ask, and what the
# tests hold us against, from Debian's packages.  Nothing is started, and the machine keeps its own resolver.
#
#   installed                        what this release has
#   build/consumers/RELEASE/bin      what would take over resolv.conf: unpacked, run from there
#   build/consumers/testing/bin      the newest version of each, where it can be had
#   build/builders                   what builds packages
#   build/consumers/npm              what npm has, where there is npm
set -euo pipefail
cd "$(dirname "$0")/.."

# Programs, and what brings them.
WANTED='
    bsdtar:libarchive-tools
    chromium:chromium
    danetool:gnutls-bin
    delv:bind9-dnsutils
    dh:debhelper
    dig:bind9-dnsutils
    dnsmasq:dnsmasq-base
    dnsviz:dnsviz
    drill:ldnsutils
    fish:fish
    g++:g++
    gcc:gcc
    getdns_query:getdns-utils
    go:golang-go
    gpg:gpg
    javac:default-jdk-headless
    kresd:knot-resolver
    ldns-verify-zone:ldnsutils
    lua5.4:lua5.4
    mandoc:mandoc
    named:bind9
    node:nodejs
    nsd:nsd
    opendkim-testkey:opendkim-tools
    openssl:openssl
    pdns_recursor:pdns-recursor
    promtool:prometheus
    rustc:rustc
    strace:strace
    stubby:stubby
    tlsa:hash-slinger
    unbound:unbound
    unbound-host:unbound-host
    zsh:zsh
'
# What has no program of its own.
LIBRARIES='lua-unbound libnet-dns-resolver-unbound-perl'
UNPACKED='systemd-resolved:systemd-resolved'
# The Python is that of dnsviz, and knows its version.
NEWEST='
    delv:bind9-dnsutils
    dnsmasq:dnsmasq-base
    dnsviz:dnsviz
    drill:ldnsutils
    getdns_query:getdns-utils
    kresctl:knot-resolver6
    kresd:knot-resolver6
    ldns-read-zone:ldnsutils
    ldns-verify-zone:ldnsutils
    named:bind9
    named-checkconf:bind9-utils
    pdns_recursor:pdns-recursor
    python3:python3
    rec_control:pdns-recursor
    rndc:bind9-utils
    stubby:stubby
    systemd-resolved:systemd-resolved
    unbound:unbound
    unbound-checkconf:unbound
    unbound-host:unbound-host
'
# Below root/ instead of bin/.
NEWEST_FILES='
    usr/share/java/dnsjava.jar:libdnsjava-java
    usr/share/java/slf4j-api.jar:libslf4j-java
'
NEWEST_SUITE=testing
# What builds packages of root-anchors, with all Pythons of that release.
BUILDERS='
    bash:bash
    cat:coreutils
    dh:debhelper
    dpkg-buildpackage:dpkg-dev
    find:findutils
    flit:flit
    grep:grep
    gzip:gzip
    mawk:mawk
    perl:perl
    pybuild:dh-python
    pyproject-build:python3-build
    python3:python3-all
    sed:sed
    sh:dash
    tar:tar
'
BUILDERS_FILES='
    usr/lib/python3/dist-packages/cryptography:python3-cryptography
    usr/lib/python3/dist-packages/dns:python3-dnspython
    usr/lib/python3/dist-packages/installer:python3-installer
    usr/lib/python3/dist-packages/lxml:python3-lxml
    usr/lib/python3/dist-packages/requests:python3-requests
    usr/share/perl5/Debian/Debhelper/Buildsystem/pybuild.pm:pybuild-plugin-pyproject
'

POLICY=/usr/sbin/policy-rc.d
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
APT_OPTIONS=(
    -qq -y -o APT::Install-Recommends=false -o APT::Sandbox::User=root
    -o Acquire::Retries=2 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20
    -o DPkg::Lock::Timeout=60
)

export DEBIAN_FRONTEND=noninteractive
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

main() {
    get_modules || echo "SKIPPED: what npm has" >&2
    if [ -z "$(lacking)" ] && is_complete "consumers/$NEWEST_SUITE" "$NEWEST" "$NEWEST_FILES" \
        && is_complete builders "$BUILDERS" "$BUILDERS_FILES"; then
        return
    fi
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "missing: $(lacking); only root on a Debian system can get what is missing" >&2
        exit 1
    fi
    scratch=$(mktemp -d)
    trap 'finish "$?"' EXIT
    resolv_conf >"$scratch/resolv.conf"
    forbid_starting

    # A package that is known already may still be there to get.
    apt-get "${APT_OPTIONS[@]}" update || true
    install_wanted
    unpack "consumers/$(release)" "$(release)" "$UNPACKED" || true
    unpack "consumers/$NEWEST_SUITE" "$NEWEST_SUITE" "$NEWEST" "$NEWEST_FILES" \
        || echo "SKIPPED: the newest versions, from Debian $NEWEST_SUITE" >&2
    unpack builders "$NEWEST_SUITE" "$BUILDERS" "$BUILDERS_FILES" \
        || echo "SKIPPED: what builds packages, from Debian $NEWEST_SUITE" >&2

    if [ -n "$(lacking)" ]; then
        echo "could not get: $(lacking)" >&2
        exit 1
    fi
}

# From npm, by their hashes, and without their scripts.  npm makes .ci/npm/package-lock.json anew
# with --package-lock-only --omit-lockfile-registry-resolved.
get_modules() {
    local folder=build/consumers/npm
    [ ! -e "$folder/node_modules/bns" ] || return 0
    mkdir -p "$folder"
    cp .ci/npm/*.json "$folder"
    timeout 60 npm ci --silent --ignore-scripts --no-audit --no-fund --prefix "$folder" \
        </dev/null >/dev/null
}

# Also when something went wrong on the way: no policy of ours stays, and resolv.conf is as it was.
finish() {
    [ -z "${own_policy:-}" ] || rm -f "$POLICY"
    local status=$1
    if ! resolv_conf | cmp -s - "$scratch/resolv.conf"; then
        echo "/etc/resolv.conf has changed; it was:" >&2
        cat "$scratch/resolv.conf" >&2
        status=1
    fi
    rm -rf "$scratch"
    exit "$status"
}

# What it is, a file or a link to one, and what it says.
resolv_conf() {
    readlink /etc/resolv.conf || true
    cat /etc/resolv.conf 2>/dev/null || true
}

# A package that brings a service starts it, unless this says no.
forbid_starting() {
    if [ ! -e "$POLICY" ]; then
        own_policy=yes
        printf '#!/bin/sh\nexit 101\n' >"$POLICY"
        chmod 755 "$POLICY"
    fi
    local answer=0
    "$POLICY" named start >/dev/null 2>&1 || answer=$?
    if [ "$answer" -ne 101 ]; then
        echo "$POLICY would let services start; not installing anything" >&2
        exit 1
    fi
}

release() {
    (. /etc/os-release && echo "${VERSION_CODENAME:-unknown}")
}

programs() { sed -n 's/ *\([^ ]*\):[^ ]*/\1/p' <<<"$1"; }
packages() { sed -n 's/ *[^ ]*:\([^ ]*\)/\1/p' <<<"$1" | sort -u; }

# The packages whose program is not there yet.
missing() {
    local entry
    for entry in $WANTED; do
        command -v "${entry%:*}" >/dev/null || echo "${entry#*:}"
    done | sort -u
    for entry in $LIBRARIES; do
        dpkg-query --show --showformat '${db:Status-Status}' "$entry" 2>/dev/null \
            | grep -qx installed || echo "$entry"
    done
}

# These in one line, with what is not unpacked yet.
lacking() {
    { missing; is_complete "consumers/$(release)" "$UNPACKED" || packages "$UNPACKED"; } | paste -sd ' '
}

is_complete() {
    local program
    for program in $(programs "$2"); do
        [ -x "build/$1/bin/$program" ] || return 1
    done
    for program in $(programs "${3:-}"); do
        [ -e "build/$1/root/$program" ] || return 1
    done
}

# All at once; one by one where that fails, so that one package does not keep out the others.
install_wanted() {
    local package wanted
    mapfile -t wanted < <(missing)
    [ ${#wanted[@]} -gt 0 ] || return 0
    apt-get "${APT_OPTIONS[@]}" install "${wanted[@]}" </dev/null >"$scratch/log" 2>&1 && return
    for package in "${wanted[@]}"; do
        apt-get "${APT_OPTIONS[@]}" install "$package" </dev/null >"$scratch/log" 2>&1 \
            || tail -n 5 "$scratch/log" >&2
    done
}

# unpack NAME SUITE PROGRAMS [FILES]: packages and all they need in build/NAME, with a
# launcher for each program.  apt keeps its state for this in a folder too: the machine's is not touched.
unpack() {
    local suite=$2 programs=$3 files=${4:-} folder=build/$1 apt=$scratch/$1
    is_complete "$1" "$programs" "$files" && return
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    touch "$apt/status"
    local options=("${APT_OPTIONS[@]}" -o "Dir::State=$apt" -o "Dir::State::Lists=$apt/lists"
        -o "Dir::State::Status=$apt/status" -o "Dir::Cache=$apt/cache")
    if [ "$suite" != "$(release)" ]; then
        echo "deb [signed-by=$KEYRING] $(mirror) $suite main" >"$apt/sources.list"
        options+=(-o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
            -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null)
    fi
    # shellcheck disable=SC2046 # one word for each package
    {
        timeout 60 apt-get "${options[@]}" update \
            && timeout 240 apt-get "${options[@]}" install --download-only \
                $(packages "$programs") $(packages "$files")
    } </dev/null >"$apt/log" 2>&1 || {
        tail -n 5 "$apt/log" >&2
        return 1
    }
    rm -rf "$folder"
    mkdir -p "$folder/root/usr/bin" "$folder/root/usr/sbin" "$folder/root/usr/lib" \
        "$folder/root/usr/lib64" "$folder/bin" "$folder"/root/{dev,proc,run,tmp} \
        "$folder/root/var/lib/dpkg"
    touch "$folder/root/var/lib/dpkg/status"
    ln -s usr/bin usr/sbin usr/lib usr/lib64 "$folder/root"
    local archive
    for archive in "$apt"/cache/archives/*.deb; do
        # Through tar, which keeps the links above where an old package brings a real /lib.
        dpkg-deb --fsys-tarfile "$archive" | tar -x --keep-directory-symlink -C "$folder/root" \
            --exclude './usr/share/doc' --exclude './usr/share/man' --exclude './usr/share/i18n' \
            --exclude './usr/share/locale' --exclude './usr/share/javascript' \
            --exclude './usr/lib/*/gconv' \
            || return 1
    done
    rm -rf "$apt"
    # What the packages' scripts would have added.
    printf '%s\n' 'root:x:0:0::/:/bin/sh' 'systemd-resolve:x:65534:65534::/:/bin/sh' \
        >"$folder/root/etc/passwd"
    printf '%s\n' 'root:x:0:' 'systemd-resolve:x:65534:' >"$folder/root/etc/group"
    local program
    for program in $(programs "$programs"); do
        launcher >"$folder/bin/$program"
        chmod 755 "$folder/bin/$program"
    done
}

# Where this machine gets its own release from.
mirror() {
    # shellcheck disable=SC2016 # apt-get fills these in
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(CREATED_BY)' \
        | sed -n "s/ $(release) main Packages\$//p" | head -n 1
}

launcher() {
    cat <<'END'
#!/bin/sh
# Runs the program of this name from ../root.  Of this machine it sees /dev, /proc, /run, /tmp and
# the working directory, through mounts that only it has.
set -e
if [ "$1" != --mounted ]; then
    # Who is not root is so in there, for the sake of the mounts.
    user=
    [ "$(id -u)" -eq 0 ] || user=--map-root-user
    exec unshare --mount $user "$0" --mounted "$@"
fi
shift
root=$(cd "$(dirname "$0")/../root" && pwd)
here=$(pwd)
PATH=$PATH:/usr/bin:/usr/sbin:/bin:/sbin:/usr/lib/systemd
for folder in /dev /proc /run /tmp "$here"; do
    if [ "$folder" != / ]; then
        mkdir -p "$root$folder"
        mount --rbind "$folder" "$root$folder"
    fi
done
exec unshare --root="$root" --wd="$here" "$(basename "$0")" "$@"
END
}

main
