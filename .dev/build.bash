# Compiling.

# Shows how far a build is: on a terminal all the time, in a log now and then.
show_progress() {
    local line next=$((SECONDS + 30))
    while IFS= read -r line; do
        [[ $line =~ ^(\[[0-9]+/[0-9]+\]|Fetch|Comput|Creat|Work) ]] || continue
        if [[ -t 1 ]]; then
            printf '\r\e[K  %.100s' "$line"
        elif ((SECONDS >= next)); then
            say "  $line"
            next=$((SECONDS + 30))
        fi
    done
    if [[ -t 1 ]]; then printf '\r\e[K'; fi
}

# Compiles, quietly unless it fails: compile ARGUMENT-OF-SWIFT-BUILD...
compile() {
    local log=$local/build.log
    mkdir -p "$local"
    if swift build "$@" 2>&1 | tee "$log" | show_progress; then return; fi
    grep -vE '^\[[0-9]+/[0-9]+\]' "$log" | head -n 100 >&2 || true
    die "the build failed; all of its output is in ${log#"$root/"}"
}

# Compiles while the servers of folder $1 start: building takes the processors, starting mostly waits.
compile_and_start_servers() {
    local starting
    start_servers "$1" &
    starting=$!
    compile "${@:2}"
    wait "$starting"
}
