"""The traffic that tiers accept and deny between two ends that are known in full.

In: what NetworkPolicies permit there. Out: what is permitted in the end. Each list is folded
into what it accepts and what it denies, as numbers on the line of ports, with what is unknown
settled as in `tier_order`.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_
from typing import TypeAlias

from netpolc.analysis.port_encoding import PortLine, line_numbers, with_numbers
from netpolc.analysis.tiers import Group, RulesOfOnePolicy, TierReading, TierRule
from netpolc.kube.peers import Direction
from netpolc.kube.ports import EVERY_PORT, NamedPort, Traffic
from netpolc.manifest.tier_model import Action, Tier
from netpolc.sets import IntervalSet
from netpolc.values import frozen

_LINE = PortLine()
_NONE = IntervalSet()
_EVERYTHING = line_numbers(EVERY_PORT)
_LEAST = (Action.DENY, Action.PASS, Action.ACCEPT)
_MOST = _LEAST[::-1]

TierGroups: TypeAlias = Mapping[tuple[Tier, Direction], tuple[Group, ...]]
"""The rules of each tier and direction by priority, then by policy."""


def groups_with(groups: TierGroups, may_match: Callable[[TierRule], bool]) -> TierGroups:
    """The policies of which some rule may match."""
    return {
        place: tuple(
            near
            for group in some
            if (near := tuple(own for own in group if any(map(may_match, own))))
        )
        for place, some in groups.items()
    }


@frozen(kw_only=True, eq=False)
class TierFold:
    """The tiers between two ends.

    `groups` are the rules of the reading; rules that are surely not about these ends may be missing.
    `matches` says whether a rule is about these ends, None where that is unknown; `ports` are the
    receiver's named ports.
    """

    reading: TierReading
    groups: TierGroups
    matches: Callable[[TierRule], bool | None]
    ports: Mapping[NamedPort, frozenset[int]]

    def permitted(self, direction: Direction, by_policies: Traffic | None) -> Traffic:
        """The permitted traffic; `by_policies` is what NetworkPolicies permit, None if open."""
        accepted, denied = self._decided(Tier.ADMIN, direction)
        if by_policies is None:
            denied |= self._decided(Tier.BASELINE, direction)[1] - accepted
            return _LINE.traffic(_EVERYTHING - denied)
        passed = line_numbers(with_numbers(by_policies, self.ports)) - denied
        return _LINE.traffic(passed | accepted)

    def _decided(self, tier: Tier, direction: Direction) -> tuple[IntervalSet, IntervalSet]:
        """The traffic that a tier accepts, and the traffic that it denies."""
        order = _MOST if self.reading.most else _LEAST
        left, doubtful = _EVERYTHING, _NONE
        decided = {Action.ACCEPT: _NONE, Action.DENY: _NONE, Action.PASS: _NONE}
        for group in self.groups[tier, direction]:
            mine = self._of_group(group, doubtful)
            for rules in group:
                doubtful |= self._doubtful(rules)
            for action in order:
                taken = mine[action] & left
                decided[action] |= taken
                left -= taken
        return decided[Action.ACCEPT], decided[Action.DENY]

    def _of_group(self, group: Group, before: IntervalSet) -> dict[Action, IntervalSet]:
        doubtful = [self._doubtful(rules) for rules in group]
        by_action = dict.fromkeys(Action, _NONE)
        for place, rules in enumerate(group):
            others = [intervals for at, intervals in enumerate(doubtful) if at != place]
            for action, some in self._of_policy(rules, reduce(or_, others, before)).items():
                by_action[action] |= some
        return by_action

    def _of_policy(
        self, rules: RulesOfOnePolicy, doubtful: IntervalSet
    ) -> dict[Action, IntervalSet]:
        """The first matches of one policy's rules, by what they come to."""
        weakened = Action.DENY if self.reading.most else Action.ACCEPT
        by_action = dict.fromkeys(Action, _NONE)
        left = _EVERYTHING
        for rule in rules:
            match = self.matches(rule)
            if match is False:
                continue
            numbers = self._numbers(rule)
            if match is None:
                if rule.action is Action.PASS:
                    doubtful |= numbers
                    continue
                if (rule.action is Action.ACCEPT) is not self.reading.most:
                    continue
            taken = numbers & left
            left -= numbers
            passing = taken & doubtful if rule.action is weakened else _NONE
            by_action[Action.PASS] |= passing
            by_action[rule.action] |= taken - passing
        return by_action

    def _doubtful(self, rules: RulesOfOnePolicy) -> IntervalSet:
        """The traffic that a policy may pass, if none of its earlier rules matches for certain."""
        intervals, left = _NONE, _EVERYTHING
        for rule in rules:
            match = self.matches(rule)
            if match is None and rule.action is Action.PASS:
                intervals |= self._numbers(rule) & left
            elif match:
                left -= self._numbers(rule)
        return intervals

    def _numbers(self, rule: TierRule) -> IntervalSet:
        return line_numbers(with_numbers(rule.traffic, self.ports))
