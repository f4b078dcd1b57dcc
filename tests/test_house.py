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
from netpolc.diagnostics import kinds

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "compiler" / "netpolc"
MODULES = sorted(PACKAGE.rglob("*.py"))
MAX_FILE, MAX_FUNCTION = 400, 60
VAGUE = {"utils", "util", "common", "helpers", "base", "manager", "misc"}


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


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "begins with its problem"
    assert text.count("\n") <= MAX_FILE, "is it one thing?"
    long = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION
    ]
    assert not long
    assert path.stem not in VAGUE, "a file is named after what is in it"


def test_every_package_is_named_in_pyproject() -> None:
    setuptools = project()["setuptools"]
    named = set(setuptools["packages"]) - {"netpolc.grammar"}  # type: ignore[call-overload]
    there = {
        ".".join(("netpolc", *path.parent.relative_to(PACKAGE).parts))
        for path in PACKAGE.rglob("__init__.py")
    }
    assert named == there


def test_kinds_have_codes_of_the_scheme_and_an_example() -> None:
    for module in pkgutil.walk_packages(netpolc.__path__, "netpolc."):
        if module.name != "netpolc.__main__":
            importlib.import_module(module.name)
    assert kinds()
    for kind in kinds():
        assert re.fullmatch(r"NP[1-7]\d\d", kind.code)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.name)
        assert len(kind.explanation.split()) > 20, f"{kind.code} explains too little"


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    # Written so that this file does not contain what it looks for.
    hosts = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "proxy.golang" + ".org")
    paths = ("/work" + "/", "/ro" + "ot/")
    guilty = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        guilty += [f"{path}: {word}" for word in (*hosts, *paths) if word in text]
    assert not guilty
