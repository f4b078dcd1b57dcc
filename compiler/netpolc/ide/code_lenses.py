"""The lines above statements: who may reach a service, and whether an assertion is proved."""

from collections.abc import Iterator

from netpolc.analysis.bounds import Bounds
from netpolc.analysis.explain_query import Answer, can
from netpolc.analysis.query import AddressEnd, PodEnd, Question
from netpolc.ide.call_hierarchy import callers
from netpolc.ide.describe_statement import verdict_of
from netpolc.ide.occurrence import EVERYWHERE, NameKind, Occurrence, Use
from netpolc.ide.snapshot import Snapshot
from netpolc.ir.model import Policies
from netpolc.kube.public_addresses import internet
from netpolc.kube.selectors import Selector
from netpolc.lints.half_open_arrow import HALF_OPEN_ARROW
from netpolc.source import Span
from netpolc.syntax.tree import AssertionStatement
from netpolc.values import frozen


@frozen(kw_only=True)
class CodeLens:
    """A text above a statement, and the places that it counts."""

    span: Span
    text: str
    places: tuple[Span, ...] = ()


def code_lenses(snapshot: Snapshot, path: str) -> Iterator[CodeLens]:
    """Yield a line for each service, at its first statement in a file, and for each assertion."""
    seen: set[tuple[str, str]] = set()
    for name in snapshot.names.in_file(path):
        is_first = name.kind is NameKind.PODS and (name.scope, name.name) not in seen
        if is_first and name.use is not Use.PEER and name.scope != EVERYWHERE:
            if isinstance(name.statement, AssertionStatement):
                continue
            seen.add((name.scope, name.name))
            lens = _service(snapshot, name)
            if lens is not None:
                yield lens
    tree = snapshot.tree(path)
    for section in tree.sections if tree else ():
        for statement in section.statements:
            if isinstance(statement, AssertionStatement):
                verdict = verdict_of(snapshot, statement.span)
                if verdict is not None:
                    yield CodeLens(span=statement.span, text=verdict)


def _service(snapshot: Snapshot, name: Occurrence) -> CodeLens | None:
    symbol = snapshot.names.symbol(name)
    namespace = snapshot.result.program.namespaces.get(name.scope)
    service = namespace.services.get(name.name) if namespace else None
    if service is None or snapshot.names.is_group(symbol):
        return None
    calls = callers(snapshot, symbol)
    arrows = {span for call in calls for span in call.arrows}
    half_open = sum(
        finding.rule is HALF_OPEN_ARROW and any(_is_in(finding.label.span, span) for span in arrows)
        for finding in snapshot.result.diagnostics
    )
    words = [f"{len(calls):,} caller{'' if len(calls) == 1 else 's'}"]
    if half_open:
        words.append(f"{half_open:,} half-open")
    if reached := _from_internet(snapshot, name.scope, service.pods):
        words.append(reached)
    places = tuple(sorted(arrows, key=lambda span: (span.path, span.start)))
    return CodeLens(span=name.statement.span, text=", ".join(words), places=places)


def _is_in(part: Span, whole: Span) -> bool:
    return part.path == whole.path and whole.start <= part.start < whole.end


def _from_internet(snapshot: Snapshot, namespace: str, pods: Selector) -> str:
    """Whether the internet may reach pods, in words; empty where errors keep it from being known."""
    result = snapshot.result
    policy_set = result.whole.namespaces.get(namespace)
    if not result.judged or policy_set is None:
        return ""
    question = Question(
        sender=AddressEnd(internet()), receiver=PodEnd(Selector.namespace(namespace), pods)
    )
    policies = Policies({namespace: policy_set})
    bounds = Bounds.of(policies, result.program.addresses, tiers=result.tiers)
    return _REACHED.get(can(bounds, question, result.inventory).answer, "")


_REACHED = {
    Answer.NO: "not reachable from the internet",
    Answer.YES: "reachable from the internet on every port",
    Answer.PARTLY: "reachable from the internet",
    Answer.UNKNOWN: "perhaps reachable from the internet",
}
