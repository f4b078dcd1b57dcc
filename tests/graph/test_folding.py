"""Folding loses no connection, and a filter keeps what a list's filter keeps."""

from hypothesis import given
from hypothesis import strategies as st

from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.named_ends import ConnectionFilter, NamedEnd
from netpolc.graph.folding import MOST_NODES, folded, within
from netpolc.graph.model import Edge, Graph, Node, NodeKind, graph_of
from netpolc.sets import ValueSet


def node(name: str, namespace: str = "shop", *, unprotected: bool = False) -> Node:
    """A node of pods."""
    end = NamedEnd(PodClass(names=ValueSet.among(namespace)), f"{namespace}/{name}")
    return Node(namespace=namespace, names=(name,), unprotected=unprotected, end=end)


def edge(sender: str, receiver: str, port: str = "80") -> Edge:
    """An edge between pods of one namespace."""
    return Edge(sender=node(sender), receiver=node(receiver), ports=(port,))


def part(
    graph: Graph,
    *,
    sender: str = "",
    receiver: str = "",
    namespaces: tuple[str, ...] = (),
    hops: int = 1,
) -> Graph:
    """The part of a graph that a question is about."""
    wanted = ConnectionFilter(sender=sender, receiver=receiver, namespaces=namespaces)
    return within(graph, wanted, hops)


def names(graph: Graph) -> list[tuple[str, ...]]:
    """The names of the nodes."""
    return [one.names for one in graph.nodes]


def pairs(graph: Graph) -> set[tuple[str, str]]:
    """The ends of the edges."""
    return {(", ".join(e.sender.names), ", ".join(e.receiver.names)) for e in graph.edges}


nodes = st.builds(
    node,
    st.sampled_from("abcdef"),
    st.sampled_from(["shop", "pay", ""]),
    unprotected=st.booleans(),
)
edges = st.builds(
    Edge,
    sender=nodes,
    receiver=nodes,
    ports=st.sampled_from([("80",), ("443",)]),
    exposure=st.booleans(),
)


@given(st.lists(edges, max_size=20))
def test_a_folded_graph_counts_every_connection(some: list[Edge]) -> None:
    graph = graph_of(some)
    small = folded(graph)
    assert (
        sum(one.count for one in small.edges) == sum(one.count for one in graph.edges) == len(some)
    )
    shown = sorted((one.namespace, name) for one in small.nodes for name in one.names)
    assert shown == sorted((one.namespace, name) for one in graph.nodes for name in one.names)
    of = {(one.namespace, one.unprotected, n): one for one in small.nodes for n in one.names}
    kept = {(one.sender, one.receiver) for one in small.edges}
    for one in graph.edges:
        ends = [
            of[end.namespace, end.unprotected, end.names[0]] for end in (one.sender, one.receiver)
        ]
        assert tuple(ends) in kept


def test_services_with_equal_connections_are_one_node() -> None:
    graph = folded(graph_of([edge("a", "db"), edge("b", "db"), edge("c", "db", "81")]))
    assert names(graph) == [("a", "b"), ("c",), ("db",)]


def test_services_that_all_reach_each_other_are_one_node() -> None:
    open_pods = "abc"
    graph = folded(graph_of(edge(x, y) for x in open_pods for y in open_pods if x != y))
    assert names(graph) == [("a", "b", "c")]
    assert pairs(graph) == {("a, b, c", "a, b, c")}


def test_a_service_that_reaches_itself_in_several_ways_is_one_node() -> None:
    itself = [
        Edge(sender=node("a"), receiver=node("a"), ports=("80",), exposure=exposure)
        for exposure in (False, True)
    ]
    assert names(folded(graph_of(itself))) == [("a",)]


def test_an_unprotected_service_is_not_folded_into_a_protected_one() -> None:
    db = node("db")
    some = (node("a", unprotected=True), node("b"))
    graph = folded(graph_of(Edge(sender=one, receiver=db, ports=("80",)) for one in some))
    assert names(graph) == [("a",), ("b",), ("db",)]


def test_many_nodes_are_folded_by_namespace_and_the_graph_says_so() -> None:
    some = [
        Edge(sender=node(f"a{n}", f"ns{n % 3}"), receiver=node(f"b{n}"), ports=(str(n),))
        for n in range(1, MOST_NODES)
    ]
    graph = folded(graph_of(some))
    assert {one.kind for one in graph.nodes} == {NodeKind.NAMESPACE}
    assert len(graph.nodes) == 4
    assert sum(one.count for one in graph.edges) == len(some)
    assert graph.notes == ("118 nodes are folded into 4, one for each namespace or kind of peer",)


def test_many_peers_outside_of_namespaces_are_folded_by_kind() -> None:
    some = [
        Edge(
            sender=Node(namespace="", names=(f"10.0.{n}.0/24",), kind=NodeKind.BLOCK),
            receiver=node(f"a{n}"),
            ports=("80",),
        )
        for n in range(MOST_NODES)
    ]
    alone = Node(namespace="", names=("internet",), kind=NodeKind.INTERNET)
    graph = folded(graph_of([*some, Edge(sender=alone, receiver=node("a1"), ports=("80",))]))
    assert names(graph) == [("60 address blocks",), ("internet",), ("namespace shop",)]
    assert sum(one.count for one in graph.edges) == MOST_NODES + 1


def test_hops_follow_connections_from_and_to_a_name() -> None:
    chain = graph_of([edge("web", "api"), edge("api", "db"), edge("db", "disk")])
    assert pairs(part(chain, sender="web")) == {("web", "api")}
    assert pairs(part(chain, sender="web", hops=2)) == {("web", "api"), ("api", "db")}
    assert pairs(part(chain, receiver="db", hops=9)) == {("web", "api"), ("api", "db")}
    assert pairs(part(chain, sender="api", receiver="db")) == {("api", "db")}
    assert not part(chain, sender="disk")


def test_a_namespace_is_shown_with_both_directions_of_its_connections() -> None:
    across = Edge(sender=node("x", "pay"), receiver=node("db"), ports=("1",))
    graph = graph_of([across, edge("a", "db")], [node("alone", "pay")])
    shown = part(graph, namespaces=("pay",))
    assert pairs(shown) == {("x", "db")}
    assert ("alone",) in names(shown)
