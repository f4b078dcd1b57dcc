"""What depends on the network plugin is undecided, and only that.

Each verdict is compared with a search through concrete connections, under every reading of
blocks that the facts leave open: pods have each address that matters, or none.
"""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netpolc.analysis.assertions import Status, Verdict, decide
from netpolc.analysis.block_reading import BlockReading, readings
from netpolc.analysis.bounds import Bounds
from netpolc.analysis.concrete_evaluator import Connection, Pod, permits
from netpolc.analysis.explain_query import Answer, can
from netpolc.analysis.query import AddressEnd, EndOfQuestion, PodEnd, Question, of_workload
from netpolc.analysis.tiers import Tiers
from netpolc.analysis.unknown_facts import AddressOwner, BlockMatching, NamespaceLabel, remedy
from netpolc.ir.build import policies, policy_set
from netpolc.ir.model import Allow, Policies, Subject
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import Workload
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, BlockScope, Direction, Grant, Outside, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, Protocol
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.manifest.manifest_set import UnreadPolicy
from netpolc.program.model import Assertion, Claim, ClusterAddresses
from netpolc.provenance import Origin, Role, source_of
from netpolc.sets import ValueSet

_ORIGIN = Origin(
    path="policy.intent", line=1, source=source_of(Role.ARROW, "never"), role=Role.ARROW
)
_DB, _WEB = Selector.labels({"app": "db"}), Selector.labels({"app": "web"})
_WIDE, _PODS, _PART = "10.0.0.0/8", "10.244.0.0/16", "10.244.1.0/24"
_LABELS = ({"app": "db"}, {"app": "web"})


def _addresses(*blocks: str) -> Addresses:
    return Addresses.of(Block(Cidr.parse(each)) for each in blocks)


def _policies(*allows: tuple[Direction, Selector, Peer]) -> Policies:
    closed = {(_DB, Direction.INGRESS): None}
    for direction, subject, _ in allows:
        closed[subject, direction] = None
        if direction is Direction.EGRESS:
            closed |= dict.fromkeys([(_DB, direction), (_WEB, direction)])
    parts: list[Subject | Allow] = [
        Subject(selector=subject, direction=direction) for subject, direction in closed
    ]
    parts += (
        Allow(subject=subject, direction=direction, peer=peer, traffic=EVERY_PORT)
        for direction, subject, peer in allows
    )
    return policies([policy_set(namespace="shop", parts=parts)])


def _claim(claim: Claim, *peers: Peer) -> Assertion:
    return Assertion(
        claim=claim,
        home="shop",
        subject=Pods(None, _DB),
        direction=Direction.INGRESS,
        grants=tuple(Grant(peer, EVERY_PORT) for peer in peers),
        origin=_ORIGIN,
    )


_FROM_WIDE = _policies((Direction.INGRESS, _DB, Outside(_addresses(_WIDE))))


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        (ClusterAddresses(), Status.UNKNOWN),
        (ClusterAddresses(blocks=BlockScope.OUTSIDE), Status.PROVED),
        (ClusterAddresses(blocks=BlockScope.ALL), Status.REFUTED),
        (ClusterAddresses(pods=_addresses("100.64.0.0/10")), Status.PROVED),
        (ClusterAddresses(pods=_addresses(_PODS)), Status.UNKNOWN),
        (
            ClusterAddresses(pods=_addresses("100.64.0.0/10"), blocks=BlockScope.ALL),
            Status.PROVED,
        ),
    ],
)
def test_facts_settle_whether_a_block_lets_pods_in(
    stated: ClusterAddresses, status: Status
) -> None:
    verdict = decide(Bounds.of(_FROM_WIDE, stated), _claim(Claim.NEVER, Pods(None, _WEB)))
    assert verdict.status is status
    assert verdict.unknowns == ((BlockMatching(),) if status is Status.UNKNOWN else ())


def test_a_block_in_a_claim_means_what_the_same_block_means_in_an_arrow() -> None:
    wide = Outside(_addresses(_WIDE))
    bounds = Bounds.of(_FROM_WIDE, ClusterAddresses(), [wide.addresses])
    assert decide(bounds, _claim(Claim.ONLY, wide)).status is Status.PROVED
    part = Outside(_addresses(_PART))
    bounds = Bounds.of(_FROM_WIDE, ClusterAddresses(), [part.addresses])
    assert decide(bounds, _claim(Claim.ONLY, part)).status is Status.REFUTED


