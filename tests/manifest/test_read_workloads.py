"""Pods and objects with pod templates, read as workloads."""

import pytest

from netpolc.kube.inventory import ContainerPort
from netpolc.kube.ports import Protocol
from netpolc.kube.selectors import Selector
from netpolc.manifest.manifest_set import inventory
from netpolc.manifest.read import read
from netpolc.source import SourceFile
from tests.manifest.read_well import ROLLOUT, good


@pytest.mark.parametrize(
    ("kind", "version"),
    [
        ("Deployment", "apps/v1"),
        ("StatefulSet", "apps/v1"),
        ("DaemonSet", "apps/v1"),
        ("ReplicaSet", "apps/v1"),
        ("ReplicationController", "v1"),
        ("Job", "batch/v1"),
        ("CronJob", "batch/v1"),
    ],
)
def test_workloads_have_the_labels_and_ports_of_their_pods(kind: str, version: str) -> None:
    template = """\
template: {metadata: {labels: {app: web}}, spec: {
  hostNetwork: true,
  containers: [
    {ports: [{containerPort: 80, name: http}, {containerPort: 53, protocol: UDP}]},
    {name: without}],
  initContainers: [
    {restartPolicy: Always, ports: [{containerPort: 15090}]},
    {ports: [{containerPort: 9}]}]}}"""
    spec = f"{{jobTemplate: {{spec: {{{template}}}}}}}" if kind == "CronJob" else f"{{{template}}}"
    text = (
        f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: web, labels: {{a: b}}}},"
        f" spec: {spec}}}"
    )
    outcome = read(SourceFile("some.yaml", text), namespace="shop")
    assert not outcome.diagnostics
    (workload,) = outcome.value.workloads
    assert str(workload) == f"shop/web[{kind}]"
    added = dict.fromkeys(("batch.kubernetes.io/job-name", "job-name"), "web")
    assert workload.labels == {"app": "web"} | (added if kind == "Job" else {})
    assert workload.host_network
    assert workload.ports == (
        ContainerPort(number=80, name="http"),
        ContainerPort(number=53, protocol=Protocol.UDP),
        ContainerPort(number=15090),
    )


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("", "default/one[Pod]"),
        ("{kind: ReplicaSet, name: web, controller: true}", "default/web[ReplicaSet]"),
        ("{kind: ReplicaSet, name: web}", "default/one[Pod]"),
        ("{kind: ReplicaSet, name: web, controller: false}", "default/one[Pod]"),
        ("{kind: X, name: x}, {kind: Job, name: web, controller: true}", "default/web[Job]"),
        ("{kind: Node, name: node, controller: true}", "default/one[Pod]"),
        ("{name: web, controller: true}", "default/web[Pod]"),
    ],
)
def test_a_pod_stands_under_its_controller(owner: str, name: str) -> None:
    text = f"{{apiVersion: v1, kind: Pod, metadata: {{name: one, ownerReferences: [{owner}]}}}}"
    assert [str(workload) for workload in good(text).workloads] == [name]


POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  labels: {{app: web, statefulset.kubernetes.io/pod-name: {name}{more}}}
  ownerReferences: [{{kind: StatefulSet, name: web, controller: true}}]
spec: {{containers: [{{ports: [{{containerPort: {port}}}]}}]}}
"""


def test_pods_of_one_owner_are_one_workload_even_over_files() -> None:
    files = [
        good(POD.format(name="web-0", port=80, more="")),
        good(POD.format(name="web-1", port=81, more="")),
    ]
    outcome = inventory(files)
    assert not outcome.diagnostics
    (workload,) = outcome.value.workloads
    assert [port.number for port in workload.ports] == [80, 81]


def test_pods_of_one_owner_with_different_labels_are_reported() -> None:
    pods = (POD.format(name="web-0", port=80, more=extra) for extra in ("", ", role: leader"))
    first, second = pods
    outcome = read(SourceFile("pods.yaml", first + "---\n" + second.replace("web-0", "web-1")))
    assert [found.rule.name for found in outcome.diagnostics] == ["different-replicas"]
    assert len(outcome.value.workloads) == 1


def test_any_object_with_a_pod_template_is_a_workload() -> None:
    outcome = read(SourceFile("rollout.yaml", ROLLOUT))
    assert not outcome.diagnostics
    (workload,) = outcome.value.workloads
    assert str(workload) == "shop/web[Rollout]"
    assert workload.labels == {"app": "web"}
    assert [port.number for port in workload.ports] == [8080]
    assert [one.has_templates for one in outcome.value.customs] == [True]


def test_a_pod_template_is_found_wherever_the_kind_keeps_it() -> None:
    deeper = ROLLOUT.replace("  template:\n", "  workload:\n   master:\n    template:\n").replace(
        "    metadata: {labels", "      metadata: {labels"
    )
    text = deeper.replace("    spec: {containers", "      spec: {containers")
    (workload,) = read(SourceFile("rollout.yaml", text)).value.workloads
    assert workload.labels == {"app": "web"}


JOB_SET = """
apiVersion: jobset.x-k8s.io/v1alpha2
kind: JobSet
metadata: {name: train, namespace: shop}
spec:
  replicatedJobs:
  - name: leader
    template: {spec: {template: {metadata: {labels: {app: leader}}, spec: {containers: [{name: c}]}}}}
  - name: worker
    template: {spec: {template: {metadata: {labels: {app: worker}}, spec: {containers: [{name: c}]}}}}
