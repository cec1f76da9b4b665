"""Checks against running services: every answer and event, every dead letter, and the broker's topology."""

import base64
import calendar
import contextlib
import datetime
import json
import re
import secrets
import time
import urllib.parse
import urllib.request

import pika

from contract import Contract
from report import Report

COMMANDS = ("booking.request", "booking.cancel", "destination.set", "flight.schedule")
PERSISTENT = pika.spec.PERSISTENT_DELIVERY_MODE


class _Silence(Exception):
    """Something that must come did not; the rest would only wait, too."""


def check(contract: Contract, report: Report, amqp_url: str, admin_url: str, timeout: float) -> None:
    parameters = pika.URLParameters(amqp_url.split(",")[0].strip())
    try:
        report.heading("the broker has the exchanges, queues and bindings of the document, and no others")
        _Topology(contract, report, parameters, admin_url).compare()
        report.heading("messages of the running services")
        with contextlib.closing(_Listener(contract, report, parameters, timeout)) as listener:
            _Scenario(contract, report, listener).run()
    except _Silence as silence:
        report.expect(False, str(silence), f"nothing came in {timeout:g} s; the rest is not tried")
    except (pika.exceptions.AMQPError, OSError) as error:
        report.expect(False, "the broker answers", repr(error))


class _Topology:
    """The document's topology beside the broker's, as its management API has it."""

    def __init__(self, contract, report, parameters, admin_url):
        self.channels, self.ladders = contract.channels(), contract.ladders()
        self.report, self.parameters, self.admin_url = report, parameters, admin_url.rstrip("/")

    def compare(self) -> None:
        exchanges = {
            exchange["name"]: {"type": exchange["type"], "durable": exchange["durable"],
                               "auto_delete": exchange["auto_delete"], "arguments": exchange["arguments"]}
            for exchange in self._get("exchanges")
            if exchange["name"] and not exchange["name"].startswith("amq.")
        }
        # Those of a connection, such as where it awaits answers, are no part of the topology.
        all_queues = self._get("queues")
        own = {queue["name"] for queue in all_queues if queue["exclusive"]}
        queues = {
            queue["name"]: {"durable": queue["durable"], "auto_delete": queue["auto_delete"],
                            "arguments": queue["arguments"]}
            for queue in all_queues if queue["name"] not in own
        }
        bindings = {
            (binding["source"], binding["destination"], binding["routing_key"])
            for binding in self._get("bindings") if binding["source"] and binding["destination"] not in own
        }
        present = [ladder for ladder in self.ladders if set(ladder) <= set(queues)]
        self.report.expect(present, "the retry queues of one setting of FAST_RETRY are there")
        documented = self._documented(present)
        for kind, actual, expected in zip(("exchange", "queue"), (exchanges, queues), documented):
            for name in sorted(set(actual) | set(expected)):
                if self.report.expect(name in expected, f"{kind} {name} is in the document") and self.report.expect(
                        name in actual, f"{kind} {name} exists"):
                    self.report.equal(actual[name], expected[name], f"{kind} {name}")
        for binding in sorted(bindings | documented[2]):
            what = f"binding of {binding[0]} to {binding[1]} by '{binding[2]}'"
            if self.report.expect(binding in documented[2], f"{what} is in the document"):
                self.report.expect(binding in bindings, f"{what} exists")

    def _documented(self, ladders) -> tuple:
        exchanges, queues, bindings = {}, {}, set()
        for channel in self.channels.values():
            amqp = channel.get("bindings", {}).get("amqp", {})
            # A channel with delays stands for one queue a delay.
            delays = [delay for ladder in ladders for delay in ladder.items()] if "x-delays" in channel else [(None, 0)]
            for name, milliseconds in delays:
                blanks = {"{milliseconds}": milliseconds, channel["address"]: name} if name else {}

                def fill(text, blanks=blanks):
                    return blanks.get(text, text)

                exchange = amqp.get("exchange") or channel.get("x-exchange")
                if exchange:
                    exchanges[fill(exchange["name"])] = {"type": exchange["type"], "durable": exchange["durable"],
                                                         "auto_delete": exchange["autoDelete"], "arguments": {}}
                if "queue" in amqp:
                    queue = fill(amqp["queue"]["name"])
                    arguments = {key: fill(value) for key, value in channel["x-queue"]["arguments"].items()}
                    queues[queue] = {"durable": amqp["queue"]["durable"], "auto_delete": amqp["queue"]["autoDelete"],
                                     "arguments": arguments}
                    for binding in channel["x-queue"]["bindings"]:
                        bindings.update((fill(binding["exchange"]), queue, key) for key in binding["routingKeys"])
        return exchanges, queues, bindings

    def _get(self, what: str) -> list:
        url = urllib.parse.urlsplit(self.admin_url)
        user = urllib.parse.unquote(url.username or self.parameters.credentials.username)
        password = urllib.parse.unquote(url.password or self.parameters.credentials.password)
        host = url.netloc.rpartition("@")[2]
        vhost = urllib.parse.quote(self.parameters.virtual_host, safe="")
        request = urllib.request.Request(f"{url.scheme}://{host}{url.path}/api/{what}/{vhost}")
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


