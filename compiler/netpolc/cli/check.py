"""`netpolc check`: everything that a compile does, but nothing written."""

from functools import partial
from pathlib import Path

import click

from netpolc.cli import options
from netpolc.cli.output_formats import findings_format, is_for_programs, print_form
from netpolc.cli.request import new_request
from netpolc.cli.stderr import count, print_findings, print_lines, print_summary, progress
from netpolc.cli.stdout import print_text
from netpolc.cli.text_diff import text_diff
from netpolc.cli.watch import watch
from netpolc.commands.check import (
    Checked,
    CheckedOutput,
    check,
    check_for_baseline,
    record_baseline,
)
from netpolc.commands.fix_files import FixedFile, OutputFiles, fix_file, fix_files
from netpolc.diagnostics import Diagnostic, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.concise import statistics
from netpolc.diagnostics.render.escape import visible
from netpolc.io.atomic_replace import rewrite
from netpolc.io.baseline import can_be_known
from netpolc.io.config import FILE_NAME, find_config, parse_config
from netpolc.io.disk import DISK
from netpolc.io.edited_project import OpenedProjects
from netpolc.io.project import Project, Request, open_project, requests_of_outputs


@click.command("check", epilog="Example: netpolc check intents/ --format json")
@options.sources
@findings_format
@options.environment
@options.beside
@options.closed_world
@options.assume_no_other_policies
@options.namespace
@options.strict
@options.silencing
@options.baseline
@click.option(
    "--write-baseline",
    "record",
    metavar="FILE",
    type=click.Path(),
    callback=options.output_path,
    help="Write the warnings and notes found now to a file for --baseline.",
)
@click.option("--fix", is_flag=True, help="Apply the safe fixes of findings to the files first.")
@click.option(
    "--unsafe", is_flag=True, help="With --fix, also apply fixes that guess what is meant."
)
@click.option("--diff", "show", is_flag=True, help="With --fix, show the fixes and write nothing.")
@click.option("--statistics", "counted", is_flag=True, help="Count the findings of each rule.")
@options.watching
@options.jobs
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
def command(  # noqa: PLR0913 - one argument for each option
    *,
    sources: tuple[str, ...],
    form: str,
    beside: tuple[str, ...],
    closed_world: bool,
    assume_no_other_policies: bool,
    namespace: str | None,
    strict: bool | None,
    ignore: frozenset[str],
    select: frozenset[str],
    baseline: str | None,
    record: str | None,
    counted: bool,
    quiet: bool,
    fix: bool,
    unsafe: bool,
    show: bool,
    jobs: int,
    watched: bool,
) -> int:
    """Check intents without writing anything.

    SOURCE is as for compile, and manifests (.yaml) too. All outputs of netpolc.toml are checked, or
    the one of -e. Fails on errors and on arrows whose `until` has passed. --fix works on intents, manifests
    and netpolc.toml. It keeps a fix only if that removes its finding and causes no other in any output.
    """
    if baseline and record:
        message = "--baseline and --write-baseline exclude each other"
        raise click.UsageError(message)
    request = new_request(
        sources=sources,
        beside=beside,
        namespace=namespace,
        strict=strict,
        ignore=ignore,
        select=select,
        checking=True,
        closed_world=closed_world,
        assume_no_other_policies=assume_no_other_policies,
    )
    if (unsafe or show) and not fix:
        message = "--unsafe and --diff go with --fix"
        raise click.UsageError(message)
    if watched:
        if fix or record or form not in {"text", "concise"}:
            message = (
                "--watch goes with neither --fix nor --write-baseline, nor formats for programs"
            )
            raise click.UsageError(message)
        again = partial(_check_again, form=form, baseline=baseline, counted=counted, quiet=quiet)
        return watch(request, again)
    if fix and (show or not _fix(request, unsafe=unsafe)):
        return _show_fixes(request, unsafe=unsafe) if show else 1
    with progress() as tell:
        requests = requests_of_outputs(request)
        if record:
            return _record(check_for_baseline(requests, tell, jobs=jobs), record)
        checked = check(requests, tell, baseline=baseline, jobs=jobs)
    return _show(checked, form, counted=counted, quiet=quiet)


def _check_again(
    request: Request,
    projects: OpenedProjects,
    *,
    form: str,
    baseline: str | None,
    counted: bool,
    quiet: bool,
) -> tuple[Path, ...]:
    with progress() as tell:
        requests = requests_of_outputs(request)
        checked = check(requests, tell, baseline=baseline, projects=projects)
    _show(checked, form, counted=counted, quiet=quiet)
    return ()


