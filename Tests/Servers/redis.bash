# Redis.

launch_redis() {
    refuse_foreign_port "$redis_port" Redis
    mkdir -p "$folder/redis"
    launch "$folder/run/redis" "$folder/run/redis.log" \
        redis-server --bind 127.0.0.1 --port "$redis_port" --dir "$folder/redis" --save "" \
        --appendonly yes --appendfsync always --databases 1000 --maxmemory-policy noeviction
}

answers_redis() {
    [[ $(timeout 5 redis-cli -h 127.0.0.1 -p "$redis_port" ping 2>/dev/null) == PONG ]]
}
