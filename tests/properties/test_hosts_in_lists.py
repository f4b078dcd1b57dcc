"""Lists of workloads on the host's network, and questions about them, against the API's own text.

Such a pod has an address of its node. Whether policies apply to it, and whether selectors match it, differs
from one network plugin to the next, and so does whether blocks match it, as far as nothing is stated.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations, product

from hypothesis import example, given, settings
from hypothesis import strategies as st

from netpolc.analysis.bounds import Bounds
from netpolc.analysis.explain_query import Answer, can
from netpolc.analysis.possible_connections import possible_connections
from netpolc.analysis.query import Question, of_workload
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, PolicySet, Subject
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import BlockScope, Direction
from netpolc.kube.ports import EVERY_PORT, NO_TRAFFIC, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING
from netpolc.program.model import ClusterAddresses
from tests.properties.test_analysis import PORTS, outside
from tests.properties.test_blocks_in_lists import (
    FACTS,
    PLACES,
    STATED,
    WORKLOADS,
    Case,
    agrees,
    blocks_at_both_ends,
    case,
)
from tests.reference.kubernetes import connects, permits
from tests.reference.world import Address, Plugin, Pod, World
from tests.tries import tries

DB, API = WORKLOADS
HOSTS = replace(DB, host_network=True), replace(API, name="agent", host_network=True)
INVENTORY = Inventory(workloads=(API, *HOSTS))
AT_ONE_END = st.sampled_from(Direction).flatmap(lambda end: blocks_at_both_ends((end,)))
HOST_FACTS = st.builds(
    replace,
    FACTS,
    nodes=st.sampled_from((*STATED[1:], (Cidr.parse("10.0.0.1/32"),))).map(
        lambda cidrs: Addresses.of(map(Block, cidrs))
    ),
    blocks=st.sampled_from((BlockScope.ALL, BlockScope.ALL, None, BlockScope.OUTSIDE)),
)
ANSWERS = {
    frozenset({True}): {Answer.YES},
    frozenset({False}): {Answer.NO},
    frozenset({True, False}): {Answer.UNKNOWN, Answer.PARTLY},
    frozenset(): set(Answer),
}
"""The right answers to a question, by what the worlds permit that could exist."""
IPV4 = Addresses.of([Block(Cidr.parse("10.0.0.0/9"))])
OF_TWO_VERSIONS = policy_set(
    namespace="shop",
    complete=True,
    parts=[
        part
        for direction, block in ((Direction.INGRESS, "0.0.0.0/0"), (Direction.EGRESS, "::/0"))
        for part in (
            Subject(selector=EVERYTHING, direction=direction),
            Allow(subject=EVERYTHING, direction=direction, peer=outside(block), traffic=EVERY_PORT),
        )
    ],
)


def plugins(blocks: BlockScope | None) -> Iterator[Plugin]:
    """The network plugins that what is stated of blocks leaves possible."""
    scopes = {None: (True, False), BlockScope.ALL: (True,), BlockScope.OUTSIDE: (False,)}
    for matches, applies, selects in product(scopes[blocks], (True, False), (True, False)):
        yield Plugin(
            blocks_match_pods=matches, policies_on_hosts=applies, selectors_match_hosts=selects
        )


def worlds(this: Case, sender: Workload, receiver: Workload) -> Iterator[World]:
    """The worlds that could exist, with a pod of each of two workloads; two hosts may be one node."""

    def places(workload: Workload) -> list[Address]:
        stated = this.facts.nodes if workload.host_network else this.facts.pods
        return [each for each in PLACES if not stated or each in stated]

    for addresses in product(places(sender), places(receiver)):
        pods = tuple(
            Pod(
                namespace="shop",
                name=workload.name,
                labels=workload.labels,
                address=address,
                host_network=workload.host_network,
            )
            for workload, address in zip((sender, receiver), addresses, strict=True)
        )
        is_one_node = all(pod.host_network for pod in pods) and addresses[0] == addresses[1]
        if is_one_node or connects(*pods):
            for plugin in plugins(this.facts.blocks):
                yield World({"shop": {METADATA_NAME: "shop"}}, pods, plugin)


def answer(this: Case, sender: Workload, receiver: Workload, port: int) -> Answer:
    """The answer to a question about the pods of two workloads."""
    ends = {"sender": of_workload(sender), "receiver": of_workload(receiver)}
    question = Question(**ends, traffic=Traffic.of([(Protocol.TCP, port, port)]))
    return can(Bounds.of(this.policies, this.facts), question, INVENTORY).answer


@settings(max_examples=tries(30), deadline=None)
@given(blocks_at_both_ends() | AT_ONE_END, HOST_FACTS)
@example(OF_TWO_VERSIONS, ClusterAddresses(pods=IPV4, blocks=BlockScope.ALL))
def test_a_list_and_answers_have_what_each_and_what_some_plugins_permit_a_host(
    drawn: PolicySet, facts: ClusterAddresses
) -> None:
    this = case(drawn, facts)
    rows = possible_connections(this.policies, INVENTORY, this.facts)
    by_ends = {(str(row.sender), str(row.receiver)): row for row in rows}
    for sender, receiver in permutations(INVENTORY.workloads, 2):
        row = by_ends.get((str(sender), str(receiver)))
        certain, possible = (NO_TRAFFIC,) * 2 if row is None else (row.traffic, row.possible)
        could_be = list(worlds(this, sender, receiver))
        for port in PORTS:
            outcomes = set()
            for world in could_be:
                source, destination = world.pods
                outcomes.add(permits(this.manifests, world, source, destination, "TCP", port))
            is_certain, is_possible = port in certain.tcp, port in possible.tcp
            assert agrees(outcomes, certain=is_certain, possible=is_possible)
            if (
                outcomes and sender.host_network
            ):  # The receiver may be on this node, which always reaches it.
                outcomes.add(True)
            assert answer(this, sender, receiver, port) in ANSWERS[frozenset(outcomes)]
