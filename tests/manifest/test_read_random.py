"""Random manifests: what the API accepts is read as it stands, what it refuses is refused.

The second property breaks a good manifest somewhere and asks the published schemas and
the server's rules as `validity` wrote them down; both must agree with the reader.
"""

import copy
import json
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from netpolc.manifest.read import read
from netpolc.source import SourceFile
from tests.manifest.documents import document
from tests.manifest.strategies import Manifest, network_policies, policy_lists, texts
from tests.manifest.validity import problems

JUNK: list[Any] = [
    *(None, True, 0, 1, 80, 65536, -1, 1.5, "", "x", "TCP", "Ingress", "In", "Exists", "80"),
    *([], [None], ["Ingress"], {}, {"app": "x"}, {"cidr": "10.0.0.0/8"}, [{}], {"a b": "c"}),
    *("10.0.0.0/8", "::/0", "a" * 64, "UPPER", "-x", {"podSelector": {}}),
]
KIND = {"kind": "NetworkPolicy", "apiVersion": "networking.k8s.io/v1"}
FIELDS = [
    *("podSelector", "podselector", "ipBlock", "namespaceSelector", "ports", "from", "to", "port"),
    *("endPort", "protocol", "matchLabels", "values", "operator", "except", "cidr", "spec", "name"),
]


@given(st.data())
def test_what_the_api_accepts_is_read_as_it_stands(data: st.DataObject) -> None:
    policies = data.draw(policy_lists())
    outcome = read(SourceFile("a", data.draw(texts(policies))))
    assert not outcome.failed, outcome.diagnostics
    assert [without(document(one)) for one in outcome.value.policies] == [
        without(policy) for policy in policies
    ]


@given(st.data())
def test_reader_and_api_server_refuse_the_same(data: st.DataObject) -> None:
    broken = copy.deepcopy(data.draw(network_policies()))
    places = list(containers(broken))
    for _ in range(data.draw(st.integers(1, 2))):
        place = data.draw(st.sampled_from(places))
        breaking(data, place)
    broken = as_validity_has_it(broken)
    spec = broken.get("spec")
    if not isinstance(spec, dict) or "podSelector" not in spec:
        return  # refused by the reader in any case; see NP412
    if any(isinstance(broken.get(key), str) and broken[key] != said for key, said in KIND.items()):
        return  # an object of some other kind
    outcome = read(SourceFile("a.json", json.dumps(broken)))
    assert outcome.failed == bool(problems(broken)), (outcome.diagnostics, problems(broken))
    assert bool(outcome.value.policies) != outcome.failed


def breaking(data: st.DataObject, place: dict[str, Any] | list[Any]) -> None:
    """Change something in an object or a list."""
    junk = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
    inside = bool(place) and data.draw(st.booleans())
    if isinstance(place, list):
        if inside:
            place[data.draw(st.integers(0, len(place) - 1))] = junk
        else:
            place.append(junk)
    elif inside:
        key = data.draw(st.sampled_from(sorted(place)))
        if data.draw(st.booleans()):
            del place[key]
        else:
            place[key] = junk
    else:
        place[data.draw(st.sampled_from(FIELDS))] = junk


def as_validity_has_it(broken: Manifest) -> Manifest:
    """The manifest without three things that `validity` refuses and the server takes.

    Those are null in a field (in a list the server takes it too; we do not), blocks with host bits set, and a policy type that comes twice.
    """
    clean: Manifest = without_null(broken)
    for inner in containers(clean):
        if isinstance(inner, list):
            inner[:] = map(network, inner)
        else:
            inner.update({key: network(value) for key, value in inner.items()})
            types = inner.get("policyTypes")
            if isinstance(types, list) and len(types) == 2 and types[0] == types[1]:
                del types[1]
    return clean


def network(value: Any) -> Any:
    """The network of a block, any other value as it is."""
    try:
        return str(ip_network(value, strict=False)) if "/" in value else value
    except (TypeError, ValueError):
        return value


def containers(value: Any) -> Iterator[dict[str, Any] | list[Any]]:
    """Every object and list in a value."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from containers(inner)
    elif isinstance(value, list):
        yield value
        for inner in value:
            yield from containers(inner)


def without_null(value: Any) -> Any:
    """A value without the members that are null, which are missing to the API."""
    if isinstance(value, dict):
        return {k: without_null(v) for k, v in value.items() if v is not None}
    return [without_null(v) for v in value if v is not None] if isinstance(value, list) else value


def without(policy: Manifest) -> Any:
    """A manifest in the one form that leaves nothing open: no nulls, no empty maps of labels."""
    clean = without_null(policy)
    for inner in containers(clean):
        if isinstance(inner, dict):
            for key in (
                "labels",
                "annotations",
                "matchLabels",
                "matchExpressions",
                "values",
                "except",
            ):
                if key in inner and not inner[key]:
                    del inner[key]
    return clean
