"""Output folders and trees of files for the tests of what is written."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from netpolc.manifest.write import header

OWN = header(["a.intent"])
Tree = dict[str, str]


def own(
    namespace: str, name: str, *, sources: Sequence[str] = ("a.intent",), more: str = ""
) -> str:
    """The text of a file of netpolc's with one policy."""
    metadata = f"metadata:\n  name: {name}\n  namespace: {namespace}\n"
    return f"{header(sources)}apiVersion: networking.k8s.io/v1\nkind: x\n{metadata}{more}"


def tree(folder: Path) -> Tree:
    """Every file below a folder, links as what they point at, folders without files with a slash."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = path.read_bytes().decode()
        elif not list(path.iterdir()):
            found[name + "/"] = ""
    return found


def put(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


FILES = {
    "shop/db.yaml": own("shop", "db"),
    "shop/api.yaml": own("shop", "api"),
    "web.yaml": own("web", "any"),
}
