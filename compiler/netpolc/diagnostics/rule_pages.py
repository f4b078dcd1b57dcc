"""The pages that explain rules: `NPnnn.md`, in the folder of the module that declares the rule."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable


def rule_page(code: str) -> str:
    """Return the Markdown page of the rule with this code.

    Raises KeyError if no folder of the package has a page for it.
    """
    return _pages()[code].read_text(encoding="utf-8")


def rule_page_path(code: str) -> str | None:
    """Return where the page of a rule is on the disk; None in a package that is not unpacked."""
    path = getattr(_pages().get(code), "__fspath__", None)
    return None if path is None else str(path())


def rule_page_address(code: str, pages: str) -> str:
    """Return the address of a rule's web page in the folder with this address, as a site has them."""
    return f"{pages.rstrip('/')}/{code}.html"


@cache
def _pages() -> dict[str, Traversable]:
    return {page.name.removesuffix(".md"): page for page in _found_below(files("netpolc"))}


def _found_below(folder: Traversable) -> Iterator[Traversable]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _found_below(entry)
        elif entry.name.startswith("NP") and entry.name.endswith(".md"):
            yield entry
