"""Rules that the other end does not permit.

A connection needs both ends (traps 7), and in policies that somebody wrote they are in
two files. Where the pods named are in a namespace whose policies are given, are closed,
and permit none of it, the rule looks right and the connection fails.

Only peers of one namespace are looked at, and only rules that name pods: one for everybody,
or for every pod of a namespace, is meant for any willing pod.
"""

from collections.abc import Iterator

from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import Allow, Policies, PolicySet
from netpolc.kube.display import selector_text
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import PROTOCOLS, Traffic
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import Selector
from netpolc.lints.accepting_rules import accepting_rules
from netpolc.provenance import Role

HALF_OPEN_RULE = Rule(code="NP644", name="half-open-rule", severity=Severity.WARNING)


def half_open_rules(policies: Policies, tiers: Tiers = NO_TIERS) -> Iterator[Diagnostic]:
    """Report the entries of rules whose other end permits none of what they open.

    What an Admin rule of `tiers` may accept there is permitted, whatever the policies say.
    """
    ends = {
        (name, direction): _End(policy_set, direction)
        for name, policy_set in policies.namespaces.items()
        for direction in Direction
    }
    for name, policy_set in policies.namespaces.items():
        for allow in policy_set.allows:
            peer = allow.peer
            if not isinstance(peer, Pods) or peer.pods.is_everything or allow.subject.impossible:
                continue
            home = peer.home(name) or ""
            there = ends.get((home, allow.direction.other))
            if there is None or not there.is_closed(peer.pods):
                continue
            if any(
                _permits(other.peer, other.traffic, allow, policy_set, home)
                for other in there.of(peer.pods)
            ):
                continue
            if not _is_accepted(tiers, policies.namespaces[home], allow, peer, policy_set):
                yield from _finding(allow, peer, name, home)


class _End:
    """The policies of a namespace in one direction, found by the pods that they are about."""

    __slots__ = ("_allows", "_closed")

    def __init__(self, policies: PolicySet, direction: Direction) -> None:
        self._closed = SelectorIndex.of(subject.selector for subject in policies.of(direction))
        self._allows = SelectorIndex(
            (subject.selector, allow)
            for subject in policies.of(direction)
            for allow in subject.allows
        )

    def is_closed(self, pods: Selector) -> bool:
        """Whether all of these pods are closed, and known to be by one policy."""
        return self._closed.covers(pods)

    def of(self, pods: Selector) -> Iterator[Allow]:
        """The allows whose subject may be among these pods."""
        return self._allows.overlapping(pods)


def _is_accepted(
    tiers: Tiers, there: PolicySet, allow: Allow, pods: Pods, policies: PolicySet
) -> bool:
    """Whether an Admin rule may accept at the other end some of what an allow opens."""
    rules = accepting_rules(tiers, allow.direction.other, Facts.of_namespace(there))
    return any(
        not isinstance(peer, Pods) or _permits(peer, rule.traffic, allow, policies, there.namespace)
        for rule in rules
        if not rule.subject.pods.isdisjoint(pods.pods) and _overlap(rule.traffic, allow.traffic)
        for peer in rule.peers
    )


def _permits(peer: Peer, traffic: Traffic, allow: Allow, policies: PolicySet, home: str) -> bool:
    """Whether what the other end permits to a peer is some of what an allow of a namespace opens.

    Subject, peer and traffic limit different things, so some connection is permitted
    exactly where none of the three excludes it. A port's name may be any number.
    """
    if isinstance(peer, Outside) or not _overlap(traffic, allow.traffic):
        return False
    if isinstance(peer, Anyone):
        return True
    if peer.pods.isdisjoint(allow.subject):
        return False
    if peer.namespaces is None:
        return home == policies.namespace
    return Facts.of_namespace(policies).left(peer.namespaces) is not None


def _overlap(mine: Traffic, theirs: Traffic) -> bool:
    if mine.named or theirs.named:
        return True
    return any(not mine.numbers(p).isdisjoint(theirs.numbers(p)) for p in PROTOCOLS)


def _finding(allow: Allow, peer: Pods, name: str, home: str) -> Iterator[Diagnostic]:
    span = next((o.span for o in allow.origins if o.role is Role.POLICY and o.span), None)
    other = allow.direction.other.value
    if span is not None:
        can = "connect" if other == Direction.EGRESS.value else "be reached"
        subject = (
            "every pod" if allow.subject.is_everything else f"`{selector_text(allow.subject)}`"
        )
        there = "" if home == name else f" in namespace `{name}`"
        yield Diagnostic(
            rule=HALF_OPEN_RULE,
            message=f"`{selector_text(peer.pods)}` in namespace `{home}` cannot {can}:"
            f" its {other} does not permit {subject}{there}",
            label=Label(span, "opened here, closed at the other end"),
            help=f"add an {other} rule for {subject}{there} to a policy of namespace `{home}`",
        )
