"""Arrows that no flow used: the index finds what a look at every flow finds."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from netpolc.analysis.query import AddressEnd, PodEnd
from netpolc.commands.learn import intents_of
from netpolc.flowlogs import unused_arrows
from netpolc.flowlogs.aggregate import FlowKind
from netpolc.flowlogs.flows import Entity, Party, PodParty, ServiceParty
from netpolc.flowlogs.permitted import end_of
from netpolc.flowlogs.unused_arrows import unseen
from netpolc.flowlogs.vocabulary import Names
from netpolc.kube.peers import Anyone, Direction, Grant, Outside, Pods
from netpolc.program.model import Arrow
from tests.flowlogs.test_known_ends import KINDS, PARTIES, PROGRAMS, understood

ENTITIES = tuple(map(Entity, ("host", "health", "service", "kube-apiserver", "unknown")))
WITH_ENTITIES = KINDS | st.builds(
    lambda kind, entity, pod, is_sender: FlowKind(
        sender=entity if is_sender else pod,
        receiver=pod if is_sender else entity,
        protocol=kind.protocol,
        port=kind.port,
        certain=True,
    ),
    KINDS,
    st.sampled_from(ENTITIES),
    st.sampled_from([one for one in PARTIES if isinstance(one, PodParty | ServiceParty)]),
    st.booleans(),
)


def is_use(arrow: Arrow, grant: Grant, home: str, kind: FlowKind, names: Names) -> bool:
    """Whether a flow may have been made by one peer of an arrow."""
    own, other = kind.receiver, kind.sender
    if arrow.direction is Direction.EGRESS:
        own, other = other, own
    if not isinstance(own, PodParty | ServiceParty) or own.namespace != home:
        return False
    if names.end(own).pods.isdisjoint(arrow.subject) or not _is_peer(grant, own, other, names):
        return False
    named = any(port.protocol is kind.protocol for port in grant.traffic.named)
    return named or kind.port in grant.traffic.numbers(kind.protocol)


def _is_peer(grant: Grant, own: PodParty | ServiceParty, other: Party, names: Names) -> bool:
    entity = other.name if isinstance(other, Entity) else ""
    end = end_of(other, names)
    match grant.peer, end:
        case Anyone(), _:
            return True
        case Outside(), None:
            return entity != "health"
        case Pods(), None:
            return entity in {"service", "unknown"}
        case Outside(addresses), AddressEnd(seen):
            return seen <= addresses
        case Pods(namespaces, pods), PodEnd(where, which):
            there = names.end(own).namespaces if namespaces is None else namespaces
            return not which.isdisjoint(pods) and not where.isdisjoint(there)
        case _:
            return False


@given(PROGRAMS, st.lists(WITH_ENTITIES, max_size=12), st.sampled_from([0, 2, 4, 32]))
def test_arrows_are_unused_as_a_look_at_every_flow_shows(
    text: str, kinds: list[FlowKind], few: int
) -> None:
    known = understood(text)
    assume(not known.failed)
    intents = intents_of(known)
    parties = [end for kind in kinds for end in (kind.sender, kind.receiver)]
    names = Names(intents, (end for end in parties if isinstance(end, PodParty)))
    expected = []
    for home, namespace in intents.program.namespaces.items():
        for arrow in namespace.arrows:
            missed = [
                one
                for one in arrow.grants
                if not any(is_use(arrow, one.grant, home, kind, names) for kind in kinds)
            ]
            if missed:
                expected.append((arrow.origin.line, missed, len(missed) == len(arrow.grants)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unused_arrows, "_FEW", few)
        found = [
            (one.origin.line, list(one.grants), one.wholly) for one in unseen(intents, names, kinds)
        ]
    assert found == sorted(expected, key=lambda one: one[0])
