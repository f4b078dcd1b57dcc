"""Every format of a graph is well formed, and hostile names stay text in it."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.diagnostics.render.escape import visible_char
from netpolc.graph.class_node import addresses_node
from netpolc.graph.dot import dot_text
from netpolc.graph.draw_matrix import draw_matrix
from netpolc.graph.draw_nodes import draw_nodes
from netpolc.graph.html import html_page
from netpolc.graph.json import json_text
from netpolc.graph.layout import layout
from netpolc.graph.mermaid import mermaid_text
from netpolc.graph.model import Edge, EdgeState, Graph, Node, NodeKind, graph_of
from netpolc.graph.picture import edge_classes
from netpolc.graph.svg import svg_text
from netpolc.kube.cidr import Addresses, Block, Cidr

HOSTILE = (
    "</script><img src=x onerror=alert(1)>",
    'a"];\n evil [label="x',
    "back\\slash\\N",
    "&lt;b&gt; &amp;",
    "]]> --> %%{init: {}}%%",
    "\u202eright-to-left\u2066",
    "x" * 100_000,
    "",
    "end",
    "*/ $(id) `id`",
)
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8))
nodes = st.builds(
    Node,
    namespace=texts,
    names=st.lists(texts, min_size=1, max_size=7).map(tuple),
    kind=st.sampled_from(NodeKind),
    unprotected=st.booleans(),
)
graphs = st.lists(
    st.builds(
        Edge,
        sender=nodes,
        receiver=nodes,
        ports=st.lists(texts, min_size=1, max_size=2).map(tuple),
        state=st.sampled_from(EdgeState),
    ),
    max_size=4,
).map(graph_of)
TEXT = r'"(?:[^"\\]|\\.)*"'
DOT = re.compile(
    r"digraph netpolc \{|  rankdir=LR;|  (?:graph|node|edge) \[[^\]]*\];"
    rf"|  label={TEXT};|  subgraph cluster_\d+ \{{|  \}}|\}}"
    rf'|    label={TEXT}; style=filled; color="#\w+"; fillcolor="#\w+";'
    rf'|  (?:  )?n\d+ \[label={TEXT}, shape=\w+, style=(?:\w+|"[\w,]+"), fillcolor="#\w+"[^"]*(?:"#\w+")?\];'
    rf"|  n\d+ -> n\d+ \[label={TEXT}(?:, \w+=(?:\w+|\"#\w+\"))*\];"
)
LABEL = r'"(?:[A-Za-z0-9 ]|#[0-9]{1,7};)+"'
MERMAID = re.compile(
    rf"%% .*|flowchart LR|  (?:  )?n\d+[\[({{]+{LABEL}[\])}}]+|  subgraph s\d+\[{LABEL}\]|  end"
    rf"|  n\d+ (?:-->|-\.->|==>|-\.-x)\|{LABEL}\| n\d+|  linkStyle [\d,]+ [\w:#,-]+"
    r"|  classDef unprotected [\w:#,-]+|  class [n\d,]+ unprotected"
)


class _Tags(HTMLParser):
    """The tags of a page and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.found |= {tag, *(f"{tag} {name}" for name, _ in attrs)}


@settings(max_examples=30, deadline=None)
@given(graphs)
def test_names_stay_text_in_dot_and_mermaid(graph: Graph) -> None:
    for text, form in ((dot_text(graph), DOT), (mermaid_text(graph), MERMAID)):
        assert all(visible_char(char) == char for char in set(text) - {"\n"})
        wrong = [line for line in text.splitlines() if not form.fullmatch(line)]
        assert wrong == []


@settings(max_examples=20, deadline=None)
@given(graphs)
def test_names_stay_text_in_a_page_and_nothing_is_requested(graph: Graph) -> None:
    page = html_page(graph, 'a <title> & "more"')
    tags = _Tags()
    tags.feed(page)
    assert not tags.found & {"link", "iframe", "img", "base", "form", "script src", "a"}
    assert "default-src 'none'" in page
    assert page.count("<script") == page.count("<style") == 1
    assert page.count("<tr>") == len(graph.edges) + 1
    assert not re.search(r"https?:", page.replace("http-equiv", ""))


@settings(max_examples=20, deadline=None)
@given(graphs)
def test_a_picture_is_xml_in_which_names_are_text(graph: Graph) -> None:
    for picture in (draw_nodes(graph), draw_matrix(graph)):
        root = fromstring(f"<svg>{''.join(picture.elements)}</svg>")  # noqa: S314 - our own text
        names = {element.tag for element in root.iter()}
        assert names <= {"svg", "g", "path", "rect", "text", "title"}
        keys = {key for element in root.iter() for key in element.attrib}
        assert not {key for key in keys if key.startswith("on") or "href" in key}
        drawn = [one for one in root.iter("g") if "edge" in one.get("class", "").split()]
        assert len(drawn) == len(graph.edges)
    assert fromstring(svg_text(graph)).tag.endswith("svg")  # noqa: S314 - our own text


