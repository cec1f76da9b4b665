# The nodes of a cluster, and the cables that join them.

readonly NODES=(1 2 3)

# --- Network --------------------------------------------------------------------------------------------------------

# Chooses the folder's addresses, once. A cable joins each two nodes, and each node and this machine: no bridge, which the
# machine's own firewall would meddle with.
use_network() {
    local lock
    exec {lock}</tmp
    flock -w 60 "$lock" || die "another start holds the lock on /tmp for too long"
    if [[ ! -s $folder/network ]]; then
        until network=$((RANDOM % 250 + 1)) && ! ip link show "caramelo$network-1" >/dev/null 2>&1; do :; done
        echo "$network" >"$folder/network"
    fi
    network=$(<"$folder/network")
    # 198.18.0.0/15 is set aside for tests of networks: nobody's real addresses.
    clients=198.18.$network peers=198.19.$network space=caramelo$network-
    prefix=()
    if [[ $command == start ]]; then make_network; fi
    exec {lock}>&-
}

make_network() {
    local node other
    [[ ! -e /run/netns/${space}3 ]] || return 0
    for node in "${NODES[@]}"; do
        ip netns add "$space$node"
        ip -n "$space$node" link set lo up
        ip -n "$space$node" address add "$clients.$node/32" dev lo
        ip -n "$space$node" address add "$peers.$node/32" dev lo
        ip link add "$space$node" type veth peer name c netns "$space$node"
        ip address add "$clients.254/32" dev "$space$node"
        ip link set "$space$node" up
        ip route add "$clients.$node" dev "$space$node" src "$clients.254"
        ip -n "$space$node" link set c up
        ip -n "$space$node" route add "$clients.254" dev c src "$clients.$node"
        for ((other = 1; other < node; other++)); do join_nodes "$node" "$other"; done
    done
}

join_nodes() {
    ip -n "$space$1" link add "p$2" type veth peer name "p$1" netns "$space$2"
    plug_in "$1" "$2"
    plug_in "$2" "$1"
}

plug_in() {
    ip -n "$space$1" link set "p$2" up
    ip -n "$space$1" route add "$peers.$2" dev "p$2" src "$peers.$1"
}

# Does with the way between node $2 and the others, and clients unless $3 is `peers`, what function $1 does with a neighbour.
for_each_way() {
    local other
    for other in "${NODES[@]}"; do
        [[ $other != "$2" ]] || continue
        "$1" "-n $space$2" "$peers.$other" "p$other"
        "$1" "-n $space$other" "$peers.$2" "p$2"
    done
    if [[ ${3:-} != peers ]]; then
        "$1" "-n $space$2" "$clients.254" c
        "$1" "" "$clients.$2" "$space$2"
    fi
}

# What is sent to a hardware address that nobody has is lost without a word.
lose_way() {
    # shellcheck disable=SC2086 # The place is two words, or none.
    ip $1 neighbour replace "$2" dev "$3" lladdr 02:00:00:00:00:01 nud permanent
}

find_way() {
    # shellcheck disable=SC2086
    ip $1 neighbour delete "$2" dev "$3" 2>/dev/null || true
}

cut_node() {
    [[ ${2:-peers} == peers ]] || die "a node is cut off from its peers, or else from everything"
    for_each_way lose_way "$@"
}

mend_node() {
    for_each_way find_way "$1"
}

# --- Nodes ----------------------------------------------------------------------------------------------------------

