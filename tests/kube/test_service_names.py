"""Names for pods that no convention names."""

from itertools import islice

import pytest

from netpolc.kube.inventory import Workload
from netpolc.kube.name_rules import LABEL_LENGTH, label_value_problem
from netpolc.kube.selectors import Selector
from netpolc.kube.service_names import (
    PodClass,
    ServiceName,
    candidates,
    chosen,
    distinct_names,
    identifying_labels,
    is_usable,
    preferred_key,
)

PRIMARY = {"app": "postgres", "role": "primary"}


def names(labels: dict[str, str], *, policies: tuple[str, ...] = ()) -> list[str]:
    """The first names for pods with some labels."""
    return list(islice(candidates(Selector.labels(labels), (), policies), 4))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (PRIMARY, ["postgres", "postgres-primary", "postgres-2", "postgres-3"]),
        ({"metrics": "true"}, ["metrics", "metrics-2", "metrics-3", "metrics-4"]),
        (
            {"example.com/net.access": "yes"},
            ["net-access", "net-access-2", "net-access-3", "net-access-4"],
        ),
        (
            {"app": "operator.example.com"},
            ["operator", "operator-2", "operator-3", "operator-4"],
        ),
        ({"app": "v1.2"}, ["v1-2", "v1-2-2", "v1-2-3", "v1-2-4"]),
    ],
)
def test_labels_give_names(labels: dict[str, str], expected: list[str]) -> None:
    assert names(labels) == expected


@pytest.mark.parametrize(
    ("labels", "policies", "expected"),
    [
        ({"version": "1.0"}, ("1.0-ingress",), "pods"),
        ({"app": "2024"}, (), "pods"),
        ({"app": "9" * 61 + "ab"}, (), "9" * 61 + "ab"),
        ({"app": "2024", "tier": "db"}, (), "2024-db"),
    ],
)
def test_names_that_look_like_numbers_are_not_numbered(
    labels: dict[str, str], policies: tuple[str, ...], expected: str
) -> None:
    def after(taken: set[str]) -> str:
        return chosen(islice(candidates(Selector.labels(labels), (), policies), 10), taken)

    assert after(set()) == expected
    stem = expected if len(expected) < LABEL_LENGTH else "pods"
    assert after({expected, "pods"}) == f"{stem}-2"


def test_a_workload_whose_name_has_dots_is_not_numbered() -> None:
    workload = Workload(namespace="shop", name="web.v1", kind="Pod", labels={"app": "web"})
    names_of_web = islice(candidates(Selector.labels({"app": "web"}), [workload]), 10)
    assert chosen(names_of_web, {"web"}) == "web-2"


def test_the_workload_that_is_meant_gives_the_best() -> None:
    workload = Workload(namespace="shop", name="ledger", kind="Deployment", labels=PRIMARY)
    selector = Selector.labels(PRIMARY)
    assert next(candidates(selector, [workload], ())) == "ledger"
    assert next(candidates(selector, [workload, workload], ())) == "postgres"


@pytest.mark.parametrize(
    "policy", ["allow-db", "db-network-policy", "db-netpol", "deny-db-ingress"]
)
def test_a_policy_gives_its_name_without_what_says_that_it_is_one(policy: str) -> None:
    some = Selector.labels({"generation": "3"})
    assert chosen(candidates(some, (), (policy,)), {"db-2"}) == "db"


def test_what_other_pods_are_called_too_says_too_little() -> None:
    found = candidates(Selector.labels(PRIMARY), shared={"postgres"})
    assert list(islice(found, 2)) == ["postgres-primary", "postgres-primary-2"]


def test_a_policy_that_is_called_as_a_label_says_tells_which_label_counts() -> None:
    labels = Selector.labels({"app": "shop", "component": "users", "tier": "backend"})
    assert next(candidates(labels, (), ("allow-users",))) == "users"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("ledger-ingress", "ledger"),
        ("ledger-api-network-policy", "ledger-api"),
        ("deny-all-ingress", "postgres"),
        ("ledger-to-db-egress", "postgres"),
        ("ledger", "postgres"),
    ],
)
def test_a_policy_that_is_called_after_its_service(policy: str, expected: str) -> None:
    assert next(candidates(Selector.labels(PRIMARY), (), (policy,))) == expected


def test_labels_that_say_nothing_leave_it_to_the_policy() -> None:
    labels = Selector.labels({"generation": "3", "team": "x"})
    assert next(candidates(labels, (), ("legacy",))) == "legacy"


def test_a_name_that_is_taken_is_told_apart() -> None:
    found = candidates(Selector.labels(PRIMARY), (), ())
    assert chosen(found, {"postgres", "postgres-primary"}) == "postgres-2"


@pytest.mark.parametrize("name", ["", "true", "80", "8080-8090", "v1.2", "a b", "Enabled"])
def test_what_nobody_would_take_for_a_name(name: str) -> None:
    assert not is_usable(name)


def pod_class(called: str, **labels: str) -> PodClass:
    """Pods of namespace shop."""
    pairs = ((key.replace("__", "/"), value) for key, value in labels.items())
    return PodClass("shop", called, identifying_labels(dict(pairs)))


def test_labels_of_a_release_do_not_name_a_service() -> None:
    web = pod_class("web", role="web", version="1.2.3", helm_sh__chart="web-1.2.3")
    assert web.labels == (("role", "web"),)


def test_the_key_that_distinguishes_most_pods_is_preferred() -> None:
    parts = [pod_class(name, app="shop", component=name) for name in ("web", "db")]
    assert preferred_key([*parts, pod_class("cache", app="cache")]) == "component"
    assert preferred_key([pod_class("cache", app="cache", component="cache")]) == "app"
    assert preferred_key([]) == "app"


def test_pods_that_the_key_does_not_distinguish_are_declared_by_few_labels() -> None:
    web, db = (pod_class(name, app="shop", role=name, zone="a") for name in ("web", "db"))
    names = distinct_names([web, db], "app")
    assert names[web] == ServiceName("web", (("app", "shop"), ("role", "web")))


def test_pods_whose_labels_others_have_too_get_no_name() -> None:
    all_of_web, canary = pod_class("web", app="web"), pod_class("canary", app="web", track="new")
    assert distinct_names([all_of_web, canary], "app") == {
        canary: ServiceName("canary", (("app", "web"), ("track", "new")))
    }


def test_a_name_belongs_to_the_pods_that_have_it_as_a_label() -> None:
    first, second = pod_class("api", app="web", role="a"), pod_class("x", app="web", role="b")
    labelled = pod_class("y", app="api")
    names = distinct_names([first, second, labelled], "app")
    assert names[labelled].name == "api"
    assert names[first].name == "api-2"


@pytest.mark.parametrize("name", ["x" * 63, "x" * 253, "x" * 61 + "-.y", "a.b." + "c" * 80])
def test_no_name_is_longer_than_a_label_value(name: str) -> None:
    labelled = pod_class("other", app=name[:63].rstrip("-."))
    long = [pod_class(name, app="a", role=str(number)) for number in range(3)]
    made = distinct_names([labelled, *long], "app").values()
    assert len({one.name for one in made}) == 4
    assert not [one for one in made if label_value_problem(one.name)]
    policies = {"app": name[:63].rstrip("-."), "role": name[:63].rstrip("-.")}
    found = list(islice(candidates(Selector.labels(policies), (), (name,)), 9))
    assert len(set(found)) > 3
    assert not [one for one in found if label_value_problem(one)]
