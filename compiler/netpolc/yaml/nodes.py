"""YAML as values that know where they are.

A plain `load` forgets positions, and without them an error in line 400 of a file of
fifty objects can only be described. Here every value keeps the offsets of its text,
and every member of a mapping also those of its key. Values are those of JSON, because
the API reads JSON and `kubectl` turns YAML into it.

These are made a hundred for each policy, so they are named tuples, the cheapest
immutable thing that Python makes (a quarter of the time of a frozen dataclass).
"""

from typing import Any, NamedTuple, TypeAlias

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
    """The kind of a value in the words of YAML and JSON, with its article."""
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


def descendant(node: Node | None, *names: str) -> Node | None:
    """The value at the end of a path of member names; None where there is no such path."""
    for name in names:
        data = None if node is None else node.data
        entry = data.get(name) if isinstance(data, dict) else None
        node = None if entry is None else entry.value
    return node


def string_at(node: Node | None, *names: str) -> str:
    """The string at the end of a path; empty where there is none."""
    value = descendant(node, *names)
    return value.data if value is not None and isinstance(value.data, str) else ""


def elements(node: Node | None) -> list[Node]:
    """The elements of a list; none of anything else."""
    return node.data if node is not None and isinstance(node.data, list) else []


def members(node: Node | None) -> dict[str, Node]:
    """The members of a mapping; none of anything else."""
    data = None if node is None else node.data
    return {name: entry.value for name, entry in data.items()} if isinstance(data, dict) else {}


def without_places(node: Node) -> Any:
    """The value as JSON has it."""
    match node.data:
        case dict() as data:
            return {name: without_places(entry.value) for name, entry in data.items()}
        case list() as data:
            return [without_places(element) for element in data]
        case data:
            return data
