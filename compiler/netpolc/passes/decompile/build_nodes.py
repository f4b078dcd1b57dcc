"""Nodes of the tree for peers, ports and arrows, in the words of a vocabulary.

No node has a place yet: the text is made from the tree. What one value of the API
says may be several peers of the language (`app in (a, b)` is `a, b`), never the other
way round, but for groups and `dns`, which mean all of their members or not at all.
"""

from collections.abc import Iterable, Iterator

from netpolc.kube.cidr import Block
from netpolc.kube.dns import BUILT_IN_DNS, is_dns
from netpolc.kube.name_rules import METADATA_NAME, namespace_problem
from netpolc.kube.peers import Anyone, Direction, Grant, Outside, Peer, Pods
from netpolc.kube.ports import PROTOCOLS, Traffic
from netpolc.kube.public_addresses import internet
from netpolc.kube.selectors import Selector
from netpolc.passes.decompile.groups import Members, block_lists, blocks_of
from netpolc.passes.decompile.policy_lines import Line, Rule
from netpolc.passes.decompile.vocabulary import Vocabulary, Words
from netpolc.remembered import remembered_with_value
from netpolc.sets import ValueSet
from netpolc.source import NOWHERE
from netpolc.syntax import parts, tree

"""The place of what is not written yet."""

_FEW = 4
_INTERNET = Outside(internet())


def word(text: str) -> parts.Name:
    """A name."""
    return parts.Name(text)


class Phrases:
    """Builds the peers as one namespace writes them."""

    def __init__(
        self, vocabulary: Vocabulary, namespace: str, dns: tuple[Grant, ...] | None = None
    ) -> None:
        """Take the words of the namespace and of the program, and what its pods reach as dns.

        An empty name is that of the cluster section.
        """
        self._vocabulary = vocabulary
        self._own = vocabulary.words(namespace)
        self._dns = frozenset(dns or vocabulary.dns or BUILT_IN_DNS)
        self._groups: dict[Members, str] = {
            group.members: group.name
            for home in dict.fromkeys(("", namespace))
            for group in vocabulary.groups.get(home, ())
        }

    def arrow(self, line: Line, rules: Iterable[Rule], because: str = "") -> tree.ArrowStatement:
        """The arrow for some rules of a line; no rules are `none`."""
        sign = tree.Arrow.IN if line.direction is Direction.INGRESS else tree.Arrow.OUT
        subject = parts.PodPeer(pods=self.pods(line.subject), namespaces=None)
        peers = tuple(self._of_rules(rules, egress=line.direction is Direction.EGRESS))
        connection = tree.Connection(subject=subject, arrow=sign, peers=peers)
        return tree.ArrowStatement(
            connection=connection, until=None, because=because or None, span=NOWHERE
        )

    def pods(self, pods: Selector) -> parts.PodTest:
        """Pods of the own namespace."""
        return _pods(pods, self._own)

    def peers(self, grants: Iterable[Grant]) -> Iterator[parts.PeerPorts]:
        """Grants as peers, address blocks of equal traffic beside each other."""
        listed = tuple(grants)
        lists = block_lists(listed)
        for grant in listed:
            if isinstance(grant.peer, Outside) and grant.peer != _INTERNET:
                if (same := lists.pop(grant.traffic, None)) is not None:
                    yield from self._blocks(blocks_of(same), grant.traffic)
            elif isinstance(grant.peer, Pods) and grant.peer in self._groups:
                yield from _granted([_group(self._groups[grant.peer])], grant.traffic)
            else:
                yield from _granted(self._peer(grant.peer), grant.traffic)

    def members(self, members: Members) -> tuple[parts.PeerPorts, ...]:
        """The members of a group."""
        if isinstance(members, Pods):
            return tuple(_granted(self._peer(members), None))
        blocks = sorted(members, key=Block.sort_key)
        return tuple(_granted(map(_block, blocks), None))

    def _of_rules(self, rules: Iterable[Rule], *, egress: bool) -> Iterator[parts.PeerPorts]:
        """The peers of rules, equal ones with all their ports."""
        grants = _united(grant for rule in rules for grant in rule.grants)
        if egress and self._dns <= set(grants):
            rest = [grant for grant in grants if grant not in self._dns]
            first = min(grants.index(grant) for grant in self._dns)
            before = sum(grant not in self._dns for grant in grants[:first])
            yield from self.peers(_wholly(rest[:before]))
            yield parts.PeerPorts(peer=parts.WordPeer(parts.Word.DNS), ports=None)
            yield from self.peers(_wholly(rest[before:]))
            return
        yield from self.peers(_wholly(grants))

    def _blocks(self, blocks: frozenset[Block], traffic: Traffic) -> Iterator[parts.PeerPorts]:
        name = self._groups.get(blocks)
        if name is not None:
            yield from _granted([_group(name)], traffic)
        else:
            yield from _granted(map(_block, sorted(blocks, key=Block.sort_key)), traffic)

    def _peer(self, peer: Peer) -> Iterator[parts.Peer]:
        match peer:
            case Anyone():
                yield parts.WordPeer(parts.Word.ANY)
            case Outside(addresses) if peer != _INTERNET:
                yield from map(_block, addresses.blocks)
            case Outside():
                yield parts.WordPeer(parts.Word.INTERNET)
            case Pods(None, pods):
                for some in _alternatives(pods, self._own):
                    yield parts.PodPeer(pods=_pods(some, self._own), namespaces=None)
            case Pods(namespaces, pods) if namespaces is not None:
                for where in _each_named(namespaces):
                    yield from self._elsewhere(where, pods)

    def _elsewhere(self, namespaces: Selector, pods: Selector) -> Iterator[parts.Peer]:
        name = namespaces.only_namespace_name
        if name is None or namespace_problem(name):
            test: parts.NamespaceTest = _braces_or_star(namespaces)
            words = Words(label="")
        else:
            test, words = word(name), self._vocabulary.words(name)
        if pods.is_everything:
            yield parts.PodPeer(pods=None, namespaces=test)
            return
        for some in _alternatives(pods, words):
            yield parts.PodPeer(pods=_pods(some, words), namespaces=test)


