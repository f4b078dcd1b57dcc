"""A graph as a page of its own: the picture, what its shapes mean, and its edges as a table.

The page asks for nothing from anywhere, and its policy forbids it: style and script are in it, by
their digests. The script zooms the picture and shows the edges of a node; without it the page can
be read all the same. The table is for those who search or cannot see the picture.
"""

from netpolc.graph.model import Edge, Graph
from netpolc.graph.page import package_text, page
from netpolc.graph.picture import text_of
from netpolc.graph.svg import picture_of, style_text, svg_element
from netpolc.graph.words import full_name, legend

_COLUMNS = ("From", "To", "Ports", "State")


def html_page(graph: Graph, title: str) -> str:
    """The page for a graph, which may be folded."""
    picture = picture_of(graph)
    notes = "".join(f"<li>{text_of(line)}</li>" for line in (*legend(graph), *picture.notes))
    heads = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    rows = "\n".join(map(_row, graph.edges))
    body = f"""<main>
<h1>{text_of(title)}</h1>
<ul class="notes">{notes}</ul>
{viewer(svg_element(picture, "The connections in the table below, as a picture"))}
<h2 id="edges">Connections</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="edges">
<table>
<caption>{len(graph.edges):,} edges</caption>
<thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</div>
</main>"""
    style = package_text("netpolc.graph", "page.css") + style_text()
    return page(title, style, package_text("netpolc.graph", "viewer.js"), body)


def viewer(svg: str) -> str:
    """The part of a page that shows a picture and lets it be zoomed."""
    return f"""<figure class="viewer">
<div class="tools" role="toolbar" aria-label="Picture" hidden>
<button type="button" data-zoom="in">Zoom in</button>
<button type="button" data-zoom="out">Zoom out</button>
<button type="button" data-zoom="fit">Fit</button>
</div>
<div class="canvas" tabindex="0" role="region" aria-label="Picture, which can be scrolled">
{svg}
</div>
</figure>"""


def _row(edge: Edge) -> str:
    cells = full_name(edge.sender), full_name(edge.receiver), ", ".join(edge.ports)
    return (
        "<tr>"
        + "".join(f"<td>{text_of(cell)}</td>" for cell in (*cells, edge.state.value))
        + "</tr>"
    )
