"""Rows of exposure that depend on what nobody states are marked, with the reason."""

import json
from typing import Any

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put, put  # noqa: F401 - a fixture

WORKLOAD = """\
apiVersion: apps/v1
kind: KIND
metadata: {name: NAME, namespace: NAMESPACE}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec: {hostNetwork: HOST, containers: [{name: c, image: i}]}
---
"""
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: qa1, labels: {env: dev}}\n"
LABEL = "whether namespace `qa1` has the label `env`"
HOST = "what policies do to `shop/agent[Deployment]` on the host's network"


def workload(namespace: str, name: str, *, kind: str = "Deployment", host: bool = False) -> str:
    """A manifest of a controller of pods."""
    own = WORKLOAD.replace("NAMESPACE", namespace).replace("NAME", name)
    return own.replace("KIND", kind).replace("HOST", str(host).lower())


def exposed(capsys: pytest.CaptureFixture[str], sender: str, receiver: str) -> list[dict[str, Any]]:
    """The rows of exposure between two ends."""
    capsys.readouterr()
    assert run(["list", "a.intent", "--with", "k8s", "--exposure", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    return [
        row
        for row in rows
        if row.get("exposure") and (row["src"], row["dst"]) == (sender, receiver)
    ]


@pytest.mark.parametrize(
    ("arrow", "ends", "certain", "possible"),
    [
        (
            "db <- ns {env=dev}:1, ns {env=prod}:2",
            ("qa1/tool[Deployment]", "shop/db"),
            [],
            [[1, 2]],
        ),
        (
            "db <- ns {env=dev}:[1, 3], ns {env!=dev}:[2, 3]",
            ("qa1/tool[Deployment]", "shop/db"),
            [[3, 3]],
            [[1, 2]],
        ),
        ("tool -> ns {env=dev}:6", ("shop/tool", "qa1/tool[Deployment]"), [], [[6, 6]]),
    ],
)
def test_a_namespace_label_that_nobody_states_decides(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    arrow: str,
    ends: tuple[str, str],
    certain: list[list[int]],
    possible: list[list[int]],
) -> None:
    put({"a.intent": f"namespace shop\n{arrow}\n", "k8s/tool.yaml": workload("qa1", "tool")})
    (row,) = exposed(capsys, *ends)
    assert row["protocols"].get("TCP", []) == certain
    assert row["possible"].get("TCP", []) == possible
    assert row["undecided"] == [LABEL]
    put({"k8s/qa1.yaml": NAMESPACE})
    (row,) = exposed(capsys, *ends)
    assert row["protocols"]["TCP"] in ([[1, 1]], [[1, 1], [3, 3]], [[6, 6]])
    assert "undecided" not in row


def test_a_list_is_certain_of_what_each_value_of_a_label_permits(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    arrow = "db <- ns {env=dev}:[1, 3], ns {env!=dev}:[2, 3]"
    objects = workload("qa1", "tool") + workload("shop", "db")
    put({"a.intent": f"namespace shop\n{arrow}\n", "k8s/w.yaml": objects})
    assert run(["list", "a.intent", "--with", "k8s", "--format", "csv"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert 'qa1/tool[Deployment],shop/db[Deployment],"3, 1-2?"' in rows


def test_classes_that_a_namespace_label_opens_do_not_overlap(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    arrows = "{app=a} <- ns {env=dev}:1\n{tier=x} <- ns {env!=dev}:2\n"
    put({"a.intent": f"namespace shop\n{arrows}", "k8s/tool.yaml": workload("qa1", "tool")})
    sender = "qa1/tool[Deployment]"
    for receiver, possible in (
        ("shop/{app=a, tier=x}", [[1, 2]]),
        ("shop/{app=a, tier!=x}", [[1, 1]]),
        ("shop/{app!=a, tier=x}", [[2, 2]]),
    ):
        (row,) = exposed(capsys, sender, receiver)
        assert (row["protocols"], row["possible"]["TCP"]) == ({}, possible)
        assert row["undecided"] == [LABEL]


def test_pods_of_the_same_namespace_depend_on_its_labels_too(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    arrows = "tool <- ns {env=dev}:1"
    put({"a.intent": f"namespace qa1\n{arrows}\n", "k8s/tool.yaml": workload("qa1", "tool")})
    (row,) = exposed(capsys, "qa1/*", "qa1/tool[Deployment]")
    assert (row["protocols"], row["possible"]["TCP"]) == ({}, [[1, 1]])
    assert row["undecided"] == [LABEL]


def test_rows_of_too_many_classes_overlap_and_a_note_says_so(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    arrows = "".join(f"{{k{number}}} <- ns {{env=v{number}}}:{number}\n" for number in range(1, 11))
    put({"a.intent": f"namespace shop\n{arrows}", "k8s/tool.yaml": workload("qa1", "tool")})
    assert run(["list", "a.intent", "--with", "k8s", "--exposure"]) == 0
    output = capsys.readouterr()
    assert "note[NP754]: rows overlap" in output.err
    assert "help: read the rows of a workload together" in output.err
    (row,) = exposed(capsys, "qa1/tool[Deployment]", "shop/{k1}")
    assert (row["protocols"], row["possible"]["TCP"]) == ({}, [[1, 1]])


def test_a_label_that_differs_between_replicas_decides(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = "statefulset.kubernetes.io/pod-name"
    put(
        {
            "a.intent": f"namespace shop\ndb <- {{{name}=web-0}}:1, web:2\n",
            "k8s/web.yaml": workload("shop", "web", kind="StatefulSet"),
        }
    )
    (row,) = exposed(capsys, "shop/web[StatefulSet]", "shop/db")
    assert row["protocols"]["TCP"] == [[2, 2]]
    assert row["possible"]["TCP"] == [[1, 1]]
    assert row["undecided"] == [
        f"which pod of `shop/web[StatefulSet]` it is: their label `{name}` differs"
    ]


def test_a_policy_may_not_match_a_peer_on_the_network_of_the_host(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    put(
        {
            "a.intent": "namespace shop\ndb <- agent:1, any:2\nclient -> agent:3\n",
            "k8s/agent.yaml": workload("shop", "agent", host=True),
        }
    )
    (row,) = exposed(capsys, "shop/agent[Deployment]", "shop/db")
    assert (row["protocols"]["TCP"], row["possible"]["TCP"]) == ([[2, 2]], [[1, 1]])
    assert row["undecided"] == [HOST]
    (row,) = exposed(capsys, "shop/client", "shop/agent[Deployment]")
    assert not row["protocols"].get("TCP")
    assert row["possible"]["TCP"] == [[3, 3]]
    assert row["undecided"] == [HOST]
    put({"k8s/agent.yaml": workload("shop", "agent")})
    (row,) = exposed(capsys, "shop/agent[Deployment]", "shop/db")
    assert row["protocols"]["TCP"] == [[1, 2]]
    assert "undecided" not in row


def test_a_named_port_is_possible_by_its_name(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    put(
        {
            "a.intent": "namespace shop\ndb <- agent:http, ns {env=dev}:metrics\n",
            "k8s/w.yaml": workload("qa1", "tool") + workload("shop", "agent", host=True),
        }
    )
    assert run(["list", "a.intent", "--with", "k8s", "--exposure", "--format", "csv"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert "qa1/tool[Deployment],shop/db[unknown pods],metrics?" in rows
    assert 'shop/agent[Deployment],shop/db[unknown pods],"http?, metrics?"' in rows


ACCEPT = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: accept}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}
  egress:
  - {action: Deny, to: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 9}}}]}
  - {action: Accept, to: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 80}}}]}
"""


@pytest.mark.parametrize(
    ("arrows", "other", "possible"),
    [
        # What `*` says of client's egress counts, although it is about agent as well.
        ("* -> agent:1\nclient -> {app=agent, x!=y}:5", {}, [[1, 1], [5, 5]]),
        ("* -> agent:1\nclient -> agent:2", {}, [[1, 2]]),
        ("client -> none", {}, None),
        # Rules of tiers that name pods or namespaces never match pods on the host's network.
        ("client -> none", {"k8s/accept.yaml": ACCEPT}, None),
        ("client -> agent:9", {"k8s/accept.yaml": ACCEPT}, [[9, 9]]),
    ],
)
def test_policies_of_the_other_end_apply_to_connections_with_the_network_of_the_host(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    arrows: str,
    other: dict[str, str | bytes],
    possible: list[list[int]] | None,
) -> None:
    put(
        {
            "a.intent": f"namespace shop\ndefault: deny\n{arrows}\n",
            "k8s/agent.yaml": workload("shop", "agent", host=True),
            **other,
        }
    )
    rows = exposed(capsys, "shop/client", "shop/agent[Deployment]")
    assert [row["possible"]["TCP"] for row in rows] == ([] if possible is None else [possible])
    assert not any(row["protocols"] for row in rows)
    assert not any(HOST not in row["undecided"] for row in rows)


def test_what_closes_other_pods_closes_them_to_the_network_of_the_host(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    put(
        {
            "a.intent": "namespace shop\ndefault: deny\n",
            "k8s/agent.yaml": workload("shop", "agent", host=True),
        }
    )
    assert not exposed(capsys, "shop/agent[Deployment]", "shop/*")
    assert exposed(capsys, "shop/*", "shop/agent[Deployment]")


def test_a_pod_is_in_one_row_of_a_workload_on_the_network_of_the_host(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What applies if policies do, and what applies if they do not, cut the pods in different places."""
    put(
        {
            "a.intent": "namespace shop\nagent -> web:1\n",
            "k8s/agent.yaml": workload("shop", "agent", host=True),
        }
    )
    sender = "shop/agent[Deployment]"
    (row,) = exposed(capsys, sender, "shop/web")
    assert (row["protocols"]["TCP"], row["possible"]["TCP"]) == ([[1, 1]], [[2, 65535]])
    (row,) = exposed(capsys, sender, "shop/{app!=web}")
    assert not row["protocols"]
    assert not exposed(capsys, sender, "shop/*")


def test_tiers_about_other_pods_leave_nothing_unknown_about_the_network_of_the_host(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    put(
        {
            "a.intent": "namespace pay\ndb <- api:1\n",
            "k8s/agent.yaml": workload("shop", "agent", host=True),
            "k8s/accept.yaml": ACCEPT,
        }
    )
    (row,) = exposed(capsys, "* but shop/*", "shop/agent[Deployment]")
    assert "undecided" not in row


@pytest.mark.parametrize(
    ("facts", "block", "permitted"),
    [
        ("pods: 10.0.0.0/16", "::/0", None),
        ("pods: fd00::/64", "0.0.0.0/0", None),
        ("pods: 10.0.0.0/16, fd00::/64", "::/0", ([], [[1, 65535]])),
        ("blocks: all\npods: 10.0.0.0/16", "0.0.0.0/0", ([[1, 65535]], [])),
        ("blocks: all", "0.0.0.0/0", ([], [[1, 65535]])),
    ],
)
def test_a_host_has_addresses_of_the_versions_of_other_pods(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    facts: str,
    block: str,
    permitted: tuple[list[list[int]], list[list[int]]] | None,
) -> None:
    put(
        {
            "a.intent": f"cluster\n{facts}\nnamespace pay\nweb <- {block}\n",
            "k8s/agent.yaml": workload("shop", "agent", host=True),
        }
    )
    rows = exposed(capsys, "shop/agent[Deployment]", "pay/web")
    found = [
        (row["protocols"].get("TCP", []), row.get("possible", {}).get("TCP", [])) for row in rows
    ]
    assert found == ([] if permitted is None else [permitted])
