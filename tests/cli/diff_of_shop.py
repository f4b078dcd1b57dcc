"""A shop in a git repository, and what `netpolc diff` says of changes to it."""

from datetime import date
from pathlib import Path

from netpolc.changes.model import Difference, Effect
from netpolc.commands.diff import diff
from netpolc.io.project import Request

SHOP = """\
namespace shop
default: deny
group frontends = web, mobile

db <- api:5432
api <- frontends:8080
cache <- frontends:6379
"""


def differing(*arguments: str) -> Difference:
    """What differs between two sources."""
    compared = diff(arguments, Request(here=Path.cwd(), today=date(2026, 1, 1)))
    assert compared.difference is not None
    return compared.difference


def changes(*arguments: str) -> set[str]:
    """The entries, as `+ NAMESPACE: ARROW`."""
    return {
        f"{'+' if one.effect is Effect.OPENED else '-'} {one.namespace}: {one.arrow}"
        for one in differing(*arguments).entries
    }


def edited(*replacements: tuple[str, str]) -> str:
    text = SHOP
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text
