"""The rules of the house that no linter knows, as tests."""

import ast
import importlib
import pkgutil
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import netpolc
from netpolc.diagnostics import rules

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "compiler" / "netpolc"
MODULES = sorted(PACKAGE.rglob("*.py"))
MAX_FILE, MAX_FUNCTION = 400, 60
VAGUE = {"utils", "util", "common", "helpers", "base", "manager", "misc"}

ARGO_CD = "/ho" + "me/argocd/"
"""Where Argo CD looks for plugins in the container of one: its word, and on no machine of ours."""

# What may be too long, and why: "path" for a file, "path:function" for a function. An entry
# that is no longer needed fails, so the list can only shrink.
ALLOWED: dict[str, str] = {}


def project() -> dict[str, dict[str, object]]:
    """The `tool` tables of pyproject.toml."""
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert isinstance(tables, dict)
    return tables


def tracked() -> list[Path]:
    """The files that git knows; a copy without git has none."""
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout: which files are the project's is not known")
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def too_long(path: Path) -> set[str]:
    """The file itself, if it is too long, and those of its functions that are."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(PACKAGE).as_posix()
    functions = {
        f"{name}:{node.name}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION
    }
    return functions | ({name} if text.count("\n") > MAX_FILE else set())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "begins with its problem"
    assert too_long(path) <= ALLOWED.keys(), "is it one thing?"
    assert not {path.stem, path.parent.name} & VAGUE, "a file is named after what is in it"


def test_nothing_is_allowed_that_need_not_be() -> None:
    assert set(ALLOWED) <= {name for path in MODULES for name in too_long(path)}
    assert all(reason.strip() for reason in ALLOWED.values())


def test_every_package_is_named_in_pyproject() -> None:
    setuptools = project()["setuptools"]
    named = set(setuptools["packages"]) - {"netpolc.grammar"}  # type: ignore[call-overload]
    there = {".".join(("netpolc", *path.parent.relative_to(PACKAGE).parts)) for path in MODULES}
    assert named == there


def test_every_package_has_its_floor() -> None:
    contracts = project()["importlinter"]["contracts"]
    assert isinstance(contracts, list)
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    floors = {name for layer in layers for name in re.findall(r"\w+", layer)}
    there = {path.relative_to(PACKAGE).parts[0] for path in MODULES if path.parent != PACKAGE}
    assert there <= floors


def test_kinds_have_codes_of_the_scheme_and_an_example() -> None:
    # That no code or name is declared twice, each Rule sees to when it is made.
    for module in pkgutil.walk_packages(netpolc.__path__, "netpolc."):
        if module.name != "netpolc.__main__":
            importlib.import_module(module.name)
    codes = [kind.code for kind in rules()]
    assert codes
    assert len(codes) == len(set(codes))
    for kind in rules():
        assert re.fullmatch(r"NP[1-7]\d\d", kind.code)
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", kind.name)
        assert len(kind.explanation.split()) > 20, f"{kind.code} explains too little"


def test_frozen_classes_are_ours() -> None:
    # The standard library's would be compiled at every start (ARCHITECTURE.md, decisions).
    frozen = [path for path in MODULES if "frozen=True" in path.read_text(encoding="utf-8")]
    assert frozen == [PACKAGE / "frozen.py"]


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    # Written so that this file does not contain what it looks for.
    hosts = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "proxy.golang" + ".org")
    paths = ("/work" + "/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/")
    guilty = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        text = text.replace(ARGO_CD, "")
        guilty += [f"{path}: {word}" for word in (*hosts, *paths) if word in text]
    assert not guilty
