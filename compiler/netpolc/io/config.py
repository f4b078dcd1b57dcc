"""What a team always wants said, in netpolc.toml.

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

    [lint]
    ignore = ["NP630"]

    [lint.levels]
    half-open-arrow = "error"

    [lint.paths]
    "intents/legacy" = ["NP604"]
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from netpolc.diagnostics import Diagnostic, Fix, Label, Outcome, Rule, Severity
from netpolc.diagnostics.render.escape import visible_char
from netpolc.diagnostics.rule_word_problem import rule_word_problem
from netpolc.diagnostics.spelling import nearest
from netpolc.io.disk import DISK, Disk
from netpolc.kube.name_rules import label_key_problem, label_value_problem, namespace_problem
from netpolc.lints.lint_settings import LintSettings
from netpolc.manifest.output_layout import Layout
from netpolc.manifest.rollout_stages import Stage
from netpolc.source import SourceFile, Span
from netpolc.values import frozen

CONFIG_SYNTAX = Rule(code="NP720", name="config-syntax", severity=Severity.ERROR)
UNKNOWN_CONFIG_KEY = Rule(code="NP721", name="unknown-config-key", severity=Severity.ERROR)
CONFIG_VALUE = Rule(code="NP722", name="config-value", severity=Severity.ERROR)

FILE_NAME = "netpolc.toml"
SOURCES = "intents"
_RESERVED = r"netpolc/.*|app\.kubernetes\.io/managed-by"


@frozen(kw_only=True)
class Config:
    """What netpolc.toml says; None where it says nothing. `folder` is where it is."""

    folder: Path
    sources: tuple[str, ...] | None = None
    output: str | None = None
    layout: Layout | None = None
    kustomization: bool | None = None
    strict: bool | None = None
    namespace: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[Stage, Mapping[str, str]] = field(default_factory=dict)
    lint: LintSettings = field(default_factory=LintSettings)


def find_config(start: Path, disk: Disk = DISK) -> Path | None:
    """The netpolc.toml of a folder or of the nearest one above it, within the git checkout."""
    for folder in (start, *start.parents):
        file = folder / FILE_NAME
        if disk.exists(file):
            return file
        if (folder / ".git").exists():
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
        if (folder / ".git").exists():
            break
    return start


def _is_in_checkout(folder: Path) -> bool:
    return any((one / ".git").exists() for one in (folder, *folder.parents))


def folder_in_repository(folder: Path) -> str:
    """The path of a folder from the root of its git checkout, with forward slashes.

    Empty where it is the root, or in no checkout. Platforms want paths from there.
    """
    for root in (folder, *folder.parents):
        if (root / ".git").exists():
            return "" if root == folder else folder.relative_to(root).as_posix()
    return ""


def project_in_repository(here: Path) -> str:
    """Return the path of a folder's project from the root of its git checkout."""
    return folder_in_repository(find_project(here))


def working_folder_in_project(here: Path) -> str:
    """Return the path of a folder from its project's folder; empty if it is the same."""
    project = find_project(here)
    return "" if project == here else here.relative_to(project).as_posix()


def repository_root(here: Path) -> Path:
    """Return the root of the git checkout around a folder; without one, the project's folder."""
    for folder in (here, *here.parents):
        if (folder / ".git").exists():
            return folder
    return find_project(here)


def load_config(path: Path, disk: Disk = DISK) -> Outcome[Config]:
    """Read a netpolc.toml; what is wrong in it is a finding at its place, the rest is used."""
    read = disk.file(path, FILE_NAME)
    if read.value is None:
        return Outcome(Config(folder=path.parent), read.diagnostics)
    return parse_config(read.value, path.parent)


