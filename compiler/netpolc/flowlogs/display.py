"""Flows in words: the line for one, how often it was seen, and why some are not proposed."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from netpolc.flowlogs.aggregate import FlowKind, Seen
from netpolc.flowlogs.flows import AddressParty, Entity, Party
from netpolc.flowlogs.permitted import traffic_of
from netpolc.flowlogs.vocabulary import Names
from netpolc.kube.display import ports_text, selector_text
from netpolc.kube.selectors import Selector
from netpolc.syntax import tree
from netpolc.syntax.keywords import pod_name

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


def time_text(time: datetime) -> str:
    """A time in UTC, to the second."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def explained(kinds: Iterable[FlowKind]) -> Iterator[str]:
    """The meaning of ends that are neither pods nor addresses."""
    entities = {
        end.name
        for kind in kinds
        for end in (kind.sender, kind.receiver)
        if isinstance(end, Entity)
    }
    for name in sorted(entities):
        yield f"{name}: {_ENTITIES[name]}"


def _test(test: tree.PodTest, pods: Selector) -> str:
    return pod_name(test.text) if isinstance(test, tree.Name) else selector_text(pods)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
