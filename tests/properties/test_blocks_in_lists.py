"""Lists where blocks match pods by their addresses, or may match them, against the API's own text.

A connection uses addresses of one IP version, no two pods have the same address, and whether blocks match
pods at all depends on the network plugin, as far as nothing is stated.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address
from itertools import permutations, product
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis import concrete_evaluator as concrete
from netpolc.analysis.block_reading import blocks_of, reading_of_classes
from netpolc.analysis.exposure import Exposures
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.possible_connections import possible_connections
from netpolc.analysis.query import EVERY_POD, Question
from netpolc.analysis.reachability import reach
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.name_rules import METADATA_NAME, named_labels
from netpolc.kube.peers import BlockScope, Direction, Pods
from netpolc.kube.ports import EVERY_PORT, Protocol, Traffic
from netpolc.manifest.write import write
from netpolc.passes.emit import emit
from netpolc.passes.normalise import normalise
from netpolc.program.model import ClusterAddresses
from tests.analysis.test_reachability_random import holds, is_in
from tests.properties.test_analysis import APPS, BY_APP, PORTS, outside
from tests.reference.kubernetes import connects, permits
from tests.reference.world import Plugin, Pod, World
from tests.tries import tries

CUT = (
    *("0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.0.0.1/32", "10.0.0.2/32"),
    *("::/0", "2001:db8::/32", "2001:db8::/33", "0.0.0.0/0", "::/0"),
)
PLACES = tuple(
    map(
        ip_address,
        (
            *("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.128.0.1", "10.128.0.2"),
            *("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8:8000::1"),
            *("2001:db8:8000::2", "fd00::1", "fd00::2", "2600::1", "2600::2"),
        ),
    )
)
"""Two addresses in each part that the blocks tell apart, if it has as many."""
STATED = tuple(
    tuple(map(Cidr.parse, texts))
    for texts in (
        *((), (), ("10.0.0.0/9",), ("10.0.0.0/8", "2001:db8::/32"), ("192.0.2.0/24", "fd00::/16")),
        *(("10.0.0.1/32", "10.0.0.2/32"), ("10.0.0.1/32", "2001:db8::/32")),
    )
)
"""The addresses of pods that may be stated."""
FACTS = st.builds(
    ClusterAddresses,
    pods=st.sampled_from(STATED).map(lambda cidrs: Addresses.of(map(Block, cidrs))),
    blocks=st.sampled_from((None, *BlockScope)),
)
TRAFFIC = st.sampled_from(
    [EVERY_PORT, *(Traffic.of([(Protocol.TCP, port, port)]) for port in PORTS)]
)
WORKLOADS = tuple(
    Workload(namespace="shop", name=app, kind="Pod", labels={"app": app}) for app in APPS
)


@st.composite
def blocks_at_both_ends(draw: st.DrawFn, directions: Iterable[Direction] = Direction) -> PolicySet:
    """Policies of a namespace in which blocks, and few others, open what is closed."""
    peers = st.one_of(*[st.sampled_from(CUT).map(outside)] * 3, st.builds(Pods, st.none(), BY_APP))
    allow = st.builds(
        Allow,
        subject=BY_APP,
        direction=st.sampled_from(tuple(directions)),
        peer=peers,
        traffic=TRAFFIC,
    )
    some = draw(st.lists(allow, min_size=2, max_size=6))
    closed = (Subject(selector=one.subject, direction=one.direction) for one in some)
    return policy_set(namespace="shop", complete=True, parts=(*closed, *some))


@dataclass(frozen=True)
class Case:
    """Policies as the product and as the API have them, and the facts about the cluster."""

    policies: Policies
    manifests: list[Any]
    facts: ClusterAddresses

    def outcomes(self, sender: Workload, receiver: Workload, port: int) -> set[bool]:
        """Whether a connection is permitted in the worlds that could exist."""
        return {verdict for _, verdict in self.verdicts(sender, receiver, port)}

    def verdicts(
        self, sender: Workload, receiver: Workload, port: int
    ) -> Iterator[tuple[World, bool]]:
        """The worlds that could exist, each with whether it permits a connection."""
        for world in self._worlds(sender, receiver):
            source, destination = world.pods
            yield world, permits(self.manifests, world, source, destination, "TCP", port)

    def _worlds(self, sender: Workload, receiver: Workload) -> Iterator[World]:
        stated = self.facts.pods
        places = [each for each in PLACES if not stated or each in stated]
        scopes = {None: (True, False), BlockScope.ALL: (True,), BlockScope.OUTSIDE: (False,)}
        for addresses in product(places, places):
            pods = tuple(
                Pod(namespace="shop", name=one.name, labels=one.labels, address=address)
                for one, address in zip((sender, receiver), addresses, strict=True)
            )
            if connects(*pods):
                for matches in scopes[self.facts.blocks]:
                    plugin = Plugin(blocks_match_pods=matches)
                    yield World({"shop": {METADATA_NAME: "shop"}}, pods, plugin)


def case(drawn: PolicySet, facts: ClusterAddresses) -> Case:
    """The case of some policies."""
    policies = normalise(Policies({drawn.namespace: drawn}))
    manifests = [yaml.safe_load(write(policy)) for policy in emit(policies).value]
    return Case(policies, manifests, facts)


def agrees(outcomes: set[bool], *, certain: bool, possible: bool) -> bool:
    """Whether a row is right: certain where every world permits, possible where some do."""
    return not outcomes or (certain, possible) == (outcomes == {True}, len(outcomes) > 1)


@settings(max_examples=tries(60), deadline=None)
@given(blocks_at_both_ends(), FACTS)
def test_a_list_of_workloads_has_what_each_and_what_some_addresses_permit(
    drawn: PolicySet, facts: ClusterAddresses
) -> None:
    this = case(drawn, facts)
    rows = possible_connections(this.policies, Inventory(workloads=WORKLOADS), facts)
    found = {(str(row.sender), str(row.receiver)): row for row in rows}
    for sender, receiver in permutations(WORKLOADS):
        row = found.get((str(sender), str(receiver)))
        certain, possible = (Traffic(), Traffic()) if row is None else (row.traffic, row.possible)
        for port in PORTS:
            outcomes = this.outcomes(sender, receiver, port)
            is_certain, is_possible = port in certain.tcp, port in possible.tcp
            assert agrees(outcomes, certain=is_certain, possible=is_possible)


@settings(max_examples=tries(60), deadline=None)
@given(blocks_at_both_ends(), FACTS)
def test_rows_about_classes_of_pods_have_what_each_and_what_some_addresses_permit(
    drawn: PolicySet, facts: ClusterAddresses
) -> None:
    """Where nothing is stated, rows about pods count blocks as addresses outside."""
    if not facts.pods and facts.blocks is None:
        facts = replace(facts, blocks=BlockScope.OUTSIDE)
    this = case(drawn, facts)
    blocks = reading_of_classes(facts, blocks_of((this.policies,)))
    cluster = Cluster(this.policies, blocks=blocks)
    rows = list(reach(cluster, (Question(sender=EVERY_POD, receiver=EVERY_POD),)))
    exposures = Exposures(cluster)
    for sender, receiver in permutations(WORKLOADS):
        ends = pod(sender), pod(receiver)
        mine = [row for row in rows if holds(row, *ends)]
        exposed = [
            row
            for row in exposures.of(receiver, Direction.INGRESS)
            if row.own_namespace and is_in(ends[0], row.peer)
        ]
        assert len(mine) < 2
        assert len(exposed) < 2
        for port in PORTS:
            outcomes = this.outcomes(sender, receiver, port)
            for some in (mine, exposed):
                certain = any(port in row.carried.traffic.tcp for row in some)
                possible = any(port in row.possible.tcp for row in some)
                assert agrees(outcomes, certain=certain, possible=possible)


def pod(workload: Workload) -> concrete.Pod:
    """A pod of a workload."""
    return concrete.Pod(
        namespace=workload.namespace,
        namespace_labels=named_labels({}, workload.namespace),
        labels=workload.labels,
    )