def braces(selector: Selector) -> parts.LabelTest:
    """A selector in braces."""
    requirements = [
        requirement
        for key, allowed in selector.requirements
        for requirement in _requirements(key, allowed)
    ]
    return parts.LabelTest(tuple(requirements))


@remembered_with_value
def ports_of(traffic: Traffic) -> tuple[parts.Port, ...] | None:
    """The ports after a peer; None for every port."""
    if traffic.is_everything:
        return None
    ports: list[parts.Port] = []
    for protocol in PROTOCOLS:
        ports += (
            parts.NumberPort(protocol, low, high) for low, high in traffic.numbers(protocol).ranges
        )
        ports += (
            parts.NamePort(protocol, port.name)
            for port in sorted(traffic.named)
            if port.protocol is protocol
        )
    return tuple(ports)


def _united(grants: Iterable[Grant]) -> list[Grant]:
    """Grants with equal peers made one, but name service apart: it may be called `dns`."""
    by_peer: dict[tuple[Peer, bool], Traffic] = {}
    for grant in grants:
        key = grant.peer, is_dns(grant.traffic)
        by_peer[key] = by_peer.get(key, Traffic()) | grant.traffic
    return [Grant(peer, traffic) for (peer, _), traffic in by_peer.items()]


def _wholly(grants: Iterable[Grant]) -> list[Grant]:
    """Grants with equal peers made one."""
    by_peer: dict[Peer, Traffic] = {}
    for grant in grants:
        by_peer[grant.peer] = by_peer.get(grant.peer, Traffic()) | grant.traffic
    return [Grant(peer, traffic) for peer, traffic in by_peer.items()]


def _granted(peers: Iterable[parts.Peer], traffic: Traffic | None) -> Iterator[parts.PeerPorts]:
    ports = None if traffic is None else ports_of(traffic)
    for peer in peers:
        yield parts.PeerPorts(peer=peer, ports=ports)


def _group(name: str) -> parts.PodPeer:
    return parts.PodPeer(pods=word(name), namespaces=None)


def _block(block: Block) -> parts.BlockPeer:
    return parts.BlockPeer(block)


def _pods(pods: Selector, words: Words) -> parts.PodTest:
    name = words.name(pods)
    return word(name) if name is not None else _braces_or_star(pods)


def _braces_or_star(selector: Selector) -> parts.LabelTest | parts.Star:
    return parts.Star() if selector.is_everything else braces(selector)


def _alternatives(pods: Selector, words: Words) -> list[Selector]:
    """`app in (a, b)` as the services a and b, where both are names of the convention."""
    if pods in words.services or len(pods.requirements) != 1:
        return [pods]
    ((key, allowed),) = pods.requirements
    each = [Selector.labels({key: value}) for value in sorted(allowed.values)]
    few = 1 < len(each) <= _FEW and allowed.is_finite
    return each if few and all(words.name(selector) is not None for selector in each) else [pods]


def _each_named(namespaces: Selector) -> list[Selector]:
    """Namespaces chosen by some names, as these names one by one."""
    if namespaces.keys() != (METADATA_NAME,):
        return [namespaces]
    ((_, allowed),) = namespaces.requirements
    names = sorted(allowed.values)
    if (
        allowed.complement
        or allowed.absent
        or len(names) > _FEW
        or any(map(namespace_problem, names))
    ):
        return [namespaces]
    return [Selector.namespace(name) for name in names]


def _requirements(key: str, allowed: ValueSet) -> Iterator[parts.Requirement]:
    values = tuple(map(word, sorted(allowed.values)))
    if allowed.complement:
        if not allowed.absent:
            yield _requirement(key, parts.Operator.EXISTS)
        if values:
            yield _requirement(key, parts.Operator.NOT_IN, values)
    elif values:
        yield _requirement(key, parts.Operator.IN, values)
    else:
        yield _requirement(key, parts.Operator.ABSENT)


def _requirement(
    key: str, operator: parts.Operator, values: tuple[parts.Name, ...] = ()
) -> parts.Requirement:
    return parts.Requirement(key=word(key), operator=operator, values=values)


def somewhere(namespaces: Selector, pods: Selector) -> parts.PodPeer:
    """Pods in namespaces, by their labels alone."""
    name = namespaces.only_namespace_name
    is_named = name is not None and not namespace_problem(name)
    where = word(name) if name is not None and is_named else _braces_or_star(namespaces)
    own = None if pods.is_everything else braces(pods)
    return parts.PodPeer(pods=own, namespaces=where)


def enforced(
    claim: tree.Claim,
    direction: Direction,
    subject: parts.PodPeer,
    peers: Iterable[parts.Peer],
    traffic: Traffic,
) -> tree.AssertionStatement:
    """The enforced assertion about a subject and peers of equal traffic."""
    sign = tree.Arrow.IN if direction is Direction.INGRESS else tree.Arrow.OUT
    written = tuple(_granted(peers, traffic))
    connection = tree.Connection(subject=subject, arrow=sign, peers=written)
    return tree.AssertionStatement(
        claim=claim, enforced=True, connection=connection, because=None, span=NOWHERE
    )
