"""Whose agreement a change needs: the files of everybody whose connections it changes.

Reviews are asked for by the files that a change touches. But an arrow in one team's file
opens a way between two teams, and a group's new member lets somebody into services whose
files nobody touched. So the files are found from the connections that change:

- the statement that was changed;
- the files that say who may reach the subject: its arrows, and where its name is declared;
- where the other end is in another namespace, the files that speak for that one;
- of cluster-wide policies the rules that decide, and the namespaces at both ends.

A peer that is every namespace but some, or every one with labels that nobody states, has
no files that speak for it: namespaces that nobody knows are among them. Asking everybody
would ask nobody. So the report says that everybody is at the other end, and the owners of the
repository as a whole, by a rule of CODEOWNERS for every path, is asked.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import partial
from itertools import chain

from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.sentence import sentence
from netpolc.changes.model import (
    Difference,
    Effect,
    Entry,
    FarEnd,
    IsolationChange,
    Side,
    TierChange,
)
from netpolc.kube.peers import Direction
from netpolc.program.model import Namespace
from netpolc.provenance import Origin
from netpolc.values import frozen


class Part(Enum):
    """The role of a file in a change."""

    CHANGED = "changed"
    """A statement in it makes the difference."""
    SUBJECT = "subject"
    """It speaks for the subject."""
    OTHER = "other side"
    """It speaks for the namespace at the other end."""
    EVERYBODY = "everybody"
    """No file: namespaces without number are at the other end."""


@frozen(kw_only=True)
class Reason:
    """The reason why a file is named: the change, and the file's part in it.

    `namespace` is the one that the file speaks for; for everybody it is the subject's. Both are empty
    where cluster-wide policies change something. `change` is an arrow of the intent
    language, or a sentence where pods are isolated or no longer.
    """

    part: Part
    namespace: str
    effect: Effect
    subject_namespace: str
    change: str


@frozen(kw_only=True)
class Concern:
    """A file whose owners must agree, and why."""

    path: str
    reasons: tuple[Reason, ...]


@frozen(kw_only=True)
class Agreement:
    """The files whose owners must agree, by path.

    `everybody` are the changes with namespaces without number at the other end. `unspoken`
    are namespaces at an end of a change for which no file speaks: IR need not name the files
    that it comes from.
    """

    concerns: tuple[Concern, ...]
    everybody: tuple[Reason, ...] = ()
    unspoken: tuple[str, ...] = ()


def agreement(difference: Difference, before: Side, after: Side) -> Agreement:
    """Whose agreement a change needs.

    Args:
        difference: the change.
        before: the first side.
        after: the second side; what either of them states counts.
    """
    files = _Files((before, after))
    by_path: dict[str, dict[tuple[object, ...], Reason]] = {}
    everybody: dict[Reason, None] = {}
    for cause in difference.causes:
        places = (
            origin
            for statement_change in cause.statements
            for origin in (statement_change.before, statement_change.after)
        )
        changed = {origin.path for origin in places if origin is not None and origin.path}
        everything: tuple[Entry | IsolationChange, ...] = (*cause.isolations, *cause.entries)
        for changed_connection in everything:
            for path, reason in chain(
                _reasons(changed_connection, Part.CHANGED, changed_connection.namespace, changed),
                files.about(changed_connection),
            ):
                # Of several parts of a file in a change only the first is listed.
                same = reason.namespace, reason.subject_namespace, reason.effect, reason.change
                by_path.setdefault(path, {}).setdefault(same, reason)
            if isinstance(changed_connection, Entry) and any(
                map(partial(_is_without_number, changed_connection), changed_connection.far)
            ):
                everybody[
                    _reason(changed_connection, Part.EVERYBODY, changed_connection.namespace)
                ] = None
    for change in difference.tiers:
        for path, reason in files.about_tiers(change):
            same = reason.namespace, reason.subject_namespace, reason.effect, reason.change
            by_path.setdefault(path, {}).setdefault(same, reason)
        if change.namespaces is None:
            everybody[_tier_reason(change, Part.EVERYBODY, "")] = None
    return Agreement(
        concerns=tuple(
            Concern(path=path, reasons=tuple(reasons.values()))
            for path, reasons in sorted(by_path.items())
        ),
        everybody=tuple(everybody),
        unspoken=tuple(sorted(files.unspoken)),
    )


def _tier_reason(change: TierChange, part: Part, namespace: str) -> Reason:
    return Reason(
        part=part,
        namespace=namespace,
        effect=change.effect,
        subject_namespace="",
        change=sentence(change.witness),
    )


def _reasons(
    change: Entry | IsolationChange, part: Part, namespace: str, paths: Iterable[str]
) -> Iterator[tuple[str, Reason]]:
    reason = _reason(change, part, namespace)
    yield from ((path, reason) for path in paths)


def _reason(change: Entry | IsolationChange, part: Part, namespace: str) -> Reason:
    return Reason(
        part=part,
        namespace=namespace,
        effect=change.effect,
        subject_namespace=change.namespace,
        change=change.arrow if isinstance(change, Entry) else change.words,
    )


class _Files:
    """The files that are responsible for subjects and namespaces, computed once for each namespace."""

    def __init__(self, sides: tuple[Side, ...]) -> None:
        self._sides = sides
        self._shared = {place for side in sides for place in _shared(side)}
        self._sections: dict[str, frozenset[str]] = {}
        self._subjects: dict[str, dict[str, set[str]]] = {}
        self.unspoken: set[str] = set()

    def about(self, change: Entry | IsolationChange) -> Iterator[tuple[str, Reason]]:
        """The files of the subject, and of the namespaces at the other end."""
        own = self._of_subject(change.namespace, change.subject) or self._of_namespace(
            change.namespace
        )
        if not own:
            self.unspoken.add(change.namespace)
        yield from _reasons(change, Part.SUBJECT, change.namespace, own)
        if isinstance(change, Entry):
            for far in change.far:
                for name in _namespaces(change, far):
                    paths = self._of_namespace(name) | self._declaring(name, far)
                    if not paths:
                        self.unspoken.add(name)
                    yield from _reasons(change, Part.OTHER, name, paths)

    def about_tiers(self, change: TierChange) -> Iterator[tuple[str, Reason]]:
        """The files of the deciding rules, and the files of the namespaces at the ends."""
        for path in {origin.path for origin in (*change.opening, *change.closing)} - {""}:
            yield path, _tier_reason(change, Part.CHANGED, "")
        for name in sorted(change.namespaces or ()):
            paths = self._of_namespace(name)
            if not paths:
                self.unspoken.add(name)
            yield from ((path, _tier_reason(change, Part.OTHER, name)) for path in paths)

    def _of_subject(self, namespace: str, subject: str) -> frozenset[str]:
        """The files with arrows of a subject, and the one that declares its name."""
        if namespace not in self._subjects:
            by_subject: dict[str, set[str]] = {}
            for known in self._known(namespace):
                for arrow in known.arrows:
                    if arrow.origin.path and not self._is_shared(arrow.origin):
                        by_subject.setdefault(arrow.origin.subject, set()).add(arrow.origin.path)
            self._subjects[namespace] = by_subject
        arrows = self._subjects[namespace].get(subject, set())
        return frozenset(arrows | self._declared(namespace, subject))

    def _of_namespace(self, namespace: str) -> frozenset[str]:
        """The files with sections or policies of a namespace."""
        if namespace not in self._sections:
            self._sections[namespace] = frozenset(
                origin.path
                for side in self._sides
                for origin in _spoken(side, namespace)
                if origin.path and not self._is_shared(origin)
            )
        return self._sections[namespace]

    def _declaring(self, namespace: str, far: FarEnd) -> set[str]:
        return self._declared(namespace, far.service) if far.service else set()

    def _declared(self, namespace: str, name: str) -> set[str]:
        services = (known.services.get(name) for known in self._known(namespace))
        return {
            service.declared.path
            for service in services
            if service is not None and service.declared
        }

    def _known(self, namespace: str) -> Iterator[Namespace]:
        namespaces = (side.program.namespaces.get(namespace) for side in self._sides)
        return (known for known in namespaces if known is not None)

    def _is_shared(self, origin: Origin) -> bool:
        """Whether a statement belongs to the cluster section, and so to no team."""
        return (origin.path, origin.line) in self._shared


def _shared(side: Side) -> Iterator[tuple[str, int]]:
    """The places of statements that several namespaces share."""
    yield from (
        (declaration.origin.path, declaration.origin.line)
        for declaration in side.program.declarations
        if not declaration.namespace
    )
    seen: dict[tuple[str, int], str] = {}
    for name, known in side.program.namespaces.items():
        for arrow in known.arrows:
            place = arrow.origin.path, arrow.origin.line
            if seen.setdefault(place, name) != name:
                yield place


def _spoken(side: Side, namespace: str) -> Iterator[Origin]:
    """The statements about a namespace, or its policies if no intent is about it."""
    for declared in side.program.declarations:
        if declared.namespace == namespace:
            yield declared.origin
    known = side.program.namespaces.get(namespace)
    if known is not None:
        yield from (arrow.origin for arrow in known.arrows)
        return
    policies = side.policies.namespaces.get(namespace)
    if policies is not None:
        yield from (origin for subject in policies.subjects for origin in subject.origins)
        yield from (origin for allow in policies.allows for origin in allow.origins)


def _namespaces(entry: Entry, far: FarEnd) -> Iterator[str]:
    """The other namespaces that a far end names."""
    names: set[str] = set()
    for end in _other_pods(entry, far):
        if not end.names.complement:
            names |= end.names.values
    yield from sorted(names - {entry.namespace})


def _is_without_number(entry: Entry, far: FarEnd) -> bool:
    """Whether a far end includes namespaces without a known name."""
    return any(end.names.complement for end in _other_pods(entry, far))


def _other_pods(entry: Entry, far: FarEnd) -> Iterator[PodClass]:
    """The pods of other namespaces at a far end."""
    for some in far.connections:
        end = some.sender if entry.direction is Direction.INGRESS else some.receiver
        if isinstance(end, PodClass) and not some.same_namespace:
            yield end
