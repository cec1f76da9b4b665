"""What is sent, and what must come of it."""

import datetime
import json
import re
import secrets

from listener import from_json, to_bytes


class Scenario:
    """Sends every example and provokes every answer, event and dead letter."""

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
        self._replay()
        self._letters_are_worked_on()
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
        self._dead_letter("booking.cancel", {}, "no request_id", "no_request_id", requests)
        self._dead_letter("destination.set", {"destination": "Cali"}, "nobody asks", "invalid_request", changes)
        self._dead_letter("flight.schedule", {}, "nobody asks", "invalid_request", changes)

    def _replay(self) -> None:
        """What passes between the services when figures are rebuilt, for figures that nobody has."""
        for name, asked in (("figures.settled", None), ("figures.checkpoint", None), ("booking.replayed", True),
                            ("candy.replayed", None)):
            if asked:
                self.listener.publish("figures.replay", {"generation": 1, "first": 0, "last": 0})
            self.listener.wait(lambda name=name: self.listener.between.get(name), f"a {name}")
    def _letters_are_worked_on(self) -> None:
        """Every operation on dead letters, and every way in which it is refused."""
        operator = {"by": "contract-check"}
        chosen = {"contains": self._name("large"), "queue": "booking-intake.requests"}
        page = self.listener.wait(lambda: self._page(chosen), "the dead letters")
        letter = {"id": page["letters"][0]["id"]}
        for name in ("list", "summary", "export"):
            for path, body in self.contract.examples(f"dead-letter.{name}").items():
                answer = self._ask(f"dead-letter.{name}", body, path)
                self.report.expect(answer and "ok" not in answer, f"{path} is answered", answer)
        self._expect("dead-letter.show", letter, "a letter", problems=[
            {"field": "body", "problem": page["letters"][0]["detail"]}])
        self._expect("dead-letter.show", {"id": "0" * 16}, "no letter", ok=False, code="not_found")
        self._invalid("dead-letter.show", {}, "id")
        self._expect("dead-letter.edit", {**letter, **operator, "body": "{}", "anyway": True}, "an edit", ok=True)
        self._expect("dead-letter.undo", {**letter, **operator}, "an edit", ok=True, letters=1)
        self._expect("dead-letter.undo", {**letter, **operator}, "nothing", ok=False, code="wrong_state")
        self._invalid("dead-letter.edit", {**letter, **operator, "body": "{}"}, "request_id")
        ids = {"ids": [letter["id"]]}
        self._expect("dead-letter.replay", {**ids, "dry_run": True}, "a dry run", letters=1)
        replay = self._expect("dead-letter.replay", {**ids, **operator}, "a replay", letters=1)
        self._invalid("dead-letter.replay", ids, "by")
        self._invalid("dead-letter.replay", operator, "body")
        if replay:
            named = {"replay": replay["replay"]}
            stopped = self.listener.wait(
                lambda: next((known for known in self._ask("dead-letter.replays", named, "a replay")["replays"]
                              if known["state"] == "stopped"), None), "the replay is stopped")
            self.report.equal(stopped["failed"], 1, "the letter failed again")
            self._expect("dead-letter.pause", {**named, **operator}, "a replay", state="stopped")
            self._expect("dead-letter.resume", {**named, **operator}, "a replay", state="finished")
            self._expect("dead-letter.resume", {**named, **operator}, "a finished one", ok=False, code="wrong_state")
        self._expect("dead-letter.pause", {"replay": "none", **operator}, "no replay", ok=False, code="not_found")
        done = self._expect("dead-letter.discard", {**ids, **operator, "why": "a check"}, "a discard", letters=1)
        if done:
            self._expect("dead-letter.undo", {"action": done["action"], **operator}, "a discard", letters=1)
        self._invalid("dead-letter.discard", {**ids, **operator}, "why")

    def _page(self, chosen):
        """The letters of a selection, once there are some."""
        answer = self._ask("dead-letter.list", chosen, "the letters")
        return answer if answer.get("letters") else None

    def _everything_was_seen(self) -> None:
        """Whether the checks above have met every message, reason and code of the document."""
        seen = self.listener.seen
        for message in self.contract.messages().values():
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
        self.report.equal(from_json(body), booking, f"{what}: {event} is what the answer told")
        self.report.equal(booking["event"], event, f"{what}: event")

    def _dead_letter(self, name, body, what, reason, queue) -> None:
        """Sends what nobody can answer, and expects it whole among the dead letters."""
        token = self.listener.publish(name, body, answered=False)
        headers, kept = self.listener.wait(lambda: self.listener.letters.get(token), f"{what}: a dead letter")
        self.report.expect(kept == to_bytes(body), f"{what}: the body is whole")
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
