"""The input of a command: its arguments and netpolc.toml taken together.

The command line says what is wanted now, netpolc.toml what the team always wants, and
the defaults the rest. Relative paths are relative to their own source:
arguments to the working folder, the file's values and the defaults to its folder.
"""

import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.spelling import nearest
from netpolc.io.config import (
    FILE_NAME,
    OUTPUT,
    SOURCES,
    Config,
    find_config,
)
from netpolc.io.disk import DISK, Disk
from netpolc.io.gather_sources import gather
from netpolc.io.output_folder import OutputFolder
from netpolc.io.output_marker import DEFAULT, named_output, named_sources
from netpolc.io.project_settings import project_settings
from netpolc.io.sources import Sources, display_name, path_name
from netpolc.lints.lint_settings import LintSettings
from netpolc.manifest.output_layout import Layout
from netpolc.manifest.rollout_stages import Stage
from netpolc.source import SourceFile
from netpolc.values import frozen

UNKNOWN_OUTPUT = Rule(code="NP748", name="unknown-output", severity=Severity.ERROR)
SEVERAL_OUTPUTS = Rule(code="NP749", name="several-outputs", severity=Severity.ERROR)

NAMESPACE = "default"


@frozen(kw_only=True)
class Request:
    """The arguments of a command; None or empty if netpolc.toml decides.

    `here` is the working folder, absolute, and `today` the day by which arrows expire. `beside` are
    manifests to be counted with the sources, as `--with` gives them. `environment` is the name of the
    output of netpolc.toml that is meant; `as_side` says that it is a side of a comparison, of which
    the other may describe other outputs. `fleet` are the settings with the clusters as outputs, where a command is about clusters.
    """

    here: Path
    today: date
    sources: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    output: str | None = None
    layout: Layout | None = None
    kustomization: bool | None = None
    stage: Stage | None = None
    strict: bool | None = None
    namespace: str | None = None
    checking: bool = False
    closed_world: bool = False
    assume_no_other_policies: bool = False
    ignore: frozenset[str] = frozenset()
    select: frozenset[str] = frozenset()
    environment: str | None = None
    as_side: bool = False
    fleet: Config | None = None


@frozen(kw_only=True)
class Options:
    """The options of a compile.

    `namespace` is that of statements before any header, `labels` and `annotations` are
    put on every manifest, `today` decides which arrows have expired. `strict` makes
    warnings errors; `checking` is `netpolc check`, which looks at assertions and for
    which an expired arrow is an error. `closed_world` takes what nobody states for absent, so that
    no answer depends on it; `assume_no_other_policies` does so for policies of kinds that are not read. `stage` leaves only one half of the policies; `stages` has
    the annotations of either. `tiers` is the version of the tier API to write, empty where none
    is. `lint` are the levels of warnings and notes. `shares_sources` says that other outputs may
    need what this one does not. `replaced` are namespaces that another side of a comparison writes
    policies for: what netpolc made for them is an earlier output here too.
    """

    today: date
    namespace: str = NAMESPACE
    layout: Layout = Layout.POLICY
    kustomization: bool = False
    stage: Stage | None = None
    strict: bool = False
    checking: bool = False
    closed_world: bool = False
    assume_no_other_policies: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[Stage, Mapping[str, str]] = field(default_factory=dict)
    tiers: str = ""
    lint: LintSettings = field(default_factory=LintSettings)
    shares_sources: bool = False
    replaced: frozenset[str] = frozenset()


@frozen(kw_only=True)
class Project:
    """The sources, options and output of a command; `output` is first read when it is written."""

    sources: Sources
    options: Options
    output: OutputFolder


