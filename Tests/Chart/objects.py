"""Checks of the rendered objects."""

import json
import os
import pathlib
import subprocess
import tempfile

import helm_python
import kubernetes_validate
import yaml

import chart
import definitions
import kustomize

HERE = pathlib.Path(__file__).resolve().parent
CASES = sorted((HERE / "cases").glob("*.yaml"))
KUBERNETES = ["1.29", "1.32"]

# Values that must be refused, and a word of why.
REFUSED = [
    ({"imag": {"tag": "1"}}, "imag"),
    ({"services": {"pricng": {}}}, "pricng"),
    ({"services": {"pricing": {"replica": 2}}}, "replica"),
    ({"defaults": {"replicas": "two"}}, "replicas"),
    ({"defaults": {"env": {"AMQP_URL": "amqp://me:secret@host/"}}}, "AMQP_URL"),
    ({"defaults": {"env": {"log_level": "debug"}}}, "log_level"),
    ({"defaults": {"terminationGracePeriodSeconds": 10}}, "terminationGracePeriodSeconds"),
    ({"defaults": {"autoscaling": {"type": "keta"}}}, "autoscaling"),
    ({"defaults": {"autoscaling": {"min": 0}}}, "min"),
    ({"image": {"digest": "sha256:1"}}, "digest"),
    ({"networkPolicy": {"metricsFrom": [{"namespaceSelect": {}}]}}, "namespaceSelect"),
    ({"rabbitmq": {"bundled": False}}, "rabbitmq.urlSecret"),
    ({"postgresql": {"bundled": False}}, "postgresql.urlSecret"),
    ({"redis": {"bundled": False}}, "redis.urlSecret"),
    ({"redis": {"tls": {"host": "redis.example.com", "image": "stunnel:1"}}}, "redis.bundled"),
    ({"redis": {"bundled": False, "urlSecret": "r", "tls": {"host": "redis.example.com"}}}, "redis.tls.image"),
    ({"smtp": {"urlSecret": "mail"}}, "smtp.from"),
    ({"tracing": {"endpoint": "https://collector:4318"}}, "endpoint"),
    ({"tracing": {"ratio": 5}}, "ratio"),
    ({"defaults": {"env": {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}}}, "OTEL_EXPORTER_OTLP_ENDPOINT"),
    ({"deadLetterIngress": {"enabled": True}, "deadLetterPage": {"tokenSecret": "page"}}, "deadLetterIngress.host"),
    ({"deadLetterIngress": {"enabled": True, "host": "letters.example.com"}}, "deadLetterPage.tokenSecret"),
]


def check(report, write: bool) -> None:
    report.heading("the chart is well formed")
    result = helm_python.lint(str(chart.CHART), {}, strict=True, namespace=chart.NAMESPACE)
    for message in result["messages"]:
        # An icon is all that Helm asks for beyond what is there.
        report.expect(message["severity"] < 2 or "icon" in message["error"], message["path"], message["error"])
    report.expect(not result["errors"], "helm lint", result["errors"])
    report.expect("helm test caramelo" in chart.notes({}), "its notes say how to try it")

    report.heading("wrong values are refused")
    for values, word in REFUSED:
        try:
            chart.render(values=values)
            report.expect(False, json.dumps(values), "accepted")
        except helm_python.HelmError as error:
            report.expect(word in str(error), json.dumps(values), f"refused without a word of {word}: {error}")

    renders = {case.stem: chart.render(case) for case in CASES}
    report.heading("it renders as before (Tests/Chart/check --write, then look at the difference)")
    for name, objects in renders.items():
        title = f"The chart with Tests/Chart/cases/{name}.yaml, as it should be rendered."
        _same(report, write, HERE / "golden" / f"{name}.yaml", chart.dump(objects, title))
    for path, text in kustomize.generated().items():
        _same(report, write, path, text)
    _same(report, write, definitions.FILE, definitions.text())

    report.heading("k8s/ is what the chart installs")
    overlays = kustomize.overlays()
    for overlay, objects in overlays.items():
        built = kustomize.build(overlay)
        if built is None:
            print("    not compared: there is no kubectl")
            break
        actual, expected = kustomize.comparable(built), kustomize.comparable(objects)
        for key in sorted(set(actual) | set(expected)):
            different = kustomize.difference(actual.get(key), expected.get(key))
            report.expect(not different, f"{overlay}: {' '.join(key)}", different)

    report.heading("every object fits Kubernetes' schemas")
    for name, objects in {**renders, **overlays}.items():
        for found in objects:
            if "." in found["apiVersion"].partition("/")[0] and not found["apiVersion"].partition("/")[0].endswith("k8s.io"):
                continue
            for version in KUBERNETES:
                try:
                    kubernetes_validate.validate(found, version, strict=True)
                    report.expect(True, f"{name}: {' '.join(chart.key(found))}")
                except kubernetes_validate.ValidationError as error:
                    report.expect(False, f"{name}: {' '.join(chart.key(found))} in {version}", error.message)

    report.heading("the chart knows the services as they are")
    consumed = definitions.topology()[4]
    report.equal(set(definitions.SERVICES), set(consumed), "the services of helm/caramelo/files/services.yaml")
    for name, facts in definitions.SERVICES.items():
        report.expect(set(facts["queues"]) <= set(consumed.get(name, [])), f"the queues of {name}", facts["queues"])


def check_policies(report, checkov: pathlib.Path) -> None:
    """Checks by checkov; what is not followed is in checkov.yaml or at the object, with its reason."""
    report.heading("every object follows the policies")
    for name, objects in {**{case.stem: chart.render(case) for case in CASES}, **kustomize.overlays()}.items():
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / f"{name}.yaml"
            file.write_text(yaml.safe_dump_all(objects), encoding="utf-8")
            done = subprocess.run([checkov, "-f", file, "--config-file", HERE / "checkov.yaml", "-o", "json"],
                                  capture_output=True, text=True, timeout=300, env={**os.environ, "LOG_LEVEL": "ERROR"})
            result = json.loads(done.stdout)
            report.expect(result["summary"]["passed"] > 100, f"{name} is judged", result["summary"])
            for failed in result["results"]["failed_checks"]:
                report.expect(False, f"{name}: {failed['resource']}", f"{failed['check_id']} {failed['check_name']}")


def _same(report, write: bool, path: pathlib.Path, text: str) -> None:
    """Compares a file with what it should be, or writes it."""
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    name = path.relative_to(chart.ROOT)
    actual = path.read_text(encoding="utf-8") if path.exists() else ""
    different = next((f"line {number}: {old!r}, now {new!r}" for number, (old, new) in
                      enumerate(zip([*actual.splitlines(), "(end)"], [*text.splitlines(), "(end)"]), 1) if old != new), "")
    report.expect(actual == text, str(name), different)
