# Breaking everything.

# Runs the chaos command on servers of its own, with what was built as CARAMELO_CONFIGURATION says (debug):
# break_everything FOLDER ARGUMENT...
break_everything() {
    local folder=$1 binaries=$root/.build/${CARAMELO_CONFIGURATION:-debug}
    shift
    CARAMELO_TEST_SERVERS=$servers CARAMELO_TEST_FOLDER=$folder CARAMELO_TEST_BINARIES=$binaries \
        "$binaries/caramelo-chaos" "$@"
}

chaos_command() {
    local folder=$local/chaos-run status=0 argument
    setup faketime
    step "Building (debug)"
    run compile
    for argument in "$@"; do
        case $argument in
            --help | -h | --amqp-url | --amqp-url=*)
                # Nothing of ours runs there; and after Ctrl-C it still cancels what it has booked, so it gets the signal
                # itself and takes the time it needs.
                CARAMELO_TEST_BINARIES=$root/.build/debug exec "$root/.build/debug/caramelo-chaos" "$@"
                ;;
        esac
    done
    take_folder "$folder"
    run break_everything "$folder" "$@" || status=$?
    if ((status != 0 && status != 2)); then keep_logs "$folder"; fi
    return "$status"
}
