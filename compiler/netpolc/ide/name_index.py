"""What each name in the intents of a project refers to, and where else it is written."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator

from netpolc.ide.occurrence import EVERYWHERE, NameKind, Occurrence, Use, occurrences
from netpolc.syntax.tree import GroupDeclaration, IntentFile
from netpolc.values import frozen


@frozen(kw_only=True)
class Symbol:
    """A thing with a name. `scope` is the namespace that a service or a group belongs to.

    It is empty for groups and services of the cluster section, and for other kinds.
    """

    kind: NameKind
    name: str
    scope: str = EVERYWHERE


class NameIndex:
    """The names of some trees; `default` is the namespace of statements before any header."""

    def __init__(self, trees: Iterable[IntentFile], default: str) -> None:
        """Read the names of all trees."""
        self._by_path: dict[str, list[Occurrence]] = {}
        self._declared: dict[tuple[str, str], list[Occurrence]] = defaultdict(list)
        self._by_name: dict[tuple[NameKind, str], list[Occurrence]] = defaultdict(list)
        self.namespaces: set[str] = set()
        self.subjects: set[tuple[str, str]] = set()
        for tree in trees:
            found = sorted(occurrences(tree, default), key=lambda one: one.span.start)
            self._by_path[tree.file.path] = found
            for one in found:
                self._add(one)

    def _add(self, one: Occurrence) -> None:
        self._by_name[one.kind, one.name].append(one)
        if one.kind is NameKind.PODS and one.use is Use.DECLARES:
            self._declared[one.scope, one.name].append(one)
        if one.kind is NameKind.PODS and one.use is Use.SUBJECT:
            self.subjects.add((one.scope, one.name))
        if one.kind is NameKind.NAMESPACE:
            self.namespaces.add(one.name)
        elif one.scope:
            self.namespaces.add(one.scope)

    def at(self, path: str, offset: int) -> Occurrence | None:
        """Return the name at an offset of a file; its end belongs to it, as a cursor does."""
        found = self._by_path.get(path, [])
        index = bisect_right(found, offset, key=lambda one: one.span.start)
        # A label test may hold the name of a namespace: of two names the shorter one is meant.
        near = [one for one in found[max(index - 2, 0) : index] if offset <= one.span.end]
        return min(near, key=lambda one: one.span.end - one.span.start, default=None)

    def in_file(self, path: str) -> Iterable[Occurrence]:
        """The names in a file, in the order of their places."""
        return self._by_path.get(path, ())

    def symbol(self, one: Occurrence) -> Symbol:
        """Return what a name refers to.

        A service or a group is looked up in the namespace, then in the cluster section. A
        name that nobody declares is a service of the namespace.
        """
        if one.kind is not NameKind.PODS:
            return Symbol(kind=one.kind, name=one.name)
        return Symbol(kind=one.kind, name=one.name, scope=self._home(one.scope, one.name))

    def _home(self, scope: str, name: str) -> str:
        is_shared = (scope, name) not in self._declared and (EVERYWHERE, name) in self._declared
        return EVERYWHERE if is_shared else scope

    def declarations(self, symbol: Symbol) -> list[Occurrence]:
        """Return the statements that declare a symbol; for a namespace, its section headers."""
        if symbol.kind is NameKind.PODS:
            return list(self._declared.get((symbol.scope, symbol.name), ()))
        named = self._by_name.get((symbol.kind, symbol.name), ())
        return [one for one in named if one.use is Use.DECLARES]

    def definitions(self, symbol: Symbol) -> list[Occurrence]:
        """Return the places to go to for a symbol.

        That is its declarations. A service that nobody declares is where arrows are about it,
        and a name of the cluster section is in each namespace that declares it.
        """
        if found := self.declarations(symbol):
            return found
        uses = list(self.references(symbol))
        declared = [one for one in uses if one.use is Use.DECLARES]
        return declared or [one for one in uses if one.use is Use.SUBJECT][:1]

    def references(self, symbol: Symbol) -> Iterator[Occurrence]:
        """Yield every place where a symbol is named, its declarations included."""
        for one in self._by_name.get((symbol.kind, symbol.name), ()):
            if symbol.kind is not NameKind.PODS or self._may_mean(one, symbol):
                yield one

    def _may_mean(self, one: Occurrence, symbol: Symbol) -> bool:
        """Whether a name refers to a symbol; one in the cluster section may refer to several."""
        home = self._home(one.scope, one.name)
        if home == symbol.scope:
            return True
        is_open = (EVERYWHERE, one.name) not in self._declared
        return is_open and EVERYWHERE in (home, symbol.scope)

    def is_group(self, symbol: Symbol) -> bool:
        """Whether a symbol is declared as a group."""
        found = self.declarations(symbol)
        return any(isinstance(one.statement, GroupDeclaration) for one in found)

    def declared_in(self, scope: str) -> Iterator[Occurrence]:
        """Yield the declarations that a name of a namespace can refer to, the nearest first."""
        for place in dict.fromkeys((scope, EVERYWHERE)):
            for (home, _), found in self._declared.items():
                if home == place:
                    yield found[0]

    def all(self) -> Iterator[Occurrence]:
        """Yield every name of every file."""
        for found in self._by_path.values():
            yield from found
