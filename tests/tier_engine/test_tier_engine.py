"""The same verdict as kube-network-policies on random sets of policies, for every packet asked.

Its newest version in the Go module proxy (v0.8.0) knows v1alpha1, so the sets are of
AdminNetworkPolicy, BaselineAdminNetworkPolicy and NetworkPolicy. To build it takes Go, the network and
minutes, so it is done only by `make tier-engine`. Three things are left out: equal priorities, whose order
is its own choice; NetworkPolicies of one direction, since this version takes a pod that any policy selects
as decided in both; and named ports, which in this version match every port of a pod that has the name
("NamedPort selects a port on a pod(s) based on name", AdminNetworkPolicyPort).
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from netpolc.analysis.concrete_evaluator import Connection, Pod, permits
from netpolc.analysis.lift_tiers import lift_tiers
from netpolc.analysis.tiers import TierReading
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.ports import NamedPort, Protocol
from netpolc.manifest.read import read
from netpolc.passes.lift import lift_manifests
from netpolc.source import SourceFile

MODULE = "sigs.k8s.io/kube-network-policies"
VERSION = "v0.8.0"
SETS = int(os.environ.get("NETPOLC_TIER_SETS", "10000"))
_HERE = Path(__file__).parent
_BUILD = _HERE.parents[1] / "build" / "tier-engine"

LABELS = {"a": {"env": "p"}, "b": {"env": "q"}, "c": {}}
APPS = ("x", "y", "z")
PROTOCOLS = ("TCP", "UDP", "SCTP")
_PORTS: list[dict[str, Any]] = [
    {"portNumber": {"protocol": "TCP", "port": 80}},
    {"portNumber": {"protocol": "UDP", "port": 53}},
    {"portRange": {"protocol": "TCP", "start": 70, "end": 90}},
    {"portRange": {"protocol": "SCTP", "start": 1, "end": 65535}},
]


@pytest.fixture(scope="session")
def engine() -> Path:
    """The program that answers as kube-network-policies does."""
    if not os.environ.get("NETPOLC_TIER_ENGINE"):
        pytest.skip("only `make tier-engine` builds the evaluator of kube-network-policies")
    if shutil.which("go") is None:
        pytest.skip("there is no Go on this machine")
    found = subprocess.run(
        ["go", "mod", "download", "-json", f"{MODULE}@{VERSION}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if found.returncode:
        pytest.skip("the Go module of kube-network-policies cannot be fetched")
    shutil.rmtree(_BUILD, ignore_errors=True)
    shutil.copytree(json.loads(found.stdout)["Dir"], _BUILD, copy_function=shutil.copyfile)
    subprocess.run(["chmod", "-R", "u+w", str(_BUILD)], check=True)
    inside = _BUILD / "pkg" / "networkpolicy"
    for test in inside.glob("*_test.go"):
        test.unlink()
    shutil.copyfile(_HERE / "verdicts_test.go", inside / "verdicts_test.go")
    built = subprocess.run(
        ["go", "test", "-c", "-mod=mod", "-o", "verdicts", "./pkg/networkpolicy"],
        cwd=_BUILD, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return _BUILD / "verdicts"


def test_the_verdicts_are_the_same(engine: Path) -> None:
    random = Random(16)
    worlds = [_world(random) for _ in range(SETS)]
    (_BUILD / "worlds.json").write_text(json.dumps(worlds))
    answers = _BUILD / "answers.json"
    subprocess.run(
        [engine, "-test.run", "TestVerdicts"],
        env={**os.environ, "WORLDS": str(_BUILD / "worlds.json"), "ANSWERS": str(answers)},
        check=True,
        capture_output=True,
    )
    verdicts: list[list[bool]] = json.loads(answers.read_text())
    different = [
        (number, question)
        for number, (world, theirs) in enumerate(zip(worlds, verdicts, strict=True))
        for question, mine, verdict in zip(world["Questions"], _ours(world), theirs, strict=True)
        if mine is not verdict
    ]
    assert not different


def _ours(world: dict[str, Any]) -> list[bool]:
    """Our verdicts; the address of the receiver settles whether networks meet it."""
    text = json.dumps(
        {
            "apiVersion": "v1",
            "kind": "List",
            "items": [
                *world["Namespaces"], *world["Policies"], *world["Admin"], *world["Baseline"],
            ],
        }
    )  # fmt: skip
    outcome = read(SourceFile("a.json", text))
    assert not outcome.diagnostics
    policies = lift_manifests([outcome.value]).value
    tiers = lift_tiers(outcome.value.tiers)
    pods = {one["status"]["podIPs"][0]["ip"]: _pod(one) for one in world["Pods"]}
    found = []
    for question in world["Questions"]:
        place = Addresses.of((Block(Cidr.parse(question["Destination"] + "/32")),))
        reading = TierReading(tiers, most=False, pods=place, nodes=Addresses())
        connection = Connection(
            sender=pods[question["Source"]],
            receiver=pods[question["Destination"]],
            protocol=Protocol(question["Protocol"]),
            port=question["Port"],
        )
        found.append(permits(policies, connection, tiers=reading))
    return found


def _pod(one: dict[str, Any]) -> Pod:
    name = one["metadata"]["namespace"]
    return Pod(
        namespace=name,
        namespace_labels={**LABELS[name], "kubernetes.io/metadata.name": name},
        labels=one["metadata"]["labels"],
        ports={NamedPort(Protocol.TCP, "http"): frozenset((80,))},
    )


def _world(random: Random) -> dict[str, Any]:
    pods = [
        {
            "metadata": {"name": f"{app}", "namespace": name, "labels": {"app": app}},
            "spec": {
                "containers": [
                    {
                        "name": "c",
                        "ports": [{"name": "http", "containerPort": 80, "protocol": "TCP"}],
                    }
                ]
            },
            "status": {"podIPs": [{"ip": f"10.{place}.{number}.7"}]},
        }
        for place, name in enumerate(LABELS)
        for number, app in enumerate(APPS)
    ]
    addresses = [one["status"]["podIPs"][0]["ip"] for one in pods]  # type: ignore[index]
    questions = []
    for _ in range(12):
        source, destination = random.sample(addresses, 2)
        questions.append(
            {
                "Source": source,
                "Destination": destination,
                "Protocol": random.choice(PROTOCOLS),
                "Port": random.choice((53, 80, 85, 443)),
            }
        )
    admin = [
        _cluster_wide(random, "AdminNetworkPolicy", f"p{priority}", {"priority": priority})
        for priority in random.sample(range(50), random.randint(1, 3))
    ]
    baseline = (
        [_cluster_wide(random, "BaselineAdminNetworkPolicy", "default", {})]
        if random.random() < 0.7
        else []
    )
    namespaces = [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": name,
                "labels": {**labels, "kubernetes.io/metadata.name": name},
            },
        }
        for name, labels in LABELS.items()
    ]
    return {
        "Namespaces": namespaces,
        "Pods": pods,
        "Policies": [_own(random, number) for number in range(random.randint(0, 2))],
        "Admin": admin,
        "Baseline": baseline,
        "Questions": questions,
    }


def _cluster_wide(random: Random, kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    actions = ("Allow", "Deny", "Pass") if kind == "AdminNetworkPolicy" else ("Allow", "Deny")
    for direction, side in (("ingress", "from"), ("egress", "to")):
        rules = []
        for _ in range(random.randint(0, 3)):
            rule: dict[str, Any] = {
                "action": random.choice(actions),
                side: [_peer(random, direction) for _ in range(random.randint(1, 2))],
            }
            if random.random() < 0.5:
                rule["ports"] = random.sample(_PORTS, random.randint(1, 2))
            rules.append(rule)
        spec[direction] = rules
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"subject": _pods(random), **spec},
    }


def _peer(random: Random, direction: str) -> dict[str, Any]:
    if direction == "egress" and random.random() < 0.3:
        return {"networks": random.sample(["10.0.0.0/16", "10.1.1.0/24", "0.0.0.0/0"], 1)}
    return _pods(random)


def _pods(random: Random) -> dict[str, Any]:
    where = random.choice(
        [
            {},
            {"matchLabels": {"env": "p"}},
            {"matchLabels": {"kubernetes.io/metadata.name": "b"}},
            {"matchExpressions": [{"key": "env", "operator": "NotIn", "values": ["p"]}]},
        ]
    )
    if random.random() < 0.5:
        return {"namespaces": where}
    own = random.choice(
        [
            {"matchLabels": {"app": "x"}},
            {"matchExpressions": [{"key": "app", "operator": "In", "values": ["x", "y"]}]},
        ]
    )
    return {"pods": {"namespaceSelector": where, "podSelector": own}}


def _own(random: Random, number: int) -> dict[str, Any]:
    peer = random.choice(
        [
            {"podSelector": {"matchLabels": {"app": "x"}}},
            {"namespaceSelector": {"matchLabels": {"env": "q"}}},
        ]
    )
    rule: dict[str, Any] = (
        {"ports": [{"protocol": "TCP", "port": 80}]} if random.random() < 0.5 else {}
    )
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"n{number}", "namespace": random.choice(tuple(LABELS))},
        "spec": {
            "podSelector": random.choice([{}, {"matchLabels": {"app": random.choice(APPS)}}]),
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [peer], **rule}],
            "egress": [{"to": [peer], **rule}],
        },
    }
