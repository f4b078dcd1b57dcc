"""Every regular expression of the product, found where it is held and where it is used.

A pattern is in a module, in a tuple or a dataclass of a module, an argument in a function, or in a file
for editors, JSON Schema or a browser.
"""

import ast
import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import yaml

import netpolc
from netpolc.kube.label_conventions import controller_labels
from netpolc.syntax.error_patterns import PATTERNS
from netpolc.syntax.tokens import _BEGINNINGS

_SEARCHING = {"search", "sub", "subn", "finditer", "findall", "split"}
_CALLS = {*_SEARCHING, "match", "fullmatch", "compile"}
_ROOT = Path(__file__).parents[2]
_VARIABLES: dict[str, tuple[Any, ...]] = {
    "asked": ("NP604",),
    "beginning": _BEGINNINGS,
    "error_pattern": PATTERNS,
    "key": ("labels",),
    "pattern": ("/**/a*?b*/**", "**/*a*/?x/"),
    "self": tuple(
        label
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
        for label in controller_labels(kind, "db-1")
    ),
    "word": ("kube-system",),
}
"""Examples of the variables from which functions make patterns."""

_TYPESCRIPT = re.compile(
    r"[(= ]/(?P<pattern>(?![*/ ])(?:[^/\\\n[]|\\.|\[[^\]\n]*\])+)/[a-z]*[.,;)]"
)
_OF_EDITORS = (
    "integrations/vscode/language-configuration.json",
    "integrations/vscode/package.json",
    "integrations/vscode/syntaxes/netpolc.tmLanguage.json",
    "integrations/sublime/netpolc.sublime-syntax",
    *sorted(str(path.relative_to(_ROOT)) for path in (_ROOT / "grammar").glob("*.schema.json")),
)
_SCRIPTS = ("integrations/vscode/src", "site/playground/src", "compiler/netpolc")
_KEYS = {"match", "begin", "end", "regexp", "pattern", "wordPattern"}


class UsedPattern(NamedTuple):
    """A pattern, its place in the product, and whether it is tried at every place of a text.

    `pattern` is None if it depends on a variable without an example.
    """

    name: str
    pattern: re.Pattern[Any] | None
    is_searched: bool


def product_patterns() -> list[UsedPattern]:
    """Every pattern once for each way of use."""
    modules = [
        import_module(found.name)
        for found in pkgutil.walk_packages(netpolc.__path__, "netpolc.")
        if not found.name.endswith("__main__")
    ]
    trees = [ast.parse(inspect.getsource(module)) for module in modules]
    searched = {name for tree in trees for name in _searched_names(tree)}
    patterns = [
        used
        for module, tree in zip(modules, trees, strict=True)
        for used in (*_held(module, tree, searched), *_passed(module, tree))
    ]
    return list({used[1:]: used for used in (*patterns, *_of_files())}.values())


def _searched_names(tree: ast.AST) -> Iterator[str]:
    """The names of variables and attributes whose method `search`, or a similar one, is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _SEARCHING:
            if isinstance(node.value, ast.Name):
                yield node.value.id
            elif isinstance(node.value, ast.Attribute):
                yield node.value.attr


def _held(module: ModuleType, tree: ast.AST, searched: set[str]) -> Iterator[UsedPattern]:
    """The patterns in a module's variables; a variable that no call names may be used by a loop."""
    called = {ast.unparse(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    is_searched_in_loop = bool({"pattern", "one"} & set(_searched_names(tree)))
    for name, value in vars(module).items():
        is_searched = name in searched or (is_searched_in_loop and name not in called)
        for pattern in _inside(value):
            yield UsedPattern(f"{module.__name__}.{name}", pattern, is_searched)


def _inside(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    """The compiled patterns in a value."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4:
        inner: tuple[object, ...] = ()
        if isinstance(value, tuple | list | set | frozenset):
            inner = tuple(value)
        elif isinstance(value, dict):
            inner = tuple(value.values())
        elif is_dataclass(value) and not isinstance(value, type):
            inner = tuple(getattr(value, field.name, None) for field in fields(value))
        for part in inner:
            yield from _inside(part, depth + 1)


def _passed(module: ModuleType, tree: ast.AST) -> Iterator[UsedPattern]:
    """The patterns in calls of the module `re`."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and ast.unparse(node.func.value) == "re"
            and node.func.attr in _CALLS
        ):
            names = {inner.id for inner in ast.walk(node.args[0]) if isinstance(inner, ast.Name)}
            free = sorted(name for name in names & _VARIABLES.keys() if name not in vars(module))
            for values in product(*(_VARIABLES[name] for name in free)):
                known = {**vars(module), **dict(zip(free, values, strict=True))}
                is_searched = node.func.attr in _SEARCHING
                pattern = _pattern_of(node, known, is_compiled=node.func.attr == "compile")
                yield UsedPattern(f"{module.__name__}:{node.lineno}", pattern, is_searched)


def _pattern_of(
    call: ast.Call, known: dict[str, Any], *, is_compiled: bool
) -> re.Pattern[Any] | None:
    flags = [word.value for word in call.keywords if word.arg == "flags"]
    parts = [call.args[0], *flags, *(call.args[1:2] if is_compiled else ())]
    try:
        return re.compile(
            *(eval(compile(ast.Expression(part), "", "eval"), known) for part in parts)  # noqa: S307 - our own code
        )
    except NameError:
        return None


def _of_files() -> Iterator[UsedPattern]:
    for name in _OF_EDITORS:
        text = (_ROOT / name).read_text("utf-8")
        content = json.loads(text) if name.endswith("json") else yaml.safe_load(text)
        for pattern in _at_keys(content):
            yield UsedPattern(name, re.compile(pattern), is_searched=True)
    for folder in _SCRIPTS:
        for path in sorted((_ROOT / folder).rglob("*.[jt]s")):
            for match in _TYPESCRIPT.finditer(path.read_text("utf-8")):
                name = str(path.relative_to(_ROOT))
                yield UsedPattern(name, re.compile(match["pattern"]), is_searched=True)


def _at_keys(value: object) -> Iterator[str]:
    """The patterns in a grammar for editors, or in a schema."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _KEYS and isinstance(inner, str):
                yield inner
            else:
                yield from _at_keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _at_keys(inner)
