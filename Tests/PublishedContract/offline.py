"""Checks that need nothing but the files."""

import re

import jsonschema

from contract import ANNOTATIONS, CHANNEL_FILES, ROOT

# The fields of AsyncAPI 3.0's objects, as far as the document uses them; `x-…` may stand anywhere.
FIELDS = {
    "document": "asyncapi info servers defaultContentType channels operations components",
    "info": "title version description license contact tags",
    "server": "host pathname protocol protocolVersion title summary description variables security",
    "channel": "address title summary description parameters messages bindings servers tags",
    "operation": "action channel title summary description messages bindings reply security tags",
    "reply": "address channel messages",
    "address": "location description",
    "correlation": "location description",
    "message": "name title summary description contentType correlationId headers payload bindings tags",
    "parameter": "description enum default examples location",
    "components": "messages correlationIds replyAddresses securitySchemes channelBindings operationBindings schemas",
    "channel binding": "is exchange queue bindingVersion",
    "exchange": "name type durable autoDelete vhost",
    "queue": "name durable exclusive autoDelete vhost",
    "operation binding": "expiration deliveryMode mandatory timestamp ack bindingVersion",
    "message binding": "contentEncoding messageType bindingVersion",
}
KEYWORDS = set(
    "$schema $id $defs $ref title description default type enum const minimum maximum minLength maxLength pattern "
    "format minItems items required properties additionalProperties allOf anyOf oneOf if then else".split()
)


def check(contract, report) -> None:
    for heading, part in (
        ("references resolve", _references),
        ("schemas are valid", _schemas),
        ("the document has AsyncAPI 3.0's structure", _structure),
        ("channels, exchanges and queues fit together", _channels),
        ("names are those of the code", _code),
        ("examples are valid", _examples),
        ("invalid examples are invalid in the expected fields", _invalid_examples),
    ):
        report.heading(heading)
        failures = report.failures
        try:
            part(contract, report)
        except (LookupError, TypeError, AttributeError) as error:
            report.expect(False, heading, f"something is missing or of another type: {error!r}")
        if report.failures > failures and part in (_references, _schemas, _structure):
            return  # What follows stands on these.


def _references(contract, report) -> None:
    used = set()
    for name, content in contract.files.items():
        if name.startswith("examples/"):
            continue
        for reference, siblings in _walk_references(content):
            try:
                used.add(contract.resolve(reference, name)[1])
                others = siblings - ANNOTATIONS
                report.expect(not others, f"{name}: {reference}", f"beside it stands {others}")
            except LookupError as error:
                report.expect(False, f"{name}: {reference}", error.args[0])
        try:
            contract.inlined(content, name)
        except LookupError as error:
            report.expect(False, name, error.args[0])
    for name in contract.files:
        if name.startswith("schemas/"):
            report.expect(name in used, f"{name} is used")


def _walk_references(node):
    if isinstance(node, list):
        for item in node:
            yield from _walk_references(item)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"], {key for key in node if not key.startswith("x-")}
        for value in node.values():
            yield from _walk_references(value)


def _schemas(contract, report) -> None:
    for name in contract.schema_names:
        schema = contract.files[f"schemas/{name}.json"]
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
            report.expect(True, f"{name} is valid")
        except jsonschema.SchemaError as error:
            report.expect(False, f"{name} is valid", error.message)
        report.equal(schema.get("$schema"), "https://json-schema.org/draft/2020-12/schema", f"$schema of {name}")
        report.equal(schema.get("$id"), f"https://caramelo.example/schemas/{name}.json", f"$id of {name}")
        report.expect(schema.get("title") and schema.get("description"), f"{name} has a title and a description")
        for place, keyword in _keywords(schema, name):
            report.expect(keyword in KEYWORDS, f"{place}/{keyword}", "an unknown keyword")
        for place, part in _subschemas(schema, name):
            fields, required = set(part.get("properties", {})), set(part.get("required", []))
            if part.get("type") == "object":
                report.expect(required <= fields, f"{place} describes what it requires", f"{required - fields}")
                report.expect("additionalProperties" in part, f"{place} says whether there may be more fields")


def _subschemas(schema, place):
    """The schema and all in it, each with its place."""
    if not isinstance(schema, dict):
        return
    yield place, schema
    for key in ("$defs", "properties"):
        for name, part in schema.get(key, {}).items():
            yield from _subschemas(part, f"{place}/{name}")
    for key in ("items", "additionalProperties", "if", "then", "else"):
        yield from _subschemas(schema.get(key), f"{place}/{key}")
    for key in ("allOf", "anyOf", "oneOf"):
        for index, part in enumerate(schema.get(key, [])):
            yield from _subschemas(part, f"{place}/{key}/{index}")


