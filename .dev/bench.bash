# Measuring.

# Runs the benchmark on servers of its own, or against services elsewhere.
bench_command() {
    local folder=$local/bench-run program=$root/.build/release/caramelo-bench status=0 results argument
    # What --json prints is all that standard output gets.
    exec {results}>&1
    for argument in "$@"; do
        if [[ $argument == --json ]]; then exec >&2; fi
    done
    setup
    step "Building (release; several minutes the first time)"
    run compile -c release
    for argument in "$@"; do
        case $argument in
            --help | -h | --against | --against=*)
                # Nothing of ours runs there; and after Ctrl-C it still cancels what it has booked, so it gets the signal
                # itself and takes the time it needs.
                exec "$program" "$@" >&"$results"
                ;;
        esac
    done
    "$program" "$@" --dry-run || return
    take_folder "$folder"
    step "Starting RabbitMQ, PostgreSQL and Redis"
    run start_servers "$folder"
    export_servers "$folder" CARAMELO_TEST_
    export CARAMELO_TEST_SERVERS=$servers CARAMELO_TEST_FOLDER=$folder CARAMELO_TEST_BINARIES=$root/.build/release
    run "$program" "$@" >&"$results" || status=$?
    if ((status == 1 || status == 3)); then keep_logs "$folder"; fi
    return "$status"
}
