"""`netpolc init`: starting intents from the manifests of what runs."""

import click

from netpolc.cli import options
from netpolc.cli.request import new_request
from netpolc.cli.stderr import count, print_findings, print_summary
from netpolc.cli.stdout import print_output
from netpolc.commands.init import begin_project
from netpolc.diagnostics.render import tally
from netpolc.io.write_new_files import new_folder, write_new


@click.command("init", epilog="Example: helm template shop/ | netpolc init - -o intents/")
@options.manifests
@click.option(
    "-o",
    "--output",
    metavar="FOLDER",
    default="intents",
    show_default=True,
    type=click.Path(),
    callback=options.output_path,
    help="Folder to write to, or - for standard output.",
)
@click.option("--force", is_flag=True, help="Replace files that are there already.")
@options.platform
@options.manifest_namespace
def command(
    *,
    manifests: tuple[str, ...],
    output: str,
    force: bool,
    platform: bool,
    namespace: str | None,
) -> int:
    """Draft intents from Deployments, Services and other manifests.

    MANIFESTS are folders, files or - for standard input: workloads, Services, ConfigMaps, routes.
    Arrows that the manifests show are written with their evidence; guesses are comments.
    """
    request = new_request(sources=manifests, namespace=namespace)
    outcome = begin_project(request, output=output, platform=platform)
    print_findings(outcome.diagnostics)
    result = outcome.value
    if result is None:
        print_summary(tally(outcome.diagnostics))
        return 1
    made = f"{count(result.arrows, 'arrow')}, {count(result.guesses, 'guess', 'guesses')} left out"
    if result.questions:
        made += f", {count(result.questions, 'port')} without a known caller"
    if result.skipped:
        made += f"; left alone: {', '.join(result.skipped)} (--platform)"
    if output == "-":
        print_output("\n".join(f"# {path}\n{text}" for path, text in result.files.items()))
        print_summary(made)
        return 0
    written = write_new(new_folder(request.here, output), result.files, force=force)
    print_findings(written.diagnostics)
    if written.failed:
        print_summary(f"{tally(written.diagnostics)}; nothing was written")
        return 1
    print_summary(f"{made}; {count(written.value, 'file')} written")
    return 0