class _Listener:
    """Publishes, and validates all that the services send: to the exchanges, and in answer."""

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
            for channel, binding in amqp if "exchange" in binding for message in channel["messages"].values()
        }
        self.seen: dict = {}
        self.answers: dict = {}
        self.letters: dict = {}
        self.outcomes: dict = {}
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
        self.channel.basic_publish("bookings", routing_key, _bytes(body), properties, mandatory=True)
        return token

    def wait(self, found, what):
        """What `found` returns once it is something."""
        end = time.monotonic() + self.timeout
        while True:
            result = found()
            if result is not None:
                return result
            if time.monotonic() > end:
                raise _Silence(what)
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
        what, answer = f"answer to {question}", _json(body)
        self.report.equal(method.exchange, "", f"{what} comes through the default exchange")
        if self.report.expect(question, "an answer's correlation_id is that of a question"):
            self.report.equal(properties.type, f"{question}.answer", f"{what}: type")
            self._validate(answer, properties, f"{question}.answer", "answer", what)
            self._see(f"{question}.answer", answer)
        self.answers[properties.correlation_id] = answer

    def _event(self, _channel, method, properties, body) -> None:
        if method.exchange == "dead-letters":
            self._dead_letter(method, properties, body)
        elif method.routing_key in COMMANDS or method.routing_key.startswith("query."):
            pass  # Ours.
        else:
            name, what, event = method.routing_key, f"message {method.routing_key} on {method.exchange}", _json(body)
            if not self.report.equal(self.exchange_of.get(name), method.exchange, f"{what} belongs there"):
                return
            self.report.equal(properties.type, name, f"{what}: type")
            if name == "quote.fared":
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


