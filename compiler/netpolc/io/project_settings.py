"""The settings of a folder's project: its netpolc.toml, or fleet.toml with its clusters.

Commands that need one setting, or the names of the outputs, read no sources.
"""

import os
from pathlib import Path

from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.io.config import (
    OUTPUT,
    SOURCES,
    Config,
    find_config,
    find_project,
    load_config,
)
from netpolc.io.disk import DISK, Disk


def configured_fail_on(here: Path) -> str:
    """Return the changes for which `netpolc diff` fails, by the netpolc.toml of a folder's project."""
    return project_settings(here)[0].fail_on or "any"


def configured_rule_pages(here: Path) -> str:
    """Return the address of the rules' pages, by the netpolc.toml of a folder's project."""
    return project_settings(here)[0].lint.pages


def output_names(here: Path) -> tuple[str, ...]:
    """Return the names of the outputs of a folder's project."""
    return tuple(project_settings(here)[0].outputs)


def output_folders(here: Path) -> dict[str, Path]:
    """Return the folders of the outputs of a folder's project, by their names.

    Those beside netpolc.toml are not among them: the folder that they are in has all of the project.
    """
    config, _ = project_settings(here)
    folders = {
        name: Path(os.path.abspath(config.folder / (output.output or OUTPUT)))  # noqa: PTH100 - `resolve` would follow links
        for name, output in config.outputs.items()
    }
    return {name: path for name, path in folders.items() if path.parent != config.folder}


def project_settings(here: Path, disk: Disk = DISK) -> tuple[Config, tuple[Diagnostic, ...]]:
    """Return the settings of a folder's project, and findings about its netpolc.toml."""
    path = find_config(here, disk)
    if path is None:
        return Config(folder=find_project(here, disk)), ()
    loaded = load_config(path, disk)
    return loaded.value, loaded.diagnostics


def fleet_settings(here: Path, disk: Disk = DISK) -> Outcome[Config]:
    """Return the settings of a folder's project with the clusters of fleet.toml as its outputs.

    Without fleet.toml the outputs of netpolc.toml are the clusters.
    """
    from netpolc.io.fleet_config import FLEET_FILE, fleet_config  # noqa: PLC0415 - few have fleets

    config, findings = project_settings(here, disk)
    file = config.folder / FLEET_FILE
    if not disk.exists(file):
        return Outcome(config, findings)
    read = disk.file(file, FLEET_FILE)
    if read.value is None:
        return Outcome(config, (*findings, *read.diagnostics))

    def folders(parent: str) -> list[str]:
        try:
            entries = disk.entries(str(config.folder / parent))
        except OSError:
            return []
        return [
            entry.name
            for entry in entries
            if disk.is_folder(Path(entry.path)) and not entry.name.startswith(".")
        ]

    clusters = fleet_config(config, read.value, folders)
    return Outcome(clusters.value, (*findings, *clusters.diagnostics))


def has_project(here: Path) -> bool:
    """Return whether there are sources that nobody needs to name."""
    return find_config(here) is not None or DISK.exists(find_project(here) / SOURCES)
