"""The pods whose metrics are read: by monitors of Prometheus, VictoriaMetrics and clouds, or by annotations.

A ServiceMonitor selects Services and a PodMonitor selects pods; an annotation
`prometheus.io/scrape` says it of its own Service or pods. All of them are connections that no
address in a text shows.
"""

from collections.abc import Iterator, Mapping

from netpolc.kube.selectors import Selector
from netpolc.manifest.objects import KubeObject
from netpolc.manifest.target import Port, labels_at, port_of
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT, PRESENT
from netpolc.source import SourceFile
from netpolc.values import frozen
from netpolc.yaml.nodes import Node, descendant, elements, members, string_at

_SCRAPE, _PORT = "prometheus.io/scrape", "prometheus.io/port"
_PROMETHEUS, _AZURE = "monitoring.coreos.com", "azmonitoring.coreos.com"
_VICTORIA, _GOOGLE = "operator.victoriametrics.com", "monitoring.googleapis.com"
_SERVICES = frozenset(
    {("ServiceMonitor", _PROMETHEUS), ("ServiceMonitor", _AZURE), ("VMServiceScrape", _VICTORIA)}
)
_EVERY_NAMESPACE = ("ClusterPodMonitoring", _GOOGLE)
_PODS = frozenset(
    {
        ("PodMonitor", _PROMETHEUS),
        ("PodMonitor", _AZURE),
        ("VMPodScrape", _VICTORIA),
        ("PodMonitoring", _GOOGLE),
        _EVERY_NAMESPACE,
    }
)
"""Monitors of Services and of pods, by kind and API group."""


@frozen(kw_only=True)
class Monitor:
    """Services or, if it is `of_pods`, pods whose metrics are read.

    `namespaces` are those that it looks into, None for all of them. A port None is each port.
    """

    of_pods: bool
    namespaces: tuple[str, ...] | None
    selector: Selector
    ports: tuple[Port, ...]
    where: str
    path: str
    line: int


def monitors(source: SourceFile, kube_object: KubeObject, namespace: str) -> Iterator[Monitor]:
    """The monitors that an object is, in a namespace."""
    kind = kube_object.kind, kube_object.version.rpartition("/")[0]
    if kind not in _SERVICES and kind not in _PODS:
        return
    spec = descendant(kube_object.node, "spec")
    wanted = descendant(spec, "namespaceSelector")
    every = descendant(wanted, "any")
    names = [str(name.data) for name in elements(descendant(wanted, "matchNames"))]
    everywhere = kind == _EVERY_NAMESPACE or (every is not None and every.data is True)
    endpoints = descendant(spec, "podMetricsEndpoints") or descendant(spec, "endpoints")
    listed = tuple(map(_endpoint_port, elements(endpoints)))
    yield Monitor(
        of_pods=kind in _PODS,
        namespaces=None if everywhere else (*names,) or (namespace,),
        selector=_selector(descendant(spec, "selector")),
        ports=listed or (None,),
        where=f"{kube_object.kind} {string_at(kube_object.node, 'metadata', 'name')}",
        path=source.path,
        line=source.position(kube_object.node.start)[0],
    )


def annotated(
    source: SourceFile,
    metadata: Node | None,
    labels: Mapping[str, str],
    namespace: str,
    where: str,
) -> Iterator[Monitor]:
    """The monitor that annotations make of the pods with some labels."""
    annotations = members(descendant(metadata, "annotations"))
    scrape = annotations.get(_SCRAPE)
    if scrape is None or str(scrape.data).lower() != "true" or not labels:
        return
    port = annotations.get(_PORT)
    text = "" if port is None else str(port.data)
    yield Monitor(
        of_pods=True,
        namespaces=(namespace,),
        selector=Selector.labels(labels),
        ports=(int(text) if text.isdecimal() else None,),
        where=f"{where}: annotation {_SCRAPE}",
        path=source.path,
        line=source.position(scrape.start)[0],
    )


def _endpoint_port(endpoint: Node) -> Port:
    fields = ("port", "targetPort", "portNumber")
    ports = (port_of(descendant(endpoint, field)) for field in fields)
    return next((port for port in ports if port is not None), None)


def _selector(node: Node | None) -> Selector:
    """The selector of a LabelSelector; entries without the API's shape are ignored."""
    tests = [
        (key, ValueSet.among(value))
        for key, value in labels_at(descendant(node, "matchLabels")).items()
    ]
    for expression in elements(descendant(node, "matchExpressions")):
        values = [
            v.data for v in elements(descendant(expression, "values")) if isinstance(v.data, str)
        ]
        match string_at(expression, "operator"):
            case "In":
                allowed = ValueSet.among(*values)
            case "NotIn":
                allowed = ValueSet.other_than(*values)
            case "Exists":
                allowed = PRESENT
            case _:
                allowed = ABSENT
        tests.append((string_at(expression, "key"), allowed))
    return Selector.of(tests)
