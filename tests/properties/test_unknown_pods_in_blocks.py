"""What pods that are not known may do through blocks, against the API's own text.

Where nobody states what blocks match, the blocks of unknown pods may match a workload, and its own blocks may match
them. The first is in the rows of their classes, the second in rows by their addresses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netpolc.analysis.concrete_evaluator import Pod as UnknownPod
from netpolc.analysis.connection_list import AddressRange
from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.unknown_facts import BlockMatching
from netpolc.commands.exposure_rows import exposure_rows
from netpolc.commands.listed import Listed
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import ContainerPort, Inventory, Workload
from netpolc.kube.name_rules import named_labels
from netpolc.kube.peers import Anyone, Direction, Pods
from netpolc.kube.ports import NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING
from netpolc.manifest.write import write
from netpolc.passes.emit import emit
from netpolc.passes.normalise import normalise
from tests.analysis.test_reachability_random import is_in
from tests.graph.test_graph import known
from tests.properties.test_analysis import APPS, BY_APP, PORTS, outside
from tests.properties.test_blocks_in_lists import CUT, PLACES, TRAFFIC
from tests.reference import world as reference
from tests.reference.kubernetes import connects, permits
from tests.reference.world import Plugin, Pod, World
from tests.tries import tries

HTTP = NamedPort(Protocol.TCP, "http")
OWN = Workload(
    namespace="ops",
    name="db",
    kind="Deployment",
    labels={"app": APPS[0]},
    ports=(ContainerPort(number=PORTS[0], protocol=Protocol.TCP, name="http"),),
)
NAMESPACES = ("ops", "shop", "elsewhere")
"""The namespace of the workload, another with policies, and one of which nothing is known."""
OWN_PLACES = (*PLACES[::2], PLACES[1])
PLACES_OF_OTHERS = (*PLACES[1::2], PLACES[0])
"""An address of each pod in each part that the blocks tell apart; the first two are parts of one address."""
PEERS = st.one_of(
    st.sampled_from(CUT).map(outside),
    st.sampled_from(CUT).map(outside),
    st.builds(Pods, st.sampled_from((None, EVERYTHING)), BY_APP),
    st.just(Anyone()),
)


@st.composite
def policies_of(draw: st.DrawFn, namespace: str) -> PolicySet:
    """Policies of a namespace in which blocks open much of what is closed."""
    allow = st.builds(
        Allow,
        subject=BY_APP,
        direction=st.sampled_from(Direction),
        peer=PEERS,
        traffic=TRAFFIC,
    )
    allows = draw(st.lists(allow, max_size=5))
    closed = (Subject(selector=each.subject, direction=each.direction) for each in allows)
    return policy_set(namespace=namespace, complete=True, parts=(*closed, *allows))


@dataclass(frozen=True)
class Answers:
    """Whether all worlds permit a connection, and with which addresses of the unknown pod some do."""

    certain: bool
    places: frozenset[reference.Address]


def answers(
    manifests: Sequence[Mapping[str, Any]], other: UnknownPod, direction: Direction, port: int
) -> Answers:
    """What the API says of the workload and an unknown pod in the worlds that could exist."""
    outcomes = set()
    for world in worlds(other):
        own, unknown = world.pods
        ends = (own, unknown) if direction is Direction.EGRESS else (unknown, own)
        outcomes.add((unknown.address, permits(manifests, world, *ends, "TCP", port)))
    return Answers(
        certain=all(verdict for _, verdict in outcomes),
        places=frozenset(place for place, verdict in outcomes if verdict and place is not None),
    )


def worlds(other: UnknownPod) -> Iterator[World]:
    """The worlds that could exist, each with the workload's pod and the other one."""
    ports = (reference.ContainerPort("http", "TCP", PORTS[0]),)
    there = {name: named_labels({}, name) for name in NAMESPACES}
    for places in product(OWN_PLACES, PLACES_OF_OTHERS):
        pods = (
            Pod(namespace="ops", name="db", labels=OWN.labels, ports=ports, address=places[0]),
            Pod(
                namespace=other.namespace,
                name="other",
                labels=other.labels,
                ports=ports,
                address=places[1],
            ),
        )
        if connects(*pods):
            for matches in (True, False):
                yield World(there, pods, Plugin(blocks_match_pods=matches))


