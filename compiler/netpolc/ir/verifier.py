"""Check the rules of policy sets that a JSON schema cannot express.

IR files are written by others, so they can open what nothing closes, ask for labels that
Kubernetes refuses, or name a port where no container is. For policy sets that a pass of
ours made, a finding here is a bug in netpolc, found before it is a manifest.

A finding names its place by the path in the IR's JSON form, `$.namespaces[0].allows[3]`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import partial
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.build import expressible
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.name_rules import (
    METADATA_NAME,
    label_key_problem,
    label_value_problem,
    namespace_problem,
    port_name_problem,
)
from netpolc.kube.peers import Direction, Outside, Pods
from netpolc.kube.ports import MAX_PORT, PROTOCOLS, Traffic
from netpolc.kube.selectors import Selector
from netpolc.memory import NO_MEMORY, Memory
from netpolc.provenance import Origins
from netpolc.source import SourceFile, Span
from netpolc.values import frozen

Path: TypeAlias = tuple[str | int, ...]

OPENED_BUT_NOT_CLOSED = Rule(code="NP351", name="opened-but-not-closed", severity=Severity.ERROR)
MATCHES_NOTHING = Rule(code="NP352", name="matches-nothing", severity=Severity.ERROR)
INVALID_NAME = Rule(code="NP353", name="invalid-name-in-ir", severity=Severity.ERROR)
INVALID_VALUE = Rule(code="NP354", name="invalid-value-in-ir", severity=Severity.ERROR)
CONTRADICTING_NAMESPACE = Rule(
    code="NP355", name="contradicting-namespace-in-ir", severity=Severity.ERROR
)
NAMED_PORT_OUTSIDE = Rule(code="NP356", name="named-port-outside-in-ir", severity=Severity.ERROR)


@frozen(kw_only=True)
class Finding:
    """Something wrong at a path of the IR; `label` describes the value there."""

    kind: Rule
    path: Path
    message: str
    label: str = ""
    help: str = ""
    origins: Origins = ()


@frozen(kw_only=True)
class Listed:
    """A namespace as the JSON form lists it: what is closed, and apart from that what opens it."""

    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False
    closed: tuple[Subject, ...] = ()
    allows: tuple[Allow, ...] = ()


def check(policies: Policies, memory: Memory = NO_MEMORY) -> tuple[Diagnostic, ...]:
    """Check policy sets.

    Returns:
        A diagnostic for each thing wrong, at the statement that it comes from; all of
        them errors, of the kinds declared here.
    """
    known = _Known()
    return tuple(
        _diagnostic(finding)
        for index, (name, policy_set) in enumerate(policies.namespaces.items())
        for finding in memory.once(
            "verified", (name, index), (policy_set,), partial(_in_one, policy_set, index, known)
        )
    )


def _in_one(policies: PolicySet, index: int, known: "_Known") -> list[Finding]:
    listed = Listed(
        namespace=policies.namespace,
        labels=policies.labels,
        closed=policies.subjects,
        allows=policies.allows,
    )
    return list(_findings(listed, index, known))


def findings(listed: Iterable[Listed]) -> Iterator[Finding]:
    """The findings about namespaces, in order, each with its path in the JSON form."""
    known = _Known()
    for index, namespace in enumerate(listed):
        yield from _findings(namespace, index, known)


def _findings(listed: Listed, index: int, known: "_Known") -> Iterator[Finding]:
    path: Path = ("namespaces", index)
    yield from _namespace(listed, path)
    yield from _isolations(listed, path, known)
    yield from _allows(listed, path, known)


def path_text(path: Path) -> str:
    """A path as people write it: `$.namespaces[0].labels["a/b"]`."""
    return "$" + "".join(map(_step, path))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if step.isidentifier():
        return f".{step}"
    from json import dumps  # noqa: PLC0415 - most runs find nothing to say

    return f"[{dumps(step)}]"


def _diagnostic(finding: Finding) -> Diagnostic:
    spans = (origin.span for origin in finding.origins if origin.span is not None)
    paths = (origin.path for origin in finding.origins if origin.path)
    place: Span = next(spans, None) or SourceFile(next(paths, "<ir>"), "").whole()
    where = f"at `{path_text(finding.path)}` of the IR"
    return Diagnostic(
        rule=finding.kind,
        message=finding.message,
        label=Label(place, f"{finding.label}, {where}" if finding.label else where),
        help=finding.help,
    )


@frozen
class _Known:
    """The values that were checked and are valid, because the same selectors recur."""

    selectors: set[Selector] = field(default_factory=set)
    traffic: set[Traffic] = field(default_factory=set)

    def has(self, allow: Allow) -> bool:
        """Whether each part of the allow is right, and so are all of them together."""
        peer, traffic = allow.peer, allow.traffic
        if allow.subject not in self.selectors or traffic not in self.traffic or traffic.named:
            return False
        if isinstance(peer, Pods):
            namespaces = peer.namespaces
            is_known = namespaces is None or namespaces in self.selectors
            return is_known and peer.pods in self.selectors
        return not isinstance(peer, Outside) or bool(peer.addresses)


def _namespace(listed: Listed, path: Path) -> Iterator[Finding]:
    if (problem := namespace_problem(listed.namespace)) is not None:
        message = f"namespace `{listed.namespace}` {problem}"
        yield Finding(kind=INVALID_NAME, path=(*path, "namespace"), message=message)
    if listed.labels.get(METADATA_NAME, listed.namespace) != listed.namespace:
        yield Finding(
            kind=CONTRADICTING_NAMESPACE,
            path=(*path, "labels", METADATA_NAME),
            message=f"namespace `{listed.namespace}` is labelled with another name",
            label=f"is `{listed.labels[METADATA_NAME]}`",
            help="leave the label out: Kubernetes sets it to the name",
        )
    for key, value in listed.labels.items():
        yield from _label(key, (value,), (*path, "labels", key), ())


def _isolations(listed: Listed, path: Path, known: _Known) -> Iterator[Finding]:
    for index, subject in enumerate(listed.closed):
        place = (*path, "isolations", index, "subject")
        yield from _selector(subject.selector, place, subject.origins, known)


def _allows(listed: Listed, path: Path, known: _Known) -> Iterator[Finding]:
    closed = {subject.closed for subject in listed.closed}
    for index, allow in enumerate(listed.allows):
        if known.has(allow) and (allow.subject, allow.direction) in closed:
            continue
        place = (*path, "allows", index)
        yield from _allow(allow, place, closed)
        yield from _selector(allow.subject, (*place, "subject"), allow.origins, known)
        yield from _peer(allow, (*place, "peer"), known)
        yield from _traffic(allow, (*place, "traffic"), known)


def _allow(allow: Allow, path: Path, closed: set[tuple[Selector, Direction]]) -> Iterator[Finding]:
    if (allow.subject, allow.direction) not in closed:
        yield Finding(
            kind=OPENED_BUT_NOT_CLOSED,
            path=path,
            message=f"an allow opens {allow.direction.value} of a subject that nothing closes",
            help="add an isolation of the same subject and direction",
            origins=allow.origins,
        )
    if (
        allow.direction is Direction.EGRESS
        and isinstance(allow.peer, Outside)
        and allow.traffic.named
    ):
        name = min(allow.traffic.named).name
        yield Finding(
            kind=NAMED_PORT_OUTSIDE,
            path=(*path, "traffic", "named"),
            message=f"addresses have no port named `{name}`",
            help="write the port's number",
            origins=allow.origins,
        )


def _peer(allow: Allow, path: Path, known: _Known) -> Iterator[Finding]:
    match allow.peer:
        case Pods(namespaces, pods):
            yield from _selector(pods, (*path, "pods"), allow.origins, known)
            if namespaces is not None:
                yield from _selector(namespaces, (*path, "namespaces"), allow.origins, known)
        case Outside(addresses) if not addresses:
            yield _nothing("no address is left of the blocks", (*path, "blocks"), allow.origins)
        case _:
            pass


def _traffic(allow: Allow, path: Path, known: _Known) -> Iterator[Finding]:
    traffic = allow.traffic
    if traffic in known.traffic:
        return
    problems = list(_ports(traffic, path, allow.origins))
    if not traffic:
        problems.append(_nothing("the traffic has no port", path, allow.origins))
    if not problems:
        known.traffic.add(traffic)
    yield from problems


def _ports(traffic: Traffic, path: Path, origins: Origins) -> Iterator[Finding]:
    for protocol in PROTOCOLS:
        for index, (low, high) in enumerate(traffic.numbers(protocol).ranges):
            if low < 1 or high > MAX_PORT:
                yield Finding(
                    kind=INVALID_VALUE,
                    path=(*path, protocol.value.lower(), index),
                    message=f"ports {low}-{high} are not within 1-{MAX_PORT}",
                    origins=origins,
                )
    for index, port in enumerate(sorted(traffic.named)):
        if (problem := port_name_problem(port.name)) is not None:
            yield Finding(
                kind=INVALID_NAME,
                path=(*path, "named", index),
                message=f"port `{port.name}` {problem}",
                origins=origins,
            )


def _selector(selector: Selector, path: Path, origins: Origins, known: _Known) -> Iterator[Finding]:
    if selector in known.selectors:
        return
    problems: list[Finding] = []
    if selector.impossible:
        problems.append(_nothing("nothing can meet the selector", path, origins))
    if not expressible(selector):
        message = "no LabelSelector can say the requirement"
        problems.append(Finding(kind=INVALID_VALUE, path=path, message=message, origins=origins))
    for key, allowed in selector.requirements:
        problems.extend(_label(key, sorted(allowed.values), (*path, key), origins))
    if not problems:
        known.selectors.add(selector)
    yield from problems


def _label(key: str, values: Iterable[str], path: Path, origins: Origins) -> Iterator[Finding]:
    if (problem := label_key_problem(key)) is not None:
        message = f"label key `{key}` {problem}"
        yield Finding(kind=INVALID_NAME, path=path, message=message, origins=origins)
    for value in values:
        if (problem := label_value_problem(value)) is not None:
            message = f"label value `{value}` {problem}"
            yield Finding(kind=INVALID_NAME, path=path, message=message, origins=origins)


def _nothing(message: str, path: Path, origins: Origins) -> Finding:
    return Finding(
        kind=MATCHES_NOTHING,
        path=path,
        message=message,
        help="leave it out: what no allow lists is not permitted",
        origins=origins,
    )
