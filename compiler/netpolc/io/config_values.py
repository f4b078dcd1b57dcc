"""Check the values of netpolc.toml and bring them into the form of `Config`."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from netpolc.diagnostics import Severity
from netpolc.diagnostics.rule_word_problem import rule_word_problem
from netpolc.kube.name_rules import label_key_problem, label_value_problem, namespace_problem
from netpolc.lints.lint_settings import LintSettings
from netpolc.manifest.output_layout import Layout
from netpolc.manifest.policy_names import LOCAL_CONFIG
from netpolc.manifest.rollout_stages import Stage
from netpolc.manifest.tier_model import CLUSTER_NETWORK_POLICY, TIER_VERSIONS
from netpolc.syntax.unicode_checks import is_forbidden
from netpolc.values import frozen

T = TypeVar("T")
FAIL_ON = ("any", "opened", "risk")
"""The changes for which `netpolc diff` may fail."""

_RESERVED = r"netpolc/.*|app\.kubernetes\.io/managed-by"


@frozen
class Problem:
    """A value that cannot be used: the reason, and the keys within its table."""

    text: str
    keys: tuple[str, ...] = ()


def _paths(key: str) -> Callable[[object], tuple[str, ...] | Problem]:
    def check(value: object) -> tuple[str, ...] | Problem:
        texts = value if isinstance(value, list) else [value]
        if not texts or not all(map(_is_path, texts)):
            return Problem(f"`{key}` is a path or a list of paths")
        return tuple(texts)

    return check


def _path(value: object) -> str | Problem:
    if isinstance(value, str) and _is_path(value):
        return value
    return Problem("`output` is a path")


def _is_path(value: object) -> bool:
    """Whether a value may be a path: no system has one with a NUL in it."""
    return isinstance(value, str) and bool(value) and "\0" not in value


def _choice(key: str, values: Mapping[str, T]) -> Callable[[object], T | Problem]:
    def check(value: object) -> T | Problem:
        if not isinstance(value, str) or value not in values:
            names = ", ".join(f"`{name}`" for name in values)
            return Problem(f"`{key}` is one of {names}")
        return values[value]

    return check


def _switch(key: str) -> Callable[[object], bool | Problem]:
    def check(value: object) -> bool | Problem:
        if not isinstance(value, bool):
            return Problem(f"`{key}` is true or false")
        return value

    return check


def _namespace(value: object) -> str | Problem:
    if not isinstance(value, str):
        return Problem("`namespace` is the name of a namespace")
    if problem := namespace_problem(value):
        return Problem(f"`{value}` {problem}")
    return value


def _labels(value: object) -> dict[str, str] | Problem:
    labels = _texts("labels", value)
    if isinstance(labels, Problem):
        return labels
    for key, text in labels.items():
        if problem := label_value_problem(text):
            return Problem(f"`{text}` {problem}", (key,))
    return labels


def _stages(value: object) -> dict[Stage, dict[str, str]] | Problem:
    """The annotations of each stage; a stage has nothing else."""
    stages: dict[Stage, dict[str, str]] = {}
    for name, table in value.items() if isinstance(value, dict) else ():
        stage = next((stage for stage in Stage if stage.value == name), None)
        if stage is None or not isinstance(table, dict) or table.keys() - {"annotations"}:
            stages.clear()
            break
        annotations = _annotations(table.get("annotations", {}))
        if isinstance(annotations, Problem):
            return Problem(annotations.text, (name, "annotations", *annotations.keys))
        stages[stage] = annotations
    if not stages:
        tables = " and ".join(f"`[stages.{stage.value}.annotations]`" for stage in Stage)
        return Problem(f"`stages` has only the tables {tables}")
    return stages


def _tiers(value: object) -> str | Problem:
    """The version of the API in which cluster-wide policies are written."""
    if not isinstance(value, dict) or value.keys() != {"api"}:
        return Problem("`tiers` is a table with the key `api`")
    version = value["api"]
    if version not in TIER_VERSIONS[CLUSTER_NETWORK_POLICY]:
        names = " or ".join(f"`{version}`" for version in TIER_VERSIONS[CLUSTER_NETWORK_POLICY])
        return Problem(f"`api` is {names}, the versions of {CLUSTER_NETWORK_POLICY}", ("api",))
    return str(version)


def _lint(value: object) -> LintSettings | Problem:
    if not isinstance(value, dict) or (value.keys() - LINT_KEYS):
        unknown = [key for key in value if key not in LINT_KEYS] if isinstance(value, dict) else []
        return Problem(
            f"`lint` is a table with the keys {', '.join(LINT_KEYS)}", tuple(unknown[:1])
        )
    ignore, select = (_rules(key, value.get(key, [])) for key in ("ignore", "select"))
    levels, paths = _levels(value.get("levels", {})), _lint_paths(value.get("paths", {}))
    pages = _pages(value.get("pages", ""))
    for part in (ignore, select, levels, paths, pages):
        if isinstance(part, Problem):
            return part
    return LintSettings(ignore=ignore, select=select, levels=levels, paths=paths, pages=pages)


LINT_KEYS = ("ignore", "select", "levels", "paths", "pages")


def _rules(key: str, value: object) -> Any:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        return Problem(f"`{key}` is a list of codes or names of rules", (key,))
    for word in value:
        if problem := rule_word_problem(word, is_selected=key == "select"):
            return Problem(problem, (key,))
    return frozenset(value)


_LEVELS: dict[str, Severity | None] = {each.value: each for each in Severity} | {"off": None}


def _levels(value: object) -> Any:
    if not isinstance(value, dict) or not all(map(_is_level, value.values())):
        levels = ", ".join(f"`{level}`" for level in _LEVELS)
        return Problem(f"`levels` is a table of rules, each with one of {levels}", ("levels",))
    for word in value:
        if problem := rule_word_problem(word):
            return Problem(problem, ("levels", word))
    return {word: _LEVELS[level] for word, level in value.items()}


def _is_level(value: object) -> bool:
    return isinstance(value, str) and value in _LEVELS


def _lint_paths(value: object) -> Any:
    if not isinstance(value, dict):
        return Problem("`paths` is a table of patterns, each with a list of rules", ("paths",))
    by_pattern = {pattern: _rules("paths", rules) for pattern, rules in value.items()}
    for pattern, rules in by_pattern.items():
        if isinstance(rules, Problem):
            return Problem(rules.text, ("paths", pattern))
    return by_pattern


def _pages(value: object) -> Any:
    if not isinstance(value, str) or (value and not re.fullmatch(r"https?://[!-~]+", value)):
        return Problem("`pages` is the address of a folder: `https://…/rules`", ("pages",))
    return value


def _annotations(value: object) -> dict[str, str] | Problem:
    annotations = _texts("annotations", value)
    if isinstance(annotations, Problem):
        return annotations
    for key, text in annotations.items():
        if is_forbidden(text) or "\r" in text:
            return Problem(f"the annotation `{key}` has characters that are not visible", (key,))
    return annotations


def _texts(table: str, value: object) -> dict[str, str] | Problem:
    if not isinstance(value, dict):
        return Problem(f'`{table}` is a table: `[{table}]` and below it `key = "value"`')
    for key, text in value.items():
        if problem := label_key_problem(key):
            return Problem(f"`{key}` {problem}", (key,))
        if key == LOCAL_CONFIG:
            return Problem(f"`{key}` would keep the policies out of the cluster", (key,))
        if re.fullmatch(_RESERVED, key):
            return Problem(f"`{key}` is set by netpolc itself", (key,))
        if isinstance(text, dict):
            return Problem(f"`{key}` is a table; a key with dots is written in quotes", (key,))
        if not isinstance(text, str):
            return Problem(f"the value of `{key}` is not a text; write it in quotes", (key,))
    return dict(value)


CHECKS: dict[str, Callable[[object], object]] = {
    "sources": _paths("sources"),
    "with": _paths("with"),
    "output": _path,
    "layout": _choice("layout", {layout.value: layout for layout in Layout}),
    "stage": _choice("stage", {stage.value: stage for stage in Stage}),
    "kustomization": _switch("kustomization"),
    "strict": _switch("strict"),
    "fail-on": _choice("fail-on", {name: name for name in FAIL_ON}),
    "namespace": _namespace,
    "labels": _labels,
    "annotations": _annotations,
    "stages": _stages,
    "tiers": _tiers,
    "lint": _lint,
}
"""The check for the value of each key."""

OUTPUT_CHECKS = {key: check for key, check in CHECKS.items() if key not in {"lint", "fail-on"}}
"""The same for the keys of an output."""

CLUSTER_CHECKS = {
    key: CHECKS[key] for key in ("labels", "sources", "with", "output", "namespace", "stage")
}
"""The same for the keys of a cluster; its labels are its own, not those of manifests."""


def output_name_problem(name: str) -> str:
    """Return why a text is not the name of an output; empty if it is."""
    if re.fullmatch(r"[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?", name):
        return ""
    return (
        "is not a name of an output: letters, digits, `-`, `_` and `.`, the ends letters or digits"
    )