def test_a_table_marks_the_nodes_that_are_open_to_everyone() -> None:
    nodes = [
        Node(namespace="shop", names=(name,), unprotected=name == "db") for name in ("a", "db")
    ]
    graph = graph_of([Edge(sender=nodes[0], receiver=nodes[1], ports=("80",))])
    root = fromstring(f"<svg>{''.join(draw_matrix(graph).elements)}</svg>")  # noqa: S314 - our own text
    marked = [e.text for e in root.iter("text") if "unprotected" in e.get("class", "").split()]
    assert marked == ["shop/db"]


def test_each_heading_of_a_table_is_beside_its_row_or_above_its_column() -> None:
    nodes = [Node(namespace="shop", names=(name,)) for name in ("a", "b", "c")]
    edges = [Edge(sender=nodes[0], receiver=node, ports=("80",)) for node in nodes[1:]]
    graph = graph_of([*edges, Edge(sender=nodes[1], receiver=nodes[2], ports=("80",))])
    root = fromstring(f"<svg>{''.join(draw_matrix(graph).elements)}</svg>")  # noqa: S314 - our own text
    headings = [e for e in root.iter("text") if "heading" in e.get("class", "")]
    rows = {e.text: float(e.get("y", 0)) - 4 for e in headings if e.get("transform") is None}
    columns = {e.text: float(e.get("x", 0)) - 4 for e in headings if e.get("transform")}
    squares = {
        title: (float(r.get("x", 0)), float(r.get("y", 0)), float(r.get("height", 0)) / 2)
        for group in root.iter("g")
        for title in [group.findtext("title", "").partition(":")[0]]
        for r in group.iter("rect")
    }
    assert squares.keys() == {"shop/a → shop/b", "shop/a → shop/c", "shop/b → shop/c"}
    for title, (x, y, half) in squares.items():
        sender, _, receiver = title.partition(" → ")
        assert (columns[receiver], rows[sender]) == pytest.approx((x + half, y + half))


def test_the_warning_of_an_open_node_is_its_last_line() -> None:
    node = Node(namespace="shop", names=("api", "db"), unprotected=True)
    graph = graph_of([Edge(sender=WORLD, receiver=node, ports=("80",))])
    root = fromstring(f"<svg>{''.join(draw_nodes(graph).elements)}</svg>")  # noqa: S314 - our own text
    lines = [(e.text, e.get("class")) for g in root.iter("g") for e in g.findall("text")]
    assert [text for text, kind in lines if kind == "warning"] == ["(open ingress)"]


@pytest.mark.parametrize("kind", NodeKind)
@pytest.mark.parametrize("unprotected", [False, True])
def test_the_shapes_of_a_node_fill_its_place(kind: NodeKind, *, unprotected: bool) -> None:
    graph = graph_of([], [Node(namespace="", names=("a",), kind=kind, unprotected=unprotected)])
    (spot,) = layout(graph).spots
    text = "".join(draw_nodes(graph).elements)
    corners = re.findall(r"[ML]([\d.]+),([\d.]+)", text)
    xs = [float(x) for x, _ in corners]
    ys = [float(y) for _, y in corners]
    for sides in re.findall(r'x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', text):
        x, y, width, height = map(float, sides)
        xs += (x, x + width)
        ys += (y, y + height)
    assert (min(xs), max(xs)) == pytest.approx((spot.x, spot.x + spot.width), abs=0.1)
    assert (min(ys), max(ys)) == pytest.approx((spot.y, spot.y + spot.height), abs=0.1)


def test_an_edge_is_coloured_by_its_most_exposing_end() -> None:
    everywhere = Node(namespace="", names=("ns *",), kind=NodeKind.EVERY_NAMESPACE)
    plain = Node(namespace="shop", names=("api",))
    classes = [
        edge_classes(Edge(sender=sender, receiver=receiver, ports=("80",)))
        for sender, receiver in ((plain, SHOP), (everywhere, SHOP), (everywhere, WORLD))
    ]
    assert classes == [
        "edge permitted",
        "edge permitted with_every_namespace",
        "edge permitted with_internet",
    ]


def test_public_addresses_are_the_internet_and_others_a_block() -> None:
    addresses = [Addresses.of([Block(Cidr.parse(text))]) for text in ("10.0.0.0/8", "0.0.0.0/0")]
    kinds = [addresses_node(each, "name").kind for each in addresses]
    assert kinds == [NodeKind.BLOCK, NodeKind.INTERNET]


