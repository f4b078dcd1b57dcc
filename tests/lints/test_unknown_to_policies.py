"""Lints about what policies cannot be sure to reach: the host's network, and namespaces without a manifest."""

import pytest

from tests.lints.test_lints_beside_tiers import found
from tests.lints.test_lints_with_cluster_objects import namespace, rules


def pod(name: str, home: str = "shop", *, host: bool = False) -> str:
    """A Pod, on the host's network or not."""
    spec = f"{{hostNetwork: {str(host).lower()}, containers: [{{name: c, image: i}}]}}"
    metadata = f"{{name: {name}, namespace: {home}, labels: {{app: {name}}}}}"
    return f"---\napiVersion: v1\nkind: Pod\nmetadata: {metadata}\nspec: {spec}\n"


AGENT = "podSelector: {matchLabels: {app: agent}}"
BOTH = "podSelector: {matchExpressions: [{key: app, operator: In, values: [agent, api]}]}"
OPS = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}"


@pytest.mark.parametrize("key", ["from", "to"])
@pytest.mark.parametrize(
    ("entry", "peer", "useless"),
    [
        (AGENT, "agent", True),
        (BOTH, "{app in (agent, api)}", False),
        ("podSelector: {}", "*", False),
        (f"{OPS}, {AGENT}", "agent in ns ops", True),
        (OPS, "ns ops", True),
        (f"namespaceSelector: {{}}, {AGENT}", "agent in ns *", False),
    ],
)
def test_a_peer_on_the_hosts_network_alone_is_reported(
    key: str, entry: str, peer: str, *, useless: bool
) -> None:
    pods = pod("web") + pod("api") + pod("agent", host=True) + pod("agent", "ops", host=True)
    assert found("host-network", manifests=pods + rules(key, f"{{{entry}}}")) is useless
    arrow = {"from": "<-", "to": "->"}[key]
    assert found("host-network", intents=f"namespace shop\nweb {arrow} {peer}\n", beside=pods) is (
        useless
    )


@pytest.mark.parametrize(
    ("others", "unprotected"), [("", True), (pod("web", "ops"), True), (pod("api"), False)]
)
def test_a_policy_for_pods_on_the_hosts_network_alone_is_reported(
    others: str, *, unprotected: bool
) -> None:
    pods = pod("web", host=True) + others
    policy = rules("from", "{podSelector: {}}").replace("{matchLabels: {app: web}}", "{}", 1)
    assert found("host-network", manifests=pods + policy) is unprotected
    intents = "namespace shop\n* <- none\n"
    assert found("host-network", intents=intents, beside=pods) is unprotected


@pytest.mark.parametrize(
    ("labels", "objects", "unknown"),
    [
        ("matchLabels: {team: ops}", "", True),
        ("matchExpressions: [{key: team, operator: NotIn, values: [dev]}]", "", True),
        ("matchLabels: {team: ops}", namespace("ops"), True),  # That of shop is missing.
        ("matchLabels: {team: ops}", namespace("ops") + namespace("shop"), False),
        ("matchLabels: {kubernetes.io/metadata.name: ops}", "", False),
    ],
)
def test_the_manifest_of_a_namespace_whose_labels_decide_is_asked_for(
    labels: str, objects: str, *, unknown: bool
) -> None:
    manifests = pod("web") + pod("prom", "ops") + objects
    for key in ("from", "to"):
        policy = rules(key, f"{{namespaceSelector: {{{labels}}}}}")
        assert found("missing-namespace-manifest", manifests=manifests + policy) is unknown
