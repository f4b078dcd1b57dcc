"""Manifests that are not the project's sources: what `init` and `import` turn into intents."""

import os
from pathlib import Path

from netpolc.diagnostics import Outcome
from netpolc.io.checkout import checkout_around
from netpolc.io.config import find_config
from netpolc.io.gather_sources import gather
from netpolc.io.project import NAMESPACE, Request, read_stdin
from netpolc.io.project_settings import project_settings
from netpolc.io.sources import STDIN, display_name
from netpolc.source import SourceFile
from netpolc.values import frozen


@frozen(kw_only=True)
class GivenManifests:
    """Manifests to be read, and the namespace of objects whose metadata names none."""

    files: tuple[SourceFile, ...] = ()
    namespace: str = NAMESPACE
    folder: Path = Path()
    """The folder from which the paths of the files are."""


def open_manifests(request: Request) -> Outcome[GivenManifests]:
    """Read manifests that are not the project's sources; netpolc.toml may name the namespace.

    Args:
        request: what was asked for; its sources are the manifests.

    Returns:
        What was read, and a finding for each thing that could not be.
    """
    here = request.here
    config, findings = project_settings(here)
    arguments = [str(here / some) if some != "-" else some for some in request.sources]
    sources = gather((), config.folder, read_stdin, beside=arguments)
    namespace = request.namespace or config.namespace or NAMESPACE
    return Outcome(
        GivenManifests(files=sources.value.manifests, namespace=namespace, folder=config.folder),
        (*findings, *sources.diagnostics),
    )


def files_as_named_in(output: str, manifests: GivenManifests, here: Path) -> tuple[SourceFile, ...]:
    """Return the files of manifests with the names that texts in an output folder have for them.

    They are paths from the folder with netpolc.toml or the git checkout around the output folder,
    without one from the folder above it: wherever netpolc runs, and whatever is there already.
    """
    above = Path(os.path.abspath(here / output)).parent  # noqa: PTH100 - `resolve` would follow links
    config = find_config(above)
    base = config.parent if config else checkout_around(above) or above
    return tuple(
        file
        if file.path == STDIN
        else SourceFile(display_name(str(manifests.folder / file.path), base), file.text)
        for file in manifests.files
    )
