"""Which file holds which policy."""

import pytest
import yaml

from netpolc.manifest.model import LabelSelector, NetworkPolicy
from netpolc.manifest.output_layout import Layout, Paths, arrange, paths, stream
from netpolc.manifest.write import HEADER, header, write


def policy(namespace: str, name: str, home: str = "in/a.intent") -> NetworkPolicy:
    return NetworkPolicy(
        name=name,
        namespace=namespace,
        pod_selector=LabelSelector(),
        policy_types=("Ingress",),
        sources=(home,),
        home=home,
    )


POLICIES = (
    policy("shop", "db-ingress", "in/team/db.intent"),
    policy("shop", "api-egress", "in/api.intent"),
    policy("ops", "web-ingress", "in/team/db.intent"),
)
FOLDERS = {"in/team/db.intent": "team", "in/api.intent": ""}


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        (Layout.POLICY, ["ops/web-ingress.yaml", "shop/api-egress.yaml", "shop/db-ingress.yaml"]),
        (Layout.NAMESPACE, ["ops.yaml", "shop.yaml"]),
        (
            Layout.SOURCE,
            ["shop.api-egress.yaml", "team/ops.web-ingress.yaml", "team/shop.db-ingress.yaml"],
        ),
    ],
)
def test_where_policies_go(layout: Layout, expected: list[str]) -> None:
    files = arrange(POLICIES, layout, FOLDERS)
    assert list(files) == expected
    assert files == arrange(POLICIES[::-1], layout, FOLDERS)
    found = [
        (document["metadata"]["namespace"], document["metadata"]["name"])
        for text in files.values()
        for document in yaml.safe_load_all(text)
    ]
    assert sorted(found) == [("ops", "web-ingress"), ("shop", "api-egress"), ("shop", "db-ingress")]


def test_a_file_has_one_header_with_all_its_sources() -> None:
    text = arrange(POLICIES, Layout.NAMESPACE, FOLDERS)["shop.yaml"]
    assert text == (
        header(["in/api.intent", "in/team/db.intent"])
        + write(POLICIES[1])
        + "---\n"
        + write(POLICIES[0])
    )
    assert text.count(HEADER) == 1


def test_every_layout_and_half_is_a_place_of_a_file() -> None:
    halves = {"shop.yaml", "shop.allow.yaml", "shop.deny.yaml"}
    assert paths([("shop", "db")]) == Paths(
        in_folder=frozenset({*halves, "shop/db.yaml"}), beside_sources=frozenset({"shop.db.yaml"})
    )
    assert paths([("shop", "db"), ("shop", "api")]) == Paths(in_folder=frozenset(halves))
    assert paths([("shop", "db"), ("ops", "db")]) == Paths()
    assert paths([]) == Paths()


@pytest.mark.parametrize("part", ["", "allow", "deny"])
@pytest.mark.parametrize("layout", list(Layout))
def test_files_are_where_their_places_say(layout: Layout, part: str) -> None:
    files = arrange((POLICIES[0],), layout, {"in/team/db.intent": ""}, part=part)
    places = paths([("shop", "db-ingress")])
    assert set(files) <= places.in_folder | places.beside_sources


def test_a_stream_of_nothing_is_nothing() -> None:
    assert stream(()) == ""


def test_a_policy_of_no_known_intent_file_lies_at_the_top() -> None:
    assert list(arrange(POLICIES, Layout.SOURCE, {})) == [
        "ops.web-ingress.yaml",
        "shop.api-egress.yaml",
        "shop.db-ingress.yaml",
    ]


def test_a_policy_of_no_file_lies_where_its_namespace_is_at_home() -> None:
    folders = {"a": "team/shop/db", "b": "team/shop/dbs", "c": ""}
    some = (policy("shop", "a-ingress", "a"), policy("shop", "b-ingress", "b"))
    dns = policy("shop", "allow-dns-egress", "")
    assert "team/shop/shop.allow-dns-egress.yaml" in arrange((*some, dns), Layout.SOURCE, folders)
    everywhere = (*some, dns, policy("shop", "c-ingress", "c"))
    assert "shop.allow-dns-egress.yaml" in arrange(everywhere, Layout.SOURCE, folders)


def resources(text: str) -> list[str]:
    assert text.startswith(HEADER)
    document = yaml.safe_load(text)
    assert document["apiVersion"] == "kustomize.config.k8s.io/v1beta1"
    assert document["kind"] == "Kustomization"
    found: list[str] = document["resources"]
    return found


def test_each_folder_gets_a_kustomization_of_its_files_and_folders() -> None:
    files = arrange(POLICIES, Layout.SOURCE, FOLDERS, kustomization=True)
    assert resources(files["kustomization.yaml"]) == ["shop.api-egress.yaml", "team"]
    assert resources(files["team/kustomization.yaml"]) == [
        "ops.web-ingress.yaml",
        "shop.db-ingress.yaml",
    ]
    deep = arrange(POLICIES[:1], Layout.SOURCE, {"in/team/db.intent": "a/b"}, kustomization=True)
    assert resources(deep["kustomization.yaml"]) == ["a"]
    assert resources(deep["a/kustomization.yaml"]) == ["b"]


@pytest.mark.parametrize("name", ["on", "null", "1e3", "a: b", "#", "grün", "-", "\x1b", "'"])
def test_whatever_a_folder_is_called_a_kustomization_names_it(name: str) -> None:
    files = arrange(POLICIES[:1], Layout.SOURCE, {"in/team/db.intent": name}, kustomization=True)
    assert resources(files["kustomization.yaml"]) == [name]


def test_a_namespace_called_kustomization_keeps_its_manifests() -> None:
    odd = policy("kustomization", "db-ingress")
    files = arrange((*POLICIES, odd), Layout.NAMESPACE, FOLDERS, kustomization=True)
    assert write(odd) in files["namespace.kustomization.yaml"]
    assert resources(files["kustomization.yaml"]) == [
        "namespace.kustomization.yaml",
        "ops.yaml",
        "shop.yaml",
    ]


def test_names_fit_the_file_system_and_stay_apart() -> None:
    long = [policy("n" * 63, "x" * 240 + end) for end in ("-ingress", "-egress")]
    files = arrange(long, Layout.SOURCE, FOLDERS)
    assert len(files) == 2
    assert all(len(path) < 250 for path in files)
