"""`netpolc diff` as a user runs it, in repositories made with the real git."""

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from netpolc.changes.model import Effect
from netpolc.cli.main import run
from tests.cli.conftest import Put
from tests.cli.diff_of_shop import SHOP, changes, differing, edited
from tests.repository import Scratch, needs_git

pytestmark = needs_git


def test_policies_of_the_cluster_that_a_side_replaces_count_on_neither_side(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"old.intent": "namespace shop\ndb <- api:1, web:2\n"})
    put({"new.intent": "namespace shop\ndb <- api:1\n", "none.intent": "namespace pay\nx <- y\n"})
    for side in ("old", "new"):
        run(["compile", f"{side}.intent", "-o", side])
    cluster = Path("old/shop/db-ingress.yaml").read_text()
    put({"cluster.yaml": cluster, "given.yaml": cluster.replace("managed-by: netpolc", "by: me")})
    capfd.readouterr()
    for beside in ("cluster.yaml", "given.yaml"):
        for old, new in (("old", "new"), ("old", "new.intent"), ("old.intent", "new")):
            if beside == "given.yaml" and "." in new + old:
                continue  # Intents replace only what netpolc made.
            assert run(["diff", old, new, "--with", beside]) == 1
            assert "\n    closed  db <- web:2\n" in capfd.readouterr().out
    # A side without the namespace is the cluster after the old output is pruned.
    assert run(["diff", "new.intent", "none.intent", "--with", "cluster.yaml"]) == 1
    out = capfd.readouterr().out
    assert "removed new.intent:2  db <- api:1" in out
    assert "cluster.yaml" not in out


def test_nothing_changed(repo: Scratch, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["diff"]) == 0
    assert run(["diff", "HEAD", "HEAD"]) == 0
    assert "error" not in capfd.readouterr().err
    assert not repo.git("status", "--porcelain")


