"""What is opened and closed, as arrows: one for a changed arrow where that is exact."""

import pytest

from netpolc.analysis.concrete_evaluator import Pod
from netpolc.changes.diff import difference
from netpolc.changes.model import Effect, Reach, Side
from netpolc.kube.inventory import Inventory, Workload
from netpolc.manifest.read import read
from netpolc.passes.lift import lift
from netpolc.passes.normalise import normalise
from netpolc.program.model import Program
from netpolc.source import SourceFile
from tests.changes.changes import changed, said, side

CLOSED = "default: deny ingress egress"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("db <- api:1", "db <- api:1, web:80", ["+ db <- web:80"], id="a peer more"),
        pytest.param("db <- api:1", "db <- api:[1, 2]", ["+ db <- api:2"], id="a port more"),
        pytest.param("db <- api:1-9", "db <- api:2-9", ["- db <- api:1"], id="a port less"),
        pytest.param("db <- api:1", "db <- api:1/udp", ["+ db <- api:1/udp", "- db <- api:1"]),
        pytest.param("db <- none", "db <- ns *", ["+ db <- ns *"], id="own and other namespaces"),
        pytest.param("db <- none", "db <- any:80", ["+ db <- any:80"], id="everyone"),
        pytest.param("db <- none", "db <- ns pay:1", ["+ db <- ns pay:1"]),
        pytest.param("db <- none", "db <- api in ns pay", ["+ db <- api in ns pay"]),
        pytest.param("db <- none", "db <- ns {env=prod, !old}", ["+ db <- ns {env=prod, !old}"]),
        pytest.param(
            "db <- none",
            "db <- {tier in (a, b), !canary}:80",
            ["+ db <- {!canary, tier in (a, b)}:80"],
        ),
        pytest.param("db <- none", "db <- api:web", ["+ db <- api:web"], id="a port by name"),
        pytest.param("db <- none", "db <- api:[web, 80]", ["+ db <- api:[80, web]"]),
        pytest.param("db <- none", "db <- internet:443", ["+ db <- internet:443"]),
        pytest.param(
            "db <- none",
            "db <- 10.0.0.0/8 except 10.1.0.0/16:443",
            ["+ db <- 10.0.0.0/8 except 10.1.0.0/16:443"],
            id="a block as its author wrote it",
        ),
        pytest.param(
            "db <- 10.0.0.0/8",
            "db <- 10.0.0.0/8 except 10.1.0.0/16",
            ["- db <- 10.1.0.0/16"],
        ),
        pytest.param(
            "db <- none",
            "db <- 0.0.0.0/0 except [0.0.0.0/32], 0.0.0.0/0:80",
            ["+ db <- 0.0.0.0/0 except [0.0.0.0/32], 0.0.0.0/0:80"],
            id="a block after an exception",
        ),
        pytest.param("* <- none", '* <- none\n"any" <- api', ['+ "any" <- api'], id="quoted"),
        pytest.param(CLOSED, f"{CLOSED}\ndb <- api:1", ["+ db <- api:1"], id="both ends at once"),
        pytest.param(CLOSED, f"{CLOSED}\ndb <- *", ["+ db <- *"], id="both ends, every pod"),
        pytest.param(
            "api -> dns\nweb -> dns\n* <- none",
            "api -> dns\nweb -> dns\n* <- none\ndb <- *:1",
            ["+ db <- *:1"],
            id="open and mirrored senders together",
        ),
        pytest.param("api -> none", "api -> db:1", ["+ api -> db:1"], id="egress"),
        pytest.param("db <- ns *", "db <- *", ["- db <- ns {kubernetes.io/metadata.name!=shop}"]),
        pytest.param("db <- api", "db <- {app=api}", [], id="said otherwise"),
        pytest.param("db <- api:80-90", "db <- api:[80-84, 85-90]", [], id="ports said otherwise"),
    ],
)
def test_a_changed_arrow_is_an_arrow(before: str, after: str, expected: list[str]) -> None:
    assert said(changed(before, after)) == expected


def test_what_a_first_arrow_closes_is_exact_and_said_in_short() -> None:
    (entry,) = changed("", "db <- api:80").entries
    assert entry.arrow == (
        "db <- api:[1-79, 81-65535, */udp, */sctp], {app!=api}, "
        "ns {kubernetes.io/metadata.name!=shop}, 0.0.0.0/0, ::/0"
    )
    assert entry.part_of == "db <- any"
    assert entry.sayable


def test_what_no_selector_says_at_once_is_two_peers() -> None:
    (entry,) = changed("", "db <- {tier, tier!=a}").entries
    assert entry.sayable
    assert {"{tier=a}", "{!tier}"} <= {end.text for end in entry.far}


def test_a_name_that_means_something_else_is_not_used() -> None:
    before = "default: deny\nservice db = {app=a, tier=x}\ndb <- api:80"
    found = changed(before, before.replace("app=a", "app=b"))
    assert said(found) == ["- {app=a, tier=x} <- api:80", "+ {app=b, tier=x} <- api:80"]


