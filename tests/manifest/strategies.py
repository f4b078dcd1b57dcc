"""Random NetworkPolicies as plain dicts: everything that the API accepts, as people write it.

What matters is what is missing, empty and null, so each optional field has all of these
forms where the API takes them. Labels, names and blocks are few, so that policies meet
each other and the pods of a random world.
"""

import json
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any

import yaml
from hypothesis import strategies as st

from tests.reference.world import METADATA_NAME, Address, ContainerPort, Pod, World

Manifest = dict[str, Any]

NAMESPACES = ("default", "shop", "monitoring")
KEYS = ("app", "tier", "example.com/env")
VALUES = ("a", "b", "")
PORT_NUMBERS = (1, 53, 80, 443, 8080, 65535)
PORT_NAMES = ("web", "metrics")
PROTOCOLS = ("TCP", "UDP", "SCTP")
BLOCKS = {
    "0.0.0.0/0": ("10.0.0.0/8", "10.1.2.3/16", "0.0.0.0/1", "128.0.0.0/1"),
    "10.0.0.0/8": ("10.1.0.0/16", "10.1.2.0/24", "10.0.0.0/9"),
    "10.1.2.3/16": ("10.1.2.0/24",),
    "192.0.2.1/32": (),
    "::/0": ("2001:db8::/32",),
    "2001:db8::1/32": ("2001:db8:1::/48", "2001:DB8:1:0::5/64"),
}
ADDRESSES: tuple[Address, ...] = tuple(
    map(
        ip_address,
        (
            *("10.0.0.1", "10.1.2.3", "10.1.9.9", "10.200.0.1", "192.0.2.1", "192.0.2.2"),
            *("200.1.1.1", "2001:db8::1", "2001:db8:1::5", "2001:db8:1:1::5", "2a00::1"),
        ),
    )
)

_labels = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=2)
_values = st.lists(st.sampled_from(VALUES), min_size=1, max_size=2)
_key = st.sampled_from((*KEYS, METADATA_NAME))


def network_policies(*, name: str = "policy") -> st.SearchStrategy[Manifest]:
    """A NetworkPolicy; its name is given, because names must differ."""
    metadata = _object(
        {"name": st.just(name)},
        {
            "namespace": st.sampled_from((*NAMESPACES, None)),
            "labels": st.none() | _labels,
            "annotations": st.none() | st.just({"note": "yes: a `string`\nof two lines"}),
        },
    )
    spec = _object(
        {"podSelector": st.sampled_from(({}, {}, {"matchLabels": {"app": "a"}})) | selectors()},
        {
            "policyTypes": st.none() | st.lists(st.sampled_from(("Ingress", "Egress")), max_size=2),
            "ingress": _lists(rules("from")),
            "egress": _lists(rules("to")),
        },
    )
    return st.fixed_dictionaries(
        {
            "apiVersion": st.just("networking.k8s.io/v1"),
            "kind": st.just("NetworkPolicy"),
            "metadata": metadata,
            "spec": spec,
        }
    )


def policy_lists() -> st.SearchStrategy[list[Manifest]]:
    """A few policies with names of their own."""
    return st.tuples(*(network_policies(name=f"policy-{i}") for i in range(3))).flatmap(
        lambda drawn: st.integers(1, 3).map(lambda size: list(drawn[:size]))
    )


def rules(peers_field: str) -> st.SearchStrategy[Manifest]:
    """A rule; `peers_field` is `from` or `to`."""
    return _object({}, {peers_field: _lists(peers()), "ports": _lists(ports())})


def peers() -> st.SearchStrategy[Manifest]:
    """An entry of `from` or `to`: one selector, both, or a block."""
    selecting = (
        st.fixed_dictionaries({"podSelector": selectors()})
        | st.fixed_dictionaries({"namespaceSelector": selectors()})
        | st.fixed_dictionaries({"podSelector": selectors(), "namespaceSelector": selectors()})
        | st.fixed_dictionaries({"podSelector": selectors(), "ipBlock": st.none()})
    )
    outside = st.fixed_dictionaries({"ipBlock": blocks()})
    return st.sampled_from((selecting, selecting, outside)).flatmap(lambda one: one)


def blocks() -> st.SearchStrategy[Manifest]:
    """A block, with exceptions inside it."""
    return st.sampled_from(sorted(BLOCKS)).flatmap(
        lambda cidr: _object(
            {"cidr": st.just(cidr)},
            {
                "except": st.none()
                | (
                    st.lists(st.sampled_from(BLOCKS[cidr]), min_size=1)
                    if BLOCKS[cidr]
                    else st.just([])
                )
            },
        )
    )


