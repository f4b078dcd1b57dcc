"""`netpolc report`: everything that an auditor asks, worked out once.

A refuted assertion does not keep the report back, because it is what the reader must see. Sources that
cannot be understood do: nothing could be said of them.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from netpolc.commands.pipeline import Compilation, run
from netpolc.commands.pipeline_run import Progress, silent
from netpolc.commands.report_connections import report_connections
from netpolc.commands.report_services import ReportServices
from netpolc.commands.report_statements import ReportStatements
from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.graph.model import Edge, EdgeState, Graph, graph_of
from netpolc.io.git import repository
from netpolc.io.line_history import LineHistories
from netpolc.io.project import Project, Request, open_project
from netpolc.io.sources import Sources, nothing_came
from netpolc.kube.peers import Direction, Pods
from netpolc.program.model import Assertion
from netpolc.provenance import Place
from netpolc.report.model import (
    CheckedAssertion,
    Connection,
    Exposure,
    ExposureKind,
    Finding,
    Making,
    Report,
    UnknownFact,
    Verdict,
)
from netpolc.version import __version__

_VERDICTS = {
    "NP501": Verdict.REFUTED,
    "NP502": Verdict.UNDECIDED,
    "NP503": Verdict.VACUOUS,
    "NP504": Verdict.CONTRADICTED,
    "NP608": Verdict.ABOUT_UNKNOWN_PODS,
    "NP613": Verdict.ABOUT_UNKNOWN_PODS,
    "NP648": Verdict.ABOUT_UNKNOWN_PODS,
}
_FEW_NAMES = 5


def report(
    request: Request, *, history: bool, day: date | None = None, progress: Progress = silent
) -> Outcome[Report | None]:
    """Return the report of a project; None where its sources cannot be understood.

    Args:
        request: the sources.
        history: whether git is asked who wrote each statement.
        day: the day to print, where one is wanted.
        progress: shows the steps.
    """
    opened = open_project(replace(request, checking=True))
    project = opened.value
    before = (*opened.diagnostics, *nothing_came(project.sources))
    known = run(project.sources, project.options, before=before, progress=progress)
    if not known.judged:
        return Outcome(None, known.diagnostics)
    progress("reporting", 0, 1)
    histories = _histories(request, project.sources) if history else None
    statements = ReportStatements(known.program, histories)
    services = ReportServices(known)
    connections = tuple(report_connections(known, statements))
    document = Report(
        connections=connections,
        coverage=tuple(services.coverage()),
        open_ingress=tuple(services.not_isolated(Direction.INGRESS)),
        open_egress=tuple(services.not_isolated(Direction.EGRESS)),
        exposures=tuple(_exposures(connections)),
        graph=_graph(connections),
        assertions=tuple(_assertions(known, services, statements)),
        findings=tuple(map(_finding, known.diagnostics)),
        temporary=tuple(statements.temporary()),
        unknown=tuple(_unknown(connections)),
        making=_making(project, day, has_history=histories is not None),
    )
    return Outcome(document, known.diagnostics)


def _histories(request: Request, sources: Sources) -> LineHistories | None:
    """The history of the lines of the sources; None outside a repository."""
    checkout = repository(request.here).value
    if checkout is None or checkout.object_named("HEAD") is None:
        return None
    places = {file.path: place for file, place in sources.places.items()}
    texts = {file.path: file.text for file in sources.files}
    return LineHistories(checkout, places, texts)


def _exposures(connections: Sequence[Connection]) -> Iterator[Exposure]:
    for kind in ExposureKind:
        exposing = tuple(connection for connection in connections if kind in connection.exposes)
        if exposing:
            yield Exposure(kind=kind, connections=exposing)


def _graph(connections: Iterable[Connection]) -> Graph:
    return graph_of(
        Edge(
            sender=connection.sender,
            receiver=connection.receiver,
            ports=(connection.ports or "every port",),
            state=EdgeState.UNDECIDED if connection.is_undecided else EdgeState.PERMITTED,
            exposure=connection.exposure,
        )
        for connection in connections
    )


def _assertions(
    known: Compilation, services: ReportServices, statements: ReportStatements
) -> Iterator[CheckedAssertion]:
    """The assertions as written, in order; one of a cluster section is about many namespaces."""
    written: dict[Place, list[Assertion]] = {}
    for assertion in known.program.assertions:
        written.setdefault(assertion.origin.place, []).append(assertion)
    for same in written.values():
        origin = same[0].origin
        about = known.against.get(origin.span) if origin.span is not None else None
        names = sorted(_protected(same, services))
        yield CheckedAssertion(
            statement=statements.of(origin),
            verdict=Verdict.PROVED if about is None else _VERDICTS[about.rule.code],
            protects=tuple(names[:_FEW_NAMES]),
            count=len(names),
            note="" if about is None else about.label.text,
        )


def _protected(same: Iterable[Assertion], services: ReportServices) -> set[str]:
    asked: set[tuple[Pods, str | None]] = set()
    for assertion in same:
        home = assertion.home if assertion.subject.namespaces is None else None
        asked.add((assertion.subject, home))
    return {str(service) for pods, home in asked for service in services.among(pods, home)}


def _finding(finding: Diagnostic) -> Finding:
    span = finding.label.span
    return Finding(
        code=finding.rule.code,
        name=finding.rule.name,
        severity=finding.severity.value,
        message=finding.message,
        path=span.path,
        line=span.file.position(span.start)[0],
        note=finding.label.text,
        help=finding.help,
    )


def _unknown(connections: Iterable[Connection]) -> Iterator[UnknownFact]:
    """The facts that connections depend on, the most important first."""
    counts = Counter(fact for connection in connections for fact in connection.facts)
    for fact, count in sorted(counts.items(), key=lambda item: (-item[1], item[0].text)):
        yield replace(fact, connections=count)


def _making(project: Project, day: date | None, *, has_history: bool) -> Making:
    options = project.options
    assumptions = {
        "whatever is not stated is absent (--closed-world)": options.closed_world,
        "policies of kinds that are not read are absent (--assume-no-other-policies)": (
            options.assume_no_other_policies
        ),
    }
    return Making(
        version=__version__,
        digest=_digest(project.sources),
        files=len(project.sources.files),
        assumptions=tuple(text for text, is_made in assumptions.items() if is_made),
        day=day,
        history=has_history,
    )


def _digest(sources: Sources) -> str:
    """The SHA-256 of the paths and texts of all files, in the order of their paths."""
    digest = hashlib.sha256()
    for file in sorted(sources.files, key=lambda source_file: source_file.path):
        for text in (file.path, file.text):
            data = text.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
