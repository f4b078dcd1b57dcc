"""`netpolc diff` as a user runs it, in repositories made with the real git."""

import io
import json
import sys
from datetime import date
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from netpolc.changes.model import Difference, Effect
from netpolc.cli.main import run
from netpolc.commands.diff import diff
from netpolc.io.project import Request
from tests.cli.conftest import Put
from tests.repository import Scratch, needs_git

pytestmark = needs_git

SHOP = """\
namespace shop
default: deny
group frontends = web, mobile

db <- api:5432
api <- frontends:8080
cache <- frontends:6379
"""


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    """A repository with a shop, which is the working folder; today is 2026-01-01."""
    scratch = Scratch(tmp_path / "repo", monkeypatch)
    monkeypatch.chdir(scratch.folder)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    scratch.commit({"intents/shop.intent": SHOP, "intents/pay.intent": "namespace pay\na <- b:1\n"})
    return scratch


def differing(*arguments: str) -> Difference:
    """What differs between two sources."""
    compared = diff(arguments, Request(here=Path.cwd(), today=date(2026, 1, 1)))
    assert compared.difference is not None
    return compared.difference


def changes(*arguments: str) -> set[str]:
    """The entries, as `+ NAMESPACE: ARROW`."""
    return {
        f"{'+' if one.effect is Effect.OPENED else '-'} {one.namespace}: {one.arrow}"
        for one in differing(*arguments).entries
    }


def edited(*replacements: tuple[str, str]) -> str:
    text = SHOP
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text


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


