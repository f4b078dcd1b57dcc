"""The judge of manifests must itself be able to refuse."""

from typing import Any

import pytest

from tests.manifest.validity import NEWEST, OLDEST, problems


def manifest(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "db-ingress", "namespace": "shop"},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"], **spec},
    }


def rule(**fields: Any) -> dict[str, Any]:
    return manifest(ingress=[fields])


def test_the_versions_differ() -> None:
    assert tuple(map(int, OLDEST.split("."))) < tuple(map(int, NEWEST.split(".")))


def test_a_good_manifest_has_no_problems() -> None:
    peers = [
        {"podSelector": {"matchLabels": {"app": "api"}}},
        {"namespaceSelector": {}, "podSelector": {}},
        {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
    ]
    ports = [{"port": 80, "endPort": 90}, {"protocol": "UDP"}, {"port": "metrics"}]
    assert problems(rule(**{"from": peers, "ports": ports})) == []


@pytest.mark.parametrize(
    "bad",
    [
        manifest(podSelectors={}),
        manifest(policyTypes=["Ingress", "Ingress"]),
        manifest(policyTypes=["ingress"]),
        manifest(podSelector={"matchLabels": {"app": 1}}),
        manifest(podSelector={"matchLabels": {"a b": "c"}}),
        manifest(podSelector={"matchLabels": {"app": "-x"}}),
        manifest(podSelector={"matchLabels": {"app": "x" * 64}}),
        manifest(podSelector={"matchExpressions": [{"key": "a", "operator": "In"}]}),
        manifest(
            podSelector={"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}
        ),
        manifest(podSelector={"matchExpressions": [{"key": "a", "operator": "in"}]}),
        rule(**{"from": [{}]}),
        rule(**{"from": [{"podSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8"}}]}),
        rule(**{"from": [{"ipBlock": {"cidr": "10.0.0.0"}}]}),
        rule(**{"from": [{"ipBlock": {"cidr": "10.0.0.0/33"}}]}),
        rule(**{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8"]}}]}),
        rule(**{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.0.0.0/16"]}}]}),
        rule(**{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["2001:db8::/32"]}}]}),
        rule(ports=[{"port": 0}]),
        rule(ports=[{"port": 65536}]),
        rule(ports=[{"port": "80"}]),
        rule(ports=[{"port": "a--b"}]),
        rule(ports=[{"port": "much-too-long-name"}]),
        rule(ports=[{"port": 90, "endPort": 80}]),
        rule(ports=[{"port": "web", "endPort": 80}]),
        rule(ports=[{"endPort": 80}]),
        rule(ports=[{"protocol": "tcp"}]),
        {**manifest(), "metadata": {"name": "Db", "namespace": "shop"}},
        {**manifest(), "metadata": {"name": "x" * 254, "namespace": "shop"}},
        {**manifest(), "metadata": {"name": "db", "namespace": "a.b"}},
        {**manifest(), "metadata": {"name": "db", "annotations": {"a": "x" * 270_000}}},
        {**manifest(), "kind": "Policy"},
    ],
    ids=str,
)
def test_what_the_server_refuses_has_problems(bad: dict[str, Any]) -> None:
    assert problems(bad)
