"""`netpolc fleet`: one answer over all clusters, and the bytes of each alone."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from netpolc.cli.main import run
from netpolc.commands.diff import ReadSide
from netpolc.fleet import engine
from netpolc.fleet.engine import results
from netpolc.fleet.fleet import cluster_work, clusters
from netpolc.fleet.grouping import clusters_text
from netpolc.fleet.perform import WrongBuildError, perform
from netpolc.fleet.task import Answer, Failure, Task, Work, unpacked
from netpolc.io.project import Request, today_of
from tests.fleet.scratch_fleet import write_fleet


@pytest.fixture(autouse=True)
def _in_fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_fleet(tmp_path)
    monkeypatch.chdir(tmp_path)


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command printed, and its exit code."""

    exit_code: int
    stdout: str
    stderr: str


def netpolc(*arguments: str) -> Printed:
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = run(arguments)
    return Printed(code, out.getvalue(), err.getvalue())


def tasks(work: Work = Work.CHECK) -> dict[str, Task]:
    request = Request(here=Path.cwd(), today=today_of(os.environ))
    requests = clusters(request).value
    return {name: one.task for name, one in cluster_work(requests, work)}


def test_an_assertion_has_one_answer() -> None:
    done = netpolc("fleet", "check", "--jobs", "2")
    assert done.exit_code == 1
    assert "never db in ns shop <- internet  (security.intent:1)\n  holds in us-2\n" in done.stdout
    assert "never web in ns shop <- internet" in done.stdout
    assert "does not hold in us-2: this is permitted: 1.0.0.1 reaches" in done.stdout


@pytest.mark.parametrize(
    ("assertion", "verdict"),
    [
        ("never databse in ns shop <- internet", "is about unknown pods in us-2\n"),
        ("only db in ns shop <- none", "does not hold in us-2: "),
        ("always db in ns shop <- api in ns shop:5432", "holds in us-2\n"),
    ],
)
def test_an_assertion_about_unknown_pods_does_not_hold_anywhere(
    assertion: str, verdict: str
) -> None:
    Path("security.intent").write_text(f"cluster\n{assertion}\n", encoding="utf-8")
    done = netpolc("fleet", "check", "--jobs", "1")
    assert done.stdout.splitlines(keepends=True)[1].startswith(f"  {verdict}")


def test_claims_go_to_the_clusters_with_their_labels() -> None:
    found = json.loads(netpolc("fleet", "check", "--format", "json").stdout)
    assert found["clusters"].keys() == {"us-2", "eu-1", "eu-2", "eu-3"}
    assert [one["holds"] for one in found["assertions"]] == [["us-2"], []]
    assert [name for name, one in found["clusters"].items() if one["failed"]] == ["us-2"]


def test_rows_are_grouped_by_their_clusters() -> None:
    done = netpolc("fleet", "list", "--jobs", "1")
    assert done.exit_code == 0
    assert done.stdout == (
        "all 4 clusters:\n"
        "  shop/web  shop/api  8080\n"
        "  shop/api  shop/db  5432\n"
        "1 of 4 clusters (us-2):\n"
        "  internet  shop/web  8080\n"
        "1 of 4 clusters (eu-3):\n"
        "  ingress-nginx/*  shop/web  8080\n"
    )
    assert done.stderr.endswith("4 clusters, all listed\n")
    assert netpolc("fleet", "check", "--jobs", "1").stderr.endswith("4 clusters, 1 with errors\n")


def test_each_output_has_the_bytes_of_a_compile_alone(tmp_path: Path) -> None:
    Path("security.intent").write_text("never db in ns shop <- internet\n")
    done = netpolc("fleet", "compile")
    assert done.exit_code == 0, done.stderr
    assert netpolc("fleet", "compile", "--check").exit_code == 0
    alone = netpolc(
        "compile", "intents", "open.intent", "security.intent", "-o", str(tmp_path / "alone")
    )
    assert alone.exit_code == 0
    for path in (tmp_path / "alone").rglob("*.yaml"):
        same = tmp_path / "out" / "us-2" / path.relative_to(tmp_path / "alone")
        assert same.read_bytes() == path.read_bytes()
    Path("out/eu-1/shop/db-ingress.yaml").write_text("edited")
    assert netpolc("fleet", "compile", "--check").exit_code == 1


