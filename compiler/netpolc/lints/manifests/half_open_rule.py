"""Rules that the other end does not permit.

A connection needs both ends (traps 7), and in policies that somebody wrote they are in
two files. Where the pods named are in a namespace whose policies are given, are closed,
and permit none of it, the rule looks right and the connection fails.

Only peers of one namespace are looked at, and only rules that name pods: one for everybody,
or for every pod of a namespace, is meant for any willing pod.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import Allow, Policies, PolicySet
from netpolc.kube.display import selector_text
from netpolc.kube.name_rules import named_labels
from netpolc.kube.peers import Anyone, Direction, Outside, Pods
from netpolc.kube.ports import PROTOCOLS, Traffic
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import Selector
from netpolc.provenance import Role

HALF_OPEN_RULE = Rule(code="NP644", name="half-open-rule", severity=Severity.WARNING)


def half_open_rules(policies: Policies) -> Iterator[Diagnostic]:
    """Name the entries of rules whose other end permits none of what they open."""
    ends = {
        (name, direction): _End(one, direction)
        for name, one in policies.namespaces.items()
        for direction in Direction
    }
    for name, one in policies.namespaces.items():
        for allow in one.allows:
            peer = allow.peer
            if not isinstance(peer, Pods) or peer.pods.is_everything or allow.subject.impossible:
                continue
            home = peer.home(name) or ""
            there = ends.get((home, allow.direction.other))
            if there is None or not there.is_closed(peer.pods):
                continue
            if not any(_permits(other, allow, name, one, home) for other in there.of(peer.pods)):
                yield from _finding(allow, peer, home)


class _End:
    """The policies of a namespace in one direction, found by the pods they speak of."""

    __slots__ = ("_allows", "_closed")

    def __init__(self, one: PolicySet, direction: Direction) -> None:
        self._closed = SelectorIndex.of(subject.selector for subject in one.of(direction))
        self._allows = SelectorIndex(
            (subject.selector, allow) for subject in one.of(direction) for allow in subject.allows
        )

    def is_closed(self, pods: Selector) -> bool:
        """Whether all of these pods are closed, and known to be by one policy."""
        return next(self._closed.supersets_of(pods), None) is not None

    def of(self, pods: Selector) -> Iterator[Allow]:
        """The allows of which some of these pods may be the subject."""
        return self._allows.overlapping(pods)


def _permits(other: Allow, allow: Allow, name: str, one: PolicySet, home: str) -> bool:
    """Whether the other end permits some of what an allow of a namespace opens.

    Subject, peer and traffic limit different things, so some connection is permitted
    exactly where none of the three excludes it. A port's name may be any number.
    """
    peer = other.peer
    if isinstance(peer, Outside) or not _overlap(other.traffic, allow.traffic):
        return False
    if isinstance(peer, Anyone):
        return True
    if peer.pods.isdisjoint(allow.subject):
        return False
    if peer.namespaces is None:
        return home == name
    known = named_labels(one.labels, name)
    return all(
        known[key] in allowed if key in known else not one.complete or None in allowed
        for key, allowed in peer.namespaces.requirements
    )


def _overlap(mine: Traffic, theirs: Traffic) -> bool:
    if mine.named or theirs.named:
        return True
    return any(not mine.numbers(p).isdisjoint(theirs.numbers(p)) for p in PROTOCOLS)


def _finding(allow: Allow, peer: Pods, home: str) -> Iterator[Diagnostic]:
    span = next((o.span for o in allow.origins if o.role is Role.POLICY and o.span), None)
    other = allow.direction.other.value
    if span is not None:
        text = selector_text(peer.pods)
        yield Diagnostic(
            rule=HALF_OPEN_RULE,
            message=f"the {other} of `{text}` in namespace `{home}` does not permit it",
            label=Label(span, "opened here, closed at the other end"),
            help=f"add an {other} rule for these pods there",
        )
