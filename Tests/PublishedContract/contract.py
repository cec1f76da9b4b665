"""The AsyncAPI document, its schemas and its examples."""

import datetime
import json
import pathlib
import re

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "Shared" / "AsyncAPI"
CHANNEL_FILES = ("channels.yaml", "queues.yaml")
MESSAGE_FILES = ("requests.yaml", "answers.yaml", "events.yaml")
# Beside a $ref stands nothing that checks: draft 07 ignores it, draft 2020-12 does not.
ANNOTATIONS = {"$ref", "title", "description", "default"}


class _Loader(yaml.SafeLoader):
    """YAML in which a key that occurs twice is an error."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"twice: {twice}", node.start_mark)
        return super().construct_mapping(node, deep)


class Contract:
    """Everything published, read once."""

    def __init__(self, document: dict, files: dict):
        self.document = document
        self.files = files
        names = {path.removeprefix("schemas/").removesuffix(".json") for path in files if path.startswith("schemas/")}
        self.schema_names = sorted(names)
        self._validators: dict = {}

    @staticmethod
    def load(report):
        """Reads all files; None where one of them can't be."""
        report.heading("files can be read")
        files, failures = {}, report.failures
        for path in sorted(FOLDER.rglob("*")):
            name = path.relative_to(FOLDER).as_posix()
            if path.is_dir():
                continue
            try:
                text = path.read_text(encoding="utf-8")
                files[name] = yaml.load(text, _Loader) if path.suffix == ".yaml" else json.loads(text)
                report.expect(True, name)
            except (ValueError, yaml.YAMLError) as error:
                report.expect(False, name, error)
        for name in ("asyncapi.yaml", *CHANNEL_FILES, *MESSAGE_FILES):
            report.expect(name in files, f"there is {name}")
        return Contract(files["asyncapi.yaml"], files) if report.failures == failures else None

    # --- references

    def resolve(self, reference: str, base: str):
        """What a $ref in file `base` points to, and the file it is in. Throws LookupError where there is nothing."""
        path, _, pointer = reference.partition("#")
        file = (pathlib.PurePosixPath(base).parent / path).as_posix() if path else base
        if file not in self.files:
            raise LookupError(f"there is no {file}")
        target = self.files[file]
        for part in pointer.split("/")[1:]:
            part = part.replace("~1", "/").replace("~0", "~")
            # The way may lead through other references.
            while isinstance(target, dict) and isinstance(target.get("$ref"), str):
                target, file = self.resolve(target["$ref"], file)
            if not isinstance(target, dict) or part not in target:
                raise LookupError(f"there is no {pointer} in {file}")
            target = target[part]
        return target, file

    def inlined(self, node, base: str, seen=()):
        """The node with every $ref replaced by what it points to."""
        if isinstance(node, list):
            return [self.inlined(item, base, seen) for item in node]
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str):
            target, file = self.resolve(node["$ref"], base)
            if (file, node["$ref"]) in seen:
                raise LookupError(f"{node['$ref']} contains itself")
            return self.inlined(target, file, seen + ((file, node["$ref"]),))
        return {key: self.inlined(value, base, seen) for key, value in node.items()}

    # --- schemas

    def validator(self, reference: str, strict: bool = False):
        """Checks against a schema, such as `booking.request` or `properties#/$defs/event`; strictly: no field more."""
        key = (reference, strict)
        if key not in self._validators:
            name, _, pointer = reference.partition("#")
            schema = self.inlined({"$ref": f"schemas/{name}.json#{pointer}"}, "asyncapi.yaml")
            # A part of a file is no resource of its own.
            schema = {key: value for key, value in (_closed(schema) if strict else schema).items() if key != "$id"}
            self._validators[key] = _Validator(schema, format_checker=_formats)
        return self._validators[key]

    def errors(self, body, reference: str, strict: bool = False) -> list:
        """What is wrong with a body, in lines."""
        found = self.validator(reference, strict).iter_errors(body)
        return ["; ".join(_describe(error)) for error in sorted(found, key=lambda error: list(map(str, error.path)))]

    def problem_fields(self, body: dict, reference: str) -> list:
        """The fields that break a rule, in the order of the schema."""
        schema, fields = self.inlined({"$ref": f"schemas/{reference}.json"}, "asyncapi.yaml"), set()
        for error in self.validator(reference).iter_errors(body):
            if error.path:
                fields.add(error.path[0])
            elif error.validator == "required":
                fields.update(name for name in error.validator_value if name not in body)
            else:
                fields.add(error.message)
        return sorted(fields, key=lambda field: (list(schema["properties"]) + sorted(fields)).index(field))

    def is_event(self, name: str) -> bool:
        """Whether this message is an event: it carries its name."""
        return "event" in self.files.get(f"schemas/{name}.json", {}).get("properties", {})

    # --- examples

    def examples(self, name: str = "") -> dict:
        """Valid example bodies by file name, all or those of one message."""
        bodies = {path: body for path, body in self.files.items() if re.fullmatch(r"examples/[^/]+\.json", path)}
        return {path: body for path, body in bodies.items() if not name or self.schema_of(path) == name}

    def invalid_examples(self) -> dict:
        """Bodies of booking.request that break a rule, with the fields that do, by file name."""
        return {path: entry for path, entry in self.files.items() if path.startswith("examples/invalid/")}

    def schema_of(self, example: str) -> str:
        """The schema that an example belongs to; empty where there is none."""
        stem = pathlib.PurePosixPath(example).name
        return max((name for name in self.schema_names if stem.startswith(name + ".")), key=len, default="")

    # --- channels and messages

    def channels(self) -> dict:
        """Channels with their references resolved."""
        return {name: self.inlined(channel, "asyncapi.yaml") for name, channel in self.document["channels"].items()}

    def messages(self) -> dict:
        """Messages by the reference to them in a channel, with their own references."""
        return {f"{file}#/{name}": message for file in MESSAGE_FILES for name, message in self.files[file].items()}

    def ladders(self) -> list:
        """The retry queues' names with their milliseconds, one table for each setting of FAST_RETRY."""
        return [
            {channel["address"].replace("{delay}", delay): milliseconds for delay, milliseconds in table.items()}
            for channel in self.channels().values()
            for table in channel.get("x-delays", {}).values()
        ]


def _closed(schema):
    """The schema without room for fields that it does not list."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if closed.get("type") == "object" and "properties" in closed:
        closed["additionalProperties"] = False
    return closed


def _describe(error) -> list:
    """An error in words; of alternatives, what is wrong with the one that comes nearest."""
    if error.context:
        branches: dict = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        nearest = min(branches.values(), key=len)
        return [text for inner in nearest for text in _describe(inner)]
    where = "/".join(map(str, error.absolute_path))
    return [f"{where or 'body'}: {error.message[:300]}"]


def _pattern(validator, pattern, instance, schema):
    """As the library's, but `$` is the very end and not before a last line feed, as in other languages."""
    if validator.is_type(instance, "string") and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


_Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _pattern})
_formats = jsonschema.FormatChecker(formats=())


@_formats.checks("date", raises=ValueError)
def _is_date(value) -> bool:
    if isinstance(value, str):
        year, month, day = map(int, value.split("-"))
        datetime.date(year or 2000, month, day)  # Python begins with the year 1; 0 is a leap year, too.
    return True


@_formats.checks("date-time", raises=ValueError)
def _is_time(value) -> bool:
    return not isinstance(value, str) or _is_date(value[:10])
