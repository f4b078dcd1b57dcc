"""From Kubernetes YAML or JSON to policies and the facts beside them.

Whatever a folder of manifests or `kubectl get -o yaml` gives is read: many documents,
lists of objects, any other kinds in between. A policy must never be left out without a
word, because what is not there reads as "allowed"; so an object of a kind that matters
is read as strictly as the API server reads it, and anything wrong with it is an error.
Other kinds are counted, and policies of kinds that are not understood are reported.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from netpolc.diagnostics import Diagnostic, Outcome, Rule, Severity
from netpolc.kube.inventory import CustomObject, KubeService, OwnAddress, Workload
from netpolc.kube.name_rules import named_labels, namespace_problem
from netpolc.manifest.field_reader import Report, mapping, shown
from netpolc.manifest.known_kinds import meant_kind
from netpolc.manifest.manifest_set import (
    Manifests,
    Namespace,
    ObjectName,
    UnreadPolicy,
    duplicates,
    united,
)
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.objects import (
    FOREIGN_DOCUMENT,
    IGNORED_DOCUMENT,
    NOT_AN_OBJECT,
    KubeObject,
    objects,
)
from netpolc.manifest.other_policies import decides_too, holds_policy, is_cluster_wide
from netpolc.manifest.own_addresses import own_addresses
from netpolc.manifest.read_metadata import metadata
from netpolc.manifest.read_policy import network_policy
from netpolc.manifest.read_tiers import tier_policy, unserved
from netpolc.manifest.read_workloads import TEMPLATED, of_unknown_kind, pod, service, templated
from netpolc.manifest.routes import Route, routes
from netpolc.manifest.tier_model import TIER_GROUP, TIER_VERSIONS, TierPolicy
from netpolc.source import SourceFile
from netpolc.yaml.nodes import Node, descendant, members, string_at
from netpolc.yaml.stream import documents
from netpolc.yaml.unrendered_template import RENDER_FIRST, UNRENDERED_TEMPLATE

WRONG_API_VERSION = Rule(code="NP407", name="wrong-api-version", severity=Severity.ERROR)
POLICY_NOT_READ = Rule(code="NP408", name="policy-kind-not-read", severity=Severity.WARNING)
UNKNOWN_KIND = Rule(code="NP419", name="unknown-kind", severity=Severity.ERROR)
TOO_MANY_FINDINGS = Rule(code="NP409", name="too-many-findings", severity=Severity.ERROR)

_API = "networking.k8s.io/v1"
_ENDED = "extensions/v1beta1"
_MOST = 1000
"""The limit of findings for one file; nobody reads more."""

_CORE = frozenset({"Namespace", "Pod", "Service"})
"""Kinds of the API group without a name that are read."""


def read(source: SourceFile, *, namespace: str = "default") -> Outcome[Manifests]:
    """Read the objects of a text.

    Args:
        source: Kubernetes YAML or JSON, one or many documents, perhaps lists of objects.
        namespace: the namespace of workloads and Services whose metadata names none. Policies
            keep None.

    Returns:
        What was read, without the objects that have an error, and the findings. Objects
        that come twice in the file are errors; over several files ask `duplicates`.
    """
    findings: list[Diagnostic] = []
    return _read(source, documents(source, findings), findings, namespace)


def read_values(
    source: SourceFile, values: Iterable[Node], *, namespace: str = "default"
) -> Outcome[Manifests]:
    """Read objects that are already values, of the text `source`; else like `read`."""
    return _read(source, values, [], namespace)


def _read(
    source: SourceFile, values: Iterable[Node], findings: list[Diagnostic], namespace: str
) -> Outcome[Manifests]:
    reader = _Reader(source=source, report=Report(source, findings), namespace=namespace)
    for document in values:
        if document.data is None:
            continue
        known = len(findings)
        for kube_object in objects(reader.report, document):
            reader.object(kube_object)
        if len(findings) > known:
            findings[known:] = map(_explained, findings[known:])
        if len(findings) > _MOST:
            findings[_MOST:] = [_too_many(findings[_MOST])]
            break
    workloads = united(findings, reader.workloads)
    manifests = Manifests(
        policies=tuple(reader.policies),
        tiers=tuple(reader.tiers),
        namespaces=tuple(reader.namespaces),
        workloads=workloads,
        services=tuple(reader.services),
        objects=tuple(reader.names),
        customs=tuple(reader.customs),
        routes=tuple(reader.routes),
        addresses=tuple(reader.addresses),
        others=dict(reader.others),
        unread=tuple(reader.unread),
    )
    return Outcome(manifests, (*findings, *duplicates([manifests])))


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Collects what the objects of one file say."""

    source: SourceFile
    report: Report
    namespace: str
    policies: list[NetworkPolicy] = field(default_factory=list)
    tiers: list[TierPolicy] = field(default_factory=list)
    namespaces: list[Namespace] = field(default_factory=list)
    workloads: list[Workload] = field(default_factory=list)
    services: list[KubeService] = field(default_factory=list)
    names: list[ObjectName] = field(default_factory=list)
    customs: list[CustomObject] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    addresses: list[OwnAddress] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    unread: list[UnreadPolicy] = field(default_factory=list)

    def object(self, kube_object: KubeObject) -> None:
        """Read one object, or count it."""
        kind, group = kube_object.kind, kube_object.version.rpartition("/")[0]
        namespace = string_at(kube_object.node, "metadata", "namespace") or self.namespace
        self.routes += routes(self.source, kube_object, namespace)
        self.addresses += own_addresses(kube_object, namespace)
        if kind == "NetworkPolicy" and not _is_other_group(group):
            self._policy(kube_object)
        elif kind in TIER_VERSIONS and (group == TIER_GROUP or not kube_object.version):
            self._tier(kube_object)
        elif decides_too(kind, group):
            self._not_read(kube_object)
        elif not kube_object.version and (kind in _CORE or kind in TEMPLATED):
            self._no_version(kube_object)
        elif group in TEMPLATED.get(kind, ()) or (kind in _CORE and kube_object.version == "v1"):
            self._fact(kube_object)
        elif (meant := meant_kind(kind, kube_object.version)) is not None:
            self._misspelt(kube_object, meant)
        else:
            self._other(kube_object, group)

    def _policy(self, kube_object: KubeObject) -> None:
        if kube_object.version == _API:
            policy = network_policy(self.report, kube_object.node, kube_object.path)
            if policy is not None:
                self.policies.append(policy)
                self._named(kube_object, policy.namespace or self.namespace, policy.name)
        elif not kube_object.version:
            self._no_version(kube_object)
        else:
            message = f"no API server serves NetworkPolicy of `{shown(kube_object.version)}`"
            if kube_object.version == _ENDED:
                message = f"`{_ENDED}` ended with Kubernetes 1.16"
            place = mapping(self.report, kube_object.node, kube_object.path).get(
                "apiVersion", kube_object.node
            )
            advice = f"write `apiVersion: {_API}`"
            self.report.add(
                WRONG_API_VERSION, place, kube_object.under("apiVersion"), message, advice
            )

    def _tier(self, kube_object: KubeObject) -> None:
        if not kube_object.version:
            self._no_version(kube_object)
        elif (problem := unserved(kube_object)) is not None:
            place = mapping(self.report, kube_object.node, kube_object.path).get(
                "apiVersion", kube_object.node
            )
            self.report.add(WRONG_API_VERSION, place, kube_object.under("apiVersion"), problem)
        elif (policy := tier_policy(self.report, kube_object)) is not None:
            self.tiers.append(policy)
            self._named(kube_object, "", policy.name)

    def _fact(self, kube_object: KubeObject) -> None:
        report, known = self.report, self.report.errors
        match kube_object.kind:
            case "Namespace":
                namespace = _namespace(report, kube_object)
                if report.errors == known:
                    self.namespaces.append(namespace)
                    self._named(kube_object, "", namespace.name)
            case "Service":
                named, kube_service = service(report, kube_object, self.namespace)
                if kube_service is not None and report.errors == known:
                    self.services.append(kube_service)
                    self._named(kube_object, kube_service.namespace, named.name)
            case kind:
                read_workload = pod if kind == "Pod" else templated
                named, workload = read_workload(report, kube_object, self.namespace)
                if workload is not None and report.errors == known:
                    self.workloads.append(workload)
                    self._named(kube_object, workload.namespace, named.name)

    def _other(self, kube_object: KubeObject, group: str) -> None:
        """An object of another kind: the workloads that its pod templates make, or a custom object, or both."""
        made = of_unknown_kind(kube_object, self.source, self.namespace) if group else ()
        self.workloads += made
        if not made:
            self.others[kube_object.kind] += 1
        if (verb := holds_policy(kube_object.node)) is not None:
            message = f"`{shown(kube_object.kind)}` {verb} a NetworkPolicy, which is ignored"
            self.report.add(
                POLICY_NOT_READ,
                kube_object.node,
                kube_object.path,
                message,
                "give the policies that it creates",
            )
        if "." in group and not group.endswith(".k8s.io"):
            name, namespace = (
                string_at(kube_object.node, "metadata", k) for k in ("name", "namespace")
            )
            where = namespace or self.namespace
            self.customs.append(
                CustomObject(
                    group=group,
                    kind=kube_object.kind,
                    namespace=where,
                    name=name,
                    has_templates=bool(made),
                )
            )

    def _not_read(self, kube_object: KubeObject) -> None:
        name, named = (
            string_at(kube_object.node, "metadata", key) for key in ("name", "namespace")
        )
        where = "" if is_cluster_wide(kube_object.kind, named) else named or self.namespace
        self.unread.append(UnreadPolicy(kube_object.kind, where, name))
        message = f"`{shown(kube_object.kind)}` permits or denies connections too, and is not read"
        advice = "what depends on it is undecided; `netpolc check --assume-no-other-policies` answers without it"
        self.report.add(POLICY_NOT_READ, kube_object.node, kube_object.path, message, advice)

    def _misspelt(self, kube_object: KubeObject, meant: str) -> None:
        place = mapping(self.report, kube_object.node, kube_object.path).get(
            "kind", kube_object.node
        )
        message = f"there is no kind `{shown(kube_object.kind)}`"
        if kube_object.version:
            message += f" in `{shown(kube_object.version)}`"
        self.report.add(
            UNKNOWN_KIND, place, kube_object.under("kind"), message, f"write `kind: {meant}`"
        )

    def _no_version(self, kube_object: KubeObject) -> None:
        # Values of charts have a `kind` too, and nothing else of an object.
        content = (descendant(kube_object.node, key) for key in ("metadata", "spec"))
        if (
            kube_object.path
            or kube_object.kind == "NetworkPolicy"
            or any(members(node) for node in content)
        ):
            message = f"the `{kube_object.kind}` has no `apiVersion`"
            self.report.add(
                NOT_AN_OBJECT, kube_object.node, kube_object.under("apiVersion"), message
            )
        else:
            self.report.add(FOREIGN_DOCUMENT, kube_object.node, "", IGNORED_DOCUMENT)

    def _named(self, kube_object: KubeObject, namespace: str, name: str) -> None:
        span = self.report.span(kube_object.node)
        self.names.append(
            ObjectName(kind=kube_object.kind, namespace=namespace, name=name, span=span)
        )


