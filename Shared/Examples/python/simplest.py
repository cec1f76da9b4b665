#!/usr/bin/env python3
"""Step 1: the simplest booking that works. Publishes one request, waits for its outcome and prints it.

    apt-get install python3-pika        # or: pip install pika
    python3 simplest.py [DESTINATION [AGE]]

AMQP_URL names the broker. The exit status is 0 when the booking is confirmed, else 1.
"""

import json
import os
import sys
import uuid

import pika

request = {
    "request_id": str(uuid.uuid4()),
    "passenger_name": "Juan Pérez",
    "passenger_age": int(sys.argv[2]) if len(sys.argv) > 2 else 9,
    "email": "juan@example.com",
    "destination": sys.argv[1] if len(sys.argv) > 1 else "San Andrés",
    "has_pet": True,
}

parameters = pika.URLParameters(os.environ.get("AMQP_URL") or "amqp://guest:guest@127.0.0.1:5672/")

with pika.BlockingConnection(parameters) as connection:
    channel = connection.channel()
    # From here on basic_publish returns when the broker has the message, and raises when no queue takes it.
    channel.confirm_delivery()
    reply_queue = channel.queue_declare("", exclusive=True).method.queue
    channel.basic_publish(
        "bookings",
        "booking.request",
        json.dumps(request).encode(),
        pika.BasicProperties(
            content_type="application/json",
            delivery_mode=2,  # persistent
            message_id=request["request_id"],
            correlation_id=request["request_id"],
            reply_to=reply_queue,
        ),
        mandatory=True,
    )
    _, _, body = next(channel.consume(reply_queue, auto_ack=True, inactivity_timeout=30))

if body is None:
    sys.exit("no outcome within 30 s")
outcome = json.loads(body)
if outcome.get("status") != "confirmed":
    problems = [f"{p['field']} {p['problem']}" for p in outcome.get("problems", [])]
    reason = outcome.get("reason") or outcome.get("code")
    sys.exit(f"{outcome.get('status', 'refused')}: {reason} {'; '.join(problems)}")
print(f"confirmed: booking {outcome['booking_number']}, {outcome['total_price'] / 100:.2f} {outcome['currency']}")
