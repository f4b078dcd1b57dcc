"""Peers and ports as the API understands them, from peers and ports as written.

A written peer may be several: a group is its members, `dns` the peers of a setting. Each
becomes a grant, a peer of the API with its traffic. What is refused here would otherwise
become a wider rule or a rule that nothing meets: ports twice on a group, a group that
contains itself, a port by name where no container can have one.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.cidr import Cidr
from netpolc.kube.name_rules import namespace_problem
from netpolc.kube.peers import Anyone, Grant, Outside, Peer, Pods, outside
from netpolc.kube.ports import Traffic
from netpolc.kube.public_addresses import internet
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.passes.resolve.names import Names
from netpolc.passes.resolve.scopes import INVALID_NAMESPACE
from netpolc.passes.resolve.traffic import traffic
from netpolc.passes.resolve.viewpoint import Expansion, NamedPods, Viewpoint, named_pods
from netpolc.program.model import ClusterAddresses, NamedGrant
from netpolc.source import Span
from netpolc.syntax.formatter import peers_text
from netpolc.syntax.parts import (
    BlockPeer,
    LabelTest,
    Name,
    NamePort,
    NamespaceTest,
    PeerPorts,
    PodPeer,
    PodTest,
    Port,
    Word,
    WordPeer,
)
from netpolc.syntax.tree import Connection, GroupDeclaration
from netpolc.values import maker

PORTS_TWICE = Rule(code="NP221", name="ports-twice", severity=Severity.ERROR)
GROUP_CYCLE = Rule(code="NP222", name="group-cycle", severity=Severity.ERROR)
GROUP_WITH_NAMESPACE = Rule(code="NP223", name="group-with-namespace", severity=Severity.ERROR)
NAMED_PORT_TO_ADDRESSES = Rule(
    code="NP224", name="named-port-to-addresses", severity=Severity.ERROR
)
EMPTY_INTERNET = Rule(code="NP225", name="empty-internet", severity=Severity.ERROR)
_SHOWN = 8
"""Groups of a cycle that a finding names."""


def expand(peers: tuple[PeerPorts, ...], view: Viewpoint, names: Names) -> Expansion:
    """Expand a list of peers to grants; findings go to the list of the names."""
    before, names.used = names.used, set()
    expander = _GroupExpander(view, names) if names.has_groups else _Expander(view, names)
    expander.expand(peers)
    used, names.used = tuple(names.used), before
    return _expansion(
        tuple(expander.grants),
        frozenset(expander.through) if expander.through else _NOTHING,
        tuple(expander.services),
        used,
        peers_text(peers),
    )


_NOTHING: frozenset[str] = frozenset()
_expansion: Callable[
    [
        tuple[NamedGrant, ...],
        frozenset[str],
        tuple[NamedPods, ...],
        tuple[tuple[str, str], ...],
        str,
    ],
    Expansion,
] = maker(Expansion)


def expand_connection(connection: Connection, view: Viewpoint, names: Names) -> Expansion:
    """Expand the peers of a connection to grants.

    Peers with a finding are not shared: a finding has its place.
    """
    text = connection.peers_text
    expansion = None if text is None else view.known.get(text) or _with_ports(text, view)
    if expansion is None:
        before = len(names.findings)
        expansion = expand(connection.peers, view, names)
        if text is not None and len(names.findings) == before:
            view.known[text] = expansion
            _note(text, connection.peers, expansion, view)
    if expansion.used:
        names.used.update(expansion.used)
    return expansion


def _with_ports(text: str, view: Viewpoint) -> Expansion | None:
    """The expansion of one peer with ports that are both known."""
    peer, _, ports = text.partition(":")
    bare, known = view.peers.get(peer), view.ports.get(ports)
    if bare is None or known is None:
        return None
    (named,), (allowed, ports_text) = bare.grants, known
    grants = (_named_grant(_grant(named.grant.peer, allowed), named.name, 0),)
    words = f"{bare.text}:{ports_text}"
    view.known[text] = expansion = _expansion(grants, _NOTHING, bare.services, bare.used, words)
    return expansion


def _note(text: str, peers: tuple[PeerPorts, ...], expansion: Expansion, view: Viewpoint) -> None:
    """Note what one peer is, and its ports, each by itself.

    A group, `dns` and addresses to send to are not noted: their ports may be refused.
    """
    peer, _, ports = text.partition(":")
    if len(peers) != 1 or expansion.through or ":" in ports:  # An IPv6 block has colons of its own.
        return
    (named,), (written,) = expansion.grants, peers
    words, _, ports_text = expansion.text.partition(":")
    if not (view.egress and isinstance(named.grant.peer, Outside)):
        view.peers[peer] = _expansion(
            expansion.grants, _NOTHING, expansion.services, expansion.used, words
        )
    if written.ports is not None:
        view.ports[ports] = named.grant.traffic, ports_text


class _Expander:
    """Expands the peers of a statement that names no group."""

    __slots__ = ("_index", "_names", "_view", "grants", "services", "through")

    def __init__(self, view: Viewpoint, names: Names) -> None:
        self.grants: list[NamedGrant] = []
        self.through: set[str] = set()
        self.services: list[NamedPods] = []
        self._view, self._names = view, names
        self._index = 0

    def expand(self, peers: Iterable[PeerPorts]) -> None:
        """Add the grants of peers."""
        for self._index, written in enumerate(peers):
            self._add(written)

    def _add(self, written: PeerPorts) -> None:
        """Add the grants of a peer that is not a group."""
        word = written.peer.word if isinstance(written.peer, WordPeer) else None
        if word is Word.DNS:
            self._add_dns(written)
            return
        peer = self._peer(written.peer)
        if peer is None:
            return
        if self._view.egress and isinstance(peer, Outside):
            _refuse_names(written, self._names)
        if word is Word.INTERNET:
            self.through.add(word.value)
        grant = _grant(peer, traffic(written.ports))
        self.grants.append(_named_grant(grant, _called(written.peer), self._index))

    def _peer(self, peer: PodPeer | BlockPeer | WordPeer) -> Peer | None:
        if isinstance(peer, PodPeer):
            meant = pods(peer, self._view, self._names)
            if meant is not None:
                self.services += named_pods(peer)
            return meant
        if isinstance(peer, BlockPeer):
            return outside(peer.block)
        return _internet(peer.span, self._names) if peer.word is Word.INTERNET else Anyone()

    def _add_dns(self, written: PeerPorts) -> None:
        """Add what `dns` means; it has its own ports, like a group."""
        if written.ports is not None:
            self._names.findings.append(
                Diagnostic(
                    rule=PORTS_TWICE,
                    message="`dns` already says its ports",
                    label=Label(written.span, "names ports again"),
                    help="write `dns` alone; the setting `dns: …` says which ports it has",
                )
            )
        self.through.add(Word.DNS.value)
        self.grants += (NamedGrant(grant=grant, index=self._index) for grant in self._view.dns)


class _GroupExpander(_Expander):
    """Expands the groups among the peers of a statement too, each once for each list of ports.

    Groups name groups: 26 lines that each name the one before twice have 67 million peers,
    and 500 lines that each name the one before are deeper than Python calls. So a group that
    was expanded is not expanded again, and a stack takes the place of recursion.
    """

    __slots__ = ("_expanded", "_inside")

    def __init__(self, view: Viewpoint, names: Names) -> None:
        super().__init__(view, names)
        self._expanded: set[tuple[str, tuple[Port, ...] | None]] = set()
        self._inside: dict[str, None] = {}
        """The groups that are being expanded, the outermost first."""

    def expand(self, peers: Iterable[PeerPorts]) -> None:
        """Add the grants of peers."""
        for self._index, written in enumerate(peers):
            group = _group(written.peer, self._view, self._names)
            if group is None:
                self._add(written)
            elif self._opens(group, written):
                self._expand_group(group, written)

    def _expand_group(self, group: GroupDeclaration, written: PeerPorts) -> None:
        self._inside[group.name.text] = None
        opened = [iter(_members(group, written))]
        while opened:
            member = next(opened[-1], None)
            if member is None:
                opened.pop()
                self._inside.popitem()
                continue
            inner = _group(member.peer, self._view, self._names)
            if inner is None:
                self._add(member)
            elif self._opens(inner, member):
                self._inside[inner.name.text] = None
                opened.append(iter(_members(inner, member)))

    def _opens(self, group: GroupDeclaration, written: PeerPorts) -> bool:
        """Whether a group is to be expanded where a peer names it; what is wrong is reported."""
        name = group.name.text
        if name in self._inside:
            self._names.findings.append(_cycle(group, tuple(self._inside)))
            return False
        self.through.add(name)
        if written.ports is not None:
            self._names.findings += _ports_twice(group, written)
        key = name, written.ports
        if key in self._expanded:
            return False
        self._expanded.add(key)
        return True


_grant: Callable[[Peer, Traffic], Grant] = maker(Grant)
_named_grant: Callable[[Grant, str, int], NamedGrant] = maker(NamedGrant)


def _group(peer: object, view: Viewpoint, names: Names) -> GroupDeclaration | None:
    """The group that a peer is, if it is one."""
    if not isinstance(peer, PodPeer) or not isinstance(peer.pods, Name):
        return None
    home = view.namespace
    if peer.namespaces is None:
        return names.group(home, peer.pods.text)
    if isinstance(peer.namespaces, Name):
        return None
    group = names.group(home, peer.pods.text)
    if group is not None:
        names.findings.append(
            Diagnostic(
                rule=GROUP_WITH_NAMESPACE,
                message=f"`{peer.pods.text}` is a group and cannot be `in ns`",
                label=Label(peer.span, "its members say where they live"),
                others=(Label(group.name.span, "declared as a group here"),),
                help="leave `in ns …` out",
            )
        )
    return None


def _members(group: GroupDeclaration, written: PeerPorts) -> Iterator[PeerPorts]:
    """The members of a group, with the ports of the peer that names it where they have none."""
    for member in group.peers:
        yield member if member.ports is not None else replace(member, ports=written.ports)


def _cycle(group: GroupDeclaration, inside: tuple[str, ...]) -> Diagnostic:
    name = group.name.text
    way = [*inside[inside.index(name) :], name]
    if len(way) > _SHOWN:
        way[_SHOWN - 1 : -1] = ["…"]
    return Diagnostic(
        rule=GROUP_CYCLE,
        message=f"the group `{name}` contains itself",
        label=Label(group.span, " -> ".join(way)),
        help="take the group out of its own members",
    )


def _ports_twice(group: GroupDeclaration, written: PeerPorts) -> Iterator[Diagnostic]:
    for member in group.peers:
        if member.ports is not None:
            yield Diagnostic(
                rule=PORTS_TWICE,
                message=f"the group `{group.name.text}` already says its ports",
                label=Label(written.span, "names ports again"),
                others=(Label(member.span, "this member has its own"),),
                help="leave the ports out of one of the two",
            )


def _internet(span: Span, names: Names) -> Peer | None:
    addresses = internet(_own_blocks(names.addresses))
    if not addresses:
        names.findings.append(
            Diagnostic(
                rule=EMPTY_INTERNET,
                message="nothing is left of `internet`",
                label=Label(span, "the cluster's own blocks hold every public address"),
                help="state the blocks that the cluster really uses",
            )
        )
        return None
    return Outside(addresses)


def _own_blocks(stated: ClusterAddresses) -> Iterator[Cidr]:
    for addresses in (stated.pods, stated.services, stated.nodes):
        yield from (block.cidr for block in addresses.blocks)


def pods(peer: PodPeer, view: Viewpoint, names: Names) -> Pods | None:
    """The pods of a peer; None where its namespace cannot exist."""
    home = view.namespace
    if isinstance(peer.namespaces, Name):
        home = peer.namespaces.text
        if problem := namespace_problem(home):
            names.findings.append(
                Diagnostic(
                    rule=INVALID_NAMESPACE,
                    message=f"`{home}` {problem}",
                    label=Label(peer.namespaces.span, "cannot be a namespace"),
                    help="write the name as `kubectl get namespaces` shows it",
                )
            )
            return None
    return Pods(_namespaces(peer.namespaces, names), _pods(peer.pods, home, names))


def _namespaces(test: NamespaceTest | None, names: Names) -> Selector | None:
    if test is None:
        return None
    if isinstance(test, Name):
        return Selector.namespace(test.text)
    return names.selector(test) if isinstance(test, LabelTest) else EVERYTHING


def _pods(test: PodTest | None, home: str, names: Names) -> Selector:
    if isinstance(test, Name):
        return names.service(home, test.text)
    return names.selector(test) if isinstance(test, LabelTest) else EVERYTHING


def _refuse_names(written: PeerPorts, names: Names) -> None:
    for port in written.ports or ():
        if isinstance(port, NamePort):
            names.findings.append(
                Diagnostic(
                    rule=NAMED_PORT_TO_ADDRESSES,
                    message=f"addresses have no port named `{port.name}`",
                    label=Label(port.span, "only a pod's containers name ports"),
                    help="write the port's number",
                )
            )


def _called(peer: object) -> str:
    """The name by which a statement calls the pods of its own namespace, if it has one."""
    if isinstance(peer, PodPeer) and isinstance(peer.pods, Name) and peer.namespaces is None:
        return peer.pods.text
    return ""
