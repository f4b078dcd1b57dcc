"""The folders of clusters that the settings no longer name.

A cluster that leaves fleet.toml leaves its manifests in `out/NAME`, and whatever applies that folder
would apply them for ever. They are removed as the manifests of a namespace that is gone are.
Only folders where clusters have their outputs by default are looked at, and of these the ones
whose marker names the cluster that the folder is called by.
"""

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from netpolc.diagnostics import Outcome
from netpolc.io.config import OUTPUT, Config
from netpolc.io.output_folder import OutputFolder
from netpolc.io.output_marker import MARKER, named_output, read_owner
from netpolc.io.output_plan import Plan, plan
from netpolc.io.output_writer import Written, write_planned
from netpolc.io.sources import path_name


def left_over_outputs(config: Config, named: Collection[str] = ()) -> Iterator[OutputFolder]:
    """The folders of outputs that are gone, by name.

    Args:
        config: the settings with all outputs that there are.
        named: the names of outputs that other settings have in the same folder.
    """
    parent = _absolute(config, config.output or OUTPUT)
    if not parent.is_relative_to(config.folder):
        return
    taken = {_absolute(config, output.output or OUTPUT) for output in config.outputs.values()}
    folders = []
    with suppress(OSError):
        folders = sorted(entry.name for entry in parent.iterdir() if not entry.is_symlink())
    for name in folders:
        path, owner = parent / name, named_output(name)
        if name in config.outputs or name in named or path in taken:
            continue
        if read_owner(path) == owner:
            yield OutputFolder(
                path=path,
                name=path_name(str(path), config.folder),
                project=config.folder,
                owner=owner,
            )


def _absolute(config: Config, path: str) -> Path:
    """The absolute path of a folder, through links as it is written."""
    return Path(os.path.abspath(config.folder / path))  # noqa: PTH100 - `resolve` would follow links


def remove_output(output: OutputFolder) -> Outcome[Written | None]:
    """Remove the manifests of an output that is gone, and its marker; None where that was refused."""

    def planned() -> Outcome[Plan]:
        outcome = plan(output, {})
        todo = outcome.value
        return Outcome(replace(todo, removals=(*todo.removals, MARKER)), outcome.diagnostics)

    written = write_planned(output, planned)
    with suppress(OSError):  # Files of others may be in it.
        output.path.rmdir()
    return written
