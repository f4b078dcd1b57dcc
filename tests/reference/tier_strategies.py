"""Random sets of cluster-wide policies and NetworkPolicies, and a small world for them.

Vocabularies are tiny, so that rules shadow each other, priorities are equal and peers meet subjects.
"""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from itertools import product
from typing import Any

from hypothesis import strategies as st

from tests.reference.world import METADATA_NAME, Address, ContainerPort, Endpoint, Pod, World

LABELS: Mapping[str, Mapping[str, str]] = {"a": {"env": "p"}, "b": {"env": "q"}, "c": {}}
"""The namespaces of the world, with the labels that their manifests give them."""
ADDRESSES: tuple[Address, ...] = tuple(
    map(ip_address, ("10.0.0.1", "10.1.0.1", "192.0.2.1", "2001:db8::1"))
)
PORTS = (("TCP", 80), ("TCP", 85), ("TCP", 443), ("UDP", 53), ("UDP", 80), ("SCTP", 80))
NAMED = (ContainerPort("http", "TCP", 80), ContainerPort("dns", "UDP", 53))

_CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"matchLabels": {"app": "x"}},
    {"matchLabels": {"app": "y"}},
    {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["x"]}]},
    {"matchExpressions": [{"key": "tier", "operator": "Exists"}]},
    {
        "matchLabels": {"app": "x"},
        "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}],
    },
)
_PLACES: tuple[dict[str, Any], ...] = (
    {},
    {"matchLabels": {"env": "p"}},
    {"matchExpressions": [{"key": "env", "operator": "NotIn", "values": ["p"]}]},
    {"matchLabels": {METADATA_NAME: "a"}},
    {"matchExpressions": [{"key": METADATA_NAME, "operator": "NotIn", "values": ["a", "b"]}]},
)
_PROTOCOLS: tuple[dict[str, Any], ...] = (
    {"tcp": {"destinationPort": {"number": 80}}},
    {"tcp": {"destinationPort": {"range": {"start": 80, "end": 100}}}},
    {"udp": {"destinationPort": {"range": {"start": 1, "end": 65535}}}},
    {"sctp": {"destinationPort": {"number": 80}}},
)
_NAMES: tuple[dict[str, Any], ...] = (
    {"destinationNamedPort": "http"},
    {"destinationNamedPort": "dns"},
)
_OLD_PORTS: tuple[dict[str, Any], ...] = (
    {"portNumber": {"port": 80}},
    {"portNumber": {"port": 53, "protocol": "UDP"}},
    {"portRange": {"start": 80, "end": 100, "protocol": "TCP"}},
)
_BEYOND: tuple[dict[str, Any], ...] = (
    {"networks": ["10.0.0.0/8"]},
    {"networks": ["10.1.0.0/16", "2001:db8::/32"]},
    {"networks": ["0.0.0.0/0", "::/0"]},
    {"networks": ["0.0.0.0/0"]},
)

_BLOCKS: tuple[dict[str, Any], ...] = tuple(
    {"ipBlock": {"cidr": cidr}} for cidr in ("10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32")
)

_DIRECTIONS = (("ingress", "egress"), ("ingress",), ("egress",))

selectors = st.sampled_from(_CONDITIONS)
places = st.sampled_from(_PLACES)
pods = st.one_of(
    st.fixed_dictionaries({"namespaces": places}),
    st.fixed_dictionaries(
        {"pods": st.fixed_dictionaries({"namespaceSelector": places, "podSelector": selectors})}
    ),
)


def _rules(
    direction: str, actions: tuple[str, ...], ports: str, *, names: bool, networks: bool
) -> st.SearchStrategy[list[dict[str, Any]]]:
    beyond = direction == "egress" and networks
    peers = st.one_of(pods, pods, st.sampled_from(_BEYOND)) if beyond else pods
    entries = _OLD_PORTS if ports == "ports" else (*_PROTOCOLS, *(_NAMES if names else ()))
    rule = st.fixed_dictionaries(
        {
            "action": st.sampled_from(actions),
            "to" if direction == "egress" else "from": st.lists(peers, min_size=1, max_size=2),
        },
        optional={ports: st.lists(st.sampled_from(entries), min_size=1, max_size=2)},
    )
    return st.lists(rule.filter(_is_valid), min_size=1, max_size=3)


