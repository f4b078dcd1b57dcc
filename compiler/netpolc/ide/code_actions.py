"""Changes that an editor offers at a place."""

from collections.abc import Iterable, Iterator

from netpolc.commands.fix_files import fix_file
from netpolc.diagnostics import Diagnostic, Severity
from netpolc.ide.occurrence import NameKind, Occurrence, scope_of
from netpolc.ide.snapshot import Snapshot
from netpolc.ide.text_edit import TextEdit, line_edits
from netpolc.kube.inventory import Workload
from netpolc.kube.label_conventions import is_lasting
from netpolc.kube.peers import Pods
from netpolc.lints.half_open_arrow import HALF_OPEN_ARROW, completing_line
from netpolc.program.model import Arrow, Namespace
from netpolc.source import SourceFile, Span
from netpolc.syntax.keywords import pod_name
from netpolc.syntax.parser import parse
from netpolc.syntax.parts import Name
from netpolc.syntax.tree import ArrowStatement, Connection, IntentFile, Section
from netpolc.values import frozen


@frozen(kw_only=True)
class CodeAction:
    """A change that is offered, with the finding that it answers, or None.

    With `explains` nothing is changed: the page of that rule is to be shown. `cursor` is the offset
    in the text of the only edit where the user has to write something; None where nothing is missing.
    """

    title: str
    edits: tuple[TextEdit, ...] = ()
    finding: Diagnostic | None = None
    is_preferred: bool = False
    explains: str = ""
    cursor: int | None = None


def code_actions(
    snapshot: Snapshot, findings: Iterable[Diagnostic], span: Span
) -> Iterator[CodeAction]:
    """Yield the changes that an editor offers at a span of a file; `findings` are those of the project."""
    here = [diagnostic for diagnostic in findings if _touches(diagnostic.label.span, span)]
    for finding in here:
        yield from _fixes(finding)
        if finding.rule is HALF_OPEN_ARROW:
            yield from _completed(snapshot, finding)
    yield from _declarations(snapshot, span)
    for finding in here:
        if finding.rule.severity is not Severity.ERROR and finding.rule.can_be_silenced:
            yield _silenced(finding)
    for rule in dict.fromkeys(finding.rule for finding in here):
        yield CodeAction(title=f"Explain {rule.code} ({rule.name})", explains=rule.code)


def fix_all(file: SourceFile) -> tuple[TextEdit, ...]:
    """Return the edits that apply every safe fix of a file, as `netpolc check --fix` does."""
    fixed = fix_file(file, lambda source_file: parse(source_file).diagnostics, unsafe=False)
    return () if fixed is None else tuple(line_edits(file, fixed.text))


def _touches(span: Span, other: Span) -> bool:
    return span.path == other.path and span.start <= other.end and other.start <= span.end


def _fixes(finding: Diagnostic) -> Iterator[CodeAction]:
    for fix in finding.fixes:
        old = fix.span.text
        title = f"Write `{fix.replacement}`" if fix.replacement.strip() else f"Remove `{old}`"
        yield CodeAction(
            title=title,
            edits=(TextEdit(fix.span, fix.replacement),),
            finding=finding,
            is_preferred=fix.safe and len(finding.fixes) == 1,
        )


def _completed(snapshot: Snapshot, finding: Diagnostic) -> Iterator[CodeAction]:
    """Add the line that opens the other end, in a section of the other namespace."""
    for namespace, arrow in _arrows_at(snapshot, finding.label.span):
        for granted in arrow.grants:
            peer = granted.grant.peer
            home = peer.home(namespace.name) if isinstance(peer, Pods) else None
            if home is None:
                continue
            line = completing_line(namespace, arrow, granted)
            place = _place_for(snapshot, home, line)
            # An arrow has a finding for each peer; its help names the line.
            if place is not None and f"`{line}`" in finding.help:
                yield CodeAction(
                    title=f"Add `{line}` to namespace `{home}` ({place.path})",
                    edits=(TextEdit(place, f"\n{line}"),),
                    finding=finding,
                    is_preferred=True,
                )


