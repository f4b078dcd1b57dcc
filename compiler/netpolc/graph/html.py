"""A graph as a page of its own: the drawing, what its shapes mean, and its edges as a table.

The page asks for nothing from anywhere, and its policy forbids it. The drawing scales to the
window; a browser zooms it. The table is for those who search or cannot see the drawing.
"""

import base64
from html import escape

from netpolc.graph.folding import full_name
from netpolc.graph.model import Edge, Graph
from netpolc.graph.words import legend, short

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { margin: 1.5rem; }
figure { margin: 0; overflow: auto; background: #fff; border: 1px solid #d0d7de; }
figure img { max-width: 100%; height: auto; display: block; margin: auto; }
table { border-collapse: collapse; margin-top: 1rem; }
th, td { text-align: left; padding: .25rem .75rem; border-bottom: 1px solid #d0d7de; }
td { overflow-wrap: anywhere; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_COLUMNS = ("From", "To", "Ports", "State")


def html_page(graph: Graph, svg: str, title: str) -> str:
    """The page for a graph and its drawing."""
    image = base64.b64encode(svg.encode()).decode()
    notes = "".join(f"<li>{_text(line)}</li>" for line in legend(graph))
    heads = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    rows = "\n".join(map(_row, graph.edges))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_text(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{_text(title)}</h1>
<ul>{notes}</ul>
<figure><img alt="Graph of the connections in the table below" src="data:image/svg+xml;base64,{image}"></figure>
<table>
<caption>{len(graph.edges):,} edges</caption>
<thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</main>
</body>
</html>
"""


def _row(edge: Edge) -> str:
    cells = full_name(edge.sender), full_name(edge.receiver), ", ".join(edge.ports)
    return (
        "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in (*cells, edge.state.value)) + "</tr>"
    )


def _text(text: str) -> str:
    return escape(short(text, 1_000))
