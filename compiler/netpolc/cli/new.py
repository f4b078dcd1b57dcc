"""`netpolc new`: a first project."""

import click

from netpolc.cli import options
from netpolc.cli.request import working_folder
from netpolc.cli.stderr import print_findings, print_summary
from netpolc.commands.new import PLATFORMS, new_project
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.escape import visible
from netpolc.io.write_new_files import new_folder


@click.command("new", epilog="Example: netpolc new policies/ --pre-commit --ci github")
@click.argument("folder", default=".", type=click.Path(), callback=options.output_path)
@click.option("--pre-commit", is_flag=True, help="Write hooks for pre-commit too.")
@click.option("--ci", type=click.Choice(PLATFORMS), help="Write a pipeline for this platform too.")
def command(*, folder: str, pre_commit: bool, ci: str | None) -> int:
    """Start a project with a first intent.

    FOLDER is the working folder by default. netpolc.toml and its schema are written too. A file that exists is never overwritten.
    """
    project = new_folder(working_folder(), folder)
    outcome = new_project(project, pre_commit=pre_commit, ci=ci)
    print_findings(outcome.diagnostics)
    if outcome.failed:
        print_summary(f"{tally(outcome.diagnostics)}; nothing was written")
        return 1
    for path in outcome.value.written:
        print_summary(f"wrote {path}")
    for path in outcome.value.kept:
        print_summary(f"kept {path}, which exists already")
    for path in outcome.value.left_out:
        print_summary(f"left out {path}, because there are intents already")
    inside = "" if folder == "." else f"in {visible(folder)}, "
    print_summary(f"next: {inside}edit intents/ and run `netpolc compile`")
    return 0
