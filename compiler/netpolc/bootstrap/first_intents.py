"""First intents for the workloads of manifests.

Nobody knows all the connections of a system without policies, but its manifests show
many: a workload that is given the address of a Service will call it. In: workloads,
Services, and the texts and routes that refer to them. Out: a file for each workload with
the arrows that the manifests show, each below its evidence. An arrow that is not certain
(a port that is written nowhere, the pods of an ingress controller) is a comment: a
reader may enable it, the compiler does not see it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netpolc.bootstrap.connection import Connection, Note
from netpolc.bootstrap.infer_connections import infer_connections
from netpolc.bootstrap.primary_pods import with_primary_pods
from netpolc.bootstrap.unmade_pods import UNMADE, unmade_names, unmade_pods
from netpolc.diagnostics.render.escape import visible
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.label_conventions import DEFAULT_LABEL, controller_labels
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.platform_namespaces import is_platform_namespace
from netpolc.kube.ports import Protocol
from netpolc.kube.selectors import Selector
from netpolc.kube.service_names import (
    PodClass,
    ServiceName,
    distinct_names,
    identifying_labels,
    preferred_key,
)
from netpolc.manifest.references import Mentions
from netpolc.passes.decompile.build_nodes import braces, word
from netpolc.source import NOWHERE
from netpolc.syntax import parts, tree
from netpolc.syntax.formatter import format_file, port_text, statement_text
from netpolc.values import frozen

NAMESPACE_FILE = "_namespace.intent"
"""The file of a namespace's settings; no object's name begins with `_`, so no service has it."""

_NO_LABELS: Mapping[str, str] = {}
_LONGEST_COMMENT = 300


@frozen(kw_only=True)
class FirstIntents:
    """The files by path from the output folder, and how many arrows and guesses they hold.

    `questions` are the ports of Services for whose callers there is neither. `skipped` are namespaces of the platform, for which nothing is proposed.
    """

    files: Mapping[str, str]
    arrows: int
    guesses: int
    questions: int = 0
    skipped: tuple[str, ...] = ()


def first_intents(
    inventory: Inventory,
    mentions: Mentions,
    *,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    platform: bool = False,
) -> FirstIntents:
    """Write first intents.

    Args:
        inventory: the workloads and Services.
        mentions: the texts and routes of the same manifests.
        labels: those of Namespace objects by their names, which the intents state.
        platform: whether namespaces of the platform, such as kube-system, are closed too.

    Returns:
        Formatted files; every arrow in them has evidence.
    """
    inventory, mentions = with_primary_pods(inventory, mentions)
    unmade = unmade_pods(inventory.services, inventory.workloads)
    names, keys = _names(inventory.workloads, unmade)
    known = replace(inventory, workloads=(*inventory.workloads, *unmade))
    skipped = {name for name in keys if not platform and is_platform_namespace(name)}
    connections, notes = infer_connections(known, mentions)
    files = {
        f"{namespace}/{NAMESPACE_FILE}": _namespace_text(
            namespace, key, notes, (labels or {}).get(namespace, _NO_LABELS)
        )
        for namespace, key in sorted(keys.items())
        if namespace not in skipped
    }
    services = []
    for workload in sorted(known.workloads, key=str):
        if workload.namespace in skipped:
            continue
        service = _ServiceFile(workload, names, {name: keys[name] for name in skipped})
        service.fill(connections, notes)
        files[_path(workload, names, files)] = service.text()
        services.append(service)
    return FirstIntents(
        files=files,
        arrows=sum(service.arrows for service in services),
        guesses=sum(service.guesses for service in services),
        questions=sum(service.questions for service in services),
        skipped=tuple(sorted(skipped)),
    )


def _namespace_text(
    namespace: str, key: str, notes: Iterable[Note], facts: Mapping[str, str]
) -> str:
    """The file of a namespace's settings, with what has to be known and concerns no workload."""
    texts = {note.text for note in notes if note.workload is None and note.namespace == namespace}
    lines = [f"# {visible(text, _LONGEST_COMMENT)}" for text in sorted(texts)]
    return _format(namespace, _settings(key), ["", *lines] if lines else (), facts=facts)


