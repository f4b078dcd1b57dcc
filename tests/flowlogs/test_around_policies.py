"""Flows beside cluster-wide policies, and to addresses that manifests say are the cluster's own."""

from ipaddress import ip_address

import pytest

from netpolc.commands.learn import Taught, intents_of, teach
from netpolc.commands.pipeline import understand
from netpolc.flowlogs.aggregate import Tally
from netpolc.flowlogs.classify import Lesson
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


def learnt(seen: Flow, intents: str, manifests: str, *, egress: bool = False) -> Taught:
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
    return teach(tally, sources, TODAY, known, egress=egress)


@pytest.mark.parametrize(
    ("intents", "manifests", "lesson"),
    [
        ("", policy("Admin", "ingress", "Deny"), Lesson.GUARDED),
        (CLOSED, policy("Admin", "ingress", "Deny"), Lesson.GUARDED),
        (OPENED, policy("Admin", "ingress", "Deny"), Lesson.GUARDED),
        (OPENED, policy("Admin", "egress", "Deny"), Lesson.GUARDED),
        (OPENED, policy("Baseline", "egress", "Deny"), Lesson.GUARDED),
        (OPENED, policy("Admin", "ingress", "Deny", label="app: db"), Lesson.GUARDED),
        (OPENED, policy("Admin", "ingress", "Deny", label="app: api"), Lesson.PERMITTED),
        (OPENED, policy("Admin", "ingress", "Deny", label="owner: ops"), Lesson.PERMITTED),
        (OPENED, policy("Admin", "ingress", "Deny", port=80), Lesson.PERMITTED),
        (OPENED, policy("Admin", "ingress", "Pass"), Lesson.PERMITTED),
        # NetworkPolicies decide for the pods that they isolate, and an arrow isolates them.
        (OPENED, policy("Baseline", "ingress", "Deny"), Lesson.PERMITTED),
        (CLOSED, policy("Baseline", "ingress", "Deny"), Lesson.MISSING),
        ("", policy("Baseline", "ingress", "Deny"), Lesson.MISSING),
        (SENDER_CLOSED, policy("Baseline", "egress", "Deny"), Lesson.MISSING),
        (SENDER_CLOSED, policy("Baseline", "ingress", "Deny"), Lesson.GUARDED),
        # What the Admin tier accepts needs no arrow, whatever NetworkPolicies say.
        (CLOSED, policy("Admin", "ingress", "Accept"), Lesson.PERMITTED),
        ("", policy("Admin", "ingress", "Accept"), Lesson.PERMITTED),
        (SENDER_CLOSED, policy("Admin", "egress", "Accept"), Lesson.PERMITTED),
        (CLOSED, policy("Admin", "egress", "Accept"), Lesson.MISSING),
        (CLOSED, policy("Admin", "ingress", "Accept", port=80), Lesson.MISSING),
        (CLOSED, policy("Admin", "ingress", "Accept", label="app: api"), Lesson.MISSING),
        (CLOSED, policy("Baseline", "ingress", "Accept"), Lesson.MISSING),
        (CLOSED, policy("Admin", "ingress", "Pass"), Lesson.MISSING),
    ],
)
def test_no_flow_counts_as_permitted_that_cluster_wide_policies_may_deny(
    intents: str, manifests: str, lesson: Lesson
) -> None:
    taught = learnt(to_db(pods("api")), intents, manifests)
    assert [each.lesson for each in taught.lessons.learned] == [lesson]
    assert bool(taught.proposals) is (lesson is Lesson.MISSING)
    assert not taught.failed


@pytest.mark.parametrize(
    ("address", "lesson"),
    [
        ("10.96.0.7", Lesson.ENTITY),
        ("203.0.113.5", Lesson.ENTITY),
        ("10.244.0.7", Lesson.NAMELESS),
        ("10.244.0.8", Lesson.MISSING),
    ],
)
def test_no_block_is_proposed_for_an_address_that_a_manifest_states(
    address: str, lesson: Lesson
) -> None:
    there: Party = AddressParty(ip_address(address))
    seen = flow(pods("api"), there, (Protocol.TCP, 5432))
    taught = learnt(seen, "namespace shop\ndefault: deny egress\n", OWN)
    assert [each.lesson for each in taught.lessons.learned] == [lesson]
    assert bool(taught.proposals) is (lesson is Lesson.MISSING)


UNREAD = """
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: guard, namespace: NAMESPACE}
spec: {endpointSelector: {}, ingressDeny: [{fromEndpoints: [{}]}]}
"""


@pytest.mark.parametrize(("namespace", "counts"), [("shop", True), ("elsewhere", False)])
def test_policies_that_are_not_read_are_named(namespace: str, counts: bool) -> None:
    taught = learnt(to_db(pods("api")), CLOSED, UNREAD.replace("NAMESPACE", namespace))
    assert taught.proposals
    assert [str(policy) for policy in taught.lessons.unread] == (
        ["CiliumNetworkPolicy shop/guard"] if counts else []
    )
    assert ("CiliumNetworkPolicy shop/guard" in taught.text) is counts
    assert ("not counted" in text_report(taught.lessons, taught.proposals)) is counts