def _keywords(schema, place):
    for where, part in _subschemas(schema, place):
        for keyword in part:
            yield where, keyword


def _structure(contract, report) -> None:
    document = contract.document

    def fields(kind, node, place, *required):
        if not report.expect(isinstance(node, dict), f"{place} is an object"):
            return
        unknown = {key for key in node if not key.startswith("x-")} - set(FIELDS[kind].split())
        report.expect(not unknown, f"{place} has the fields of a {kind}", f"not {unknown}")
        for name in required:
            report.expect(node.get(name) is not None, f"{place} has {name}")

    fields("document", document, "the document", "info", "channels", "operations", "components")
    report.equal(document.get("asyncapi"), "3.0.0", "asyncapi")
    fields("info", document["info"], "info", "title", "version")
    fields("components", document["components"], "components")
    for name, server in document["servers"].items():
        fields("server", server, name, "host", "protocol")
        used = set(re.findall(r"{(\w+)}", server["host"] + server.get("pathname", "")))
        report.equal(used, set(server.get("variables", {})), f"variables of {name}")
    for name, channel in contract.channels().items():
        fields("channel", channel, name)
        report.expect("address" in channel, f"{name} has an address, or null")
        used = set(re.findall(r"{(\w+)}", channel["address"] or ""))
        report.equal(set(channel.get("parameters", {})), used, f"parameters of {name}")
        for parameter in channel.get("parameters", {}).values():
            fields("parameter", parameter, f"parameter of {name}")
        binding = channel.get("bindings", {}).get("amqp")
        if binding is None:
            report.expect(channel["address"] is None, f"{name} has an AMQP binding")
            continue
        kind = {"queue": "queue", "routingKey": "exchange"}.get(binding.get("is"))
        fields("channel binding", binding, f"binding of {name}", "is", "bindingVersion")
        if report.expect({"queue", "exchange"} & set(binding) == {kind}, f"{name} has its {kind} and nothing else"):
            fields(kind, binding[kind], f"{kind} of {name}", "name", "durable", "autoDelete")
    for name, message in contract.messages().items():
        fields("message", message, name, "name", "title", "headers", "x-amqp-properties")
        binding = message.get("bindings", {}).get("amqp")
        if binding:
            fields("message binding", binding, f"binding of {name}")
            report.equal(binding["messageType"], message["name"], f"messageType of {name}")
            report.equal(message.get("payload"), {"$ref": f"schemas/{message['name']}.json"}, f"payload of {name}")
    for name, operation in document["operations"].items():
        fields("operation", operation, name, "action", "channel", "messages", "bindings")
        report.expect(operation["action"] in ("send", "receive"), f"action of {name}")
        _operation_messages(contract, report, operation, name)
        binding = contract.inlined(operation["bindings"], "asyncapi.yaml")["amqp"]
        fields("operation binding", binding, f"binding of {name}", "bindingVersion")
        if "reply" in operation:
            fields("reply", operation["reply"], f"reply of {name}", "address", "channel", "messages")
            fields("address", contract.inlined(operation["reply"]["address"], "asyncapi.yaml"), f"address of {name}")
            _operation_messages(contract, report, operation["reply"], f"reply of {name}")


def _operation_messages(contract, report, operation, name) -> None:
    channel = operation["channel"]["$ref"]
    report.expect(re.fullmatch(r"#/channels/\w+", channel), f"{name} has a channel of the document")
    for message in operation["messages"]:
        reference = message["$ref"]
        report.expect(reference.startswith(channel + "/messages/"), f"{name}: {reference} is of its channel")


