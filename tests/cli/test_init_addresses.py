"""Settings with the address of a Service lead to its pods, as those with its name do."""

import json

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put

PODS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: api, namespace: shop}}
spec: {{template: {{metadata: {{labels: {{app: api}}}}, spec: {{containers: [{{name: c, env: [{{name: DB, value: "{url}"}}]}}]}}}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: db, namespace: pay}}
spec: {{template: {{metadata: {{labels: {{app: db}}}}, spec: {{containers: [{{name: c, ports: [{{containerPort: 5432}}]}}]}}}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: db, namespace: pay}}
spec: {{selector: {{app: db}}, ports: [{{port: 80, targetPort: 5432}}], {address}}}
"""


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("clusterIP: 10.96.0.9", "http://10.96.0.9:80/x"),
        ("clusterIP: 10.96.0.9", "10.96.0.9:80"),
        ('clusterIPs: ["fd00::9", 10.96.0.9]', "http://10.96.0.9"),
        ("externalIPs: [192.0.2.9]", "http://192.0.2.9:80"),
        ("type: LoadBalancer, loadBalancerIP: 192.0.2.9", "http://192.0.2.9:80"),
        ("clusterIP: None", "http://db.pay:5432"),
    ],
)
def test_the_callers_of_an_address_are_those_of_its_service(
    put: Put, capfd: pytest.CaptureFixture[str], address: str, url: str
) -> None:
    put({"k8s/all.yaml": PODS.format(address=address, url=url)})
    assert run(["init", "k8s"]) == 0
    capfd.readouterr()
    assert run(["list", "intents", "--with", "k8s", "--format", "json"]) == 0
    rows = {(row["src"], row["dst"]): row for row in json.loads(capfd.readouterr().out)}
    row = rows["shop/api[Deployment]", "pay/db[Deployment]"]
    assert row["protocols"] == {"TCP": [[5432, 5432]]}


@pytest.mark.parametrize("url", ["http://10.96.0.8:80", "http://10.96.0.9.example.org:80"])
def test_another_address_is_still_one_to_be_chosen(
    put: Put, capfd: pytest.CaptureFixture[str], url: str
) -> None:
    put({"k8s/all.yaml": PODS.format(address="clusterIP: 10.96.0.9", url=url)})
    assert run(["init", "k8s", "-o", "-"]) == 0
    assert "nothing shows who calls Service db:80" in capfd.readouterr().out
