"""YAML as values that know where they stand.

A plain `load` forgets positions, and without them an error in line 400 of a file of
fifty objects can only be described. Here every value keeps the offsets of its text,
and every member of a mapping also those of its key. Values are those of JSON, because
the API reads JSON and `kubectl` turns YAML into it.

These are made a hundred for each policy, so they are named tuples, the cheapest
immutable thing that Python makes (a quarter of the time of a frozen dataclass).
"""

from typing import NamedTuple, TypeAlias

Data: TypeAlias = "bool | int | float | str | list[Node] | dict[str, Entry] | None"


class Node(NamedTuple):
    """A value, and the offsets of its text in the file."""

    data: Data
    start: int
    end: int


class Entry(NamedTuple):
    """A member of a mapping: its value, and the offsets of its key."""

    value: Node
    start: int
    end: int


def described(node: Node) -> str:
    """What a value is, in the words of YAML and JSON, with its article."""
    match node.data:
        case None:
            return "nothing"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case dict():
            return "a mapping"
