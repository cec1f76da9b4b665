#!/usr/bin/env bash
# Step 2: a booking from the shell that survives what can go wrong between you and the broker.
#
#     apt-get install amqp-tools jq
#     ./robust.sh [DESTINATION [AGE [EMAIL]]]
#
# Environment: AMQP_URL (several, separated by commas, are the nodes of one cluster), TIMEOUT in seconds (60), and
# REQUEST_ID, to ask again for a request whose outcome stayed unknown.
# Exit status: 0 confirmed, 1 rejected, 2 unknown.
#
# amqp-publish knows neither publisher confirms nor `mandatory`, and can set no message_id. Its exit status 0 only says
# that the request was sent: the broker may have dropped it. So this program believes nothing but an outcome: without
# one it asks query.booking, and where the booking is unknown it publishes the same request again. That is safe, since
# the request_id is the same. Where it matters that a program knows when the broker has taken over, use another client.
set -euo pipefail

IFS=, read -ra urls <<<"${AMQP_URL:-amqp://guest:guest@127.0.0.1:5672/}"
timeout=${TIMEOUT:-60}
id=${REQUEST_ID:-$(</proc/sys/kernel/random/uuid)}
readonly ANSWER_WITHIN=5

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ask URL ROUTING_KEY BODY: publishes and leaves the answer in `answer`; fails if none comes.
# The reply queue is exclusive to amqp-consume's connection, so that nothing stays behind, whatever ends this program.
ask() {
    local consumer queue='' status=0
    : >"$work/said"
    timeout "$ANSWER_WITHIN" amqp-consume --url="$1" --exclusive --count=1 cat >"$work/answer" 2>"$work/said" &
    consumer=$!
    until [[ -n $queue ]]; do
        if ! kill -0 "$consumer" 2>/dev/null; then
            cat "$work/said" >&2
            return 1
        fi
        sleep 0.05
        queue=$(sed -n 's/^Server provided queue name: //p' "$work/said")
    done
    amqp-publish --url="$1" --exchange=bookings --routing-key="$2" --persistent \
        --content-type=application/json --reply-to="$queue" --body="$3" || kill "$consumer" 2>/dev/null || true
    wait "$consumer" || status=$?
    answer=$(<"$work/answer")
    [[ $status == 0 && -n $answer ]]
}

# Made once: the same request_id with other contents would be another request, and be refused.
request=$(jq -cn --arg id "$id" --arg destination "${1:-San Andrés}" --argjson age "${2:-9}" \
    --arg email "${3:-juan@example.com}" '
    {request_id: $id, passenger_name: "Juan Pérez", passenger_age: $age, email: $email,
     destination: $destination, has_pet: true}')
question=$(jq -cn --arg id "$id" '{request_id: $id}')

next=request node=0
for ((attempt = 0; SECONDS < timeout; attempt++)); do
    url=${urls[node % ${#urls[@]}]}
    url=${url%/} # amqp-tools would take a URL that ends in "/" for the virtual host ""
    if [[ $next == request ]]; then
        ask "$url" booking.request "$request" || answer='{}' node=$((node + 1))
        next=question
    else
        ask "$url" query.booking "$question" || answer='{}' node=$((node + 1))
        next=request
    fi
    case $(jq -r '.status // .code' <<<"$answer") in
        confirmed)
            jq -r '"confirmed: booking \(.booking_number), \(.total_price / 100) \(.currency)"' <<<"$answer"
            exit 0
            ;;
        rejected)
            jq -r '"rejected: \(.reason)" + ([.problems[]? | "\(.field) \(.problem)"] | join("; ") |
                if . == "" then . else ": " + . end)' <<<"$answer"
            exit 1
            ;;
        cancelled)
            jq -r '"cancelled: booking \(.booking_number) was confirmed, and cancelled since"' <<<"$answer"
            exit 1
            ;;
        pending) next=question ;; # stored; its outcome is still to come
        not_found | null) ;;
        *) # request_id_reused: another request, with other contents, has this id
            jq -r '"refused: \(.code): \(.detail)"' <<<"$answer"
            exit 1
            ;;
    esac
    echo "no outcome yet: next, the $next" >&2
    sleep "$((attempt < 3 ? 1 : 3)).$((RANDOM % 10))"
done
echo "unknown: no outcome within $timeout s; to ask again: REQUEST_ID=$id"
exit 2