def test_a_cluster_with_an_error_keeps_its_output_and_the_others_are_written() -> None:
    done = netpolc("fleet", "compile")
    assert done.exit_code == 1
    assert Path("out/eu-3/shop/db-ingress.yaml").is_file()
    assert not Path("out/us-2").exists()
    assert "2 of 4 clusters (eu-1, eu-2): 3 written" in done.stderr


def test_a_change_names_its_clusters() -> None:
    done = netpolc("fleet", "diff")
    assert (done.exit_code, done.stderr) == (0, "4 clusters, all compared\n")
    Path("open.intent").write_text("namespace shop\nweb <- internet:8080\ndb <- internet:5432\n")
    done = netpolc("fleet", "diff")
    assert done.exit_code == 1
    assert done.stdout.startswith("1 of 4 clusters (us-2):\n")
    assert "`db <- internet:5432` is opened in namespace `shop`" in done.stdout
    assert netpolc("fleet", "diff", "./intents", "./out").exit_code == 2


def test_without_a_repository_there_are_no_revisions() -> None:
    rmtree(".git")
    for revisions in (["HEAD"], ["main...HEAD"], ["HEAD~1", "HEAD"]):
        done = netpolc("fleet", "diff", *revisions)
        assert done.exit_code == 2
        assert "error[NP783]: no revision can be read here: not a git repository" in done.stderr
        assert "is a path" not in done.stderr


def test_a_change_fails_on_what_is_asked_for() -> None:
    Path("open.intent").write_text("namespace shop\nweb <- api:1\n")
    assert netpolc("fleet", "diff", "--fail-on", "any").exit_code == 1
    assert netpolc("fleet", "diff", "--fail-on", "opened").exit_code == 1
    assert netpolc("fleet", "diff", "--fail-on", "risk").exit_code == 0
    Path("netpolc.toml").write_text('fail-on = "risk"\n', encoding="utf-8")
    assert netpolc("fleet", "diff").exit_code == 0
    Path("open.intent").write_text("namespace shop\nweb <- none\n")
    assert netpolc("fleet", "diff", "--fail-on", "opened", "--format", "json").exit_code == 0
    assert netpolc("fleet", "diff", "--fail-on", "any", "--format", "json").exit_code == 1


def test_json_says_on_standard_error_why_a_check_fails() -> None:
    done = netpolc("fleet", "check", "--format", "json")
    assert done.exit_code == 1
    assert "error[NP501] `never web in ns shop <- internet`" in done.stderr
    assert done.stderr.endswith("[1 of 4 clusters (us-2)]\n4 clusters, 1 with errors\n")
    Path("security.intent").write_text("never db in ns shop <- internet\n", encoding="utf-8")
    good = netpolc("fleet", "check", "--format", "json")
    assert (good.exit_code, good.stderr) == (0, "")


def test_a_cluster_whose_folder_is_gone_is_no_longer_checked() -> None:
    rmtree("clusters/eu-3")
    found = json.loads(netpolc("fleet", "check", "--format", "json").stdout)
    assert found["clusters"].keys() == {"us-2", "eu-1", "eu-2"}
    gone = netpolc("fleet", "check", "--cluster", "eu-3")
    assert gone.exit_code == 1
    assert "has no cluster `eu-3`" in gone.stderr
    rmtree("clusters")
    assert "error[NP722]: there is no folder in `clusters`" in netpolc("fleet", "check").stderr


def _commit(message: str) -> None:
    name = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    subprocess.run(("git", "add", "--all"), check=True)
    subprocess.run(("git", *name, "commit", "--quiet", "-m", message), check=True)


