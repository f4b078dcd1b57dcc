"""The settings of a project, in netpolc.toml.

The file is in the working folder or above it, at most at the root of the git
checkout. A slip in it must not be ignored: a misspelt `strict` that is ignored is a
gate that is open. The command line overrides what it says.

    sources = ["intents", "env/prod.intent"]
    output = "deploy/policies"
    layout = "namespace"
    kustomization = true
    strict = true
    namespace = "shop"

    [labels]
    team = "platform"

    [annotations]
    "example.com/contact" = "platform@example.com"

    [stages.deny.annotations]
    "argocd.argoproj.io/sync-wave" = "1"

    [tiers]
    api = "v1alpha2"

    [lint]
    ignore = ["NP630"]

    [lint.levels]
    half-open-arrow = "error"

    [lint.paths]
    "intents/legacy" = ["NP604"]

    [outputs.prod]
    sources = ["intents", "env/prod.intent"]
    with = ["k8s/prod"]

An output is one environment: it has the settings of the file, unless its table says otherwise.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property, lru_cache
from pathlib import Path, PurePath
from typing import Any
from unicodedata import normalize

from netpolc.diagnostics import Diagnostic, Fix, Label, Outcome, Rule, Severity
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.spelling import nearest
from netpolc.io.checkout import checkout_around, is_checkout
from netpolc.io.config_values import CHECKS, OUTPUT_CHECKS, Problem, output_name_problem
from netpolc.io.disk import DISK, Disk
from netpolc.io.output_ownership import OVERLAPPING_OUTPUTS
from netpolc.io.toml_places import TomlPlaces
from netpolc.lints.lint_settings import LintSettings
from netpolc.manifest.output_layout import Layout
from netpolc.manifest.rollout_stages import Stage
from netpolc.source import SourceFile, Span
from netpolc.values import frozen

CONFIG_SYNTAX = Rule(code="NP720", name="config-syntax", severity=Severity.ERROR)
UNKNOWN_CONFIG_KEY = Rule(code="NP721", name="unknown-config-key", severity=Severity.ERROR)
CONFIG_VALUE = Rule(code="NP722", name="config-value", severity=Severity.ERROR)

FILE_NAME = "netpolc.toml"
SOURCES, OUTPUT, OUTPUTS = "intents", "out", "outputs"
_FIELDS = {"with": "beside", "fail-on": "fail_on"}
"""The fields of keys whose names Python keeps for itself."""


@frozen(kw_only=True)
class Config:
    """The settings of netpolc.toml; None if they are not set. `folder` is where the file is.

    `beside` are manifests to be counted with the sources. `outputs` has the settings of each
    output, those that it shares with the others included; `name` is the name of such an output, and
    `shares_sources` says whether there are others, which may read the same files. `cluster` are the
    labels that fleet.toml gives a cluster, whose manifests the output has. `outputs_file` is the name of
    the file that describes the outputs.
    """

    folder: Path
    sources: tuple[str, ...] | None = None
    beside: tuple[str, ...] = ()
    output: str | None = None
    layout: Layout | None = None
    stage: Stage | None = None
    kustomization: bool | None = None
    strict: bool | None = None
    fail_on: str | None = None
    namespace: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[Stage, Mapping[str, str]] = field(default_factory=dict)
    tiers: str | None = None
    lint: LintSettings = field(default_factory=LintSettings)
    outputs: Mapping[str, "Config"] = field(default_factory=dict)
    outputs_file: str = FILE_NAME
    name: str = ""
    shares_sources: bool = False
    cluster: Mapping[str, str] = field(default_factory=dict)


def find_config(start: Path, disk: Disk = DISK) -> Path | None:
    """The netpolc.toml of a folder or of the nearest one above it, within the git checkout."""
    for folder in (start, *start.parents):
        file = folder / FILE_NAME
        if disk.exists(file):
            return file
        if is_checkout(folder):
            return None
    return None


def find_project(start: Path, disk: Disk = DISK) -> Path:
    """Return the project's folder: that of netpolc.toml, else the nearest with `intents/` above.

    Only within the git checkout is one looked for above; without any it is the folder itself.
    """
    file = find_config(start, disk)
    if file is not None:
        return file.parent
    for folder in (start, *start.parents):
        if disk.is_folder(folder / SOURCES):
            return folder if folder == start or _is_in_checkout(start) else start
        if is_checkout(folder):
            break
    return start


def _is_in_checkout(folder: Path) -> bool:
    return checkout_around(folder) is not None


def folder_in_repository(folder: Path) -> str:
    """The path of a folder from the root of its git checkout, with forward slashes.

    Empty where it is the root, or in no checkout. Platforms want paths from there.
    """
    root = checkout_around(folder)
    return "" if root in {None, folder} else folder.relative_to(root).as_posix()


def project_in_repository(here: Path) -> str:
    """Return the path of a folder's project from the root of its git checkout."""
    return folder_in_repository(find_project(here))


