"""Golden files: what came out last time, as plain files one can read and apply.

`pytest --bless` renews them. A missing, an extra and a changed file all fail, with a
diff that can be read. Bytes are compared, since a line end is a difference too.
"""

from collections.abc import Mapping
from difflib import unified_diff
from pathlib import Path


def check_text(actual: str | bytes, path: Path, *, bless: bool) -> None:
    """Compare a text with a golden file, or renew the file."""
    check_tree({path.name: actual}, path.parent, bless=bless, only=path.name)


def check_tree(
    actual: Mapping[str, str | bytes], folder: Path, *, bless: bool, only: str | None = None
) -> None:
    """Compare contents by relative path with a folder's files, or renew the folder.

    With `only`, the folder's other files are left out of account.
    """
    made = {
        name: content.encode() if isinstance(content, str) else content
        for name, content in actual.items()
    }
    there = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    if only is not None:
        there = {name: path for name, path in there.items() if name == only}
    if bless:
        _renew(made, folder, there)
        return
    expected = {name: path.read_bytes() for name, path in there.items()}
    differences = "".join(
        _difference(name, expected.get(name), made.get(name))
        for name in sorted(expected.keys() | made.keys())
    )
    assert not differences, f"{folder} (renew with --bless):\n{differences}"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def _renew(made: Mapping[str, bytes], folder: Path, there: Mapping[str, Path]) -> None:
    for name in there.keys() - made.keys():
        there[name].unlink()
        # Git keeps no empty folders, so neither may a checkout that was blessed.
        for parent in there[name].parents:
            if parent == folder or any(parent.iterdir()):
                break
            parent.rmdir()
    for name, content in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _difference(name: str, expected: bytes | None, made: bytes | None) -> str:
    if expected == made:
        return ""
    before = f"{name} (expected)" if expected is not None else "(no such golden file)"
    after = f"{name} (actual)" if made is not None else f"{name} (not made any more)"
    lines = [*unified_diff(_lines(expected), _lines(made), before, after, lineterm="")]
    # An empty file against none has no lines to differ in.
    return "\n".join(lines or [f"--- {before}", f"+++ {after}"]) + "\n"


def _lines(content: bytes | None) -> list[str]:
    """The lines, in which what an eye would miss is spelt out."""
    if not content:
        return []
    *whole, rest = content.decode(errors="backslashreplace").replace("\r", "\\r").split("\n")
    return [*whole, f"{rest} (no line end)"] if rest else whole
