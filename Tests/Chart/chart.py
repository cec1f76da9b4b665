"""The chart, rendered by Helm's own engine, and what is the same of it wherever it is rendered."""

import pathlib

import helm_python
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "caramelo"
NAMESPACE = "caramelo"


class _Dumper(yaml.SafeDumper):
    """Long texts as blocks, lists indented: as people write it."""

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)


def _text(dumper, value):
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def render(*files: pathlib.Path, values: dict | None = None) -> list:
    """The objects that a release `caramelo` with these values files, later ones winning, is made of.

    Throws helm_python.HelmError where Helm would refuse them.
    """
    merged: dict = {}
    for file in files:
        _merge(merged, yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    _merge(merged, values or {})
    with helm_python.Chart.load(str(CHART)) as chart:
        chart.validate_schema(merged)
        templates = chart.render(merged, name="caramelo", namespace=NAMESPACE)
    objects = []
    for name in sorted(templates):
        if name.endswith(".yaml"):
            objects += [found for found in yaml.load_all(templates[name], yaml.CSafeLoader) if found]
    return [_steady(found) for found in objects]


def notes(values: dict) -> str:
    """What people read after an installation."""
    with helm_python.Chart.load(str(CHART)) as chart:
        templates = chart.render(values, name="caramelo", namespace=NAMESPACE)
    return next(text for name, text in templates.items() if name.endswith("NOTES.txt"))


def dump(objects: list, title: str) -> str:
    """A file of objects."""
    return f"# {title}\n" + yaml.dump_all(
        objects, Dumper=_Dumper, sort_keys=False, explicit_start=True, width=10_000, allow_unicode=True)


def key(found: dict) -> tuple:
    """What identifies an object in a namespace."""
    return found["kind"], found["metadata"]["name"]


def _steady(found: dict) -> dict:
    """Without random passwords."""
    if found["kind"] == "Secret":
        found["data"] = {name: "c2VjcmV0" for name in found.get("data", {})}
    return found


def _merge(into: dict, values: dict) -> None:
    for name, value in values.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value
