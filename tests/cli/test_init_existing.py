"""Namespaces and policies that `netpolc init` leaves out of the proposal."""

import pytest

from netpolc.bootstrap.existing_policies import existing_policies
from netpolc.cli.main import run
from netpolc.manifest.read import read
from netpolc.source import SourceFile
from tests.cli.conftest import Put
from tests.cli.init_manifests import APART, SERVICE, proposal

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny-all, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
"""


def test_policies_without_workloads_are_for_import(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    put({"k8s/a.yaml": POLICY})
    assert run(["init", "k8s"]) == 1
    assert "help: turn policies into intents with `netpolc import`" in capsys.readouterr().err


def test_the_platform_is_closed_only_on_request(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    dns = APART.replace("NAME", "dns").replace("ENV", "[]").replace("shop", "kube-system")
    agent = dns.replace("name: dns", "name: agent").replace("app: dns", "k8s-app: agent")
    target = APART.replace("NAME", "db").replace("ENV", "[]")
    agent = agent.replace("env: []", "env: [{name: DSN, value: 'db.shop:5432'}]")
    text = f"{dns}---\n{agent}---\n{target}---\n{SERVICE}"
    lines = proposal(put, capsys, text)
    assert not any("kube-system/" in line for line in lines if line.endswith(".intent"))
    assert "db <- {k8s-app=agent} in ns kube-system:5432" in lines
    assert run(["init", "k8s", "-o", "-", "--platform"]) == 0
    out, err = capsys.readouterr()
    assert "# kube-system/dns.intent" in out
    assert "left alone" not in err


def test_the_platform_that_is_left_alone_is_named(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    dns = APART.replace("NAME", "dns").replace("ENV", "[]").replace("shop", "kube-system")
    put({"k8s/dns.yaml": dns})
    assert run(["init", "k8s", "-o", "-"]) == 0
    assert "left alone: kube-system (--platform)" in capsys.readouterr().err


def test_policies_of_the_manifests_are_counted(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    target = APART.replace("NAME", "db").replace("ENV", "[]")
    put({"k8s/p.yaml": "---\n".join([target, *(POLICY.replace("deny-all", n) for n in "ab")])})
    assert run(["init", "k8s", "-o", "-"]) == 0
    err = capsys.readouterr().err
    assert "note[NP753]: 2 NetworkPolicies are in the manifests already" in err
    assert "netpolc import" in err


@pytest.mark.parametrize(
    ("number", "message", "label"),
    [
        (1, "1 NetworkPolicy is in the manifests already", "not part of the proposal"),
        (2, "2 NetworkPolicies are in the manifests already", "the first of them"),
    ],
)
def test_the_number_of_policies_is_in_the_message(number: int, message: str, label: str) -> None:
    text = "---\n".join(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: p{each}}}\nspec: {{podSelector: {{}}}}\n"
        for each in range(number)
    )
    (found,) = existing_policies([read(SourceFile("p.yaml", text)).value])
    assert (found.message, found.label.text) == (message, label)
    assert not list(existing_policies([read(SourceFile("p.yaml", "")).value]))


def test_cluster_wide_policies_are_counted_too() -> None:
    text = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: a}
spec: {tier: Admin, priority: 1, subject: {namespaces: {}}, egress: []}
"""
    (found,) = existing_policies([read(SourceFile("p.yaml", text)).value])
    assert found.message == "1 policy is in the manifests already"
