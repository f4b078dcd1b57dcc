"""The rules of one tier in a case, as a list in which the first that matches decides.

Unknown facts are settled by a `TierReading`, here turned into plain order. Of policies with
equal priority any may decide, so what permits least puts their denials first, what permits most
their acceptances. A rule that may match is left out or kept, whichever permits less (or more); a
`Pass` that may match takes the force from the opposite rules after it where it may match.

Every rule has two sets of boxes, because names of ports are read in two ways: the traffic
it has for `sure`, and what it `possibly` has. Searches use the first for what they look for,
and the second for what could be in its way.
"""

from collections.abc import Iterable, Iterator, Sequence

from netpolc.analysis.address_line import on_line
from netpolc.analysis.avoided_boxes import FirstBoxes
from netpolc.analysis.block_reading import IP_VERSIONS
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import Readings
from netpolc.analysis.symbolic_case import ADDRESS, END, OTHER_END, VERSION, Case, labels_of
from netpolc.analysis.tiers import (
    Domains,
    Group,
    Networks,
    Nodes,
    RulesOfOnePolicy,
    TierPeer,
    TierReading,
    TierRule,
    end_limits,
)
from netpolc.kube.cidr import Addresses
from netpolc.kube.peers import Anyone, Direction, Pods
from netpolc.manifest.tier_model import Action, Tier
from netpolc.sets import ValueSet
from netpolc.sets.boxes import ANYTHING, Box, meet, outside
from netpolc.sets.value_index import Limits
from netpolc.values import frozen

_LEAST = (Action.DENY, Action.PASS, Action.ACCEPT)
_MOST = _LEAST[::-1]


@frozen(kw_only=True, eq=False)
class Entry:
    """A rule in the list, with what it matches; `action` is what it comes to in the reading."""

    rule: TierRule
    action: Action
    sure: tuple[Box, ...]
    possibly: tuple[Box, ...]


@frozen(kw_only=True, eq=False)
class Region:
    """The connections that a rule decides (None: no rule): a box without some boxes."""

    rule: TierRule | None
    box: Box
    outside: FirstBoxes


@frozen(eq=False)
class TierOrder:
    """The rules of a tier that may matter in a case, in the order in which they decide."""

    entries: tuple[Entry, ...] = ()

    def decided(self, action: Action) -> Iterator[Region]:
        """The connections that a rule with this action certainly decides."""
        before: list[Box] = []
        matches: list[tuple[TierRule, Box, int]] = []
        for entry in self.entries:
            mine = entry.action is action
            matches += ((entry.rule, box, len(before)) for box in entry.sure if mine)
            before += entry.sure if mine else entry.possibly
        return _regions(matches, before)

    def passed(self, against: Action) -> Iterator[Region]:
        """The connections that the tier passes on, or at least does not decide `against`."""
        before: list[Box] = []
        matches: list[tuple[TierRule | None, Box, int]] = []
        for entry in self.entries:
            passes = entry.action is Action.PASS
            matches += ((entry.rule, box, len(before)) for box in entry.sure if passes)
            before += entry.possibly if entry.action is against else entry.sure
        return _regions([*matches, (None, ANYTHING, len(before))], before)


def _regions(
    matches: Iterable[tuple[TierRule | None, Box, int]], before: Iterable[Box]
) -> Iterator[Region]:
    """The regions of rules, each outside of the first so many boxes."""
    boxes = tuple(before)
    for rule, box, number in matches:
        yield Region(rule=rule, box=box, outside=FirstBoxes(boxes, number))


NO_ORDER = TierOrder()
_NO_TRAFFIC = Readings(sure=lambda _: ({},), possibly=lambda _: ({},))


def tier_order(
    case: Case,
    direction: Direction,
    tier: Tier,
    side: PolicyVersion,
    readings: Readings,
) -> TierOrder:
    """The list of a tier in a case, in one direction.

    Args:
        case: where the ends are.
        direction: of the rules.
        tier: the tier.
        side: which of the policy sets compared.
        readings: how traffic is read, and which rules can be left out.
    """
    reading = case.tiers[side]
    if reading is None or case.place(END[direction]) is None:
        return NO_ORDER
    maker = _Maker(case, direction, side, reading, readings)
    groups = reading.groups[tier, direction]
    if readings.near is not None:
        wanted = (_limits(case, direction, side, box) for box in readings.near)
        groups = reading.near(tier, direction, wanted)
    for group in groups:
        maker.add(group)
    return TierOrder(tuple(maker.entries)) if maker.entries else NO_ORDER


