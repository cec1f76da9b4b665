# Ending in good order, whatever happens.

running='' # the process group of what `run` waits for
temporary='' # the folder that goes when this script ends
holds_log=

# Runs a command so that a signal to this script is heeded at once, and ends the command with all its children.
run() {
    local status=0
    set -m
    "$@" </dev/null &
    running=$!
    set +m
    wait "$running" || status=$?
    running=''
    return "$status"
}

end_running() {
    local family pid
    [[ -n $running ]] || return 0
    mapfile -t family < <(attached_family)
    signal TERM "${family[@]}"
    if wait_gone 10 "${family[@]}"; then return; fi
    for pid in "${family[@]}"; do kill_family "$pid"; done
}

# What `run` waits for and everything below it, parents first; but not the servers and services it has launched, which
# are ended one by one.
attached_family() {
    local pid session
    session=$(session_of "$$")
    for pid in $(family_of "$running" | sort -n); do
        if [[ $(session_of "$pid") == "$session" ]]; then echo "$pid"; fi
    done
}

session_of() {
    local stat fields
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    read -ra fields <<<"${stat##*) }"
    echo "${fields[3]}"
}

on_exit() {
    local status=$?
    trap '' INT TERM HUP PIPE
    set +e
    if ((status > 128)) && [[ -n $running$temporary ]]; then step "Interrupted: stopping everything"; fi
    end_running
    if [[ -n $temporary ]]; then end_folder "$temporary"; fi
    rm -f "$holds_log"
    exit "$status"
}

end_in_order() {
    trap on_exit EXIT
    trap 'exit 129' HUP
    trap 'echo; exit 130' INT
    trap 'exit 141' PIPE
    trap 'exit 143' TERM
}

# Lets no other ./dev work in folder $1 until this one ends.
lock_folder() {
    local lock
    mkdir -p "$1"
    exec {lock}<"$1"
    flock -n "$lock" || die "another ./dev is at work in ${1#"$root/"}: wait for it, or end it with Ctrl-C"
}

# Makes folder $1 this script's own, emptied, and gone at its end.
take_folder() {
    lock_folder "$1"
    temporary=$1
    end_services "$1"
    remove_servers "$1"
    rm -rf "${1:?}"/*
}

# Stops the servers in folder $1, and those that single tests keep in folders below it, and removes their data.
remove_servers() {
    local port network
    for port in "$1/port" "$1"/*/port; do
        if [[ -e $port ]]; then stop_servers "${port%/port}" --remove; fi
    done
    for network in "$1"/*/network; do
        if [[ -e $network ]]; then "${servers%/*}/cluster" stop "${network%/network}"; fi
    done
}

in_work() {
    [[ -d $1 ]] && ! flock -n "$1" true
}

# Stops what runs in folder $1 and removes it.
end_folder() {
    end_services "$1"
    remove_servers "$1"
    rm -rf "$1"
}

# Saves the logs of folder $1 from its removal, and says where they are.
keep_logs() {
    local kept=$local/${1##*/}-logs file name
    rm -rf "$kept"
    mkdir -p "$kept"
    while IFS= read -r file; do
        name=${file#"$1/"}
        cp "$file" "$kept/${name//\//-}" || true
    done < <(find "$1" -name '*.log' -type f -size +0)
    say "The logs are in ${kept#"$root/"}"
}
