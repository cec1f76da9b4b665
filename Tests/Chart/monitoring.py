"""Checks of rules and dashboards: they parse, they work, and their metrics exist."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile

import yaml

import chart

HERE = pathlib.Path(__file__).resolve().parent
ALERTS = chart.CHART / "files" / "alerts.yaml"
DASHBOARDS = sorted((chart.CHART / "files" / "dashboards").glob("*.json"))
RUNBOOK = chart.ROOT / "helm" / "README.md"
METRIC = re.compile(r"\b((?:caramelo|messaging|db)_[a-z_]+?)(?:_bucket|_sum|_count)?(?=[\s{\[)(]|$)")
INSTRUMENT = re.compile(r'(Counter|Gauge|Timer|observe)\(\s*(?:label: )?"([a-z._]+)"')
SUFFIX = {"Counter": "_total", "Gauge": "", "Timer": "_seconds", "observe": ""}
DESCRIPTIONS = chart.ROOT / "Shared" / "Runtime" / "MetricDescriptions.swift"
LABELS = {"messaging_destination_name", "db_system_name", "db_operation_name"}


def check(report) -> None:
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    queries = {f"alert {rule.get('alert') or rule['record']}": rule["expr"] for rule in rules}

    report.heading("dashboards are such as Grafana takes")
    uids = set()
    for path in DASHBOARDS:
        dashboard = json.loads(path.read_text(encoding="utf-8"))
        report.expect(dashboard["uid"] not in uids, f"{path.name} has a uid of its own")
        uids.add(dashboard["uid"])
        ids = [panel["id"] for panel in dashboard["panels"]]
        report.equal(len(ids), len(set(ids)), f"{path.name}: panels with ids of their own")
        for panel in dashboard["panels"]:
            report.expect(panel["title"] and panel["targets"], f"{path.name}: a title and queries", panel["id"])
            for target in panel["targets"]:
                queries[f"{path.stem}: {panel['title']}"] = target["expr"].replace("$__rate_interval", "1m")

    report.heading("every metric that is asked for exists")
    made = {
        (kind, label) for folder in ("Shared", "Services") for file in (chart.ROOT / folder).rglob("*.swift")
        for kind, label in INSTRUMENT.findall(file.read_text(encoding="utf-8"))
    }
    instruments = {label.replace(".", "_") + SUFFIX[kind] for kind, label in made}
    for what, query in queries.items():
        # Recorded names have colons.
        for name in METRIC.findall(re.sub(r"[a-z_]+:[a-z0-9_:]+", "", query)):
            report.expect(name in LABELS or name in instruments, f"{what}: {name}", "no instrument has this name")

    report.heading("every metric is described, and nothing else")
    described = set(re.findall(r'^        "([a-z._]+)":', DESCRIPTIONS.read_text(encoding="utf-8"), re.MULTILINE))
    report.equal(described, {label for _, label in made}, DESCRIPTIONS.name)

    told = (chart.ROOT / "Services" / "README.md").read_text(encoding="utf-8")
    for name in sorted(instruments):
        report.expect(f"`{name}`" in told, name, "Services/README.md does not tell of it")

    report.heading("every alert is in the runbook")
    headings = {re.sub(r"[^a-z0-9-]", "", line.strip("# \n").lower().replace(" ", "-"))
                for line in RUNBOOK.read_text(encoding="utf-8").splitlines() if line.startswith("#")}
    for rule in rules:
        if "alert" in rule:
            anchor = rule["annotations"]["runbook_url"].partition("#")[2]
            report.expect(anchor in headings, rule["alert"], f"helm/README.md has no #{anchor}")

    report.heading("rules and queries are right (promtool)")
    if not shutil.which("promtool"):
        print("    not checked: there is no promtool (Debian: apt-get install prometheus)")
        return
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "queries.yaml"
        file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": [
            {"record": "query:" + re.sub(r"[^a-z0-9]", "_", what.lower()), "expr": query}
            for what, query in queries.items()]}]}), encoding="utf-8")
        _promtool(report, "check", "rules", str(file))
    _promtool(report, "check", "rules", str(ALERTS))
    _promtool(report, "test", "rules", str(HERE / "alerts.test.yaml"))


def _promtool(report, *arguments: str) -> None:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=600)
    report.expect(done.returncode == 0, "promtool " + " ".join(arguments), done.stdout + done.stderr)
