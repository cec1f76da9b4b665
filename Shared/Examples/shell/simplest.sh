#!/usr/bin/env bash
# Step 1: the simplest booking that works. Publishes one request, waits for its outcome and prints it.
#
#     apt-get install amqp-tools jq
#     ./simplest.sh [DESTINATION [AGE]]
#
# AMQP_URL names the broker. The exit status is 0 when the booking is confirmed, else 1.
# amqp-publish has neither `mandatory` nor confirms: if no service has run on this broker yet, the request is lost.
set -euo pipefail

url=${AMQP_URL:-amqp://guest:guest@127.0.0.1:5672/}
url=${url%/} # amqp-tools would take a URL that ends in "/" for the virtual host ""

id=$(</proc/sys/kernel/random/uuid)
request=$(jq -cn --arg id "$id" --arg destination "${1:-San Andrés}" --argjson age "${2:-9}" '
    {request_id: $id, passenger_name: "Juan Pérez", passenger_age: $age, email: "juan@example.com",
     destination: $destination, has_pet: true}')

replies=$(amqp-declare-queue --url="$url" --queue="")
trap 'amqp-delete-queue --url="$url" --queue="$replies" >/dev/null' EXIT
amqp-publish --url="$url" --exchange=bookings --routing-key=booking.request --persistent \
    --content-type=application/json --reply-to="$replies" --body="$request"
outcome=$(timeout 30 amqp-consume --url="$url" --queue="$replies" --count=1 cat) || {
    echo "no outcome within 30 s" >&2
    exit 1
}

jq -r 'if .status == "confirmed"
       then "confirmed: booking \(.booking_number), \(.total_price / 100) \(.currency)"
       else "\(.status // "refused"): \(.reason // .code) " +
            ([.problems[]? | "\(.field) \(.problem)"] | join("; ")) end' <<<"$outcome"
[[ $(jq -r .status <<<"$outcome") == confirmed ]]
