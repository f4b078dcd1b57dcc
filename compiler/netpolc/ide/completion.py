"""The words that can come at a cursor."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import Enum

from netpolc.ide.completion_place import Cursor, Place, cursor_at
from netpolc.ide.occurrence import EVERYWHERE, Use
from netpolc.ide.receiver_ports import receiver_ports
from netpolc.ide.snapshot import Snapshot
from netpolc.kube.display import selector_text
from netpolc.kube.label_conventions import DEFAULT_LABEL
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.source import Span
from netpolc.syntax.keywords import pod_name, quoted
from netpolc.syntax.tree import ArrowStatement, AssertionStatement
from netpolc.values import frozen

_MOST = 1_000


class CompletionKind(Enum):
    """The kind of a proposed text."""

    KEYWORD = "keyword"
    SERVICE = "service"
    GROUP = "group"
    NAMESPACE = "namespace"
    LABEL = "label"
    VALUE = "value"
    PORT = "port"
    TEXT = "text"


@frozen(kw_only=True)
class Completion:
    """A text that can take the place of `span`, what it is, and a few words about it."""

    text: str
    kind: CompletionKind
    span: Span
    detail: str = ""


def completions(
    snapshot: Snapshot, path: str, offset: int, *, asked: bool = True
) -> list[Completion]:
    """Return what can come at an offset of an intent file, at most a thousand texts.

    Where the user has not asked but typed a blank, nothing is proposed at a place where the
    statement may end: the next Enter is to end it, not to accept a proposal.
    """
    tree = snapshot.tree(path)
    if tree is None:
        return []
    cursor = cursor_at(tree, offset, snapshot.options.namespace)
    if not asked and cursor.place in {Place.AFTER_PEER, Place.SETTING_VALUE, Place.STATEMENT}:
        return []
    proposed = {
        completion.text: completion for completion in _PROPOSALS[cursor.place](snapshot, cursor)
    }
    typed = snapshot.names.at(path, offset)
    if (
        typed is not None
        and len(list(snapshot.names.references(snapshot.names.symbol(typed)))) == 1
    ):
        proposed.pop(typed.name, None)  # Nobody but the unfinished word itself names it.
    wanted = cursor.word.text.lower()
    matching = [completion for completion in proposed.values() if wanted in completion.text.lower()]
    return matching[:_MOST]


_Proposals = Iterator[Completion]


def _words(
    cursor: Cursor, texts: Iterable[str], kind: CompletionKind, detail: str = ""
) -> _Proposals:
    for text in texts:
        yield Completion(text=text, kind=kind, span=cursor.word, detail=detail)


def _keywords(cursor: Cursor, details: Mapping[str, str]) -> _Proposals:
    for text, detail in details.items():
        yield from _words(cursor, [text], CompletionKind.KEYWORD, detail)


def _statements(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    yield from _subjects(snapshot, cursor)
    yield from _keywords(cursor, _STATEMENTS)
    yield from _keywords(cursor, _OF_CLUSTER if cursor.scope == EVERYWHERE else {})


_STATEMENTS = {
    "namespace": "a section about a namespace",
    "cluster": "a section about every namespace",
    "default: deny": "close ingress of every pod",
    "default: deny ingress egress": "close both directions of every pod",
    "service": "declare the pods of a service",
    "group": "name a list of peers",
    "never": "claim that no such connection is permitted",
    "always": "claim that every such connection is permitted",
    "only": "claim that no other connection is permitted",
    "label:": "the label key of bare names",
    "dns:": "what pods with closed egress can always reach",
    "mirror: no": "open only the subject's end of an arrow",
}
_OF_CLUSTER = {
    "enforce": "a claim that no other policy can undo",
    "baseline: deny": "close ingress below all NetworkPolicies",
    "pods:": "the addresses of pods",
    "services:": "the addresses of Services",
    "nodes:": "the addresses of nodes",
    "blocks: outside": "blocks match addresses outside the cluster only",
    "blocks: all": "blocks match addresses of pods and nodes as well",
}


def _services(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    """The services of the section's namespace: declared, named, or the name of a workload."""
    namespace = snapshot.understood.program.namespaces.get(cursor.scope)
    for name, service in (namespace.services if namespace else {}).items():
        detail = selector_text(service.pods)
        yield from _words(cursor, [pod_name(name)], CompletionKind.SERVICE, detail)
    for occurrence in snapshot.names.declared_in(cursor.scope):
        if not snapshot.names.is_group(snapshot.names.symbol(occurrence)):
            yield from _words(cursor, [pod_name(occurrence.name)], CompletionKind.SERVICE)
    key = namespace.label if namespace else DEFAULT_LABEL
    for workload in snapshot.understood.inventory.workloads:
        if workload.namespace == cursor.scope and key in workload.labels:
            text = pod_name(workload.labels[key])
            yield from _words(cursor, [text], CompletionKind.SERVICE, str(workload))


