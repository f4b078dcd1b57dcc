"""The statement that a thing comes from, kept through every stage.

A manifest, an answer or a refuted assertion must be able to name the lines that made
it. An `Origin` is that name: it survives lowering, merging and printing, and it is
never part of what a thing means.
"""

from dataclasses import field
from enum import Enum
from typing import TypeAlias

from netpolc.frozen import frozen
from netpolc.sets.remembered import Remembers, hashed_once
from netpolc.source import Span


class Role(Enum):
    """What a statement does for the thing it is the origin of."""

    ARROW = "arrow"
    """An arrow speaks of its subject."""
    MIRROR = "mirror"
    """An arrow opens the other end, inside one namespace."""
    DEFAULT = "default"
    """`default: deny`."""
    DNS = "dns"
    """The dns setting, for pods whose egress is closed."""
    POLICY = "policy"
    """An existing manifest."""

    __hash__ = object.__hash__  # Members are single; Enum's own hashes the name each time.


_ROLES = {role: role.value for role in Role}


@hashed_once
@frozen(kw_only=True)
class Origin(Remembers):
    """A statement, or a policy of a manifest, that a thing comes from.

    `statement` is canonical text: for intents the statement as the formatter prints it,
    for manifests a policy's name and the path in it. `subject` is the name by which the
    statement calls the thing's subject, empty where it uses a selector. `line` counts
    from 1. `because` is the reason given, empty where there is none.
    """

    path: str
    line: int
    statement: str
    role: Role
    subject: str = ""
    because: str = ""
    span: Span | None = field(default=None, compare=False, repr=False)

    def sort_key(self) -> tuple[str, str, int, str, str, str]:
        """A key that orders origins: by what they say first, then by where they stand."""
        try:
            return self._key  # type: ignore[return-value]
        except AttributeError:
            found = (
                self.statement,
                self.path,
                self.line,
                _ROLES[self.role],
                self.subject,
                self.because,
            )
            object.__setattr__(self, "_key", found)
            return found


Origins: TypeAlias = tuple[Origin, ...]


def closing(origins: Origins) -> Origins:
    """The origins of an isolation that close; all of them where none does by itself.

    The mirror of an arrow, and automatic dns, are there for pods that something else closes.
    """
    own = tuple(o for o in origins if o.role is not Role.MIRROR and o.role is not Role.DNS)
    return own or origins


def merged(*origins: Origins) -> Origins:
    """All of the origins, each once, in their order."""
    if len(origins) == 1 and len(origins[0]) <= 1:
        return origins[0]
    found: dict[tuple[str, str, int, str, str, str], Origin] = {}
    for some in origins:
        for origin in some:
            found.setdefault(origin.sort_key(), origin)  # It is all that makes two of them equal.
    return tuple(map(found.__getitem__, sorted(found)))
