"""The declaration of each name in the intents of a project, and its other occurrences.

An edit changes one file of ten thousand, so the index is kept and brought up to date by file.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeAlias, TypeVar

from netpolc.ide.occurrence import EVERYWHERE, NameKind, Occurrence, Use, occurrences
from netpolc.syntax.tree import GroupDeclaration, IntentFile
from netpolc.values import frozen

_ByPath: TypeAlias = dict[str, list[Occurrence]]
K = TypeVar("K")


@frozen(kw_only=True)
class Symbol:
    """A thing with a name. `scope` is the namespace that a service or a group belongs to.

    It is empty for groups and services of the cluster section, and for other kinds. `key` is the
    key of the label that a value belongs to.
    """

    kind: NameKind
    name: str
    scope: str = EVERYWHERE
    key: str = ""


class NameIndex:
    """The names of some trees."""

    def __init__(self) -> None:
        """Begin without trees."""
        self._default = ""
        self._trees: dict[str, IntentFile] = {}
        self._by_path: _ByPath = {}
        self._by_name: dict[tuple[NameKind, str], _ByPath] = defaultdict(dict)
        self._declared: dict[str, dict[str, _ByPath]] = defaultdict(dict)
        self._namespaces: Counter[str] = Counter()
        self._subjects: Counter[tuple[str, str]] = Counter()

    def update(self, trees: Iterable[IntentFile], default: str) -> None:
        """Take the trees of another state; those that are the same objects are not read again.

        `default` is the namespace of statements before any header.
        """
        if default != self._default:
            for path in list(self._trees):
                self._remove(path)
            self._default = default
        now = {tree.file.path: tree for tree in trees}
        for path in self._trees.keys() - now.keys():
            self._remove(path)
        for path, tree in now.items():
            if self._trees.get(path) is not tree:
                self._remove(path)
                self._add(tree)

    def _add(self, tree: IntentFile) -> None:
        path = tree.file.path
        self._trees[path] = tree
        in_file = sorted(
            occurrences(tree, self._default), key=lambda occurrence: occurrence.span.start
        )
        self._by_path[path] = in_file
        for occurrence in in_file:
            self._by_name[occurrence.kind, occurrence.name].setdefault(path, []).append(occurrence)
            if occurrence.kind is NameKind.PODS and occurrence.use is Use.DECLARES:
                there = self._declared[occurrence.scope].setdefault(occurrence.name, {})
                there.setdefault(path, []).append(occurrence)
        self._count(in_file, 1)

    def _remove(self, path: str) -> None:
        """Forget a file, and each name that is in no other: an editor sees every beginning of a word."""
        self._trees.pop(path, None)
        in_file = self._by_path.pop(path, [])
        for occurrence in in_file:
            _drop(self._by_name, (occurrence.kind, occurrence.name), path)
            if occurrence.kind is NameKind.PODS and occurrence.use is Use.DECLARES:
                declared = self._declared[occurrence.scope]
                _drop(declared, occurrence.name, path)
                if not declared:
                    del self._declared[occurrence.scope]
        self._count(in_file, -1)

    def _count(self, counted: Iterable[Occurrence], step: int) -> None:
        for occurrence in counted:
            if occurrence.kind is NameKind.PODS and occurrence.use is Use.SUBJECT:
                _add(self._subjects, (occurrence.scope, occurrence.name), step)
            is_namespace = occurrence.kind is NameKind.NAMESPACE
            _add(self._namespaces, occurrence.name if is_namespace else occurrence.scope, step)

    @property
    def namespaces(self) -> set[str]:
        """The namespaces that are named or have a section."""
        return {name for name in self._namespaces if name}

    def is_subject(self, scope: str, name: str) -> bool:
        """Return whether an arrow or assertion of a namespace is about a service."""
        return self._subjects[scope, name] > 0

    def at(self, path: str, offset: int) -> Occurrence | None:
        """Return the name at an offset of a file; its end belongs to it, as a cursor does."""
        in_file = self._by_path.get(path, [])
        index = bisect_right(in_file, offset, key=lambda occurrence: occurrence.span.start)
        # A label test may hold the name of a namespace: of two names the shorter one is meant.
        near = [
            occurrence
            for occurrence in in_file[max(index - 2, 0) : index]
            if offset <= occurrence.span.end
        ]
        return min(
            near, key=lambda occurrence: occurrence.span.end - occurrence.span.start, default=None
        )

    def in_file(self, path: str) -> Iterable[Occurrence]:
        """The names in a file, in the order of their places."""
        return self._by_path.get(path, ())

    def symbol(self, occurrence: Occurrence) -> Symbol:
        """Return what a name refers to.

        A service or a group is looked up in the namespace, then in the cluster section. A
        name that nobody declares is a service of the namespace.
        """
        if occurrence.kind is not NameKind.PODS:
            return Symbol(kind=occurrence.kind, name=occurrence.name, key=occurrence.key)
        return Symbol(
            kind=occurrence.kind,
            name=occurrence.name,
            scope=self._home(occurrence.scope, occurrence.name),
        )

    def _home(self, scope: str, name: str) -> str:
        is_own = name in self._declared.get(scope, {})
        is_shared = not is_own and name in self._declared.get(EVERYWHERE, {})
        return EVERYWHERE if is_shared else scope

    def declarations(self, symbol: Symbol) -> list[Occurrence]:
        """Return the statements that declare a symbol; for a namespace, its section headers."""
        if symbol.kind is NameKind.PODS:
            return list(_in_order(self._declared.get(symbol.scope, {}).get(symbol.name, {})))
        return [
            occurrence for occurrence in self.references(symbol) if occurrence.use is Use.DECLARES
        ]

    def definitions(self, symbol: Symbol) -> list[Occurrence]:
        """Return the places to go to for a symbol.

        That is its declarations. A service that nobody declares is where arrows are about it,
        and a name of the cluster section is in each namespace that declares it.
        """
        if declarations := self.declarations(symbol):
            return declarations
        uses = list(self.references(symbol))
        declared = [occurrence for occurrence in uses if occurrence.use is Use.DECLARES]
        return declared or [occurrence for occurrence in uses if occurrence.use is Use.SUBJECT][:1]

    def references(self, symbol: Symbol) -> Iterator[Occurrence]:
        """Yield every place where a symbol is named, its declarations included."""
        for occurrence in _in_order(self._by_name.get((symbol.kind, symbol.name), {})):
            is_pods = symbol.kind is NameKind.PODS
            if self._may_mean(occurrence, symbol) if is_pods else occurrence.key == symbol.key:
                yield occurrence

    def _may_mean(self, occurrence: Occurrence, symbol: Symbol) -> bool:
        """Whether a name refers to a symbol; one in the cluster section may refer to several."""
        home = self._home(occurrence.scope, occurrence.name)
        if home == symbol.scope:
            return True
        is_open = occurrence.name not in self._declared.get(EVERYWHERE, {})
        return is_open and EVERYWHERE in (home, symbol.scope)

    def is_group(self, symbol: Symbol) -> bool:
        """Return whether a symbol is declared as a group."""
        declarations = self.declarations(symbol)
        return any(
            isinstance(occurrence.statement, GroupDeclaration) for occurrence in declarations
        )

    def declared_in(self, scope: str) -> Iterator[Occurrence]:
        """Yield the declarations that a name of a namespace can refer to, the nearest first."""
        for place in dict.fromkeys((scope, EVERYWHERE)):
            for by_path in self._declared.get(place, {}).values():
                yield next(_in_order(by_path))

    def all(self) -> Iterator[Occurrence]:
        """Yield every name of every file."""
        return _in_order(self._by_path)


def _drop(table: dict[K, _ByPath], key: K, path: str) -> None:
    """Remove a file from an entry, and the entry if it was the last."""
    entry = table.get(key)
    if entry is not None:
        entry.pop(path, None)
        if not entry:
            del table[key]


def _add(counts: Counter[K], key: K, step: int) -> None:
    counts[key] += step
    if not counts[key]:
        del counts[key]


def _in_order(by_path: _ByPath) -> Iterator[Occurrence]:
    for path in sorted(by_path):
        yield from by_path[path]
