"""Enforced assertions against the reference: what their manifests do in a world, pair by pair.

What an assertion describes is worked out here from the parts that it is drawn of.
"""

from collections.abc import Mapping
from datetime import date
from itertools import product
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile
from tests.reference import kubernetes
from tests.reference import tier_strategies as small
from tests.reference import tiers as reference
from tests.reference.world import Endpoint, Pod
from tests.tries import tries

WORLD = small.world()
ENDS = list(small.ends(WORLD))
OPTIONS = Options(today=date(2026, 1, 1), tiers="v1alpha2")
PLACES: Mapping[str, Mapping[str, Any]] = {
    "ns *": {},
    "ns a": {"matchLabels": {"kubernetes.io/metadata.name": "a"}},
    "ns {env=p}": {"matchLabels": {"env": "p"}},
    "ns {env!=p}": {"matchExpressions": [{"key": "env", "operator": "NotIn", "values": ["p"]}]},
}
PODS: Mapping[str, Mapping[str, Any]] = {
    "": {},
    "{app=x} in ": {"matchLabels": {"app": "x"}},
    "{!tier} in ": {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]},
}
BLOCKS = ("192.0.2.0/24", "0.0.0.0/0 except 10.0.0.0/8", "any")
TRAFFIC: Mapping[str, tuple[tuple[str, int, int], ...] | None] = {
    "": None,
    ":80": (("TCP", 80, 80),),
    ":[80-90, 53/udp]": (("TCP", 80, 90), ("UDP", 53, 53)),
    ":*/sctp": (("SCTP", 1, 65535),),
}

_ends = st.tuples(st.sampled_from(sorted(PODS)), st.sampled_from(sorted(PLACES)))


@st.composite
def statements(draw: st.DrawFn) -> tuple[str, str, tuple[str, str], Any, str]:
    """A claim, an arrow, a subject, a peer (a block only where it receives), and ports."""
    arrow = draw(st.sampled_from(("<-", "->")))
    peers: st.SearchStrategy[Any] = _ends
    if arrow == "->":
        peers = st.one_of(_ends, st.sampled_from(BLOCKS))
    return (
        draw(st.sampled_from(("never", "always"))),
        arrow,
        draw(_ends),
        draw(peers),
        draw(st.sampled_from(sorted(TRAFFIC))),
    )


def _selects(end: tuple[str, str], one: Endpoint) -> bool:
    pods, place = end
    return (
        isinstance(one, Pod)
        and kubernetes.selects(PLACES[place], WORLD.namespaces[one.namespace])
        and kubernetes.selects(PODS[pods], one.labels)
    )


def _is_peer(peer: tuple[str, str] | str, one: Endpoint) -> bool:
    if not isinstance(peer, str):
        return _selects(peer, one)
    if peer == "any":
        return True
    inside = not isinstance(one, Pod) and one.version == 4 and str(one).startswith("192.0.2.")
    elsewhere = not isinstance(one, Pod) and one.version == 4 and not str(one).startswith("10.")
    return inside if peer == BLOCKS[0] else elsewhere


@settings(max_examples=tries(40), deadline=None)
@given(statements())
def test_a_manifest_decides_exactly_what_its_assertion_describes(
    drawn: tuple[str, str, tuple[str, str], Any, str],
) -> None:
    claim, arrow, subject, peer, ports = drawn
    named = peer if isinstance(peer, str) else "".join(peer)
    line = f"enforce {claim} {''.join(subject)} {arrow} {named}{ports}"
    file = SourceFile("a.intent", f"cluster\npods: 10.0.0.0/8\n{line}\n")
    compiled = run(Sources(intents=(file,)), OPTIONS)
    policies = [yaml.safe_load(text) for text in compiled.files.values()]
    assert len(policies) == 1, compiled.diagnostics
    direction = "Ingress" if arrow == "<-" else "Egress"
    wanted = TRAFFIC[ports]
    for source, destination in product(ENDS, ENDS):
        mine, other = (destination, source) if direction == "Ingress" else (source, destination)
        if source is destination or not isinstance(mine, Pod):
            continue
        for protocol, port in small.PORTS:
            described = (
                _selects(subject, mine)
                and _is_peer(peer, other)
                and (wanted is None or any(p == protocol and a <= port <= b for p, a, b in wanted))
            )
            asked = reference.Connection(
                source=source, destination=destination, protocol=protocol, port=port
            )
            here = reference._End(WORLD, reference.Network(), direction, mine, other, asked)
            decided = reference._decisions(policies, "Admin", here)
            action = reference.DENY if claim == "never" else reference.ACCEPT
            assert decided == {action if described else reference.PASS}
