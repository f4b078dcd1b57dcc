"""Lines of logs: which say something about a policy, which do not, and which are none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.flowlogs import flow_table, hubble
from netpolc.flowlogs.flows import (
    AddressParty,
    Entity,
    Flow,
    Left,
    Misread,
    PodParty,
    Read,
    ServiceParty,
    Verdict,
)
from netpolc.kube.ports import Protocol
from tests.flowlogs.hubble_log import API, DB, flow, reply, reserved, world


def read(line: Any) -> Read:
    return hubble.read_line(json.dumps(line))


def flow_of(line: Any) -> Flow:
    found = read(line)
    assert isinstance(found, Flow), found
    return found


def test_a_flow_keeps_what_a_policy_is_about() -> None:
    found = flow_of(flow(API, DB, 5432))
    assert isinstance(found.sender, PodParty)
    assert found.sender.namespace == "shop"
    assert dict(found.sender.labels)["app"] == "api"
    assert not any(key.startswith("io.kubernetes") for key, _ in found.sender.labels)
    assert found.sender.namespace_labels == (("kubernetes.io/metadata.name", "shop"),)
    assert (found.protocol, found.port, found.verdict) == (Protocol.TCP, 5432, Verdict.FORWARDED)
    assert found.certain
    assert str(found.first) == "2026-03-01 08:00:00.123456+00:00"


def test_a_bare_flow_is_a_flow() -> None:
    line = flow(API, DB, 5432)
    assert read(line["flow"]) == read(line)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (reply(flow(API, DB, 5432)), "replies"),
        (flow(API, DB, 40000, source_port=5432, is_reply=None), "packets that look like replies"),
        (flow(API, DB, 5432, Type="SOCK"), "translations of a Service's address"),
        (flow(API, DB, 5432, verdict="TRACED"), "flows without a verdict"),
        (
            flow(API, DB, 5432, verdict="DROPPED", drop_reason_desc="STALE_OR_UNROUTABLE_IP"),
            "drops for which no policy is the reason",
        ),
        (flow(API, DB, 1, l4={"ICMPv4": {"type": 8}}), "traffic without ports (ICMP and others)"),
        ({"lost_events": {"num_events_lost": "3"}}, "events that Hubble lost"),
        ({"node_status": {}}, "events that are not flows"),
    ],
)
def test_what_says_nothing_about_a_policy_is_left_out(line: Any, why: str) -> None:
    assert read(line) == Left(why)


def test_a_syn_and_ack_is_an_answer_when_nothing_else_says_so() -> None:
    line = flow(DB, API, 8080, is_reply=None)
    line["flow"]["l4"]["TCP"]["flags"] = {"SYN": True, "ACK": True}
    assert read(line) == Left("replies")


@pytest.mark.parametrize(
    ("verdict", "meant"),
    [
        ("FORWARDED", Verdict.FORWARDED),
        ("REDIRECTED", Verdict.FORWARDED),
        ("DROPPED", Verdict.DROPPED),
        ("AUDIT", Verdict.AUDITED),
    ],
)
def test_verdicts(verdict: str, meant: Verdict) -> None:
    assert flow_of(flow(API, DB, 5432, verdict=verdict)).verdict is meant


@pytest.mark.parametrize(
    ("names", "entity"),
    [
        (("host",), "host"),
        (("remote-node",), "remote-node"),
        (("kube-apiserver", "remote-node"), "kube-apiserver"),
        (("world", "kube-apiserver"), "kube-apiserver"),
        (("health",), "health"),
        (("ingress",), "ingress"),
        (("something-new",), "unknown"),
    ],
)
def test_what_cilium_reserves_is_no_pod(names: tuple[str, ...], entity: str) -> None:
    assert flow_of(flow(API, reserved(*names), 443)).receiver == Entity(entity)


def test_the_world_is_an_address() -> None:
    found = flow_of(flow(API, world("2001:db8::7"), 443)).receiver
    assert isinstance(found, AddressParty)
    assert str(found.address) == "2001:db8::7"
    mapped = flow_of(flow(API, world("::ffff:192.0.2.1"), 443)).receiver
    assert isinstance(mapped, AddressParty)
    assert str(mapped.address) == "192.0.2.1"


def test_the_address_of_a_service_is_no_block() -> None:
    line = flow(API, world("10.96.0.10"), 443, destination_service={"name": "db"})
    assert flow_of(line).receiver == Entity("service")


@pytest.mark.parametrize(
    "line",
    [
        [],
        1,
        None,
        {},
        {"flow": 1},
        {"flow": {"verdict": "FORWARDED", "l4": {"TCP": 1}}},
        flow(API, DB, 0),
        flow(API, DB, 70000),
        flow({"namespace": "Not A Name", "labels": []}, DB, 80),
        flow({"namespace": "shop", "labels": ["k8s:app=white space"]}, DB, 80),
        flow({"namespace": "shop", "labels": [1]}, DB, 80),
        flow(API, world("not an address"), 80),
        flow(API, world("fd00:ec2::254%eth0"), 80),
        flow(API, DB, 80, source=[]),
        {**flow(API, DB, 80), "flow": {**flow(API, DB, 80)["flow"], "time": "yesterday"}},
    ],
)
def test_what_is_no_flow_is_misread(line: Any) -> None:
    assert isinstance(read(line), Misread)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
PATHS = [
    ("flow",), ("flow", "verdict"), ("flow", "IP"), ("flow", "l4"), ("flow", "l4", "TCP"),
    ("flow", "source"), ("flow", "source", "labels"), ("flow", "source", "namespace"),
    ("flow", "destination"), ("flow", "time"), ("time",), ("flow", "is_reply"), ("flow", "Type"),
    ("flow", "l4", "TCP", "destination_port"), ("flow", "l4", "TCP", "source_port"),
    ("flow", "l4", "TCP", "flags"), ("flow", "drop_reason_desc"), ("flow", "source_service"),
]  # fmt: skip


@given(st.sampled_from(PATHS), JSON, st.sampled_from(["FORWARDED", "DROPPED"]))
def test_no_value_anywhere_in_a_flow_is_a_traceback(
    path: tuple[str, ...], value: Any, verdict: str
) -> None:
    line = json.loads(json.dumps(flow(API, DB, 80, verdict=verdict)))
    place = line
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert isinstance(read(line), Flow | Left | Misread)


@given(st.text())
def test_no_text_is_a_traceback(text: str) -> None:
    assert not isinstance(hubble.read_line(text), Flow)
    assert not isinstance(flow_table.Table().read_line(text), Flow)
    assert flow_table.header(text) is None


def test_nesting_beyond_measure_is_misread() -> None:
    assert isinstance(hubble.read_line("[" * 200_000), Misread)


def test_a_line_of_the_table() -> None:
    line = '"shop/{app=api, tier=web}",shop/db,5432,TCP,allowed,12,2026-03-01T08:00:00+01:00,'
    found = flow_table.Table().read_line(line)
    assert isinstance(found, Flow)
    assert found.sender == PodParty(namespace="shop", labels=(("app", "api"), ("tier", "web")))
    assert found.receiver == ServiceParty("shop", "db")
    assert found.count == 12
    assert str(found.first) == str(found.last) == "2026-03-01 07:00:00+00:00"


def test_a_header_sets_the_order() -> None:
    table = flow_table.header("verdict,protocol,port,destination,source")
    assert table is not None
    found = table.read_line("deny,udp,53,192.0.2.1,shop/api")
    assert isinstance(found, Flow)
    assert (found.verdict, found.port) == (Verdict.DROPPED, 53)
    assert found.sender == ServiceParty("shop", "api")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("shop/api,shop/db,5432,tcp", "it has no verdict"),
        ("shop/api,shop/db,postgres,tcp,allow", "'postgres' is not a valid port"),
        ("shop/api,shop/db,65536,tcp,allow", "'65536' is not a port from 1 to 65535"),
        ("shop/api,shop/db,80,http,allow", "'HTTP' is not a protocol (tcp, udp or sctp)"),
        ("shop/api,shop/db,80,tcp,maybe", "'maybe' is not a verdict (forwarded, dropped or audit)"),
        ("shop/api,shop/,80,tcp,allow", "'shop/' is not a valid service"),
        ("shop/api,shop/{app},80,tcp,allow", "'app' is not a label such as app=api"),
        ('shop/api,"shop/{a=1, a=2}",80,tcp,allow', "the label a has two values"),
        ("shop/api,fe80::1%eth0,80,tcp,allow", "the address 'fe80::1%eth0' has a zone"),
        ("shop/api,shop/db,80,tcp,allow,1,2,3,4", "it has 9 columns, not 8"),
        ('shop/api,"shop/db,80,tcp,allow', "it is not a line of CSV: unexpected end of data"),
        ("shop/api,shop/db,80,tcp,allow,0", "'0' is not a valid count"),
        (
            "shop/api,shop/db,80,tcp,allow,1,noon",
            "'noon' is not a time such as 2026-03-01T08:00:00Z",
        ),
    ],
)
def test_a_line_that_is_none_says_why(line: str, why: str) -> None:
    assert flow_table.Table().read_line(line) == Misread(why)
