"""The vertices of a layout: nodes, and the bends of long edges."""

from dataclasses import dataclass, field

ALONE = -1
"""The block of vertices that belong to no namespace."""


@dataclass(slots=True, eq=False)
class Vertex:
    """A node in its column, or the wire on which edges pass a column.

    `block` is the number of its namespace, or `ALONE`; its vertices keep together. `left` and
    `right` are the vertices of the next columns that edges lead to. `y` is the middle.
    """

    rank: int
    block: int = ALONE
    height: float = 0.0
    is_wire: bool = True
    left: "list[Vertex]" = field(default_factory=list)
    right: "list[Vertex]" = field(default_factory=list)
    y: float = 0.0
    aim: float = 0.0

    def join(self, other: "Vertex") -> None:
        """Connect it with a vertex of the column to the right, once."""
        if other not in self.right:
            self.right.append(other)
            other.left.append(self)