def test_a_cluster_that_is_gone_or_renamed_is_compared_with_nothing() -> None:
    Path("clusters/eu-3").rename("clusters/eu-4")
    _commit("rename")
    done = netpolc("fleet", "diff", "HEAD~1", "HEAD", "--format", "json", "--cluster", "tier=dev")
    assert done.exit_code == 1
    lines = {name: one["lines"] for name, one in json.loads(done.stdout)["clusters"].items()}
    assert sorted(name for name, some in lines.items() if some) == ["eu-3", "eu-4"]
    assert all("is opened" in one or "loses" in one for one in lines["eu-3"])
    Path("fleet.toml").unlink()
    _commit("no fleet")
    gone = netpolc("fleet", "diff", "HEAD~1", "HEAD", "--cluster", "us-2")
    assert gone.exit_code == 1
    assert "us-2:\n" in gone.stdout


def test_plans_have_a_job_for_each_cluster() -> None:
    matrix = netpolc("fleet", "plan", "--format", "github", "--cluster", "tier=dev").stdout
    assert json.loads(matrix) == {"cluster": ["eu-1", "eu-2", "eu-3"]}
    jobs = json.loads(netpolc("fleet", "plan", "--format", "gitlab").stdout)
    assert jobs["netpolc us-2"] == {"script": ["netpolc fleet check --cluster us-2"]}


def test_an_unknown_cluster_is_named_with_the_nearest() -> None:
    done = netpolc("fleet", "check", "--cluster", "us-3")
    assert done.exit_code == 1
    assert "did you mean `us-2`?" in done.stderr


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[clusters.a]\nsource = 'x'", "`source` is not a key of `[clusters.a]`"),
        ("[cluster.a]\nsources = 'x'", "`cluster` is not a table of fleet.toml"),
        ("[[folders]]\npattern = 'a/*/b'", "`pattern` is a folder and `/*`"),
        ("[[folders]]\npattern = 'no/*'", "there is no folder in `no`"),
        ("[[claims]]\nsource = 'x'", "a claim has `sources`"),
        (
            "[clusters.a]\n[[claims]]\nsources = 'x'\nclusters = { tier = 'prdo' }",
            "there is no cluster with the labels tier=prdo for this claim",
        ),
        ("[clusters]\na = 1", "`clusters` has a table for each cluster"),
        ("clusters = [", "fleet.toml is not TOML"),
        (
            "[clusters.a]\noutput = 'o'\n[clusters.b]\noutput = 'o/p'",
            "the folder of the output `b` is inside that of `a`",
        ),
    ],
)
def test_what_is_wrong_with_fleet_toml_is_said(text: str, problem: str) -> None:
    Path("fleet.toml").write_text(text)
    done = netpolc("fleet", "check")
    assert done.exit_code == 1
    assert problem in done.stderr


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("[clusters.a]\nsource = 'x'\n[clusters.b]\nsources = 1\n[clusters.c]", ["2:1", "4:1"]),
        (
            "[clusters.a]\n[clusters.b]\noutput = 'out/a'\n[clusters.c]\noutput = 'out/c'",
            ["3:1"],
        ),
        ("[clusters.a]\noutput = 'out/b/x'\n[clusters.b]\n[clusters.c]\noutput = 'c'", ["2:1"]),
        ("[clusters.eu-1]\n[[folders]]\npattern = 'clusters/*'", ["3:1"]),
        (
            "[[folders]]\npattern = 'clusters/*'\n[[folders]]\npattern = 'no/*'\nx = 1",
            ["4:1", "5:1"],
        ),
        ("[clusters.a]\n[[claims]]\nsources = 'x'\n[[claims]]\nsources = 1", ["5:1"]),
        (
            "[clusters.a]\n[[claims]]\nsources = 'x'\n[[claims]]\nsources = 'x'\nclusters = {a='b'}",
            ["6:1"],
        ),
        ("[clusters.a]\nsources = 'x'\n[clusters", ["3:10"]),
        ("[clusters]\na = { sources = 'x', source = 'x' }", ["2:22"]),
        ("claims = [{ sources = 'x' }, { source = 'x' }]", ["1:32"]),
        ("[clusters.a]\n[[claims]]\nsources = 'x'\n[[claims]]\nsource = 'x'", ["5:1"]),
    ],
)
def test_a_finding_about_fleet_toml_has_its_place(text: str, places: list[str]) -> None:
    Path("fleet.toml").write_text(text)
    printed = netpolc("fleet", "check").stderr
    assert re.findall(r"--> fleet.toml:(\S+)", printed) == places


