"""Each lint: programs that deserve it and near ones that do not."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from netpolc.diagnostics import Diagnostic
from netpolc.kube.inventory import ContainerPort, Inventory, KubeService, ServicePort, Workload
from netpolc.kube.ports import Protocol
from netpolc.kube.selectors import Selector
from netpolc.lints import Meaning, namespace_lints, policy_lints, program_lints
from netpolc.passes.lower import lower
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse

WEB = Workload(
    namespace="shop",
    name="web",
    kind="Deployment",
    labels={"app": "web"},
    ports=(ContainerPort(number=8080, name="http"),),
)
KNOWN = Inventory(
    workloads=(WEB,),
    services=(
        KubeService(
            namespace="shop",
            name="web",
            selector=Selector.labels({"app": "web"}),
            ports=(ServicePort(number=80, target="http"),),
        ),
    ),
)


def found(text: str, inventory: Inventory | None = None) -> list[Diagnostic]:
    """What the lints find in a program."""
    tree = parse(SourceFile("test.intent", text))
    assert not tree.diagnostics
    program = resolve([tree.value]).value
    policies = lower(program).value
    meaning = Meaning(
        program=program, own=policies, whole=policies, inventory=inventory or Inventory()
    )
    return [*program_lints(meaning), *namespace_lints(meaning), *policy_lints(meaning)]


def names(diagnostics: Sequence[Diagnostic]) -> list[str]:
    return [diagnostic.rule.name for diagnostic in diagnostics]


CLOSED = "namespace shop\ndefault: deny ingress egress\n"
CASES: tuple[tuple[str, list[str]], ...] = (
    ("db <- api\n", ["unprotected-service"]),
    ("default: deny\ndb <- api\n", []),
    ("db <- api\napi <- any\n", []),
    ("{tier=x} <- none\ndb <- api\napi <- db\n", []),
    (f"{CLOSED}api -> api.example.com:443\n", ["host-name-peer"]),
    (f"{CLOSED}api -> localhost:443\n", ["host-name-peer"]),
    (f"{CLOSED}api -> a.example.com:443\ndb -> a.example.com:443\n", ["host-name-peer"]),
    # a label that changes, of the subject and of a peer
    (f"{CLOSED}{{pod-template-hash=a}} <- {{pod-template-hash=b}}\n", ["short-lived-label"]),
    (f"{CLOSED}service localhost = {{app=a}}\nlocalhost <- api\n", []),
    (f"{CLOSED}web <- world:80, all, everyone, anyone\n", ["everyday-word"] * 4),
    (f"{CLOSED}all <- web\nweb <- all\n", ["everyday-word"] * 2),
    (f"{CLOSED}service Any = {{app=b}}\nweb <- Any\n", []),
    (f"{CLOSED}service all = {{app=b}}\nweb <- all\n", []),
    (f'{CLOSED}service "a.b" = {{app=a}}\n"a.b" <- ns x\n', []),
    # a default that an arrow to all pods leaves without effect
    ("cluster\n* <- ns m:1\nnamespace shop\ndefault: allow\n", ["default-without-effect"]),
    ("cluster\n* -> ns m:1\nnamespace shop\ndefault: allow\n", ["default-without-effect"]),
    ("namespace shop\ndefault: allow\n* <- ns m:1\n", ["default-without-effect"]),
    (
        "cluster\ndefault: allow\n* <- ns m:1\nnamespace a\n* <- x\nnamespace b\nx <- none\n",
        ["default-without-effect"],
    ),
    ("cluster\n* <- ns m:1\nnamespace shop\ndefault: allow\n* <- any\n", ["redundant-arrow"]),
    ("namespace shop\ndefault: allow\n* <- any:80\n", ["default-without-effect"]),
    ("cluster\n* <- ns m:1\nnamespace shop\n", []),
    ("cluster\ndefault: allow\n* <- ns m:1\nnamespace shop\ndefault: deny\n", []),
    ("cluster\n{tier=x} <- ns m:1\nnamespace shop\ndefault: allow\n", []),
    ("cluster\npods: 10.0.0.0/16\nnamespace shop\ndb <- 10.0.0.0/8\n", ["own-addresses"]),
    (
        "cluster\npods: 10.0.0.0/16\nnamespace shop\ndb <- 10.0.0.0/8 except 10.0.0.0/16\n",
        [],
    ),
    ("cluster\nnodes: 8.8.0.0/16\nnamespace shop\ndb <- internet\n", []),
    # redundant: another arrow, another subject, several together
    (f"{CLOSED}db <- ns m\ndb <- p in ns m:1\n", ["redundant-arrow"]),
    (f"{CLOSED}* <- ns m\ndb <- ns m:1\n", ["redundant-arrow"]),
    (f"{CLOSED}db <- ns m:[1, 2]\ndb <- ns m:[2, 3]\n", []),
    (f"{CLOSED}db <- ns m:1-5\ndb <- ns m:6-9\ndb <- ns m:3-7\n", ["redundant-arrow"]),
    (f"{CLOSED}db <- none\n", []),
    # an arrow that closes what another one mirrors
    ("default: deny\ndb <- api:1\napi -> db:1\n", []),
    ("default: deny\ndb <- api:1\n{app in (api, x)} -> db:1\n", []),
    ("default: deny egress\ndb <- api:1\napi -> db:1\napi <- none\n", ["redundant-arrow"]),
    # a cluster section's arrow goes from every namespace or from none
    (f"cluster\n* <- ns m\n{CLOSED}* <- any\nnamespace b\ndefault: deny\n", []),
    (
        f"cluster\n* <- ns m\n{CLOSED}* <- any\nnamespace b\n* <- any\n",
        ["redundant-arrow"],
    ),
    # half-open: the other side is closed, in the program, and says nothing
    (
        f"{CLOSED}db <- p in ns m:1\nnamespace m\ndefault: deny egress\n",
        ["half-open-arrow"],
    ),
    (f"{CLOSED}db <- p in ns m:1\nnamespace m\ndefault: deny egress\np -> db in ns shop:1\n", []),
    (f"{CLOSED}db <- p in ns m:1\nnamespace m\ndefault: deny\n", []),
    (f"{CLOSED}db <- p in ns m:1\n", []),
    (f"{CLOSED}api -> db:1\n", ["half-open-arrow"]),
    (f"{CLOSED}mirror: no\ndb <- api:1\n", ["half-open-arrow"]),
    (f"{CLOSED}db <- api:1\n", []),
)


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_lints_of_a_program(text: str, expected: list[str]) -> None:
    assert sorted(names(found(text))) == sorted(expected)


def test_what_an_arrow_mirrors_is_not_said_to_close() -> None:
    text = "namespace shop\ndefault: deny\ndb <- api:1\napi -> db:1\nalways api -> ns x:80\n"
    (refuted,) = found(text)
    assert [label.span.text for label in refuted.others] == ["api -> db:1"]


def test_the_completing_line_completes() -> None:
    text = f"{CLOSED}db <- p in ns m:[1, 5/udp]\nnamespace m\ndefault: deny egress\n"
    (half,) = found(text)
    line = half.help.split("`")[3]
    assert line == "p -> db in ns shop:[1, 5/udp]"
    assert not found(f"{text}{line}\n")


KNOWN_CASES: tuple[tuple[str, list[str]], ...] = (
    ("web <- ns m:8080", []),
    ("web <- ns m:http", []),
    ("web <- ns m:1-9000", []),
    ("web <- ns m:80", ["service-port"]),
    ("web <- ns m:81", ["unlistened-port"]),
    ("web <- ns m:https", ["unlistened-port"]),
    ("web <- ns m:80/udp", ["unlistened-port"]),
    ("wep <- ns m:8080", ["unmatched-selector"]),
    ("web <- ghost:8080", ["unmatched-selector"]),
    ("web <- ghost in ns elsewhere:8080", []),
)


@pytest.mark.parametrize(("arrow", "expected"), KNOWN_CASES)
def test_lints_with_workloads(arrow: str, expected: list[str]) -> None:
    assert names(found(f"namespace shop\ndefault: deny\n{arrow}\n", KNOWN)) == expected


@pytest.mark.parametrize("order", [1, -1])
def test_the_nearest_workload_has_most_of_the_labels(order: int) -> None:
    likely = {"app": "web", "tier": "back", "zone": "b"}
    others = ({"app": "api"}, {"app": "db", "tier": "back"}, likely, {"zone": "b"})
    workloads = tuple(replace(WEB, name=f"w{i}", labels=each) for i, each in enumerate(others))
    text = "namespace shop\ndefault: deny\n{app=web, tier=back, zone=a} <- none\n"
    (finding,) = found(text, Inventory(workloads=workloads[::order]))
    assert finding.help.startswith("the nearest is `shop/w2[Deployment]`")


@pytest.mark.parametrize("labels", [{"app.kubernetes.io/name": "api"}, {"k8s-app": "api"}])
def test_the_nearest_workload_has_the_name_in_another_label(labels: dict[str, str]) -> None:
    workloads = (WEB, replace(WEB, name="backend", labels=labels))
    text = "namespace shop\ndefault: deny\nweb <- api:8080\n"
    (finding,) = found(text, Inventory(workloads=workloads))
    ((key, value),) = labels.items()
    assert finding.help == (
        f"the nearest is `shop/backend[Deployment]`, whose pods are labelled {key}={value}"
    )


def test_a_workload_of_the_very_name_is_the_nearest() -> None:
    workloads = (WEB, replace(WEB, name="api", labels={"role": "backend"}))
    (finding,) = found(
        "namespace shop\ndefault: deny\nweb <- api:8080\n", Inventory(workloads=workloads)
    )
    assert finding.help.startswith("the nearest is `shop/api[Deployment]`")


def test_a_cluster_sections_arrow_matches_where_it_matters() -> None:
    other = Workload(namespace="pay", name="x", kind="Job", labels={"app": "x"}, ports=())
    both = replace(KNOWN, workloads=(WEB, other))
    program = "cluster\n{} <- ns m\nnamespace shop\ndefault: deny\nnamespace pay\ndefault: deny\n"
    assert names(found(program.format("web"), both)) == []
    assert names(found(program.format("ghost"), both)) == ["unmatched-selector"]
    own = program.format("web").replace("pay\n", "pay\nweb <- ns n\n")
    (one,) = found(own, both)
    assert one.label.span.text == "web"
    assert one.label.span.line == own[: own.index("web <- ns n")].count("\n") + 1


def test_a_service_port_names_both_numbers() -> None:
    (one,) = found("namespace shop\ndefault: deny\nweb <- ns m:80\n", KNOWN)
    assert one.message == "80 is the port of Service `web`; its pods listen on `http` (8080)"
    assert KNOWN.services[0].ports[0].protocol is Protocol.TCP


@pytest.mark.parametrize(
    ("claim", "unknown"),
    [
        ("never databse <- internet", "databse"),
        ("only dbx <- none", "dbx"),
        ("never apii <- internet", "apii"),
        ("never db <- apii", "apii"),
        ("never db in ns shpo <- internet", "shpo"),
        ("never db <- api:80", None),
        ("never api <- internet", None),
        ("never db <- visitors", None),
        ("never {app=db, pci=true} <- internet", None),
        ("never declared <- internet", None),
        ("never * <- ns elsewhere", None),
    ],
)
def test_a_claim_about_pods_that_nothing_else_speaks_of(claim: str, unknown: str | None) -> None:
    program = f"{CLOSED}dns: none\nservice declared = {{x=y}}\ndb <- api:5432\n{claim}\n"
    rule = "claim-about-unknown-pods"
    messages = [one.message for one in found(program) if one.rule.name == rule]
    assert len(messages) == (unknown is not None)
    assert all(f"`{unknown}`" in message for message in messages)


def test_claims_are_held_against_what_runs() -> None:
    program = f"{CLOSED}web <- web:8080\nnever wbe <- internet\nnever web <- internet\n"
    assert names(found(program, KNOWN)) == ["unmatched-selector"]


def test_a_claim_of_a_cluster_section_is_about_some_namespace() -> None:
    program = f"cluster\nnever {{}} <- internet\n{CLOSED}db <- api\nnamespace ops\nprom <- none\n"
    for claim, count in (("db", 0), ("dbb", 1)):
        messages = [o for o in found(program.format(claim)) if o.rule.code == "NP613"]
        assert len(messages) == count


def test_a_half_open_arrow_names_the_peer_that_is_meant() -> None:
    program = "default: deny\nmirror: no\nweb -> api:80, db:5432\napi <- web:80\n"
    (half,) = [one for one in found(program) if one.rule.name == "half-open-arrow"]
    assert half.message.startswith("`db:5432` cannot be reached")


def test_a_statement_that_covers_by_itself_is_named_alone() -> None:
    program = (
        "namespace k\ndefault: deny\nf <- ns ks:8080\nf <- {app=ig}:8080\n* <- ns ks:[8000, 8080]\n"
    )
    (covered,) = [one for one in found(program) if one.rule.name == "redundant-arrow"]
    assert [label.span.line for label in covered.others] == [5]
