"""helm/caramelo/files/definitions.json: the broker's users with the least permissions, and the topology they use.

Made of the published contract (Shared/AsyncAPI) and of helm/caramelo/files/services.yaml.
"""

import json
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = ROOT / "helm" / "caramelo" / "files" / "definitions.json"
SERVICES = yaml.safe_load((ROOT / "helm/caramelo/files/services.yaml").read_text(encoding="utf-8"))
ASYNCAPI = ROOT / "Shared" / "AsyncAPI"
NOTHING = "^$"

# Who is no service. They wait for answers in queues of their own, whose names the broker makes (amq.gen-…), or in
# amq.rabbitmq.reply-to, for which nobody needs a permission.
UPSTREAM_KEYS = r"^(booking\.(request|cancel)|query\.[a-z]+)$"
OPERATOR_KEYS = r"^(booking\.(request|cancel)|destination\.set|flight\.schedule|query\.[a-z]+|dead-letter\.[a-z]+)$"
OWN_QUEUE = r"^amq\.gen-.*$"


def load(name: str) -> dict:
    return yaml.safe_load((ASYNCAPI / name).read_text(encoding="utf-8"))


def pattern(names) -> str:
    """A regular expression of exactly these names, in which * stands for anything."""
    alternatives = [re.escape(name).replace(r"\*", ".*").replace(r"\-", "-") for name in sorted(names)]
    return f"^({'|'.join(alternatives)})$" if alternatives else NOTHING


def topology() -> tuple:
    """Exchanges, queues, bindings of queues and of exchanges to others; which queues each service consumes, and makes."""
    exchanges, queues, bindings, consumed, made = {"bookings": "topic"}, {}, [], {}, {}
    guarded, sources = [], set()
    for channel in {**load("channels.yaml"), **load("queues.yaml")}.values():
        amqp = channel.get("bindings", {}).get("amqp", {})
        if "exchange" in amqp:
            name = amqp["exchange"]["name"]
            exchanges[name] = amqp["exchange"]["type"]
            sources.update((source, name) for source in channel.get("x-bound-to", []))
        if amqp.get("is") != "queue":
            continue
        facts = channel["x-queue"]
        for name, milliseconds in instances(channel):
            if "x-exchange" in channel:
                exchanges[name] = channel["x-exchange"]["type"]
            arguments = {key: milliseconds if value == "{milliseconds}" else value
                         for key, value in facts["arguments"].items()}
            queues[name] = arguments
            if facts.get("consumer"):
                consumed.setdefault(facts["consumer"], []).append(name)
            if "makes" in facts:
                made.setdefault(facts["consumer"], []).append(facts["makes"])
            for binding in facts["bindings"]:
                source = name if "x-exchange" in channel else binding["exchange"]
                bindings += [(source, name, key) for key in binding["routingKeys"]]
        if "queue" in channel.get("parameters", {}):
            guarded += channel["parameters"]["queue"]["enum"]
    for service, names in consumed.items():
        names += [f"{name}.quarantine" for name in names if name in guarded]
    return exchanges, queues, bindings, sources, consumed, made


def instances(channel: dict) -> list:
    """The queues that a channel stands for, each with its delay where it has one."""
    if "x-delays" in channel:
        return [(channel["address"].replace("{delay}", delay), milliseconds)
                for delay, milliseconds in channel["x-delays"]["FAST_RETRY=0"].items()]
    if "queue" in channel.get("parameters", {}):
        return [(channel["address"].replace("{queue}", queue), None)
                for queue in channel["parameters"]["queue"]["enum"]]
    return [(channel["address"], None)]


def definitions() -> dict:
    exchanges, queues, bindings, sources, consumed, made = topology()
    users, permissions, topics = [], [], []

    def user(name, configure, write, read, keys=None, tags=()):
        users.append({"name": name, "password_hash": "", "hashing_algorithm": "rabbit_password_hashing_sha256",
                      "tags": list(tags)})
        permissions.append({"user": name, "vhost": "/", "configure": configure, "write": write, "read": read})
        for exchange, allowed in (keys or {}).items():
            topics.append({"user": name, "vhost": "/", "exchange": exchange, "write": allowed, "read": NOTHING})

    for name, facts in SERVICES.items():
        exchanges_used = facts["exchanges"] + (["bookings"] if facts["publishes"] else [])
        own = [queue for queue in consumed[name] if not queue.endswith(".quarantine")]
        keys = {"bookings": pattern(facts["publishes"])} if facts["publishes"] else {}
        if "dead-letters" in own:
            # Who keeps the letters takes in those that its page is given.
            keys["dead-letters"] = ".*"
        elif "dead-letters" in facts["exchanges"]:
            keys["dead-letters"] = pattern(queue for queue in own if f"{queue}.quarantine" in queues)
        own_made = made.get(name, [])
        user(name, pattern(own_made), pattern(exchanges_used), pattern(consumed[name] + own_made), keys)
    user("upstream", OWN_QUEUE, pattern(["bookings"]), OWN_QUEUE, {"bookings": UPSTREAM_KEYS})
    # People with `bookings` and `dead-letter`: they change destinations and flights, watch, and work on what failed.
    user("operator", OWN_QUEUE, r"^(bookings|dead-letters|amq\.gen-.*)$",
         r"^(booking_notifications|amq\.gen-.*)$", {"bookings": OPERATOR_KEYS, "dead-letters": ".*"})
    # KEDA and Prometheus: the lengths of queues.
    user("monitor", NOTHING, NOTHING, NOTHING, tags=("monitoring",))
    durable = {"vhost": "/", "durable": True, "auto_delete": False}
    return {
        "vhosts": [{"name": "/"}],
        "users": users,
        "permissions": permissions,
        "topic_permissions": topics,
        "policies": policies(),
        "exchanges": [{"name": name, **durable, "type": kind, "internal": False, "arguments": {}}
                      for name, kind in sorted(exchanges.items())],
        "queues": [{"name": name, **durable, "arguments": arguments} for name, arguments in sorted(queues.items())],
        "bindings": [{"source": source, "vhost": "/", "destination": queue, "destination_type": "queue",
                      "routing_key": key, "arguments": {}} for source, queue, key in sorted(bindings)]
        + [{"source": source, "vhost": "/", "destination": exchange, "destination_type": "exchange",
            "routing_key": "", "arguments": {}} for source, exchange in sorted(sources)],
    }


def policies() -> list:
    """Limits where something may be refused or dropped: at the door, whose publishers send again what is refused, and of
    queries, which are asked again. Behind the door nothing is limited, so that what was let in can get through."""

    def policy(name, queues, definition):
        return {"vhost": "/", "name": name, "pattern": pattern(queues), "apply-to": "queues", "priority": 0,
                "definition": definition}

    return [
        policy("caramelo-door", ["booking-intake.requests"], {"max-length": 1_000_000, "overflow": "reject-publish"}),
        policy("caramelo-queries", ["booking-intake.queries", "pricing.quotes", "stats.queries", "dead-letter.operations"],
               {"max-length": 10_000, "overflow": "drop-head"}),
    ]


def text() -> str:
    """The file: a line an object."""
    parts = [f"  {json.dumps(name)}: [\n" + ",\n".join("    " + json.dumps(item) for item in items) + "\n  ]"
             for name, items in definitions().items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    sys.stdout.write(text())
