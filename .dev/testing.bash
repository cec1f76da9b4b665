# All the tests, one part after the other; one that fails leaves the next its turn.

# They load the machine, which makes tests unfair that measure time: they run alone.
readonly HEAVY_SUITES=(WholeSystemTests)

failures=()

# Runs a part of the tests: part TITLE COMMAND...
part() {
    local log=$local/part.log
    step "$1"
    if run logged "$log" "${@:2}"; then return; fi
    # Said again at the end: of a long run, some keep the last lines only.
    failures+=("failed: $1" "$(grep -E -m 30 '✘|FAILED|Error:' "$log" || true)")
}

logged() {
    "${@:2}" 2>&1 | tee "$1"
}

test_everything() {
    run_swift_tests
    break_everything_briefly "$1/chaos"
    replace_good_consumers "$1/chaos"
    update_under_load "$1/chaos"
    part "Checking the published contract" "$root/Tests/PublishedContract/check"
    part "Checking the chart, the manifests, alerts and dashboards" "$root/Tests/Chart/check" \
        ${CARAMELO_TEST_ALL:+--all}
    if [[ -n ${CARAMELO_TEST_ALL:-} ]]; then
        part "Building the image, and running docker-compose.yml" "$root/Tests/Containers/check"
    fi
    test_running_services "$1"
}

run_swift_tests() {
    # Before, and not by the first test that needs it, which would keep the others waiting; without PyPI these are skipped.
    run python3 "$root/Tests/Collector/collector.py" install || true
    local suite others=(--skip ClusterTests) heavy=()
    for suite in "${HEAVY_SUITES[@]}"; do
        others+=(--skip "$suite")
        heavy+=(--filter "$suite")
    done
    part "Testing" swift test --skip-build "${others[@]}"
    test_with_broker_users
    part "Testing under load" swift test --skip-build "${heavy[@]}"
    if [[ -n ${CARAMELO_TEST_ALL:-} ]]; then part "Testing a cluster" swift test --skip-build --filter ClusterTests; fi
}

# The services once more, each logged in at the broker as a user who may do what it needs and no more.
test_with_broker_users() {
    local suite some=()
    for suite in BookingWayTests DomainTests/cancellationInEveryState LifecycleTests/retries BadInputTests/unreadable \
        QuarantineTests/poison RebuildTests/wiped; do
        some+=(--filter "$suite")
    done
    if [[ -n ${CARAMELO_TEST_ALL:-} ]]; then some=(--filter IntegrationTests); fi
    CARAMELO_TEST_BROKER_USERS=1 part "Testing with users who may do no more than they need" \
        swift test --skip-build "${some[@]}"
}

# Each kind of server and all replicas of a service are killed in any minute; what takes longer needs a longer run.
break_everything_briefly() {
    local faults=kill,kill-all,gaps,connections-closed
    faults+=,rabbitmq-killed,postgres-killed,postgres-restarted,redis-killed,redis-wiped
    part "Breaking everything for 60 s" break_everything "$1" --seconds 60 --faults "$faults"
    if [[ -n ${CARAMELO_TEST_ALL:-} ]]; then
        part "Breaking everything for 600 s" break_everything "$1" --seconds 600
    fi
}

# Consumers that break a promise: the chaos command must notice.
replace_good_consumers() {
    CARAMELO_BROKEN_CONSUMERS=1 part "Building consumers that break a promise" compile
    part "Noticing one that acknowledges before it works" notices "$1" lost booking-intake=broken-acks-early \
        --faults gaps,kill-several
    part "Noticing one that counts twice" notices "$1" duplicated stats=broken-counts-twice --faults gaps,kill-several
    part "Noticing one that looks for free seats before it takes them" \
        notices "$1" 'unexpected|lost|duplicated' booking-intake=broken-seats-unlocked --faults none
}

# Runs the chaos command with a broken consumer in a service's place, which must lead to findings of a kind (a regular expression):
# notices FOLDER KIND SERVICE=CONSUMER ARGUMENT...
notices() {
    local folder=$1 kind=$2 service=${3%%=*} consumer=${3#*=} status=0 log report
    log=${folder%/*}/$consumer.log report=${folder%/*}/$consumer
    break_everything "$folder" --seconds 15 --seed 1 --patience 5 --report "$report" \
        --replace "$service=$root/.build/debug/$consumer" "${@:4}" >"$log" 2>&1 || status=$?
    if ((status != 1)) || ! jq -e --arg kind "$kind" 'any(.findings[]; .kind | test($kind))' "$report/report.json" >/dev/null; then
        tail -n 40 "$log" >&2
        say "it ended with $status and found nothing $kind"
        return 1
    fi
    jq -r '.counts | "  found: \(.lost) lost, \(.duplicated) duplicated, \(.unexpected) unexpected"' "$report/report.json"
}

# What others build on: the published contract, and the examples.
test_running_services() {
    step "Starting the six services, with short retry delays"
    export_new_place "$1" contract
    FAST_RETRY=1 start_services "$1" debug
    part "Checking the published contract against them" "$root/Tests/PublishedContract/check" --live
    part "Trying what each user of the broker may do" "$root/Tests/Chart/permissions"
    part "Working on dead letters in a browser" "$root/Tests/Page/check" "$root/.build/debug/dead-letter"
    part "Running the examples in Python, Java, Go and shell" "$root/Tests/Examples/check"
}
