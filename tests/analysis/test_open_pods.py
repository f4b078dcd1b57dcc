"""The pods of a namespace that nothing closes."""

import pytest

from netpolc.analysis.open_pods import closed_pods, is_closed, open_pods
from netpolc.ir.model import PolicySet
from netpolc.kube.peers import Direction
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.passes.lower import lower
from netpolc.passes.resolve import resolve
from netpolc.sets import ValueSet
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse

DB = Selector.labels({"app": "db"})
IMPOSSIBLE = Selector.of([("app", ValueSet.among("db")), ("app", ValueSet.among("web"))])


def policies(statement: str) -> PolicySet:
    """The policies of a namespace with one statement."""
    file = SourceFile("a.intent", f"namespace shop\n{statement}\n")
    return lower(resolve([parse(file).value]).value).value.namespaces["shop"]


@pytest.mark.parametrize(
    ("statement", "closed"),
    [
        ("default: deny", {Direction.INGRESS}),
        ("default: deny egress", {Direction.EGRESS}),
        ("* -> db:1", {Direction.EGRESS}),
        ("db <- api:1", set()),
    ],
)
def test_a_direction_is_closed_by_a_statement_about_every_pod(
    statement: str, closed: set[Direction]
) -> None:
    assert {way for way in Direction if is_closed(policies(statement), way)} == closed


def test_open_pods_are_those_that_no_subject_has() -> None:
    closed = closed_pods(policies("db <- api:1"), Direction.INGRESS)
    assert open_pods(closed, DB) == ()
    assert open_pods(closed, Selector.labels({"app": "web"})) == (Selector.labels({"app": "web"}),)
    assert all(one.isdisjoint(DB) for one in open_pods(closed, EVERYTHING))
    assert open_pods(closed_pods(policies("db -> api:1"), Direction.INGRESS)) == (EVERYTHING,)


def test_no_pods_are_open_where_none_can_exist() -> None:
    assert IMPOSSIBLE.impossible
    assert open_pods(closed_pods(policies("db <- api:1"), Direction.EGRESS), IMPOSSIBLE) == ()
