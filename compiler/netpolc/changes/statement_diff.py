"""Which statements are not the same in two programs.

Lines are what a person changed. A statement with the same formatted text in
the same namespace is the same statement wherever it is; what is left over on
either side was added, removed or, where one of each is about the same thing, edited.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TypeAlias

from netpolc.changes.model import StatementChange
from netpolc.program.model import Arrow, Program
from netpolc.provenance import Origin, Place, StatementKind
from netpolc.values import frozen

_MANY = 10_000
"""Pairs above which edited statements are paired by order alone."""


@frozen(kw_only=True, eq=False)
class Written:
    """A statement of a program, and the namespaces in which it is not on the other side.

    `about` is its direction, and its subject if that has no name.
    """

    what: StatementKind
    name: str
    origin: Origin
    namespaces: frozenset[str]
    arrow: Arrow | None = None
    about: object = None

    @property
    def home(self) -> str:
        """The namespace it is about; empty for several."""
        return next(iter(self.namespaces)) if len(self.namespaces) == 1 else ""


@frozen(kw_only=True)
class Changed:
    """The statements that are not the same.

    `found` has, for each side, the change of a statement by namespace and text; `arrows`
    the arrows of changed statements by their place. `plain` are edits of arrows that mean
    the same by themselves, so that they cannot be the cause of anything.
    """

    all: tuple[StatementChange, ...] = ()
    plain: frozenset[StatementChange] = frozenset()
    found: tuple[Mapping[tuple[str, str], StatementChange], ...] = ({}, {})
    arrows: Mapping[Place, Arrow] = field(default_factory=dict)
    moved: int = 0


def changed_statements(before: Program, after: Program) -> Changed:
    """The statements that only one of the programs has, paired where one became the other."""
    gone, new, moved = _differing(before, after)
    pairs, plain = [], set()
    for bucket in _buckets(gone, new):
        for old, now, same in _paired(*bucket):
            change = _change(old, now)
            pairs.append((old, now, change))
            if same:
                plain.add(change)
    by_statement: tuple[dict[tuple[str, str], StatementChange], ...] = ({}, {})
    arrows: dict[Place, Arrow] = {}
    for old, now, change in pairs:
        for side, written in enumerate((old, now)):
            if written is not None:
                for namespace in written.namespaces:
                    by_statement[side].setdefault((namespace, written.origin.statement), change)
                if written.arrow is not None:
                    arrows[written.origin.place] = written.arrow
    return Changed(
        all=tuple(dict.fromkeys(change for _, _, change in pairs)),
        plain=frozenset(plain),
        found=by_statement,
        arrows=arrows,
        moved=moved,
    )


def cause_key(change: StatementChange) -> tuple[object, ...]:
    """A key that orders changed statements: by namespace, then by what they say and where."""
    origins = tuple(() if o is None else o.sort_key() for o in (change.after, change.before))
    return change.namespace, change.what.value, change.name, origins


def _differing(before: Program, after: Program) -> tuple[list[Written], list[Written], int]:
    """The statements of the first only and of the second only, and how many only moved."""
    gone: dict[tuple[StatementKind, str, Place], tuple[_Statement, set[str]]] = {}
    new: dict[tuple[StatementKind, str, Place], tuple[_Statement, set[str]]] = {}
    kept: dict[tuple[Place, Place], None] = {}
    for namespace, then, now in _by_namespace(before, after):
        _count(namespace, then, now, (gone, new), kept)
    return _written(gone), _written(new), _moved(kept)


@frozen(eq=False)
class _Statement:
    what: StatementKind
    name: str
    origin: Origin
    arrow: Arrow | None = None
    about: object = None


_Gathered: TypeAlias = dict[tuple[StatementKind, str, Place], tuple[_Statement, set[str]]]


def _by_namespace(
    before: Program, after: Program
) -> Iterator[tuple[str, list[_Statement], list[_Statement]]]:
    """The statements of both programs about each namespace where they are not all the same."""
    declared = [_declared(program) for program in (before, after)]
    for name in sorted({*before.namespaces, *after.namespaces, *declared[0], *declared[1]}):
        arrows = [
            program.namespaces[name].arrows if name in program.namespaces else ()
            for program in (before, after)
        ]
        others = [some.get(name, []) for some in declared]
        places = [
            [*(statement.origin for statement in some), *(arrow.origin for arrow in own)]
            for some, own in zip(others, arrows, strict=True)
        ]
        if _is_same(*places):
            continue
        then, now = (
            [*some, *(_arrow(a) for a in own)] for some, own in zip(others, arrows, strict=True)
        )
        yield name, then, now


def _arrow(arrow: Arrow) -> _Statement:
    subject = arrow.origin.subject
    about = arrow.direction, None if subject else arrow.subject
    return _Statement(StatementKind.ARROW, subject, arrow.origin, arrow, about)


def _is_same(then: Sequence[Origin], now: Sequence[Origin]) -> bool:
    """Whether nothing changed and nothing moved; files are the same if their names are."""
    if len(then) != len(now):
        return False
    pairs = list(zip(then, now, strict=True))
    if any(old.statement != new.statement or old.line != new.line for old, new in pairs):
        return False
    return all(_file(old) == _file(new) for old, new in {(o.path, n.path) for o, n in pairs})


def _declared(program: Program) -> dict[str, list[_Statement]]:
    by_namespace: dict[str, list[_Statement]] = {}
    for declaration in program.declarations:
        by_namespace.setdefault(declaration.namespace, []).append(
            _Statement(declaration.kind, declaration.name, declaration.origin)
        )
    for claim in {a.origin.place: a for a in program.assertions}.values():
        about = claim.subject, claim.direction
        kind = StatementKind.ENFORCEMENT if claim.enforced else StatementKind.ASSERTION
        stated = _Statement(kind, "", claim.origin, about=about)
        by_namespace.setdefault("" if claim.of_cluster else claim.home or "", []).append(stated)
    return by_namespace


def _count(
    namespace: str,
    then: list[_Statement],
    now: list[_Statement],
    differing: tuple[_Gathered, _Gathered],
    kept: dict[tuple[Place, Place], None],
) -> None:
    if [s.origin.statement for s in then] == [s.origin.statement for s in now]:
        _keep(zip(then, now, strict=True), kept)
        return
    texts: dict[tuple[StatementKind, str], tuple[list[_Statement], list[_Statement]]] = {}
    for side, some in enumerate((then, now)):
        for statement in some:
            texts.setdefault((statement.what, statement.origin.statement), ([], []))[side].append(
                statement
            )
    for old, new in texts.values():
        both = min(len(old), len(new))
        _keep(zip(old[:both], new[:both], strict=True), kept)
        for gathered, some in zip(differing, (old, new), strict=True):
            for statement in some[both:]:
                key = statement.what, statement.name, statement.origin.place
                gathered.setdefault(key, (statement, set()))[1].add(namespace)


def _keep(
    pairs: Iterable[tuple[_Statement, _Statement]], kept: dict[tuple[Place, Place], None]
) -> None:
    for then, now in pairs:
        old, new = then.origin, now.origin
        if old.line != new.line or old.path != new.path:
            kept[old.place, new.place] = None


def _moved(kept: Iterable[tuple[Place, Place]]) -> int:
    """The number of statements that moved to another file, or within their file."""
    moved = 0
    lines: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for (path, line, _), (new_path, new_line, _) in kept:
        if _file(path) != _file(new_path):
            moved += 1
        else:
            lines.setdefault((path, new_path), []).append((line, new_line))
    return moved + sum(len(pairs) - _longest_run(sorted(pairs)) for pairs in lines.values())


def _file(path: str) -> str:
    # Folders and revisions come before the name: two sides hardly ever share them.
    return path.rpartition("/")[2].rpartition(":")[2]


def _longest_run(pairs: Sequence[tuple[int, int]]) -> int:
    """The length of the longest part that is still in order."""
    ends: list[int] = []
    for _, line in pairs:
        at = bisect_left(ends, line)
        ends[at : at + 1] = [line]
    return len(ends)


def _written(gathered: _Gathered) -> list[Written]:
    return [
        Written(
            what=statement.what,
            name=statement.name,
            origin=statement.origin,
            namespaces=frozenset(namespaces),
            arrow=statement.arrow,
            about=statement.about,
        )
        for statement, namespaces in gathered.values()
    ]


def _buckets(
    gone: Iterable[Written], new: Iterable[Written]
) -> Iterable[tuple[list[Written], list[Written]]]:
    """The statements that are about the same thing."""
    buckets: dict[tuple[object, ...], tuple[list[Written], list[Written]]] = {}
    for side, some in enumerate((gone, new)):
        for written in some:
            key = written.what, written.home, written.name, written.about
            buckets.setdefault(key, ([], []))[side].append(written)
    return buckets.values()


_Pair: TypeAlias = tuple[Written | None, Written | None, bool]


def _paired(gone: list[Written], new: list[Written]) -> Iterator[_Pair]:
    """Pair edited statements; statements with equal meaning are paired first."""
    left = list(new)
    rest = []
    meanings: dict[object, list[Written]] = {}
    for written in new:
        meanings.setdefault(_meaning(written), []).append(written)
    for old in gone:
        same = meanings.get(_meaning(old), []) if old.arrow is not None else []
        if same:
            now = same.pop(0)
            left.remove(now)
            yield old, now, True
        else:
            rest.append(old)
    if len(rest) * len(left) <= _MANY:
        pairs = sorted(
            ((old, now) for old in rest for now in left), key=lambda pair: _strangeness(*pair)
        )
    else:
        pairs = list(zip(rest, left, strict=False))
    used: set[int] = set()
    for old, now in pairs:
        if id(old) not in used and id(now) not in used:
            used |= {id(old), id(now)}
            yield old, now, False
    yield from ((old, None, False) for old in rest if id(old) not in used)
    yield from ((None, now, False) for now in left if id(now) not in used)


def _meaning(written: Written) -> object:
    if written.arrow is None:
        return None
    grants = frozenset(named.grant for named in written.arrow.grants)
    return written.namespaces, written.arrow.subject, written.arrow.direction, grants


def _strangeness(old: Written, new: Written) -> tuple[object, ...]:
    """Estimate how unlikely it is that one statement became the other."""
    then, now = (set(written.origin.statement.split(", ")) for written in (old, new))
    names = [set(re.findall(r"[\w.-]+", written.origin.statement)) for written in (old, new)]
    return (
        -len(then & now),
        -len(names[0] & names[1]),
        _file(old.origin.path) != _file(new.origin.path),
        abs(old.origin.line - new.origin.line),
        old.origin.sort_key(),
        new.origin.sort_key(),
    )


def _change(old: Written | None, new: Written | None) -> StatementChange:
    written = new or old
    assert written is not None
    return StatementChange(
        what=written.what,
        namespace=written.home,
        name=written.name,
        before=None if old is None else old.origin,
        after=None if new is None else new.origin,
    )
