# What must be installed, and installing it.

require_swift() {
    local version
    command -v swift >/dev/null ||
        die "there is no swift in PATH; Swift 6.2 or newer is needed: https://www.swift.org/install/linux/"
    version=$(swift --version 2>&1) || die "swift --version fails: $version"
    [[ $version =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]] || die "cannot read a version in: $version"
    ((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] >= 6002)) ||
        die "Swift ${BASH_REMATCH[1]}.${BASH_REMATCH[2]} is too old: 6.2 or newer is needed"
}

# Which of the packages that are its arguments are not installed.
missing_packages() {
    local package present
    present=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
    for package in "$@"; do
        grep -qxF "$package installed" <<<"$present" || echo "$package"
    done
}

# Sets as_root to what a command needs before it to run as root.
find_root() {
    as_root=()
    ((EUID != 0)) || return 0
    command -v sudo >/dev/null ||
        die "installing needs root, and there is no sudo. As root: apt-get update && apt-get install $*"
    sudo -n true 2>/dev/null || [[ -t 0 ]] ||
        die "sudo wants a password and there is no terminal to ask for it. As root: apt-get install $*"
    as_root=(sudo)
}

# Runs in a shell of root's, alone: it uses nothing else of this file.
install_packages() {
    local policy=/usr/sbin/policy-rc.d
    set -euo pipefail
    export DEBIAN_FRONTEND=noninteractive
    if [[ ! -e $policy ]]; then
        # Debian starts servers as it installs them; ours are private, and those would take the usual ports.
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        trap 'exit 130' INT TERM HUP
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    apt-get update || echo "apt-get update failed; going on with the lists there are"
    apt-get -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@"
}

# On a system without Debian's packages, what it takes to compile; the servers say themselves what they lack.
require_libraries() {
    local library missing=()
    for library in librabbitmq libpq hiredis libcurl libcrypto; do
        pkg-config --exists "$library" 2>/dev/null || missing+=("$library")
    done
    ((${#missing[@]} == 0)) || die "this is neither Debian nor like it, so install these libraries yourself, with their" \
        "headers, and pkg-config, which does not find them now: ${missing[*]}." \
        "(The private servers of up, demo and test are those of Debian's packages rabbitmq-server, postgresql, redis-server.)"
}

# Installs what is missing of PACKAGES, and of the packages that are its arguments.
setup() {
    local packages=("${PACKAGES[@]}" "$@") missing log
    require_swift
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        require_libraries
        return
    fi
    mapfile -t missing < <(missing_packages "${packages[@]}")
    ((${#missing[@]} > 0)) || return 0
    say "Not installed here, and needed: ${missing[*]}"
    find_root "${missing[@]}"
    step "Installing them with ${as_root[*]:+${as_root[*]} }apt-get (a minute or two)"
    log=$(mktemp)
    holds_log=$log
    "${as_root[@]}" bash -c "$(declare -f install_packages); install_packages \"\$@\"" install "${missing[@]}" \
        >"$log" 2>&1 </dev/null || fail_with_output "$log" "the packages could not be installed"
    rm -f "$log"
    mapfile -t missing < <(missing_packages "${packages[@]}")
    ((${#missing[@]} == 0)) || die "still missing after the installation: ${missing[*]}"
}

fail_with_output() {
    tail -n 40 "$1" >&2
    die "$2"
}
