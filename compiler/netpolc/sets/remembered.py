"""Values that know their own hash.

A program of ten thousand services asks for the hash of a selector or of a set of ports
millions of times, and a frozen value computes it anew from all that it holds: a
third of a large compile. Values that are keys everywhere work it out once.

    @hashed_once
    @frozen
    class Point(Remembers): ...
"""

from typing import TypeVar

C = TypeVar("C", bound="type[Remembers]")


class Remembers:
    """Has room for the hash, and for a key to sort by; neither is part of the value.

    They are left out when the value is pickled, since hashes differ between processes.
    """

    __slots__ = ("_hash", "_key")
    _hash: int
    _key: tuple[object, ...]


def hashed_once(cls: C) -> C:
    """Let the instances of a frozen class compute their hash once each."""
    computed = cls.__hash__

    def remembered(self: Remembers) -> int:
        try:
            return self._hash
        except AttributeError:
            found = computed(self)
            object.__setattr__(self, "_hash", found)
            return found

    cls.__hash__ = remembered  # type: ignore[method-assign, assignment]
    return cls
