"""New names for services, groups, namespaces and labels, with proof that nothing else changes.

The intents with the new name are understood like any others, and offered only if they mean the
same: the same policies and assertions, for a namespace or a label but for its name, in each output
that has one of the files. So a name that is taken, shadows another or reaches a namespace too
many is refused, whatever the reason. A rename changes intents alone: a label that the
pods of manifests have, or that their policies name, is refused as well.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from netpolc.commands.pipeline import Compilation
from netpolc.ide.name_index import Symbol
from netpolc.ide.named_in_manifests import named_in_manifests
from netpolc.ide.occurrence import NameKind, Occurrence, scope_of
from netpolc.ide.snapshot import Snapshot
from netpolc.ide.substitution import NO_SUBSTITUTION, Substitution
from netpolc.ide.text_edit import TextEdit, applied
from netpolc.io.sources import Sources
from netpolc.kube.label_conventions import is_added_at_runtime
from netpolc.kube.name_rules import (
    METADATA_NAME,
    label_key_problem,
    label_value_problem,
    namespace_problem,
)
from netpolc.source import SourceFile, Span
from netpolc.syntax.keywords import pod_name
from netpolc.values import frozen

_FAILED = "the intents have errors: correct them first"


@frozen(kw_only=True)
class Rename:
    """The edits that give a symbol its new name, or why it cannot have it."""

    edits: tuple[TextEdit, ...] = ()
    refusal: str = ""


def renamable_at(snapshot: Snapshot, path: str, offset: int) -> Occurrence | None:
    """Return the name of a service, group, namespace or label at an offset."""
    name = snapshot.names.at(path, offset)
    if name is None or name.kind is NameKind.PORT or not name.name:
        return None
    is_label = name.kind not in {NameKind.PODS, NameKind.NAMESPACE}
    return None if is_label and _is_of_kubernetes(name.key or name.name) else name


def _is_of_kubernetes(key: str) -> bool:
    return key == METADATA_NAME or is_added_at_runtime(key)


def rename(outputs: Sequence[Snapshot], name: Occurrence, new: str) -> Rename:
    """Return the edits that rename what a name refers to, proved to keep all else.

    Args:
        outputs: the outputs of the project; the name is in a file of the first.
        name: where the name is written.
        new: the new name.
    """
    symbol, new = outputs[0].names.symbol(name), new.strip().strip('"')
    if new == symbol.name:
        return Rename()
    edits = _edits_of_all(outputs, symbol, new)
    paths = {edit.span.path for edit in edits}
    for snapshot in outputs:
        if paths.isdisjoint(snapshot.files):
            continue
        if refusal := _problem(snapshot, symbol, new, edits):
            return Rename(refusal=refusal)
    return Rename(edits=edits)


def _edits_of_all(outputs: Sequence[Snapshot], symbol: Symbol, new: str) -> tuple[TextEdit, ...]:
    """The edits in the files of the first output, and of outputs that share a file with edits."""
    edits: dict[tuple[object, ...], TextEdit] = {}
    waiting, sharing = list(outputs[1:]), [outputs[0]]
    while sharing:
        for edit in chain.from_iterable(_edits(snapshot, symbol, new) for snapshot in sharing):
            edits[edit.span.path, edit.span.start, edit.span.end, edit.text] = edit
        paths = {edit.span.path for edit in edits.values()}
        sharing = [snapshot for snapshot in waiting if not paths.isdisjoint(snapshot.files)]
        waiting = [snapshot for snapshot in waiting if snapshot not in sharing]
    return tuple(edits.values())


def _edits(snapshot: Snapshot, symbol: Symbol, new: str) -> Iterator[TextEdit]:
    text = pod_name(new) if symbol.kind is NameKind.PODS else new
    for occurrence in snapshot.names.references(symbol):
        yield TextEdit(occurrence.span, text)
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


def _problem(snapshot: Snapshot, symbol: Symbol, new: str, edits: Iterable[TextEdit]) -> str:
    """The reason why a symbol of one output cannot have the new name; empty if it can."""
    if snapshot.understood.failed:
        return _FAILED
    if problem := _invalid(symbol, new):
        return f"`{new}` {problem}"
    if symbol.kind is NameKind.NAMESPACE and new in snapshot.names.namespaces:
        return f"there is a namespace `{new}` already"
    change = _substitution(symbol, new)
    if symbol.kind is not NameKind.NAMESPACE and (
        reason := named_in_manifests(snapshot.understood, change)
    ):
        return reason
    problem = _change(snapshot, change, new, edits)
    return problem and (_meant_by_bare_names(snapshot, symbol) or problem)


def _invalid(symbol: Symbol, new: str) -> str | None:
    """The reason, as the end of a sentence, why a name is not valid for a symbol's kind."""
    match symbol.kind:
        case NameKind.NAMESPACE:
            return namespace_problem(new)
        case NameKind.POD_LABEL | NameKind.NAMESPACE_LABEL:
            taken = "is a label that Kubernetes sets" if _is_of_kubernetes(new) else None
            return label_key_problem(new) or taken
        case NameKind.POD_LABEL_VALUE | NameKind.NAMESPACE_LABEL_VALUE:
            return label_value_problem(new) if new else "is empty: a label needs a value"
        case _:
            return None


