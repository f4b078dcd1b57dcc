"""The addresses of the cluster itself, as live objects state them."""

import pytest

from netpolc.kube.inventory import AddressOf
from netpolc.manifest.read import read
from netpolc.source import SourceFile


def addresses(text: str) -> list[str]:
    """The addresses of a manifest with their owners."""
    found = read(SourceFile("live.yaml", text)).value.addresses
    return [f"{one.owner} {one.addresses.blocks[0].cidr}" for one in found]


@pytest.mark.parametrize(
    ("head", "more", "found"),
    [
        (
            "Pod, metadata: {name: a, namespace: b}",
            "status: {podIP: 10.2.1.7}",
            "Pod b/a 10.2.1.7/32",
        ),
        (
            "Pod, metadata: {name: a}",
            "status: {podIP: '2001:db8::7'}",
            "Pod default/a 2001:db8::7/128",
        ),
        (
            "Service, metadata: {name: s}",
            "spec: {clusterIP: 10.96.0.1}",
            "Service default/s 10.96.0.1/32",
        ),
        (
            "Service, metadata: {name: s, namespace: 'a}{0'}",
            "spec: {clusterIP: 10.96.0.1}",
            "Service a}{0/s 10.96.0.1/32",
        ),
        (
            "Node, metadata: {name: n}",
            "spec: {podCIDR: 10.2.1.0/24}",
            "the pods of node n 10.2.1.0/24",
        ),
        (
            "Pod, metadata: {name: a}",
            "status: {podIP: 10.2.1.7, podIPs: [{ip: 10.2.1.7}, {ip: '2001:db8::7'}]}",
            "Pod default/a 10.2.1.7/32 Pod default/a 2001:db8::7/128",
        ),
        (
            "Service, metadata: {name: s}",
            "spec: {clusterIPs: [10.96.0.1], externalIPs: [192.0.2.1], loadBalancerIP: 192.0.2.2}",
            "Service default/s 10.96.0.1/32 Service default/s 192.0.2.1/32 Service default/s 192.0.2.2/32",
        ),
        (
            "Service, metadata: {name: s}",
            "status: {loadBalancer: {ingress: [{ip: 192.0.2.3}, {hostname: a.example.org}]}}",
            "Service default/s 192.0.2.3/32",
        ),
        (
            "Node, metadata: {name: n}",
            "spec: {podCIDR: 10.2.1.0/24, podCIDRs: [10.2.1.0/24, '2001:db8::/64']}",
            "the pods of node n 10.2.1.0/24 the pods of node n 2001:db8::/64",
        ),
        (
            "Node, metadata: {name: n}",
            "status: {addresses: [{type: Hostname, address: n}, {type: InternalIP, address: 10.0.0.9}, {type: InternalIP, address: '2001:db8::9'}]}",
            "node n 10.0.0.9/32 node n 2001:db8::9/128",
        ),
        (
            "Pod, metadata: {name: a}",
            "spec: {hostNetwork: true}, status: {podIP: 10.0.0.9, hostIP: 10.0.0.9}",
            "the node of Pod default/a 10.0.0.9/32",
        ),
        (
            "Pod, metadata: {name: a}",
            "status: {podIP: 10.2.1.7, hostIP: 10.0.0.9, hostIPs: [{ip: 10.0.0.9}, {ip: '2001:db8::9'}]}",
            "Pod default/a 10.2.1.7/32 the node of Pod default/a 10.0.0.9/32 the node of Pod default/a 2001:db8::9/128",
        ),
        ("Service, metadata: {name: s}", "spec: {clusterIP: None}", ""),
        ("Service, metadata: {name: s}", "spec: {clusterIP: ''}", ""),
        ("Pod, metadata: {name: a}", "spec: {}", ""),
        ("Pod, metadata: {name: a}", "status: {podIP: soon}", ""),
        ("Node, metadata: {name: n}", "spec: {podCIDR: 10.2.1.1/24}", ""),
    ],
)
def test_addresses_of_live_objects(head: str, more: str, found: str) -> None:
    assert " ".join(addresses(f"{{apiVersion: v1, kind: {head}, {more}}}")) == found


def test_addresses_of_nodes_are_told_apart() -> None:
    text = """{apiVersion: v1, kind: Node, metadata: {name: n}, spec: {podCIDR: 10.2.1.0/24}, status:
      {addresses: [{type: InternalIP, address: 10.0.0.9}, {type: ExternalIP, address: 192.0.2.9}]}}"""
    found = read(SourceFile("live.yaml", text)).value.addresses
    assert [one.of for one in found] == [
        AddressOf.PODS,
        AddressOf.NODE,
        AddressOf.NODE_OUTSIDE,
    ]


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_the_range_of_services_is_known(version: str) -> None:
    head = f"apiVersion: networking.k8s.io/{version}, kind: ServiceCIDR, metadata: {{name: k}}"
    assert addresses(f"{{{head}, spec: {{cidrs: [10.96.0.0/12]}}}}") == [
        "the Services in ServiceCIDR k 10.96.0.0/12"
    ]


def test_a_kind_of_the_same_name_in_another_group_has_none() -> None:
    head = "apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: s}"
    assert not addresses(f"{{{head}, spec: {{clusterIP: 10.96.0.1}}}}")