def _names(
    workloads: Iterable[Workload], unmade: Iterable[Workload]
) -> tuple[dict[str, ServiceName], dict[str, str]]:
    """The names of workloads, by the workload as a text, and the label key of each namespace.

    `unmade` are the pods of which only a Service is known.
    """
    classes = {str(workload): _pod_class(workload) for workload in workloads}
    named: dict[PodClass, ServiceName] = {}
    keys: dict[str, str] = {}
    for namespace in {pods.namespace for pods in classes.values()}:
        neighbours = [pods for pods in classes.values() if pods.namespace == namespace]
        keys[namespace] = preferred_key(neighbours)
        named |= distinct_names(neighbours, keys[namespace])
    names = {key: named[pods] for key, pods in classes.items() if pods in named}
    taken = {(pods.namespace, name.name) for pods, name in named.items()}
    taken |= {
        (pods.namespace, value)
        for pods in classes.values()
        for key, value in pods.labels
        if key == keys[pods.namespace]
    }
    return names | dict(unmade_names(unmade, taken)), keys


def _pod_class(workload: Workload) -> PodClass:
    labels = identifying_labels(workload.labels)
    added = controller_labels(workload.kind, workload.name)
    # A Job's pods often have no other label; nothing but its name is in this one.
    jobs = (
        (controller_label.key, controller_label.value)
        for controller_label in added
        if controller_label.key == "batch.kubernetes.io/job-name"
    )
    labels = tuple(sorted((*labels, *(pair for pair in jobs if pair[1]))))
    return PodClass(workload.namespace, workload.name, labels, workload.kind)


def _settings(key: str) -> Iterator[tree.Statement]:
    if key != DEFAULT_LABEL:
        yield tree.LabelSetting(key=word(key), span=NOWHERE)
    yield tree.DefaultSetting(deny=True, ingress=False, egress=False, span=NOWHERE)


def _path(workload: Workload, names: Mapping[str, ServiceName], files: Mapping[str, str]) -> str:
    name = names.get(str(workload))
    stem = workload.name if name is None else name.name
    path = f"{workload.namespace}/{stem}.intent"
    return f"{workload.namespace}/{stem}.{workload.kind.lower()}.intent" if path in files else path


def _by_arrow(connections: Iterable[Connection]) -> Iterator[list[Connection]]:
    """The connections of each arrow, with all the evidence for it, in order."""
    groups: dict[tuple[str, str, bool, int | str, str], list[Connection]] = {}
    for connection in connections:
        workload, outside = connection.ends()[1:]
        port = isinstance(connection.port, str), connection.port  # Numbers before names.
        groups.setdefault((outside, workload, *port, connection.protocol.value), []).append(
            connection
        )
    yield from (groups[key] for key in sorted(groups))