def test_a_wrong_key_of_a_pattern_is_reported_once_for_all_its_folders() -> None:
    Path("fleet.toml").write_text("[[folders]]\npattern = 'clusters/*'\nlabls = { tier = 'dev' }\n")
    printed = netpolc("fleet", "check").stderr
    assert printed.count("`labls` is not a key of `[[folders]]`") == 1


def test_a_matrix_that_github_does_not_take_is_refused() -> None:
    tables = (f"[clusters.c{n}]\nlabels = {{ half = '{n % 2}' }}\n" for n in range(257))
    Path("fleet.toml").write_text("".join(tables))
    plan = ("fleet", "plan", "--format")
    refused = netpolc(*plan, "github")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "at most 256 jobs" in refused.stderr
    half = netpolc(*plan, "github", "--cluster", "half=0")
    assert len(json.loads(half.stdout)["cluster"]) == 129
    assert len(json.loads(netpolc(*plan, "gitlab").stdout)) == 257


def test_an_unknown_cluster_of_many_does_not_list_them_all() -> None:
    Path("fleet.toml").write_text("".join(f"[clusters.c{n}]\n" for n in range(1_000)))
    printed = netpolc("fleet", "check", "--cluster", "production").stderr
    assert "the clusters are c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 and 990 more" in printed


@pytest.mark.parametrize("name", ["a; touch pwned", "$(id)", "tier=prod", "a b", "-x"])
def test_a_folder_with_a_name_that_a_shell_could_run_is_not_a_cluster(name: str) -> None:
    Path("clusters", name).mkdir()
    done = netpolc("fleet", "plan", "--format", "gitlab")
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"the folder `{name}` is not a name of an output" in done.stderr


def test_a_cluster_has_every_label_that_is_asked_for() -> None:
    done = netpolc("fleet", "plan", "--format", "github", *("--cluster", "tier=dev") * 2)
    assert done.exit_code == 0
    labels = ("--cluster", "tier=dev", "--cluster", "tier=prod")
    assert netpolc("fleet", "plan", "--format", "github", *labels).exit_code == 1


def test_without_fleet_toml_the_outputs_are_the_clusters() -> None:
    Path("fleet.toml").unlink()
    Path("netpolc.toml").write_text("[outputs.prod]\nsources = ['intents']\n[outputs.dev]\n")
    matrix = netpolc("fleet", "plan", "--format", "github").stdout
    assert json.loads(matrix) == {"cluster": ["prod", "dev"]}
    told = netpolc("fleet", "check", "--cluster", "prdo").stderr
    assert "netpolc.toml has no cluster `prdo`" in told
    assert "did you mean `prod`?" in told
    assert "the clusters are prod, dev" in netpolc("fleet", "check", "--cluster", "eu-1").stderr
    Path("netpolc.toml").unlink()
    assert (
        "error[NP770]: there are no clusters" in netpolc("fleet", "check", "--cluster", "x").stderr
    )


