"""The comparisons of arrows with each other, counted: they grow with the program."""

from collections.abc import Sequence
from typing import Any

import pytest

from netpolc.analysis import (
    disjointness,
    namespace_redundancy,
    policy_index,
    possibly_redundant,
)
from netpolc.analysis.policy_index import PolicyIndex
from netpolc.analysis.symbolic_case import Case
from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.ir import subsumption
from netpolc.ir.model import Allow
from netpolc.kube.cidr import Block
from netpolc.kube.selectors import Selector
from netpolc.passes.resolve import slip_index
from netpolc.source import SourceFile
from tests.conftest import Count
from tests.counted_work import TODAY, compiled, organisation, work


@pytest.mark.parametrize(
    ("place", "name"),
    [(subsumption, "covers"), (disjointness, "is_irrelevant"), (namespace_redundancy, "allowed")],
)
def test_comparisons_grow_with_the_program(place: Any, name: str, count: Count) -> None:
    """Twice the services, twice the comparisons; twice the peers of each, not four times."""
    calls = count(place, name)
    found = []
    for services, peers in ((20, 16), (40, 16), (40, 32)):
        calls.clear()
        compiled(organisation(1, services, peers))
        found.append(calls[name])
    assert found[1] <= 2 * found[0] + 2
    assert found[2] <= 2.2 * found[1] + 2


@pytest.mark.parametrize(
    "peer",
    [
        "10.0.{}.0/24:80",
        "api in ns ns{}",
        "ns ns{}",
        "ns {{team=t{}}}",
        "{{app=api, tier=t{}}}",
        "s{}:80",
    ],
)
def test_comparisons_grow_with_the_peers_of_one_arrow(peer: str, count: Count) -> None:
    calls = count(disjointness, "is_irrelevant")
    found = []
    for peers in (40, 80):
        calls.clear()
        listed = ", ".join(peer.format(number) for number in range(peers))
        compiled((SourceFile("a.intent", f"namespace ns0\ndefault: deny\ndb <- {listed}\n"),))
        found.append(calls["is_irrelevant"])
    assert found[1] <= 2 * found[0] + 2


def test_open_services_are_compared_with_the_subjects_near_them(count: Count) -> None:
    """Whether anything closes a service is asked of its own label, not of every subject."""
    calls = count(Selector, "isdisjoint")

    def text(number: int) -> str:
        arrows = "".join(f"{{app=s{n}, role=a}} <- open{n}:80\n" for n in range(number))
        return f"namespace ns0\n{arrows}"

    found = work(calls, "isdisjoint", text, 40, 80)
    assert 0 < found[1] <= 2 * found[0] + 2


@pytest.mark.parametrize(
    ("arrow", "place", "name"),
    [
        ("db <- {{k{n}=v}}:80\n", Selector, "isdisjoint"),
        ("{{e{n}=v}} <- {{k{n}=v}}:80\n", Selector, "isdisjoint"),
        ("db <- 10.{n}.0.0/16 except [10.{n}.1.0/24, 10.{n}.9.0/24]\n", Block, "numbers"),
        ("db <- 10.0.0.0/8 except [10.{n}.1.0/24, 10.{n}.9.0/24]\n", Block, "numbers"),
    ],
)
def test_peers_with_distinct_keys_or_exceptions_are_not_compared_in_pairs(
    count: Count, arrow: str, place: type, name: str
) -> None:
    calls = count(place, name)

    def text(number: int) -> str:
        lines = "".join(arrow.format(n=n) for n in range(number))
        return f"namespace ns0\n{lines}"

    found = work(calls, name, text, 40, 80)
    assert found[1] <= 2 * found[0] + 2


@pytest.mark.parametrize(
    "arrow",
    [
        "db <- 10.0.0.0/8 except [10.{n}.1.0/24, 10.{n}.9.0/24]\n",
        "db <- api:{n}-{last}\n",
        "db <- api:[port-{n}, port-{next}]\n",
    ],
)
def test_arrows_that_all_overlap_are_compared_with_a_few_others(count: Count, arrow: str) -> None:
    """The first few others tell that an arrow is redundant."""
    calls = count(disjointness, "is_irrelevant")

    def text(number: int) -> str:
        lines = "".join(arrow.format(n=n, next=n + 1, last=n + 4000) for n in range(1, number))
        return f"namespace ns0\n{lines}"

    found = work(calls, "is_irrelevant", text, 80, 160)
    assert 0 < found[1] <= 2.3 * found[0]


