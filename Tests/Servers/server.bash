# One server by its name: started, stopped, killed, paused, the same way for each.

title_of() {
    case $1 in
        rabbitmq) echo RabbitMQ ;;
        postgres) echo PostgreSQL ;;
        redis) echo Redis ;;
        *) echo "$1" ;;
    esac
}

log_of() {
    case $1 in
        rabbitmq) echo "$folder/rabbitmq/log/out.log" ;;
        *) echo "$folder/run/$1.log" ;;
    esac
}

fail_with_log() {
    tail -n 15 "$2" >&2 || true
    die "$1; its log is $2"
}

refuse_foreign_port() {
    if in_use "$1"; then
        die "port $1, $2's here, is taken by another program: stop that one, or begin anew with: servers stop $folder --remove"
    fi
}

wait_for() {
    local name=$1 end=$((SECONDS + $2)) log=$3
    until "answers_$name"; do
        alive "$folder/run/$name" >/dev/null || fail_with_log "$(title_of "$name") ended while starting" "$log"
        ((SECONDS < end)) || fail_with_log "$(title_of "$name") does not answer within $2 s" "$log"
        sleep 0.1
    done
}

start_one() {
    local pid family
    if pid=$(alive "$folder/run/$1"); then
        mapfile -t family < <(family_of "$pid")
        signal CONT "${family[@]}"
    else
        "launch_$1"
    fi
    wait_for "$1" 120 "$(log_of "$1")"
    if [[ $1 == postgres ]]; then create_database; fi
}

stop_one() {
    local pid signal=TERM
    pid=$(alive "$folder/run/$1") || return 0
    # PostgreSQL's SIGTERM waits for its clients to leave.
    if [[ $1 == postgres ]]; then signal=INT; fi
    end_process "$pid" "$signal" 60 || echo "servers: $(title_of "$1") did not stop within 60 s and was killed" >&2
    rm -f "$folder/run/$1"
}

running_pid() {
    alive "$folder/run/$1" || die "$(title_of "$1") is not running in $folder"
}

end_one() {
    local pid
    pid=$(alive "$folder/run/$1") || return 0
    kill_family "$pid" || die "$(title_of "$1") survived SIGKILL for 10 s"
}

kill_one() {
    running_pid "$1" >/dev/null
    end_one "$1"
}

signal_one() {
    local pid family
    pid=$(running_pid "$2")
    mapfile -t family < <(family_of "$pid")
    signal "$1" "${family[@]}"
}
