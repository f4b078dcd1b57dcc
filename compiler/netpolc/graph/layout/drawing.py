"""A graph with places: what a layout returns and a picture is drawn from. Units are pixels."""

from typing import TypeAlias

from netpolc.graph.model import Edge, Node
from netpolc.values import frozen

Point: TypeAlias = tuple[float, float]


@frozen(kw_only=True)
class Spot:
    """A node, or one of the two places of a node outside of namespaces that sends and receives."""

    node: Node
    lines: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float


@frozen(kw_only=True)
class Frame:
    """The box of a namespace."""

    namespace: str
    x: float
    y: float
    width: float
    height: float


@frozen(kw_only=True)
class Route:
    """The way of an edge, from the sender's side to the tip of the arrow at the receiver's.

    Between two points at one height it is straight; else it leaves the first and reaches the
    second horizontally.
    """

    edge: Edge
    points: tuple[Point, ...]


@frozen(kw_only=True)
class Loop:
    """An edge from a node to itself, above the node's upper right corner."""

    edge: Edge
    x: float
    y: float


@frozen(kw_only=True)
class Tag:
    """The ports of the edges that enter a node at one place."""

    text: str
    edge: Edge
    x: float
    y: float
    is_left: bool
    """Whether the text ends at the place, left of a node; else it begins there."""


@frozen(kw_only=True)
class Drawing:
    """All places of a graph, and the size of the picture."""

    width: float
    height: float
    spots: tuple[Spot, ...]
    frames: tuple[Frame, ...]
    routes: tuple[Route, ...]
    loops: tuple[Loop, ...]
    tags: tuple[Tag, ...]
