"""What must be true of policy sets and no schema can say.

IR files are written by others, so they can open what nothing closes, ask for labels that
Kubernetes refuses, or name a port where no container is. For policy sets that a pass of
ours made, a finding here is a mistake of netpolc's own, found before it is a manifest.

A finding names its place by the path in the IR's JSON form, `$.namespaces[0].allows[3]`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic, Kind, Label, Severity
from netpolc.frozen import frozen
from netpolc.ir.build import expressible
from netpolc.ir.model import Allow, Policies, PolicySet
from netpolc.kube.names import (
    METADATA_NAME,
    label_key_problem,
    label_value_problem,
    namespace_problem,
    port_name_problem,
)
from netpolc.kube.peers import Direction, Outside, Peer, Pods
from netpolc.kube.ports import MAX_PORT, PROTOCOLS, Traffic
from netpolc.kube.selectors import Selector
from netpolc.origin import Origins
from netpolc.source import SourceFile, Span

Path: TypeAlias = tuple[str | int, ...]

OPENED_BUT_NOT_CLOSED = Kind(
    code="NP351",
    name="opened-but-not-closed",
    severity=Severity.ERROR,
    explanation="""\
An allow opens a subject in a direction that no isolation of the same subject closes. A
NetworkPolicy cannot open pods without closing them first: the manifest would close pods
that the IR calls open.

    "isolations": [],
    "allows": [{"subject": {"app": {"in": ["db"]}}, "direction": "ingress", …}]

Add the isolation: `{"subject": {"app": {"in": ["db"]}}, "direction": "ingress"}`.
""",
)
MATCHES_NOTHING = Kind(
    code="NP352",
    name="matches-nothing",
    severity=Severity.ERROR,
    explanation="""\
A selector, a peer or traffic of the IR cannot be met by anything. In a manifest an empty
list means *everything*, so what matches nothing must not become one.

    {"kind": "outside", "blocks": [{"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8"]}]}

Leave the allow out: what no allow lists is not permitted.
""",
)
INVALID_NAME = Kind(
    code="NP353",
    name="invalid-name-in-ir",
    severity=Severity.ERROR,
    explanation="""\
A namespace's name, a label or a port's name in the IR is not of the form that Kubernetes
accepts ("Object Names and IDs" and "Labels and Selectors" in its documentation). The API
server would refuse the manifest.

    {"subject": {"app": {"in": ["my db"]}}, "direction": "ingress"}

Write the label as the pods have it.
""",
)
INVALID_VALUE = Kind(
    code="NP354",
    name="invalid-value-in-ir",
    severity=Severity.ERROR,
    explanation="""\
A value in the IR has the right shape and cannot be what it stands for: a port outside
1-65535, a range that ends before it begins, an address block without a mask or with host
bits, an exception outside its block, a requirement that no LabelSelector can say.

    "tcp": [[8090, 8080]]

Correct the value, here `[[8080, 8090]]`.
""",
)
CONTRADICTING_NAMESPACE = Kind(
    code="NP355",
    name="contradicting-namespace-in-ir",
    severity=Severity.ERROR,
    explanation="""\
A namespace of the IR comes twice, or its label kubernetes.io/metadata.name has another
value than its name. Kubernetes sets that label itself, so it cannot differ.

    {"namespace": "shop", "labels": {"kubernetes.io/metadata.name": "store"}, …}

Leave the label out, and put all of a namespace into one entry.
""",
)
NAMED_PORT_OUTSIDE = Kind(
    code="NP356",
    name="named-port-outside-in-ir",
    severity=Severity.ERROR,
    explanation="""\
An egress allow towards addresses names a port. The name of a container's port is looked up
in the pod that receives the connection, and behind an address outside the cluster there is
no pod, so the rule would never match.

    "direction": "egress",
    "peer": {"kind": "outside", "blocks": [{"cidr": "192.0.2.0/24"}]},
    "traffic": {"named": [{"protocol": "TCP", "name": "metrics"}]}

