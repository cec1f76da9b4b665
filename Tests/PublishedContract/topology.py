"""The document's topology beside the broker's, as its management API has it."""

import base64
import fnmatch
import json
import urllib.parse
import urllib.request


class Topology:
    """Compares exchanges, queues and bindings."""

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
        # Nor are those that a service makes as it needs them.
        made = [channel["x-queue"]["makes"] for channel in self.channels.values() if "makes" in channel.get("x-queue", {})]
        own |= {queue["name"] for queue in all_queues if any(fnmatch.fnmatch(queue["name"], name) for name in made)}
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
            # A channel with delays stands for one queue a delay, one with queues for one beside each of them.
            delays = [delay for ladder in ladders for delay in ladder.items()] if "x-delays" in channel else [(None, 0)]
            if "enum" in channel.get("parameters", {}).get("queue", {}):
                delays = [(channel["address"].replace("{queue}", queue), 0)
                          for queue in channel["parameters"]["queue"]["enum"]]
            for name, milliseconds in delays:
                blanks = {"{milliseconds}": milliseconds, channel["address"]: name} if name else {}

                def fill(text, blanks=blanks):
                    return blanks.get(text, text)

                exchange = amqp.get("exchange") or channel.get("x-exchange")
                if exchange:
                    exchanges[fill(exchange["name"])] = {"type": exchange["type"], "durable": exchange["durable"],
                                                         "auto_delete": exchange["autoDelete"], "arguments": {}}
                    bindings.update((source, exchange["name"], "") for source in channel.get("x-bound-to", []))
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