def _too_many(first: Diagnostic) -> Diagnostic:
    """The finding that replaces the findings from this one on."""
    return replace(
        first,
        rule=TOO_MANY_FINDINGS,
        message=f"there are more than {_MOST} findings; the file is not looked at from here on",
        help="is this a file of Kubernetes manifests?",
        others=(),
        fixes=(),
    )


def _is_other_group(group: str) -> bool:
    """Whether an API group is somebody's own: Calico has a NetworkPolicy of its own."""
    return "." in group and group != _API.partition("/")[0]


def _namespace(report: Report, kube_object: KubeObject) -> Namespace:
    fields = mapping(report, kube_object.node, kube_object.path)
    named = metadata(
        report,
        fields.get("metadata"),
        kube_object.under("metadata"),
        parent=kube_object.node,
        name_problem=namespace_problem,
    )
    labels = named_labels(named.labels, named.name)
    return Namespace(name=named.name, labels=labels, span=report.span(kube_object.node))


def _explained(finding: Diagnostic) -> Diagnostic:
    """A finding about `{{ … }}` in other words: that is what is wrong with it."""
    if finding.severity is not Severity.ERROR or "{{" not in finding.label.span.text[:1000]:
        return finding
    first_line = finding.label.span.text.partition("\n")[0]
    if "{{" not in first_line:
        return finding
    return replace(
        finding,
        rule=UNRENDERED_TEMPLATE,
        message="this value is a template that has not been rendered",
        help=RENDER_FIRST,
        fixes=(),
    )