def open_project(
    request: Request,
    *,
    only_beside: bool = False,
    with_configured: bool = True,
    disk: Disk = DISK,
) -> Outcome[Project]:
    """Find netpolc.toml, settle what is wanted, and read the sources.

    Args:
        request: what was asked for.
        only_beside: read nothing but what the request has `beside` the sources.
        with_configured: whether the manifests that netpolc.toml counts are counted.
        disk: where the files are.

    Returns:
        The project, and findings about netpolc.toml and about what could not be read.
    """
    here = request.here
    whole, findings = (request.fleet, ()) if request.fleet else project_settings(here, disk)
    chosen = in_output(whole, request, only_beside=only_beside)
    config, findings = chosen.value, (*findings, *chosen.diagnostics)
    root = config.folder
    arguments = [str(here / some) if some != "-" else some for some in request.sources]
    if not arguments and not only_beside:
        arguments = [str(root / some) for some in config.sources or (SOURCES,)]
    beside = [str(here / some) if some != "-" else some for some in request.beside]
    if not only_beside and with_configured:
        beside += [str(root / some) for some in config.beside]
    # What a broken netpolc.toml would have said is not known; guesses would only confuse.
    sources = (
        Outcome(Sources())
        if has_errors(findings)
        else gather(arguments, root, read_stdin, beside=beside, disk=disk)
    )
    return Outcome(
        Project(
            sources=sources.value,
            options=settled(request, config),
            output=_output(request, config, whole.outputs.keys()),
        ),
        (*findings, *sources.diagnostics),
    )


def in_output(config: Config, request: Request, *, only_beside: bool = False) -> Outcome[Config]:
    """Return the settings of the output that a request means, and a finding if that is not clear.

    Sources on the command line belong to no output; they have the settings that all outputs share.
    Of a side of a comparison (`as_side`), a project without outputs is what another side's output
    is compared with.
    """
    outputs = config.outputs
    if request.as_side and not outputs:
        return Outcome(config)
    if request.environment is not None:
        if request.environment in outputs:
            return Outcome(outputs[request.environment])
        return Outcome(config, (unknown_output(request, outputs),))
    if not outputs or request.sources or only_beside:
        return Outcome(config)
    if len(outputs) > 1:
        return Outcome(config, (several_outputs(outputs),))
    (only,) = outputs.values()
    return Outcome(only)


def requests_of_outputs(request: Request, disk: Disk = DISK) -> tuple[Request, ...]:
    """Return a request for each output, for commands that do all of them unless one is chosen."""
    if request.environment is not None or request.sources or "-" in request.beside:
        return (request,)  # Standard input can be read only once.
    config, findings = project_settings(request.here, disk)
    if has_errors(findings) or len(config.outputs) <= 1:
        return (request,)
    return tuple(replace(request, environment=name) for name in config.outputs)


def with_sources_of_all_outputs(request: Request) -> Request:
    """Return a request for the sources of all outputs, for a command that needs no whole program."""
    if len(requests_of_outputs(request)) == 1:
        return request
    config, _ = project_settings(request.here)
    paths = [path for output in config.outputs.values() for path in output.sources or (SOURCES,)]
    return replace(request, sources=tuple(dict.fromkeys(str(config.folder / p) for p in paths)))


def unknown_output(request: Request, outputs: Collection[str]) -> Diagnostic:
    """Return the finding that the output which a request names is not among those of its project."""
    name = request.environment or ""
    near = nearest(name, outputs)
    known = f"the outputs are {', '.join(outputs)}"
    none = f"{FILE_NAME} describes an output by a table, such as `[outputs.prod]`"
    file = FILE_NAME if request.fleet is None else request.fleet.outputs_file
    message, place = f"{file} has no output `{visible(name)}`", file
    if not outputs and find_config(request.here) is None:
        message, place = f"there is no {FILE_NAME}, and so no output `{visible(name)}`", "."
    return Diagnostic(
        rule=UNKNOWN_OUTPUT,
        message=message,
        label=Label(SourceFile(place, "").whole()),
        help=f"did you mean `{near}`?" if near else known if outputs else none,
    )


