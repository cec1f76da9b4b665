# Updates and rollbacks: every replica of every service replaced under load.

# Replaces all of them once; with --all at the full rate by both signals, and from the version before and back again.
update_under_load() {
    local signal
    part "Replacing every replica under load" break_everything "$1" --rollout sigterm --rounds 1 --rate 100 \
        --seconds 240
    if [[ -z ${CARAMELO_TEST_ALL:-} ]]; then return; fi
    part "Building for the full load (release)" compile -c release
    local -x CARAMELO_CONFIGURATION=release
    for signal in "sigterm --max-p99 2" sigkill; do
        # shellcheck disable=SC2086 # The signal and what is asked of it are words.
        part "Replacing every replica twice at 1,000 commands a second: $signal" \
            break_everything "$1" --rate 1000 --seconds 300 --rollout $signal
    done
    part "Building the version before" build_version_before
    part "Updating from the version before under load, and going back" \
        break_everything "$1" --seconds 300 --rollout sigterm --from "$local/before/.build/release"
}

# The commit to update from: $CARAMELO_UPDATE_FROM, else the newest release before this one, else the last before the schema
# changed.
version_before() {
    local change
    if [[ -n ${CARAMELO_UPDATE_FROM:-} ]]; then
        echo "$CARAMELO_UPDATE_FROM"
    elif ! git -C "$root" describe --tags --abbrev=0 HEAD^ 2>/dev/null; then
        change=$(git -C "$root" log -1 --format=%H -- Services/BookingIntake/Migrations.swift)
        echo "$change^"
    fi
}

# Builds the services of that version in .local/before, which stays for the next time.
build_version_before() {
    local commit service
    commit=$(git -C "$root" rev-parse --verify "$(version_before)^{commit}") || {
        say "there is no such commit here; CARAMELO_UPDATE_FROM names one"
        return 1
    }
    say "  $(git -C "$root" log -1 --format='%h %s' "$commit")"
    if [[ -e $local/before/.git ]]; then
        git -C "$local/before" checkout --quiet --detach "$commit"
    else
        git -C "$root" worktree prune
        git -C "$root" worktree add --quiet --detach "$local/before" "$commit"
    fi
    for service in "${SERVICES[@]}"; do
        compile -c release --package-path "$local/before" --product "$service"
    done
}
