"""Which manifests below an output folder belong to it, and which to another output.

A compile changes and removes only its own. Two outputs that would share files are refused, with
what to do.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from netpolc.diagnostics import Diagnostic, Rule, Severity
from netpolc.diagnostics.render.escape import visible
from netpolc.io.output_folder import OutputFolder, refusal
from netpolc.io.output_marker import MARKER, marked_above, marker_text, named_output, read_owner

OVERLAPPING_OUTPUTS = Rule(code="NP746", name="overlapping-outputs", severity=Severity.ERROR)
OTHER_SOURCES = Rule(code="NP747", name="output-of-other-sources", severity=Severity.ERROR)


def marker_to_write(output: OutputFolder) -> str | None:
    """Return the text of the marker, if it is missing or names an output that is gone."""
    owner = read_owner(output.path)
    if not output.owner or owner == output.owner:
        return None
    if owner is not None and not _is_heir(output, owner):
        return None
    return marker_text(output.owner)


def in_other_output(folder: str, name: str, outputs: set[str]) -> Iterator[Diagnostic]:
    """Return the finding that a folder to write to is, or is in, another output."""
    for above in (folder, *map(str, PurePosixPath(folder).parents)):
        if above in outputs:
            outputs.discard(above)  # Once is enough.
            message = f"`{name}/{above}` is another output, and manifests of this one belong there"
            instead = "give one of the two another folder"
            yield refusal(OVERLAPPING_OUTPUTS, message, name, above, instead=instead)


def not_owned(
    output: OutputFolder, files: Sequence[str], removals: Sequence[str], writes: Mapping[str, str]
) -> Iterator[Diagnostic]:
    """Return why this output may not touch the files in its folder that netpolc made.

    Args:
        output: the folder.
        files: all files in the folder that netpolc made, other outputs aside.
        removals: files that this output would remove.
        writes: files that this output would write.
    """
    name, owner = output.name, read_owner(output.path)
    if owner is None:
        above = marked_above(output.path)
        if above is not None and files:
            shown = visible(os.path.relpath(above, output.project).replace(os.sep, "/"))
            message = f"`{name}` holds manifests of the output `{shown}`"
            instead = "give one of the two another folder"
            yield refusal(OVERLAPPING_OUTPUTS, message, name, files[0], instead=instead)
    elif owner != output.owner and (removals or writes) and not _is_heir(output, owner):
        message = (
            f"`{name}` was made from other sources ({visible(owner)}; now {visible(output.owner)})"
        )
        instead = (
            f"write to another folder with `--output`; if `{name}` is to be made from these from"
            f" now on, remove `{name}/{MARKER}`"
        )
        yield refusal(OTHER_SOURCES, message, name, instead=instead)


def _is_heir(output: OutputFolder, owner: str) -> bool:
    """Return whether a named output may take a folder over: that of a name that is gone."""
    is_named = owner.startswith(named_output(""))
    return (
        is_named and bool(output.known) and owner.removeprefix(named_output("")) not in output.known
    )
