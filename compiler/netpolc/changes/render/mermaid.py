"""The change as a picture: which services, which new and lost connections between them.

GitHub and GitLab draw a Mermaid flowchart that stands in a comment. Boxes are pods of a
namespace, rounded ones everything that is no namespace's; a thick line is opened, a
dotted one closed, and their labels say so with a plus or a minus, since colour alone
does not tell everybody. A picture of hundreds of lines helps nobody, so it is cut, and says so.

Mermaid's grammar has no quoting that holds whatever stands in it, and it reads Markdown in
labels. So everything but letters, digits and spaces is written as a character code
(Mermaid documentation, "Entity codes to escape characters"), which is put in last of all.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice

from netpolc.changes.model import Difference, Effect, Entry, FarEnd
from netpolc.changes.render.diff_lines import plural
from netpolc.changes.render.markdown_escape import short
from netpolc.frozen import frozen
from netpolc.kube.display import ports_text
from netpolc.kube.peers import Direction

MOST_EDGES = 30
"""Lines beyond which a picture is harder to read than a list."""
_FOLDED = 16
"""Lines beyond which it is folded."""

_LONGEST, _PORTS = 32, 24
_ELSEWHERE = ""
_EVERY_ADDRESS = "0.0.0.0/0, ::/0"
_PAINT = {Effect.OPENED: "stroke:#1a7f37", Effect.CLOSED: "stroke:#cf222e,stroke-width:2px"}


@frozen(order=True)
class _Node:
    """A box: what is in it, and its namespace (empty for what is in none)."""

    namespace: str
    text: str


@frozen
class _Edge:
    """A line from a sender to a receiver."""

    sender: _Node
    receiver: _Node
    effect: Effect


def graph(difference: Difference) -> list[str]:
    """The flowchart in its Markdown block with a line about what it shows; nothing for nothing."""
    drawn = sorted(_drawn(difference), key=lambda one: not one[0].risks)
    if not drawn:
        return []
    shown = _edges(drawn)
    said = "Thick lines are opened, dotted ones closed."
    if len(drawn) > MOST_EDGES:
        cut = len(drawn) - MOST_EDGES
        said += f" {cut:,} of {plural(len(drawn), 'line')} left out here, and listed below."
    summary = f"<summary>Graph of the change ({plural(len(drawn), 'line')})</summary>"
    return [
        "<details open>" if len(shown) <= _FOLDED else "<details>",
        summary,
        "",
        "```mermaid",
        *flowchart(shown),
        "```",
        "",
        said,
        "",
        "</details>",
        "",
    ]


def flowchart(edges: dict[_Edge, tuple[str, ...]]) -> Iterator[str]:
    """The lines of a flowchart for edges with their ports."""
    nodes = sorted({node for edge in edges for node in (edge.sender, edge.receiver)})
    called = {node: f"n{number}" for number, node in enumerate(nodes)}
    yield "flowchart LR"
    for number, (namespace, some) in enumerate(groupby(nodes, key=lambda node: node.namespace)):
        if namespace == _ELSEWHERE:
            yield from (f'  {called[node]}(["{_label(node.text)}"])' for node in some)
            continue
        yield f'  subgraph s{number}["{_label(namespace)}"]'
        yield from (f'    {called[node]}["{_label(node.text)}"]' for node in some)
        yield "  end"
    for edge, ports in edges.items():
        ends = called[edge.sender], called[edge.receiver]
        words = _label(_ports(ports), _PORTS + 2)
        if edge.effect is Effect.OPENED:
            yield f'  {ends[0]} ==>|"#43; {words}"| {ends[1]}'
        else:
            yield f'  {ends[0]} -.->|"#8722; {words}"| {ends[1]}'
    for effect, paint in _PAINT.items():
        numbers = [str(n) for n, edge in enumerate(edges) if edge.effect is effect]
        if numbers:
            yield f"  linkStyle {','.join(numbers)} {paint}"


def _drawn(difference: Difference) -> Iterator[tuple[Entry, FarEnd]]:
    """What makes a line."""
    return ((entry, far) for entry in difference.entries for far in entry.far)


def _edges(drawn: Iterable[tuple[Entry, FarEnd]]) -> dict[_Edge, tuple[str, ...]]:
    """The first lines with their ports; those between the same ends are one."""
    found: dict[_Edge, dict[str, None]] = {}
    for entry, far in islice(drawn, MOST_EDGES):
        subject, other = _Node(entry.namespace, entry.subject), _far(far)
        ports = ports_text(far.traffic).removeprefix(":") or "every port"
        inwards = entry.direction is Direction.INGRESS
        ends = (other, subject) if inwards else (subject, other)
        found.setdefault(_Edge(*ends, entry.effect), {})[ports] = None
    return {edge: tuple(ports) for edge, ports in found.items()}


def _far(far: FarEnd) -> _Node:
    """The box of a far end: in a namespace where the text names one."""
    pods = far.pods or "every pod"
    if far.namespace and far.sayable:
        return _Node(far.namespace, pods)
    if far.of_others:
        return _Node(_ELSEWHERE, f"{pods} of other namespaces")
    return _Node(_ELSEWHERE, "every address" if far.peer == _EVERY_ADDRESS else far.peer)


def _ports(ports: Iterable[str]) -> str:
    """The ports of a line, shortened."""
    return short(", ".join(port.strip("[]") for port in ports), _PORTS)


def _label(text: str, longest: int = _LONGEST) -> str:
    """A text as a label that Mermaid takes for text."""
    shown = short(text, longest) if text.strip() else "(empty)"
    return "".join(
        char if (char.isascii() and char.isalnum()) or char == " " else f"#{ord(char)};"
        for char in shown
    )
