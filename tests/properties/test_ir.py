"""Laws of the IR: one form for one meaning, kept by every step up to the manifests."""

import random
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address

import yaml
from hypothesis import given
from hypothesis import strategies as st

from netpolc.ir.build import policies as collected
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.ir.serialize import dump, load
from netpolc.ir.subsumption import Covering
from netpolc.ir.verifier import check
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction, Outside, covers
from netpolc.kube.ports import PROTOCOLS, Protocol
from netpolc.manifest.write import write
from netpolc.passes.emit import emit
from netpolc.passes.lift import lift
from netpolc.passes.normalise import normalise
from netpolc.source import SourceFile
from tests.manifest.documents import document
from tests.manifest.validity import problems
from tests.properties import reading
from tests.properties.strategies import KEYS, NAMESPACES, VALUES, allows, policies
from tests.reference.kubernetes import end_permits
from tests.reference.world import ContainerPort, Endpoint, Pod, World

ADDRESSES = tuple(
    map(
        ip_address,
        (
            *("0.0.0.1", "9.255.255.255", "10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.4"),
            *("10.127.255.255", "10.128.0.0", "11.0.0.0", "::", "2001:db8::", "2001:db8::1"),
            *("2001:db8:8000::", "2001:db9::"),
        ),
    )
)
CONTAINER_PORTS = (ContainerPort("web", "TCP", 80), ContainerPort("metrics", "UDP", 53))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    labels = st.dictionaries(st.sampled_from(KEYS), st.sampled_from((*VALUES, "other")))
    names = (*NAMESPACES, "elsewhere")
    spaces = {name: {**draw(labels), METADATA_NAME: name} for name in names}
    pods = tuple(
        Pod(
            namespace=draw(st.sampled_from(names)),
            name=str(number),
            labels=draw(labels),
            ports=draw(st.sampled_from([(), CONTAINER_PORTS])),
        )
        for number in range(3)
    )
    return World(spaces, pods)


def connections(
    drawn: Policies, world: World
) -> Iterator[tuple[PolicySet, Direction, Pod, Endpoint, Protocol, int]]:
    """One end of many connections, in the namespaces of the policies."""
    others: tuple[Endpoint, ...] = (*world.pods, *ADDRESSES)
    for one in drawn.namespaces.values():
        for pod in world.pods:
            if pod.namespace == one.namespace:
                for other in others:
                    for direction in Direction:
                        for protocol, port in (
                            (p, n) for p in PROTOCOLS for n in (1, 53, 80, 82, 443)
                        ):
                            yield one, direction, pod, other, protocol, port


@given(policies(), worlds())
def test_normalise_keeps_the_meaning(drawn: Policies, world: World) -> None:
    normal = normalise(drawn)
    assert normal.namespaces.keys() == drawn.namespaces.keys()
    for one, direction, pod, other, protocol, port in connections(drawn, world):
        asked = (world, direction, pod, other, protocol, port)
        assert reading.permits(one, *asked) == reading.permits(
            normal.namespaces[one.namespace], *asked
        )


@given(policies(), worlds())
def test_manifests_mean_what_the_ir_means(drawn: Policies, world: World) -> None:
    manifests = [yaml.safe_load(write(policy)) for policy in emit(normalise(drawn)).value]
    for one, direction, pod, other, protocol, port in connections(drawn, world):
        name = direction.value.capitalize()
        assert reading.permits(one, world, direction, pod, other, protocol, port) == end_permits(
            manifests, world, name, pod, other, protocol.value, port
        )


@given(policies())
def test_normalise_leaves_nothing_to_do(drawn: Policies) -> None:
    once = normalise(drawn)
    twice = normalise(once)
    assert twice == once
    assert dump(twice) == dump(once)
    assert not check(once)


@given(policies(), st.randoms(use_true_random=False))
def test_the_order_leaves_no_trace(drawn: Policies, chance: random.Random) -> None:
    shuffled = collected(_shuffled(one, chance) for one in list(drawn.namespaces.values())[::-1])
    assert dump(normalise(shuffled)) == dump(normalise(drawn))
    assert [write(policy) for policy in emit(normalise(shuffled)).value] == [
        write(policy) for policy in emit(normalise(drawn)).value
    ]


def _shuffled(one: PolicySet, chance: random.Random) -> PolicySet:
    closed, opened = [replace(part, allows=()) for part in one.subjects], list(one.allows)
    parts: list[Subject | Allow] = [*closed, *closed[:1], *opened, *opened[:1]]
    chance.shuffle(parts)
    return policy_set(
        namespace=one.namespace,
        labels=dict(list(one.labels.items())[::-1]),
        complete=one.complete,
        parts=parts,
    )


@given(policies())
def test_json_is_read_back_with_origins(drawn: Policies) -> None:
    normal = normalise(drawn)
    text = dump(normal)
    loaded = load(SourceFile("ir.json", text))
    assert not loaded.diagnostics
    assert loaded.value == normal
    assert dump(loaded.value) == text, "origins and blocks too"


@given(policies())
def test_manifests_are_read_back_as_the_same_ir(drawn: Policies) -> None:
    normal = normalise(drawn)
    lifted = lift(emit(normal).value)
    assert not lifted.diagnostics
    again = normalise(lifted.value).namespaces
    for name, one in normal.namespaces.items():
        other = again.get(name, PolicySet(namespace=name))
        assert other.subjects == one.subjects


@given(policies())
def test_manifests_are_valid_and_yaml_gives_the_value_back(drawn: Policies) -> None:
    emitted = emit(normalise(drawn))
    assert not emitted.diagnostics
    names = [(policy.namespace, policy.name) for policy in emitted.value]
    assert len(set(names)) == len(names)
    assert sorted(names) == names
    for policy in emitted.value:
        read = yaml.safe_load(write(policy))
        assert read == document(policy)
        assert not problems(read)


@given(st.lists(allows(), max_size=8), st.lists(allows(), max_size=3))
def test_whoever_covers_is_found(drawn: list[Allow], strangers: list[Allow]) -> None:
    kept = [one for one in drawn if not isinstance(one.peer, Outside) or one.peer.addresses]
    covering = Covering(kept)
    for one in (*kept, *strangers):
        over = [
            wide
            for wide in kept
            if wide is not one and covers(wide.peer, one.peer) and one.traffic <= wide.traffic
        ]
        assert {*map(id, covering.over(one))} == {*map(id, over)}