def several_outputs(outputs: Collection[str]) -> Diagnostic:
    """Return the finding that one of several outputs must be chosen."""
    return Diagnostic(
        rule=SEVERAL_OUTPUTS,
        message=f"{FILE_NAME} has {len(outputs)} outputs, and this works on only one of them",
        label=Label(SourceFile(FILE_NAME, "").whole()),
        help=f"choose with `-e`: {', '.join(outputs)}",
    )


def settled(request: Request, config: Config) -> Options:
    """The options of a compile: from the arguments, else from netpolc.toml, else the defaults."""
    return Options(
        today=request.today,
        namespace=request.namespace or config.namespace or NAMESPACE,
        layout=request.layout or config.layout or Layout.POLICY,
        kustomization=_chosen(request.kustomization, config.kustomization),
        stage=request.stage or config.stage,
        strict=_chosen(request.strict, config.strict),
        checking=request.checking,
        closed_world=request.closed_world,
        assume_no_other_policies=request.assume_no_other_policies,
        labels=config.labels,
        annotations=config.annotations,
        stages=config.stages,
        tiers=config.tiers or "",
        lint=replace(
            config.lint,
            ignore=config.lint.ignore | request.ignore,
            select=request.select or config.lint.select,
        ),
        shares_sources=config.shares_sources,
    )


def today_of(environment: Mapping[str, str]) -> date:
    """Today, the same everywhere (UTC); the day of SOURCE_DATE_EPOCH where that is set.

    Raises ValueError where that is not a number of seconds
    (https://reproducible-builds.org/specs/source-date-epoch/).
    """
    seconds = environment.get("SOURCE_DATE_EPOCH")
    if not seconds:
        return datetime.now(UTC).date()
    try:
        return datetime.fromtimestamp(int(seconds), UTC).date()
    except (ValueError, OverflowError, OSError):
        message = f"SOURCE_DATE_EPOCH is not a number of seconds since 1970: {seconds!r}"
        raise ValueError(message) from None


def _chosen(asked: bool | None, configured: bool | None) -> bool:  # noqa: FBT001
    return bool(configured if asked is None else asked)


def _output(request: Request, config: Config, outputs: Collection[str]) -> OutputFolder:
    own = config.folder / (config.output or OUTPUT)
    path = request.here / request.output if request.output else own
    # `..` is taken out of the text: the way to the folder is then what is looked at for links.
    absolute, usual = os.path.abspath(path), os.path.abspath(own)  # noqa: PTH100 - `resolve` would follow links
    sources = _named(request.sources, request.here, config.folder)
    usual_sources = _named(config.sources or (SOURCES,), config.folder, config.folder)
    if sources == usual_sources and not outputs:
        sources = ()
    is_usual = absolute == usual and not sources and bool(config.name) == bool(outputs)
    if outputs and not sources:
        sources = usual_sources
    is_beside_intents = (request.layout or config.layout) is Layout.SOURCE
    return OutputFolder(
        path=Path(absolute),
        name=path_name(absolute, config.folder),
        project=config.folder,
        owner=named_output(config.name or DEFAULT) if is_usual else named_sources(sources),
        known=(outputs or (DEFAULT,)) if is_usual else (),
        is_source=not is_beside_intents and absolute in _source_paths(request, config),
    )


def _source_paths(request: Request, config: Config) -> set[str]:
    """Return the absolute paths of the sources."""
    folder, sources = request.here, request.sources
    if not sources:
        folder, sources = config.folder, config.sources or (SOURCES,)
    return {os.path.abspath(folder / source) for source in sources if source != "-"}  # noqa: PTH100 - as above


def _named(sources: tuple[str, ...], folder: Path, project: Path) -> tuple[str, ...]:
    """Return sources by their paths from the project's folder."""
    return tuple(
        source if source == "-" else display_name(str(folder / source), project)
        for source in sources
    )


def read_stdin() -> bytes:
    """Return the bytes of standard input; none if it is closed."""
    return sys.stdin.buffer.read() if sys.stdin is not None else b""
