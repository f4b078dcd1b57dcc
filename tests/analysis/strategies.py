"""Small random policies, and small worlds that are complete for them.

Everything that a selector can tell apart is told apart in the world: each value that is
mentioned, one that is not, and absence; two namespaces that nobody knows; ports and
addresses inside and outside of what is mentioned. So what holds for every connection of
the world holds for every connection there could be.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_address
from itertools import product

from hypothesis import strategies as st

from netpolc.analysis.concrete_evaluator import Connection, End, Pod, contradiction
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Grant, Outside, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.provenance import Origin, Role, source_of
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT, PRESENT

HTTP = NamedPort(Protocol.TCP, "http")
METRICS = NamedPort(Protocol.TCP, "metrics")
APPS = ValueSet.among("x"), ValueSet.among("y"), ValueSet.other_than("x"), PRESENT, ABSENT
TIERS = PRESENT, ABSENT
ENVS = ValueSet.among("p"), ValueSet.other_than("p"), PRESENT, ABSENT
NAMES = ("a", "b", "c", "d")

pod_selectors = st.one_of(
    st.just(EVERYTHING),
    st.builds(lambda a: Selector.of((("app", a),)), st.sampled_from(APPS)),
    st.builds(
        lambda a, t: Selector.of((("app", a), ("tier", t))),
        st.sampled_from(APPS),
        st.sampled_from(TIERS),
    ),
)
namespace_selectors = st.one_of(
    st.just(EVERYTHING),
    st.sampled_from(NAMES[:3]).map(lambda n: Selector.labels({METADATA_NAME: n})),
    st.sampled_from(ENVS).map(lambda e: Selector.of((("env", e),))),
    st.builds(
        lambda e, n: Selector.of((("env", e), (METADATA_NAME, ValueSet.other_than(n)))),
        st.sampled_from(ENVS),
        st.sampled_from(NAMES[:3]),
    ),
)
pods = st.builds(Pods, st.none() | namespace_selectors, pod_selectors)
blocks = st.sampled_from(
    [
        Addresses.of([Block(Cidr.parse("10.0.0.0/8"))]),
        Addresses.of([Block(Cidr.parse("10.0.0.0/8"), (Cidr.parse("10.1.0.0/16"),))]),
        Addresses.of([Block(Cidr.parse("2001:db8::/32"))]),
    ]
)
peers: st.SearchStrategy[Peer] = st.one_of(
    pods, pods, st.builds(Outside, blocks), st.just(Anyone())
)
numbers = [
    Traffic.of([(Protocol.TCP, 80, 80)]),
    Traffic.of([(Protocol.TCP, 80, 90), (Protocol.UDP, 53, 53)]),
    Traffic.of([(Protocol.TCP, 1, 65535)]),
    EVERY_PORT,
]
# With these, numbers are 80 or any other, so that few numberings of the names are enough.
names = [
    Traffic.of([(Protocol.TCP, 80, 80)]),
    EVERY_PORT,
    Traffic.of(named=[HTTP]),
    Traffic.of([(Protocol.TCP, 80, 80), (Protocol.UDP, 53, 53)], [METRICS]),
    Traffic.of(named=[HTTP, METRICS]),
]
traffic = st.sampled_from(numbers)
named_traffic = st.sampled_from(names)


def origin(namespace: str, number: int) -> tuple[Origin, ...]:
    """A statement of a namespace's own file."""
    return (
        Origin(
            path=f"{namespace}.intent",
            line=number,
            source=source_of(Role.ARROW, f"line {number}"),
            role=Role.ARROW,
        ),
    )


@st.composite
def policy_sets(
    draw: st.DrawFn, namespace: str, *, with_names: bool = False, most: int = 4
) -> PolicySet:
    """A policy set whose allows all have their subject."""
    allows: list[Allow] = []
    closed = [
        Subject(selector=EVERYTHING, direction=direction, origins=origin(namespace, most + 1))
        for direction in draw(st.sets(st.sampled_from(Direction)))
    ]
    carried = named_traffic if with_names else traffic
    for number in range(draw(st.integers(0, most))):
        direction = draw(st.sampled_from(Direction))
        subject = draw(pod_selectors)
        closed.append(
            Subject(selector=subject, direction=direction, origins=origin(namespace, number))
        )
        for peer, some in draw(st.lists(st.tuples(peers, carried), max_size=2)):
            allows.append(
                Allow(
                    subject=subject,
                    direction=direction,
                    peer=peer,
                    traffic=some,
                    origins=origin(namespace, number),
                )
            )
    labels = draw(st.sampled_from([{}, {"env": "p"}, {"env": "q"}]))
    return policy_set(
        namespace=namespace,
        labels=labels,
        complete=draw(st.booleans()),
        parts=(*closed, *allows),
    )


@st.composite
def policies(draw: st.DrawFn, *, with_names: bool = False) -> Policies:
    """Policies of the namespaces a and b, or of a alone."""
    known = draw(st.sampled_from([("a",), ("a", "b")]))
    return Policies({n: draw(policy_sets(n, with_names=with_names)) for n in known})


def grants(*, with_names: bool = False) -> st.SearchStrategy[Grant]:
    return st.builds(Grant, peers, named_traffic if with_names else traffic)


POD_LABELS: list[Mapping[str, str]] = [
    {key: value for key, value in (("app", app), ("tier", tier)) if value}
    for app, tier in product(("x", "y", "z", ""), ("t", ""))
]
NAMESPACE_LABELS: list[Mapping[str, str]] = [{}, {"env": "p"}, {"env": "q"}]
ADDRESSES: list[End] = [
    ip_address(text) for text in ("10.0.0.1", "10.1.0.1", "192.0.2.1", "2001:db8::1", "2001:db9::1")
]
PORTS = [
    (Protocol.TCP, 80),
    (Protocol.TCP, 85),
    (Protocol.TCP, 443),
    (Protocol.TCP, 8443),
    (Protocol.UDP, 53),
    (Protocol.UDP, 54),
    (Protocol.SCTP, 1),
]
NUMBERS = (80, 443)


def all_pods(
    ports: Mapping[NamedPort, frozenset[int]] | None = None,
) -> list[Pod]:
    return [
        Pod(
            namespace=name,
            namespace_labels={**labels, METADATA_NAME: name},
            labels=own,
            ports=ports or {},
        )
        for name in NAMES
        for labels in NAMESPACE_LABELS
        for own in POD_LABELS
    ]


def worlds() -> Iterator[Mapping[NamedPort, frozenset[int]]]:
    """Every way to number the named ports."""
    for http, metrics in product(NUMBERS, NUMBERS):
        yield {HTTP: frozenset((http,)), METRICS: frozenset((metrics,))}


def could_be(known: Policies, sender: End, receiver: End) -> bool:
    some = Connection(sender=sender, receiver=receiver, protocol=Protocol.TCP, port=80)
    return contradiction(known, some) is None


def with_facts_of(policies: PolicySet, other: PolicySet | None) -> PolicySet:
    if other is None:
        return policies
    return replace(policies, labels=other.labels, complete=other.complete)