def test_equal_inputs_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted: list[bytes] = []
    real = ProcessPoolExecutor.submit

    def counted(executor: ProcessPoolExecutor, work: Any, packed: bytes) -> Any:
        submitted.append(packed)
        return real(executor, work, packed)

    given = tasks(Work.LIST)
    given["eu-2"] = given["eu-1"]
    monkeypatch.setattr(ProcessPoolExecutor, "submit", counted)
    done = results(given.items(), jobs=1)
    assert len(submitted) == 3
    assert done["eu-1"] == done["eu-2"]


def test_a_task_is_handed_out_before_the_next_one_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real = ProcessPoolExecutor.submit

    def noted(executor: ProcessPoolExecutor, work: Any, packed: bytes) -> Any:
        order.append("handed out")
        return real(executor, work, packed)

    def read() -> Iterator[tuple[str, Task]]:
        for name, task in tasks(Work.LIST).items():
            order.append("read")
            yield name, task

    monkeypatch.setattr(ProcessPoolExecutor, "submit", noted)
    assert len(results(read(), jobs=1)) == 4
    assert order == ["read", "handed out"] * 4


def test_only_a_compile_returns_manifests() -> None:
    for work in (Work.CHECK, Work.COMPILE):
        answer = perform(tasks(work)["eu-1"].packed)
        assert bool(answer.files) is (work is Work.COMPILE)


def test_keys_tell_every_input_apart() -> None:
    (side,) = tasks()["eu-1"].sides
    intents = side.sources.intents
    others: list[ReadSide] = [
        side,
        replace(side, name="x"),
        replace(side, options=replace(side.options, strict=True)),
        replace(side, sources=replace(side.sources, intents=intents[1:])),
        replace(side, sources=replace(side.sources, intents=intents[::-1])),
    ]
    keys = {Task(work=Work.CHECK, sides=(one,)).key for one in others}
    assert len(keys) == len(others)
    assert Task(work=Work.LIST, sides=(side,)).key not in keys
    assert Task(work=Work.CHECK, sides=(side,)).key in keys


def test_another_version_is_refused() -> None:
    old = replace(tasks()["eu-1"], build="0.0.0")
    with pytest.raises(WrongBuildError, match=r"the client 0\.0\.0"):
        perform(old.packed)
    with pytest.raises(WrongBuildError, match=r"the client 9\.9"):
        perform(b"9.9\nwhat this version cannot read")
    done = results({"old": old, **tasks()}.items(), jobs=1)
    assert isinstance(done["old"], Failure)
    assert isinstance(done["eu-1"], Answer)


def test_a_process_that_ends_costs_its_own_cluster_only(monkeypatch: pytest.MonkeyPatch) -> None:
    given = tasks()
    victim = given["eu-3"].key
    monkeypatch.setattr(engine, "perform", _Ending(victim))
    done = results(given.items(), jobs=2)
    assert isinstance(done["eu-3"], Failure)
    assert all(isinstance(done[name], Answer) for name in ("us-2", "eu-1", "eu-2"))


class _Ending:
    """Performs tasks, and ends its process at one of them, as a lack of memory does."""

    def __init__(self, victim: str) -> None:
        self.victim = victim

    def __call__(self, packed: bytes) -> Answer:
        if unpacked(packed).key == self.victim:
            os._exit(9)
        return perform(packed)


def test_few_clusters_are_named_and_many_counted() -> None:
    assert clusters_text(("a",), 1) == "a"
    assert clusters_text(("a", "b"), 2) == "all 2 clusters"
    assert clusters_text(("a", "b"), 3) == "2 of 3 clusters (a, b)"
    names = tuple("abcdefg")
    assert clusters_text(names, 9) == "7 of 9 clusters (a, b, c, d, e and 2 more)"


def test_a_silenced_finding_makes_no_claim_certain() -> None:
    text = "never databse in ns shop <- internet  # netpolc: ignore[NP613] because\n"
    Path("security.intent").write_text(text)
    done = netpolc("fleet", "check", "--cluster", "us-2")
    assert "is about unknown pods in us-2" in done.stdout
    assert "holds" not in done.stdout