class _Scenario:
    """What is sent, and what must come of it."""

    def __init__(self, contract, report, listener):
        self.contract, self.report, self.listener = contract, report, listener
        self.run_id = secrets.token_hex(4)
        self.booking = contract.files["examples/booking.request.minimal.json"]

    def run(self) -> None:
        self._examples()
        self._invalid_examples()
        self._rejections()
        self._twins()
        self._refusals()
        self._dead_letters()
        self.listener.settle(1)
        self._everything_was_seen()

    # --- the parts

    def _examples(self) -> None:
        """Every example of a command and a query, in an order in which each succeeds."""
        for name in ("destination.set", "flight.schedule"):
            for path, body in self.contract.examples(name).items():
                self._expect(name, body, path, ok=True)
        for path, body in self.contract.examples("booking.request").items():
            answer = self._expect("booking.request", body, path, status="confirmed")
            if answer:
                self._outcome("booking.confirmed", answer, path)
        queries = [name for name in self.contract.schema_names if re.fullmatch(r"query\.\w+", name)]
        for name in queries:
            for path, body in self.contract.examples(name).items():
                answer = self._ask(name, body, path)
                self.report.expect(answer and "ok" not in answer, f"{path} is answered", answer)
        for path, body in self.contract.examples("booking.cancel").items():
            self._expect("booking.cancel", body, path, ok=True)
            answer = self._expect("query.booking", body, path, status="cancelled")
            if answer:
                self._outcome("booking.cancelled", answer, path)
            self._expect("booking.cancel", body, f"{path}, again", ok=True)

    def _invalid_examples(self) -> None:
        for path, entry in self.contract.invalid_examples().items():
            body = entry["body"]
            if "dead_letter" in entry:
                self._dead_letter("booking.request", body, path, entry["dead_letter"], "booking-intake.requests")
                continue
            answer = self._expect(
                "booking.request", {**body, "request_id": self._name(path.rsplit("/", 1)[1])}, path, status="rejected",
                reason="invalid_request")
            if answer:
                fields = [problem["field"] for problem in answer.get("problems", [])]
                self.report.equal(fields, entry["problems"], f"{path}: problems")
                self.report.expect(not set(fields) & set(answer), f"{path}: invalid fields are left out", answer)
                self._outcome("booking.rejected", answer, path)

    def _rejections(self) -> None:
        flights = {"full": self._departure(1), "departed": self._departure(-1)}
        for label, departs_at in flights.items():
            self._expect("flight.schedule", {"flight_id": self._name(label), "destination": "Cali",
                                             "departs_at": departs_at, "seats": 0}, f"flight {label}", ok=True)
        past = self._departure(-1)
        for reason, change in {
            "expired": {"expires_at": past},
            "unknown_destination": {"destination": "Macondo"},
            "unknown_flight": {"flight_id": self._name("none")},
            "wrong_destination": {"flight_id": self._name("full")},
            "flight_departed": {"destination": "Cali", "flight_id": self._name("departed")},
            "flight_full": {"destination": "Cali", "flight_id": self._name("full")},
        }.items():
            request = {**self.booking, **change, "request_id": self._name(reason)}
            answer = self._expect("booking.request", request, reason, status="rejected", reason=reason)
            if answer:
                self._outcome("booking.rejected", answer, reason)

    def _twins(self) -> None:
        request = {**self.booking, "request_id": self._name("twin"), "email": f"{self.run_id}.twin@example.com"}
        first = self._expect("booking.request", request, "twin", status="confirmed")
        self.report.equal(self._ask("booking.request", request, "twin"), first, "a twin is answered with the booking")
        self._expect("booking.request", {**request, "has_pet": True}, "a twin with other contents", ok=False,
                     code="request_id_reused")

    def _refusals(self) -> None:
        flight = {"flight_id": self._name("refused"), "destination": "Cali", "departs_at": self._departure(1),
                  "seats": 1, "revision": 5}
        self._expect("flight.schedule", flight, "a flight", ok=True)
        self._expect("flight.schedule", flight, "the same revision", ok=True, superseded=True)
        passenger = {**self.booking, "request_id": self._name("seated"), "destination": "Cali",
                     "flight_id": flight["flight_id"]}
        self._expect("booking.request", passenger, "a seat", status="confirmed")
        self._expect("query.flight", {"flight_id": flight["flight_id"]}, "a seat", seats=1, seats_taken=1)
        self._expect("flight.schedule", {**flight, "seats": 0, "revision": 6}, "fewer seats", ok=False,
                     code="seats_below_taken")
        self._expect("flight.schedule", {**flight, "destination": "Macondo", "revision": 6}, "elsewhere", ok=False,
                     code="unknown_destination")
        self._invalid("flight.schedule", {**flight, "flight_id": None, "seats": "1"}, "flight_id", "seats")
        fare = {"destination": self._name("Nuquí"), "base_fare": 1, "tax": 2, "pet_tax": 3, "revision": 2}
        self._expect("destination.set", fare, "a destination", ok=True)
        self._expect("destination.set", {**fare, "revision": 1}, "an older revision", ok=True, superseded=True)
        self._invalid("destination.set", {"destination": "", "base_fare": -1, "tax": 1.5, "revision": True},
                      "destination", "base_fare", "tax", "pet_tax", "revision")
        self._expect("booking.cancel", {"request_id": self._name("expired")}, "a rejected booking", ok=False,
                     code="not_confirmed")
        self._expect("booking.cancel", {"request_id": self._name("nobody")}, "no booking", ok=False, code="not_found")
        for query, body in {"booking": {"request_id": self._name("nobody")}, "destination": {"destination": "Macondo"},
                            "flight": {"flight_id": self._name("none")},
                            "customer": {"email": f"{self.run_id}@example.com"}}.items():
            self._expect(f"query.{query}", body, "nothing", ok=False, code="not_found")
        self._expect("query.quote", {"destination": "Macondo"}, "nowhere", ok=False, code="unknown_destination")
        self._invalid("query.booking", {"request_id": "a b"}, "request_id")
        self._invalid("query.destination", {}, "destination")
        self._invalid("query.flight", {"flight_id": 7}, "flight_id")
        self._invalid("query.customer", {"email": "@"}, "email")
        self._invalid("query.quote", {"has_pet": "no"}, "destination", "has_pet")
        self._invalid("query.report", {"from": "2026-11-31"}, "from")
        self._invalid("query.report", {"from": "2026-11-01"}, "to")

    def _dead_letters(self) -> None:
        requests, changes = "booking-intake.requests", "booking-intake.changes"
        usable = json.dumps({**self.booking, "request_id": self._name("large"), "padding": "x" * 65536}).encode()
        self._dead_letter("booking.request", usable, "more than 64 KiB", "too_large", requests)
        self._dead_letter("booking.request", b'{"request_id":"\xff"}', "no UTF-8", "not_utf8", requests)
        self._dead_letter("booking.request", [], "no object", "not_json_object", requests)
        self._dead_letter("booking.cancel", {}, "no request_id", "no_request_id", changes)
        self._dead_letter("destination.set", {"destination": "Cali"}, "nobody asks", "invalid_request", changes)
        self._dead_letter("flight.schedule", {}, "nobody asks", "invalid_request", changes)

    def _everything_was_seen(self) -> None:
        """Whether the checks above have met every message, reason and code of the document."""
        seen = self.listener.seen
        for message in self.contract.document["components"]["messages"].values():
            name = message["name"]
            if name.endswith(".answer") or self.contract.is_event(name):
                self.report.expect(name in seen, f"a {name} was seen")
        reasons = self.contract.files["schemas/booking.rejected.json"]["properties"]["reason"]["enum"]
        self.report.equal(set(reasons) - seen.get("booking.rejected", set()), set(), "reasons that were not seen")
        codes = self.contract.files["schemas/common.json"]["$defs"]["code"]["enum"]
        self.report.equal(set(codes) - set().union(*seen.values()), set(), "codes that were not seen")

    # --- their steps

    def _ask(self, name, body, what):
        return self.listener.ask(name, self._fresh(body), what)

    def _expect(self, name, body, what, **fields):
        """Asks, and expects these fields in the answer; the answer where it has them."""
        answer = self._ask(name, body, what)
        actual = {field: answer.get(field) for field in fields}
        return answer if self.report.equal(actual, fields, f"{what}: answer to {name}") else None

    def _invalid(self, name, body, *fields) -> None:
        answer = self._expect(name, body, "invalid", ok=False, code="invalid_request")
        if answer:
            self.report.equal([problem["field"] for problem in answer["problems"]], list(fields), f"problems of {name}")

    def _outcome(self, event, booking, what) -> None:
        """Expects the event of which an answer told, with the same contents."""
        body = self.listener.wait(lambda: self.listener.outcomes.get(booking["event_id"]), f"{what}: {event}")
        self.report.equal(_json(body), booking, f"{what}: {event} is what the answer told")
        self.report.equal(booking["event"], event, f"{what}: event")

    def _dead_letter(self, name, body, what, reason, queue) -> None:
        """Sends what nobody can answer, and expects it whole among the dead letters."""
        token = self.listener.publish(name, body, answered=False)
        headers, kept = self.listener.wait(lambda: self.listener.letters.get(token), f"{what}: a dead letter")
        self.report.expect(kept == _bytes(body), f"{what}: the body is whole")
        actual = {key: headers.get(f"caramelo-{key}") for key in ("reason", "queue", "exchange", "routing-key")}
        expected = {"reason": reason, "queue": queue, "exchange": "bookings", "routing-key": name}
        self.report.equal(actual, expected, f"{what}: headers")

    # --- names of this run

    def _name(self, label) -> str:
        return f"{self.run_id}.{label}"

    def _fresh(self, body):
        """A body with ids and an address of this run, where they are usable; those that are of it already stay."""
        fresh = dict(body) if isinstance(body, dict) else body
        for field in ("request_id", "flight_id"):
            value = fresh.get(field)
            if isinstance(value, str) and re.fullmatch(r"[\w.-]+", value) and not value.startswith(self.run_id):
                fresh[field] = self._name(value)
        email = fresh.get("email")
        if isinstance(email, str) and re.fullmatch(r"\s*[\w.]{1,64}@[\w.]+\s*", email) and self.run_id not in email:
            fresh["email"] = re.sub(r"^\s*", rf"\g<0>{self.run_id}.", email)
        return fresh

    @staticmethod
    def _departure(days) -> str:
        then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
        return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def _bytes(body) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


def _json(body: bytes):
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
