"""Which rules of tiers decide anything, over all pods, namespaces and addresses that could exist.

Nothing is known of any namespace here, so what holds does so in every cluster. A rule is
reached if it decides some connection in some reading of what is unknown.
"""

from collections.abc import Iterator, Sequence

from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import PortLine, Readings
from netpolc.analysis.query import EVERY_ADDRESS
from netpolc.analysis.symbolic_case import Case
from netpolc.analysis.tier_order import Entry, tier_order
from netpolc.analysis.tiers import TierReading, TierRule, Tiers
from netpolc.ir.model import Policies
from netpolc.kube.peers import Direction
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
    readings = [
        TierReading(tiers, most=most, pods=EVERY_ADDRESS.addresses, nodes=EVERY_ADDRESS.addresses)
        for most in (False, True)
    ]
    lists = [
        entries_and_frame
        for reading in readings
        for entries_and_frame in _lists(reading, PortLine(tiers.ports))
    ]
    placed_entries: dict[int, list[tuple[int, Entry, Sequence[Entry], Box]]] = {}
    met: dict[int, set[int]] = {}
    for entries, frame in lists:
        index = ValueIndex((box, (box, entry)) for entry in entries for box in entry.sure)
        for place, entry in enumerate(entries):
            placed_entries.setdefault(id(entry.rule), []).append((place, entry, entries, frame))
            met.setdefault(id(entry.rule), set()).update(_met(entry, index))
    order = {id(rule): number for number, rule in enumerate(tiers.rules)}
    for rule in tiers.rules:
        mine = placed_entries.get(id(rule), [])
        numbers = sorted(order[other] for other in met.get(id(rule), ()) if other != id(rule))
        others = [tiers.rules[number] for number in numbers]
        yield RuleReach(
            rule,
            any(_decides(*placed) for placed in mine),
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


def _lists(reading: TierReading, line: PortLine) -> Iterator[tuple[Sequence[Entry], Box]]:
    """The list of rules of each tier and direction, in each kind of case."""
    (anywhere,) = Cluster(Policies({})).anywhere.all
    readings = Readings(sure=line.free, possibly=line.free)
    for sender, receiver, same in (
        (anywhere, anywhere, True),
        (anywhere, anywhere, False),
        (None, anywhere, False),
        (anywhere, None, False),
    ):
        case = Case(sender=sender, receiver=receiver, same=same, tiers=(reading,))
        frame = case.frame()
        for tier in Tier:
            for direction in Direction:
                entries = tier_order(case, direction, tier, PolicyVersion.ONLY, readings).entries
                if frame is not None and entries:
                    yield entries, frame


def _decides(place: int, entry: Entry, entries: Sequence[Entry], frame: Box) -> bool:
    """Whether some connection is matched by this entry and by none of a rule that comes before it."""
    before = [
        box
        for earlier in entries[:place]
        if _is_before(earlier.rule, entry.rule)
        for box in earlier.sure
    ]
    boxes = (meet(frame, box) for box in entry.sure)
    return any(next(outside(box, before), None) is not None for box in boxes if box is not None)


def _met(entry: Entry, index: ValueIndex[tuple[Box, Entry]]) -> Iterator[int]:
    """The ids of the rules that match some of what an entry matches."""
    for box in entry.sure:
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
