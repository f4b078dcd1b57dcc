"""Positions of values in a JSON text.

The json module forgets positions. They are wanted only when something is wrong, so this
walks the text a second time, then; it trusts the text to be JSON.
"""

from collections.abc import Iterable, Iterator
from json import JSONDecoder
from typing import TypeAlias

from netpolc.values import frozen

Path: TypeAlias = tuple[str | int, ...]

_DECODER = JSONDecoder()
_SPACES = frozenset(" \t\n\r")


@frozen(kw_only=True)
class Place:
    """The stretch of a value, from `start` up to `end`; `repeated` marks a key's second coming."""

    path: Path
    start: int
    end: int
    repeated: bool = False


def places(text: str) -> Iterator[Place]:
    """The places of all values of a JSON text, a container before its members."""
    walk = _Walk(text)
    walk.skip(0)
    return walk.value(())


def locate(text: str, paths: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    """The stretch of the value at each path, or of the nearest value around it."""
    wanted = list(paths)
    if not wanted:
        return {}
    around = {path[:steps] for path in wanted for steps in range(len(path) + 1)}
    known = {p.path: (p.start, p.end) for p in places(text) if p.path in around and not p.repeated}
    return {
        path: next(
            known[path[:steps]] for steps in range(len(path), -1, -1) if path[:steps] in known
        )
        for path in wanted
    }


def first_repeated(text: str) -> Place:
    """The first key of the text that its object already has."""
    return next(place for place in places(text) if place.repeated)


class _Walk:
    """A way through a JSON text: `offset` is where it has come to."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offset = 0

    def skip(self, characters: int) -> None:
        """Go on over characters and the space after them."""
        self.offset += characters
        while self.text[self.offset : self.offset + 1] in _SPACES:
            self.offset += 1

    def value(self, path: Path) -> Iterator[Place]:
        """The places of the value here and of its members; ends after it."""
        start = self.offset
        if self.text[start] in "{[":
            yield Place(path=path, start=start, end=start + 1)
            yield from self._members(path, keyed=self.text[start] == "{")
        else:
            _, self.offset = _DECODER.raw_decode(self.text, start)
            yield Place(path=path, start=start, end=self.offset)
        self.skip(0)

    def _members(self, path: Path, *, keyed: bool) -> Iterator[Place]:
        self.skip(1)
        seen: set[str | int] = set()
        index = 0
        while self.text[self.offset] not in "}]":
            step: str | int = index
            if keyed:
                start = self.offset
                key, self.offset = _DECODER.raw_decode(self.text, start)
                step = str(key)
                if step in seen:
                    end = self.offset
                    yield Place(path=(*path, step), start=start, end=end, repeated=True)
                seen.add(step)
                self.skip(0)
                self.skip(1)
            yield from self.value((*path, step))
            if self.text[self.offset] == ",":
                self.skip(1)
            index += 1
        self.offset += 1