def _is_valid(rule: Mapping[str, Any]) -> bool:
    """Whether the rule does not name a port of addresses."""
    named = any("destinationNamedPort" in port for port in rule.get("protocols", ()))
    return not (named and any("networks" in peer for peer in rule.get("to", ())))


@st.composite
def cluster_policies(
    draw: st.DrawFn, *, names: bool = True, networks: bool = True
) -> list[dict[str, Any]]:
    """Policies of the three kinds, of few priorities."""
    found: list[dict[str, Any]] = []
    for number in range(draw(st.integers(2, 4))):
        kind = draw(
            st.sampled_from(["ClusterNetworkPolicy"] * 3 + ["AdminNetworkPolicy", "Baseline"])
        )
        old = kind != "ClusterNetworkPolicy"
        actions: tuple[str, ...] = ("Allow" if old else "Accept", "Deny", "Pass")
        spec: dict[str, Any] = {"subject": draw(pods | st.just({"namespaces": {}}))}
        name = f"p{number}"
        if kind == "Baseline":
            kind, actions, name = "BaselineAdminNetworkPolicy", actions[:2], "default"
            if any(one["kind"] == kind for one in found):
                continue
        else:
            spec["priority"] = draw(st.integers(0, 1))
        if not old:
            spec["tier"] = draw(st.sampled_from(["Admin", "Baseline"]))
        ports = "ports" if old else "protocols"
        for direction in draw(st.sampled_from(_DIRECTIONS)):
            spec[direction] = draw(
                _rules(direction, actions, ports, names=names, networks=networks)
            )
        version = "v1alpha1" if old else "v1alpha2"
        found.append(
            {
                "apiVersion": f"policy.networking.k8s.io/{version}",
                "kind": kind,
                "metadata": {"name": name},
                "spec": spec,
            }
        )
    return found


@st.composite
def network_policies(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A few NetworkPolicies of the namespaces a and b."""
    found = []
    for number in range(draw(st.integers(0, 3))):
        spec: dict[str, Any] = {"podSelector": draw(selectors)}
        spec["policyTypes"] = draw(
            st.lists(st.sampled_from(["Ingress", "Egress"]), min_size=1, unique=True)
        )
        for direction, side in (("ingress", "from"), ("egress", "to")):
            peer = st.one_of(
                st.fixed_dictionaries({"podSelector": selectors}),
                st.fixed_dictionaries({"namespaceSelector": places}),
                st.sampled_from(_BLOCKS),
            )
            rule = st.fixed_dictionaries(
                {},
                optional={
                    side: st.lists(peer, min_size=1, max_size=2),
                    "ports": st.just([{"port": 80}]),
                },
            )
            if direction.capitalize() in spec["policyTypes"]:
                spec[direction] = draw(st.lists(rule, max_size=2))
        found.append(
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": {"name": f"n{number}", "namespace": draw(st.sampled_from("ab"))},
                "spec": spec,
            }
        )
    return found


def namespace_manifests() -> list[dict[str, Any]]:
    """The Namespace objects of the world."""
    return [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "labels": dict(labels)},
        }
        for name, labels in LABELS.items()
    ]


def world() -> World:
    """A world in which every selector has pods that it matches and pods that it does not."""
    found = [
        Pod(
            namespace=name,
            name=f"{app or 'none'}-{tier or 'none'}",
            labels={key: value for key, value in (("app", app), ("tier", tier)) if value},
            ports=NAMED,
        )
        for name in LABELS
        for app, tier in product(("x", "y", "z", ""), ("t", ""))
    ]
    namespaces = {name: {**labels, METADATA_NAME: name} for name, labels in LABELS.items()}
    return World(namespaces, tuple(found))


def ends(here: World) -> Iterator[Endpoint]:
    """Every end of the world."""
    yield from here.pods
    yield from ADDRESSES