def test_the_working_tree_is_compared_with_head(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.put({"intents/shop.intent": edited(("db <- api:5432", "db <- api:5432, report:5432"))})
    assert run(["diff"]) == 1
    out = capfd.readouterr().out
    assert "db <- report:5432" in out
    assert changes() == {"+ shop: db <- report:5432"}
    assert changes("HEAD", "intents") == changes()
    assert changes("./intents", "HEAD:intents") == {"- shop: db <- report:5432"}
    repo.git("add", "--all")
    assert changes() == {"+ shop: db <- report:5432"}, "staged or not, it is in the working tree"


def test_a_new_file_counts_before_it_is_added(repo: Scratch) -> None:
    repo.put({"intents/new.intent": "namespace shop\nqueue <- api:5672\n"})
    assert changes() == {"+ shop: queue <- api:5672"}


def test_branches(repo: Scratch) -> None:
    repo.git("switch", "--quiet", "--create", "topic")
    repo.commit({"intents/topic.intent": "namespace shop\ndb <- topic:1\n"})
    repo.git("switch", "--quiet", "main")
    repo.commit({"intents/main.intent": "namespace shop\ndb <- main:1\n"})
    repo.git("switch", "--quiet", "topic")
    assert changes("main...HEAD") == {"+ shop: db <- topic:1"}
    assert changes("main") == {"+ shop: db <- topic:1", "- shop: db <- main:1"}
    assert changes("main..topic") == changes("main", "topic") == changes("main")
    repo.git("merge", "--quiet", "--no-edit", "main")
    assert changes("HEAD^1", "HEAD") == {"+ shop: db <- main:1"}
    assert changes("main...HEAD") == {"+ shop: db <- topic:1"}
    assert differing("main...HEAD").after == "HEAD"


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


def test_intents_against_manifests(repo: Scratch, capfd: pytest.CaptureFixture[str]) -> None:
    run(["compile"])
    assert run(["diff", "intents", "out"]) == 0, capfd.readouterr()
    assert run(["diff", "out"]) == 0
    repo.commit({})
    assert run(["diff", "HEAD:out", "intents"]) == 0
    policy = repo.folder / "out/shop/db-ingress.yaml"
    policy.write_text(policy.read_text().replace("5432", "5433"))
    assert changes("intents", "out") == {"+ shop: db <- api:5433", "- shop: db <- api:5432"}


def test_against_ir_and_standard_input(
    repo: Scratch, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    run(["ir"])
    dumped = capfd.readouterr().out
    repo.put({"base.json": dumped})
    assert run(["diff", "base.json"]) == 0
    for text in (dumped, SHOP + "namespace pay\na <- b:1\n"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert run(["diff", "-", "HEAD"]) == 0
    assert run(["diff", "-", "-"]) == 2


def test_a_first_program_is_compared_with_nothing(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"intents/shop.intent": None, "intents/pay.intent": None})
    repo.put({"intents/a.intent": "db <- api:5432\n"})
    for command in (["diff"], ["graph", "--diff", "HEAD", "--format", "mermaid"], ["owners"]):
        assert run(command) == int(command == ["diff"])
        told = "in HEAD, there are no intents yet: the other side is compared with nothing"
        assert told in capfd.readouterr().err


def test_the_new_side_must_have_intents(repo: Scratch, capfd: pytest.CaptureFixture[str]) -> None:
    repo.commit({"intents/shop.intent": None, "intents/pay.intent": None})
    assert run(["diff", "HEAD~1", "HEAD"]) == 2
    assert "there is no `intents` in this revision" in capfd.readouterr().err


def test_a_revision_with_intents_elsewhere_is_not_one_without(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.commit(
        {"intents/shop.intent": None, "intents/pay.intent": None, "old/a.intent": "a <- b\n"}
    )
    repo.put({"intents/a.intent": "db <- api:5432\n"})
    assert run(["diff"]) == 2
    assert "there is no `intents` in this revision" in capfd.readouterr().err


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize("command", [["diff", "-"], ["owners", "-"], ["graph", "-"], ["ir", "-"]])
def test_an_empty_standard_input_is_an_error(
    command: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert run(command) in {1, 2}
    assert "error[NP705]" in capfd.readouterr().err


OUTPUTS = (
    '[outputs.prod]\nsources = ["intents", "env/prod.intent"]\n'
    '[outputs.staging]\nsources = ["intents", "env/staging.intent"]\n'
)


def _environments(repo: Scratch) -> None:
    repo.commit(
        {
            "netpolc.toml": OUTPUTS,
            "intents/shop.intent": "namespace shop\nweb <- office:443\n",
            "intents/pay.intent": None,
            "env/prod.intent": "cluster\ngroup office = 203.0.113.0/24\n",
            "env/staging.intent": "cluster\ngroup office = 10.0.0.0/8\n",
        }
    )


def test_all_outputs_are_compared(repo: Scratch, capfd: pytest.CaptureFixture[str]) -> None:
    _environments(repo)
    repo.put({"env/prod.intent": "cluster\ngroup office = 203.0.114.0/24\n"})
    assert run(["diff"]) == 1
    out = capfd.readouterr().out
    assert out.startswith("prod:\nfrom HEAD to the working tree: 1 opened, 1 closed")
    assert out.endswith("staging:\nfrom HEAD to the working tree: no change in what is permitted\n")
    assert run(["diff", "-e", "staging"]) == 0
    assert run(["diff", "-e", "stagin"]) == 2
    assert run(["diff", "--format", "markdown"]) == 1
    page = capfd.readouterr().out.splitlines()
    assert [line for line in page if line.startswith(("<!--", "## "))] == [
        "<!-- netpolc diff -->",
        "## prod",
        "## staging",
    ]


def test_an_output_that_is_new_or_gone_is_compared_with_nothing(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    _environments(repo)
    repo.put({"netpolc.toml": OUTPUTS.replace("staging]", "test]")})
    assert run(["diff"]) == 1
    told = capfd.readouterr()
    assert "test:\nfrom HEAD to the working tree: 1 closed" in told.out
    assert "staging:\nfrom HEAD to the working tree: 1 opened" in told.out
    assert "in HEAD, the output `test` is not there" in told.err
    assert "in the working tree, the output `staging` is not there" in told.err


def test_the_first_outputs_are_compared_with_the_project_before(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    _environments(repo)
    repo.commit({"netpolc.toml": 'sources = ["intents", "env/prod.intent"]\n'})
    repo.put({"netpolc.toml": OUTPUTS})
    assert run(["diff"]) == 1
    assert "prod:\nfrom HEAD to the working tree: no change" in capfd.readouterr().out


def test_netpolc_toml_says_which_changes_fail(repo: Scratch) -> None:
    repo.put(
        {"netpolc.toml": 'fail-on = "opened"\n', "intents/a.intent": "namespace new\nq <- none\n"}
    )
    assert run(["diff"]) == 0
    assert run(["diff", "--fail-on", "any"]) == 1


def test_what_is_in_the_cluster_besides(repo: Scratch) -> None:
    everybody = (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        "metadata: {name: x, namespace: shop}\n"
        "spec: {podSelector: {matchLabels: {app: db}}, ingress: [{}]}\n"
    )
    repo.put(
        {
            "cluster/x.yaml": everybody,
            "intents/shop.intent": edited(("db <- api:5432", "db <- api:5433")),
        }
    )
    assert run(["diff"]) == 1
    assert run(["diff", "--with", "cluster"]) == 0, "db is open anyway"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nope"], "there is no path and no revision `nope`"),
        (["HEAD:nope"], "in HEAD:nope:"),
        (["a", "b", "c"], "more than two sides"),
        (["HEAD..HEAD", "intents"], "more than two sides"),
        (["--", "HEAD"], "there is no `HEAD`"),
        (["intents", "--"], "no revision `intents`"),
        (["./broken"], "in ./broken:"),
        (["HEAD", "./broken"], "error[NP108]"),
        (["--format", "markdown", "./broken"], "in ./broken:"),
        ([""], "an empty path"),
    ],
)
def test_errors_name_the_side(
    repo: Scratch, capfd: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    repo.put({"broken/a.intent": "db <-- api\n"})
    assert run(["diff", *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert says in err


def test_a_shallow_clone_is_an_error(
    repo: Scratch,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    repo.git("switch", "--quiet", "--create", "topic")
    repo.commit({"intents/topic.intent": "namespace shop\ndb <- topic:1\n"})
    shallow = tmp_path / "shallow"
    repo.git(
        "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{repo.folder}", str(shallow)
    )
    monkeypatch.chdir(shallow)
    assert run(["diff", "origin/main...HEAD"]) == 2
    assert "git fetch --unshallow" in capfd.readouterr().err
    assert run(["diff", "origin/main"]) == 1


def test_outside_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    for name, text in (("old", "db <- api\n"), ("new", "db <- api\ndb <- web\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.intent").write_text(text)
    assert run(["diff", "old", "new"]) == 1
    assert run(["diff", "old", "old"]) == 0
    assert run(["diff"]) == 2
    assert "not a git repository" in capfd.readouterr().err


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


def test_a_bare_repository_has_no_working_tree(
    repo: Scratch,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    repo.commit({"intents/shop.intent": edited(("5432", "5433"))})
    repo.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
    monkeypatch.chdir(tmp_path / "bare")
    for arguments in ((), ("main",)):
        assert run(["diff", *arguments]) == 2
        assert "error[NP783]: this repository is bare" in capfd.readouterr().err
    # The file HEAD beside it is git's own.
    assert run(["diff", "HEAD~1", "HEAD"]) == 1
    assert "db <- api:5433" in capfd.readouterr().out


def test_a_revision_without_a_parent_is_told(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.git("checkout", "--quiet", "--detach")
    assert run(["diff", "HEAD~1"]) == 2
    assert "`HEAD` exists, but this is not part of its history" in capfd.readouterr().err
    assert run(["diff", "nonsense"]) == 2
    assert "a revision that `git log` knows" in capfd.readouterr().err


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


NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
IGNORED: dict[str, dict[str, str | bytes]] = {
    "NP707": {"a.intent": "namespace shop\ndb <- api:1\n", "p.yaml": "kind: NetworkPolicy\n"},
    "NP706": {"a.yaml": NAMESPACE, "kustomization.yaml": "namePrefix: x-\n"},
    "NP406": {"a.yaml": NAMESPACE, "values.yaml": "a: 1\n"},
}


@pytest.mark.parametrize("code", IGNORED)
def test_files_that_are_ignored_are_named(
    code: str, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    sides = {f"{side}/{name}": IGNORED[code][name] for side in "ab" for name in IGNORED[code]}
    put(sides)
    assert run(["diff", "a", "b"]) == 0
    assert capsys.readouterr().err.count(f"[{code}]") == 2
