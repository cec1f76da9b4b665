# The ports of a folder, chosen once.

in_use() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

block_is_free() {
    local port
    for ((port = $1; port < $1 + PORT_BLOCK; port++)); do
        if in_use "$port"; then return 1; fi
    done
}

# Chooses this folder's ports, once. One chooser on the machine at a time, until epmd holds the block's first port.
claim_ports() {
    local lock first
    exec {lock}</tmp
    flock -w 60 "$lock" || die "another start holds the lock on /tmp for too long"
    if [[ ! -s $folder/port ]]; then
        # Below the range from which the kernel takes ports for outgoing connections.
        until first=$((20000 + RANDOM % 1000 * PORT_BLOCK)) && block_is_free "$first"; do :; done
        echo "$first" >"$folder/port"
        servers_use_ports "$first"
    fi
    start_epmd
    exec {lock}>&-
}

servers_use_ports() {
    epmd_port=$1 amqp_port=$(($1 + 1)) admin_port=$(($1 + 2)) distribution_port=$(($1 + 3))
    postgres_port=$(($1 + 4)) redis_port=$(($1 + 5)) amqps_port=$(($1 + 6)) admin_tls_port=$(($1 + 7))
}
