"""The change as a picture: which services, which new and lost connections between them.

GitHub and GitLab draw a Mermaid flowchart in a comment. A thick line is opened, a dotted one
closed, and their labels say so with a plus or a minus, since not everybody sees colours. A picture
of hundreds of lines helps nobody, so it is cut, and says so.
"""

from netpolc.changes.difference_graph import edges_of
from netpolc.changes.model import Difference
from netpolc.changes.render.diff_lines import plural
from netpolc.graph.mermaid import flowchart
from netpolc.graph.model import graph_of

MOST_EDGES = 30
"""Lines beyond which a picture is harder to read than a list."""
_FOLDED = 16
"""Lines beyond which it is folded."""


def graph(difference: Difference) -> list[str]:
    """The flowchart in its Markdown block, and a line about what it shows; empty without entries."""
    drawn = list(edges_of(difference))
    if not drawn:
        return []
    shown = graph_of(drawn[:MOST_EDGES])
    words = "Thick lines are opened, dotted ones closed."
    if len(drawn) > MOST_EDGES:
        cut = len(drawn) - MOST_EDGES
        words += f" {cut:,} of {plural(len(drawn), 'line')} left out here, and listed below."
    return [
        "<details open>" if len(shown.edges) <= _FOLDED else "<details>",
        f"<summary>Graph of the change ({plural(len(drawn), 'line')})</summary>",
        "",
        "```mermaid",
        *flowchart(shown),
        "```",
        "",
        words,
        "",
        "</details>",
        "",
    ]
