"""Parts of pictures that all pictures share, and the numbers and texts in them."""

from html import escape

from netpolc.graph.model import Edge, Node, NodeKind
from netpolc.graph.words import full_name, short
from netpolc.values import frozen

_LONGEST, _LONGEST_PORTS = 400, 120
_EXPOSING = (NodeKind.INTERNET, NodeKind.EVERY_NAMESPACE)


@frozen(kw_only=True)
class Picture:
    """A drawn graph: its size in pixels, its elements as SVG, and what it leaves out."""

    width: float
    height: float
    elements: tuple[str, ...]
    notes: tuple[str, ...] = ()


def exposing(edge: Edge) -> NodeKind | None:
    """The kind of the end for which an edge is coloured: the internet, or every namespace."""
    kinds = edge.sender.kind, edge.receiver.kind
    return next((kind for kind in _EXPOSING if kind in kinds), None)


def edge_title(edge: Edge) -> str:
    """The full title of an edge, as an element."""
    ends = f"{full_name(edge.sender)} \N{RIGHTWARDS ARROW} {full_name(edge.receiver)}"
    what = f"{ends}: {short(', '.join(dict.fromkeys(edge.ports)), _LONGEST_PORTS)}"
    count = f", {edge.count:,} connections" if edge.count > 1 else ""
    return f"<title>{text_of(what)} ({edge.state.value}{count})</title>"


def edge_classes(edge: Edge) -> str:
    """The classes of an edge by which the style knows it."""
    kind = exposing(edge)
    return f"edge {edge.state.value}" + (f" with_{kind.name.lower()}" if kind else "")


def ends_of(edge: Edge, numbers: dict[Node, int]) -> str:
    """The indexes of an edge's ends in the graph, as attributes."""
    return f'data-from="{numbers[edge.sender]}" data-to="{numbers[edge.receiver]}"'


def number(value: float) -> str:
    """A number with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")


def point(place: tuple[float, float]) -> str:
    """The two coordinates of a place."""
    return f"{number(place[0])},{number(place[1])}"


def text_of(text: str) -> str:
    """A text as SVG and HTML take it, on one visible line."""
    return escape(short(text, _LONGEST))
