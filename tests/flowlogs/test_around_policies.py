"""Flows beside cluster-wide policies, and to addresses that manifests say are the cluster's own."""

from ipaddress import ip_address

import pytest

from netpolc.commands.learn import LearnResult, intents_of, propose
from netpolc.commands.pipeline import understand
from netpolc.flowlogs.aggregate import Tally
from netpolc.flowlogs.classify import FlowClass
from netpolc.flowlogs.flows import AddressParty, Flow, Party
from netpolc.flowlogs.report import text_report
from netpolc.io.sources import Sources
from netpolc.kube.ports import Protocol
from netpolc.source import SourceFile
from tests.flowlogs.test_permitted import pods, to_db
from tests.flowlogs.test_proposals import TODAY, flow

CLOSED = "namespace shop\ndefault: deny\n"
OPENED = f"{CLOSED}db <- api:5432\n"
SENDER_CLOSED = "namespace shop\ndefault: deny egress\nmirror: no\n"


def policy(tier: str, direction: str, action: str, *, label: str = "", port: int = 5432) -> str:
    """A cluster-wide policy of one rule about all connections between pods on a port."""
    chosen = f"matchLabels: {{{label}}}" if label else ""
    peers = "to" if direction == "egress" else "from"
    return f"""
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {{name: guard}}
spec:
  tier: {tier}
  priority: 10
  subject: {{pods: {{namespaceSelector: {{}}, podSelector: {{{chosen}}}}}}}
  {direction}:
    - action: {action}
      {peers}: [{{namespaces: {{}}}}]
      protocols: [{{tcp: {{destinationPort: {{number: {port}}}}}}}]
"""


OWN = """
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: 10.96.0.7, externalIPs: [203.0.113.5], selector: {app: db}, ports: [{port: 5432}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: shop, labels: {app: db}}
spec: {containers: [{name: db, image: db}]}
status: {podIP: 10.244.0.7}
"""


def learn_from(seen: Flow, intents: str, manifests: str, *, egress: bool = False) -> LearnResult:
    files = (SourceFile("shop.intent", intents),) if intents else ()
    sources = Sources(
        intents=files,
        manifests=(SourceFile("around.yaml", manifests),),
        beside=frozenset({"around.yaml"}),
    )
    known = understand(sources, TODAY)
    assert not known.failed, known.diagnostics
    tally = Tally(intents_of(known).keys)
    tally.add(seen, "flows.json", 1, "")
    return propose(tally, sources, TODAY, known, egress=egress)


@pytest.mark.parametrize(
    ("intents", "manifests", "flow_class"),
    [
        ("", policy("Admin", "ingress", "Deny"), FlowClass.GUARDED),
        (CLOSED, policy("Admin", "ingress", "Deny"), FlowClass.GUARDED),
        (OPENED, policy("Admin", "ingress", "Deny"), FlowClass.GUARDED),
        (OPENED, policy("Admin", "egress", "Deny"), FlowClass.GUARDED),
        (OPENED, policy("Baseline", "egress", "Deny"), FlowClass.GUARDED),
        (OPENED, policy("Admin", "ingress", "Deny", label="app: db"), FlowClass.GUARDED),
        (OPENED, policy("Admin", "ingress", "Deny", label="app: api"), FlowClass.PERMITTED),
        (OPENED, policy("Admin", "ingress", "Deny", label="owner: ops"), FlowClass.PERMITTED),
        (OPENED, policy("Admin", "ingress", "Deny", port=80), FlowClass.PERMITTED),
        (OPENED, policy("Admin", "ingress", "Pass"), FlowClass.PERMITTED),
        # NetworkPolicies decide for the pods that they isolate, and an arrow isolates them.
        (OPENED, policy("Baseline", "ingress", "Deny"), FlowClass.PERMITTED),
        (CLOSED, policy("Baseline", "ingress", "Deny"), FlowClass.MISSING),
        ("", policy("Baseline", "ingress", "Deny"), FlowClass.MISSING),
        (SENDER_CLOSED, policy("Baseline", "egress", "Deny"), FlowClass.MISSING),
        (SENDER_CLOSED, policy("Baseline", "ingress", "Deny"), FlowClass.GUARDED),
        # What the Admin tier accepts needs no arrow, whatever NetworkPolicies say.
        (CLOSED, policy("Admin", "ingress", "Accept"), FlowClass.PERMITTED),
        ("", policy("Admin", "ingress", "Accept"), FlowClass.PERMITTED),
        (SENDER_CLOSED, policy("Admin", "egress", "Accept"), FlowClass.PERMITTED),
        (CLOSED, policy("Admin", "egress", "Accept"), FlowClass.MISSING),
        (CLOSED, policy("Admin", "ingress", "Accept", port=80), FlowClass.MISSING),
        (CLOSED, policy("Admin", "ingress", "Accept", label="app: api"), FlowClass.MISSING),
        (CLOSED, policy("Baseline", "ingress", "Accept"), FlowClass.MISSING),
        (CLOSED, policy("Admin", "ingress", "Pass"), FlowClass.MISSING),
    ],
)
def test_no_flow_counts_as_permitted_that_cluster_wide_policies_may_deny(
    intents: str, manifests: str, flow_class: FlowClass
) -> None:
    result = learn_from(to_db(pods("api")), intents, manifests)
    assert [each.flow_class for each in result.log.flows] == [flow_class]
    assert bool(result.proposals) is (flow_class is FlowClass.MISSING)
    assert not result.failed


@pytest.mark.parametrize(
    ("address", "flow_class"),
    [
        ("10.96.0.7", FlowClass.ENTITY),
        ("203.0.113.5", FlowClass.ENTITY),
        ("10.244.0.7", FlowClass.NAMELESS),
        ("10.244.0.8", FlowClass.MISSING),
    ],
)
def test_no_block_is_proposed_for_an_address_that_a_manifest_states(
    address: str, flow_class: FlowClass
) -> None:
    there: Party = AddressParty(ip_address(address))
    seen = flow(pods("api"), there, (Protocol.TCP, 5432))
    result = learn_from(seen, "namespace shop\ndefault: deny egress\n", OWN)
    assert [each.flow_class for each in result.log.flows] == [flow_class]
    assert bool(result.proposals) is (flow_class is FlowClass.MISSING)


UNREAD = """
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: guard, namespace: NAMESPACE}
spec: {endpointSelector: {}, ingressDeny: [{fromEndpoints: [{}]}]}
"""


@pytest.mark.parametrize(("namespace", "counts"), [("shop", True), ("elsewhere", False)])
def test_policies_that_are_not_read_are_named(namespace: str, counts: bool) -> None:
    result = learn_from(to_db(pods("api")), CLOSED, UNREAD.replace("NAMESPACE", namespace))
    assert result.proposals
    assert [str(policy) for policy in result.log.unread] == (
        ["CiliumNetworkPolicy shop/guard"] if counts else []
    )
    assert ("CiliumNetworkPolicy shop/guard" in result.text) is counts
    assert ("not counted" in text_report(result.log, result.proposals)) is counts
