"""Claims about blocks that have addresses of nodes, against worlds with a known pod on the host's network.

Whether policies apply to the pod, and whether selectors match it, differs from one network plugin to the next.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Literal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from netpolc.analysis.assertions import Status
from netpolc.analysis.unknown_facts import HostNetwork
from tests.properties.test_assertions import (
    BLOCKS,
    OWN_ADDRESSES,
    PORTS,
    Claimed,
    claims_about_blocks,
)
from tests.reference import kubernetes
from tests.reference.language import (
    Arrow,
    Assertion,
    Block,
    Name,
    PeerPorts,
    Program,
    Section,
)
from tests.reference.world import METADATA_NAME, Pod, World
from tests.tries import tries

APART = ("192.0.2.0/24", "2600::/32")
"""Blocks without addresses of pods, where these are stated."""
NODES = (*OWN_ADDRESSES, APART, APART)
AGENT = Pod(namespace="shop", name="agent", labels={"app": "api"}, host_network=True)
DB = Pod(namespace="shop", name="db", labels={"app": "db"})


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A program with a claim about a block, and what it may state of the cluster's own addresses."""
    pods, nodes = draw(st.sampled_from(OWN_ADDRESSES)), draw(st.sampled_from(NODES))
    addresses = {"pods": pods, "nodes": nodes}
    scope: Literal["outside", "all"] | None = draw(st.sampled_from((None, "outside", "all")))
    cluster = Section(name="", addresses=addresses, blocks=scope, mirror=False, dns=())
    return Program(cluster, draw(claims_about_blocks((*BLOCKS, *APART))))


def contradictions(claimed: Claimed) -> Iterator[bool]:
    """Whether each connection from the pod on the host's network contradicts the claim, in each world."""
    flags = (False, True)
    for here, there in product(claimed.addresses("nodes"), claimed.addresses("pods")):
        agent, db = replace(AGENT, address=here), replace(DB, address=there)
        if not kubernetes.connects(agent, db):
            continue
        for plugin, applies, selects in product(claimed.plugins(), flags, flags):
            on_hosts = replace(plugin, policies_on_hosts=applies, selectors_match_hosts=selects)
            world = World({"shop": {METADATA_NAME: "shop"}}, (), on_hosts)
            for protocol, port in PORTS:
                yield claimed.contradicts(world, (agent, db, protocol, port))


def always(nodes: tuple[str, ...]) -> Program:
    """A program that opens one end for a block and closes the other, and claims that the block is let in."""
    about = Arrow(subject=Name("db"), egress=False, peers=(PeerPorts(Block(APART[0]), None),))
    addresses = {"pods": ("10.0.0.0/8",), "nodes": nodes}
    shop = Section(
        name="shop",
        deny={"ingress": True, "egress": True},
        arrows=(about,),
        assertions=(Assertion("always", about),),
    )
    cluster = Section(name="", addresses=addresses, blocks="all", mirror=False, dns=())
    return Program(cluster, {"shop": shop})


@settings(max_examples=tries(100), deadline=None)
@given(programs())
@example(always(APART))
@example(always(()))
def test_a_claim_depends_on_a_host_where_it_may_contradict_it(program: Program) -> None:
    claimed = Claimed(program, (AGENT,), frozenset())
    verdict, ordinary = claimed.verdict, claimed.decided(claimed.resolved, ())
    may_contradict = any(contradictions(claimed))
    if may_contradict:
        assert verdict.status in {Status.UNKNOWN, Status.REFUTED}
    elif ordinary.status is Status.PROVED:
        assert not any(isinstance(fact, HostNetwork) for fact in verdict.unknowns)
        assert verdict.status is Status.PROVED
