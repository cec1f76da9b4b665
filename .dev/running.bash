# Servers and services that run from a folder.

# These three alone know where the servers come from; DIR/env is all that the rest reads.
start_servers() {
    "$servers" start "$1"
}

stop_servers() {
    "$servers" stop "$@"
}

servers_status() {
    "$servers" status "$1"
}

export_servers() {
    local line
    while IFS= read -r line; do
        export "${2:-}$line"
    done <"$1/env"
}

# Exports the addresses of a new vhost and database, both named $2, and of an empty Redis, on the servers of folder $1.
export_new_place() {
    export_servers "$1"
    curl -fsS -o /dev/null -m 30 --noproxy '*' -u guest:guest -X PUT "$ADMIN_URL/api/vhosts/$2" ||
        die "the vhost $2 could not be made"
    "$(postgres_program psql)" -X -q -d "$DATABASE_URL" -c "create database $2" </dev/null ||
        die "the database $2 could not be made"
    redis-cli -u "$REDIS_URL" flushdb >/dev/null || die "Redis could not be emptied"
    AMQP_URL=${AMQP_URL%/}/$2 DATABASE_URL=${DATABASE_URL%/*}/$2
}

# A service's usual port if it is free, else one of those that belong to the folder.
choose_http_port() {
    local folder=$1 index=$2 port=$((FIRST_HTTP_PORT + $2))
    if in_use "$port"; then port=$(($(<"$folder/port") + 6 + index)); fi
    echo "$port"
}

# Starts, on the servers of which the environment tells, what does not run yet: start_services FOLDER CONFIGURATION
start_services() {
    local folder=$1 configuration=$2 index name port
    mkdir -p "$folder/services" "$folder/logs"
    echo "$configuration" >"$folder/configuration"
    if [[ ! -e $folder/admin-token ]]; then
        (umask 077 && head -c 18 /dev/urandom | base64 | tr '+/' '-_' >"$folder/admin-token")
    fi
    for index in "${!SERVICES[@]}"; do
        name=${SERVICES[index]}
        if alive "$folder/services/$name" >/dev/null; then continue; fi
        port=$(choose_http_port "$folder" "$index")
        echo "$port" >"$folder/services/$name.port"
        HTTP_HOST=127.0.0.1 HTTP_PORT=$port HTTP_ADMIN_TOKEN=$(<"$folder/admin-token") launch "$folder/services/$name" "$folder/logs/$name.log" \
            "$root/.build/$configuration/$name"
    done
    for name in "${SERVICES[@]}"; do wait_until_ready "$folder" "$name"; done
}

is_ready() {
    curl -fs -o /dev/null -m 5 --noproxy '*' "http://127.0.0.1:$(<"$1/services/$2.port")/readyz"
}

wait_until_ready() {
    local end=$((SECONDS + 60)) log=$1/logs/$2.log
    until is_ready "$1" "$2"; do
        alive "$1/services/$2" >/dev/null || fail_with_output "$log" "$2 ended while starting; above, its last lines"
        ((SECONDS < end)) || fail_with_output "$log" "$2 is not ready within 60 s; above, its last lines"
        sleep 0.1
    done
}

end_services() {
    local name pid enders=()
    for name in "${SERVICES[@]}"; do
        pid=$(alive "$1/services/$name") || continue
        { end_process "$pid" TERM 15 || echo "dev: $name did not stop within 15 s and was killed" >&2; } &
        enders+=($!)
    done
    for pid in "${enders[@]}"; do wait "$pid"; done
    rm -rf "$1/services"
}

any_service_runs() {
    local name
    for name in "${SERVICES[@]}"; do
        if alive "$1/services/$name" >/dev/null; then return 0; fi
    done
    return 1
}

# The folder of what runs: that of `up`, or that of a demo left running.
running_folder() {
    local folder
    for folder in "$local/up" "$local/demo"; do
        if any_service_runs "$folder"; then
            echo "$folder"
            return
        fi
    done
    return 1
}

print_addresses() {
    local name key value
    say "" "${bold}Where it is$plain"
    while IFS='=' read -r key value; do
        case $key in
            AMQP_URL) say "  RabbitMQ          $value" ;;
            ADMIN_URL) say "    in a browser    $value  (user guest, password guest)" ;;
            DATABASE_URL) say "  PostgreSQL        $value" ;;
            REDIS_URL) say "  Redis             $value" ;;
        esac
    done <"$1/env"
    for name in "${SERVICES[@]}"; do
        printf '  %-17s http://127.0.0.1:%s/metrics\n' "$name" "$(<"$1/services/$name.port")"
    done
    say "  dead letters      http://127.0.0.1:$(<"$1/services/dead-letter.port")/  (token $(<"$1/admin-token"))"
    say "  logs              ${1#"$root/"}/logs" ""
}

say_what_next() {
    cat <<END
${bold}What to try$plain
  eval "\$(./dev env)"       lets this shell use it: sets AMQP_URL and the others, and PATH
  bookings --help           book, ask, cancel, watch
  bookings report           what has been sold
  dead-letter summary       what could not be processed, and why
  ./dev status              what runs
  ./dev down                ends it
END
}
