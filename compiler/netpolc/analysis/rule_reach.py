"""Which rules of tiers decide anything, over all pods, namespaces and addresses that could exist.

Nothing is known of any namespace here, so what holds does so in every cluster. A rule is
reached if it decides some connection, whatever address a pod has and whatever names and nodes are unknown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from netpolc.analysis.address_line import on_line
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import PortLine
from netpolc.analysis.query import EVERY_ADDRESS
from netpolc.analysis.symbolic_case import ADDRESS, Case
from netpolc.analysis.tier_order import matching_rules
from netpolc.analysis.tiers import Networks, TierPeer, TierReading, TierRule, Tiers
from netpolc.ir.model import Policies
from netpolc.kube.peers import Anyone, Direction
from netpolc.manifest.tier_model import Action, Tier
from netpolc.sets.boxes import Box, meet, outside
from netpolc.sets.value_index import ValueIndex
from netpolc.values import frozen


@frozen(eq=False)
class RuleReach:
    """The connections that a rule decides.

    `reached`: whether it decides any connection. `before` are earlier rules that match some of what it
    matches, `after` later ones with another effect that it keeps from deciding, and `tied` those of
    policies with equal priority.
    """

    rule: TierRule
    reached: bool
    before: tuple[TierRule, ...]
    after: tuple[TierRule, ...]
    tied: tuple[TierRule, ...]


def rule_reach(tiers: Tiers) -> Iterator[RuleReach]:
    """The reach of each rule, in their order."""
    placed: dict[int, list[tuple[_Match, _ByBox]]] = {}
    met: dict[int, set[int]] = {}
    for matches in _lists(tiers, PortLine(tiers.ports)):
        index = ValueIndex((box, (box, match)) for match in matches for box in match.boxes)
        for match in matches:
            placed.setdefault(id(match.rule), []).append((match, index))
            met.setdefault(id(match.rule), set()).update(_met(match, index))
    order = {id(rule): number for number, rule in enumerate(tiers.rules)}
    for rule in tiers.rules:
        numbers = sorted(order[other] for other in met.get(id(rule), ()) if other != id(rule))
        others = [tiers.rules[number] for number in numbers]
        yield RuleReach(
            rule,
            any(_decides(*each) for each in placed.get(id(rule), ())),
            tuple(tier_rule for tier_rule in others if _is_before(tier_rule, rule)),
            tuple(
                tier_rule
                for tier_rule in others
                if _is_before(rule, tier_rule) and tier_rule.action is not rule.action
            ),
            tuple(
                tier_rule
                for tier_rule in others
                if tier_rule.priority == rule.priority and tier_rule.policy != rule.policy
            ),
        )


@frozen(eq=False)
class _Match:
    """What a peer of a rule matches in one kind of case; `is_sure` unless unknown facts decide it."""

    rule: TierRule
    peer: TierPeer
    boxes: tuple[Box, ...]
    is_sure: bool


_ByBox: TypeAlias = ValueIndex[tuple[Box, _Match]]


def _lists(tiers: Tiers, line: PortLine) -> Iterator[list[_Match]]:
    """What the rules of each tier and direction match, in each kind of case.

    Pods have an address here as well, so that networks match surely or not at all.
    """
    split = [(rule, peer, _with_peer(rule, peer)) for rule in tiers.rules for peer in rule.peers]
    by_part = {id(part): (rule, peer) for rule, peer, part in split}
    everywhere = EVERY_ADDRESS.addresses
    reading = TierReading(
        replace(tiers, rules=tuple(part for _, _, part in split)),
        most=False,
        pods=everywhere,
        nodes=everywhere,
    )
    (anywhere,) = Cluster(Policies({})).anywhere.all
    for sender, receiver, same in (
        (anywhere, anywhere, True),
        (anywhere, anywhere, False),
        (None, anywhere, False),
        (anywhere, None, False),
    ):
        case = Case(sender=sender, receiver=receiver, same=same, tiers=(reading,))
        own = case.frame()
        frame = None if own is None else meet(own, {ADDRESS: on_line(everywhere)})
        assert frame is not None, "nothing is known of any namespace"
        for direction in Direction:
            matches = [
                _Match(*by_part[id(part)], tuple(boxes), is_sure)
                for part, surely, maybe in matching_rules(case, direction, PolicyVersion.ONLY)
                for some, is_sure in ((surely, True), (maybe, False))
                if (boxes := list(_boxes(some, by_part[id(part)], frame, line)))
            ]
            for tier in Tier:
                if mine := [match for match in matches if match.rule.tier is tier]:
                    yield mine


def _with_peer(rule: TierRule, peer: TierPeer) -> TierRule:
    return replace(rule, peers=(Anyone() if isinstance(peer, Networks) else peer,))


def _boxes(
    some: Sequence[Box], of: tuple[TierRule, TierPeer], frame: Box, line: PortLine
) -> Iterator[Box]:
    """The boxes of a peer with its addresses and the traffic of its rule."""
    rule, peer = of
    own: Box = {ADDRESS: on_line(peer.addresses)} if isinstance(peer, Networks) else {}
    for box in some:
        for traffic in line.free(rule.traffic):
            inside = meet({**box, **traffic}, frame)
            whole = None if inside is None else meet(inside, own)
            if whole is not None:
                yield whole


def _decides(match: _Match, index: _ByBox) -> bool:
    """Whether there may be a connection that this matches and no earlier rule does.

    An unknown peer matches what the same peer of an earlier rule does.
    """
    for box in match.boxes:
        before = [
            other_box
            for other_box, other in index.meeting(box)
            if _is_before(other.rule, match.rule) and (other.is_sure or other.peer == match.peer)
        ]
        if next(outside(box, before), None) is not None:
            return True
    return False


def _met(match: _Match, index: _ByBox) -> Iterator[int]:
    """The ids of the rules that match some of what a peer matches."""
    for box in match.boxes:
        for other_box, other in index.meeting(box):
            if meet(box, other_box) is not None:
                yield id(other.rule)


def _is_before(rule: TierRule, other: TierRule) -> bool:
    """Whether a rule surely comes before another one of its tier and direction."""
    if (rule.tier, rule.direction) != (other.tier, other.direction):
        return False
    if rule.policy == other.policy:
        return rule.index < other.index
    return rule.priority < other.priority


def idle(reach: RuleReach) -> bool:
    """Whether a rule that passes keeps nothing from deciding."""
    return reach.rule.action is Action.PASS and not reach.after and not reach.tied
