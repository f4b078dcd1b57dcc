"""`netpolc fleet`: one answer over many clusters."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import click

from netpolc.cli.diff_arguments import failing
from netpolc.cli.left_over_outputs import remove_left_over, show_left_over
from netpolc.cli.request import new_request
from netpolc.cli.stderr import count, print_findings, print_summary, progress
from netpolc.cli.stdout import print_json, print_output, print_text
from netpolc.commands.output_diff import differences
from netpolc.commands.pipeline_run import Progress
from netpolc.diagnostics import Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render.escape import visible
from netpolc.fleet import fleet
from netpolc.fleet.engine import NoSchedulerError, results
from netpolc.fleet.grouping import Group, claims_over_fleet, clusters_text, grouped
from netpolc.fleet.plan import MOST_GITHUB_JOBS, github_matrix, gitlab_pipeline
from netpolc.fleet.task import Answer, Failure, Task, Work
from netpolc.io.left_over_outputs import left_over_outputs
from netpolc.io.output_folder import OutputFolder
from netpolc.io.output_writer import inspect_tree, write_tree
from netpolc.io.project import Request
from netpolc.io.project_settings import configured_fail_on

Command = TypeVar("Command", bound=Callable[..., object])

_ERRORS = 1


@click.group("fleet", epilog="Example: netpolc fleet check --cluster tier=prod")
def command() -> None:
    """Work on many clusters, and report equal answers once.

    The clusters are those of fleet.toml beside netpolc.toml, else the outputs of netpolc.toml.
    """


def _clusters(inner: Command) -> Command:
    return click.option(
        "--cluster",
        "chosen",
        multiple=True,
        metavar="NAME|KEY=VALUE",
        help="Only this cluster, or the clusters with this label. May be given several times.",
    )(inner)


def _engine(inner: Command) -> Command:
    inner = click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Give the work to the workers of a Dask scheduler, such as tcp://10.0.0.5:8786.",
    )(inner)
    return click.option(
        "--jobs",
        type=click.IntRange(min=1),
        metavar="N",
        help="The number of processes.  [default: the processors]",
    )(inner)


def _form(inner: Command) -> Command:
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Text for people, or JSON with every cluster.",
    )(inner)


@command.command("compile", epilog="Example: netpolc fleet compile --check")
@click.option("--check", "compare", is_flag=True, help="Write nothing; fail if outputs differ.")
@_clusters
@_engine
def compile_command(
    *, compare: bool, chosen: tuple[str, ...], jobs: int | None, scheduler: str | None
) -> int:
    """Compile the output of each cluster.

    A cluster with an error keeps its output as it is; the others are written. The manifests of a
    cluster that is gone are removed.
    """
    requests = _requests(chosen)
    outputs: dict[str, OutputFolder] = {}
    with progress() as show:
        work = fleet.cluster_work(requests, Work.COMPILE, show)
        done = _results(_tasks(work, outputs), jobs, scheduler, show)
    answers = _answers(done)
    _print_findings(answers, len(requests))
    _print_failures(done)
    states: dict[str, list[str]] = {}
    for name, answer in answers.items():
        if not answer.failed:
            state = _placed(outputs[name], answer, compare=compare)
            states.setdefault(state, []).append(name)
    for state, some in states.items():
        print_summary(f"{clusters_text(tuple(some), len(requests))}: {state}")
    left = () if chosen else left_over_outputs(requests[0].here)
    states |= {_left_over(output, requests[0], compare=compare): [] for output in left}
    wrong = {"differs", "refused"} & {state.split(":")[0] for state in states}
    return int(bool(wrong) or _incomplete(done, answers))


def _placed(output: OutputFolder, answer: Answer, *, compare: bool) -> str:
    """Write an output, or compare it; what became of it in words."""
    files = dict(answer.files)
    if compare:
        plan = inspect_tree(output, files, answer.other)
        print_findings(plan.diagnostics)
        if plan.failed:
            return "refused"
        return (
            "up to date" if not any(differences(plan.value)) else "differs: run it without --check"
        )
    written = write_tree(output, files, answer.other)
    print_findings(written.diagnostics)
    if written.value is None:
        return "refused"
    counts = (
        (written.value.written, "written"),
        (len(written.value.removed), "removed"),
        (written.value.unchanged, "unchanged"),
    )
    return ", ".join(f"{number} {what}" for number, what in counts if number) or "nothing to write"


def _left_over(output: OutputFolder, request: Request, *, compare: bool) -> str:
    """Remove the output of a cluster that is gone, unless it is only to be compared; what became of it."""
    file = "" if request.fleet is None else request.fleet.outputs_file
    gone = f"{file} has no such cluster"
    if compare:
        show_left_over(output, gone, files=False)
        return "differs"
    return "removed" if remove_left_over(output, gone) else "refused"


@command.command("check", epilog="Example: netpolc fleet check --cluster tier=prod")
@_clusters
@_engine
@_form
def check_command(
    *, chosen: tuple[str, ...], jobs: int | None, scheduler: str | None, form: str
) -> int:
    """Prove the assertions of every cluster, and look for findings.

    Each assertion has one answer: in how many clusters it holds, and the counterexamples.
    """
    done, total = _work_on(Work.CHECK, chosen, jobs, scheduler)
    answers = _answers(done)
    if form == "json":
        _print_json(done, answers, lambda answer: answer.findings)
        return _failed(done, answers)
    for claim in claims_over_fleet(answers):
        print_text(f"{visible(claim.text)}  ({visible(claim.place)})\n")
        if claim.holds:
            print_text(f"  holds in {clusters_text(claim.holds, claim.clusters)}\n")
        for verdict, why, names in claim.against:
            reason = f": {visible(why)}" if why else ""
            where = clusters_text(names, claim.clusters)
            print_text(f"  {verdict.value} in {where}{reason}\n")
    _print_findings(answers, total)
    _summary(done, answers)
    return int(_incomplete(done, answers))


@command.command("list", epilog="Example: netpolc fleet list --cluster tier=prod")
@_clusters
@_engine
@_form
def list_command(
    *, chosen: tuple[str, ...], jobs: int | None, scheduler: str | None, form: str
) -> int:
    """List the permitted connections of all clusters.

    Each row names the clusters that permit it.
    """
    done, total = _work_on(Work.LIST, chosen, jobs, scheduler)
    answers = _answers(done)
    if form == "json":
        _print_json(done, answers, lambda answer: answer.lines)
        return _failed(done, answers)
    _print_groups(grouped(answers, lambda answer: answer.lines), total)
    _print_findings(answers, total)
    _summary(done, answers, "all listed")
    return int(_incomplete(done, answers))


@command.command("diff", epilog="Example: netpolc fleet diff main...HEAD")
@click.argument("revisions", nargs=-1, metavar="[OLD [NEW]]")
@failing
@_clusters
@_engine
@_form
def diff_command(
    *,
    revisions: tuple[str, ...],
    fail_on: str | None,
    chosen: tuple[str, ...],
    jobs: int | None,
    scheduler: str | None,
    form: str,
) -> int:
    """Show what a change opens and closes in which clusters.

    OLD and NEW are revisions of git as for diff. Exits with 0 if nothing changes in what is
    permitted, with 1 if something does, with 2 on errors.
    """
    request = new_request()
    with progress() as show:
        tasks = fleet.comparisons(revisions, request, chosen, show)
        if tasks.failed:
            print_findings(tasks.diagnostics)
            return 2
        done = _results(tasks.value, jobs, scheduler, show)
    answers = _answers(done)
    if form == "json":
        _print_json(done, answers, lambda answer: answer.lines)
    else:
        _print_groups(grouped(answers, lambda answer: answer.lines), len(done))
        _print_findings(answers, len(done))
    _summary(done, answers, "all compared")
    if _incomplete(done, answers):
        return 2
    threshold = fail_on or configured_fail_on(request.here)
    return int(any(threshold in answer.fails_on for answer in answers.values()))


@command.command("plan", epilog="Example: netpolc fleet plan --format github")
@_clusters
@click.option(
    "--format",
    "form",
    type=click.Choice(["github", "gitlab"]),
    required=True,
    help="A matrix for a GitHub workflow, or a child pipeline for GitLab.",
)
def plan_command(*, chosen: tuple[str, ...], form: str) -> int:
    """Print a pipeline with one job for each cluster."""
    names = [request.environment or "" for request in _requests(chosen)]
    if form == "github" and len(names) > MOST_GITHUB_JOBS:
        message = (
            f"GitHub takes at most {MOST_GITHUB_JOBS} jobs in a matrix, and these are"
            f" {len(names):,} clusters; choose a part of them with `--cluster`"
        )
        raise click.ClickException(message)
    print_output(github_matrix(names) if form == "github" else gitlab_pipeline(names))
    return 0


def _work_on(
    work: Work, chosen: Sequence[str], jobs: int | None, scheduler: str | None
) -> tuple[dict[str, Answer | Failure], int]:
    requests = _requests(chosen)
    with progress() as show:
        tasks = _tasks(fleet.cluster_work(requests, work, show), {})
        return _results(tasks, jobs, scheduler, show), len(requests)


def _tasks(
    work: Iterable[tuple[str, fleet.ClusterWork]], outputs: dict[str, OutputFolder]
) -> Iterator[tuple[str, Task]]:
    """Return the task of each cluster, and put down where its output belongs."""
    for name, cluster_work in work:
        outputs[name] = cluster_work.output
        yield name, cluster_work.task


def _requests(chosen: Sequence[str]) -> tuple[Request, ...]:
    """Return a request for each cluster; ends the command where they are not clear."""
    outcome = fleet.clusters(new_request(), chosen)
    print_findings(outcome.diagnostics)
    if has_errors(outcome.diagnostics):
        raise click.exceptions.Exit(_ERRORS)
    return outcome.value


def _results(
    tasks: Iterable[tuple[str, Task]], jobs: int | None, scheduler: str | None, show: Progress
) -> dict[str, Answer | Failure]:
    try:
        return results(tasks, jobs=jobs, scheduler=scheduler, progress=show)
    except NoSchedulerError as error:
        raise click.ClickException(str(error)) from None


def _answers(done: Mapping[str, Answer | Failure]) -> dict[str, Answer]:
    return {name: answer for name, answer in done.items() if isinstance(answer, Answer)}


def _incomplete(done: Mapping[str, Answer | Failure], answers: Mapping[str, Answer]) -> bool:
    """Return whether a cluster has an error or no answer."""
    return len(answers) < len(done) or any(answer.failed for answer in answers.values())


def _failed(done: Mapping[str, Answer | Failure], answers: Mapping[str, Answer]) -> int:
    """Say on standard error why a command fails whose output is for programs; its exit code."""
    if not _incomplete(done, answers):
        return 0
    for group in grouped(answers, lambda answer: answer.findings):
        if group.line.severity is Severity.ERROR:
            _print_finding(group, len(done))
    _summary(done, answers)
    return _ERRORS


def _print_groups(groups: Sequence[Group], total: int) -> None:
    where = None
    for group in groups:
        if group.clusters != where:
            where = group.clusters
            print_text(f"{clusters_text(where, total)}:\n")
        print_text("  " + visible(group.line.text.replace("\t", "  ")) + "\n")


def _print_findings(answers: Mapping[str, Answer], total: int) -> None:
    for group in grouped(answers, lambda answer: answer.findings):
        _print_finding(group, total)


def _print_finding(group: Group, total: int) -> None:
    print_summary(f"{visible(group.line.text)}  [{clusters_text(group.clusters, total)}]")


def _print_failures(done: Mapping[str, Answer | Failure]) -> None:
    for name, result in done.items():
        if isinstance(result, Failure):
            print_summary(f"{visible(name)}: no answer: {visible(result.why)}")


def _summary(
    done: Mapping[str, Answer | Failure],
    answers: Mapping[str, Answer],
    without_errors: str = "none with errors",
) -> None:
    """Print how many clusters there are, and how many have errors; what does not check must not say that none has."""
    _print_failures(done)
    wrong = sum(answer.failed for answer in answers.values())
    state = f"{wrong} with errors" if wrong else without_errors
    print_summary(f"{count(len(done), 'cluster')}, {state}")


def _print_json(
    done: Mapping[str, Answer | Failure],
    answers: Mapping[str, Answer],
    lines_of: Callable[[Answer], tuple[Any, ...]],
) -> None:
    """Print every cluster with its lines, and every assertion with its clusters."""
    content = {
        "clusters": {
            name: {"failure": answer.why}
            if isinstance(answer, Failure)
            else {
                "failed": answer.failed,
                "lines": [line.text for line in lines_of(answer)],
                "errors": [x.text for x in answer.findings if x.severity is Severity.ERROR],
            }
            for name, answer in done.items()
        },
        "assertions": [
            {
                "assertion": claim.text,
                "place": claim.place,
                "holds": [*claim.holds],
                "against": [
                    {"verdict": verdict.name.lower(), "why": why, "clusters": [*names]}
                    for verdict, why, names in claim.against
                ],
            }
            for claim in claims_over_fleet(answers)
        ],
    }
    print_json(json.dumps(content, indent=2) + "\n")