def _limits(case: Case, direction: Direction, side: PolicyVersion, box: Box) -> Limits:
    """What a box, and the known labels of namespaces, leave to the ends of a rule, its subject's end first."""
    labels: list[Iterable[tuple[str, ValueSet]]] = []
    for end in (END[direction], OTHER_END[direction]):
        place = case.place(end)
        known = () if place is None else place.facts[side].labels.items()
        facts = ((key, ValueSet.among(value)) for key, value in known)
        labels += [labels_of(box, end), (*facts, *labels_of(box, case.slot(end)))]
    return end_limits(*labels)


def matching_rules(
    case: Case, direction: Direction, side: PolicyVersion
) -> tuple[tuple[TierRule, list[Box], list[Box]], ...]:
    """The rules of a direction that may match in a case, whatever their traffic.

    Each with the boxes of subject and peers that surely match, and the boxes that may match.
    """
    reading = case.tiers[side]
    if reading is None or case.place(END[direction]) is None:
        return ()
    maker = _Maker(case, direction, side, reading, _NO_TRAFFIC)
    return tuple(maker.matching())


class _Maker:
    """Puts the rules of groups into one list."""

    __slots__ = (
        "_case",
        "_direction",
        "_doubtful",
        "_reading",
        "_readings",
        "_side",
        "entries",
    )

    def __init__(
        self,
        case: Case,
        direction: Direction,
        side: PolicyVersion,
        reading: TierReading,
        readings: Readings,
    ) -> None:
        self._case, self._direction, self._side = case, direction, side
        self._reading, self._readings = reading, readings
        self._doubtful: list[Entry] = []
        """Rules that may pass, each with where it may."""
        self.entries: list[Entry] = []

    def add(self, group: Group) -> None:
        """Put the policies of one priority after those that are there."""
        each = ((place, list(self._doubtful_of(own))) for place, own in enumerate(group))
        doubtful = [(place, some) for place, some in each if some]
        lists = []
        for place, own in enumerate(group):
            others = (entry for at, some in doubtful if at != place for entry in some)
            if entries := list(self._of_policy(own, [*self._doubtful, *others])):
                lists.append(entries)
        self._doubtful += (entry for _, some in doubtful for entry in some)
        if len(lists) > 1 and len({entry.action for policy in lists for entry in policy}) > 1:
            order = _MOST if self._reading.most else _LEAST
            cut = [entry for policy in lists for entry in _cut(policy)]
            entries = [entry for action in order for entry in cut if entry.action is action]
        else:
            entries = [entry for policy in lists for entry in policy]
        self.entries += entries

    def _doubtful_of(self, rules: RulesOfOnePolicy) -> Iterator[Entry]:
        """The rules of one policy that may pass, where no earlier one of it surely matches."""
        earlier: list[Entry] = []
        for rule in rules:
            surely, maybe = self._peers(rule)
            if rule.action is Action.PASS and maybe:
                *_, passing = _cut([*earlier, self._entry(rule, Action.PASS, maybe)])
                yield passing
            earlier.append(self._entry(rule, rule.action, surely))

    def _of_policy(self, rules: RulesOfOnePolicy, doubtful: list[Entry]) -> Iterator[Entry]:
        """The rules of one policy that may match in the case, and what doubtful ones pass."""
        weakened = Action.DENY if self._reading.most else Action.ACCEPT
        for rule in rules:
            surely, maybe = self._peers(rule)
            if rule.action is Action.PASS:
                if maybe:
                    doubtful.append(self._entry(rule, Action.PASS, maybe))
            elif (rule.action is Action.ACCEPT) is self._reading.most:
                surely = [*surely, *maybe]
            entry = self._entry(rule, rule.action, surely)
            if not entry.possibly:
                continue
            if rule.action is weakened:
                passing = (_both(doubt, entry) for doubt in doubtful)
                yield from (passed for passed in passing if passed.possibly)
            yield entry

    def matching(self) -> Iterator[tuple[TierRule, list[Box], list[Box]]]:
        """The rules that may match, with the boxes that surely do and those that may."""
        for groups in (self._reading.groups[tier, self._direction] for tier in Tier):
            for rule in (rule for group in groups for rules in group for rule in rules):
                surely, maybe = self._peers(rule)
                if surely or maybe:
                    yield rule, surely, maybe

    def _entry(self, rule: TierRule, action: Action, boxes: list[Box]) -> Entry:
        sure, possibly = (
            tuple(
                whole
                for box in boxes
                for traffic in reading(rule.traffic)
                if self._is_near(whole := {**box, **traffic})
            )
            for reading in (self._readings.sure, self._readings.possibly)
        )
        return Entry(rule=rule, action=action, sure=sure, possibly=possibly)

    def _is_near(self, box: Box) -> bool:
        near = self._readings.near
        return near is None or any(meet(box, limit) is not None for limit in near)

    def _peers(self, rule: TierRule) -> tuple[list[Box], list[Box]]:
        """The boxes of subject and peers that surely match, and those that may."""
        case, end, selected = self._case, END[self._direction], rule.subject
        assert selected.namespaces is not None
        where = case.namespaces(end, selected.namespaces, self._side)
        pods = None if where is None else case.pods(end, selected.pods)
        if where is None or pods is None:
            return [], []
        surely: list[Box] = []
        maybe: list[Box] = []
        for box, is_sure in (boxes for peer in rule.peers for boxes in self._peer(peer)):
            whole = meet({**where, **pods}, box)
            if whole is not None:
                (surely if is_sure else maybe).append(whole)
        return surely, maybe

    def _peer(self, peer: TierPeer) -> Iterator[tuple[Box, bool]]:
        """The boxes in which a peer may match, and whether it surely does there."""
        outside_cluster = self._case.place(OTHER_END[self._direction]) is None
        match peer:
            case Anyone():
                yield ANYTHING, True
            case Pods():
                box = self._case.peer(self._direction, peer, self._side)
                if box is not None:
                    yield box, True
            case Networks(addresses) if outside_cluster:
                yield {ADDRESS: on_line(addresses)}, True
            case Networks(addresses):
                yield from self._network_of_pods(addresses)
            case Nodes():
                nodes = on_line(self._reading.nodes)
                if outside_cluster and nodes:
                    yield {ADDRESS: nodes}, False
            case Domains():
                if outside_cluster or self._reading.pods:
                    yield ANYTHING, False

    def _network_of_pods(self, addresses: Addresses) -> Iterator[tuple[Box, bool]]:
        """The boxes in which a network may have the address of a pod, and whether it surely has."""
        boxes: dict[int | None, Box] = {None: ANYTHING}
        if self._case.parts is not None:
            boxes = {version: {VERSION: value} for version, value in IP_VERSIONS.items()}
        for version, box in boxes.items():
            pods = self._reading.pods_of(version)
            if addresses.meets(pods):
                yield box, pods <= addresses


def _cut(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The rules of one policy, each without what those before it match."""
    for place, entry in enumerate(entries):
        earlier = entries[:place]
        yield Entry(
            rule=entry.rule,
            action=entry.action,
            sure=_without(entry.sure, (box for before in earlier for box in before.possibly)),
            possibly=_without(entry.possibly, (box for before in earlier for box in before.sure)),
        )


def _without(boxes: Iterable[Box], avoided: Iterable[Box]) -> tuple[Box, ...]:
    away = tuple(avoided)
    return tuple(piece for box in boxes for piece in outside(box, away))


def _both(passing: Entry, entry: Entry) -> Entry:
    """A rule that passes, where another one matches too."""
    return Entry(
        rule=passing.rule,
        action=Action.PASS,
        sure=_common(passing.sure, entry.sure),
        possibly=_common(passing.possibly, entry.possibly),
    )


def _common(some: Iterable[Box], others: Iterable[Box]) -> tuple[Box, ...]:
    shared = (meet(box, other) for box in some for other in others)
    return tuple(box for box in shared if box is not None)
