"""Write the pages of the site from what the repository has, for Sphinx to build.

Usage: python site/assemble.py FOLDER

The Markdown of docs/, of the language and of the project is copied as it is, at the same places,
so its links lead where they lead in the repository. Pages of commands come from their help, pages
of rules from what `netpolc explain` prints, with the example that the tests run.
"""

import io
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from itertools import groupby
from pathlib import Path

import click

from netpolc.cli.main import group, run
from netpolc.diagnostics.all_rules import all_rules
from netpolc.diagnostics.rule import Rule

ROOT = Path(__file__).parent.parent
HOME = Path(__file__).parent / "index.md"
HELLO = Path(__file__).parent / "hello.intent"
ELSEWHERE = {"install", "netpolc-toml"}
COPIED = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "benchmarks/RESULTS.md",
    "compiler/ARCHITECTURE.md",
    "grammar/LANGUAGE.md",
    "integrations/vscode/README.md",
)
FOLDERS = {"intents": "examples/index.md", "out": "examples/index.md"}
"""Links to folders of the repository, and the pages that show them."""

_FILE_LINK = re.compile(r"\]\(([^)#:\s]+)\)")

FAMILIES = {
    "NP1": "The text",
    "NP2": "Names",
    "NP3": "Meaning, and files of the intermediate representation",
    "NP4": "Manifests that are read",
    "NP5": "Assertions",
    "NP6": "Lints",
    "NP7": "Files and output",
}


def assemble(target: Path) -> None:
    """Write every page below a folder, which is emptied first."""
    shutil.rmtree(target, ignore_errors=True)
    pages: dict[str, str | bytes] = {
        **dict(copies()),
        **dict(command_pages()),
        **dict(rule_pages()),
        **dict(example_pages()),
        "index.md": home(),
    }
    for name, text in pages.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    (target / "picture.svg").write_text(netpolc("graph", str(HELLO), "--format", "svg"))


def copies() -> Iterator[tuple[str, str | bytes]]:
    """The pages that are the repository's own and the files that they link to, by their paths."""
    docs = (path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md"))
    for name in (*COPIED, *sorted(docs)):
        page = ROOT / name
        text = page.read_text(encoding="utf-8")
        for folder, instead in FOLDERS.items():
            text = text.replace(f"]({folder})", f"]({instead})")
        yield name, text
        for link in _FILE_LINK.findall(text):
            file = (page.parent / link).resolve()
            if file.is_file() and file.suffix != ".md":
                yield file.relative_to(ROOT).as_posix(), file.read_bytes()


def command_pages() -> Iterator[tuple[str, str]]:
    """A page for each command, from its help, and their index."""
    context = click.Context(group, info_name="netpolc")
    names = group.list_commands(context)
    for name in names:
        text = netpolc(*name.split(), "--help")
        yield f"commands/{name}.md", f"# netpolc {name}\n\n{fenced('text', text)}\n"
    yield "commands/index.md", "# Commands\n\n" + fenced("text", netpolc("--help")) + tree(names)


def rule_pages() -> Iterator[tuple[str, str]]:
    """A page for each rule, and their index by family."""
    rules = sorted(all_rules(), key=lambda rule: rule.code)
    index = [
        "# Rules\n\nEvery finding names its rule; `netpolc explain CODE` prints the same page.\n"
    ]
    for family, members in groupby(rules, key=lambda rule: rule.code[:3]):
        index.append(f"\n## {FAMILIES[family]}\n\n| code | rule | severity |\n|--|--|--|\n")
        for rule in members:
            index.append(
                f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.severity.value} |\n"
            )
            yield f"rules/{rule.code}.md", rule_page(rule)
    yield "rules/index.md", "".join(index)


def rule_page(rule: Rule) -> str:
    """What a rule means, and an example with the finding that it gets.

    Rules are too many for the menu of every page; their index lists them.
    """
    parts = [
        "---\norphan: true\n---\n",
        f"# {rule.code} {rule.name}\n\nSeverity: {rule.severity.value}\n\n{rule.explanation}\n",
    ]
    example = ROOT / "tests" / "messages" / f"{rule.code}.md"
    if example.exists():
        text = example.read_text(encoding="utf-8")
        parts.append(re.sub(r"^#(?= )", "## Example:", text, count=1, flags=re.MULTILINE))
    parts.append("[All rules](index.md)")
    return "\n".join(parts)


def example_pages() -> Iterator[tuple[str, str]]:
    """A page for each intent file of the repository, and their index."""
    names = []
    for path in sorted((ROOT / "intents").rglob("*.intent")):
        name = path.relative_to(ROOT / "intents").with_suffix("").as_posix()
        names.append(name)
        text = path.read_text(encoding="utf-8")
        yield f"examples/{name}.md", f"# {name}\n\n{fenced('intent', text)}\n"
    yield "examples/index.md", "# Examples\n\nSmallest first.\n" + tree(names)


def home() -> str:
    """The first page, with an intent file, one of its manifests, and the pages of docs/."""
    texts = {
        "@INTENT@": HELLO.read_text(encoding="utf-8"),
        "@CHANGE@": change(),
        "@MANIFEST@": manifest(),
        "@HOWTO@": "\n".join(how_to()),
    }
    text = HOME.read_text(encoding="utf-8")
    for mark, meant in texts.items():
        text = text.replace(mark, meant.rstrip())
    return text


def how_to() -> Iterator[str]:
    """The pages of docs/ in the order of their index, without those in another part of the menu."""
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for name in dict.fromkeys(re.findall(r"\]\(([\w-]+)\.md\)", index)):
        if name not in ELSEWHERE:
            yield f"docs/{name}"


def manifest() -> str:
    """The manifest that the first page shows, as the compiler writes it."""
    with tempfile.TemporaryDirectory() as folder:
        netpolc("compile", str(HELLO), "--output", folder)
        text = (Path(folder) / "shop" / "db-ingress.yaml").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def change() -> str:
    """What a review says first of one more line in the intents of the first page."""
    text = HELLO.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "old", Path(folder) / "new"
        for side, lines in ((before, text), (after, text + "db <- internet:5432\n")):
            side.mkdir()
            (side / "shop.intent").write_text(lines, encoding="utf-8")
        printed = netpolc("diff", str(before), str(after), exit_code=1)
    return "\n".join(printed.partition("\n\n")[2].splitlines()[:4])


def fenced(language: str, text: str) -> str:
    """A code block."""
    return f"```{language}\n{text.rstrip()}\n```\n"


def tree(names: Iterable[str]) -> str:
    """A hidden table of contents, which puts pages into the navigation."""
    lines = "\n".join(names)
    return f"\n```{{toctree}}\n:hidden:\n:maxdepth: 1\n\n{lines}\n```\n"


def netpolc(*arguments: str, exit_code: int = 0) -> str:
    """What a command prints on standard output; ChildProcessError where it ends otherwise."""
    with redirect_stdout(io.StringIO()) as printed:
        code = run(arguments)
    if code != exit_code:
        raise ChildProcessError(arguments, code)
    return printed.getvalue()


if __name__ == "__main__":
    assemble(Path(sys.argv[1]))