def ports() -> st.SearchStrategy[Manifest]:
    """An entry of `ports`: a number, a range, a name, or nothing but a protocol."""
    protocol = {"protocol": st.sampled_from((*PROTOCOLS, None))}
    ranges = st.tuples(st.sampled_from(PORT_NUMBERS), st.sampled_from(PORT_NUMBERS)).map(
        lambda pair: {"port": min(pair), "endPort": max(pair)}
    )
    numbers = st.fixed_dictionaries({"port": st.sampled_from((*PORT_NUMBERS, *PORT_NAMES, None))})
    return st.tuples(ranges | numbers | st.just({}), _object({}, protocol)).map(
        lambda parts: {**parts[0], **parts[1]}
    )


def selectors() -> st.SearchStrategy[Manifest]:
    """A LabelSelector."""
    expressions = st.fixed_dictionaries(
        {"key": _key, "operator": st.sampled_from(("In", "NotIn")), "values": _values}
    ) | _object(
        {"key": _key, "operator": st.sampled_from(("Exists", "DoesNotExist"))},
        {"values": st.none() | st.just([])},
    )
    return st.just(Manifest()) | _object(
        {},
        {
            "matchLabels": st.none()
            | _labels
            | st.sampled_from(NAMESPACES).map(lambda name: {METADATA_NAME: name}),
            "matchExpressions": _lists(expressions),
        },
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Namespaces and pods that the policies may be about."""
    namespaces = {name: {**draw(_labels), METADATA_NAME: name} for name in NAMESPACES}
    declared = st.lists(
        st.builds(
            ContainerPort,
            st.sampled_from(PORT_NAMES),
            st.sampled_from(PROTOCOLS),
            st.sampled_from(PORT_NUMBERS),
        ),
        max_size=2,
    ).map(tuple)
    pods = [
        Pod(
            namespace=draw(st.sampled_from(NAMESPACES)),
            name=f"pod-{i}",
            labels=draw(_labels),
            ports=draw(declared),
        )
        for i in range(4)
    ]
    return World(namespaces, tuple(pods))


def texts(policies: Sequence[Manifest]) -> st.SearchStrategy[str]:
    """Files that hold exactly these policies: streams, lists, YAML in both styles, JSON."""
    of_one_kind = [
        {key: value for key, value in policy.items() if key not in {"apiVersion", "kind"}}
        for policy in policies
    ]
    listed = {"apiVersion": "v1", "kind": "List", "items": list(policies)}
    typed = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicyList",
        "items": of_one_kind,
    }
    forms: list[Callable[[], str]] = [
        lambda: yaml.safe_dump_all(policies, sort_keys=False, explicit_start=True),
        lambda: yaml.safe_dump_all(policies, default_flow_style=True, width=40),
        lambda: yaml.safe_dump_all(policies, default_style='"').replace("\n", "\r\n"),
        lambda: yaml.safe_dump(listed),
        lambda: yaml.safe_dump(typed, sort_keys=False),
        lambda: yaml.safe_dump(_shared(listed, {})),
        lambda: yaml.safe_dump_all([_shared(policy, {}) for policy in policies], sort_keys=False),
        lambda: json.dumps(listed),
        lambda: json.dumps(typed, indent="\t"),
        lambda: "\n".join(json.dumps(policy, indent=2) for policy in policies),
    ]
    return st.sampled_from(forms).map(lambda form: form())


def _shared(value: Any, known: dict[str, Any]) -> Any:
    """The value with one object for equal lists and mappings, so that YAML has anchors and aliases."""
    if isinstance(value, dict):
        value = {key: _shared(member, known) for key, member in value.items()}
    elif isinstance(value, list):
        value = [_shared(element, known) for element in value]
    else:
        return value
    return known.setdefault(json.dumps(value), value)


def _object(
    required: dict[str, st.SearchStrategy[Any]], optional: dict[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[Manifest]:
    return st.fixed_dictionaries(required, optional=optional)


def _lists(of: st.SearchStrategy[Manifest]) -> st.SearchStrategy[list[Manifest] | None]:
    """Mostly with members, because it takes all fields of a rule to permit anything."""
    full = st.lists(of, min_size=1, max_size=2)
    return st.sampled_from((full, full, full, st.just([]), st.none())).flatmap(lambda one: one)
