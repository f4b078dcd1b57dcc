"""The scripts of the GitHub action, in scratch repositories, with a stand-in for GitHub alone."""

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from netpolc.cli.lazy import COMMANDS
from tests.integrations.scratch import (
    DB,
    INTEGRATIONS,
    NETPOLC,
    ROOT,
    WIDER,
    commit,
    environment,
    git,
    program,
    repository,
    run,
)

SCRIPTS = INTEGRATIONS / "github"
MARKER = "<!-- netpolc: what this change permits -->"

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
with_diff = pytest.mark.skipif("diff" not in COMMANDS, reason="this netpolc has no diff")


@dataclass
class Job:
    """A job on a runner: a checkout, and the files by which steps speak to the runner."""

    folder: Path
    temp: Path
    programs: Path

    def step(self, script: str, **env: str) -> CompletedProcess[str]:
        for name in ("output", "summary"):
            (self.temp / name).touch()
        own = environment(
            RUNNER_TEMP=str(self.temp),
            GITHUB_OUTPUT=str(self.temp / "output"),
            GITHUB_STEP_SUMMARY=str(self.temp / "summary"),
            GITHUB_REPOSITORY="acme/shop",
            **env,
        )
        own["PATH"] = f"{self.programs}:{own['PATH']}"
        return run("bash", SCRIPTS / f"{script}.sh", cwd=self.folder, env=own)

    @property
    def outputs(self) -> dict[str, str]:
        lines = (self.temp / "output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def summary(self) -> str:
        return (self.temp / "summary").read_text()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    temp = tmp_path / "temp"
    temp.mkdir()
    return Job(repository(tmp_path / "checkout"), temp, tmp_path / "programs")


def stub_netpolc(job: Job, code: int, markdown: str = "# opened\n", only: int | None = None) -> str:
    """A netpolc whose diff says this; with `--fail-on` other than any, `only` is its exit code."""
    return str(
        program(
            job.programs / "stub",
            f"""\
import sys
command, revisions, *options = sys.argv[1:]
assert command == "diff" and options[:2] == ["--format", "markdown"], sys.argv
assert options[2] == "--fail-on", sys.argv
open({str(job.temp / "asked")!r}, "a").write(revisions + " " + options[3] + chr(10))
print({markdown!r}, end="")
sys.exit({code} if options[3] == "any" else {code if only is None else only})
""",
        )
    )


def test_good_intents_pass(job: Job) -> None:
    assert job.step("check").returncode == 0
    assert job.outputs["failed"] == "false"
    sarif = json.loads(Path(job.outputs["sarif"]).read_text())
    assert sarif["version"] == "2.1.0"
    assert job.step("freshness").returncode == 0
    assert job.outputs["failed"] == "false"
    assert job.summary == ""


def test_an_error_is_annotated_and_kept_for_the_end(job: Job) -> None:
    commit(job.folder, {"intents/shop.intent": DB + "db <- api:99999\n"}, fresh=False)
    done = job.step("check")
    assert done.returncode == 0
    assert "::error file=intents/shop.intent,line=4" in done.stdout
    assert job.outputs["failed"] == "true"
    assert "NP118" in Path(job.outputs["sarif"]).read_text()
    assert "found errors" in job.summary
    verdict = job.step("verdict", CHECK=job.outputs["failed"], FRESHNESS="false", DIFF="")
    assert verdict.returncode == 1
    assert "the intents have errors" in verdict.stdout


@pytest.mark.parametrize("what", ["CHECK", "FRESHNESS", "DIFF"])
def test_the_verdict(job: Job, what: str) -> None:
    assert job.step("verdict").returncode == 0
    assert job.step("verdict", **{what: "false"}).returncode == 0
    assert job.step("verdict", **{what: "true"}).returncode == 1


def test_warnings_fail_when_strict(job: Job) -> None:
    commit(job.folder, {"intents/shop.intent": "db <- api:5432\n"})
    job.step("check", STRICT="false")
    assert job.outputs["failed"] == "false"
    job.step("check", STRICT="true")
    assert job.outputs["failed"] == "true"


def test_stale_manifests_are_annotated(job: Job) -> None:
    commit(job.folder, {"intents/shop.intent": WIDER}, fresh=False)
    done = job.step("freshness")
    assert done.returncode == 0
    assert "::error file=out/shop/db-ingress.yaml" in done.stdout
    assert job.outputs["failed"] == "true"
    assert "netpolc compile" in job.summary


def test_a_folder_that_holds_one_half_is_fresh(job: Job) -> None:
    git(job.folder, "rm", "--quiet", "out/shop/deny-all-ingress.yaml")
    for stage, failed in (("allow", "false"), ("deny", "true"), ("", "true"), ("both", "true")):
        job.step("freshness", STAGE=stage)
        assert job.outputs["failed"] == failed, stage


def test_sources_and_output_may_have_any_name(job: Job) -> None:
    names = ["$(touch pwned)", "with space", "-o"]
    commit(job.folder, {f"{name}/a.intent": DB for name in names}, fresh=False)
    sources = "\n".join(["", *names, "  "]) + "\r\n"
    job.step("check", SOURCES=sources)
    assert job.outputs["failed"] == "false"
    job.step("freshness", SOURCES=sources, OUTPUT="no; touch pwned")
    assert job.outputs["failed"] == "true"
    assert not list(job.folder.rglob("pwned"))


def test_a_change_goes_to_the_summary_and_the_outputs(job: Job) -> None:
    base = git(job.folder, "rev-parse", "HEAD")
    head = commit(job.folder, {"intents/shop.intent": WIDER})
    stub = stub_netpolc(job, code=1, only=0)
    assert job.step("diff", NETPOLC=stub, BASE=base, HEAD=head, FAIL_ON="risk").returncode == 0
    assert job.summary == "# opened\n"
    assert Path(job.outputs["markdown"]).read_text() == "# opened\n"
    assert (job.outputs["changed"], job.outputs["failed"]) == ("true", "false")
    asked = (job.temp / "asked").read_text().splitlines()
    assert asked == [f"{base}...{head} any", f"{base}...{head} risk"]


@pytest.mark.parametrize(
    ("fail_on", "code", "only", "changed", "failed"),
    [
        ("none", 0, 0, "false", "false"),
        ("none", 1, 1, "true", "false"),
        ("any", 1, 1, "true", "true"),
        ("opened", 1, 0, "true", "false"),
        ("opened", 1, 1, "true", "true"),
    ],
)
def test_what_fails(
    job: Job, fail_on: str, code: int, only: int, changed: str, failed: str
) -> None:
    stub = stub_netpolc(job, code=code, only=only)
    job.step("diff", NETPOLC=stub, BASE="main", HEAD="main", FAIL_ON=fail_on)
    assert (job.outputs["changed"], job.outputs["failed"]) == (changed, failed)


def test_what_cannot_be_compared_fails(job: Job) -> None:
    stub = stub_netpolc(job, code=2, markdown="")
    done = job.step("diff", NETPOLC=stub, BASE="main", HEAD="main")
    assert done.returncode == 0
    assert "fetch-depth: 0" in done.stdout
    assert job.outputs == {"failed": "true"}
    assert job.summary == ""


def test_a_large_repository_has_intents(job: Job) -> None:
    # More names than a pipe holds: a reader that stops early would end git by a signal.
    many = {f"other/{'x' * 100}{number}": "" for number in range(1500)}
    base = commit(job.folder, many, fresh=False)
    job.step("diff", NETPOLC=stub_netpolc(job, code=1), BASE=base, HEAD=base)
    assert job.outputs["changed"] == "true"
    assert (job.temp / "asked").read_text() == f"{base}...{base} any\n"


@pytest.mark.parametrize("base", ["", "0" * 40])
def test_the_first_push_has_nothing_to_compare_with(job: Job, base: str) -> None:
    assert job.step("diff", BASE=base, HEAD="main").returncode == 0
    assert job.outputs == {}


@pytest.mark.parametrize(
    "env",
    [
        {"BASE": "--output=pwned", "HEAD": "main"},
        {"BASE": "main", "HEAD": "main; touch pwned"},
        {"BASE": "main", "HEAD": "main", "FAIL_ON": "$(touch pwned)"},
    ],
)
def test_odd_inputs_are_refused(job: Job, env: Mapping[str, str]) -> None:
    assert job.step("diff", NETPOLC=stub_netpolc(job, 0), **env).returncode == 0
    assert job.outputs == {"failed": "true"}
    assert not list(job.folder.rglob("pwned"))


def test_a_shallow_checkout_is_deepened(job: Job, tmp_path: Path) -> None:
    base = git(job.folder, "rev-parse", "HEAD")
    for number in range(3):
        head = commit(job.folder, {"intents/shop.intent": f"{DB}web <- api:{number + 1}\n"})
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{job.folder}", str(shallow))
    stub = stub_netpolc(job, code=1)
    Job(shallow, job.temp, job.programs).step("diff", NETPOLC=stub, BASE=base, HEAD=head)
    assert git(shallow, "merge-base", base, head) == base


@with_diff
def test_a_real_change(job: Job) -> None:
    git(job.folder, "checkout", "--quiet", "-b", "change")
    head = commit(job.folder, {"intents/shop.intent": WIDER})
    git(job.folder, "checkout", "--quiet", "main")
    base = commit(job.folder, {"intents/other.intent": "namespace other\ndefault: deny\n"})
    git(job.folder, "checkout", "--quiet", "--detach", head)
    done = job.step("diff", NETPOLC=str(NETPOLC), BASE=base, HEAD=head, FAIL_ON="opened")
    assert done.returncode == 0, done.stderr
    assert (job.outputs["changed"], job.outputs["failed"]) == ("true", "true")
    assert "5432" in job.summary
    assert "internet" in job.summary
    assert "other" not in job.summary, "only what the branch changed"


@with_diff
def test_a_real_change_that_only_closes(job: Job) -> None:
    base = git(job.folder, "rev-parse", "HEAD")
    head = commit(job.folder, {"intents/shop.intent": DB.replace("api", "none # api")})
    job.step("diff", NETPOLC=str(NETPOLC), BASE=base, HEAD=head, FAIL_ON="opened")
    assert (job.outputs["changed"], job.outputs["failed"]) == ("true", "false")


@with_diff
def test_the_first_intents_are_compared_with_nothing(job: Job) -> None:
    git(job.folder, "checkout", "--quiet", "--orphan", "empty")
    git(job.folder, "rm", "--quiet", "-r", "--force", ".")
    base = commit(job.folder, {"README": "no intents yet\n"}, fresh=False)
    head = commit(job.folder, {"intents/shop.intent": WIDER})
    done = job.step("diff", NETPOLC=str(NETPOLC), BASE=base, HEAD=head, FAIL_ON="any")
    assert (job.outputs["changed"], job.outputs["failed"]) == ("true", "true"), done.stderr
    assert "closed" in job.summary


@with_diff
def test_no_real_change(job: Job) -> None:
    base = git(job.folder, "rev-parse", "HEAD")
    head = commit(job.folder, {"intents/shop.intent": "# moved\n" + DB})
    job.step("diff", NETPOLC=str(NETPOLC), BASE=base, HEAD=head, FAIL_ON="any")
    assert (job.outputs["changed"], job.outputs["failed"]) == ("false", "false")


GH = """\
import json, os, pathlib, shutil, subprocess, sys
state = pathlib.Path(STATE)
comments = json.loads(state.read_text())
assert os.environ["GH_TOKEN"] == "secret", "the token comes by the environment"
command, *arguments = sys.argv[1:]
assert command == "api", sys.argv
method = "GET"
body = path = ""
while arguments:
    word = arguments.pop(0)
    if word == "--method":
        method = arguments.pop(0)
    elif word == "--field":
        key, _, value = arguments.pop(0).partition("=")
        assert key == "body" and value.startswith("@"), "the text comes from a file"
        body = pathlib.Path(value[1:]).read_text()
    elif word == "--jq":
        wanted = arguments.pop(0)
        assert '.user.type == "Bot"' in wanted and ".id" in wanted, wanted
        assert json.dumps(MARKER) in wanted, wanted
    elif word not in {"--paginate", "--silent"}:
        assert not path and not word.startswith("-"), sys.argv
        path = word
if FORBIDDEN in {method, "all"}:
    print("gh: Resource not accessible by integration (HTTP 403)", file=sys.stderr)
    sys.exit(1)
if method == "GET":
    assert path == "repos/acme/shop/issues/7/comments?per_page=100", path
    if shutil.which("jq"):
        told = subprocess.run(["jq", "-r", wanted], input=json.dumps(comments), text=True, check=True)
    else:
        for comment in comments:
            if comment["user"]["type"] == "Bot" and comment["body"].startswith(MARKER):
                print(comment["id"])
elif method == "POST":
    assert path == "repos/acme/shop/issues/7/comments", path
    comments.append({"id": 100 + len(comments), "user": {"type": "Bot"}, "body": body})
elif method == "PATCH":
    head, _, number = path.rpartition("/")
    assert head == "repos/acme/shop/issues/comments", path
    (comment,) = [one for one in comments if str(one["id"]) == number]
    assert comment["user"]["type"] == "Bot", "others' comments are not ours"
    comment["body"] = body
state.write_text(json.dumps(comments))
"""


def stub_gh(job: Job, comments: list[dict[str, Any]], forbidden: str = "") -> Path:
    """A gh that keeps comments in a file, and refuses what is forbidden."""
    state = job.temp / "comments.json"
    state.write_text(json.dumps(comments))
    names = f"STATE, MARKER, FORBIDDEN = {str(state)!r}, {MARKER!r}, {forbidden!r}\n"
    program(job.programs / "gh", names + GH)
    return state


def comment(job: Job, markdown: str, changed: str) -> CompletedProcess[str]:
    file = job.temp / "diff.md"
    file.write_text(markdown, encoding="utf-8")
    env = {"GH_TOKEN": "secret", "PULL_REQUEST": "7", "MARKDOWN": str(file), "CHANGED": changed}
    return job.step("comment", **env)


def test_one_comment_is_made_and_kept(job: Job) -> None:
    spoofed = {"id": 1, "user": {"type": "User"}, "body": f"{MARKER}\nmine"}
    other = {"id": 2, "user": {"type": "Bot"}, "body": "something else"}
    state = stub_gh(job, [spoofed, other])
    assert comment(job, "nothing\n", "false").returncode == 0
    assert len(json.loads(state.read_text())) == 2
    assert comment(job, "`$(touch pwned)` opened\n", "true").returncode == 0
    *others, made = json.loads(state.read_text())
    assert others == [spoofed, other]
    assert made["body"] == f"{MARKER}\n`$(touch pwned)` opened\n"
    assert comment(job, "now closed\n", "false").returncode == 0
    *others, made = json.loads(state.read_text())
    assert others == [spoofed, other]
    assert made["body"] == f"{MARKER}\nnow closed\n"


def test_a_long_comparison_is_in_the_summary(job: Job) -> None:
    state = stub_gh(job, [])
    assert comment(job, "ü" * 40_000, "true").returncode == 0
    (made,) = json.loads(state.read_text())
    assert "too long" in made["body"]


@pytest.mark.parametrize("forbidden", ["all", "POST"])
def test_a_fork_may_not_comment(job: Job, forbidden: str) -> None:
    state = stub_gh(job, [], forbidden)
    done = comment(job, "opened\n", "true")
    assert done.returncode == 0
    assert "::notice" in done.stdout
    assert "job summary" in done.stdout
    assert json.loads(state.read_text()) == []


def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return loaded


def test_no_expression_reaches_a_shell() -> None:
    steps = action()["runs"]["steps"]
    ran = [step for step in steps if "run" in step]
    assert len(ran) == 6
    for step in ran:
        assert "${{" not in step["run"]
        found = re.fullmatch(
            r'"\$GITHUB_ACTION_PATH/(integrations/github/[a-z]+\.sh)"', step["run"]
        )
        assert found, step["run"]
        assert (ROOT / found[1]).stat().st_mode & 0o100


def test_each_script_is_given_what_it_reads() -> None:
    known = {"RUNNER_TEMP", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_REPOSITORY"}
    for step in action()["runs"]["steps"]:
        if "run" not in step:
            continue
        script = SCRIPTS / step["run"].rpartition("/")[2].rstrip('"')
        text = script.read_text() + (SCRIPTS / "arguments.sh").read_text()
        read = {name for name in re.findall(r"\$\{?([A-Z_]+)", text) if name not in known}
        given = set(step.get("env", {}))
        assert given <= read | {"GH_TOKEN"}, "nothing is given in vain"
        assert read - given <= {"SOURCES"}, script


def test_every_input_and_output_is_one_that_there_is() -> None:
    described = action()
    text = (ROOT / "action.yml").read_text()
    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == set(described["inputs"])
    for used, name in re.findall(r"steps\.([a-z]+)\.outputs\.([a-z-]+)", text):
        if used != "python":
            assert f"{name}=" in (SCRIPTS / f"{used}.sh").read_text().replace(
                f"out {name} ", f"{name}="
            )
    for step in described["runs"]["steps"]:
        if "uses" in step:
            assert re.fullmatch(r"(actions|github)/[\w/-]+@(v\d+|[0-9a-f]{40})", step["uses"])
