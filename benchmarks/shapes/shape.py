"""The class of shapes, the table of all shapes, and intents in one file."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

Files = dict[str, str]


class Shape(NamedTuple):
    """The files of an organisation by its size, the command about it, and its largest size."""

    files: Callable[[int], Files]
    command: tuple[str, ...]
    largest: int


SHAPES: dict[str, Shape] = {}


def shape(command: str, largest: int) -> Callable[[Callable[[int], Files]], Callable[[int], Files]]:
    """Register the files that a function writes, the command about them, and the largest size."""

    def register(files: Callable[[int], Files]) -> Callable[[int], Files]:
        SHAPES[files.__name__] = Shape(files, tuple(command.split()), largest)
        return files

    return register


def intents(lines: Iterable[str], head: str = "namespace shop\ndefault: deny\n") -> Files:
    """One file of intents."""
    return {"intents/a.intent": head + "".join(f"{line}\n" for line in lines)}
