"""Which changed statements make a difference.

An allow or an isolation that only one side has comes from statements. Where such a
statement itself changed, it is responsible. Where it reads as before, something that it
names means something else now: a service, a group, what `label:` makes of its bare
names, `dns`, `internet`. Only where that explains nothing either are stated labels of
namespaces looked at, and what else changed about the namespace.

Policies of manifests are responsible as a whole, by their names.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from netpolc.analysis.policy_version import PolicyVersion
from netpolc.changes.model import Side, StatementChange
from netpolc.changes.statement_diff import Changed
from netpolc.ir.model import Policies
from netpolc.program.model import Namespace, Program
from netpolc.provenance import CLAIMS, Origin, Origins, Place, PolicyRef, Role, StatementKind

_SETTING = {
    Role.DEFAULT: (StatementKind.DEFAULT,),
    Role.DNS: (StatementKind.DNS, StatementKind.DEFAULT),
    Role.MIRROR: (StatementKind.MIRROR, StatementKind.DEFAULT),
}
_WORDS = {StatementKind.DNS: "dns", StatementKind.ADDRESSES: "internet"}


def _always(_change: StatementChange) -> bool:
    return True


class ChangedSources:
    """Finds the changed statements that an allow or an isolation comes from."""

    def __init__(self, before: Side, after: Side, changed: Changed) -> None:
        self._sides = (before, after)
        self._changed = changed
        self._others = [
            change for change in changed.all if change.what not in {StatementKind.ARROW, *CLAIMS}
        ]
        programs = (before.program, after.program)
        self._dependents = tuple(_dependents(program, self._others) for program in programs)
        self._policies: dict[tuple[PolicyVersion, str], dict[str, Origin]] = {}
        self._texts: dict[tuple[PolicyVersion, str], frozenset[str]] = {}

    def of(
        self,
        side: PolicyVersion,
        namespace: str,
        origins: Origins,
        concerns: Callable[[StatementChange], bool] = _always,
    ) -> tuple[StatementChange, ...]:
        """The changed statements of an allow or isolation that only this side has.

        A changed statement is left out if `concerns` rejects it: an allow has the origins of
        the narrower allows that it covers too.
        """
        direct = [
            change
            for origin in origins
            for change in self._direct(side, namespace, origin)
            if concerns(change)
        ]
        changes = direct or [
            change for origin in origins for change in self._indirect(side, namespace, origin)
        ]
        return tuple(dict.fromkeys(changes))

    def facts(self, names: Iterable[str]) -> tuple[StatementChange, ...]:
        """The changed labels of some namespaces."""
        wanted = set(names)
        return tuple(
            change
            for change in self._others
            if change.what is StatementKind.FACTS and change.namespace in wanted
        )

    def anything(self, names: Iterable[str]) -> tuple[StatementChange, ...]:
        """All changes of some namespaces, as the last resort; labels first."""
        facts = tuple(change for change in self._others if change.what is StatementKind.FACTS)
        near = {"", *names}
        return facts or tuple(
            change
            for change in self._changed.all
            if change.namespace in near and change.what not in CLAIMS
        )

    def _direct(
        self, side: PolicyVersion, namespace: str, origin: Origin
    ) -> Iterator[StatementChange]:
        if origin.role is Role.POLICY:
            yield self._policy(namespace, origin)
            return
        changed = self._changed.found[side]
        for home in (namespace, ""):
            change = changed.get((home, origin.statement))
            if change is not None:
                if change not in self._changed.plain:
                    yield change
                return
        other = self._sides[side.other].program.namespaces
        if other and namespace not in other:
            # The cluster section reads as before; it lost, or got, a namespace.
            yield from self._section(side, namespace)
        elif not self._is_known(side.other, namespace, origin):
            what = {Role.DEFAULT: StatementKind.DEFAULT, Role.DNS: StatementKind.DNS}.get(
                origin.role, StatementKind.ARROW
            )
            sides = (origin, None) if side == PolicyVersion.BEFORE else (None, origin)
            yield StatementChange(
                what=what,
                namespace=namespace,
                name=origin.subject,
                before=sides[0],
                after=sides[1],
            )

    def _section(self, side: PolicyVersion, namespace: str) -> Iterator[StatementChange]:
        """The statement that represents a section of one side: its labels, else its first line.

        Nothing, where it has no statement.
        """
        own = [
            (change.what is not StatementKind.FACTS, origin.path, origin.line, number)
            for number, change in enumerate(self._changed.all)
            if change.namespace == namespace and change.what not in CLAIMS
            for origin in [change.before if side == PolicyVersion.BEFORE else change.after]
            if origin is not None
        ]
        yield from (self._changed.all[place[-1]] for place in sorted(own)[:1])

    def _indirect(
        self, side: PolicyVersion, namespace: str, origin: Origin
    ) -> Iterator[StatementChange]:
        yield from self._dependents[side].get(origin.place, ())
        settings = _SETTING.get(origin.role, ())
        for change in self._others:
            if change.what in settings and change.namespace in {namespace, ""}:
                yield change

    def _is_known(self, side: PolicyVersion, namespace: str, origin: Origin) -> bool:
        """Whether a side has the statement; the built-in `dns` is everywhere."""
        if not origin.path:
            return True
        known = self._texts.get((side, namespace))
        if known is None:
            known = frozenset(_texts(self._sides[side], namespace))
            self._texts[side, namespace] = known
        return origin.statement in known

    def _policy(self, namespace: str, origin: Origin) -> StatementChange:
        name = _policy_name(origin)
        before, after = (self._named(side, namespace).get(name) for side in PolicyVersion)
        return StatementChange(
            what=StatementKind.POLICY, namespace=namespace, name=name, before=before, after=after
        )

    def _named(self, side: PolicyVersion, namespace: str) -> dict[str, Origin]:
        """The policies of a side by name, each where it begins."""
        named = self._policies.get((side, namespace))
        if named is None:
            named = {}
            for origin in _origins(self._sides[side].policies, namespace):
                if origin.role is Role.POLICY:
                    name = _policy_name(origin)
                    first = named.get(name)
                    if first is None or (origin.path, origin.line) < (first.path, first.line):
                        named[name] = replace(origin, source=PolicyRef(name))
            self._policies[side, namespace] = named
        return named


def _policy_name(origin: Origin) -> str:
    return "" if origin.policy is None else origin.policy.name


def _texts(side: Side, namespace: str) -> Iterator[str]:
    program = side.program.namespaces.get(namespace)
    if program is not None:
        yield from (arrow.origin.statement for arrow in program.arrows)
        yield from (origin.statement for origin in program.closed.values())
        yield program.dns_origin.statement
    else:
        yield from (origin.statement for origin in _origins(side.policies, namespace))


def _origins(policies: Policies, namespace: str) -> Iterator[Origin]:
    known = policies.namespaces.get(namespace)
    if known is not None:
        for subject in known.subjects:
            yield from subject.origins
        for allow in known.allows:
            yield from allow.origins


def _dependents(
    program: Program, changes: Iterable[StatementChange]
) -> dict[Place, list[StatementChange]]:
    """The statements whose meaning hangs on a changed declaration, by place."""
    dependents: dict[Place, list[StatementChange]] = {}
    for change in changes:
        homes = [change.namespace] if change.namespace else list(program.namespaces)
        for home in homes:
            namespace = program.namespaces.get(home)
            for origin in () if namespace is None else _hanging(namespace, change):
                there = dependents.setdefault(origin.place, [])
                if change not in there:
                    there.append(change)
    return dependents


def _hanging(namespace: Namespace, change: StatementChange) -> Iterator[Origin]:
    match change.what:
        case StatementKind.SERVICE:
            service = namespace.services.get(change.name)
            yield from service.mentions if service is not None else ()
        case StatementKind.LABEL:
            for service in namespace.services.values():
                if service.declared is None:
                    yield from service.mentions
        case StatementKind.GROUP:
            yield from _through(namespace, change.name)
        case StatementKind.DNS | StatementKind.ADDRESSES:
            yield from _through(namespace, _WORDS[change.what])
        case _:
            pass


def _through(namespace: Namespace, word: str) -> Iterator[Origin]:
    for arrow in namespace.arrows:
        if word in arrow.through:
            yield arrow.origin