Write the number: `"traffic": {"tcp": [[9100, 9100]]}`.
""",
)


@frozen(kw_only=True)
class Finding:
    """Something wrong at a path of the IR; `label` says what stands there."""

    kind: Kind
    path: Path
    message: str
    label: str = ""
    help: str = ""
    origins: Origins = ()


def check(policies: Policies) -> tuple[Diagnostic, ...]:
    """Check policy sets.

    Returns:
        A diagnostic for each thing wrong, at the statement that it comes from; all of
        them errors, of the kinds declared here.
    """
    return tuple(_diagnostic(found) for found in findings(policies))


def findings(policies: Policies) -> Iterator[Finding]:
    """What is wrong with policy sets, in order, each with its path in the JSON form."""
    known = _Known()
    for index, (name, one) in enumerate(policies.namespaces.items()):
        path: Path = ("namespaces", index)
        if name != one.namespace:
            message = f"namespace `{one.namespace}` is listed as `{name}`"
            yield Finding(kind=CONTRADICTING_NAMESPACE, path=path, message=message)
        yield from _namespace(one, path)
        yield from _isolations(one, path, known)
        yield from _allows(one, path, known)


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


def _diagnostic(found: Finding) -> Diagnostic:
    spans = (origin.span for origin in found.origins if origin.span is not None)
    paths = (origin.path for origin in found.origins if origin.path)
    place: Span = next(spans, None) or SourceFile(next(paths, "<ir>"), "").whole()
    where = f"at `{path_text(found.path)}` of the IR"
    return Diagnostic(
        kind=found.kind,
        message=found.message,
        label=Label(place, f"{found.label}, {where}" if found.label else where),
        help=found.help,
    )


@frozen
class _Known:
    """What has been looked at and is right: the same selectors come again and again."""

    selectors: set[Selector] = field(default_factory=set)
    peers: set[Peer] = field(default_factory=set)
    traffic: set[Traffic] = field(default_factory=set)

    def has(self, allow: Allow) -> bool:
        """Whether each part of the allow is right, and so are all of them together."""
        return (
            allow.subject in self.selectors
            and allow.peer in self.peers
            and allow.traffic in self.traffic
            and not allow.traffic.named
        )


def _namespace(one: PolicySet, path: Path) -> Iterator[Finding]:
    if (problem := namespace_problem(one.namespace)) is not None:
        message = f"namespace `{one.namespace}` {problem}"
        yield Finding(kind=INVALID_NAME, path=(*path, "namespace"), message=message)
    if one.labels.get(METADATA_NAME, one.namespace) != one.namespace:
        yield Finding(
            kind=CONTRADICTING_NAMESPACE,
            path=(*path, "labels", METADATA_NAME),
            message=f"namespace `{one.namespace}` is labelled with another name",
            label=f"is `{one.labels[METADATA_NAME]}`",
            help="leave the label out: Kubernetes sets it to the name",
        )
    for key, value in one.labels.items():
        yield from _label(key, (value,), (*path, "labels", key), ())


def _isolations(one: PolicySet, path: Path, known: _Known) -> Iterator[Finding]:
    for index, isolation in enumerate(one.isolations):
        place = (*path, "isolations", index, "subject")
        yield from _selector(isolation.subject, place, isolation.origins, known)


def _allows(one: PolicySet, path: Path, known: _Known) -> Iterator[Finding]:
    closed = {(isolation.subject, isolation.direction) for isolation in one.isolations}
    for index, allow in enumerate(one.allows):
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
            message=f"port `{name}` towards addresses: no container there, so no name",
            help="write the port's number",
            origins=allow.origins,
        )


def _peer(allow: Allow, path: Path, known: _Known) -> Iterator[Finding]:
    found: list[Finding] = []
    match allow.peer:
        case Pods(namespaces, pods):
            found += _selector(pods, (*path, "pods"), allow.origins, known)
            if namespaces is not None:
                found += _selector(namespaces, (*path, "namespaces"), allow.origins, known)
        case Outside(addresses) if not addresses:
            found.append(
                _nothing("no address is left of the blocks", (*path, "blocks"), allow.origins)
            )
        case _:
            pass
    if not found:
        known.peers.add(allow.peer)
    yield from found


def _traffic(allow: Allow, path: Path, known: _Known) -> Iterator[Finding]:
    traffic = allow.traffic
    if traffic in known.traffic:
        return
    found = list(_ports(traffic, path, allow.origins))
    if not traffic:
        found.append(_nothing("the traffic has no port", path, allow.origins))
    if not found:
        known.traffic.add(traffic)
    yield from found


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
    found: list[Finding] = []
    if selector.impossible:
        found.append(_nothing("nothing can meet the selector", path, origins))
    if not expressible(selector):
        message = "no LabelSelector can say the requirement"
        found.append(Finding(kind=INVALID_VALUE, path=path, message=message, origins=origins))
    for key, allowed in selector.requirements:
        found.extend(_label(key, sorted(allowed.values), (*path, key), origins))
    if not found:
        known.selectors.add(selector)
    yield from found


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
