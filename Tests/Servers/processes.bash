# Processes: started, found again, signalled and ended with all that is below them.
# A record is a file with a process's number and start time: the number alone may by now be another process's.

# Start time of process $1; fails if there is none, or only what its parent has not yet collected.
started_at() {
    local stat fields
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    read -ra fields <<<"${stat##*) }"
    [[ ${fields[0]} != [ZX] ]] || return 1
    echo "${fields[19]}"
}

# Number of the process recorded in file $1; fails if it is gone.
alive() {
    local pid start
    read -r pid start 2>/dev/null <"$1" || return 1
    [[ $(started_at "$pid") == "$start" ]] || return 1
    echo "$pid"
}

is_paused() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) && [[ ${stat##*) } == T* ]]
}

# Process $1, everything below it and everything in its process group.
family_of() {
    { cat /proc/[0-9]*/stat 2>/dev/null || true; } |
        sed -nE 's/^([0-9]+) \(.*\) ([^ZX ]) ([0-9]+) ([0-9]+) .*/\1 \3 \4/p' |
        awk -v root="$1" '
            { parent[$1] = $2; if ($1 == root || $3 == root) ours[$1] = 1 }
            END {
                do {
                    grown = 0
                    for (p in parent) if (!(p in ours) && (parent[p] in ours)) { ours[p] = 1; grown = 1 }
                } while (grown)
                for (p in ours) print p
            }'
}

# The processes whose working directory is $1 or below it.
working_in() {
    find /proc/[0-9]*/cwd -maxdepth 0 \( -lname "$1" -o -lname "$1/*" -o -lname "$1 (deleted)" \) 2>/dev/null | cut -d/ -f3
}

# Sends signal $1 to each of the processes that follow; some may be gone.
signal() {
    local signal=$1
    shift
    (($# == 0)) || kill -s "$signal" "$@" 2>/dev/null || true
}

# Waits up to $1 seconds until all of the processes that follow are gone.
wait_gone() {
    local end=$((SECONDS + $1)) pid
    shift
    for pid in "$@"; do
        while started_at "$pid" >/dev/null; do
            ((SECONDS <= end)) || return 1
            sleep 0.05
        done
    done
}

kill_family() {
    local family
    # Stopped first, so that nothing new appears between the look and the blow.
    signal STOP "$1"
    mapfile -t family < <(family_of "$1")
    signal KILL "${family[@]}"
    wait_gone 10 "${family[@]}"
}

# Ends process $1 with signal $2, within $3 seconds, or else by force; fails if force was needed.
end_process() {
    local family
    mapfile -t family < <(family_of "$1")
    signal "$2" "$1"
    signal CONT "${family[@]}"
    wait_gone "$3" "${family[@]}" && return
    kill_family "$1"
    return 1
}

# Runs a command detached from this shell: launch RECORD LOG COMMAND...
launch() {
    local record=$1 log=$2 self
    shift 2
    rm -f "$record"
    (
        # Recorded by itself and before the lock is let go of, so that a `stop` at any moment finds it.
        self=$BASHPID
        echo "$self $(started_at "$self")" >"$record"
        close_descriptors "$self"
        exec setsid "$@" </dev/null >>"$log" 2>&1
    ) &
    while [[ ! -s $record ]] && started_at "$!" >/dev/null; do sleep 0.01; done
}

close_descriptors() {
    local path number
    for path in /proc/"$1"/fd/*; do
        number=${path##*/}
        # 255 is bash's own, and closes by itself.
        ((number < 3 || number == 255)) || exec {number}>&-
    done
}