def _substitution(symbol: Symbol, new: str) -> Substitution:
    """The substitution of labels that a rename makes."""
    of_pods = symbol.kind in {NameKind.POD_LABEL, NameKind.POD_LABEL_VALUE}
    match symbol.kind:
        case NameKind.POD_LABEL | NameKind.NAMESPACE_LABEL:
            return Substitution(of_pods=of_pods, old=(symbol.name, None), new=(new, None))
        case NameKind.POD_LABEL_VALUE | NameKind.NAMESPACE_LABEL_VALUE:
            key = symbol.key
        case NameKind.NAMESPACE:
            key = METADATA_NAME
        case _:
            return NO_SUBSTITUTION
    return Substitution(of_pods=of_pods, old=(key, symbol.name), new=(key, new))


def _meant_by_bare_names(snapshot: Snapshot, symbol: Symbol) -> str:
    """Say which bare names mean a label without writing it; empty where none does."""
    for namespace in snapshot.understood.program.namespaces.values():
        for service in namespace.services.values():
            if service.declared is not None:
                continue
            if symbol.kind is NameKind.POD_LABEL and symbol.name == namespace.label:
                return (
                    f"bare names of namespace `{namespace.name}`, such as `{service.name}`, mean the label "
                    f"`{symbol.name}`: write `label: {symbol.name}` there first"
                )
            if symbol.kind is NameKind.POD_LABEL_VALUE and (symbol.key, symbol.name) == (
                namespace.label,
                service.name,
            ):
                return (
                    f"the bare name `{service.name}` of namespace `{namespace.name}` means this label: "
                    "rename the service"
                )
    return ""


def _change(snapshot: Snapshot, change: Substitution, new: str, edits: Iterable[TextEdit]) -> str:
    """The reason why the edited intents do not mean the same; empty if they do."""
    before = snapshot.understood
    after = snapshot.with_sources(edited(snapshot.sources, edits))
    if after.failed:
        error = next(finding for finding in after.diagnostics if finding.severity.value == "error")
        return f"`{new}` cannot be its name: {error.message}"
    # Both ways: two labels that became one are told apart only by the way back.
    there = _difference(before, after, change, new)
    return there or _difference(after, before, change.inverse, new)


def _difference(
    compilation: Compilation, other: Compilation, change: Substitution, new: str
) -> str:
    """Describe the first difference between a substituted `compilation` and `other`, or return ""."""
    changed = {
        change.namespace(name): change.policies(known)
        for name, known in compilation.whole.namespaces.items()
    }
    expected = {
        name: NO_SUBSTITUTION.policies(known) for name, known in other.whole.namespaces.items()
    }
    for namespace in sorted(changed.keys() | expected.keys()):
        if changed.get(namespace) != expected.get(namespace):
            return f"with the name `{new}` the policies of namespace `{namespace}` would change"
    if _claims(compilation, change) != _claims(other, NO_SUBSTITUTION):
        return f"with the name `{new}` an assertion would mean something else"
    return ""


def _claims(known: Compilation, change: Substitution) -> object:
    program = known.program
    return frozenset(map(change.claim, program.assertions)), change.baseline(program.baseline)


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


def span_to_rename(name: Occurrence) -> Span:
    """Return the part of a name that an editor lets the user edit: without its quotes."""
    text = name.span.text
    if text.startswith('"'):
        return name.span.file.span(name.span.start + 1, name.span.end - 1)
    return name.span
