"""Random policies in the IR, drawn from a small universe so that things meet often.

Three label keys, few values, blocks that nest and touch, ports that overlap, names in
several spellings: what is drawn twice, inside another, or almost the same is the rule
here and not the exception.
"""

from collections.abc import Iterable

from hypothesis import strategies as st

from netpolc.ir.build import policies as collected
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.provenance import Origin, PolicyRef, Role, source_of
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT, PRESENT

NAMESPACES = ("shop", "pay")
KEYS = ("app", "tier", "example.com/role")
VALUES = ("db", "api", "on", "")
PORTS = (1, 53, 80, 81, 443, 65534, 65535)

values = st.sets(st.sampled_from(VALUES), min_size=1, max_size=2).map(frozenset)
requirements = st.one_of(
    values.map(ValueSet),
    values.map(lambda some: ValueSet.other_than(*some)),
    values.map(lambda some: ValueSet(some, complement=True)),
    st.sampled_from([ABSENT, PRESENT]),
)
selectors = st.dictionaries(st.sampled_from(KEYS), requirements, max_size=3).map(
    lambda some: Selector.of(some.items())
)
simple_selectors = st.dictionaries(
    st.sampled_from(KEYS), st.sampled_from(VALUES[:2]), max_size=2
).map(Selector.labels)
subjects = st.one_of(simple_selectors, selectors)
namespace_selectors = st.one_of(
    st.sampled_from(NAMESPACES).map(lambda name: Selector.labels({METADATA_NAME: name})),
    st.just(EVERYTHING),
    selectors,
)

_CIDRS = tuple(
    map(
        Cidr.parse,
        (
            *("0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.0.0.0/30"),
            *("10.0.0.0/31", "10.0.0.2/31", "10.0.0.1/32", "::/0", "2001:db8::/32"),
            *("2001:db8::/33", "2001:db8:8000::/33", "2001:db8::1/128"),
        ),
    )
)


def _holes(cidr: Cidr) -> st.SearchStrategy[Block]:
    inside = [one for one in _CIDRS if one in cidr and one != cidr]
    if not inside:
        return st.just(Block(cidr))
    return st.lists(st.sampled_from(inside), max_size=2).map(lambda some: Block(cidr, tuple(some)))


blocks = st.sampled_from(_CIDRS).flatmap(_holes)
addresses = st.lists(blocks, min_size=1, max_size=3).map(Addresses.of)
peers: st.SearchStrategy[Peer] = st.one_of(
    subjects.map(lambda pods: Pods(None, pods)),
    st.builds(Pods, namespace_selectors, subjects),
    addresses.map(Outside),
    st.just(Anyone()),
)
protocols = st.sampled_from(Protocol)


@st.composite
def traffic(draw: st.DrawFn, *, named: bool = True) -> Traffic:
    """Some traffic, everything now and then."""
    if draw(st.integers(0, 4)) == 0:
        return EVERY_PORT
    pairs = st.tuples(st.sampled_from(PORTS), st.sampled_from(PORTS)).map(sorted)
    numbers = draw(st.lists(st.tuples(protocols, pairs), min_size=0 if named else 1, max_size=3))
    names = draw(st.lists(st.builds(NamedPort, protocols, st.sampled_from(["web", "metrics"]))))
    found = Traffic.of(
        ((protocol, low, high) for protocol, (low, high) in numbers), names if named else ()
    )
    return found or Traffic.of([(Protocol.TCP, 80, 80)])


@st.composite
def sources(draw: st.DrawFn) -> Origin:
    """A statement, or a part of a policy."""
    path = draw(st.sampled_from(["shop/db.intent", "cluster.intent", ""]))
    line, role = draw(st.integers(0, 3)), draw(st.sampled_from(Role))
    if role is Role.POLICY:
        indexes = draw(st.lists(st.integers(0, 1), max_size=2).map(tuple))
        direction = draw(st.sampled_from(["ingress", "egress"])) if indexes else ""
        name = draw(st.sampled_from(["db", "deny-all"]))
        part = PolicyRef(name, direction, indexes)
        return Origin(path=path, line=line, source=part, role=role)
    text = draw(st.sampled_from(["db <- api:5432", 'db <- none because "é: #1"', "dns: none"]))
    return Origin(
        path=path,
        line=line,
        source=source_of(role, text),
        role=role,
        subject=draw(st.sampled_from(["", "db", "DB", "deny-all", "a_b"])),
        because=draw(st.sampled_from(["", "é: #1"])),
    )


origins = st.lists(sources(), max_size=2).map(tuple)


@st.composite
def allows(draw: st.DrawFn) -> Allow:
    """An allow that the API can say: no named port goes to an address."""
    direction = draw(st.sampled_from(Direction))
    peer = draw(peers)
    named = direction is Direction.INGRESS or not isinstance(peer, Outside)
    return Allow(
        subject=draw(subjects),
        direction=direction,
        peer=peer,
        traffic=draw(traffic(named=named)),
        origins=draw(origins),
    )


closed = st.builds(
    Subject, selector=subjects, direction=st.sampled_from(Direction), origins=origins
)


@st.composite
def policy_sets(draw: st.DrawFn, namespace: str) -> PolicySet:
    """The policies of a namespace, as lowering leaves them."""
    opened = draw(st.lists(allows(), max_size=6))
    labels = draw(st.dictionaries(st.sampled_from(KEYS[1:]), st.sampled_from(VALUES)))
    return policy_set(
        namespace=namespace,
        labels=labels,
        complete=draw(st.booleans()),
        parts=[*draw(st.lists(closed, max_size=3)), *map(closing, opened), *opened],
    )


def closing(allow: Allow) -> Subject:
    """The subject that an allow needs."""
    return Subject(selector=allow.subject, direction=allow.direction, origins=allow.origins)


@st.composite
def policies(draw: st.DrawFn) -> Policies:
    """The policies of some namespaces."""
    names: Iterable[str] = draw(st.sets(st.sampled_from(NAMESPACES), min_size=1))
    return collected(draw(policy_sets(name)) for name in sorted(names))
