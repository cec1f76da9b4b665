# RabbitMQ, and epmd, by which its tools find it.

# Runs a command with nothing in its environment but what makes it this folder's broker, or speak to it.
with_rabbitmq_environment() {
    local home=$folder/rabbitmq
    "${prefix[@]}" env -i PATH="$PATH:/usr/sbin:/sbin" LANG=C.UTF-8 HOME="$home" \
        ERL_EPMD_PORT="$epmd_port" ERL_EPMD_ADDRESS=127.0.0.1 \
        RABBITMQ_NODENAME="caramelo-$epmd_port@localhost" RABBITMQ_DIST_PORT="$distribution_port" \
        RABBITMQ_MNESIA_BASE="$home/mnesia" RABBITMQ_LOG_BASE="$home/log" RABBITMQ_PID_FILE="$home/pid" \
        RABBITMQ_CONFIG_FILE="$home/rabbitmq.conf" RABBITMQ_ADVANCED_CONFIG_FILE="$home/advanced.config" \
        RABBITMQ_CONF_ENV_FILE="$home/rabbitmq-env.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$home/enabled_plugins" \
        RABBITMQ_SCHEDULER_BIND_TYPE=u \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}" \
        "$@"
}

start_epmd() {
    local prefix=(launch "$folder/run/epmd" "$folder/run/epmd.log")
    if alive "$folder/run/epmd" >/dev/null; then return; fi
    refuse_foreign_port "$epmd_port" epmd
    with_rabbitmq_environment epmd
    wait_for epmd 10 "$folder/run/epmd.log"
}

answers_epmd() {
    in_use "$epmd_port"
}

write_rabbitmq_configuration() {
    local home=$folder/rabbitmq
    mkdir -p "$home/log"
    : >"$home/rabbitmq-env.conf"
    echo '[rabbitmq_management].' >"$home/enabled_plugins"
    cat "$parts/../../Shared/Broker/rabbitmq.conf" - >"$home/rabbitmq.conf" <<END
listeners.tcp.default = 127.0.0.1:$amqp_port
management.tcp.ip = 127.0.0.1
management.tcp.port = $admin_port
loopback_users = none
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.relative = 0.4
log.file.level = warning
collect_statistics_interval = 2000
END
    if has_tls; then write_rabbitmq_tls >>"$home/rabbitmq.conf"; fi
}

# Who connects must have a certificate; the management API wants none.
write_rabbitmq_tls() {
    cat <<END
listeners.ssl.default = 127.0.0.1:$amqps_port
ssl_options.cacertfile = $folder/tls/ca.pem
ssl_options.certfile = $folder/tls/server.pem
ssl_options.keyfile = $folder/tls/server.key
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
management.ssl.ip = 127.0.0.1
management.ssl.port = $admin_tls_port
management.ssl.cacertfile = $folder/tls/ca.pem
management.ssl.certfile = $folder/tls/server.pem
management.ssl.keyfile = $folder/tls/server.key
END
}

launch_rabbitmq() {
    local prefix=(launch "$folder/run/rabbitmq" "$folder/rabbitmq/log/out.log")
    refuse_foreign_port "$amqp_port" RabbitMQ
    refuse_foreign_port "$admin_port" "RabbitMQ's management"
    refuse_foreign_port "$distribution_port" "RabbitMQ's distribution"
    write_rabbitmq_configuration
    with_rabbitmq_environment /usr/lib/rabbitmq/bin/rabbitmq-server
}

answers_rabbitmq() {
    curl -fs -o "$folder/run/answer" -m 5 --noproxy '*' -u guest:guest \
        "http://127.0.0.1:$admin_port/api/health/checks/port-listener/$amqp_port"
}
