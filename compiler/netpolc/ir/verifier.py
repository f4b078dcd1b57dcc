"""Check the rules of policy sets that a JSON schema cannot express.

IR files are written by others, so they can open what nothing closes, ask for labels that
Kubernetes refuses, or name a port where no container is. For policy sets that a pass of
ours made, a finding here is a bug in netpolc, found before it is a manifest.

A finding names its place by the path in the IR's JSON form, `$.namespaces[0].allows[3]`.
Selectors and traffic recur, so their findings are remembered, with paths that begin at them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
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
from netpolc.kube.peers import Direction, Outside, Peer, Pods
from netpolc.kube.ports import MAX_PORT, PROTOCOLS, Traffic
from netpolc.kube.selectors import Selector
from netpolc.memory import NO_MEMORY, Memory
from netpolc.provenance import Origins
from netpolc.remembered import remembered_with_value
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

    def diagnostic(self, span: Span, where: str) -> Diagnostic:
        """The finding at a place of a text; `where` is the path in words."""
        label = Label(span, f"{self.label}, {where}" if self.label else where)
        return Diagnostic(rule=self.kind, message=self.message, label=label, help=self.help)


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
    return tuple(
        finding.diagnostic(_place(finding.origins), f"at `{path_text(finding.path)}` of the IR")
        for index, (name, policy_set) in enumerate(policies.namespaces.items())
        for finding in memory.once(
            "verified", (name, index), (policy_set,), partial(_in_one, policy_set, index)
        )
    )


def _in_one(policies: PolicySet, index: int) -> list[Finding]:
    listed = Listed(
        namespace=policies.namespace,
        labels=policies.labels,
        closed=policies.subjects,
        allows=policies.allows,
    )
    return list(_findings(listed, index))


def findings(listed: Iterable[Listed]) -> Iterator[Finding]:
    """The findings about namespaces, in order, each with its path in the JSON form."""
    for index, namespace in enumerate(listed):
        yield from _findings(namespace, index)


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


def _place(origins: Origins) -> Span:
    """The first place that is known of origins."""
    spans = (origin.span for origin in origins if origin.span is not None)
    paths = (origin.path for origin in origins if origin.path)
    return next(spans, None) or SourceFile(next(paths, "<ir>"), "").whole()


def _at(path: Path, inner: Iterable[Finding], origins: Origins = ()) -> list[Finding]:
    """The findings about the value at a path, their paths from the whole on."""
    return [replace(finding, path=(*path, *finding.path), origins=origins) for finding in inner]


def _findings(listed: Listed, index: int) -> Iterator[Finding]:
    path: Path = ("namespaces", index)
    yield from _at(path, _of_namespace(listed))
    for number, subject in enumerate(listed.closed):
        place = (*path, "isolations", number, "subject")
        yield from _at(place, _of_selector(subject.selector), subject.origins)
    closed = {subject.closed for subject in listed.closed}
    for number, allow in enumerate(listed.allows):
        if wrong := _of_allow(allow, closed):  # As nearly never.
            yield from _at((*path, "allows", number), wrong, allow.origins)


def _of_namespace(listed: Listed) -> Iterator[Finding]:
    if (problem := namespace_problem(listed.namespace)) is not None:
        message = f"namespace `{listed.namespace}` {problem}"
        yield Finding(kind=INVALID_NAME, path=("namespace",), message=message)
    if listed.labels.get(METADATA_NAME, listed.namespace) != listed.namespace:
        yield Finding(
            kind=CONTRADICTING_NAMESPACE,
            path=("labels", METADATA_NAME),
            message=f"namespace `{listed.namespace}` is labelled with another name",
            label=f"is `{listed.labels[METADATA_NAME]}`",
            help="leave the label out: Kubernetes sets it to the name",
        )
    for key, value in listed.labels.items():
        yield from _at(("labels", key), _of_label(key, (value,)))


def _of_allow(allow: Allow, closed: set[tuple[Selector, Direction]]) -> list[Finding]:
    wrong: list[Finding] = []
    if (allow.subject, allow.direction) not in closed:
        message = f"an allow opens {allow.direction.value} of a subject that nothing closes"
        advice = "add an isolation of the same subject and direction"
        wrong.append(Finding(kind=OPENED_BUT_NOT_CLOSED, path=(), message=message, help=advice))
    named = allow.traffic.named
    if named and isinstance(allow.peer, Outside) and allow.direction is Direction.EGRESS:
        path, message = ("traffic", "named"), f"addresses have no port named `{min(named).name}`"
        advice = "write the port's number"
        wrong.append(Finding(kind=NAMED_PORT_OUTSIDE, path=path, message=message, help=advice))
    values = _of_selector(allow.subject), _of_peer(allow.peer), _of_traffic(allow.traffic)
    if any(values):
        for step, about_value in zip(("subject", "peer", "traffic"), values, strict=True):
            wrong += _at((step,), about_value)
    return wrong


def _of_peer(peer: Peer) -> Sequence[Finding]:
    if isinstance(peer, Pods):
        pods = _of_selector(peer.pods)
        namespaces = () if peer.namespaces is None else _of_selector(peer.namespaces)
        if not pods and not namespaces:
            return ()
        return [*_at(("pods",), pods), *_at(("namespaces",), namespaces)]
    if isinstance(peer, Outside) and not peer.addresses:
        return _at(("blocks",), _nothing("no address is left of the blocks"))
    return ()


@remembered_with_value
def _of_traffic(traffic: Traffic) -> tuple[Finding, ...]:
    return (*_of_ports(traffic), *(() if traffic else _nothing("the traffic has no port")))


def _of_ports(traffic: Traffic) -> Iterator[Finding]:
    for protocol in PROTOCOLS:
        for index, (low, high) in enumerate(traffic.numbers(protocol).ranges):
            if low < 1 or high > MAX_PORT:
                path = protocol.value.lower(), index
                message = f"ports {low}-{high} are not within 1-{MAX_PORT}"
                yield Finding(kind=INVALID_VALUE, path=path, message=message)
    for index, port in enumerate(sorted(traffic.named)):
        if (problem := port_name_problem(port.name)) is not None:
            message = f"port `{port.name}` {problem}"
            yield Finding(kind=INVALID_NAME, path=("named", index), message=message)


@remembered_with_value
def _of_selector(selector: Selector) -> tuple[Finding, ...]:
    wrong: list[Finding] = []
    if selector.impossible:
        wrong += _nothing("nothing can meet the selector")
    if not expressible(selector):
        message = "no LabelSelector can say the requirement"
        wrong.append(Finding(kind=INVALID_VALUE, path=(), message=message))
    for key, allowed in selector.requirements:
        wrong += _at((key,), _of_label(key, sorted(allowed.values)))
    return tuple(wrong)


def _of_label(key: str, values: Iterable[str]) -> Iterator[Finding]:
    problems = [(f"label key `{key}`", label_key_problem(key))]
    problems += [(f"label value `{value}`", label_value_problem(value)) for value in values]
    for what, problem in problems:
        if problem is not None:
            yield Finding(kind=INVALID_NAME, path=(), message=f"{what} {problem}")


def _nothing(message: str) -> tuple[Finding]:
    advice = "leave it out: what no allow lists is not permitted"
    return (Finding(kind=MATCHES_NOTHING, path=(), message=message, help=advice),)
