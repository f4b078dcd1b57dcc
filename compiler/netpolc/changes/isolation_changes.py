"""Pods that were open to all and are closed now, or the reverse.

The first arrow about a subject isolates it from everyone else; removing the last one opens
it to all. Reviewers overlook both, so each has a sentence of its own.
"""

from collections.abc import Iterable, Iterator

from netpolc.analysis.policy_version import PolicyVersion
from netpolc.changes.attribution import Attribution
from netpolc.changes.changed_ends import is_inside
from netpolc.changes.local_names import LocalNames, names_of_sides
from netpolc.changes.model import Effect, IsolationChange, Risk, Side
from netpolc.ir.model import PolicySet, Subject
from netpolc.kube.peers import Direction
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import Selector
from netpolc.provenance import Role, closing_or_all, merged
from netpolc.sets.boxes import Box, outside

_NOTHING = PolicySet(namespace="")


def isolation_changes(
    sides: tuple[Side, Side], namespaces: Iterable[str], attribution: Attribution
) -> Iterator[IsolationChange]:
    """The isolation changes of some namespaces."""
    both = names_of_sides(sides)
    for namespace in namespaces:
        then, now = (side.policies.namespaces.get(namespace, _NOTHING) for side in sides)
        if then.closed == now.closed:
            continue
        for side, mine, other in (
            (PolicyVersion.BEFORE, then, now),
            (PolicyVersion.AFTER, now, then),
        ):
            for direction in (Direction.EGRESS, Direction.INGRESS):
                there = _by_selector(other, direction)
                for subject in _widest_gone(
                    _by_selector(mine, direction), there, mine.of(direction)
                ):
                    isolation = _change(subject, there, namespace, side, both[side], attribution)
                    if isolation is not None:
                        yield isolation


def _by_selector(policies: PolicySet, direction: Direction) -> SelectorIndex[Subject]:
    return SelectorIndex((subject.selector, subject) for subject in policies.of(direction))


def _widest_gone(
    mine: SelectorIndex[Subject], other: SelectorIndex[Subject], subjects: Iterable[Subject]
) -> list[Subject]:
    """The widest subjects that only this side has."""
    gone = (subject for subject in subjects if not other.exact(subject.selector))
    return sorted(
        (subject for subject in gone if not is_inside(subject, mine)),
        key=lambda subject: subject.selector.sort_key(),
    )


def _change(
    changed: Subject,
    there: SelectorIndex[Subject],
    namespace: str,
    side: PolicyVersion,
    local: LocalNames,
    attribution: Attribution,
) -> IsolationChange | None:
    others = list(there.overlapping(changed.selector))
    boxes = (_box(other.selector) for other in others)
    if next(outside(_box(changed.selector), boxes), None) is None:
        return None
    closes = side == PolicyVersion.AFTER
    default = changed.selector.is_everything and any(
        o.role is Role.DEFAULT for o in changed.origins
    )
    subject = local.pods(changed.selector, namespace)
    known = merged(*(closing_or_all(other.origins) for other in others))
    mine = closing_or_all(changed.origins)
    before, after = (known, mine) if closes else (mine, known)
    words = (
        _default_words(namespace, changed, closes=closes)
        if default
        else _words(changed, subject, closes=closes, some=bool(others))
    )
    return IsolationChange(
        effect=Effect.CLOSED if closes else Effect.OPENED,
        namespace=namespace,
        subject=subject,
        direction=changed.direction,
        words=words,
        before=before,
        after=after,
        default=default,
        risks=(Risk.DEFAULT_REMOVED,) if default and not closes else (),
        causes=attribution.isolation(side, namespace, changed),
    )


def _box(subject: Selector) -> Box:
    return dict(subject.requirements)


def _default_words(namespace: str, subject: Subject, *, closes: bool) -> str:
    ingress = subject.direction is Direction.INGRESS
    setting = "default: deny" if ingress else "default: deny egress"
    pods = "pods without an arrow of their own"
    if closes:
        then = "are closed to everyone" if ingress else "reach only dns"
        return f"namespace {namespace} gains `{setting}`: {pods} {then}"
    then = "are open to all" if ingress else "may reach everything"
    return f"namespace {namespace} loses `{setting}`: {pods} {then}"


def _words(closing: Subject, subject: str, *, closes: bool, some: bool) -> str:
    pods = "every pod" if subject == "*" else subject
    which = f"some pods of {pods}" if some and subject != "*" else pods
    which = "some pods" if some and subject == "*" else which
    was, is_now = ("were", "are") if some else ("was", "is")
    ingress = closing.direction is Direction.INGRESS
    listed = bool(closing.allows)
    if closes:
        open_before = "open to all" if ingress else "free to reach everything"
        if ingress:
            only = "only the listed peers reach it" if listed else "nobody reaches it"
        else:
            only = "it reaches only the listed peers" if listed else "it reaches nobody"
        if some:
            only = only.replace("reach it", "reach them").replace("reaches it", "reaches them")
            only = only.replace("it reaches", "they reach")
        return f"{which} {was} {open_before}, now closed: {only}"
    then = "open to all" if ingress else "free to reach everything"
    return f"{which} {was} closed and {is_now} now {then}"