"""


def test_pod_templates_are_found_in_lists() -> None:
    outcome = read(SourceFile("jobs.yaml", JOB_SET))
    assert not (*outcome.diagnostics, *inventory([outcome.value]).diagnostics)
    (workload,) = outcome.value.workloads
    matched = [
        workload.may_match(Selector.labels({"app": one})) for one in ("leader", "worker", "x")
    ]
    assert matched == [True, True, False]


@pytest.mark.parametrize(
    "element",
    [
        "{apiVersion: apps/v1, kind: Deployment, spec: {template: TEMPLATE}}",
        "{validate: {pattern: {spec: {template: {spec: {containers: [{image: '!*:latest'}]}}}}}}",
    ],
)
def test_whole_objects_and_patterns_in_lists_are_not_pods(element: str) -> None:
    template = "{metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}"
    text = JOB_SET[: JOB_SET.index("  - name")] + "  - " + element.replace("TEMPLATE", template)
    assert not read(SourceFile("jobs.yaml", text)).value.workloads


@pytest.mark.parametrize(
    ("version", "kind", "spec", "keys"),
    [
        ("batch.volcano.sh/v1alpha1", "Job", "", set()),
        ("batch/v1", "Job", "manualSelector: true, ", {"batch.kubernetes.io/job-completion-index"}),
        ("apps/v1", "Deployment", "", {"pod-template-hash"}),
        ("apps.example.com/v1", "Deployment", "", {"pod-template-hash"}),
    ],
)
def test_labels_that_a_controller_adds_depend_on_the_api_group_and_a_jobs_selector(
    version: str, kind: str, spec: str, keys: set[str]
) -> None:
    pods = "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}"
    text = (
        f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: web}}, spec: {{{spec}{pods}}}}}"
    )
    (workload,) = inventory([read(SourceFile("w.yaml", text)).value]).value.workloads
    assert workload.labels == {"app": "web"}
    assert {label.key for label in workload.varying} == keys
    assert [label.always for label in workload.varying] == [version == "apps/v1"] * len(keys)


@pytest.mark.parametrize(
    ("version", "kind", "key"),
    [
        ("apps/v1", "Deployment", "pod-template-hash"),
        ("apps/v1", "StatefulSet", "statefulset.kubernetes.io/pod-name"),
        ("apps/v1", "StatefulSet", "apps.kubernetes.io/pod-index"),
        ("apps/v1", "DaemonSet", "controller-revision-hash"),
        ("argoproj.io/v1alpha1", "Rollout", "rollouts-pod-template-hash"),
    ],
)
def test_a_controller_replaces_its_own_labels_that_a_template_states(
    version: str, kind: str, key: str
) -> None:
    template = (
        f"metadata: {{labels: {{app: web, {key}: '0'}}}}, spec: {{containers: [{{name: c}}]}}"
    )
    text = f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: web}}, spec: {{template: {{{template}}}}}}}"
    (workload,) = read(SourceFile("w.yaml", text)).value.workloads
    assert workload.labels == {"app": "web"}
    assert not workload.surely_matches(Selector.labels({key: "0"}))


@pytest.mark.parametrize(
    ("kind", "version", "key"),
    [("ReplicaSet", "apps/v1", "pod-template-hash"), ("Job", "batch/v1", "controller-uid")],
)
def test_pods_have_labels_of_the_template_that_no_controller_replaces(
    kind: str, version: str, key: str
) -> None:
    template = f"metadata: {{labels: {{{key}: abc}}}}, spec: {{containers: [{{name: c}}]}}"
    text = f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: web}}, spec: {{template: {{{template}}}}}}}"
    (workload,) = read(SourceFile("w.yaml", text)).value.workloads
    assert workload.surely_matches(Selector.labels({key: "abc"}))
