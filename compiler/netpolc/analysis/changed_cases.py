"""The cases of two sets of policies in which anything may differ.

Only what changed is looked at: places with other policies or facts, and those that a changed rule of a
tier is about.
"""

from collections.abc import Container, Iterable, Iterator, Sequence

from netpolc.analysis.case_enumeration import Chosen, case_of, listed_senders, sameness
from netpolc.analysis.namespace_partition import Cluster, NamespaceClass, NamespaceClasses
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.query import EndOfQuestion, PodEnd, Question
from netpolc.analysis.symbolic_case import Case
from netpolc.analysis.tiers import TierReading, TierRule
from netpolc.kube.peers import Direction
from netpolc.kube.selectors import EVERYTHING
from netpolc.manifest.tier_model import Action


def changed_cases(
    cluster: Cluster, questions: Iterable[Question], permitting: PolicyVersion
) -> Iterator[tuple[Question, Case]]:
    """The cases of questions in which a side of a cluster may permit something, and the two sides may differ."""
    moved = _moved(cluster)
    for question in questions:
        for case in _cases(cluster, question, moved, permitting):
            yield question, case


def _cases(
    cluster: Cluster,
    question: Question,
    moved: Container[NamespaceClass | None],
    permitting: PolicyVersion,
) -> Iterator[Case]:
    senders = _asked(cluster.senders, question.sender)
    receivers = _asked(cluster.receivers, question.receiver)
    chosen = Chosen(question.receiver, question.sender)
    orders = [
        {place: number for number, place in enumerate(senders) if every or place in moved}
        for every in (False, True)
    ]
    for there in receivers:
        near = orders[there in moved]
        policies = None if there is None else there.sides[permitting]
        if there is None or policies is None or policies.always_closed is None:
            listed: Iterable[NamespaceClass | None] = near
        else:
            accepting = cluster.rules_about(there, Direction.INGRESS, Action.ACCEPT, permitting)
            listed = listed_senders(cluster.senders, near, policies, chosen, accepting)
        for here in sorted(listed, key=near.__getitem__):
            for same in sameness(here, there):
                yield case_of(cluster, question, here, there, same=same)


def _asked(places: NamespaceClasses, end: EndOfQuestion) -> tuple[NamespaceClass | None, ...]:
    """The places that an end asks about on either side; None for addresses."""
    if not isinstance(end, PodEnd):
        return (None,)
    if end.namespaces.is_everything:
        return places.all
    sides = (PolicyVersion.BEFORE, PolicyVersion.AFTER)
    return tuple(dict.fromkeys(p for side in sides for p in places.near(end.namespaces, side)))


def _moved(cluster: Cluster) -> frozenset[NamespaceClass]:
    """The places that are not the same on both sides, or that a changed rule is about."""
    namespace_classes = {
        p for p in (*cluster.senders.all, *cluster.receivers.all) if _has_changed(p)
    }
    for rule in changed_rules(cluster.tiers):
        places = cluster.senders if rule.direction is Direction.EGRESS else cluster.receivers
        for side in PolicyVersion:
            namespace_classes.update(places.near(rule.subject.namespaces or EVERYTHING, side))
    return frozenset(namespace_classes)


def changed_rules(tiers: Sequence[TierReading | None]) -> frozenset[TierRule]:
    """The rules of tiers that only one side has, or that the sides read in different ways."""
    tier_reading, other = tiers
    before, after = (
        frozenset(() if reading is None else reading.tiers.rules)
        for reading in (tier_reading, other)
    )
    is_read_alike = tier_reading is None or other is None or tier_reading.settles_like(other)
    return before ^ after if is_read_alike else before | after


def _has_changed(place: NamespaceClass) -> bool:
    before, after = place.sides
    if before is None or after is None:
        return before is not after or facts_changed(place)
    return not before.means(after) or facts_changed(place)


def facts_changed(place: NamespaceClass) -> bool:
    """Whether the labels of namespaces are known otherwise on the two sides."""
    before, after = place.facts
    return before != after
