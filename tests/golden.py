"""Golden files: what came out last time, as plain files one can read and apply.

`pytest --bless` renews them. A missing, an extra and a changed file all fail, with a
diff that can be read.
"""

from collections.abc import Mapping
from difflib import unified_diff
from pathlib import Path


def check_text(actual: str, path: Path, *, bless: bool) -> None:
    """Compare a text with a golden file, or renew the file."""
    check_tree({path.name: actual}, path.parent, bless=bless, only=path.name)


def check_tree(
    actual: Mapping[str, str], folder: Path, *, bless: bool, only: str | None = None
) -> None:
    """Compare texts by relative path with a folder's files, or renew the folder.

    With `only`, the folder's other files are left out of account.
    """
    expected = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    if only is not None:
        expected = {name: path for name, path in expected.items() if name == only}
    if bless:
        _renew(actual, folder, expected)
        return
    texts = {name: path.read_text(encoding="utf-8") for name, path in expected.items()}
    differences = "".join(
        "".join(_difference(name, texts.get(name), actual.get(name)))
        for name in sorted(texts.keys() | actual.keys())
    )
    assert not differences, f"{folder} (renew with --bless):\n{differences}"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def _renew(actual: Mapping[str, str], folder: Path, expected: Mapping[str, Path]) -> None:
    for name in expected.keys() - actual.keys():
        expected[name].unlink()
    for name, text in actual.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _difference(name: str, expected: str | None, actual: str | None) -> list[str]:
    if expected == actual:
        return []
    lines = unified_diff(
        (expected or "").splitlines(keepends=True),
        (actual or "").splitlines(keepends=True),
        f"{name} (expected)" if expected is not None else "(no such golden file)",
        f"{name} (actual)" if actual is not None else "(not made any more)",
    )
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]
