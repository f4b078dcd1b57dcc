"""Cluster-wide policies count in every kind of list."""

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put, put  # noqa: F401 - a fixture

INTENTS = "namespace shop\ndefault: deny\ndb <- api:5432\n"
POLICY = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: NAME}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}
  ingress:
  - action: ACTION
    from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: ops}}}]
"""
POD = """\
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c}]}
"""


@pytest.mark.parametrize("workloads", ["", POD])
def test_an_admin_rule_opens_a_row(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    workloads: str,
) -> None:
    accepting, denying = (POLICY.replace("ACTION", one) for one in ("Accept", "Deny"))
    put(
        {
            "a.intent": INTENTS,
            "a.yaml": accepting.replace("NAME", "a") + workloads,
            "b.yaml": denying.replace("NAME", "b"),
        }
    )
    assert run(["list", "a.intent", "--with", "a.yaml", "--exposure", "--format", "csv"]) == 0
    sure = [line for line in capsys.readouterr().out.splitlines() if line.startswith("ops/")]
    assert sure
    assert not any("priority" in line for line in sure)
    both = ["--with", "a.yaml", "--with", "b.yaml"]
    assert run(["list", "a.intent", *both, "--exposure", "--format", "csv"]) == 0
    tied = [line for line in capsys.readouterr().out.splitlines() if line.startswith("ops/")]
    assert tied
    assert tied != sure
    if workloads:
        assert sure == ["ops/*,shop/db[Pod],everything"]
        assert tied == ["ops/*,shop/db[Pod],everything?"]
