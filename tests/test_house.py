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
MAX_FUNCTION = 60

FRONT_ENDS = ("cli/", "diagnostics/render/", "changes/render/")
"""Folders whose files all define `command` or `render`, and are called after what they are for."""

MISNAMED = {
    "changes/changed_connections.py",
    "changes/diff.py",
    "commands/init.py",
    "flowlogs/hubble.py",
    "io/atomic_replace.py",
    "ir/subsumption.py",
    "manifest/known_kinds.py",
    "manifest/lenient_cidr.py",
    "manifest/read_policy.py",
    "syntax/parser.py",
    "syntax/token_names.py",
    "yaml/stream.py",
}
"""Files whose one public definition has another name. Name no further file so."""

ARGO_CD = "/ho" + "me/argocd/"
"""Where Argo CD looks for plugins in the container of one: its word, and on no machine of ours."""


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


def public_definitions(tree: ast.Module) -> list[str]:
    """The functions and classes that a module is for."""
    kinds = ast.FunctionDef | ast.ClassDef
    names = [node.name for node in tree.body if isinstance(node, kinds)]
    return [name for name in names if not name.startswith("_")]


def words(name: str) -> set[str]:
    """The words of a name, singular, in whatever case it is written."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    plural = re.compile(r"(?:(?<=ss)e|(?<=[^s]))s$")
    return {plural.sub("", re.sub(r"ies$", "y", word)) for word in snake.split("_") if word}


def is_named_after(stem: str, definition: str) -> bool:
    """Whether all words of the shorter name are in the longer one."""
    file, defined = words(stem), words(definition)
    return file <= defined or defined <= file


def is_misnamed(path: Path, tree: ast.Module) -> bool:
    """Whether the one public definition of a file has another name than the file."""
    defined = public_definitions(tree)
    stem = path.parent.name if path.stem == "__init__" else path.stem
    return len(defined) == 1 and not is_named_after(stem, defined[0])


@pytest.mark.parametrize(
    ("stem", "definition", "fits"),
    [
        ("service_names", "ServiceName", True),
        ("foreign_policy", "foreign_policies", True),
        ("service_address", "service_addresses", True),
        ("import_", "import_policies", True),
        ("half_open_rule", "half_open_rules", True),
        ("useless_except", "exceptions", False),
        ("helpers", "Selector", False),
    ],
)
def test_a_file_is_named_after_its_definition(stem: str, definition: str, *, fits: bool) -> None:
    assert is_named_after(stem, definition) is fits


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(PACKAGE).as_posix()
    assert ast.get_docstring(tree), "begins with its problem"
    long = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION
    ]
    assert not long, "is it one thing?"
    if not name.startswith(FRONT_ENDS):
        assert is_misnamed(path, tree) is (name in MISNAMED), "a file is named after its definition"


def test_exceptions_from_the_names_of_files_exist() -> None:
    assert {path.relative_to(PACKAGE).as_posix() for path in MODULES} >= MISNAMED


def test_architecture_names_files_that_exist() -> None:
    text = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w./-]+(?:/|\.py|\.md|\.lark|\.txt|\.yml))`", text))
    assert len(named) > 40
    assert not {
        name for name in named if not any((base / name).exists() for base in (PACKAGE, ROOT))
    }


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
    assert rules()
    for kind in rules():
        assert re.fullmatch(r"NP[1-7]\d\d", kind.code)
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", kind.name)
        assert len(kind.explanation.split()) > 20, f"{kind.code} explains too little"


def test_frozen_classes_are_ours() -> None:
    # The standard library's would be compiled at every start (ARCHITECTURE.md, decisions).
    frozen = [path for path in MODULES if "frozen=True" in path.read_text(encoding="utf-8")]
    assert frozen == [PACKAGE / "values.py"]


def test_no_module_asks_pathlib_what_is_at_a_path() -> None:
    """Before Python 3.14 its questions raise PermissionError in folders that may not be searched."""
    questions = re.compile(r"(?<!entry)\.(exists|is_dir|is_file|is_symlink)\(\)")
    askers = [path.name for path in MODULES if questions.search(path.read_text("utf-8"))]
    assert askers == ["install_completion.py", "left_over_outputs.py"]  # They catch the error.


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
