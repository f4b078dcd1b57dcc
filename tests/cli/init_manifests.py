"""Manifests for the tests of `netpolc init`, and the lines that it proposes for them."""

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put

APART = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: shop}
spec:
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
      - name: c
        ports: [{containerPort: 5432}]
        env: ENV
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {selector: {app: db}, ports: [{port: 5432}, {port: 9999}]}
"""


def proposal(put: Put, capsys: pytest.CaptureFixture[str], text: str) -> list[str]:
    """The lines that init proposes for manifests."""
    put({"k8s/door.yaml": text})
    assert run(["init", "k8s", "-o", "-"]) == 0
    return capsys.readouterr().out.splitlines()