def parse_config(file: SourceFile, folder: Path) -> Outcome[Config]:
    """The settings in the text of a folder's netpolc.toml."""
    import tomllib  # noqa: PLC0415 - few runs have a netpolc.toml

    try:
        table = tomllib.loads(file.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Outcome(Config(folder=folder), (_syntax(file, str(error)),))
    reader = _Reader(file)
    values = {key: reader.value(key, value) for key, value in table.items()}
    known = {key: value for key, value in values.items() if value is not None}
    return Outcome(Config(folder=folder, **known), tuple(reader.found))


class _Reader:
    """Checks values, and keeps what it finds wrong with them."""

    def __init__(self, file: SourceFile) -> None:
        self.found: list[Diagnostic] = []
        self._file = file

    def value(self, key: str, value: object) -> Any:
        """The value of a key in the form that `Config` has, None where it cannot be used."""
        check = _CHECKS.get(key)
        span = _key_span(self._file, key)
        if check is None:
            self.found.append(_unknown(key, span))
            return None
        checked = check(value)
        if not isinstance(checked, _Problem):
            return checked
        if checked.key:
            span = _key_span(self._file, checked.key, table=key)
        self.found.append(Diagnostic(rule=CONFIG_VALUE, message=checked.text, label=Label(span)))
        return None


@frozen
class _Problem:
    """Why a value cannot be used, and in which key of its table where it is one."""

    text: str
    key: str = ""


def _paths(value: object) -> tuple[str, ...] | _Problem:
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) and text for text in texts):
        return _Problem("`sources` is a path or a list of paths")
    return tuple(texts)


def _path(value: object) -> str | _Problem:
    if not isinstance(value, str) or not value:
        return _Problem("`output` is a path")
    return value


def _layout(value: object) -> Layout | _Problem:
    try:
        return Layout(value)
    except ValueError:
        names = ", ".join(f"`{layout.value}`" for layout in Layout)
        return _Problem(f"`layout` is one of {names}")


def _switch(key: str) -> Callable[[object], bool | _Problem]:
    def check(value: object) -> bool | _Problem:
        if not isinstance(value, bool):
            return _Problem(f"`{key}` is true or false")
        return value

    return check


def _namespace(value: object) -> str | _Problem:
    if not isinstance(value, str):
        return _Problem("`namespace` is the name of a namespace")
    if problem := namespace_problem(value):
        return _Problem(f"`{value}` {problem}")
    return value


def _labels(value: object) -> dict[str, str] | _Problem:
    labels = _texts("labels", value)
    if isinstance(labels, _Problem):
        return labels
    for key, text in labels.items():
        if problem := label_value_problem(text):
            return _Problem(f"`{text}` {problem}", key)
    return labels


def _stages(value: object) -> dict[Stage, dict[str, str]] | _Problem:
    """The annotations of each stage; a stage has nothing else."""
    found: dict[Stage, dict[str, str]] = {}
    for name, table in value.items() if isinstance(value, dict) else ():
        stage = next((stage for stage in Stage if stage.value == name), None)
        if stage is None or not isinstance(table, dict) or table.keys() - {"annotations"}:
            found.clear()
            break
        annotations = _annotations(table.get("annotations", {}))
        if isinstance(annotations, _Problem):
            return annotations
        found[stage] = annotations
    if not found:
        tables = " and ".join(f"`[stages.{stage.value}.annotations]`" for stage in Stage)
        return _Problem(f"`stages` has only the tables {tables}")
    return found


def _lint(value: object) -> LintSettings | _Problem:
    if not isinstance(value, dict) or (value.keys() - _LINT_KEYS):
        return _Problem(f"`lint` is a table with the keys {', '.join(_LINT_KEYS)}")
    ignore, select = (_rules(key, value.get(key, [])) for key in ("ignore", "select"))
    levels, paths = _levels(value.get("levels", {})), _lint_paths(value.get("paths", {}))
    for part in (ignore, select, levels, paths):
        if isinstance(part, _Problem):
            return part
    return LintSettings(ignore=ignore, select=select, levels=levels, paths=paths)


_LINT_KEYS = ("ignore", "select", "levels", "paths")


def _rules(key: str, value: object) -> Any:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        return _Problem(f"`{key}` is a list of codes or names of rules", key)
    for word in value:
        if problem := rule_word_problem(word):
            return _Problem(problem, key)
    return frozenset(value)


_LEVELS: dict[object, Severity | None] = {each.value: each for each in Severity} | {"off": None}