def unknown_pods() -> Iterator[UnknownPod]:
    """Pods of each kind that policies tell apart, and one that they do not name."""
    for namespace, app in product(NAMESPACES, (*APPS, "none of these")):
        yield UnknownPod(
            namespace=namespace,
            namespace_labels=named_labels({}, namespace),
            labels={"app": app},
        )


def has(traffic: Traffic, port: int) -> bool:
    """Whether traffic has a port of a pod whose port http has the first number."""
    return port in traffic.tcp or (port == PORTS[0] and HTTP in traffic.named)


@settings(max_examples=tries(30), deadline=None)
@given(policies_of("ops"), policies_of("shop"))
@example(
    policy_set(namespace="ops"),
    policy_set(
        namespace="shop",
        parts=[
            Subject(selector=EVERYTHING, direction=Direction.EGRESS),
            Allow(
                subject=EVERYTHING,
                direction=Direction.EGRESS,
                peer=outside("10.0.0.0/8"),
                traffic=Traffic.of(named=[HTTP]),
            ),
        ],
    ),
)
def test_what_unknown_pods_may_do_through_blocks_is_in_a_row(
    own: PolicySet, others: PolicySet
) -> None:
    policies = normalise(Policies({each.namespace: each for each in (own, others)}))
    manifests = [yaml.safe_load(write(policy)) for policy in emit(policies).value]
    rows = list(exposure_rows(known(policies, Inventory(workloads=(OWN,)))))
    for direction, other in product(Direction, unknown_pods()):
        by_class, by_address = told(rows, direction, other)
        assert len(by_class) < 2
        for port in PORTS:
            expected = answers(manifests, other, direction, port)
            assert any(has(row.traffic, port) for row in by_class) is expected.certain
            if expected.certain:
                continue
            if any(has(row.possible, port) for row in by_class):
                assert expected.places
                assert BlockMatching() in by_class[0].facts
            else:
                assert all(
                    any(
                        place in addresses and has(row.possible, port)
                        for addresses, row in by_address
                    )
                    for place in expected.places
                )


def told(
    rows: list[Listed], direction: Direction, other: UnknownPod
) -> tuple[list[Listed], list[tuple[Addresses, Listed]]]:
    """The rows in a direction about a class that an unknown pod is in, and those about addresses."""
    by_class, by_address = [], []
    for row in rows:
        mine, end = row.ends if direction is Direction.EGRESS else row.ends[::-1]
        if mine is not OWN:
            continue
        if isinstance(end, AddressRange):
            by_address.append((end.addresses(), row))
        elif isinstance(end, PodClass) and is_in(other, end):
            by_class.append(row)
    return by_class, by_address


@settings(max_examples=tries(20), deadline=None)
@given(policies_of("ops"))
def test_what_is_possible_by_address_is_so_for_a_pod_that_no_policy_closes(own: PolicySet) -> None:
    policies = normalise(Policies({"ops": own}))
    manifests = [yaml.safe_load(write(policy)) for policy in emit(policies).value]
    rows = list(exposure_rows(known(policies, Inventory(workloads=(OWN,)))))
    other = UnknownPod(namespace="shop", namespace_labels=named_labels({}, "shop"), labels={})
    for direction in Direction:
        _, by_address = told(rows, direction, other)
        for port in PORTS:
            places = answers(manifests, other, direction, port).places
            for addresses, row in by_address:
                if has(row.possible, port):
                    assert all(place in places for place in PLACES_OF_OTHERS if place in addresses)