def working_folder_in_project(here: Path) -> str:
    """Return the path of a folder from its project's folder; empty if it is the same."""
    project = find_project(here)
    return "" if project == here else here.relative_to(project).as_posix()


def repository_root(here: Path) -> Path:
    """Return the root of the git checkout around a folder; without one, the project's folder."""
    return checkout_around(here) or find_project(here)


def load_config(path: Path, disk: Disk = DISK) -> Outcome[Config]:
    """Read a netpolc.toml; what is wrong in it is a finding at its place, the rest is used."""
    read = disk.file(path, FILE_NAME)
    if read.value is None:
        return Outcome(Config(folder=path.parent), read.diagnostics)
    return parse_config(read.value, path.parent)


def parse_config(file: SourceFile, folder: Path) -> Outcome[Config]:
    """The settings in the text of a folder's netpolc.toml; each of its outputs asks for them again."""
    return _parsed(file.path, file.text, folder)


@lru_cache(maxsize=2)
def _parsed(path: str, text: str, folder: Path) -> Outcome[Config]:
    """The settings in a text, worked out once while it is the same; two, because sides of a diff have two."""
    import tomllib  # noqa: PLC0415 - few runs have a netpolc.toml

    file = SourceFile(path, text)
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Outcome(Config(folder=folder), (not_toml(file, str(error)),))
    reader = TableReader(file)
    tables = table.pop(OUTPUTS, None)
    config = Config(folder=folder, **reader.values(table, CHECKS))
    if tables is not None:
        config = replace(config, outputs=reader.outputs(tables, config))
    return Outcome(config, tuple(reader.findings))


class TableReader:
    """Checks values, and keeps what it finds wrong with them."""

    def __init__(self, file: SourceFile) -> None:
        """Read tables of a file."""
        self.findings: list[Diagnostic] = []
        self._file = file

    def values(
        self,
        table: Mapping[str, object],
        checks: Mapping[str, Callable[[object], object]],
        *above: str | int,
    ) -> dict[str, Any]:
        """Return the usable values of a table, by the fields of `Config`.

        `above` are the names of the tables around it, or the name of a list of tables and a number.
        """
        values = {}
        for key, value in table.items():
            if key not in checks:
                keys = [*checks] if above else [*checks, OUTPUTS]
                self.findings.append(
                    _unknown(key, self.span(*above, key), keys, _table_name(above))
                )
                continue
            checked = checks[key](value)
            if isinstance(checked, Problem):
                self.bad_value(checked.text, *above, key, *checked.keys)
            else:
                values[_FIELDS.get(key, key)] = checked
        return values

    def outputs(self, value: object, shared: Config) -> dict[str, Config]:
        """Return the settings of each output, with the settings that all outputs share."""
        tables = value if isinstance(value, dict) else {}
        if not tables or not all(isinstance(table, dict) for table in tables.values()):
            self.bad_value(f"`{OUTPUTS}` has a table for each output: `[outputs.prod]`", OUTPUTS)
            return {}
        configs: dict[str, Config] = {}
        for name, table in tables.items():
            if problem := output_name_problem(name):
                self.bad_value(f"`{visible(name)}` {problem}", OUTPUTS)
                continue
            own = self.values(table, OUTPUT_CHECKS, OUTPUTS, name)
            configs[name] = replace(_output(name, own, shared), shares_sources=len(tables) > 1)
        for name, problem in overlaps(configs):
            span = self.span(OUTPUTS, name, "output")
            instead = "give each output a folder of its own"
            self.findings.append(
                Diagnostic(
                    rule=OVERLAPPING_OUTPUTS, message=problem, label=Label(span), help=instead
                )
            )
        return configs

    def bad_value(self, text: str, *keys: str | int) -> None:
        """Keep the finding that the value of a key cannot be used."""
        label = Label(self.span(*keys))
        self.findings.append(Diagnostic(rule=CONFIG_VALUE, message=text, label=label))

    def span(self, *keys: str | int) -> Span:
        """Return the place of a key in tables; a number after the name of a list says which of its tables is meant."""
        return self._places_of_keys.of(*map(str, keys))

    @cached_property
    def _places_of_keys(self) -> TomlPlaces:
        return TomlPlaces(self._file)


