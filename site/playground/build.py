"""Write what the playground takes from the repository, for a build of its page.

Usage: python site/playground/build.py FOLDER

app.zip has netpolc with what it and its language server import, as Python text, from the
environment that runs this; examples.json has the lesson of intents/.
"""

import json
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LIBRARIES = (
    "attrs",
    "cattrs",
    "click",
    "lark",
    "lsprotocol",
    "pygls",
    "PyYAML",
    "typing_extensions",
)
"""What is imported; jsonschema, which only IR files need, has parts that are not Python."""

_TEXTS = (".py", ".md", ".json", ".lark", ".txt", ".css", ".js")


def build(target: Path) -> None:
    """Write app.zip and examples.json into a folder."""
    target.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target / "app.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(contents()):
            # A fixed date: equal inputs give equal bytes.
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())
    text = json.dumps(list(examples()), ensure_ascii=False)
    (target / "examples.json").write_text(text, encoding="utf-8")


def contents() -> Iterator[tuple[str, Path]]:
    """The files of app.zip: names in it, and where they are."""
    yield "session.py", HERE / "session.py"
    for package, folder in (("netpolc", "compiler/netpolc"), ("netpolc/grammar", "grammar")):
        base = ROOT / folder
        for path in base.rglob("*"):
            if path.suffix in _TEXTS and "__pycache__" not in path.parts:
                yield f"{package}/{path.relative_to(base).as_posix()}", path
    for library in LIBRARIES:
        for file in distribution(library).files or ():
            if file.suffix in {".lark", ".py"}:
                yield file.as_posix(), Path(str(file.locate()))


def examples() -> Iterator[dict[str, str]]:
    """The programs that the page offers: that of the site's first page, then the lesson."""
    yield {"title": "shop", "text": (ROOT / "site" / "hello.intent").read_text(encoding="utf-8")}
    for path in sorted((ROOT / "intents" / "lesson").glob("*.intent")):
        yield {"title": path.stem, "text": path.read_text(encoding="utf-8")}


if __name__ == "__main__":
    build(Path(sys.argv[1]))
