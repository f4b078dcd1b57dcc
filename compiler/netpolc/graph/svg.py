"""A graph as an SVG picture, placed by our own layout, so that no program has to be installed.

The picture follows the reader's choice of light or dark. Its style is a file of the package, so
that it is read and checked as what it is.
"""

from functools import cache
from importlib.resources import files

from netpolc.graph.draw_matrix import draw_matrix
from netpolc.graph.draw_nodes import draw_nodes
from netpolc.graph.model import Graph
from netpolc.graph.picture import Picture, number, text_of
from netpolc.graph.words import legend

_MOST_ARROWS = 150
_NOTE_LINE, _CHARACTER = 18.0, 6.6


def picture_of(graph: Graph) -> Picture:
    """The picture that shows most of the graph: arrows, or a table where there are too many."""
    return draw_nodes(graph) if len(graph.edges) <= _MOST_ARROWS else draw_matrix(graph)


def svg_text(graph: Graph) -> str:
    """The picture as a file of its own, with what its shapes mean below it."""
    picture = picture_of(graph)
    notes = (*legend(graph), *picture.notes)
    longest = max((len(note) * _CHARACTER + 32 for note in notes), default=0.0)
    size = max(picture.width, longest), picture.height + _NOTE_LINE * len(notes) + 8
    lines = (
        f'<text class="note" x="16" y="{number(picture.height + _NOTE_LINE * (place + 0.5))}">'
        f"{text_of(note)}</text>"
        for place, note in enumerate(notes)
    )
    ground = '<rect class="ground" width="100%" height="100%"/>'
    content = "\n".join((f"<style>{style_text()}</style>", ground, *picture.elements, *lines))
    title = f"{len(graph.nodes):,} nodes and {len(graph.edges):,} edges"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {_size(*size)} role="img" class="graph">\n'
        f"<title>{title}</title>\n{content}\n</svg>\n"
    )


def svg_element(picture: Picture, name: str) -> str:
    """The picture as a part of a page that has its style; `name` is what screen readers call it."""
    content = "\n".join(picture.elements)
    size = _size(picture.width, picture.height)
    return f'<svg {size} role="img" aria-label="{text_of(name)}" class="graph">\n{content}\n</svg>'


@cache
def style_text() -> str:
    """The style of pictures."""
    return files("netpolc.graph").joinpath("graph.css").read_text("utf-8")


def _size(width: float, height: float) -> str:
    box = f"0 0 {number(width)} {number(height)}"
    return f'width="{number(width)}" height="{number(height)}" viewBox="{box}"'
