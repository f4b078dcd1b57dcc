"""The folders of outputs and clusters that the settings no longer name.

An output that leaves netpolc.toml, or a cluster that leaves fleet.toml, leaves its manifests in
`out/NAME`, and whatever applies that folder would apply them for ever. They are removed as the
manifests of a namespace that is gone are; so are those of a project in `out` that has got outputs.
Only folders where outputs are by default are looked at, and of these the ones whose marker names
the output that the folder is called by.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from netpolc.diagnostics import Outcome
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.io.config import FILE_NAME, OUTPUT, Config, repository_root
from netpolc.io.output_folder import OutputFolder
from netpolc.io.output_marker import DEFAULT, MARKER, named_output, read_owner
from netpolc.io.output_plan import Plan, plan
from netpolc.io.output_writer import Written, write_planned
from netpolc.io.project_settings import fleet_settings, project_settings
from netpolc.io.read_file import read_bytes
from netpolc.io.sources import path_name
from netpolc.values import frozen


@frozen
class _Described:
    """The names and folders of a project's outputs and clusters, and the folder of the project."""

    project: Path
    parent: Path
    """The folder that outputs are in by default."""
    names: frozenset[str]
    folders: frozenset[Path]


def left_over_outputs(here: Path) -> tuple[OutputFolder, ...]:
    """Return the folders of a project's outputs and clusters that are gone, by name.

    There are none while netpolc.toml or fleet.toml has an error, because then it is not known which
    outputs there are. A folder that another project of the checkout writes to is left to it.
    """
    described = _described(here)
    candidates = () if described is None else tuple(_left_over(described))
    if not candidates:
        return ()
    others = [_described(folder) for folder in _projects(repository_root(here))]
    if None in others:
        return ()
    taken = {path for other in others if other is not None for path in other.folders}
    return tuple(output for output in candidates if output.path not in taken)


def _described(here: Path) -> _Described | None:
    """Return the outputs of a folder's project, None where netpolc.toml or fleet.toml has an error."""
    config, findings = project_settings(here)
    fleet = fleet_settings(here)
    if has_errors((*findings, *fleet.diagnostics)):
        return None
    own = config.outputs or {DEFAULT: config}
    outputs = (*fleet.value.outputs.values(), *own.values())
    return _Described(
        project=config.folder,
        parent=_absolute(config, config),
        names=frozenset((*fleet.value.outputs, *own)),
        folders=frozenset(_absolute(config, output) for output in outputs),
    )


def _left_over(described: _Described) -> Iterator[OutputFolder]:
    """Return the folders that are marked as outputs of the names that they have, which are gone."""
    parent = described.parent
    if not parent.is_relative_to(described.project):
        return
    names = []
    with suppress(OSError):
        names = sorted(folder.name for folder in parent.iterdir() if not folder.is_symlink())
    for name, path in ((DEFAULT, parent), *((name, parent / name) for name in names)):
        is_described = name in described.names or path in described.folders
        if not is_described and read_owner(path) == named_output(name):
            yield OutputFolder(
                path=path,
                name=path_name(str(path), described.project),
                project=described.project,
                owner=named_output(name),
            )


def _projects(root: Path) -> Iterator[Path]:
    """Return the folders below one that have a netpolc.toml; hidden ones are passed over."""
    for folder, inside, files in os.walk(root):
        inside[:] = [name for name in inside if not name.startswith(".")]
        if FILE_NAME in files:
            yield Path(folder)


def _absolute(config: Config, output: Config) -> Path:
    """Return the absolute path of an output's folder, through links as it is written."""
    path = config.folder / (output.output or OUTPUT)
    return Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links


def removal(output: OutputFolder) -> Outcome[Plan]:
    """Return the plan to remove the manifests of an output that is gone, and its marker."""
    outcome = plan(output, {})
    if outcome.failed:
        return outcome
    todo = outcome.value
    present = {**todo.present, MARKER: read_bytes(str(output.path / MARKER))}
    return Outcome(replace(todo, removals=(*todo.removals, MARKER), present=present))


def remove_output(output: OutputFolder) -> Outcome[Written | None]:
    """Remove the manifests of an output that is gone, and its marker; None where that was refused."""
    written = write_planned(output, partial(removal, output))
    with suppress(OSError):  # Files of others may be in it.
        output.path.rmdir()
    return written
