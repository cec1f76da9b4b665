# All the tests, one part after the other; one that fails leaves the next its turn.

# They load the machine, which makes tests unfair that measure time: they run alone.
readonly HEAVY_SUITES=(ReliabilityTests WholeSystemTests)

failed_parts=()

# Runs a part of the tests: part TITLE COMMAND...
part() {
    step "$1"
    run "${@:2}" || failed_parts+=("$1")
}

test_everything() {
    run_swift_tests
    part "Checking the published contract" "$root/Tests/PublishedContract/check"
    test_running_services "$1"
}

run_swift_tests() {
    local suite others=() heavy=()
    for suite in "${HEAVY_SUITES[@]}"; do
        others+=(--skip "$suite")
        heavy+=(--filter "$suite")
    done
    part "Testing" swift test --skip-build "${others[@]}"
    part "Testing under load and kills" swift test --skip-build "${heavy[@]}"
}

# What others build on: the published contract, and the examples.
test_running_services() {
    step "Starting the six services, with short retry delays"
    export_new_place "$1" contract
    FAST_RETRY=1 start_services "$1" debug
    part "Checking the published contract against them" "$root/Tests/PublishedContract/check" --live
    part "Running the examples in Python, Java, Go and shell" "$root/Tests/Examples/check"
}
