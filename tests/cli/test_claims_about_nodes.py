"""Claims and questions about blocks that have addresses of nodes, with a workload on the host's network."""

import json

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put

ARROWS = "namespace shop\ndefault: deny\ndb <- agent:5432\n"
AGENT = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: shop}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      hostNetwork: true
      containers: [{name: agent, image: agent}]
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec:
  containers: [{name: db, image: db, ports: [{containerPort: 5432}]}]
"""
DENIAL = """
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: no-agent}
spec:
  tier: Admin
  priority: 10
  subject:
    pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}
  ingress:
  - action: Deny
    from:
    - pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: agent}}}
"""
CASES = [
    ("pods: 10.244.0.0/16\nnodes: 192.168.0.0/24\nblocks: all", "192.168.0.0/24", False),
    ("nodes: 192.168.0.0/24\nblocks: outside", "192.168.0.0/24", False),
    ("nodes: 192.168.0.0/24\nblocks: outside", "192.168.1.0/24", True),
    ("nodes: 192.168.0.0/24\nblocks: outside", "0.0.0.0/0", False),
    ("nodes: 192.168.0.0/24", "internet", True),
    ("dns: none", "internet", True),
    ("pods: 10.244.0.0/16", "192.168.0.0/16", False),
    ("nodes: 203.0.113.0/24, 8.8.4.0/24", "internet", True),
    ("dns: none", "169.254.169.254/32", True),
]


@pytest.mark.parametrize(("facts", "block", "holds"), CASES)
def test_never_is_not_proved_of_a_block_with_the_address_of_a_host(
    put: Put, capfd: pytest.CaptureFixture[str], facts: str, block: str, holds: bool
) -> None:
    put({"a.intent": f"cluster\n{facts}\n{ARROWS}never db <- {block}\n", "b.yaml": AGENT})
    run(["check", "a.intent", "--with", "b.yaml"])
    told = "".join(capfd.readouterr())
    assert ("1 assertion proved" in told) is holds
    assert (
        "what policies do to `shop/agent[DaemonSet]` on the host's network" in told
    ) is not holds
    for options in (["--closed-world", "--with", "b.yaml"], []):
        run(["check", "a.intent", *options])
        assert "1 assertion proved" in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("listed", "holds"), [("none", False), ("agent:80", False), ("agent:5432", True)]
)
def test_only_is_not_proved_where_cluster_wide_policies_deny_all_senders_but_hosts(
    put: Put, capfd: pytest.CaptureFixture[str], listed: str, holds: bool
) -> None:
    put(
        {
            "a.intent": f"{ARROWS}only db <- {listed}\n",
            "b.yaml": AGENT,
            "c.yaml": DENIAL,
            "netpolc.toml": '[tiers]\napi = "v1alpha2"\n',
        }
    )
    run(["check", "a.intent", "--with", "b.yaml", "--with", "c.yaml"])
    told = "".join(capfd.readouterr())
    assert ("1 assertion proved" in told) is holds
    assert ("cannot decide" in told) is not holds
    run(["check", "a.intent", "--with", "c.yaml"])
    assert "1 assertion proved" in "".join(capfd.readouterr())


@pytest.mark.parametrize(("facts", "block", "holds"), CASES)
def test_a_block_that_is_closed_to_others_may_let_in_a_host(
    put: Put, capfd: pytest.CaptureFixture[str], facts: str, block: str, holds: bool
) -> None:
    put({"a.intent": f"cluster\n{facts}\n{ARROWS}", "b.yaml": AGENT})
    run(["can", f"db <- {block}:5432", "a.intent", "--with", "b.yaml", "--json"])
    answers = [each["answer"] for each in json.loads(capfd.readouterr().out)]
    assert answers == (["no"] if holds else ["no", "unknown"])