def test_the_allows_of_every_pod_are_indexed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each service's arrows are compared with those of `*`, which need one index for all."""
    indexed: list[int] = []

    class Counted(disjointness.Neighbours):
        def __init__(self, allows: Sequence[Allow], namespace: str) -> None:
            indexed.append(len(allows))
            super().__init__(allows, namespace)

    monkeypatch.setattr(possibly_redundant, "Neighbours", Counted)
    found = []
    for services in (20, 40):
        indexed.clear()
        arrows = "".join(f"s{n} <- api:80\n" for n in range(services))
        every = "".join(f"* <- {{!x{n}}} in ns other:80\n" for n in range(services))
        compiled((SourceFile("a.intent", f"namespace ns0\ndefault: deny\n{every}{arrows}"),))
        found.append(sum(indexed))
    assert 0 < found[1] <= 2 * found[0] + 2


@pytest.mark.parametrize(
    ("port", "owner", "name"),
    [("", policy_index, "_surely_has_some"), ("p", PolicyIndex, "_is_toward")],
)
def test_a_closed_namespace_is_looked_through_once_for_all_its_arrows(
    count: Count, port: str, owner: object, name: str
) -> None:
    """Whether the other end opens an arrow is asked of the allows about its pods alone.

    Arrows for named ports need a search, others do not.
    """
    calls = count(owner, name)
    found = []
    for services in (40, 80):
        calls.clear()
        written = (
            f"s{n} <- s{(n * 7 + k) % services}:{port}{k}\n"
            for n in range(services)
            for k in (1, 2)
        )
        compiled((SourceFile("a.intent", "default: deny ingress egress\n" + "".join(written)),))
        found.append(calls[name])
    assert 0 < found[1] <= 2 * found[0] + 2


@pytest.mark.parametrize(
    ("port", "owner", "name"), [("80", Selector, "matches"), ("p", Case, "subject")]
)
def test_a_mirrored_arrow_is_compared_with_the_subjects_of_its_own_pods(
    count: Count, port: str, owner: object, name: str
) -> None:
    """Whether the sender is closed is asked of the subjects that may be its pods, not of all.

    Arrows for named ports need a search, others do not.
    """
    calls = count(owner, name)

    def text(number: int) -> str:
        written = (
            f"s{n} -> db:{port}\ns{n} <- s{(n + 1) % number}:{port}\n" for n in range(number)
        )
        return "".join(written)

    found = work(calls, name, text, 40, 80)
    assert 0 < found[1] <= 2 * found[0] + 2


def test_what_closes_a_namespace_is_worked_out_once_for_all_redundant_arrows(count: Count) -> None:
    calls = count(namespace_redundancy, "closing")

    def text(number: int) -> str:
        return "".join(f"s{n} <- api:80\ns{n} <- api:80-90\n" for n in range(number))

    found = work(calls, "closing", text, 20, 40)
    assert 0 < found[1] <= 2 * found[0]


def test_subjects_that_all_meet_each_other_share_what_is_near_them(count: Count) -> None:
    calls = count(possibly_redundant, "Neighbours")
    found = []
    for services in (20, 40):
        calls.clear()
        lines = "".join(f"{{app notin (a{n}, b{n})}} <- x:80\n" for n in range(services))
        report = run(Sources(intents=(SourceFile("a.intent", lines),)), Options(today=TODAY))
        assert len(report.diagnostics) == services - 2  # Any two of them are about all pods.
        found.append(calls["Neighbours"])
    assert 0 < found[1] == found[0]


@pytest.mark.parametrize("peer", ["api:{n}", "s{n}:80"])
def test_subjects_that_all_meet_each_other_are_not_compared_in_pairs(
    peer: str, count: Count
) -> None:
    """Their allows are found by peer and port."""
    calls = count(Selector, "isdisjoint")

    def text(number: int) -> str:
        arrow = f"{{{{app notin (a{{n}}, b{{n}})}}}} <- {peer}\n"
        return "".join(arrow.format(n=n + 1) for n in range(number))

    found = work(calls, "isdisjoint", text, 40, 80)
    assert 0 < found[1] <= 2.1 * found[0]


def test_pods_that_a_few_statements_close_are_not_held_against_all(count: Count) -> None:
    calls = count(namespace_redundancy, "_labels")

    def text(number: int) -> str:
        return "".join(f"{{app notin (a{n}, b{n})}} <- x:80\n" for n in range(number))

    found = work(calls, "_labels", text, 40, 80)
    assert 0 < found[1] <= 3 * found[0]


def test_callers_that_no_arrow_is_about_are_not_compared_with_every_service(count: Count) -> None:
    calls = count(slip_index, "slips")
    names = [f"{'abcdefghij'[n % 10] * 3}{'klmnopqrst'[n // 10 % 10] * 3}" for n in range(100)]
    lines = "".join(f"{name}-service <- {name}-caller:80\n" for name in names)
    result = run(
        Sources(intents=(SourceFile("a.intent", f"namespace a\ndefault: deny\n{lines}"),)),
        Options(today=TODAY),
    )
    assert not result.diagnostics
    assert calls["slips"] < 100