def _channels(contract, report) -> None:
    channels = contract.channels()
    exchanges = {name for channel in channels.values() for name in _exchanges_of(channel)}
    bound = {}
    for name, channel in channels.items():
        queue = channel.get("x-queue")
        if channel.get("bindings", {}).get("amqp", {}).get("is") == "queue":
            report.equal(channel["bindings"]["amqp"]["queue"]["name"], channel["address"], f"queue of {name}")
            report.expect(queue and "arguments" in queue, f"{name} has the arguments of its queue")
        for binding in queue["bindings"] if queue else []:
            report.expect(binding["exchange"] in exchanges, f"{name}: exchange {binding['exchange']} is described")
            for key in binding["routingKeys"]:
                bound.setdefault((binding["exchange"], key), set()).update(channel.get("messages", {}))
    keys = {(exchange["name"], channel["address"]): set(channel["messages"])
            for channel in channels.values()
            for exchange in [channel.get("bindings", {}).get("amqp", {}).get("exchange")]
            if exchange and exchange["type"] == "topic" and "{" not in channel["address"]}
    topics = {exchange for exchange, _ in keys}
    for (exchange, key), messages in bound.items():
        if exchange in topics and key not in ("", "#"):
            report.expect(keys.get((exchange, key), set()) <= messages and (exchange, key) in keys,
                          f"{exchange} carries {key} to a queue that expects it")
    operations = contract.document["operations"].values()
    used = {operation["channel"]["$ref"].rsplit("/", 1)[1] for operation in operations}
    for name, channel in channels.items():
        if "x-internal" not in channel and channel["address"] is not None:
            report.expect(name in used, f"{name} has an operation")
    files = {f"{file}#/{name}": channel for file in CHANNEL_FILES for name, channel in contract.files[file].items()}
    listed = {reference["$ref"]: name for name, reference in contract.document["channels"].items()}
    report.equal(listed, {reference: reference.rsplit("/", 1)[1] for reference in files}, "channels of the document")
    used = {message["$ref"] for channel in files.values() for message in channel.get("messages", {}).values()}
    for reference in contract.messages():
        report.expect(reference in used, f"message {reference} is in a channel")


def _exchanges_of(channel) -> list:
    exchange = channel.get("bindings", {}).get("amqp", {}).get("exchange") or channel.get("x-exchange")
    return [exchange["name"]] if exchange else []


def _code(contract, report) -> None:
    """The names that the services use, read from where they are defined."""
    def constants(file, enum):
        text = (ROOT / file).read_text(encoding="utf-8")
        bodies = re.findall(rf"(?:enum|extension) {enum}\b[^{{]*{{(.*?)\n}}", text, re.DOTALL)
        return {name for body in bodies for name in re.findall(r'static let \w+ = "([^"]+)"', body)}

    channels = contract.channels()
    names, runtime = "Shared/Contract/Names.swift", "Shared/Runtime/Topology.swift"
    exchanges = {name for channel in channels.values() for name in _exchanges_of(channel)} - {"retry.{delay}"}
    report.equal(exchanges, constants(names, "Exchange"), "exchanges")
    queues = {channel["address"] for channel in channels.values() if "x-queue" in channel and "{" not in channel["address"]}
    report.equal(queues, constants(runtime, "QueueName"), "queues")
    question = (ROOT / "Shared/Contract/DeadLetters/LetterQuestion.swift").read_text(encoding="utf-8")
    operations = re.search(r"enum LetterOperation\b[^{]*{(.*?)\n    ///[^\n]*\n    public var", question, re.DOTALL)
    letters = {f"dead-letter.{case}" for case in re.findall(r"case (\w+)", operations[1])}
    keys = constants(names, "RoutingKey") | constants(runtime, "RoutingKey") | letters
    types = {message["name"] for message in contract.messages().values()}
    report.equal({name for name in types if not name.endswith(".answer")} - {"dead.letter"}, keys, "routing keys")
    headers = constants("Shared/Runtime/RetryLadder.swift", "FailureHeader")
    described = set(contract.files["schemas/dead-letter.headers.json"]["properties"])
    report.equal(described, headers, "headers of dead letters")


def _examples(contract, report) -> None:
    for path, body in contract.examples().items():
        name = contract.schema_of(path)
        if report.expect(name, path, "it belongs to no schema"):
            # What is sent has the listed fields only; of what is received, unknown fields are ignored.
            strict = name.endswith(".answer") or contract.is_event(name)
            errors = contract.errors(body, name, strict)
            report.expect(not errors, path, "; ".join(errors))
    for name in contract.schema_names:
        if name not in ("common", "properties", "headers"):
            report.expect(len(contract.examples(name)) >= 2, f"{name} has two examples or more")


def _invalid_examples(contract, report) -> None:
    report.expect(contract.invalid_examples(), "there are some")
    for path, entry in contract.invalid_examples().items():
        report.equal(contract.problem_fields(entry["body"], "booking.request"), entry["problems"], path)
