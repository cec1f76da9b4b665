"""k8s/, which is made of the chart: its generated files, and whether an overlay is what the chart would install."""

import pathlib
import shutil
import subprocess

import yaml

import chart

FOLDER = chart.ROOT / "k8s"
SERVERS = {"rabbitmq", "postgresql", "redis"}
# A server's address by Secret in both: so the services are the same, whosever the servers are.
BY_SECRET = {
    "rabbitmq": {"bundled": False, "urlSecret": "caramelo-rabbitmq"},
    "postgresql": {"bundled": False, "urlSecret": "caramelo-postgresql"},
    "redis": {"bundled": False, "urlSecret": "caramelo-redis"},
}
DEV = {
    **{name: {**values, "bundled": True} for name, values in BY_SECRET.items()},
    "bundledSecret": "caramelo-bundled",
    "defaults": {"replicas": 1},
}
PRODUCTION_FILE = chart.CHART / "values-production.yaml"


def overlays() -> dict:
    """What the chart would install, by overlay."""
    return {"dev": _objects(values=DEV), "production": _objects(PRODUCTION_FILE)}


def generated() -> dict:
    """The files of k8s/ that are made of the chart, by path."""
    base = [found for found in _objects(values=BY_SECRET) if found["kind"] != "NetworkPolicy"]
    of_base = {chart.key(found) for found in base}
    files = {"base/services.yaml": base}
    for overlay, objects in overlays().items():
        policies = [found for found in objects if found["kind"] == "NetworkPolicy"]
        rest = [found for found in objects if found not in policies and chart.key(found) not in of_base]
        files[f"{overlay}/networkpolicies.yaml"] = policies
        files[f"{overlay}/{'servers' if overlay == 'dev' else 'operation'}.yaml"] = rest
    title = "Made of helm/caramelo by Tests/Chart/check --write; change the chart."
    return {FOLDER / path: chart.dump(objects, title) for path, objects in files.items()}


def build(overlay: str) -> list | None:
    """The objects that kustomize makes of an overlay; None where there is no kubectl."""
    if not shutil.which("kubectl"):
        return None
    done = subprocess.run(["kubectl", "kustomize", str(FOLDER / overlay)], capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise ValueError(done.stderr.strip())
    return [found for found in yaml.load_all(done.stdout, yaml.CSafeLoader) if found]


def comparable(objects: list) -> dict:
    """Objects by key, without what has no meaning: the order of variables, and passwords for trying out."""
    result = {}
    for found in objects:
        if found["kind"] == "Secret":
            continue
        for container in found.get("spec", {}).get("template", {}).get("spec", {}).get("containers", []):
            container.get("env", []).sort(key=lambda variable: variable["name"])
        result[chart.key(found)] = found
    return result


def difference(actual, expected, path: str = "") -> str:
    """Where two objects first differ, for people; empty where they don't."""
    if isinstance(actual, dict) and isinstance(expected, dict):
        pairs = [(f"{path}.{name}", actual.get(name), expected.get(name)) for name in {**expected, **actual}]
    elif isinstance(actual, list) and isinstance(expected, list) and len(actual) == len(expected):
        pairs = [(f"{path}[{index}]", *pair) for index, pair in enumerate(zip(actual, expected))]
    else:
        return "" if actual == expected else f"{path.lstrip('.')}: {actual!r}, by the chart {expected!r}"[:500]
    return next(filter(None, (difference(mine, theirs, name) for name, mine, theirs in pairs)), "")


def _objects(*files: pathlib.Path, values: dict | None = None) -> list:
    """The chart's objects without what is Helm's own: tests, and labels that name it."""
    objects = []
    for found in chart.render(*files, values=values):
        labels = found["metadata"]["labels"]
        if labels.get("app.kubernetes.io/component") == "test":
            continue
        _forget_helm(found)
        objects.append(found)
    return objects


def _forget_helm(node) -> None:
    if isinstance(node, dict):
        labels = node.get("labels")
        if isinstance(labels, dict) and labels.pop("helm.sh/chart", None):
            labels.pop("app.kubernetes.io/managed-by")
        for value in node.values():
            _forget_helm(value)
    elif isinstance(node, list):
        for value in node:
            _forget_helm(value)
