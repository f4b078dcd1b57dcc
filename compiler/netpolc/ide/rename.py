"""New names for services, groups and namespaces, with proof that nothing else changes.

The intents with the new name are understood like any others, and offered only if they mean the
same: the same policies and assertions, for a namespace but for its name. So a name that is taken,
shadows another or reaches a namespace too many is refused, whatever the reason.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from netpolc.commands.pipeline import Compilation
from netpolc.ide.name_index import Symbol
from netpolc.ide.occurrence import NameKind, Occurrence, scope_of
from netpolc.ide.snapshot import Snapshot
from netpolc.ide.text_edit import TextEdit, applied
from netpolc.io.sources import Sources
from netpolc.ir.model import PolicySet
from netpolc.kube.name_rules import METADATA_NAME, namespace_problem
from netpolc.kube.peers import Grant, Peer, Pods
from netpolc.kube.selectors import Selector
from netpolc.program.model import Assertion
from netpolc.sets import ValueSet
from netpolc.source import SourceFile, Span
from netpolc.syntax.keywords import pod_name
from netpolc.values import frozen


@frozen(kw_only=True)
class Rename:
    """The edits that give a symbol its new name, or why it cannot have it."""

    edits: tuple[TextEdit, ...] = ()
    refusal: str = ""


def renamable_at(snapshot: Snapshot, path: str, offset: int) -> Occurrence | None:
    """Return the name of a service, group or namespace at an offset."""
    name = snapshot.names.at(path, offset)
    is_symbol = name is not None and name.kind in {NameKind.PODS, NameKind.NAMESPACE}
    return name if is_symbol else None


def rename(snapshot: Snapshot, name: Occurrence, new: str) -> Rename:
    """Return the edits that rename what a name refers to, proved to keep all else."""
    symbol, new = snapshot.names.symbol(name), new.strip().strip('"')
    if new == symbol.name:
        return Rename()
    if snapshot.understood.failed:
        return Rename(refusal="the intents have errors: mend them first")
    if symbol.kind is NameKind.NAMESPACE and (problem := namespace_problem(new)):
        return Rename(refusal=f"`{new}` {problem}")
    if symbol.kind is NameKind.NAMESPACE and new in snapshot.names.namespaces:
        return Rename(refusal=f"there is a namespace `{new}` already")
    edits = tuple(_edits(snapshot, symbol, new))
    refusal = _change(snapshot, symbol, new, edits)
    return Rename(refusal=refusal) if refusal else Rename(edits=edits)


def _edits(snapshot: Snapshot, symbol: Symbol, new: str) -> Iterator[TextEdit]:
    text = new if symbol.kind is NameKind.NAMESPACE else pod_name(new)
    for one in snapshot.names.references(symbol):
        yield TextEdit(one.span, text)
    if symbol.kind is NameKind.PODS and not snapshot.names.declarations(symbol):
        yield from _declaration(snapshot, symbol, text)


def _declaration(snapshot: Snapshot, symbol: Symbol, new: str) -> Iterator[TextEdit]:
    """Declare the new name as the pods that the old one means by the label convention."""
    namespace = snapshot.understood.program.namespaces.get(symbol.scope)
    for tree in snapshot.trees() if namespace else ():
        for section in tree.sections:
            if section.statements and scope_of(section, snapshot.options.namespace) == symbol.scope:
                start = tree.file.line_starts()[section.statements[0].span.line - 1]
                assert namespace is not None
                line = f"service {new} = {{{namespace.label}={symbol.name}}}\n"
                yield TextEdit(tree.file.span(start, start), line)
                return


def _change(snapshot: Snapshot, symbol: Symbol, new: str, edits: Iterable[TextEdit]) -> str:
    """Why the intents with edits do not mean the same; empty if they do."""
    before = snapshot.understood
    after = snapshot.with_sources(edited(snapshot.sources, edits))
    if after.failed:
        error = next(one for one in after.diagnostics if one.severity.value == "error")
        return f"`{new}` cannot be its name: {error.message}"
    names = {symbol.name: new} if symbol.kind is NameKind.NAMESPACE else {}
    old_sets = {
        one[0]: one for one in (_meaning(s, names) for s in before.whole.namespaces.values())
    }
    new_sets = {one[0]: one for one in (_meaning(s, {}) for s in after.whole.namespaces.values())}
    for namespace in sorted(old_sets.keys() | new_sets.keys()):
        if old_sets.get(namespace) != new_sets.get(namespace):
            return f"with the name `{new}` the policies of namespace `{namespace}` would change"
    if _claims(before, names) != _claims(after, {}):
        return f"with the name `{new}` an assertion would say something else"
    return ""


def edited(sources: Sources, edits: Iterable[TextEdit]) -> Sources:
    """Return sources with edits applied to the intents."""
    by_path: dict[str, list[TextEdit]] = {}
    for edit in edits:
        by_path.setdefault(edit.span.path, []).append(edit)
    return replace(
        sources,
        intents=tuple(
            SourceFile(file.path, applied(file.text, by_path[file.path]))
            if file.path in by_path
            else file
            for file in sources.intents
        ),
    )


def _meaning(one: PolicySet, names: dict[str, str]) -> tuple[str, object, object]:
    """What a policy set means, namespaces renamed; the order of its subjects has no meaning."""
    name = names.get(one.namespace, one.namespace)
    subjects = frozenset(
        (
            subject.selector,
            subject.direction,
            frozenset((_peer(allow.peer, names), allow.traffic) for allow in subject.allows),
        )
        for subject in one.subjects
    )
    return name, {**one.labels, METADATA_NAME: name}, subjects


def _claims(known: Compilation, names: dict[str, str]) -> frozenset[object]:
    return frozenset(_claim(one, names) for one in known.program.assertions)


def _claim(one: Assertion, names: dict[str, str]) -> object:
    home = names.get(one.home, one.home) if one.home is not None else None
    grants = tuple(Grant(_peer(grant.peer, names), grant.traffic) for grant in one.grants)
    return one.claim, home, _peer(one.subject, names), one.direction, grants


def _peer(peer: Peer, names: dict[str, str]) -> Peer:
    if not names or not isinstance(peer, Pods) or peer.namespaces is None:
        return peer
    requirements = (
        (key, _values(allowed, names) if key == METADATA_NAME else allowed)
        for key, allowed in peer.namespaces.requirements
    )
    return Pods(Selector.of(requirements), peer.pods)


def _values(allowed: ValueSet, names: dict[str, str]) -> ValueSet:
    values = frozenset(names.get(value, value) for value in allowed.values)
    return replace(allowed, values=values)


def span_to_rename(name: Occurrence) -> Span:
    """Return the part of a name that an editor lets the user edit: without its quotes."""
    text = name.span.text
    if text.startswith('"'):
        return name.span.file.span(name.span.start + 1, name.span.end - 1)
    return name.span
