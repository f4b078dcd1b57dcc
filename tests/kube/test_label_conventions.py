"""Label keys with a meaning that many parts of netpolc rely on."""

import pytest

from netpolc.kube.label_conventions import (
    NAME_KEYS,
    POLICY_NAME_KEYS,
    REPLICA_KEYS,
    SERVICE_KEYS,
    LabelValue,
    controller_labels,
    is_lasting,
)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("app", "web"),
        ("app.kubernetes.io/instance", "web"),
        ("app.kubernetes.io/part-of", "shop"),
        ("role", "primary"),
        ("version", "v2"),
        ("version", "canary"),
        ("track", "stable"),
        ("conversion", "1.2"),
        ("api-version", "v2"),
        ("image-tag", "stable"),
    ],
)
def test_labels_that_identify_a_service_last(key: str, value: str) -> None:
    assert is_lasting(key, value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("app.kubernetes.io/version", "1.2.3"),
        ("app.kubernetes.io/version", "v1"),
        ("apps.kubernetes.io/pod-index", "0"),
        ("batch.kubernetes.io/controller-uid", "5d5e5f60-0000-4000-8000-000000000000"),
        ("batch.kubernetes.io/job-completion-index", "0"),
        ("batch.kubernetes.io/job-name", "migrate"),
        ("batch.kubernetes.io/a-key-of-later", "x"),
        ("chart", "web-1.2.3"),
        ("controller-revision-hash", "db-6f7f8"),
        ("controller-uid", "5d5e5f60-0000-4000-8000-000000000000"),
        ("helm.sh/chart", "web-1.2.3"),
        ("io.kubernetes.pod.namespace", "shop"),
        ("job-name", "migrate"),
        ("pod-template-generation", "3"),
        ("pod-template-hash", "6f7f8"),
        ("rollouts-pod-template-hash", "6f7f8"),
        ("service.istio.io/canonical-revision", "v1"),
        ("serving.knative.dev/revision", "web-00001"),
        ("serving.knative.dev/revisionUID", "5d5e"),
        ("statefulset.kubernetes.io/pod-name", "db-0"),
        ("tags.datadoghq.com/version", "1.2.3"),
        ("version", "1.2.3"),
        ("version", "2024-05-01"),
        ("release-version", "1.2.3"),
        ("example.org/image-tag", "1.2.3"),
        ("config-revision", "17a8f"),
    ],
)
def test_labels_of_a_release_or_of_one_pod_do_not_last(key: str, value: str) -> None:
    assert not is_lasting(key, value)


@pytest.mark.parametrize(
    ("kind", "name", "key", "value", "possible"),
    [
        ("Job", "migrate", "batch.kubernetes.io/job-name", "migrate", True),
        ("Job", "migrate", "job-name", "other", False),
        ("CronJob", "backup", "job-name", "backup-28912345", True),
        ("CronJob", "backup", "job-name", "backup", False),
        ("StatefulSet", "db", "statefulset.kubernetes.io/pod-name", "db-0", True),
        ("StatefulSet", "db", "statefulset.kubernetes.io/pod-name", "db-01", False),
        ("StatefulSet", "db", "statefulset.kubernetes.io/pod-name", "web-0", False),
        ("StatefulSet", "a.b", "statefulset.kubernetes.io/pod-name", "aXb-0", False),
        ("StatefulSet", "db", "apps.kubernetes.io/pod-index", "12", True),
        ("StatefulSet", "db", "apps.kubernetes.io/pod-index", "x", False),
        ("StatefulSet", "db", "controller-revision-hash", "db-5c4d4f7", True),
        ("Deployment", "web", "pod-template-hash", "6b7c9d", True),
        ("Deployment", "web", "pod-template-hash", "not-a-hash", False),
        ("DaemonSet", "log", "pod-template-generation", "2", True),
    ],
)
def test_controllers_add_labels_with_values_of_a_known_form(
    kind: str, name: str, key: str, value: str, *, possible: bool
) -> None:
    (label,) = [one for one in controller_labels(kind, name) if one.key == key]
    assert label.can_be(value) is possible


def test_a_known_value_is_one_that_the_label_can_have() -> None:
    known = [one for one in controller_labels("Job", "a.b") if one.kind is LabelValue.KNOWN]
    assert {one.value for one in known} == {"a.b"}
    assert all(one.can_be(one.value) for one in known)


@pytest.mark.parametrize("kind", ["Pod", "ReplicaSet", "ReplicationController", "Kafka"])
def test_other_kinds_add_no_labels(kind: str) -> None:
    assert controller_labels(kind, "x") == ()


def test_the_name_of_a_job_is_one_for_all_of_its_pods() -> None:
    assert "job-name" not in REPLICA_KEYS
    assert "pod-template-hash" in REPLICA_KEYS


def test_keys_that_name_services_last() -> None:
    assert all(is_lasting(key, "web") for key in (*NAME_KEYS, *POLICY_NAME_KEYS))
    assert NAME_KEYS[: len(SERVICE_KEYS)] == SERVICE_KEYS