def test_what_means_the_same_does_not_differ(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    moved = "\n# A comment.\n\n" + edited(
        ("db <- api:5432\n", ""), ("cache <-", "db <- {app=api}:5432/tcp\ncache <-")
    )
    same: list[dict[str, str | None]] = [
        {"intents/shop.intent": moved},
        {"intents/shop.intent": SHOP.replace("\n", "\r\n")},
        {"intents/shop.intent": "\ufeff" + SHOP},
        {"intents/shop.intent": None, "intents/renamed/deep.intent": SHOP},
    ]
    for change in same:
        repo.put(change)
        assert run(["diff"]) == 0, change
        assert run(["diff", "--fail-on", "risk"]) == 0
    assert "netpolc: internal" not in capfd.readouterr().err


def test_a_renamed_folder_with_its_netpolc_toml(repo: Scratch) -> None:
    repo.git("mv", "intents", "policies")
    repo.commit({"netpolc.toml": 'sources = "policies"\n'})
    assert run(["diff", "HEAD~1", "HEAD"]) == 0
    assert run(["diff", "HEAD~1"]) == 0


def test_a_service_without_its_intents_is_open_to_all(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.put({"intents/pay.intent": None})
    assert run(["diff", "--fail-on", "opened"]) == 1
    (change,) = differing().isolations
    assert (change.effect, change.namespace, change.subject) == (Effect.OPENED, "pay", "a")
    assert all(entry.effect is Effect.OPENED for entry in differing().entries)
    assert "pay" in capfd.readouterr().out


def test_a_group_that_fans_out(repo: Scratch) -> None:
    repo.put({"intents/shop.intent": edited(("web, mobile", "web, mobile, kiosk"))})
    assert changes() == {"+ shop: api <- kiosk:8080", "+ shop: cache <- kiosk:6379"}
    (cause,) = differing().causes
    assert cause.fans_out
    assert [one.name for one in cause.statements] == ["frontends"]


def test_a_namespace_that_loses_its_default(repo: Scratch) -> None:
    repo.put({"intents/shop.intent": edited(("default: deny\n", ""))})
    assert run(["diff", "--fail-on", "risk"]) == 1
    assert "default-removed" in {risk.value for risk in differing().risks}


@pytest.mark.parametrize(
    ("new", "codes"),
    [
        ("db <- api:5432", {"any": 0, "opened": 0, "risk": 0}),
        ("db <- api:5433", {"any": 1, "opened": 1, "risk": 0}),
        ("db <- none", {"any": 1, "opened": 0, "risk": 0}),
        ("db <- api:5432, internet:5432", {"any": 1, "opened": 1, "risk": 1}),
    ],
)
def test_what_to_fail_on(repo: Scratch, new: str, codes: dict[str, int]) -> None:
    repo.put({"intents/shop.intent": edited(("db <- api:5432", new))})
    assert {on: run(["diff", "--fail-on", on]) for on in codes} == codes


def test_netpolc_toml_says_which_changes_fail(repo: Scratch) -> None:
    repo.put(
        {"netpolc.toml": 'fail-on = "opened"\n', "intents/a.intent": "namespace new\nq <- none\n"}
    )
    assert run(["diff"]) == 0
    assert run(["diff", "--fail-on", "any"]) == 1


@pytest.mark.parametrize("form", ["json", "markdown", "sarif", "github", "gitlab"])
def test_other_forms(repo: Scratch, capfd: pytest.CaptureFixture[str], form: str) -> None:
    repo.put({"intents/shop.intent": edited(("db <- api:5432", "db <- api:5432, internet:5432"))})
    assert run(["diff", "--format", form]) == 1
    out, err = capfd.readouterr()
    assert err == ""
    assert "db <- internet:5432" in out
    if form in {"json", "sarif", "gitlab"}:
        json.loads(out)
    assert run(["diff", "HEAD", "HEAD", "--format", form]) == 0


def test_json_is_of_its_schema(repo: Scratch, capfd: pytest.CaptureFixture[str]) -> None:
    repo.put({"intents/shop.intent": edited(("default: deny\n", ""), ("mobile", "mobile, kiosk"))})
    run(["diff", "--format", "json"])
    document = json.loads(capfd.readouterr().out)
    schema = files("netpolc.grammar").joinpath("diff.schema.json").read_text(encoding="utf-8")
    jsonschema.validate(document, json.loads(schema))
    assert (document["before"], document["after"]) == ("HEAD", "the working tree")
    assert document["same"] is False


@pytest.mark.parametrize("form", ["text", "github"])
def test_a_log_is_given_no_command(
    repo: Scratch, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    evil = 'db <- web:1 because "x"\n# ::error::x\n'
    repo.put({"intents/::error::x.intent": f"namespace shop\n{evil}"})
    assert run(["diff", "--format", form]) == 1
    out = capfd.readouterr().out
    assert "db <- web:1" in out
    assert not [line for line in out.splitlines() if line.lstrip().startswith("::error")]


def test_a_witness_on_demand(repo: Scratch, capfd: pytest.CaptureFixture[str]) -> None:
    repo.put({"intents/shop.intent": edited(("db <- api:5432", "db <- web:5432"))})
    run(["diff"])
    plain = capfd.readouterr().out
    run(["diff", "--witness"])
    more = capfd.readouterr().out
    assert len(more.splitlines()) > len(plain.splitlines())


def test_json_holds_no_command_of_a_runner(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    reason = "##vso[task.setvariable variable=x]y ###"
    put({"a.intent": "namespace s\ndb <- none\n"})
    put({"b.intent": f'namespace s\ndb <- web because "{reason}"\n'})
    assert run(["diff", "a.intent", "b.intent", "--format", "json"]) == 1
    out = capfd.readouterr().out
    assert "##" not in out
    assert f'db <- web because \\"{reason}\\"' in json.dumps(json.loads(out))


@pytest.mark.parametrize(
    ("stated", "undecided"),
    [("", 1), ("cluster\nblocks: outside\n", 0), ("cluster\npods: 100.64.0.0/10\n", 0)],
)
def test_a_block_that_may_match_pods_is_marked(
    stated: str, undecided: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, arrow in (("before", ""), ("after", "db <- 10.0.0.0/8:5432\n")):
        (tmp_path / name).mkdir()
        text = f"{stated}namespace shop\ndefault: deny\n{arrow}"
        (tmp_path / name / "a.intent").write_text(text)
    sides = [str(tmp_path / "before"), str(tmp_path / "after")]
    run(["diff", *sides, "--format", "json"])
    (cause,) = json.loads(capfd.readouterr().out)["causes"]
    (entry,) = cause["entries"]
    assert len(entry.get("undecided", ())) == undecided
    run(["diff", *sides])
    assert capfd.readouterr().out.count("? depends on the network plugin") == undecided
    run(["list", sides[1]])
    assert capfd.readouterr().out.count("? depends on the network plugin") == undecided


UNKNOWN = """\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: x, namespace: shop}
spec:
  template: {metadata: {labels: {app: web}}, spec: {hostNetwork: true, containers: [{name: c, image: i}]}}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: c, namespace: shop}
spec: {}
"""


def test_a_closed_world_leaves_nothing_undecided(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"old.intent": "namespace shop\ndb <- api\n", "unknown.yaml": UNKNOWN})
    put({"new.intent": "namespace shop\ndb <- api, web, 10.0.0.0/8\n"})
    facts = {}
    for more in ((), ("--assume-no-other-policies",), ("--closed-world",)):
        arguments = ["diff", "old.intent", "new.intent", "--with", "unknown.yaml", *more]
        assert run([*arguments, "--format", "json"]) == 1
        causes = json.loads(capfd.readouterr().out)["causes"]
        entries = [entry for cause in causes for entry in cause["entries"]]
        facts[more] = {fact for entry in entries for fact in entry.get("undecided", ())}
    assert len(facts[()]) == 3
    assert len(facts[("--assume-no-other-policies",)]) == 2
    assert not facts[("--closed-world",)]