def _levels(value: object) -> Any:
    if not isinstance(value, dict) or any(level not in _LEVELS for level in value.values()):
        levels = ", ".join(f"`{level}`" for level in _LEVELS)
        return _Problem(f"`levels` is a table of rules, each with one of {levels}", "levels")
    for word in value:
        if problem := rule_word_problem(word):
            return _Problem(problem, "levels")
    return {word: _LEVELS[level] for word, level in value.items()}


def _lint_paths(value: object) -> Any:
    if not isinstance(value, dict):
        return _Problem("`paths` is a table of patterns, each with a list of rules", "paths")
    found = {pattern: _rules("paths", rules) for pattern, rules in value.items()}
    problems = [part for part in found.values() if isinstance(part, _Problem)]
    return problems[0] if problems else found


def _annotations(value: object) -> dict[str, str] | _Problem:
    annotations = _texts("annotations", value)
    if isinstance(annotations, _Problem):
        return annotations
    for key, text in annotations.items():
        if any(visible_char(char) != char and char not in "\n\t" for char in text):
            return _Problem(f"the annotation `{key}` has control characters", key)
    return annotations


def _texts(table: str, value: object) -> dict[str, str] | _Problem:
    if not isinstance(value, dict):
        return _Problem(f'`{table}` is a table: `[{table}]` and below it `key = "value"`')
    for key, text in value.items():
        if problem := label_key_problem(key):
            return _Problem(f"`{key}` {problem}", key)
        if re.fullmatch(_RESERVED, key):
            return _Problem(f"`{key}` is set by netpolc itself", key)
        if isinstance(text, dict):
            return _Problem(f"`{key}` is a table; a key with dots is written in quotes", key)
        if not isinstance(text, str):
            return _Problem(f"the value of `{key}` is not a text; write it in quotes", key)
    return dict(value)


_CHECKS: dict[str, Callable[[object], object]] = {
    "sources": _paths,
    "output": _path,
    "layout": _layout,
    "kustomization": _switch("kustomization"),
    "strict": _switch("strict"),
    "namespace": _namespace,
    "labels": _labels,
    "annotations": _annotations,
    "stages": _stages,
    "lint": _lint,
}


def _unknown(key: str, span: Span) -> Diagnostic:
    near = nearest(key, _CHECKS)
    return Diagnostic(
        rule=UNKNOWN_CONFIG_KEY,
        message=f"`{key}` is not a key of {FILE_NAME}",
        label=Label(span),
        help=f"did you mean `{near}`?" if near else f"the keys are {', '.join(_CHECKS)}",
        fixes=(Fix(span=span, replacement=near),) if near and span.text == key else (),
    )


def _syntax(file: SourceFile, problem: str) -> Diagnostic:
    """The finding for tomllib's message, which ends in the place: `(at line 3, column 7)`."""
    text, _, place = problem.partition(" (at ")
    numbers = re.match(r"line (\d+), column (\d+)", place)
    offset = len(file.text.rstrip())
    if numbers:
        offset = file.line_starts()[int(numbers[1]) - 1] + int(numbers[2]) - 1
    return Diagnostic(
        rule=CONFIG_SYNTAX,
        message=f"{FILE_NAME} is not TOML",
        label=Label(file.span(offset, offset + 1), text[:1].lower() + text[1:]),
        help="write `key = value`, texts in quotes, lists in brackets",
    )


def _key_span(file: SourceFile, key: str, table: str = "") -> Span:
    """Return the place of a key; tomllib does not give it, so it is found by its form."""
    after = 0
    if table:
        for found in _heads(file, table):
            after = found.end
    for found in _heads(file, key, after):
        return found
    return file.whole()


def _heads(file: SourceFile, key: str, after: int = 0) -> Iterator[Span]:
    form = re.compile(rf"""^[ \t]*\[*[ \t]*["']?({re.escape(key)})["']?[ \t]*[].=]""", re.MULTILINE)
    for found in form.finditer(file.text, after):
        yield file.span(*found.span(1))