@pytest.mark.parametrize(
    "peers", [[Pods(None, _WEB)], [Pods(None, _WEB), Outside(_addresses(_WIDE))]]
)
@pytest.mark.parametrize(
    ("pods", "blocks", "status"),
    [
        (_PODS, None, Status.UNKNOWN),
        (_PODS, BlockScope.OUTSIDE, Status.REFUTED),
        (_PODS, BlockScope.ALL, Status.PROVED),
        ("100.64.0.0/10", None, Status.REFUTED),
    ],
)
def test_whether_a_listed_block_includes_the_pods_let_in_by_labels(
    peers: list[Peer], pods: str, blocks: BlockScope | None, status: Status
) -> None:
    wide = Outside(_addresses(_WIDE))
    policies = _policies(*((Direction.INGRESS, _DB, peer) for peer in peers))
    stated = ClusterAddresses(pods=_addresses(pods), blocks=blocks)
    verdict = decide(Bounds.of(policies, stated, [wide.addresses]), _claim(Claim.ONLY, wide))
    assert verdict.status is status
    assert verdict.unknowns == ((BlockMatching(),) if status is Status.UNKNOWN else ())


_BETWEEN_BLOCKS = pytest.mark.parametrize(
    ("sender", "receiver", "meet"),
    [
        ("0.0.0.0/0", "::/0", False),
        ("2001:db8::/32", "10.0.0.0/8", False),
        ("10.0.0.0/8", "0.0.0.0/0", True),
        ("::/0", "2001:db8::/32", True),
        # Two pods do not share an address.
        ("10.0.0.7/32", "10.0.0.7/32", False),
        ("10.0.0.6/31", "10.0.0.7/32", True),
    ],
)


@pytest.mark.parametrize(
    ("pods", "meet"),
    [
        (("10.0.0.7/32",), False),
        (("10.0.0.6/31",), False),
        (("10.0.0.7/32", "2001:db8::7/128"), False),
        (("10.0.0.7/32", "2001:db8::/32"), True),
    ],
)
def test_pods_that_could_have_few_addresses_share_none(pods: tuple[str, ...], meet: bool) -> None:
    meeting = Outside(_addresses("10.0.0.7/32", "2001:db8::/32"))
    policies = _policies((Direction.INGRESS, _DB, meeting), (Direction.EGRESS, _WEB, meeting))
    stated = ClusterAddresses(pods=_addresses(*pods), blocks=BlockScope.ALL)
    verdict = decide(Bounds.of(policies, stated), _claim(Claim.NEVER, Pods(None, _WEB)))
    assert verdict.status is (Status.REFUTED if meet else Status.PROVED)


@_BETWEEN_BLOCKS
@pytest.mark.parametrize("claim", [Claim.NEVER, Claim.ALWAYS])
def test_a_connection_is_between_two_addresses_of_one_ip_version(
    sender: str, receiver: str, meet: bool, claim: Claim
) -> None:
    policies = _policies(
        (Direction.INGRESS, _DB, Outside(_addresses(sender))),
        (Direction.EGRESS, _WEB, Outside(_addresses(receiver))),
    )
    stated = ClusterAddresses(blocks=BlockScope.ALL)
    verdict = decide(Bounds.of(policies, stated), _claim(claim, Pods(None, _WEB)))
    proved = claim is Claim.NEVER and not meet
    assert verdict.status is (Status.PROVED if proved else Status.REFUTED)
    question = Question(
        sender=PodEnd(Selector.namespace("shop"), _WEB),
        receiver=PodEnd(Selector.namespace("shop"), _DB),
    )
    reply = can(Bounds.of(policies, stated), question)
    assert reply.answer is (Answer.PARTLY if meet else Answer.NO)


def test_a_pod_that_blocks_of_both_versions_match_may_use_either_address() -> None:
    every = ("0.0.0.0/0", "::/0")
    policies = _policies(
        (Direction.INGRESS, _DB, Outside(_addresses(*every))),
        (Direction.EGRESS, _WEB, Outside(_addresses(*every))),
    )
    for pods in ((), ("10.0.0.0/8",), ("10.0.0.0/8", "fd00::/8")):
        stated = ClusterAddresses(pods=_addresses(*pods), blocks=BlockScope.ALL)
        claim = _claim(Claim.ALWAYS, Pods(None, _WEB))
        assert decide(Bounds.of(policies, stated), claim).status is Status.PROVED


def test_pods_have_no_addresses_of_a_version_that_is_not_stated() -> None:
    policies = _policies(
        (Direction.INGRESS, _DB, Outside(_addresses("0.0.0.0/0"))),
        (Direction.EGRESS, _WEB, Outside(_addresses("0.0.0.0/0"))),
    )
    claim = _claim(Claim.ALWAYS, Pods(None, _WEB))
    for pods, status in (
        (("10.0.0.0/8",), Status.PROVED),
        (("10.0.0.0/8", "fd00::/8"), Status.REFUTED),
        (("fd00::/8",), Status.REFUTED),
    ):
        stated = ClusterAddresses(pods=_addresses(*pods), blocks=BlockScope.ALL)
        assert decide(Bounds.of(policies, stated), claim).status is status


