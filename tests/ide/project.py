"""A project with workloads, as features of an editor see it."""

from datetime import date
from pathlib import Path

from netpolc.ide.checker import Checker
from netpolc.ide.snapshot import Snapshot
from netpolc.io.edited_project import EditedProject
from netpolc.io.project import Request

TODAY = date(2026, 11, 27)
WORKLOADS = """apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  template:
    metadata: {labels: {app: api, tier: web}}
    spec: {containers: [{ports: [{containerPort: 8080, name: http}, {containerPort: 9090, name: metrics}]}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: postgres, namespace: shop}
spec:
  template:
    metadata: {labels: {app: postgres, role: primary}}
    spec: {containers: [{ports: [{containerPort: 5432, name: sql}]}]}
"""
FILES = {
    "netpolc.toml": 'sources = ["intents"]\nwith = ["given.yaml"]\n',
    "given.yaml": WORKLOADS,
    "intents/db.intent": """namespace shop {env=production}
default: deny ingress egress

service db = {app=postgres}

db <- api:5432
db <- observers:9187 because "OPS-1"
never db <- ns {env=dev}:22
""",
    "intents/cluster.intent": "cluster\ngroup observers = prometheus in ns monitoring\n",
    "intents/pay.intent": """namespace pay {env=dev}
default: deny ingress

wallet <- db in ns shop:80
""",
}


def snapshot(folder: Path, changed: dict[str, str] | None = None) -> Snapshot:
    """Write the project with some files changed, and return its state."""
    for name, text in {**FILES, **(changed or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
    project = EditedProject(Request(here=folder, today=TODAY, checking=True))
    return Snapshot(Checker(), project.read())