def test_a_namespace_is_called_as_its_own_statements_do() -> None:
    files = {"a.intent": "namespace pay\nlabel: name\nledger <- none\nnamespace shop\ndb <- none\n"}
    after = {"a.intent": files["a.intent"].replace("db <- none", "db <- ledger in ns pay:1")}
    assert said(changed(files, after)) == ["+ db <- ledger in ns pay:1"]


def test_a_change_of_labels_is_said_of_the_namespace_that_has_them() -> None:
    text = "namespace shop\ndb <- ns {{env=prod}}:1\nnamespace pay {{env={}}}\n"
    found = changed({"a.intent": text.format("dev")}, {"a.intent": text.format("prod")})
    assert said(found) == ["+ db <- ns pay:1"]


def test_both_sides_of_an_entry_name_what_decides() -> None:
    found = changed("default: deny", "default: deny\n\ndb <- api:1")
    (entry,) = found.entries
    assert [(o.statement, o.line) for o in entry.before] == [("default: deny", 2)]
    assert [(o.statement, o.line) for o in entry.after] == [("db <- api:1", 4)]
    (entry,) = changed("default: deny\n\ndb <- api:1", "default: deny").entries
    assert [(o.statement, o.line) for o in entry.before] == [("db <- api:1", 4)]
    assert [(o.statement, o.line) for o in entry.after] == [("default: deny", 2)]


def test_an_unchanged_end_is_named_where_it_stands_on_the_permitting_side() -> None:
    before = {
        "a.intent": "namespace pay\ndefault: deny ingress egress\nnamespace shop\ndb <- none\n"
        "namespace pay\napi -> db in ns shop:1\n"
    }
    after = {"a.intent": "\n" + before["a.intent"].replace("none", "api in ns pay:1")}
    (entry,) = changed(before, after).entries
    assert {(o.statement, o.line) for o in entry.after} == {
        ("api -> db in ns shop:1", 7),
        ("db <- api in ns pay:1", 5),
    }


def test_reach_tells_whom_an_entry_concerns() -> None:
    def reach(peer: str) -> Reach:
        workloads = [
            Workload(namespace="shop", name=name, kind="Deployment", labels={"app": name})
            for name in ("db", "api")
        ]
        known = Inventory(workloads=tuple(workloads))
        before, after = (side(f"db <- {one}", inventory=known) for one in ("none", peer))
        (entry,) = difference(before, after).entries
        return entry.reach

    def says(*, unknown: bool, others: bool, outside: bool) -> Reach:
        return Reach(unknown_pods=unknown, other_namespaces=others, outside=outside)

    assert reach("api") == says(unknown=False, others=False, outside=False)
    assert reach("web") == says(unknown=True, others=False, outside=False)
    assert reach("*") == says(unknown=True, others=False, outside=False)
    assert reach("api in ns pay") == says(unknown=True, others=True, outside=False)
    assert reach("10.0.0.0/8") == says(unknown=False, others=False, outside=True)
    assert reach("any") == says(unknown=True, others=True, outside=True)


def test_a_witness_is_whom_the_words_name() -> None:
    (entry,) = changed("db <- none", "db <- api:5432").entries
    assert isinstance(entry.witness.sender, Pod)
    assert isinstance(entry.witness.receiver, Pod)
    assert entry.witness.sender.labels == {"app": "api"}
    assert entry.witness.receiver.labels == {"app": "db"}
    assert entry.witness.port == 5432


MANIFEST = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db-ingress, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
  - from: [{podSelector: {matchLabels: {app: api}}}]
    ports: [{port: 5432}]
"""


def lifted(text: str) -> Side:
    given = read(SourceFile("out/db.yaml", text)).value
    return Side(program=side({}).program, policies=normalise(lift(given.policies).value))


def test_manifests_and_intents_are_compared_by_meaning() -> None:
    assert not difference(side("db <- api:5432"), lifted(MANIFEST))
    found = difference(side("db <- api:5433"), lifted(MANIFEST))
    assert said(found) == ["+ db <- api:5432", "- db <- api:5433"]
    opened = found.opened[0]
    assert [(o.path, o.line) for o in opened.after] == [("out/db.yaml", 8)]
    assert not found.rewordings


def test_two_manifests_blame_the_policy() -> None:
    found = difference(lifted(MANIFEST), lifted(MANIFEST.replace("5432", "80")))
    assert said(found) == ["+ db <- api:80", "- db <- api:5432"]
    (cause,) = found.causes
    (change,) = cause.statements
    assert (change.what.value, change.edit.value, change.name) == ("policy", "edited", "db-ingress")
    assert {entry.effect for entry in cause.entries} == set(Effect)


def test_no_namespace_at_all_is_no_difference() -> None:
    empty = side({})
    assert isinstance(empty.program, Program)
    assert not difference(empty, empty)


@pytest.mark.parametrize("peer", ["ns {env=prod}", "ns {env!=dev}"])
def test_an_arrow_with_a_port_more_is_one_arrow_beside_namespaces_with_stated_labels(
    peer: str,
) -> None:
    text = "namespace p {env=prod}\nx <- none\nnamespace shop\ndb <- PEER:PORTS\n".replace(
        "PEER", peer
    )
    found = changed(
        {"a.intent": text.replace("PORTS", "1")}, {"a.intent": text.replace("PORTS", "[1, 2]")}
    )
    assert said(found) == [f"+ db <- {peer}:2"]
