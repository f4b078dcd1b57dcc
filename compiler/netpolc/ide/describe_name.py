"""Describe the meaning of a name in the intents, in Markdown."""

from collections.abc import Iterable

from netpolc.changes.render.markdown_escape import code
from netpolc.ide.name_index import Symbol
from netpolc.ide.occurrence import NameKind, Occurrence
from netpolc.ide.snapshot import Snapshot
from netpolc.kube.display import selector_text
from netpolc.kube.inventory import Workload
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction
from netpolc.kube.selectors import Labels
from netpolc.program.model import Namespace
from netpolc.syntax.formatter import statement_text
from netpolc.syntax.tree import GroupDeclaration

_MOST = 8


def describe_name(snapshot: Snapshot, name: Occurrence) -> str:
    """Return what a service, group, namespace, label or port is; empty where nothing is known of it."""
    symbol = snapshot.names.symbol(name)
    match name.kind:
        case NameKind.PODS if snapshot.names.is_group(symbol):
            return _group(snapshot, symbol)
        case NameKind.PODS:
            return _service(snapshot, symbol, name.scope)
        case NameKind.NAMESPACE:
            return _namespace(snapshot, name.name)
        case NameKind.POD_LABEL | NameKind.NAMESPACE_LABEL:
            return _label(snapshot, name)
        case NameKind.POD_LABEL_VALUE | NameKind.NAMESPACE_LABEL_VALUE:
            return _label_value(snapshot, name)
        case NameKind.PORT:
            return _port(snapshot, name.name)


def _group(snapshot: Snapshot, symbol: Symbol) -> str:
    where = f"of namespace {code(symbol.scope)}" if symbol.scope else "of every namespace"
    lines = [f"group {code(symbol.name)} {where}"]
    for occurrence in snapshot.names.declarations(symbol):
        assert isinstance(occurrence.statement, GroupDeclaration)
        lines.append(f"{code(statement_text(occurrence.statement))} ({_place(occurrence)})")
    return "\n\n".join(lines)


def _service(snapshot: Snapshot, symbol: Symbol, scope: str) -> str:
    homes = [scope] if scope else sorted(snapshot.result.program.namespaces)
    lines = [f"service {code(symbol.name)}"]
    for home in homes[:_MOST]:
        lines += _service_of(snapshot, symbol.name, home)
    if len(homes) > _MOST:
        lines.append(f"and in {len(homes) - _MOST:,} more namespaces")
    lines += [
        f"declared in {_place(occurrence)}" for occurrence in snapshot.names.declarations(symbol)
    ]
    return "\n\n".join(lines)


def _service_of(snapshot: Snapshot, name: str, home: str) -> Iterable[str]:
    namespace = snapshot.result.program.namespaces.get(home)
    service = namespace.services.get(name) if namespace else None
    if service is None:
        return
    pods = selector_text(service.pods)
    yield f"means the pods {code(pods)} of namespace {code(home)}"
    workloads = snapshot.result.inventory.workloads
    matched = [w for w in workloads if w.namespace == home and w.may_match(service.pods)]
    if matched:
        yield f"matches {_listed(map(_workload, matched))}"
    elif any(workload.namespace == home for workload in workloads):
        yield "matches no known workload"


def _workload(workload: Workload) -> str:
    ports = ", ".join(
        f"{port.name} {port.number}".strip() + f"/{port.protocol.value.lower()}"
        for port in workload.ports
    )
    return code(str(workload)) + (f" (container ports {code(ports)})" if ports else "")


def _namespace(snapshot: Snapshot, name: str) -> str:
    lines = [f"namespace {code(name)}"]
    namespace = snapshot.result.program.namespaces.get(name)
    known = snapshot.result.whole.namespaces.get(name)
    if known is not None:
        labels = {key: value for key, value in known.labels.items() if key != METADATA_NAME}
        stated = ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))
        lines.append(f"labels {code(stated)}" if stated else "no label is stated")
    if namespace is None:
        lines.append("has no section in these intents")
        return "\n\n".join(lines)
    lines += [_default(namespace, direction) for direction in Direction]
    arrows = len(namespace.arrows)
    lines.append(f"{arrows:,} arrow{'' if arrows == 1 else 's'}")
    return "\n\n".join(lines)


def _default(namespace: Namespace, direction: Direction) -> str:
    origin = namespace.closed.get(direction)
    if origin is None:
        return f"{direction.value} is open by default"
    place = code(f"{origin.path}:{origin.line}")
    return f"{direction.value} is closed by default ({place})"


def _label(snapshot: Snapshot, name: Occurrence) -> str:
    key = name.name
    values = {labels[key] for _, labels in _labelled(snapshot, name) if key in labels}
    if not values:
        return ""
    owners = "workloads" if name.kind is NameKind.POD_LABEL else "namespaces"
    return f"label key {code(key)}\n\nvalues of {owners}: {_listed(map(code, sorted(values)))}"


def _label_value(snapshot: Snapshot, name: Occurrence) -> str:
    has_it = [
        code(owner)
        for owner, labels in _labelled(snapshot, name)
        if labels.get(name.key) == name.name
    ]
    label = code(f"{name.key}={name.name}")
    return f"label {label} of {_listed(has_it)}" if has_it else ""


def _labelled(snapshot: Snapshot, name: Occurrence) -> Iterable[tuple[str, Labels]]:
    """The workloads with their labels, or for a label of namespaces the namespaces with theirs."""
    if name.kind in {NameKind.POD_LABEL, NameKind.POD_LABEL_VALUE}:
        return (
            (str(workload), workload.labels) for workload in snapshot.result.inventory.workloads
        )
    known = snapshot.result.whole.namespaces.values()
    return ((f"namespace {policies.namespace}", policies.labels) for policies in known)


def _port(snapshot: Snapshot, name: str) -> str:
    owners = [
        f"{port.number}/{port.protocol.value.lower()} of {code(str(workload))}"
        for workload in snapshot.result.inventory.workloads
        for port in workload.ports
        if port.name == name
    ]
    return f"container port {code(name)}: {_listed(owners)}" if owners else ""


def _listed(texts: Iterable[str]) -> str:
    listed = list(texts)
    more = f" and {len(listed) - _MOST:,} more" if len(listed) > _MOST else ""
    return ", ".join(listed[:_MOST]) + more


def _place(occurrence: Occurrence) -> str:
    return code(f"{occurrence.span.path}:{occurrence.span.line}")
