"""Groups that name groups: what they grant is right, and the work is in proportion to what is written."""

from unittest.mock import patch

import pytest

from netpolc.diagnostics import Outcome
from netpolc.passes.resolve import peers, resolve
from netpolc.program.model import Arrow, Program
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse

_MANY = 3_000


def _resolved(*lines: str) -> Outcome[Program]:
    tree = parse(SourceFile("x.intent", "\n".join(lines)))
    assert not tree.diagnostics
    return resolve([tree.value])


def _arrow(*lines: str) -> Arrow:
    outcome = _resolved(*lines)
    assert not outcome.diagnostics
    (arrow,) = outcome.value.namespaces["default"].arrows
    return arrow


def _granted(arrow: Arrow) -> list[str]:
    return [f"{named.name}:{named.grant.traffic.tcp.ranges[0][0]}" for named in arrow.grants]


def test_a_group_named_twice_on_each_of_thirty_lines() -> None:
    twice = [f"group g{i} = g{i - 1}, g{i - 1}" for i in range(1, 30)]
    arrow = _arrow("db <- g29:80", "group g0 = x, y", *twice)
    assert _granted(arrow) == ["x:80", "y:80"]
    assert arrow.through == {f"g{i}" for i in range(30)}


def test_a_chain_of_groups_deeper_than_python_calls() -> None:
    chain = [f"group g{i} = g{i - 1}, x" for i in range(1, _MANY)]
    with patch.object(peers, "_group", wraps=peers._group) as looked_up:
        arrow = _arrow(f"db <- g{_MANY - 1}", "group g0 = x", *chain)
    assert looked_up.call_count == 2 * _MANY
    assert {named.name for named in arrow.grants} == {"x"}


def test_each_list_of_ports_is_granted() -> None:
    lines = "group a = x, y", "group b = a:80, a:443, a:80", "db <- b, a:443, a"
    assert _granted(_arrow(*lines)) == ["x:80", "y:80", "x:443", "y:443", "x:1", "y:1"]


def test_ports_twice_are_found_wherever_they_are_written() -> None:
    outcome = _resolved("group a = x:80", "group b = a:81, a:81", "db <- b, a:82, a:82")
    places = [(found.rule.name, found.label.span.line) for found in outcome.diagnostics]
    assert places == [("ports-twice", line) for line in (2, 2, 3, 3)]


@pytest.mark.parametrize("length", [1, 2, _MANY])
def test_a_cycle_is_one_finding(length: int) -> None:
    cycle = [f"group g{i} = g{(i + 1) % length}, x" for i in range(length)]
    (found,) = _resolved(*cycle, "db <- g0").diagnostics
    assert found.rule is peers.GROUP_CYCLE
    assert found.label.text.startswith("g0 -> ")
    assert found.label.text.endswith(" -> g0")
    assert found.label.text.count("->") <= length
    assert len(found.label.text) < 100