def _arrows_at(snapshot: Snapshot, span: Span) -> Iterator[tuple[Namespace, Arrow]]:
    for namespace in snapshot.result.program.namespaces.values():
        for arrow in namespace.arrows:
            own = arrow.origin.span
            if own is not None and own.path == span.path and own.start <= span.start < own.end:
                yield namespace, arrow


def _place_for(snapshot: Snapshot, namespace: str, line: str) -> Span | None:
    """Return where a line belongs: after the arrows of its subject, else at the end of a section."""
    subject = line.partition(" ")[0]
    span: Span | None = None
    for tree, section in _sections(snapshot, namespace):
        for statement in section.statements:
            end = _line_end(tree.file, statement.span.end)
            if isinstance(statement, ArrowStatement) and _subject(statement.connection) == subject:
                span = end
        if span is not None:
            return span
    for tree, section in _sections(snapshot, namespace):
        last = section.statements[-1] if section.statements else section.header
        if last is not None:
            return _line_end(tree.file, last.span.end)
    return None


def _sections(snapshot: Snapshot, namespace: str) -> Iterator[tuple[IntentFile, Section]]:
    for tree in snapshot.trees():
        for section in tree.sections:
            is_there = scope_of(section, snapshot.options.namespace) == namespace
            if is_there and not section.broken:
                yield tree, section


def _subject(connection: Connection) -> str:
    pods = connection.subject.pods
    return pod_name(pods.text) if isinstance(pods, Name) else connection.subject.span.text


def _line_end(file: SourceFile, offset: int) -> Span:
    end = file.text.find("\n", offset)
    end = len(file.text) if end == -1 else end
    return file.span(end, end)


def _declarations(snapshot: Snapshot, span: Span) -> Iterator[CodeAction]:
    """Declare a service whose name is that of a workload with other labels."""
    name = snapshot.names.at(span.path, span.start)
    if name is None or name.kind is not NameKind.PODS:
        return
    symbol = snapshot.names.symbol(name)
    namespace = snapshot.understood.program.namespaces.get(symbol.scope)
    service = namespace.services.get(name.name) if namespace else None
    if service is None or snapshot.names.declarations(symbol):
        return
    for workload in snapshot.understood.inventory.workloads:
        is_there = workload.namespace == symbol.scope
        if is_there and _is_called(workload, name) and not workload.may_match(service.pods):
            yield from _declared(snapshot, name, symbol.scope, workload)


def _is_called(workload: Workload, name: Occurrence) -> bool:
    return name.name == workload.name or name.name in workload.labels.values()


def _declared(
    snapshot: Snapshot, name: Occurrence, scope: str, workload: Workload
) -> Iterator[CodeAction]:
    labels = {key: value for key, value in workload.labels.items() if is_lasting(key, value)}
    selector = ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))
    line = f"service {pod_name(name.name)} = {{{selector}}}"
    for tree, section in _sections(snapshot, scope):
        if section.statements and labels:
            start = tree.file.line_starts()[section.statements[0].span.line - 1]
            yield CodeAction(
                title=f"Declare `{line}`, the labels of {workload}",
                edits=(TextEdit(tree.file.span(start, start), f"{line}\n"),),
            )
            return


def _silenced(finding: Diagnostic) -> CodeAction:
    """A comment on the line above; it asks for a reason, and without one it is itself a finding."""
    span = finding.label.span
    start = span.file.line_starts()[span.line - 1]
    text = span.file.line_text(span.line)
    indent = text[: len(text) - len(text.lstrip())]
    comment = f"{indent}# netpolc: ignore[{finding.rule.code}] "
    return CodeAction(
        title=f"Silence {finding.rule.code} here, with a reason",
        edits=(TextEdit(span.file.span(start, start), f"{comment}\n"),),
        finding=finding,
        cursor=len(comment),
    )
