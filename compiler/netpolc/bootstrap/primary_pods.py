"""The pods that Flagger makes from a workload that a Canary names.

They are in no manifest, have the settings of the workload and get nearly all of its traffic, so a
default that closes a namespace must not forget them as senders or as receivers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from netpolc.kube.inventory import Inventory, KubeService, ServicePort, Workload
from netpolc.kube.name_rules import label_value_problem
from netpolc.kube.selectors import Selector
from netpolc.manifest.canaries import Canary
from netpolc.manifest.references import Mentions, Owner
from netpolc.sets.value_set import ValueSet

_SELECTED_BY = ("app", "name", "app.kubernetes.io/name")
"""The labels of which Flagger changes the first that a workload has, in its order (`-selector-labels`)."""


def with_primary_pods(inventory: Inventory, mentions: Mentions) -> tuple[Inventory, Mentions]:
    """The workloads, Services and mentions with those that Flagger makes for canaries."""
    workloads = {_owner(workload): workload for workload in inventory.workloads}
    services = {(service.namespace, service.name): service for service in inventory.services}
    primaries: dict[Owner, Workload] = {}
    for canary in mentions.canaries:
        owner = canary.namespace, canary.kind, canary.name
        labels = workloads[owner].labels if owner in workloads else {}
        key = next((key for key in _SELECTED_BY if key in labels), "")
        if key and not label_value_problem(f"{labels[key]}-primary"):
            primaries[owner] = primary = _primary(workloads[owner], key)
            for service in _services(canary, workloads[owner], primary, key):
                place = service.namespace, service.name
                services[place] = _joined(service, services.get(place))
    made = (workload for workload in primaries.values() if _owner(workload) not in workloads)
    known = replace(
        inventory, workloads=(*inventory.workloads, *made), services=tuple(services.values())
    )
    return known, _with_mentions(mentions, workloads, primaries)


def _owner(workload: Workload) -> Owner:
    return workload.namespace, workload.kind, workload.name


def _primary(workload: Workload, key: str) -> Workload:
    """The workload that Flagger makes from another one; `key` is of the label that tells them apart."""
    return replace(
        workload,
        name=f"{workload.name}-primary",
        labels={**workload.labels, key: f"{workload.labels[key]}-primary"},
        pods=(),
        pod="",
        addresses=(),
    )


def _services(
    canary: Canary, workload: Workload, primary: Workload, key: str
) -> Iterator[KubeService]:
    """The Services that Flagger makes: that of a canary leads to either workload, by the share of its traffic."""
    old, new = workload.labels[key], primary.labels[key]
    ports = canary.ports
    if canary.discovers_ports:
        ports += tuple(
            ServicePort(number=port.number, target=port.number, protocol=port.protocol)
            for port in workload.ports
        )
    for name, values in (
        (canary.service, (old, new)),
        (f"{canary.service}-primary", (new,)),
        (f"{canary.service}-canary", (old,)),
    ):
        selector = Selector.of([(key, ValueSet.among(*values))])
        yield KubeService(
            namespace=canary.namespace,
            name=name,
            selector=selector,
            ports=ports,
            span=workload.span,
        )


def _joined(made: KubeService, before: KubeService | None) -> KubeService:
    """A Service with the ports that one of the manifests has too, which Flagger takes over."""
    if before is None:
        return made
    return replace(
        before, selector=made.selector, ports=tuple(dict.fromkeys((*before.ports, *made.ports)))
    )


def _with_mentions(
    mentions: Mentions, workloads: Mapping[Owner, Workload], primaries: Mapping[Owner, Workload]
) -> Mentions:
    """The mentions with those of workloads for the copies of these as well."""
    owned = (
        (mention, (mention.namespace, mention.kind, mention.name)) for mention in mentions.mentions
    )
    copies = (
        replace(mention, name=primaries[owner].name)
        for mention, owner in owned
        if owner in primaries
    )
    aliases = {
        _owner(primary): mentions.host_aliases[owner]
        for owner, primary in primaries.items()
        if owner in mentions.host_aliases
    }
    labels = {
        Selector.labels(workloads[owner].labels): primary.labels
        for owner, primary in primaries.items()
    }
    annotated = (m for m in mentions.monitors if m.of_pods and m.selector in labels)
    return replace(
        mentions,
        mentions=tuple(dict.fromkeys((*mentions.mentions, *copies))),
        host_aliases={**mentions.host_aliases, **aliases},
        monitors=(
            *mentions.monitors,
            *(replace(m, selector=Selector.labels(labels[m.selector])) for m in annotated),
        ),
    )