@dataclass(slots=True)
class _ServiceFile:
    """The file of one workload while it is written."""

    workload: Workload
    names: Mapping[str, ServiceName]
    unwritten: Mapping[str, str]
    """The label keys of namespaces without a section, in which no bare name can be looked up."""
    arrows: int = 0
    guesses: int = 0
    questions: int = 0
    statements: list[tree.Statement] = field(default_factory=list)
    above: list[str] = field(default_factory=lambda: [""])
    """Comments and blank lines that come before the next statement."""

    def __post_init__(self) -> None:
        """Describe the workload, and declare its service if its label alone does not name it."""
        workload = self.workload
        where = f" ({workload.span.path}:{workload.span.line})" if workload.span else ""
        self._comment(f"{workload.kind} {workload.name}{where}")
        self._comment(
            "its pods are made by no workload of the manifests"
            if workload.kind == UNMADE
            else f"ports: {_ports(workload)}"
        )
        if workload.host_network:
            self._comment("its pods use the host's network: NetworkPolicy does not apply to them")
        name = self.names.get(str(workload))
        if name is None:
            self._comment("its labels do not distinguish it from other pods: no arrow names it")
        elif name.labels:
            pods = braces(Selector.labels(dict(name.labels)))
            self.above.append("")
            self._add(tree.ServiceDeclaration(name=word(name.name), pods=pods, span=NOWHERE))

    def fill(self, connections: Iterable[Connection], notes: Iterable[Note]) -> None:
        """Add the arrows into the workload, then the notes on it."""
        into = (connection for connection in connections if connection.receiver == self.workload)
        for same in _by_arrow(into):
            self._connect(same)
        self._note([note for note in notes if note.workload == self.workload])

    def _connect(self, same: list[Connection]) -> None:
        """Add the arrow for connections that differ in their evidence alone, or a guess at it."""
        arrow, doubt = self._arrow(same[0]), self._doubt(same)
        self.above.append("")
        self._comment(*dict.fromkeys(connection.evidence for connection in same))
        if doubt:
            self._comment(f"guess, not enabled: {doubt}", statement_text(arrow))
            self.guesses += 1
        else:
            self._comment(
                *dict.fromkeys(connection.advice for connection in same if connection.advice)
            )
            self._add(arrow)
            self.arrows += 1

    def _note(self, notes: Sequence[Note]) -> None:
        """Add notes for the reader at the end, each text once."""
        self.questions = len({note.text for note in notes if note.is_question})
        lines = sorted({note.text for note in notes})
        self.above += [""] if lines else []
        self._comment(*lines)

    def text(self) -> str:
        """The formatted file."""
        return _format(self.workload.namespace, self.statements, self.above)

    def _arrow(self, shown: Connection) -> tree.ArrowStatement:
        peer = parts.PeerPorts(peer=self._peer(shown), ports=(_port(shown.port, shown.protocol),))
        subject = parts.PodPeer(pods=self._word(shown.receiver), namespaces=None)
        connection = tree.Connection(subject=subject, arrow=tree.Arrow.IN, peers=(peer,))
        return tree.ArrowStatement(connection=connection, until=None, because=None, span=NOWHERE)

    def _peer(self, connection: Connection) -> parts.Peer:
        if not isinstance(connection.sender, Workload):
            return connection.sender
        home = connection.sender.namespace
        namespaces = None if home == self.workload.namespace else word(home)
        pods: parts.PodTest = self._word(connection.sender)
        name, key = self.names.get(str(connection.sender)), self.unwritten.get(home)
        if name is not None and key is not None:
            pods = braces(Selector.labels(dict(name.labels) or {key: name.name}))
        return parts.PodPeer(pods=pods, namespaces=namespaces)

    def _word(self, workload: Workload) -> parts.Name:
        name = self.names.get(str(workload))
        return word(workload.name if name is None else name.name)

    def _doubt(self, same: list[Connection]) -> str:
        """The reason why the arrow is only a guess; empty if some of its evidence is certain."""
        first = same[0]
        ends = [end for end in (first.receiver, first.sender) if isinstance(end, Workload)]
        if any(end.host_network for end in ends):
            return "NetworkPolicy does not apply to pods that use the host's network"
        if str(first.receiver) not in self.names:
            return "the receiver's labels fit other pods too"
        if isinstance(first.sender, Workload) and str(first.sender) not in self.names:
            return "the sender's labels fit other pods too"
        return "" if any(not connection.doubt for connection in same) else first.doubt

    def _add(self, statement: tree.ServiceDeclaration | tree.ArrowStatement) -> None:
        comments = tree.Comments(before=tuple(self.above))
        self.statements.append(replace(statement, comments=comments))
        self.above.clear()

    def _comment(self, *texts: str) -> None:
        """Add comments, each on one line: a line break in a manifest's name must stay a comment."""
        self.above += (f"# {visible(text, _LONGEST_COMMENT)}".rstrip() for text in texts)


def _format(
    namespace: str,
    statements: Iterable[tree.Statement],
    tail: Iterable[str] = (),
    *,
    facts: Mapping[str, str] = _NO_LABELS,
) -> str:
    stated = tuple(
        (word(key), word(value)) for key, value in sorted(facts.items()) if key != METADATA_NAME
    )
    header = tree.NamespaceHeader(name=word(namespace), facts=stated, span=NOWHERE)
    section = tree.Section(header=header, statements=tuple(statements))
    return format_file(tree.IntentFile(file=NOWHERE.file, sections=(section,), tail=tuple(tail)))


def _ports(workload: Workload) -> str:
    texts = (
        port_text(_port(port.number, port.protocol)) + (f" ({port.name})" if port.name else "")
        for port in workload.ports
    )
    return ", ".join(dict.fromkeys(texts)) or "none declared"


def _port(port: int | str, protocol: Protocol) -> parts.Port:
    if isinstance(port, str):
        return parts.NamePort(protocol, port)
    return parts.NumberPort(protocol, port, port)
