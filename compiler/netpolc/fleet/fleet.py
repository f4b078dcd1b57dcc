"""The clusters of a project, and the work on all of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from netpolc.commands.diff import ReadSide, read_sides
from netpolc.commands.pipeline import Progress, silent
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.spelling import nearest
from netpolc.fleet.task import Task, Work
from netpolc.io.config import FILE_NAME
from netpolc.io.diff_sides import choose
from netpolc.io.disk import Disk
from netpolc.io.fleet_config import FLEET_FILE
from netpolc.io.output_folder import OutputFolder
from netpolc.io.project import Request, fleet_settings, open_project
from netpolc.io.sources import nothing_came, nothing_to_compile
from netpolc.source import SourceFile
from netpolc.values import frozen

NO_CLUSTERS = Rule(code="NP770", name="no-clusters", severity=Severity.ERROR)
UNKNOWN_CLUSTER = Rule(code="NP772", name="unknown-cluster", severity=Severity.ERROR)
NO_REVISION = Rule(code="NP771", name="not-a-revision", severity=Severity.ERROR)


@frozen(kw_only=True)
class ClusterWork:
    """A task about a cluster, and the folder that its output belongs in."""

    task: Task
    output: OutputFolder


def clusters(request: Request, chosen: Sequence[str] = ()) -> Outcome[tuple[Request, ...]]:
    """Return a request for each cluster, or for each of the chosen ones.

    `chosen` has names, and labels such as `tier=prod`, all of which a cluster must have.
    """
    found = fleet_settings(request.here)
    known = found.value.outputs
    names = [one for one in chosen if "=" not in one]
    labels = [one.partition("=") for one in chosen if "=" in one]
    problems = [_unknown(name, known) for name in names if name not in known]
    selected = tuple(
        replace(request, fleet=found.value, environment=name)
        for name, own in known.items()
        if (not names or name in names)
        and all(own.cluster.get(key) == value for key, _, value in labels)
    )
    if not selected and not problems and not has_errors(found.diagnostics):
        problems.append(_no_clusters(known))
    return Outcome(selected, (*found.diagnostics, *problems))


def cluster_work(
    requests: Sequence[Request], work: Work, progress: Progress = silent
) -> dict[str, ClusterWork]:
    """Read the sources of clusters; a file that several of them have is read once."""
    found, disk = {}, _ReadOnce()
    for number, request in enumerate(requests):
        progress("reading", number, len(requests))
        opened = open_project(replace(request, checking=work is Work.CHECK), disk=disk)
        project = opened.value
        before = (*opened.diagnostics, *nothing_came(project.sources))
        if work is Work.COMPILE:
            before = (*before, *nothing_to_compile(project.sources))
        # Sources are no longer at places of this machine when another one works on them.
        sources = replace(project.sources, places={})
        side = ReadSide(name="", sources=sources, options=project.options, before=before)
        found[request.environment or ""] = ClusterWork(
            task=Task(work=work, sides=(side,)), output=project.output
        )
    return found


def comparisons(
    arguments: Sequence[str],
    requests: Sequence[Request],
    progress: Progress = silent,
) -> Outcome[dict[str, Task]]:
    """Return the task of comparing two revisions for each cluster.

    The arguments are those of `netpolc diff`, of which only revisions and the working tree have
    clusters.
    """
    chosen = choose(arguments, None, requests[0].here)
    paths = [side for side in chosen.value if side.path is not None]
    if paths or not chosen.value:
        return Outcome({}, (*chosen.diagnostics, *(_not_a_revision(side.name) for side in paths)))
    tasks = {}
    for number, request in enumerate(requests):
        progress("reading", number, len(requests))
        sides = read_sides(chosen.value, request)
        apart = (replace(side, sources=replace(side.sources, places={})) for side in sides)
        tasks[request.environment or ""] = Task(work=Work.DIFF, sides=tuple(apart))
    return Outcome(tasks, chosen.diagnostics)


class _ReadOnce(Disk):
    """The files of this machine, of which each is read once under one name."""

    def __init__(self) -> None:
        self._files: dict[tuple[str, str], Outcome[SourceFile | None]] = {}

    def file(self, path: object, name: str) -> Outcome[SourceFile | None]:
        key = str(path), name
        if key not in self._files:
            self._files[key] = super().file(key[0], name)
        return self._files[key]


def _unknown(name: str, known: Collection[str]) -> Diagnostic:
    near = nearest(name, known)
    return Diagnostic(
        rule=UNKNOWN_CLUSTER,
        message=f"there is no cluster `{visible(name)}`",
        label=Label(SourceFile(FLEET_FILE, "").whole()),
        help=f"did you mean `{near}`?" if near else f"there are {', '.join(known) or 'none'}",
    )


def _no_clusters(known: Mapping[str, object]) -> Diagnostic:
    return Diagnostic(
        rule=NO_CLUSTERS,
        message="no cluster has these labels" if known else "there are no clusters",
        label=Label(SourceFile(FLEET_FILE if known else FILE_NAME, "").whole()),
        help=f"name clusters in {FLEET_FILE} (`[clusters.eu-1]`) or outputs in {FILE_NAME}",
    )


def _not_a_revision(name: str) -> Diagnostic:
    return Diagnostic(
        rule=NO_REVISION,
        message=f"`{visible(name)}` is a path, and clusters are compared in revisions",
        label=Label(SourceFile(name, "").whole()),
        help="write a revision or a range of two: `netpolc fleet diff main...HEAD`",
    )
