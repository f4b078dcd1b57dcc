"""Which pods of a workload a selector matches, where controllers add labels."""

import pytest

from netpolc.kube.inventory import ContainerPort, CustomObject, Workload
from netpolc.kube.label_conventions import LabelValue, controller_labels
from netpolc.kube.ports import Protocol
from netpolc.kube.selectors import Selector
from netpolc.sets.value_set import ABSENT, PRESENT


@pytest.mark.parametrize(
    ("kind", "selected", "may", "surely"),
    [
        ("StatefulSet", {"statefulset.kubernetes.io/pod-name": "db-0"}, True, True),
        ("StatefulSet", {"statefulset.kubernetes.io/pod-name": "web-0"}, False, False),
        ("StatefulSet", {"app": "db"}, True, True),
        ("Deployment", {"pod-template-hash": "abc12"}, True, False),
        ("Deployment", {"pod-template-hash": "abc12", "app": "db"}, True, False),
        ("Deployment", {"app": "web"}, False, False),
    ],
)
def test_a_chosen_value_may_match_and_a_value_of_a_replica_surely_does(
    kind: str, selected: dict[str, str], may: bool, surely: bool
) -> None:
    varying = tuple(
        label for label in controller_labels(kind, "db") if label.kind is not LabelValue.KNOWN
    )
    workload = Workload(
        namespace="shop", name="db", kind=kind, labels={"app": "db"}, varying=varying
    )
    assert workload.may_match(Selector.labels(selected)) is may
    assert workload.surely_matches_some(Selector.labels(selected)) is surely


@pytest.mark.parametrize(
    ("kind", "key", "exists", "missing"),
    [
        ("Deployment", "pod-template-hash", True, False),
        ("StatefulSet", "controller-revision-hash", True, False),
        ("StatefulSet", "statefulset.kubernetes.io/pod-name", True, False),
        ("StatefulSet", "apps.kubernetes.io/pod-index", None, None),
        ("DaemonSet", "controller-revision-hash", True, False),
        ("DaemonSet", "pod-template-generation", None, None),
        ("Job", "controller-uid", True, False),
        ("Job", "batch.kubernetes.io/controller-uid", None, None),
        ("Job", "batch.kubernetes.io/job-completion-index", None, None),
        ("CronJob", "job-name", True, False),
        ("CronJob", "batch.kubernetes.io/job-name", None, None),
        ("Rollout", "rollouts-pod-template-hash", None, None),
    ],
)
def test_a_label_that_each_pod_has_exists_for_certain(
    kind: str, key: str, exists: bool | None, missing: bool | None
) -> None:
    """None is for what some pods may have and others not."""
    workload = Workload(
        namespace="shop", name="db", kind=kind, labels={}, varying=controller_labels(kind, "db")
    )
    for allowed, certain in ((PRESENT, exists), (ABSENT, missing)):
        selector = Selector.of(((key, allowed),))
        assert workload.surely_matches(selector) is (certain is True)
        assert workload.may_match(selector) is (certain is not False)


@pytest.mark.parametrize(
    ("label", "related"),
    [
        ({"acid.zalan.do/x": "y"}, True),
        ({"zalan.do/x": "y"}, True),
        ({"cluster-name": "pg-main"}, True),
        ({"app": "postgresql"}, True),
        ({"example.org/Postgresql": "y"}, True),
        ({"example.org/x": "y"}, False),
        ({"app": "db"}, False),
    ],
)
def test_an_operator_may_make_pods_with_labels_like_its_object(
    label: dict[str, str], *, related: bool
) -> None:
    custom = CustomObject(
        group="acid.zalan.do", kind="postgresql", namespace="shop", name="pg-main"
    )
    assert custom.may_make(Selector.labels(label)) is related


@pytest.mark.parametrize(
    ("group", "value", "related"),
    [
        ("flagger.app", "web-primary", True),
        ("flagger.app", "web", False),
        ("example.org", "web-primary", False),
    ],
)
def test_flagger_may_make_primary_pods_for_a_canary(
    group: str, value: str, *, related: bool
) -> None:
    canary = CustomObject(group=group, kind="Canary", namespace="shop", name="api")
    assert canary.may_make(Selector.labels({"app": value})) is related


@pytest.mark.parametrize(
    ("label", "related"),
    [
        ({"training.kubeflow.org/job-name": "pt"}, True),
        ({"kubeflow.org/x": "y"}, True),
        ({"app": "pt"}, False),  # Its templates would have it.
        ({"app": "pytorchjob"}, False),
    ],
)
def test_an_operator_adds_labels_of_its_domain_to_those_of_templates(
    label: dict[str, str], *, related: bool
) -> None:
    custom = CustomObject(
        group="kubeflow.org", kind="PyTorchJob", namespace="shop", name="pt", has_templates=True
    )
    assert custom.may_make(Selector.labels(label)) is related


def test_what_a_manifest_does_not_say_has_the_value_of_the_api() -> None:
    port = ContainerPort(number=80)
    assert (port.protocol, port.name, port.host_port) == (Protocol.TCP, "", 0)
    workload = Workload(namespace="shop", name="db", kind="Deployment", labels={"app": "db"})
    assert (workload.host_network, workload.ports, workload.pod) == (False, (), "")
    assert str(workload) == "shop/db[Deployment]"