def test_stated_nodes_and_services_are_not_outside() -> None:
    never = _claim(Claim.NEVER, Outside(_addresses("10.96.0.1/32")))
    for stated in (
        ClusterAddresses(nodes=_addresses("10.96.0.0/12")),
        ClusterAddresses(services=_addresses("10.96.0.0/12")),
    ):
        assert decide(Bounds.of(_FROM_WIDE, stated), never).status is Status.UNKNOWN
    assert decide(Bounds.of(_FROM_WIDE, ClusterAddresses()), never).status is Status.REFUTED


_OTHER = _addresses("100.64.0.0/10")
_ADDRESSES = {
    AddressOwner.PODS: ClusterAddresses(pods=_addresses(_WIDE)),
    AddressOwner.NODES: ClusterAddresses(pods=_OTHER, nodes=_addresses(_WIDE)),
    AddressOwner.SERVICES: ClusterAddresses(pods=_OTHER, services=_addresses(_WIDE)),
}


@pytest.mark.parametrize(
    ("claim", "owner"),
    [
        *((Claim.NEVER, owner) for owner in AddressOwner),
        (Claim.ONLY, AddressOwner.NODES),
        (Claim.ONLY, AddressOwner.SERVICES),
    ],
)
def test_an_undecided_claim_says_whose_addresses_decide_it_and_which_fact_settles_it(
    owner: AddressOwner, claim: Claim
) -> None:
    part = Pods(None, _WEB) if owner is AddressOwner.PODS else Outside(_addresses(_PART))
    listed = [Outside(_addresses("192.0.2.0/24"))] if claim is Claim.ONLY else [part]
    stated = _ADDRESSES[owner]

    def verdict(blocks: BlockScope | None) -> Verdict:
        addresses = replace(stated, blocks=blocks)
        blocks_of_claim = [peer.addresses for peer in listed if isinstance(peer, Outside)]
        inside = _policies((Direction.INGRESS, _DB, Outside(_addresses(_PART))))
        return decide(Bounds.of(inside, addresses, blocks_of_claim), _claim(claim, *listed))

    fact = BlockMatching(owner)
    assert (verdict(None).status, verdict(None).unknowns) == (Status.UNKNOWN, (fact,))
    for scope in BlockScope:
        offered = f"`blocks: {scope.value}`" in remedy(fact)
        assert offered is (verdict(scope).status is not Status.UNKNOWN)
    if owner is AddressOwner.SERVICES:
        assert verdict(BlockScope.ALL).unknowns == (BlockMatching(owner, all_match=True),)


def test_a_question_says_that_its_answer_depends_on_the_plugin() -> None:
    shop = Selector.namespace("shop")
    question = Question(sender=PodEnd(shop, _WEB), receiver=PodEnd(shop, _DB))
    reply = can(Bounds.of(_FROM_WIDE, ClusterAddresses()), question)
    assert (reply.answer, reply.facts) == (Answer.UNKNOWN, (BlockMatching(),))
    open_to_all = _policies(
        (Direction.INGRESS, _DB, Outside(_addresses(_WIDE))),
        (Direction.INGRESS, _DB, Pods(None, EVERYTHING)),
    )
    reply = can(Bounds.of(open_to_all, ClusterAddresses()), question)
    assert (reply.answer, reply.facts) == (Answer.YES, ())


def test_a_question_says_which_unknown_label_decides_it() -> None:
    by_label = Pods(Selector.labels({"purpose": "monitoring"}), EVERYTHING)
    bounds = Bounds.of(_policies((Direction.INGRESS, _DB, by_label)), ClusterAddresses())
    receiver = PodEnd(Selector.namespace("shop"), _DB)
    one = can(bounds, Question(sender=PodEnd(Selector.namespace("monitoring")), receiver=receiver))
    assert (one.answer, one.facts) == (
        Answer.UNKNOWN,
        (NamespaceLabel("monitoring", "purpose"),),
    )
    every = can(bounds, Question(sender=PodEnd(), receiver=receiver))
    assert (every.answer, every.facts) == (Answer.PARTLY, ())


