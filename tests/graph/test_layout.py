"""A layout draws every edge once, and keeps boxes and nodes apart."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.graph.layout import Drawing, Frame, Spot, layout
from netpolc.graph.layout.ranks import ranks
from netpolc.graph.model import Edge, EdgeState, Graph, Node, NodeKind, graph_of
from netpolc.graph.words import edge_text

nodes = st.one_of(
    st.builds(
        Node,
        namespace=st.sampled_from(["shop", "pay", "a-namespace-with-a-very-long-name"]),
        names=st.sampled_from("abcdefgh").map(lambda name: (name,)),
        unprotected=st.just(value=False),
    ),
    st.builds(
        Node,
        namespace=st.just(""),
        names=st.sampled_from("xyz").map(lambda name: (name,)),
        kind=st.sampled_from([NodeKind.INTERNET, NodeKind.BLOCK, NodeKind.NAMESPACE]),
    ),
)
edges = st.builds(
    Edge,
    sender=nodes,
    receiver=nodes,
    ports=st.sampled_from([("80",), ("443", "8080-8090")]),
    state=st.sampled_from([EdgeState.PERMITTED, EdgeState.UNDECIDED]),
)
graphs = st.builds(graph_of, st.lists(edges, max_size=25), st.lists(nodes, max_size=4))


def overlap(one: Spot | Frame, other: Spot | Frame) -> bool:
    """Whether two rectangles have a point in common."""
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def contains(frame: Frame, spot: Spot) -> bool:
    """Whether a frame has a spot inside."""
    return (
        frame.x <= spot.x
        and spot.x + spot.width <= frame.x + frame.width
        and frame.y <= spot.y
        and spot.y + spot.height <= frame.y + frame.height
    )


@settings(max_examples=60, deadline=None)
@given(graphs)
def test_nodes_and_boxes_keep_apart(graph: Graph) -> None:
    drawing = layout(graph)
    assert not any(overlap(a, b) for a, b in combinations(drawing.spots, 2))
    for spot in drawing.spots:
        inside = {frame.namespace for frame in drawing.frames if overlap(frame, spot)}
        assert inside == ({spot.node.namespace} - {""})
        assert all(contains(frame, spot) for frame in drawing.frames if frame.namespace in inside)
    assert not any(overlap(a, b) for a, b in combinations(drawing.frames, 2))
    places: list[Spot | Frame] = [*drawing.spots, *drawing.frames]
    for place in places:
        assert min(place.x, place.y) >= 0
        assert place.x + place.width <= drawing.width
        assert place.y + place.height <= drawing.height


def ends(drawing: Drawing, graph: Graph) -> list[tuple[bool, bool]]:
    """For each edge, whether its drawn ends touch its sender and its receiver."""
    found = []
    for edge in graph.edges:
        routes = [one for one in drawing.routes if one.edge is edge]
        loops = [one for one in drawing.loops if one.edge is edge]
        assert len(routes) + len(loops) == 1
        for route in routes:
            first, last = (
                any(
                    spot.y <= y <= spot.y + spot.height and x in {spot.x, spot.x + spot.width}
                    for spot in drawing.spots
                    if spot.node == node
                )
                for node, (x, y) in (
                    (edge.sender, route.points[0]),
                    (edge.receiver, route.points[-1]),
                )
            )
            found.append((first, last))
    return found


@settings(max_examples=60, deadline=None)
@given(graphs)
def test_every_edge_is_drawn_once_from_its_sender_to_its_receiver(graph: Graph) -> None:
    drawing = layout(graph)
    assert set(ends(drawing, graph)) <= {(True, True)}
    assert {spot.node for spot in drawing.spots} == set(graph.nodes)
    apart = [edge for edge in graph.edges if edge.sender != edge.receiver]
    shown = {(tag.edge.receiver, tag.text) for tag in drawing.tags}
    assert shown == {(edge.receiver, edge_text(edge)) for edge in apart}


@given(graphs)
@settings(max_examples=20, deadline=None)
def test_equal_graphs_have_equal_pictures(graph: Graph) -> None:
    again = graph_of(reversed(graph.edges), reversed(graph.nodes))
    assert layout(again) == layout(graph_of(graph.edges, graph.nodes))


def test_the_internet_sends_on_the_left_and_receives_on_the_right() -> None:
    internet = Node(namespace="", names=("internet",), kind=NodeKind.INTERNET)
    web = Node(namespace="shop", names=("web",))
    there = Edge(sender=internet, receiver=web, ports=("443",))
    back = Edge(sender=web, receiver=internet, ports=("80",))
    drawing = layout(graph_of([there, back]))
    assert [spot.node.names[0] for spot in sorted(drawing.spots, key=lambda spot: spot.x)] == [
        "internet",
        "web",
        "internet",
    ]
    assert all(route.points[0][0] < route.points[-1][0] for route in drawing.routes)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda p: p[0] != p[1])),
)
def test_no_link_is_within_a_rank(links: list[tuple[int, int]]) -> None:
    found = ranks(10, links)
    assert all(found[one] != found[other] for one, other in links)
    assert set(found) == set(range(1 + max(found)))


def test_a_chain_has_a_rank_for_each_link() -> None:
    assert ranks(4, [(0, 1), (1, 2), (2, 3), (0, 3)]) == [0, 1, 2, 3]


def test_edges_that_need_not_cross_are_level() -> None:
    ends = (("a", "z"), ("b", "y"), ("c", "x"), ("d", "w"))
    rungs = [
        Edge(
            sender=Node(namespace="shop", names=(sender,)),
            receiver=Node(namespace="shop", names=(receiver,)),
            ports=("80",),
        )
        for sender, receiver in ends
    ]
    drawing = layout(graph_of(rungs))
    assert [len({y for _, y in route.points}) for route in drawing.routes] == [1] * len(rungs)