def _output(name: str, own: Mapping[str, Any], shared: Config) -> Config:
    """Return the settings of an output: its own, and else those of the file."""
    texts = {key: {**getattr(shared, key), **own.get(key, {})} for key in ("labels", "annotations")}
    folder = own.get("output", f"{shared.output or OUTPUT}/{name}")
    return replace(shared, **{**own, **texts, "output": folder, "name": name})


def overlaps(outputs: Mapping[str, Config]) -> Iterator[tuple[str, str]]:
    """Return the names of outputs whose folder is that of another one or inside it, and why."""
    owners: dict[PurePath, str] = {}
    paths = {name: _comparable(config) for name, config in outputs.items()}
    for name, path in paths.items():
        other = owners.setdefault(path, name)
        if other != name:
            yield name, f"the outputs `{other}` and `{name}` write to the same folder"
    for name, path in paths.items():
        outer = next((owners[parent] for parent in path.parents if parent in owners), None)
        if outer is not None:
            yield name, f"the folder of the output `{name}` is inside that of `{outer}`"


def _comparable(output: Config) -> PurePath:
    """Return the path of an output's folder in a form that is the same on every file system."""
    path = os.path.normpath(output.folder / (output.output or OUTPUT))
    return PurePath(normalize("NFC", path).casefold())


def _table_name(keys: Sequence[str | int]) -> str:
    """Return a table as TOML writes it: `[outputs.prod]`, or `[[folders]]` for one of a list."""
    names = [key for key in keys if isinstance(key, str)]
    if not names:
        return ""
    return f"[{'.'.join(names)}]" if len(names) == len(keys) else f"[[{names[0]}]]"


def _unknown(key: str, span: Span, keys: Sequence[str], table: str) -> Diagnostic:
    near = nearest(key, keys)
    return Diagnostic(
        rule=UNKNOWN_CONFIG_KEY,
        message=f"`{key}` is not a key of {f'`{table}`' if table else FILE_NAME}",
        label=Label(span),
        help=f"did you mean `{near}`?" if near else f"the keys are {', '.join(keys)}",
        fixes=(Fix(span=span, replacement=near),) if near and span.text == key else (),
    )


def not_toml(file: SourceFile, problem: str) -> Diagnostic:
    """The finding for tomllib's message, which ends in the place: `(at line 3, column 7)`."""
    text, _, place = problem.partition(" (at ")
    numbers = re.match(r"line (\d+), column (\d+)", place)
    offset = len(file.text.rstrip())
    if numbers:
        offset = file.line_starts()[int(numbers[1]) - 1] + int(numbers[2]) - 1
    return Diagnostic(
        rule=CONFIG_SYNTAX,
        message=f"{file.path} is not TOML",
        label=Label(file.span(offset, offset + 1), text[:1].lower() + text[1:]),
        help="write `key = value`, texts in quotes, lists in brackets",
    )