def test_an_unread_policy_matters_to_pods_that_may_be_in_its_namespace() -> None:
    unread = (UnreadPolicy("Policy", "shop", "a"), UnreadPolicy("ClusterPolicy", "", "b"))
    bounds = Bounds.of(_FROM_WIDE, ClusterAddresses(), (), Tiers.of((), unread))
    shop, pay = (
        Workload(namespace=name, name="x", kind="Pod", labels={}) for name in ("shop", "pay")
    )

    def about(*ends: EndOfQuestion) -> list[str]:
        return [policy.name for policy in bounds.unread_about(ends)]

    assert about(of_workload(shop)) == ["a", "b"]
    assert about(of_workload(pay)) == ["b"]
    assert about(of_workload(pay), of_workload(shop)) == ["a", "b"]
    assert about(AddressEnd(_addresses(_WIDE))) == ["b"]
    assert about(PodEnd(Selector.namespace("shop"), _DB)) == ["a", "b"]
    assert about(PodEnd(Selector.namespace("pay"), _DB)) == ["b"]
    assert about(PodEnd(EVERYTHING, _DB)) == ["a", "b"]
    assert about(PodEnd(Selector.labels({"env": "x"}), _DB)) == ["a", "b"]
    other = Selector.of([(METADATA_NAME, ValueSet.other_than("shop"))])
    assert about(PodEnd(other, _DB)) == ["b"]


_blocks = st.sets(st.sampled_from((_WIDE, _PODS, _PART, "192.0.2.0/24")), min_size=1).map(
    lambda some: Outside(_addresses(*some))
)
_peers = st.one_of(_blocks, st.sampled_from((Pods(None, _WEB), Pods(None, _DB), Anyone())))
_allows = st.lists(
    st.tuples(st.sampled_from(Direction), st.sampled_from((_DB, _WEB)), _peers), max_size=4
)
_stated = st.builds(
    ClusterAddresses,
    pods=st.sampled_from((Addresses(), _addresses(_PODS), _addresses("10.244.1.0/25"))),
    nodes=st.sampled_from((Addresses(), _addresses("10.1.0.0/24"))),
    blocks=st.sampled_from((None, *BlockScope)),
)


@given(_allows, _stated, st.sampled_from(Claim), st.lists(_peers, min_size=1, max_size=2))
@example(
    allows=[(Direction.INGRESS, _DB, Pods(None, _WEB))],
    stated=ClusterAddresses(pods=_addresses(_PODS)),
    claim=Claim.ONLY,
    peers=[Outside(_addresses(_WIDE))],
)
def test_verdicts_are_those_of_a_search_through_all_connections(
    allows: list[tuple[Direction, Selector, Peer]],
    stated: ClusterAddresses,
    claim: Claim,
    peers: list[Peer],
) -> None:
    policies = _policies(*allows)
    assertion = _claim(claim, *peers)
    blocks = [peer.addresses for peer in peers if isinstance(peer, Outside)]
    listed = blocks if claim is Claim.ONLY else []
    status = decide(Bounds.of(policies, stated, listed), assertion).status
    holds = {_holds(policies, assertion, reading) for reading in readings(stated)}
    expected = {True: Status.PROVED, False: Status.REFUTED}
    assert status is (expected[holds.pop()] if len(holds) == 1 else Status.UNKNOWN)


def _holds(policies: Policies, assertion: Assertion, reading: BlockReading) -> bool:
    senders: list[Pod | IPv4Address] = [*_pods(reading), *_OUTSIDE]
    receivers = [pod for pod in _pods(reading) if pod.labels == _LABELS[0]]
    for receiver, sender in product(receivers, senders):
        connection = Connection(sender=sender, receiver=receiver, protocol=Protocol.TCP, port=5432)
        permitted = permits(policies, connection, reading)
        excused = any(
            _meant(g.peer, sender, only=assertion.claim is Claim.ONLY) for g in assertion.grants
        )
        match assertion.claim:
            case Claim.NEVER:
                wrong = permitted and excused
            case Claim.ALWAYS:
                wrong = not permitted and excused
            case _:
                wrong = permitted and not excused
        if wrong:
            return False
    return True


_OUTSIDE = tuple(
    map(IPv4Address, ("10.0.0.9", "10.1.0.9", "10.244.0.9", "10.244.1.9", "192.0.2.9", "9.9.9.9"))
)


def _pods(reading: BlockReading) -> Iterator[Pod]:
    where: list[IPv4Address | None] = [None]
    if reading.pods is not None:
        where = [each for each in _OUTSIDE if each in reading.pods]
    for labels, address in product(_LABELS, where):
        yield Pod(
            namespace="shop",
            namespace_labels={METADATA_NAME: "shop"},
            labels=labels,
            address=address,
        )


def _meant(peer: Peer, sender: Pod | IPv4Address, *, only: bool) -> bool:
    match peer:
        case Anyone():
            return True
        case Outside(addresses):
            if not isinstance(sender, Pod):
                return sender in addresses
            # `only` lists a pod whose address the same block in an arrow would match.
            return only and sender.address is not None and sender.address in addresses
        case Pods(_, pods):
            return isinstance(sender, Pod) and pods.matches(sender.labels)
