"""Usual lines read by patterns and by the grammar give the same nodes, spans included."""

from hypothesis import event, given
from hypothesis import strategies as st

from netpolc.source import SourceFile
from netpolc.syntax.logical_lines import cut
from netpolc.syntax.quick import plain_node
from netpolc.syntax.usual import usual_node
from tests.reference import strategies
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.syntax.lines import arrows, broken, files, soup, usual
from tests.syntax.test_quick import by_grammar


def _check(text: str) -> int:
    """Compare the two ways on every line of a text; how many lines were usual and not plain."""
    source = SourceFile("test.intent", text)
    taken = 0
    for line in cut(text)[0]:
        if line.unclosed is not None or plain_node(line, source) is not None:
            continue
        node = usual_node(line, source)
        if node is not None:
            # Equality of nodes leaves spans out of account; their representation does not.
            assert repr(node) == repr(by_grammar(line, source)), line.text
            taken += 1
    return taken


@given(usual())
def test_usual_lines(text: str) -> None:
    event("taken" if _check(text) else "left to the grammar")


@given(usual().flatmap(broken))
def test_lines_that_are_nearly_usual(text: str) -> None:
    event("taken" if _check(text) else "left to the grammar")


@given(st.one_of(arrows(), files(), soup()))
def test_any_lines(text: str) -> None:
    _check(text)


@given(strategies.programs())
def test_programs(program: Program) -> None:
    for text in to_text(program).values():
        _check(text)


def test_the_usual_lines_are_taken() -> None:
    text = """
        cluster
        pods: 10.244.0.0/16, fd00::/8
        namespace shop {env=production, team = a.b}
        namespace shop {app.kubernetes.io/name=shop,in=in}
        service db = {app=postgres, role=primary}
        group office = 203.0.113.0/24, ns monitoring
        group nobody = none
        api -> internet:443 because "card payments"
        api <- any
        * -> dns, any:[80, 443]
        {app=db} <- {tier=web} in ns {env=production}:5432, ns *
        db <- none
        db <- migrator:5432 until 2027-03-31
        db <- migrator:5432 until 2027-03-31 because "one-off"
        db <- api:5432   because"no # comment"
        db <- api,
              {app=web}
        never db <- internet
        never * <- internet:22 because "SEC-7"
        only ns shop -> api in ns *:80
        always api in ns {a=b} <- web
        only db <- none
    """
    assert _check(text) == len(cut(text)[0])


def test_what_is_not_surely_right_is_left_to_the_grammar() -> None:
    text = """
        namespace shop {env=}
        namespace shop {env=a, env=b}
        namespace shop {env}
        namespace Shop {env=a}
        service db = {}
        service ns = {a=b}
        service db = {a==b}
        service db = {a=b,}
        service db = {a=b-}
        service db = {a/b/c=d}
        group 80 = ns x
        group g = none, api
        pods: 10.0.0.0/8:80
        pods: api
        pods: none
        pods:
        never db <- none
        never <- api:80
        never in ns x <- api
        only ns <- api
        db <- any in ns x
        db <- api, none
        db <- api because "a \\" b"
        db <- api because "a" because "b"
        db <- api because ""
        db <- apibecause "x"
        db <- because "x"
        db <- api until 2027-02-31
        db <- api until 2027-1-1
        db <- api because "a" until 2027-01-01
        never db <- api until 2027-01-01
        db <- 10.0.0.0/8 except 10.1.0.0/16, 10.2.0.0/16 because "x"
        db in ns x
    """
    taken = [line.text.strip() for line in cut(text)[0] if _check(line.text)]
    assert taken == ['db <- api because ""']
