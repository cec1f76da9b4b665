#!/usr/bin/env python3
"""Step 2: a booking that survives what can go wrong between you and the broker.

    apt-get install python3-pika        # or: pip install pika
    python3 robust.py [DESTINATION [AGE [EMAIL]]]

Environment: AMQP_URL (several, separated by commas, are the nodes of one cluster), TIMEOUT in seconds (60), and
REQUEST_ID, to ask again for a request whose outcome stayed unknown.
Exit status: 0 confirmed, 1 rejected, 2 unknown.
"""

import itertools
import json
import os
import queue
import random
import sys
import threading
import time
import uuid

import pika
from pika.exceptions import AMQPError

URLS = (os.environ.get("AMQP_URL") or "amqp://guest:guest@127.0.0.1:5672/").split(",")
TIMEOUT = float(os.environ.get("TIMEOUT") or 60)
SILENCE = 3  # seconds without an answer after which we ask


def book(request):
    """Returns what became of the request. Never gives up: the caller decides how long to wait."""
    # Made once: the same request_id with other contents would be another request, and be refused.
    body = json.dumps(request).encode()
    for number, url in enumerate(itertools.cycle(URLS)):
        try:
            return attempt(url, request["request_id"], body)
        except (AMQPError, OSError) as error:
            delay = min(0.2 * 2 ** min(number, 10), 5) * random.uniform(0.5, 1)
            print(f"{error!r}: the same request again in {delay:.1f} s", file=sys.stderr)
            time.sleep(delay)


def attempt(url, request_id, body):
    """Publishes the request on a new connection and waits for its outcome. Raises on a nack, a return (mandatory: no
    queue took it) and a lost connection; then nobody knows whether the broker has it, and publishing it again is safe.
    """
    parameters = pika.URLParameters(url)
    parameters.heartbeat = 10
    parameters.blocked_connection_timeout = 10
    with pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        reply_queue = channel.queue_declare("", exclusive=True).method.queue
        properties = pika.BasicProperties(
            content_type="application/json",
            delivery_mode=2,  # persistent
            message_id=request_id,
            correlation_id=request_id,
            reply_to=reply_queue,
        )
        channel.basic_publish("bookings", "booking.request", body, properties, mandatory=True)

        question = json.dumps({"request_id": request_id}).encode()
        for _, answered, answer in channel.consume(reply_queue, auto_ack=True, inactivity_timeout=SILENCE):
            if answer is None:
                # Replies are best effort, and the one to an earlier attempt went to a queue that is gone.
                properties.delivery_mode = 1
                channel.basic_publish("bookings", "query.booking", question, properties, mandatory=True)
            elif answered.correlation_id == request_id and is_final(json.loads(answer)):
                return json.loads(answer)


def is_final(answer):
    """Tells whether waiting is over: not with "pending", nor with "not_found", while the request is in its queue."""
    return answer.get("status", answer.get("code")) not in ("pending", "not_found")


def main():
    arguments = dict(enumerate(sys.argv))
    request = {
        "request_id": os.environ.get("REQUEST_ID") or str(uuid.uuid4()),
        "passenger_name": "Juan Pérez",
        "passenger_age": int(arguments.get(2, 9)),
        "email": arguments.get(3, "juan@example.com"),
        "destination": arguments.get(1, "San Andrés"),
        "has_pet": True,
    }

    # On a thread of its own, since pika waits for a confirm as long as the connection lives.
    outcomes = queue.Queue()
    threading.Thread(target=lambda: outcomes.put(book(request)), daemon=True).start()
    try:
        outcome = outcomes.get(timeout=TIMEOUT)
    except queue.Empty:
        print(f"unknown: no outcome within {TIMEOUT:g} s; to ask again: REQUEST_ID={request['request_id']}")
        return 2

    if outcome.get("status") == "confirmed":
        price = f"{outcome['total_price'] // 100}.{outcome['total_price'] % 100:02} {outcome['currency']}"
        print(f"confirmed: booking {outcome['booking_number']}, {price}")
        return 0
    if outcome.get("status") == "cancelled":
        print(f"cancelled: booking {outcome['booking_number']} was confirmed, and cancelled since")
    elif outcome.get("status") == "rejected":
        problems = "; ".join(f"{problem['field']} {problem['problem']}" for problem in outcome.get("problems", []))
        print(f"rejected: {outcome['reason']}" + (f": {problems}" if problems else ""))
    else:  # request_id_reused: another request, with other contents, has this id
        print(f"refused: {outcome.get('code')}: {outcome.get('detail')}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
