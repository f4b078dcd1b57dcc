"""The clusters of a project, and the work on all of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from netpolc.commands.diff import ReadSide, read_sides
from netpolc.commands.pipeline_run import Progress, silent
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.spelling import nearest
from netpolc.fleet.task import Task, Work
from netpolc.io.config import FILE_NAME, Config
from netpolc.io.diff_sides import choose, fleet_of
from netpolc.io.disk import Disk, Entry
from netpolc.io.fleet_config import FLEET_FILE
from netpolc.io.git import repository
from netpolc.io.output_folder import OutputFolder
from netpolc.io.project import Request, open_project
from netpolc.io.project_settings import fleet_settings
from netpolc.io.sources import nothing_came, nothing_to_compile
from netpolc.source import SourceFile
from netpolc.values import frozen

NO_CLUSTERS = Rule(code="NP770", name="no-clusters", severity=Severity.ERROR)
UNKNOWN_CLUSTER = Rule(code="NP772", name="unknown-cluster", severity=Severity.ERROR)
NO_REVISION = Rule(code="NP771", name="not-a-revision", severity=Severity.ERROR)
_SHOWN = 10
"""How many names a message lists."""


@frozen(kw_only=True)
class ClusterWork:
    """A task about a cluster, and the folder that its output belongs in."""

    task: Task
    output: OutputFolder


def clusters(request: Request, chosen: Sequence[str] = ()) -> Outcome[tuple[Request, ...]]:
    """Return a request for each cluster, or for each of the chosen ones.

    `chosen` has names, and labels such as `tier=prod`, all of which a cluster must have.
    """
    outcome = fleet_settings(request.here)
    names = _selected([outcome.value], chosen)
    requests = (replace(request, fleet=outcome.value, environment=name) for name in names.value)
    problems = () if has_errors(outcome.diagnostics) else names.diagnostics
    return Outcome(tuple(requests), (*outcome.diagnostics, *problems))


def _selected(fleets: Sequence[Config], chosen: Sequence[str]) -> Outcome[tuple[str, ...]]:
    """Return the names of the chosen clusters of any of these settings."""
    known = {name: config for fleet in fleets for name, config in fleet.outputs.items()}
    names = [choice for choice in chosen if "=" not in choice]
    labels = [choice.partition("=") for choice in chosen if "=" in choice]
    files = [fleet.outputs_file for fleet in fleets]
    file = FLEET_FILE if FLEET_FILE in files else FILE_NAME
    problems = [_unknown(name, known, file) for name in names if known and name not in known]
    selected = dict.fromkeys(
        name
        for fleet in fleets
        for name, own in fleet.outputs.items()
        if (not names or name in names)
        and all(own.cluster.get(key) == value for key, _, value in labels)
    )
    if not selected and not problems:
        problems.append(_no_clusters(known, file))
    return Outcome(tuple(selected), tuple(problems))


def cluster_work(
    requests: Sequence[Request], work: Work, progress: Progress = silent
) -> Iterator[tuple[str, ClusterWork]]:
    """Read the sources of clusters, one after the other; a file that several of them have is read once."""
    disk = _ReadOnce()
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
        task = Task(work=work, sides=(side,))
        yield request.environment or "", ClusterWork(task=task, output=project.output)


def comparisons(
    arguments: Sequence[str],
    request: Request,
    chosen: Sequence[str],
    progress: Progress = silent,
) -> Outcome[Iterator[tuple[str, Task]]]:
    """Return the task of comparing two revisions for each cluster that either of them has.

    The arguments are those of `netpolc diff`, of which only revisions and the working tree have
    clusters. `chosen` is as for `clusters`. A side that does not have a cluster permits everything
    there, as before the first policy.
    """
    sides = choose(arguments, None, request.here)
    paths = [side for side in sides.value if side.path is not None]
    if paths or not sides.value:
        # Without a repository, revisions were read as paths.
        no_repository = repository(request.here).diagnostics if paths else ()
        refused = [
            replace(finding, help="run it inside a git checkout") for finding in no_repository
        ] or [_not_a_revision(side.name) for side in paths]
        return Outcome(iter(()), (*sides.diagnostics, *refused))
    fleets = [fleet_of(side, request.here) for side in sides.value]
    findings = (*sides.diagnostics, *(finding for fleet in fleets for finding in fleet.diagnostics))
    if has_errors(findings):
        return Outcome(iter(()), findings)
    names = _selected([fleet.value for fleet in fleets if fleet.value], chosen)
    now = fleet_settings(request.here).value

    def tasks() -> Iterator[tuple[str, Task]]:
        for number, name in enumerate(names.value):
            progress("reading", number, len(names.value))
            read = read_sides(sides.value, replace(request, fleet=now, environment=name))
            apart = (replace(side, sources=replace(side.sources, places={})) for side in read)
            yield name, Task(work=Work.DIFF, sides=tuple(apart))

    return Outcome(tasks(), (*findings, *names.diagnostics))


class _ReadOnce(Disk):
    """The files of this machine, of which each is found once, and read once under one name."""

    def __init__(self) -> None:
        self._files: dict[tuple[str, str], Outcome[SourceFile | None]] = {}
        self._identities: dict[str, tuple[int, int] | str] = {}
        self._entries: dict[str, list[Entry]] = {}

    def identity(self, path: str) -> tuple[int, int] | str:
        if path not in self._identities:
            self._identities[path] = super().identity(path)
        return self._identities[path]

    def entries(self, folder: str) -> list[Entry]:
        if folder not in self._entries:
            self._entries[folder] = super().entries(folder)
        return self._entries[folder]

    def file(self, path: object, name: str) -> Outcome[SourceFile | None]:
        key = str(path), name
        if key not in self._files:
            self._files[key] = super().file(key[0], name)
        return self._files[key]


def _unknown(name: str, known: Collection[str], file: str) -> Diagnostic:
    near = nearest(name, known)
    return Diagnostic(
        rule=UNKNOWN_CLUSTER,
        message=f"{file} has no cluster `{visible(name)}`",
        label=Label(SourceFile(file, "").whole()),
        help=f"did you mean `{near}`?" if near else f"the clusters are {_listed(known)}",
    )


def _listed(names: Collection[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join([*names][:_SHOWN]) + more


def _no_clusters(known: Mapping[str, object], file: str) -> Diagnostic:
    return Diagnostic(
        rule=NO_CLUSTERS,
        message="no cluster has these labels" if known else "there are no clusters",
        label=Label(SourceFile(file, "").whole()),
        help=f"give clusters `labels` in {FLEET_FILE}"
        if known
        else f"name clusters in {FLEET_FILE} (`[clusters.eu-1]`) or outputs in {FILE_NAME}",
    )


def _not_a_revision(name: str) -> Diagnostic:
    return Diagnostic(
        rule=NO_REVISION,
        message=f"`{visible(name)}` is a path, and clusters are compared in revisions",
        label=Label(SourceFile(name, "").whole()),
        help="write a revision or a range of two: `netpolc fleet diff main...HEAD`",
    )