def test_a_picture_with_too_many_arrows_is_a_table_which_says_so() -> None:
    ends = [Node(namespace="shop", names=(f"s{number}",)) for number in range(13)]
    edges = [Edge(sender=one, receiver=other, ports=("80",)) for one in ends for other in ends]
    assert "169 arrows would cover each other" in svg_text(graph_of(edges))
    assert "arrows would" not in svg_text(graph_of(edges[:150]))


def test_the_edges_of_folded_namespaces_show_how_many_connections_they_are() -> None:
    shop, pay = (
        Node(namespace="", names=(f"namespace {name}",), kind=NodeKind.NAMESPACE)
        for name in ("shop", "pay")
    )
    edge = Edge(sender=shop, receiver=pay, ports=("80", "443"), count=1200)
    assert ">1,200 connections</text>" in svg_text(graph_of([edge]))


@settings(max_examples=20, deadline=None)
@given(graphs)
def test_json_has_every_node_and_edge(graph: Graph) -> None:
    found = json.loads(json_text(graph))
    ends = [(graph.nodes[e["sender"]], graph.nodes[e["receiver"]]) for e in found["edges"]]
    assert ends == [(edge.sender, edge.receiver) for edge in graph.edges]
    assert [one["name"] for one in found["nodes"]] == [node.names[0] for node in graph.nodes]


def test_ports_are_left_out_of_a_dense_drawing_which_says_so() -> None:
    ends = [Node(namespace="shop", names=(f"s{number}",)) for number in range(15)]
    edges = [Edge(sender=one, receiver=other, ports=("80",)) for one in ends for other in ends]
    text = dot_text(graph_of(edges))
    assert 'label="ports are left out: 225 edges";' in text
    assert 'label="80"' not in text
    assert 'label="80"' in dot_text(graph_of(edges[:200]))


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not on this machine")
def test_graphviz_draws_hostile_names_as_text() -> None:
    ends = [Node(namespace=text, names=(text,), kind=kind) for text in HOSTILE for kind in NodeKind]
    graph = graph_of(Edge(sender=one, receiver=ends[0], ports=(one.names[0],)) for one in ends)
    done = subprocess.run(
        ["dot", "-Tsvg"], input=dot_text(graph).encode(), capture_output=True, check=True
    )
    drawn = done.stdout.decode()
    assert not done.stderr
    assert "<img" not in drawn
    assert "&lt;/script&gt;&lt;img" in drawn
    assert "&amp;lt;b&amp;gt; &amp;amp;" in drawn
    assert r"back\slash\N" in drawn


SHOP = Node(namespace="shop", names=("db",), unprotected=True)
WORLD = Node(namespace="", names=("internet",), kind=NodeKind.INTERNET)


def test_a_drawing_has_clusters_shapes_and_states() -> None:
    edges = [
        Edge(sender=WORLD, receiver=SHOP, ports=("80",), state=EdgeState.OPENED),
        Edge(sender=SHOP, receiver=WORLD, ports=("443",)),
    ]
    lines = [line.strip() for line in dot_text(graph_of(edges)).splitlines()]
    assert sum(line.startswith("subgraph") for line in lines) == 1
    (cluster,) = [line for line in lines if line.startswith("label=") and "folder" not in line][1:]
    assert cluster.startswith('label="shop"; style=filled;')
    drawn = {line.partition(" [")[0]: line for line in lines if line.startswith("n")}
    assert len(drawn) == 5
    pods, world = (next(d for d in drawn.values() if text in d) for text in ('="db', '="internet'))
    assert "shape=box" in pods
    assert "peripheries=2" in pods
    assert "shape=doubleoctagon" in world
    assert "peripheries" not in world
    first, second = (pods.partition(" ")[0], world.partition(" ")[0])
    assert drawn[f"{second} -> {first}"].endswith(
        ' [label="+ 80", color="#1a7f37", fontcolor="#1a7f37", penwidth=3];'
    )
    assert drawn[f"{first} -> {second}"].endswith(' [label="443"];')


def test_json_names_kinds_states_and_exposure() -> None:
    edges = [
        Edge(sender=WORLD, receiver=SHOP, ports=("80", "[90]"), state=EdgeState.CLOSED),
        Edge(sender=SHOP, receiver=WORLD, ports=("443",), exposure=True),
    ]
    found = json.loads(json_text(graph_of(edges)))
    kinds = {one["name"]: (one["kind"], one["unprotected"]) for one in found["nodes"]}
    assert kinds == {"db": ("pods", True), "internet": ("internet", False)}
    assert [one["namespace"] for one in found["nodes"]] == sorted(["shop", ""])
    told = {(*one["ports"], one["state"], one.get("exposure")) for one in found["edges"]}
    assert told == {("80", "[90]", "closed", None), ("443", "permitted", True)}
