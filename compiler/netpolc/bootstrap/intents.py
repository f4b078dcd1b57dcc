"""Starting intents from the manifests of what runs.

Nobody knows all the connections of a system that has no policies, but its manifests show
many: whoever is given the address of a Service will call it. In: workloads, Services and
the texts that mention them. Out: a file for each service with the arrows that are seen,
each with the evidence above it. Whatever is not certain (a port that stands nowhere, the
pods of an ingress controller) stands there as a comment: a reader may enable it, the
compiler does not.
"""

from collections.abc import Iterable, Mapping

from netpolc.bootstrap.generated_text import comment, formatted
from netpolc.bootstrap.naming import (
    PodClass,
    ServiceName,
    convention,
    identifying,
    names,
)
from netpolc.bootstrap.service_references import Note, Seen, look
from netpolc.frozen import frozen
from netpolc.kube.inventory import ContainerPort, Inventory, Workload
from netpolc.kube.label_conventions import DEFAULT_LABEL
from netpolc.kube.ports import Protocol
from netpolc.manifest.references import Mentions
from netpolc.syntax.keywords import pod_name

NAMESPACE_FILE = "_namespace.intent"
"""No object's name begins with `_`, so no service's file is called so."""


@frozen(kw_only=True)
class Beginning:
    """The files by path from the output folder, and how many arrows and guesses they hold."""

    files: Mapping[str, str]
    arrows: int
    guesses: int


@frozen
class _Names:
    """What workloads are called, and by which label in each namespace."""

    names: Mapping[str, ServiceName]
    labels: Mapping[str, str]


def begin(inventory: Inventory, mentions: Mentions) -> Beginning:
    """Make starting intents.

    Args:
        inventory: the workloads and Services.
        mentions: the texts and routes of the same manifests.

    Returns:
        Files that are parsed and formatted; every arrow in them has evidence.
    """
    called = _names(inventory.workloads)
    seen, notes = look(inventory, mentions)
    files: dict[str, str] = {}
    arrows = guesses = 0
    for namespace, label in sorted(called.labels.items()):
        lines = [f"namespace {namespace}"]
        lines += [f"label: {label}"] if label != DEFAULT_LABEL else []
        files[f"{namespace}/{NAMESPACE_FILE}"] = formatted([*lines, "default: deny"])
    for workload in sorted(inventory.workloads, key=str):
        own = [one for one in seen if one.receiver == workload]
        about = [note for note in notes if note.workload == workload]
        lines, certain, doubtful = _service(workload, own, about, called)
        arrows, guesses = arrows + certain, guesses + doubtful
        path = _path(workload, called, files)
        files[path] = formatted(lines)
    return Beginning(files=files, arrows=arrows, guesses=guesses)


def _names(workloads: Iterable[Workload]) -> _Names:
    classes = {str(one): _class(one) for one in workloads}
    found: dict[PodClass, ServiceName] = {}
    labels: dict[str, str] = {}
    for namespace in sorted({one.namespace for one in classes.values()}):
        here = [one for one in classes.values() if one.namespace == namespace]
        labels[namespace] = convention(here)
        found |= names(here, labels[namespace])
    return _Names({key: found[one] for key, one in classes.items() if one in found}, labels)


def _class(workload: Workload) -> PodClass:
    labels = identifying(workload.labels)
    return PodClass(workload.namespace, workload.name, labels, workload.kind)


def _path(workload: Workload, called: _Names, files: Mapping[str, str]) -> str:
    name = called.names.get(str(workload))
    stem = workload.name if name is None else name.name
    path = f"{workload.namespace}/{stem}.intent"
    if path in files:
        path = f"{workload.namespace}/{stem}.{workload.kind.lower()}.intent"
    return path


def _service(
    workload: Workload, own: list[Seen], about: list[Note], called: _Names
) -> tuple[list[str], int, int]:
    """The lines of a service's file, and how many arrows and guesses are among them."""
    name = called.names.get(str(workload))
    lines = [f"namespace {workload.namespace}", "", *comment(_heading(workload))]
    lines += comment(f"ports: {_ports(workload.ports)}")
    if workload.host_network:
        lines += comment("its pods use the host's network: NetworkPolicy does not hold for them")
    if name is None:
        lines += comment("its labels do not tell it from other pods: no arrow names it")
    elif declaration := name.declaration():
        lines += ["", declaration]
    certain = doubtful = 0
    for key in sorted({_key(one) for one in own}):
        same = [one for one in own if _key(one) == key]
        arrow, reason = _arrow(same, name, called)
        lines += ["", *(line for one in same for line in comment(f"{one.evidence}"))]
        if reason:
            lines += [*comment(f"guess, not enabled: {reason}"), *comment(arrow)]
            doubtful += 1
        else:
            lines.append(arrow)
            certain += 1
    said = sorted({note.text for note in about})
    lines += ["", *(line for text in said for line in comment(text))] if said else []
    return lines, certain, doubtful


def _key(one: Seen) -> tuple[str, str, int, str]:
    return (one.peer, "" if one.sender is None else str(one.sender), one.port, one.protocol.value)


def _arrow(same: list[Seen], name: ServiceName | None, called: _Names) -> tuple[str, str]:
    """The arrow that evidence is for, and why it stays a guess (empty where it does not)."""
    one = same[0]
    reason = "" if any(not some.doubt for some in same) else same[0].doubt
    sender = None if one.sender is None else called.names.get(str(one.sender))
    if one.sender is None:
        peer = one.peer
    elif sender is None:
        peer, reason = f"{pod_name(one.sender.name)}", "the sender's labels fit other pods too"
    else:
        home = one.sender.namespace
        peer = str(sender) if home == one.receiver.namespace else f"{sender} in ns {home}"
    subject = str(name) if name is not None else pod_name(one.receiver.name)
    if name is None:
        reason = "the receiver's labels fit other pods too"
    if one.receiver.host_network or (one.sender is not None and one.sender.host_network):
        reason = "NetworkPolicy does not hold for pods that use the host's network"
    return f"{subject} <- {peer}:{_port(one.port, one.protocol)}", reason


def _heading(workload: Workload) -> str:
    where = f" ({workload.span.path}:{workload.span.line})" if workload.span else ""
    return f"{workload.kind} {workload.name}{where}"


def _ports(ports: tuple[ContainerPort, ...]) -> str:
    shown = [
        _port(port.number, port.protocol) + (f" ({port.name})" if port.name else "")
        for port in ports
    ]
    return ", ".join(dict.fromkeys(shown)) or "none declared"


def _port(number: int, protocol: Protocol) -> str:
    return str(number) if protocol is Protocol.TCP else f"{number}/{protocol.value.lower()}"