def _subjects(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    yield from _services(snapshot, cursor)
    yield from _keywords(cursor, {"*": "every pod of the namespace"})


def _peers(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    yield from _services(snapshot, cursor)
    for occurrence in snapshot.names.declared_in(cursor.scope):
        if snapshot.names.is_group(snapshot.names.symbol(occurrence)):
            yield from _words(cursor, [pod_name(occurrence.name)], CompletionKind.GROUP, "group")
    yield from _keywords(cursor, _PEERS)
    for name, namespace in snapshot.understood.program.namespaces.items():
        if name != cursor.scope:
            texts = (
                f"{pod_name(service.name)} in ns {name}"
                for service in namespace.services.values()
                if service.declared or snapshot.names.is_subject(name, service.name)
            )
            yield from _words(cursor, texts, CompletionKind.SERVICE)


_PEERS = {
    "ns": "every pod of a namespace",
    "ns *": "every pod of every namespace",
    "*": "every pod of this namespace",
    "any": "everyone, in the cluster or not",
    "internet": "public addresses",
    "dns": "what the dns setting says",
    "none": "nobody",
}


def _namespaces(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    known = snapshot.understood
    workloads = known.inventory.workloads
    names = {*known.whole.namespaces, *snapshot.names.namespaces, *(w.namespace for w in workloads)}
    yield from _words(cursor, sorted(filter(None, names)), CompletionKind.NAMESPACE)
    if cursor.place is Place.NAMESPACE:
        yield from _keywords(cursor, {"*": "every namespace"})


def _in_ns(_snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    yield from _keywords(cursor, {"ns": "in a namespace"})


def _after_peer(_snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    has_arrow = {"<-", "->"}.intersection(cursor.tokens)
    if not has_arrow:
        yield from _keywords(cursor, {"<-": "may be reached by", "->": "may reach"})
    yield from _keywords(cursor, {"in ns": "in a namespace"})
    if has_arrow:
        yield from _keywords(cursor, _CLAUSES)


_CLAUSES = {
    "except": "leave addresses out of a block",
    "until": "the last day of an arrow",
    "because": "the reason, in quotes",
}


def _pod_keys(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    keys = {key for w in _workloads(snapshot, cursor) for key in w}
    yield from _words(cursor, sorted({*keys, *_used_keys(snapshot)}), CompletionKind.LABEL)


def _used_keys(snapshot: Snapshot) -> set[str]:
    sets = snapshot.understood.policies.namespaces.values()
    return {
        key
        for policies in sets
        for subject in policies.subjects
        for key, _ in subject.selector.requirements
    }


def _workloads(snapshot: Snapshot, cursor: Cursor) -> list[Mapping[str, str]]:
    """The labels of the workloads in the section's namespace; of all where there are none."""
    known = snapshot.understood.inventory.workloads
    here = [workload.labels for workload in known if workload.namespace == cursor.scope]
    return here or [workload.labels for workload in known]


def _pod_values(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    values = {labels[cursor.key] for labels in _workloads(snapshot, cursor) if cursor.key in labels}
    for policies in snapshot.understood.policies.namespaces.values():
        for subject in policies.subjects:
            values |= {
                value
                for key, allowed in subject.selector.requirements
                if key == cursor.key
                for value in allowed.values
            }
    yield from _words(cursor, sorted(values), CompletionKind.VALUE)


def _namespace_keys(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    keys = {
        key for policies in snapshot.understood.whole.namespaces.values() for key in policies.labels
    }
    yield from _words(cursor, sorted(keys | {METADATA_NAME}), CompletionKind.LABEL)


def _namespace_values(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    sets = snapshot.understood.whole.namespaces.values()
    values = {policies.labels[cursor.key] for policies in sets if cursor.key in policies.labels}
    yield from _words(cursor, sorted(values), CompletionKind.VALUE)


def _ports(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    for text, detail in receiver_ports(snapshot, cursor).items():
        yield from _words(cursor, [text], CompletionKind.PORT, detail)


def _protocols(_snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    yield from _words(cursor, ["tcp", "udp", "sctp"], CompletionKind.KEYWORD)


def _setting_values(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    match cursor.tokens:
        case ("default" | "baseline", ":"):
            yield from _words(cursor, ["deny", "allow"], CompletionKind.KEYWORD)
        case ("default" | "baseline", *_):
            yield from _words(cursor, ["ingress", "egress"], CompletionKind.KEYWORD)
        case ("mirror", *_):
            yield from _words(cursor, ["yes", "no"], CompletionKind.KEYWORD)
        case ("blocks", *_):
            yield from _words(cursor, ["outside", "all"], CompletionKind.KEYWORD)
        case _:
            yield from _pod_keys(snapshot, cursor)
            usual = [DEFAULT_LABEL, "app.kubernetes.io/name", "k8s-app"]
            yield from _words(cursor, usual, CompletionKind.LABEL)


def _reasons(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    reasons = {
        statement.because
        for tree in snapshot.trees()
        for section in tree.sections
        for statement in section.statements
        if isinstance(statement, ArrowStatement | AssertionStatement) and statement.because
    }
    is_quoted = cursor.word.file.text[: cursor.word.start].endswith('"')
    texts = sorted(reasons) if is_quoted else map(quoted, sorted(reasons))
    yield from _words(cursor, texts, CompletionKind.TEXT, "given elsewhere")


def _dates(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    today: date = snapshot.options.today
    for days in (30, 90, 180, 365):
        text = (today + timedelta(days=days)).isoformat()
        yield from _words(cursor, [text], CompletionKind.TEXT, f"in {days} days")


def _service_names(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    """The names of workloads that are not declared yet, with their labels."""
    for name, selector in _undeclared(snapshot, cursor).items():
        text = f"{pod_name(name)} = {selector}"
        yield from _words(cursor, [text], CompletionKind.SERVICE, "a workload")


def _selectors(snapshot: Snapshot, cursor: Cursor) -> _Proposals:
    """The labels of the workload that has the name of the service, first of all."""
    undeclared = _undeclared(snapshot, cursor)
    first = undeclared.pop(cursor.tokens[1].strip('"'), None)
    yield from _words(cursor, filter(None, (first, *undeclared.values())), CompletionKind.VALUE)


def _undeclared(snapshot: Snapshot, cursor: Cursor) -> dict[str, str]:
    declared = {
        occurrence.name
        for occurrence in snapshot.names.declared_in(cursor.scope)
        if occurrence.use is Use.DECLARES
    }
    return {
        workload.name: workload_selector(workload.labels)
        for workload in snapshot.understood.inventory.workloads
        if workload.namespace == cursor.scope and workload.name not in declared
    }


def workload_selector(labels: Mapping[str, str]) -> str:
    """Return the selector in braces that asks for all labels of a workload."""
    return "{" + ", ".join(f"{key}={value}" for key, value in sorted(labels.items())) + "}"


def _nothing(_snapshot: Snapshot, _cursor: Cursor) -> _Proposals:
    return iter(())


_PROPOSALS: Mapping[Place, Callable[[Snapshot, Cursor], _Proposals]] = {
    Place.STATEMENT: _statements,
    Place.NAMESPACE_HEADER: _namespaces,
    Place.SERVICE_NAME: _service_names,
    Place.SELECTOR: _selectors,
    Place.SETTING_VALUE: _setting_values,
    Place.SUBJECT: _subjects,
    Place.PEER: _peers,
    Place.NAMESPACE: _namespaces,
    Place.IN_NS: _in_ns,
    Place.POD_KEY: _pod_keys,
    Place.NAMESPACE_KEY: _namespace_keys,
    Place.POD_VALUE: _pod_values,
    Place.NAMESPACE_VALUE: _namespace_values,
    Place.PORT: _ports,
    Place.PROTOCOL: _protocols,
    Place.REASON: _reasons,
    Place.DATE: _dates,
    Place.AFTER_PEER: _after_peer,
    Place.NOTHING: _nothing,
}
