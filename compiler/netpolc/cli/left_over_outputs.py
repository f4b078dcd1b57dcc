"""Outputs and clusters that are gone: their manifests removed, or shown by `--check`."""

from netpolc.cli.stderr import count, print_findings, print_summary
from netpolc.cli.stdout import print_text
from netpolc.diagnostics.render.escape import visible
from netpolc.io.left_over_outputs import removal, remove_output
from netpolc.io.output_folder import OutputFolder


def remove_left_over(output: OutputFolder, why: str) -> bool:
    """Remove the manifests of an output that is gone, say why, and return whether that was possible."""
    removed = remove_output(output)
    print_findings(removed.diagnostics)
    if removed.value is None:
        return False
    number = len(removed.value.removed) - 1  # The marker is not a manifest.
    print_summary(f"{visible(output.name)}: {count(number, 'manifest')} removed, {why}")
    return True


def show_left_over(output: OutputFolder, why: str, *, files: bool) -> None:
    """Say that an output is gone whose manifests are still there, and show these if they are wanted."""
    if files:
        _show_files(output)
    print_summary(f"{visible(output.name)} is left over, {why}: run it without --check")


def _show_files(output: OutputFolder) -> None:
    from netpolc.cli.text_diff import coloured_diff  # noqa: PLC0415 - only where files differ
    from netpolc.commands.output_diff import difference_text, differences  # noqa: PLC0415

    planned = removal(output)
    print_findings(planned.diagnostics)
    for path, difference in () if planned.failed else differences(planned.value):
        print_text(coloured_diff(difference_text(planned.value, path, difference, output.name)))
