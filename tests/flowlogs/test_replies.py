"""Replies: a flow whose mirror is in the log, where the log does not say who began."""

from typing import TypeAlias

import pytest

from netpolc.flowlogs.aggregate import Tally
from netpolc.flowlogs.flow_table import Table
from netpolc.flowlogs.flows import Flow, PodParty, ServiceParty, Verdict
from netpolc.kube.ports import Protocol

WEB = PodParty(namespace="shop", labels=(("app", "web"),), complete=True)
JOB = PodParty(namespace="shop", labels=(("app", "job"),), complete=True)
API = PodParty(namespace="shop", labels=(("app", "api"),), complete=True)
Call: TypeAlias = tuple[PodParty, int, PodParty, int]


def tallied(calls: list[Call], *, certain: tuple[Call, ...] = ()) -> Tally:
    """The sums of a log; `certain` calls began."""
    tally = Tally()
    for sender, source, receiver, port in (*calls, *certain):
        known = (sender, source, receiver, port) in certain
        flow = Flow(
            sender=sender,
            receiver=receiver,
            protocol=Protocol.TCP,
            port=port,
            verdict=Verdict.FORWARDED,
            source_port=0 if known else source,
        )
        tally.add(flow, "flows.json", 1, "")
    return tally


def requests(calls: list[Call], *, certain: tuple[Call, ...] = ()) -> set[tuple[str, int]]:
    """The receivers and ports that are left when replies are; `certain` ones began."""
    tally = tallied(calls, certain=certain)
    tally.leave_out_replies()
    left = {
        (kind.receiver.labels[0][1], kind.port)
        for kind in tally.kinds
        if isinstance(kind.receiver, PodParty)
    }
    assert tally.left["replies"] == len(calls) + len(certain) - sum(
        seen.passed for seen in tally.kinds.values()
    )
    return left


def from_table(*calls: tuple[PodParty, PodParty, int]) -> set[tuple[str, int]]:
    """The receivers and ports of possible replies in a table, which has no ports of senders."""
    tally = Tally()
    for sender, receiver, port in calls:
        name = {WEB: "web", API: "api", JOB: "job"}
        line = f"shop/{name[sender]},shop/{name[receiver]},{port},tcp,forwarded"
        tally.add(Table().read_line(line), "flows.csv", 1, line)
    tally.leave_out_replies()
    assert not tally.left
    return {
        (kind.receiver.service, kind.port)
        for kind in tally.possible_replies()
        if isinstance(kind.receiver, ServiceParty)
    }


def both_ways(source: int, port: int) -> list[Call]:
    """A call of web to api, and the reply to it."""
    return [(WEB, source, API, port), (API, port, WEB, source)]


@pytest.mark.parametrize("sources", [(20001,), (20001, 20002, 20003), tuple(range(20000, 20100))])
def test_a_flow_whose_mirror_is_in_the_log_is_a_reply(sources: tuple[int, ...]) -> None:
    calls = [call for source in sources for call in both_ways(source, 8080)]
    assert requests(calls) == {("api", 8080)}
    assert requests(calls[::-1]) == {("api", 8080)}


def test_the_port_that_is_called_from_many_ports_is_the_service() -> None:
    calls = [call for source in (2001, 2002, 2003) for call in both_ways(source, 9090)]
    assert requests(calls) == {("api", 9090)}


def test_services_that_call_each_other_are_both_kept() -> None:
    calls = [*both_ways(20001, 8080), (API, 30001, WEB, 8080), (WEB, 8080, API, 30001)]
    assert requests(calls) == {("api", 8080), ("web", 8080)}


def test_a_flow_without_its_mirror_is_kept() -> None:
    assert requests([(API, 8080, WEB, 20001)]) == {("web", 20001)}
    assert requests([(API, 8080, WEB, 9), (API, 30000, WEB, 9), (WEB, 9, API, 8080)]) == {
        ("web", 9)
    }


def test_what_the_log_is_certain_of_is_never_a_reply() -> None:
    call = (API, 8080, WEB, 20001)
    assert requests([(WEB, 20001, API, 8080)], certain=(call,)) == {("web", 20001)}


@pytest.mark.parametrize(
    ("calls", "doubtful"),
    [
        ([(WEB, 20001, API, 8080), (API, 8080, WEB, 20009)], {("web", 20009)}),
        ([(WEB, 20001, API, 8080), (API, 8080, WEB, 20009), (API, 9, WEB, 20009)], set()),
        ([(WEB, 7000, API, 7000), (API, 7000, WEB, 7000)], set()),
        ([(WEB, 20001, API, 8080), (API, 20001, WEB, 8080)], set()),
        ([(API, 8080, WEB, 20009)], set()),
        (both_ways(20001, 30080), {("api", 30080), ("web", 20001)}),
    ],
)
def test_a_flow_from_a_called_port_may_be_a_reply(
    calls: list[Call], doubtful: set[tuple[str, int]]
) -> None:
    tally = tallied(calls)
    tally.leave_out_replies()
    found = tally.possible_replies()
    named = {
        (kind.receiver.labels[0][1], kind.port)
        for kind in found
        if isinstance(kind.receiver, PodParty)
    }
    assert named == doubtful
    assert not tallied([], certain=tuple(calls)).possible_replies()


CLIENT_PORTS = [(API, WEB, port) for port in (20001, 20002, 20003)]


@pytest.mark.parametrize(
    ("calls", "doubtful"),
    [
        ([(WEB, API, 8080), *CLIENT_PORTS], {("web", 20001), ("web", 20002), ("web", 20003)}),
        (CLIENT_PORTS, set()),
        ([(WEB, API, 8080), *CLIENT_PORTS[:2]], set()),
        ([(WEB, API, 8080), *CLIENT_PORTS, (JOB, WEB, 20001)], set()),
        ([(WEB, API, 20002), *CLIENT_PORTS], set()),
        ([(WEB, API, 8080), *((API, WEB, port) for port in (7000, 7001, 9042))], set()),
        ([(WEB, API, 8080), (API, WEB, 9090)], set()),
        ([(API, API, 8080), *((API, API, port) for port in (20001, 20002, 20003))], set()),
    ],
)
def test_high_ports_back_to_a_caller_may_be_replies_in_a_table(
    calls: list[tuple[PodParty, PodParty, int]], doubtful: set[tuple[str, int]]
) -> None:
    assert from_table(*calls) == doubtful
