"""Publishes, and validates all that the services send: to the exchanges, and in answer."""

import calendar
import json
import re
import secrets
import time

import pika

COMMANDS = ("booking.request", "booking.cancel", "destination.set", "flight.schedule")
# No events: published again they may differ.
BETWEEN_SERVICES = ("quote.fared", "figures.settled", "figures.checkpoint", "figures.replay", "booking.replayed",
                    "candy.replayed")
PERSISTENT = pika.spec.PERSISTENT_DELIVERY_MODE


class Silence(Exception):
    """Something that must come did not; the rest would only wait, too."""


class Listener:
    """One connection with a queue for answers and one for everything else."""

    def __init__(self, contract, report, parameters, timeout):
        self.contract, self.report, self.timeout = contract, report, timeout
        self.connection = pika.BlockingConnection(parameters)
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()
        channels = contract.channels().values()
        amqp = [(channel, channel["bindings"]["amqp"]) for channel in channels if "bindings" in channel]
        # Where each message may come from, by its type.
        self.exchange_of = {
            message["name"]: binding["exchange"]["name"]
            for channel, binding in amqp if "exchange" in binding and "x-bound-to" not in channel
            for message in channel["messages"].values()
        }
        self.seen: dict = {}
        self.answers: dict = {}
        self.letters: dict = {}
        self.outcomes: dict = {}
        self.between: dict = {}
        self.sent: dict = {}
        self.reply_to = self._consume([], self._answer)
        exchanges = sorted({binding["exchange"]["name"] for _, binding in amqp if "exchange" in binding})
        self._consume(exchanges, self._event)

    def close(self) -> None:
        self.connection.close()

    def _consume(self, exchanges, handle) -> str:
        """A queue of this connection, gone with it, bound to exchanges that are there."""
        queue = self.channel.queue_declare("", exclusive=True).method.queue
        for exchange in exchanges:
            self.channel.queue_bind(queue, exchange, "#")
        self.channel.basic_consume(queue, handle, auto_ack=True)
        return queue

    # --- sending

    def publish(self, routing_key, body, answered=True, message_id=None) -> str:
        """Publishes a command or query; its correlation id."""
        token = secrets.token_hex(8)
        trace = f"00-{secrets.token_hex(16)}-{token}-01"
        self.sent[token] = (routing_key, trace)
        properties = pika.BasicProperties(
            content_type="application/json", delivery_mode=PERSISTENT, message_id=message_id or token, type=routing_key,
            app_id="contract-check", timestamp=int(time.time()), correlation_id=token,
            reply_to=self.reply_to if answered else None, headers={"traceparent": trace})
        self.channel.basic_publish("bookings", routing_key, to_bytes(body), properties, mandatory=True)
        return token

    def wait(self, found, what):
        """What `found` returns once it is something."""
        end = time.monotonic() + self.timeout
        while True:
            result = found()
            if result is not None:
                return result
            if time.monotonic() > end:
                raise Silence(what)
            self.connection.process_data_events(time_limit=0.1)

    def settle(self, seconds) -> None:
        """Takes in what comes for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.connection.process_data_events(time_limit=0.1)

    def ask(self, routing_key, body, what):
        """The answer to a command or query."""
        token = self.publish(routing_key, body)
        return self.wait(lambda: self.answers.get(token), f"{what}: an answer to {routing_key}")

    # --- receiving

    def _answer(self, _channel, method, properties, body) -> None:
        question, _ = self.sent.get(properties.correlation_id, ("", ""))
        what, answer = f"answer to {question}", from_json(body)
        self.report.equal(method.exchange, "", f"{what} comes through the default exchange")
        if self.report.expect(question, "an answer's correlation_id is that of a question"):
            self.report.equal(properties.type, f"{question}.answer", f"{what}: type")
            self._validate(answer, properties, f"{question}.answer", "answer", what)
            self._see(f"{question}.answer", answer)
        self.answers[properties.correlation_id] = answer

    def _event(self, _channel, method, properties, body) -> None:
        if method.exchange == "dead-letters":
            self._dead_letter(method, properties, body)
        elif method.routing_key in COMMANDS or re.match(r"query\.|dead-letter\.\w+$", method.routing_key):
            pass  # Ours.
        else:
            name, event = method.routing_key, from_json(body)
            what = f"message {name} on {method.exchange}"
            if not self.report.equal(self.exchange_of.get(name), method.exchange, f"{what} belongs there"):
                return
            self.report.equal(properties.type, name, f"{what}: type")
            if name in BETWEEN_SERVICES:
                self.between[name] = event
                errors = self.contract.errors(event, name, strict=True)
                self.report.expect(not errors, what, "; ".join(errors))
                return
            self._validate(event, properties, name, "event", what)
            self._see(name, event)
            if isinstance(event, dict):
                self.report.equal(properties.message_id, event.get("event_id"), f"{what}: message_id")
                self.report.equal(properties.timestamp, _seconds(event.get("occurred_at")), f"{what}: timestamp")
                earlier = self.outcomes.setdefault(event.get("event_id"), body)
                self.report.equal(body, earlier, f"{what}: the same bytes each time")

    def _dead_letter(self, method, properties, body) -> None:
        headers = {key: value for key, value in (properties.headers or {}).items() if key.startswith("caramelo-")}
        errors = self.contract.errors(headers, "dead-letter.headers", strict=True)
        self.report.expect(not errors, f"dead letter {headers}", "; ".join(errors))
        self.report.equal(headers.get("caramelo-queue"), method.routing_key, "dead letter: the queue it came from")
        self.report.equal(properties.delivery_mode, PERSISTENT, "dead letter: delivery_mode")
        self.letters[properties.correlation_id] = (headers, body)

    def _validate(self, body, properties, schema, kind, what) -> None:
        errors = self.contract.errors(body, schema, strict=True)
        self.report.expect(not errors, what, f"{'; '.join(errors)} in {body!r}")
        given = {name: getattr(properties, name) for name in (
            "content_type", "message_id", "type", "timestamp", "app_id", "correlation_id", "delivery_mode")}
        given = {name: value for name, value in given.items() if value is not None}
        errors = self.contract.errors(given, f"properties#/$defs/{kind}")
        self.report.expect(not errors, f"{what}: properties", "; ".join(errors))
        if self.report.expect(properties.correlation_id in self.sent, f"{what}: correlation_id is that of its cause"):
            trace = (properties.headers or {}).get("traceparent")
            expected = self.sent[properties.correlation_id][1]
            self.report.equal(trace, expected, f"{what}: traceparent is that of its cause")

    def _see(self, name, body) -> None:
        kinds = self.seen.setdefault(name, set())
        if isinstance(body, dict):
            kinds.add(body.get("code") or body.get("reason") or body.get("status") or "")


def to_bytes(body) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


def from_json(body: bytes):
    try:
        return json.loads(body.decode("utf-8"))
    except ValueError as error:
        return f"not JSON: {error}"


def _seconds(time_text):
    """Seconds since 1970 of a time as the services write it."""
    try:
        return calendar.timegm(time.strptime(time_text[:19], "%Y-%m-%dT%H:%M:%S"))
    except (TypeError, ValueError):
        return None
