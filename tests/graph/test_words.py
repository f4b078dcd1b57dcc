"""The texts of nodes, edges and legends say what these are, and no more than fits."""

import pytest

from netpolc.graph.model import Edge, EdgeState, Graph, Node, NodeKind
from netpolc.graph.words import edge_text, full_name, legend, node_lines, short

_WEB, _DB = (Node(namespace="shop", names=(name,)) for name in ("web", "db"))
_PAY = Node(namespace="pay", names=("pay",), kind=NodeKind.NAMESPACE)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("abc", "abc"), ("abcd", "abcd"), ("abcde", "abcd…"), ("", "(empty)"), ("  ", "(empty)")],
)
def test_a_text_is_cut_where_it_is_longer(text: str, shown: str) -> None:
    assert short(text, 4) == shown


def test_a_node_lists_its_first_names_and_counts_the_rest() -> None:
    names = tuple(f"s{number}" for number in range(1_006))
    assert node_lines(Node(namespace="n", names=names[:5])) == [*names[:5]]
    assert node_lines(Node(namespace="n", names=names)) == [*names[:5], "and 1,001 more"]
    labelled = Node(namespace="n", names=("a-long-name",), labels=("a",), unprotected=True)
    assert node_lines(labelled) == ["a", "(open ingress)"]


def test_a_full_name_has_the_namespace_if_there_is_one() -> None:
    assert full_name(Node(namespace="shop", names=("web", "api"))) == "shop/web, api"
    assert full_name(Node(namespace="", names=("internet",))) == "internet"


@pytest.mark.parametrize(
    ("edge", "text"),
    [
        (Edge(sender=_WEB, receiver=_DB, ports=("[80, 443]", "80")), "80, 443"),
        (Edge(sender=_WEB, receiver=_DB, ports=("80",), count=2), "80"),
        (Edge(sender=_WEB, receiver=_PAY, ports=("80",)), "80"),
        (Edge(sender=_WEB, receiver=_PAY, ports=("80",), count=2), "2 connections"),
        (
            Edge(sender=_PAY, receiver=_DB, ports=("80",), count=1_200, state=EdgeState.OPENED),
            "+ 1,200 connections",
        ),
        (Edge(sender=_WEB, receiver=_DB, ports=("80",), state=EdgeState.CLOSED), "− 80"),  # noqa: RUF001
        (Edge(sender=_WEB, receiver=_DB, ports=("8" * 29,)), "8" * 28 + "…"),
    ],
)
def test_an_edge_has_its_ports_or_counts_its_connections(edge: Edge, text: str) -> None:
    assert edge_text(edge) == text


def test_a_legend_explains_only_what_is_there() -> None:
    assert legend(Graph(nodes=(_WEB,), notes=("2 edges are left out",))) == ["2 edges are left out"]
    for state, sign in (
        (EdgeState.OPENED, "thick"),
        (EdgeState.CLOSED, "thick"),
        (EdgeState.UNDECIDED, "dashed"),
    ):
        (line,) = legend(Graph(edges=(Edge(sender=_WEB, receiver=_DB, ports=(), state=state),)))
        assert line.startswith(sign)
    (line,) = legend(Graph(nodes=(Node(namespace="n", names=("a",), unprotected=True),)))
    assert line.startswith("double border")