def _show(checked: Checked, form: str, *, counted: bool, quiet: bool) -> int:
    """Print the findings, and a line about each output; the exit code."""
    findings = checked.findings
    if quiet:
        findings = tuple(each for each in findings if each.severity is Severity.ERROR)
    if is_for_programs(form):
        print_form(form, findings, "check", checked.project)
    else:
        print_findings(findings)
    if counted:
        print_lines(statistics(findings))
    if form not in {"text", "concise"} or (quiet and not has_errors(findings)):
        return int(has_errors(findings))
    return _summarise(checked)


def _fix(request: Request, *, unsafe: bool) -> bool:
    """Write the fixes; whether all of them could be written."""
    config = _fixed_config(request, unsafe=unsafe)
    refused = []
    if config is not None and (finding := rewrite(config[0], config[1].source, config[1].text)):
        refused.append(finding)
    opened = [open_project(output_request).value for output_request in requests_of_outputs(request)]
    places = {
        file.path: path for project in opened for file, path in project.sources.places.items()
    }
    files = fix_files(list(map(_files, opened)), unsafe=unsafe)
    for fixed_file in files:
        path = places.get(fixed_file.source.path)
        if path is None:
            message = "standard input cannot be fixed; use --diff"
            raise click.UsageError(message)
        if finding := rewrite(Path(path), fixed_file.source, fixed_file.text):
            refused.append(finding)
    print_findings(refused)
    fixed = (*files, *([config[1]] if config else []))
    if fixed:
        fixes = sum(len(fixed_file.applied) for fixed_file in fixed)
        print_summary(f"applied {count(fixes, 'fix', 'fixes')} in {count(len(fixed), 'file')}")
    return not refused


def _show_fixes(request: Request, *, unsafe: bool) -> int:
    """Print the fixes as a diff; fail where there are some, as `fmt --check` does."""
    config = _fixed_config(request, unsafe=unsafe)
    opened = [open_project(output_request) for output_request in requests_of_outputs(request)]
    findings = tuple(dict.fromkeys(each for outcome in opened for each in outcome.diagnostics))
    if has_errors(findings) and config is None:
        print_findings(findings)
        return 1
    files = fix_files([_files(outcome.value) for outcome in opened], unsafe=unsafe)
    fixed = (*([config[1]] if config else []), *files)
    for fixed_file in fixed:
        print_text(text_diff(fixed_file.source, fixed_file.text))
    fixes = sum(len(fixed_file.applied) for fixed_file in fixed)
    print_summary(f"{count(fixes, 'fix', 'fixes')} in {count(len(fixed), 'file')}")
    return int(bool(fixed))


def _fixed_config(request: Request, *, unsafe: bool) -> tuple[Path, FixedFile] | None:
    """The place of netpolc.toml and what it becomes; None where there is nothing to fix."""
    path = find_config(request.here)
    file = None if path is None else DISK.file(path, FILE_NAME).value
    if path is None or file is None:
        return None
    folder = path.parent
    fixed = fix_file(
        file, lambda source_file: parse_config(source_file, folder).diagnostics, unsafe=unsafe
    )
    return None if fixed is None else (path, fixed)


def _files(project: Project) -> OutputFiles:
    return OutputFiles(sources=project.sources, options=project.options)


def _summarise(checked: Checked) -> int:
    known = (
        f" ({count(checked.known, 'finding')} of the baseline left out)" if checked.known else ""
    )
    for output in checked.outputs:
        name = f"{visible(output.name)}: " if output.name else ""
        print_summary(f"{name}{_verdict(output, checked.findings_of(output))}{known}")
    return int(has_errors(checked.findings))


def _verdict(output: CheckedOutput, findings: tuple[Diagnostic, ...]) -> str:
    result = output.result
    if has_errors(findings):
        skipped = "" if result.judged else "; assertions and lints were not run"
        return f"{tally(findings)}{skipped}"
    namespaces = {*result.policies.namespaces, *result.given.namespaces}
    line = f"checked {count(len(namespaces), 'namespace')}"
    if result.proved:
        line += f", {count(result.proved, 'assertion')} proved"
    if result.vain:
        line += f", {count(result.vain, 'assertion')} about unknown pods"
    return f"{line}: {tally(findings) or 'nothing to report'}"


def _record(checked: Checked, path: str) -> int:
    errors = [each for each in checked.findings if each.rule.severity is Severity.ERROR]
    print_findings(errors)
    if errors:
        print_summary(f"{tally(errors)}; no baseline was written")
        return 1
    written = record_baseline(checked, path)
    if isinstance(written, str):
        print_summary(f"{path} cannot be written: {written}")
        return 1
    remaining = [each for each in checked.findings if not can_be_known(each)]
    print_findings(remaining)
    line = f"wrote {count(written, 'finding')} to {path}"
    print_summary(f"{line}; not part of a baseline: {tally(remaining)}" if remaining else line)
    return int(has_errors(remaining))
