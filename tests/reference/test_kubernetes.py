"""The evaluator of NetworkPolicy, held against sentences of the API reference and the traps."""

from ipaddress import ip_address
from typing import Any

import pytest
import yaml

from tests.reference.kubernetes import permits
from tests.reference.world import METADATA_NAME, ContainerPort, Endpoint, Pod, World

DB = Pod(
    namespace="shop",
    name="db",
    labels={"app": "db"},
    ports=(ContainerPort("pg", "TCP", 5432), ContainerPort("dns", "UDP", 53)),
)
API = Pod(namespace="shop", name="api", labels={"app": "api", "tier": "web"})
ELSEWHERE = Pod(namespace="pay", name="api", labels={"app": "api"})
OFFICE, HOME = ip_address("10.0.0.7"), ip_address("10.9.0.7")
WORLD = World(
    {
        "shop": {METADATA_NAME: "shop", "env": "prod"},
        "pay": {METADATA_NAME: "pay"},
    },
    (DB, API, ELSEWHERE),
)


def policy(spec: str) -> dict[str, Any]:
    """A policy of namespace shop for app=db, or as the spec says."""
    fields = {"podSelector": {"matchLabels": {"app": "db"}}, **yaml.safe_load(spec)}
    return {"metadata": {"name": "p", "namespace": "shop"}, "spec": fields}


# what the spec says, source, destination, protocol, port, permitted
TABLE: tuple[tuple[str, Endpoint, Endpoint, str, int, bool], ...] = (
    # open until selected; selected and without rules, nothing gets in
    ("podSelector: {matchLabels: {app: none}}", API, DB, "TCP", 1, True),
    ("policyTypes: [Ingress]", API, DB, "TCP", 1, False),
    ("{policyTypes: [Ingress], ingress: []}", API, DB, "TCP", 1, False),
    # `- {}` is everybody; so are missing and empty peers and ports
    ("ingress: [{}]", OFFICE, DB, "SCTP", 9, True),
    ("ingress: [{from: [], ports: []}]", ELSEWHERE, DB, "UDP", 9, True),
    ("ingress: [{from: [{podSelector: {}}]}]", API, DB, "TCP", 9, True),
    # podSelector alone is about the own namespace
    ("ingress: [{from: [{podSelector: {}}]}]", ELSEWHERE, DB, "TCP", 9, False),
    ("ingress: [{from: [{namespaceSelector: {}}]}]", ELSEWHERE, DB, "TCP", 9, True),
    ("ingress: [{from: [{namespaceSelector: {}}]}]", OFFICE, DB, "TCP", 9, False),
    # both selectors in one entry is AND, in two entries OR
    (
        "ingress: [{from: [{namespaceSelector: {matchLabels: {env: prod}}, podSelector: {}}]}]",
        ELSEWHERE, DB, "TCP", 9, False,
    ),
    (
        "ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: x}}}, {podSelector: {}}]}]",
        API, DB, "TCP", 9, True,
    ),
    # policyTypes absent: ingress always, egress only with egress rules
    ("egress: [{}]", API, DB, "TCP", 9, False),
    ("ingress: []", DB, API, "TCP", 9, True),
    ("egress: [{to: [{podSelector: {matchLabels: {app: x}}}]}]", DB, API, "TCP", 9, False),
    # rules of a direction that policyTypes does not name have no effect
    ("{policyTypes: [Egress], ingress: [{}], egress: []}", API, DB, "TCP", 9, True),
    # protocol is TCP unless said; protocol without port is every port of it
    ("ingress: [{ports: [{port: 53}]}]", API, DB, "TCP", 53, True),
    ("ingress: [{ports: [{port: 53}]}]", API, DB, "UDP", 53, False),
    ("ingress: [{ports: [{protocol: UDP}]}]", API, DB, "UDP", 9999, True),
    ("ingress: [{ports: [{}]}]", API, DB, "TCP", 9999, True),
    ("ingress: [{ports: [{}]}]", API, DB, "UDP", 9999, False),
    ("ingress: [{ports: [{port: 80, endPort: 90}]}]", API, DB, "TCP", 90, True),
    ("ingress: [{ports: [{port: 80, endPort: 90}]}]", API, DB, "TCP", 91, False),
    # a name is looked up in the receiver, and its protocol must agree
    ("ingress: [{ports: [{port: pg}]}]", API, DB, "TCP", 5432, True),
    ("ingress: [{ports: [{port: pg}]}]", API, DB, "TCP", 5433, False),
    ("ingress: [{ports: [{port: dns}]}]", API, DB, "TCP", 53, False),
    ("egress: [{ports: [{port: pg}]}]", DB, OFFICE, "TCP", 5432, False),
    # blocks: except, never pods
    ("ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.9.0.0/16]}}]}]", OFFICE, DB, "TCP", 1, True),
    ("ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.9.0.0/16]}}]}]", HOME, DB, "TCP", 1, False),
    ("ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]", API, DB, "TCP", 1, False),
    # NotIn and DoesNotExist match pods without the key
    (
        "ingress: [{from: [{podSelector: {matchExpressions: [{key: no, operator: NotIn, values: [x]}]}}]}]",
        API, DB, "TCP", 1, True,
    ),
    (
        "ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}]}]",
        API, DB, "TCP", 1, False,
    ),
    (
        "ingress: [{from: [{podSelector: {matchExpressions: [{key: tier, operator: Exists}]}}]}]",
        API, DB, "TCP", 1, True,
    ),
    # a pod reaches itself whatever the policies say
    ("policyTypes: [Ingress, Egress]", DB, DB, "TCP", 1, True),
)  # fmt: skip


@pytest.mark.parametrize(("spec", "source", "destination", "protocol", "port", "expected"), TABLE)
def test_table(
    spec: str, source: Endpoint, destination: Endpoint, protocol: str, port: int, expected: bool
) -> None:
    assert permits([policy(spec)], WORLD, source, destination, protocol, port) is expected


def test_policies_only_add() -> None:
    closed, opening = policy("policyTypes: [Ingress]"), policy("ingress: [{}]")
    assert permits([closed, opening], WORLD, API, DB, "TCP", 1)


def test_both_ends_must_permit() -> None:
    out = policy("{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress]}")
    assert not permits([out, policy("ingress: [{}]")], WORLD, API, DB, "TCP", 1)


def test_a_policy_is_about_its_own_namespace() -> None:
    other = policy("policyTypes: [Ingress]")
    other["metadata"]["namespace"] = "pay"
    assert permits([other], WORLD, API, DB, "TCP", 1)
