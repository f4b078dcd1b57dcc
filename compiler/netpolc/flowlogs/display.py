"""Flows in words: the line for a kind of flow, how often it was seen, and why it is not proposed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from netpolc.flowlogs.aggregate import FlowKind, Seen
from netpolc.flowlogs.classify import ClassifiedFlow, ClassifiedLog
from netpolc.flowlogs.flows import AddressParty, Entity, Party
from netpolc.flowlogs.node_ends import NodeEnd
from netpolc.flowlogs.permitted import traffic_of
from netpolc.flowlogs.special_ends import special_ends
from netpolc.flowlogs.vocabulary import Names
from netpolc.kube.display import ports_text, selector_text
from netpolc.kube.peers import BlockScope
from netpolc.kube.selectors import Selector
from netpolc.manifest.manifest_set import UnreadPolicy
from netpolc.syntax.keywords import pod_name
from netpolc.syntax.parts import Name, PodTest

_FEW = 5
_ENTITIES = {
    "host": "the pod's own node: a pod's node always reaches it, kubelet's probes among others,"
    " and no NetworkPolicy can close that",
    "remote-node": "other nodes of the cluster: as addresses they match a block in some network plugins"
    " and never in others; `nodes:` in the cluster section states them",
    "kube-apiserver": "the API server: it is not a pod, so write its address from"
    " `kubectl get endpoints kubernetes` as a group, `api -> kube-api:6443`",
    "health": "Cilium's own health checks, which no NetworkPolicy needs to permit",
    "ingress": "Cilium's ingress (Envoy): no labels choose it, a CiliumNetworkPolicy names it"
    " as an entity",
    "init": "pods whose labels were not known yet",
    "unmanaged": "pods that Cilium does not manage",
    "service": "the address of a Service, before translation: policies see its pods",
    "unknown": "ends that the log does not identify",
}


def flow_text(kind: FlowKind, names: Names) -> str:
    """A kind of flow as an arrow: `db in ns shop <- api in ns shop:5432`."""
    ports = ports_text(traffic_of(kind))
    return f"{party_text(kind.receiver, names)} <- {party_text(kind.sender, names)}{ports}"


def party_text(party: Party, names: Names) -> str:
    """One end of a flow."""
    match party:
        case AddressParty():
            return str(party.address)
        case Entity():
            return party.name
        case _:
            called = names.called(party)
            if called is None:
                return f"pods without a label in ns {party.namespace}"
            return f"{_test(called.test, called.pods)} in ns {party.namespace}"


def seen_text(seen: Seen) -> str:
    """Format the number of flows and their times: `120 times, 2026-03-01T08:00:00Z to …`."""
    parts = [] if not seen.passed and seen.dropped else [_times(seen.passed)]
    if seen.audited:
        parts.append(f"{seen.audited} of them only audited")
    if seen.dropped:
        parts.append(f"dropped {_times(seen.dropped)}")
    if seen.first is not None and seen.last is not None:
        first, last = time_text(seen.first), time_text(seen.last)
        parts.append(first if first == last else f"{first} to {last}")
    return ", ".join(parts)


def lines_text(log: ClassifiedLog, in_words: Callable[[datetime], str]) -> str:
    """The number of lines of a log, with its first and its last time: `3 lines of flows, … to …`."""
    lines = f"{log.lines} line{'s' * (log.lines != 1)} of flows"
    if log.first is None or log.last is None:
        return lines
    return f"{lines}, {in_words(log.first)} to {in_words(log.last)}"


def time_text(time: datetime) -> str:
    """A time in UTC, to the second."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def explained(rows: Iterable[ClassifiedFlow], log: ClassifiedLog) -> Iterator[str]:
    """The meaning of the ends that are neither pods on the cluster's network nor peers outside of it."""
    meanings: dict[str, str] = {}
    for kind in (row.kind for row in rows):
        for party, meaning in special_ends(kind).items():
            meanings[party_text(party, log.names)] = meaning
        for end in (kind.sender, kind.receiver):
            if isinstance(end, Entity):
                meanings[end.name] = _ENTITIES[end.name]
            elif (node := log.nodes.of(end)) is not None:
                meaning = _node_text(node, log.nodes.stated.blocks)
                meanings[party_text(end, log.names)] = meaning
    yield from (f"{name}: {meaning}" for name, meaning in sorted(meanings.items()))


def policies_text(policies: Sequence[UnreadPolicy]) -> str:
    """The names of the first few policies, and the number of the others."""
    more = len(policies) - _FEW
    names = ", ".join(map(str, policies[:_FEW]))
    return f"{names} and {more} more" if more > 0 else names


def _node_text(node: NodeEnd, blocks: BlockScope | None) -> str:
    """The meaning of an end with a node's address."""
    text = "the address of a node"
    if node.host_network:
        text = (
            "pods on the host's network: no policy isolates them, their address is that of a node"
        )
    if node.mixed:
        text = f"{text}, and other pods here have the same labels"
    if blocks is BlockScope.OUTSIDE:
        return f"{text}, and `blocks: outside` states that no block matches it"
    if blocks is None:
        text = f"{text}, and whether a block matches it depends on the network plugin (state `blocks:`)"
    if not node.blocks:
        text = f"{text}; the addresses of nodes are not known (state `nodes:`, or give the Nodes by `--with`)"
    return text


def _test(test: PodTest, pods: Selector) -> str:
    return pod_name(test.text) if isinstance(test, Name) else selector_text(pods)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