# Runs a command in the network of node $1, with nothing in its environment but what makes it that node.
in_node() {
    local node=$1 home=$folder/node$1
    shift
    "${prefix[@]}" ip netns exec "$space$node" env -i PATH="$PATH:/usr/sbin:/sbin" LANG=C.UTF-8 HOME="$home" \
        ERL_EPMD_ADDRESS="$peers.$node" RABBITMQ_USE_LONGNAME=true RABBITMQ_NODENAME="rabbit@$peers.$node" \
        RABBITMQ_MNESIA_BASE="$home/mnesia" RABBITMQ_LOG_BASE="$home/log" RABBITMQ_PID_FILE="$home/pid" \
        RABBITMQ_CONFIG_FILE="$home/rabbitmq.conf" RABBITMQ_ADVANCED_CONFIG_FILE="$home/advanced.config" \
        RABBITMQ_CONF_ENV_FILE="$home/rabbitmq-env.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$home/enabled_plugins" \
        RABBITMQ_SCHEDULER_BIND_TYPE=u \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {${peers//./,},$node}" \
        "$@"
}

write_node_configuration() {
    local node=$1 home=$folder/node$1 other
    mkdir -p "$home/log"
    echo "$space" >"$home/.erlang.cookie.new"
    chmod 400 "$home/.erlang.cookie.new"
    mv -f "$home/.erlang.cookie.new" "$home/.erlang.cookie"
    : >"$home/rabbitmq-env.conf"
    echo '[rabbitmq_management].' >"$home/enabled_plugins"
    {
        cat "$parts/../../Shared/Broker/rabbitmq.conf"
        cat <<END
listeners.tcp.default = $clients.$node:5672
management.tcp.ip = $clients.$node
management.tcp.port = 15672
loopback_users = none
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.relative = 0.3
log.file.level = info
collect_statistics_interval = 2000
cluster_formation.peer_discovery_backend = classic_config
END
        for other in "${NODES[@]}"; do echo "cluster_formation.classic_config.nodes.$other = rabbit@$peers.$other"; done
    } >"$home/rabbitmq.conf"
}

launch_node() {
    local node=$1 prefix
    if ! alive "$folder/run/epmd$node" >/dev/null; then
        prefix=(launch "$folder/run/epmd$node" "$folder/run/epmd$node.log")
        in_node "$node" epmd
    fi
    if alive "$folder/run/node$node" >/dev/null; then return; fi
    write_node_configuration "$node"
    prefix=(launch "$folder/run/node$node" "$folder/node$node/log/out.log")
    in_node "$node" /usr/lib/rabbitmq/bin/rabbitmq-server
}

answers() {
    curl -fs -o "$folder/run/answer$1" -m 5 --noproxy '*' -u guest:guest \
        "http://$clients.$1:15672/api/health/checks/port-listener/5672"
}

wait_for_node() {
    local end=$((SECONDS + 120)) log=$folder/node$1/log/out.log
    until answers "$1"; do
        alive "$folder/run/node$1" >/dev/null || { tail -n 15 "$log" >&2; die "node $1 ended while starting"; }
        ((SECONDS < end)) || { tail -n 15 "$log" >&2; die "node $1 does not answer within 120 s"; }
        sleep 0.2
    done
}

start_cluster() {
    local node nodes=("${NODES[@]}")
    if [[ -n ${1:-} ]]; then nodes=("$1"); fi
    for node in "${nodes[@]}"; do launch_node "$node"; done
    for node in "${nodes[@]}"; do wait_for_node "$node"; done
    if [[ -z ${1:-} ]]; then in_node 1 /usr/lib/rabbitmq/bin/rabbitmqctl -q --timeout 60 await_online_nodes 3; fi
    cat >"$folder/env" <<END
AMQP_HOSTS=$clients.1:5672,$clients.2:5672,$clients.3:5672
ADMIN_HOSTS=$clients.1:15672,$clients.2:15672,$clients.3:15672
END
}

kill_node() {
    local pid
    pid=$(alive "$folder/run/node$1") || die "node $1 is not running"
    kill_family "$pid" || die "node $1 survived SIGKILL for 10 s"
}

stop_cluster() {
    local node kind pid
    for node in "${NODES[@]}"; do
        for kind in node epmd; do
            if pid=$(alive "$folder/run/$kind$node"); then kill_family "$pid" || true; fi
        done
        # Its cables go with it, though not at once.
        ip link delete "$space$node" 2>/dev/null || true
        ip netns delete "$space$node" 2>/dev/null || true
    done
    rm -rf "$folder"/{node1,node2,node3,run,env,network}
    rmdir "$folder" 2>/dev/null || true
}
