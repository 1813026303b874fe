#!/usr/bin/env bash
# Install nsd and named from Debian's packages where they are missing, without starting either.
set -euo pipefail

packages=()
command -v nsd >/dev/null || packages+=(nsd)
command -v named >/dev/null || packages+=(bind9)
if [ ${#packages[@]} -eq 0 ]; then
    exit 0
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "missing: ${packages[*]}; only root on a Debian system can install them here" >&2
    exit 1
fi

# A package that brings a service starts it, unless this says no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq --no-install-recommends "${packages[@]}" </dev/null >/dev/null
