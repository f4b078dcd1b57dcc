"""Lines of a log with forged fields: none becomes an arrow that no line shows.

Whatever a field of a flow holds, an arrow names only ends, a protocol and a port that a line has, that was not
dropped and is not a reply.
"""

import json
from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from netpolc.commands.learn import BAD_FLOW, NO_FLOWS, intents_of, propose
from netpolc.commands.pipeline import understand
from netpolc.flowlogs.aggregate import FlowKind, Tally
from netpolc.flowlogs.flows import AddressParty, Party, PodParty
from netpolc.io.flow_logs import add_lines
from netpolc.io.sources import Sources
from tests.flowlogs.hubble_log import API, DB, Json, flow, pod, world
from tests.flowlogs.test_proposals import TODAY

PODS = (API, DB, pod("pay", "api"), pod("shop", "web", tier="x"))
PATHS = (
    ("verdict",), ("is_reply",), ("Type",), ("drop_reason_desc",), ("time",), ("l4",),
    ("l4", "TCP"), ("l4", "TCP", "destination_port"), ("l4", "TCP", "source_port"),
    ("source", "namespace"), ("source", "labels"), ("source", "labels", ""),
    ("destination", "namespace"), ("destination", "labels"), ("destination", "labels", ""),
    ("IP", "source"), ("IP", "destination"),
)  # fmt: skip
FORGED: tuple[Any, ...] = (
    "DROPPED", "AUDIT", "ERROR", "FORWARDED", None, True, False, 0, -1, 65536, 99999, 2**70, 1.5,
    "80", "any", "k8s:app=any", "k8s:app=a\n* <- any", "k8s:app=\u2028x", f"k8s:{'a' * 300}=b",
    "k8s:app=", "reserved:host", "cidr:0.0.0.0/0", "shop\n* <- any", "x" * 300, "\x1b[31m", [], {},
    "169.254.169.254", "64:ff9b::a9fe:a9fe", "0.0.0.0/0", "::",
)  # fmt: skip


@st.composite
def forged(draw: st.DrawFn) -> Json:
    """A flow, with some fields replaced and labels added."""
    sender = draw(st.sampled_from(PODS) | st.just(world("203.0.113.7")))
    receiver = draw(st.sampled_from(PODS))
    line = deepcopy(flow(sender, receiver, draw(st.sampled_from([80, 5432, 40000]))))
    for path in draw(st.lists(st.sampled_from(PATHS), max_size=2)):
        fields: Any = line["flow"]
        for key in path[:-1]:
            fields = fields.get(key) if isinstance(fields, dict) else None
        if isinstance(fields, list):
            fields.append(draw(st.sampled_from(FORGED)))
        elif isinstance(fields, dict) and path[-1] in fields:
            fields[path[-1]] = draw(st.sampled_from(FORGED))
    return line


def shows(line: Json, kind: FlowKind) -> bool:
    """Whether a line is a flow of a kind, by a plain reading of its fields."""
    seen = line["flow"]
    passed = (
        seen["verdict"] in ("FORWARDED", "REDIRECTED", "AUDIT") and seen["is_reply"] is not True
    )
    if not passed or not isinstance(seen["l4"], dict):
        return False
    ports = seen["l4"].get(kind.protocol.value)
    return (
        isinstance(ports, dict)
        and ports.get("destination_port") == kind.port
        and is_end(seen, "source", kind.sender)
        and is_end(seen, "destination", kind.receiver)
    )


def is_end(seen: Json, field: str, party: Party) -> bool:
    """Whether an end of a flow has the labels or the address of a party."""
    if isinstance(party, AddressParty):
        return str(party.address) == str(seen["IP"][field])
    assert isinstance(party, PodParty)
    end = seen[field]
    labels = end["labels"] if isinstance(end["labels"], list) else []
    home = f"k8s:io.kubernetes.pod.namespace={party.namespace}"
    named = end.get("namespace") == party.namespace or home in labels
    return named and all(f"k8s:{key}={value}" in labels for key, value in party.labels)


@given(st.lists(forged(), min_size=1, max_size=6), st.booleans())
def test_no_forged_line_becomes_an_arrow(log: list[Json], egress: bool) -> None:
    known = understand(Sources(), TODAY)
    tally = Tally(intents_of(known).keys)
    add_lines((f"{json.dumps(line)}\n".encode() for line in log), "flows.json", tally)
    result = propose(tally, Sources(), TODAY, known, egress=egress)
    assert all(finding.rule in {NO_FLOWS, BAD_FLOW} for finding in result.diagnostics)
    kinds = {opening.flow.kind for proposal in result.proposals for opening in proposal.openings}
    assert all(any(shows(line, kind) for line in log) for kind in kinds)
    special = {"169.254.169.254", "64:ff9b::a9fe:a9fe", "::"}
    assert not any(
        f"{address}/" in proposal.text for proposal in result.proposals for address in special
    )
    assert all(each.isprintable() for each in result.text.splitlines())
    counted = sum(seen.total for seen in tally.kinds.values()) + sum(tally.left.values())
    assert counted + tally.bad == len(log)
