"""What a name in the intents refers to, in Markdown."""

from collections.abc import Iterable

from netpolc.changes.render.markdown_escape import code
from netpolc.ide.name_index import Symbol
from netpolc.ide.occurrence import NameKind, Occurrence
from netpolc.ide.snapshot import Snapshot
from netpolc.kube.display import selector_text
from netpolc.kube.inventory import Workload
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction
from netpolc.program.model import Namespace
from netpolc.syntax.formatter import statement_text
from netpolc.syntax.tree import GroupDeclaration

_MOST = 8


def describe_name(snapshot: Snapshot, name: Occurrence) -> str:
    """Return what a service, group, namespace or label key is; empty for a port's name."""
    symbol = snapshot.names.symbol(name)
    match name.kind:
        case NameKind.PODS if snapshot.names.is_group(symbol):
            return _group(snapshot, symbol)
        case NameKind.PODS:
            return _service(snapshot, symbol, name.scope)
        case NameKind.NAMESPACE:
            return _namespace(snapshot, name.name)
        case NameKind.LABEL:
            return _label(snapshot, name.name)
        case NameKind.PORT:
            return _port(snapshot, name.name)


def _group(snapshot: Snapshot, symbol: Symbol) -> str:
    where = f"of namespace {code(symbol.scope)}" if symbol.scope else "of every namespace"
    lines = [f"group {code(symbol.name)} {where}"]
    for one in snapshot.names.declarations(symbol):
        assert isinstance(one.statement, GroupDeclaration)
        lines.append(f"{code(statement_text(one.statement))} ({_place(one)})")
    return "\n\n".join(lines)


def _service(snapshot: Snapshot, symbol: Symbol, scope: str) -> str:
    homes = [scope] if scope else sorted(snapshot.result.program.namespaces)
    lines = [f"service {code(symbol.name)}"]
    for home in homes[:_MOST]:
        lines += _service_of(snapshot, symbol.name, home)
    if len(homes) > _MOST:
        lines.append(f"and in {len(homes) - _MOST:,} more namespaces")
    lines += [f"declared in {_place(one)}" for one in snapshot.names.declarations(symbol)]
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
    elif any(one.namespace == home for one in workloads):
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


def _label(snapshot: Snapshot, key: str) -> str:
    values = {w.labels[key] for w in snapshot.result.inventory.workloads if key in w.labels}
    of_namespaces = {
        one.labels[key] for one in snapshot.result.whole.namespaces.values() if key in one.labels
    }
    lines = [f"label key {code(key)}"]
    if values:
        lines.append(f"values of workloads: {_listed(map(code, sorted(values)))}")
    if of_namespaces:
        lines.append(f"values of namespaces: {_listed(map(code, sorted(of_namespaces)))}")
    return "\n\n".join(lines) if len(lines) > 1 else ""


def _port(snapshot: Snapshot, name: str) -> str:
    found = [
        f"{port.number}/{port.protocol.value.lower()} of {code(str(workload))}"
        for workload in snapshot.result.inventory.workloads
        for port in workload.ports
        if port.name == name
    ]
    return f"container port {code(name)}: {_listed(found)}" if found else ""


def _listed(texts: Iterable[str]) -> str:
    listed = list(texts)
    more = f" and {len(listed) - _MOST:,} more" if len(listed) > _MOST else ""
    return ", ".join(listed[:_MOST]) + more


def _place(one: Occurrence) -> str:
    return code(f"{one.span.path}:{one.span.line}")
