# PostgreSQL.

# PostgreSQL refuses to run as root: there, it runs as the Debian package's user.
set_postgres_user() {
    as_postgres=()
    if ((EUID == 0)); then as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups); fi
}

postgres_program() {
    local found
    mapfile -t found < <(printf '%s\n' /usr/lib/postgresql/*/bin/"$1" | sort -V)
    [[ -x ${found[-1]} ]] || die "PostgreSQL's $1 is not installed"
    echo "${found[-1]}"
}

make_postgres_folder() {
    local elsewhere
    [[ ! -e $folder/postgres ]] || return 0
    if ((EUID != 0)) || (cd / && "${as_postgres[@]}" test -x "$folder"); then
        mkdir -m 700 "$folder/postgres"
    else
        elsewhere=$(mktemp -d /var/tmp/caramelo-postgres.XXXXXX)
        ln -s "$elsewhere" "$folder/postgres"
    fi
    if ((EUID == 0)); then chown postgres: "$folder/postgres/"; fi
}

# By its real name: the way through a link may be closed to PostgreSQL's user.
postgres_data() {
    echo "$(readlink -f "$folder/postgres")/data"
}

# The mark at the end tells a complete cluster from one whose making was interrupted.
make_cluster() {
    local data
    make_postgres_folder
    data=$(postgres_data)
    [[ ! -e $data/complete ]] || return 0
    rm -rf "$data"
    (cd "${data%/*}" && "${as_postgres[@]}" "$(postgres_program initdb)" -D "$data" -A trust -U postgres \
        -E UTF8 --locale=C.UTF-8 --no-sync </dev/null) >"$folder/run/initdb.log" 2>&1 ||
        fail_with_log "initdb failed" "$folder/run/initdb.log"
    touch "$data/complete"
}

# PostgreSQL itself sees through most stale lock files, but not when another process now has that number.
remove_stale_lock() {
    local data=$1 pid
    read -r pid 2>/dev/null <"$data/postmaster.pid" || return 0
    [[ $(readlink "/proc/$pid/cwd" || true) == "$data" ]] || rm -f "$data/postmaster.pid"
}

# Writes standard input into a file that is PostgreSQL's own and that nobody else may read.
write_postgres_file() {
    "${as_postgres[@]}" bash -c 'umask 077 && cat >"$1"' bash "$1"
}

# Who connects by TLS must have a certificate.
configure_postgres_tls() {
    local file
    for file in ca.pem server.pem server.key; do write_postgres_file "$1/$file" <"$folder/tls/$file"; done
    write_postgres_file "$1/pg_hba.conf" <<END
hostssl all all 127.0.0.1/32 trust clientcert=verify-ca
hostnossl all all 127.0.0.1/32 trust
END
}

launch_postgres() {
    local data tls=()
    refuse_foreign_port "$postgres_port" PostgreSQL
    make_cluster
    data=$(postgres_data)
    remove_stale_lock "$data"
    if has_tls; then
        (cd "$data" && configure_postgres_tls "$data")
        tls=(-c ssl=on -c ssl_ca_file=ca.pem -c ssl_cert_file=server.pem -c ssl_key_file=server.key)
    fi
    # Neither sockets nor shared memory files outside the data folder: nothing of a killed server stays behind.
    (cd "$data" && launch "$folder/run/postgres" "$folder/run/postgres.log" \
        "${as_postgres[@]}" "$(postgres_program postgres)" -D "$data" -p "$postgres_port" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 \
        -c dynamic_shared_memory_type=mmap "${tls[@]}")
}

sql() {
    "$(postgres_program psql)" -X -h 127.0.0.1 -p "$postgres_port" -U postgres -qtA -c "$1" postgres </dev/null
}

answers_postgres() {
    PGCONNECT_TIMEOUT=5 sql 'select 1' >/dev/null 2>&1
}

create_database() {
    if [[ -z $(sql "select 1 from pg_database where datname = 'bookings'") ]]; then sql 'create database bookings'; fi
}

# A killed server leaves a System V segment, named in its lock file.
remove_shared_memory() {
    local segment
    segment=$(awk 'NR == 7 { print $2 }' "$folder/postgres/data/postmaster.pid" 2>/dev/null) || return 0
    [[ -z $segment ]] || ipcrm -m "$segment" 2>/dev/null || true
}
