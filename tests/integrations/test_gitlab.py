"""The GitLab template's script, as a runner runs it, with a stand-in for GitLab's API alone."""

import json
import shutil
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from netpolc.cli.lazy import COMMANDS
from tests.integrations.scratch import (
    DB,
    INTEGRATIONS,
    WIDER,
    commit,
    environment,
    git,
    program,
    repository,
    run,
)

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
with_diff = pytest.mark.skipif("diff" not in COMMANDS, reason="this netpolc has no diff")

JOB: dict[str, Any] = yaml.safe_load(
    (INTEGRATIONS / "gitlab/netpolc.gitlab-ci.yml").read_text(encoding="utf-8")
)["netpolc"]
MARKER = "<!-- netpolc: what this change permits -->"

NETPOLC = """\
import sys
if sys.argv[1] != "diff":
    sys.exit(0)
assert "..." in sys.argv[2] and sys.argv[3:5] == ["--format", "markdown"], sys.argv
print("# opened")
sys.exit(CODE)
"""
CURL = """\
import json, pathlib, sys
state = pathlib.Path(STATE)
notes = json.loads(state.read_text())
method, body, url = "GET", "", ""
arguments = sys.argv[1:]
while arguments:
    word = arguments.pop(0)
    if word == "--request":
        method = arguments.pop(0)
    elif word == "--header":
        assert arguments.pop(0) == "PRIVATE-TOKEN: secret"
    elif word == "--data-urlencode":
        key, _, file = arguments.pop(0).partition("@")
        assert key == "body"
        body = pathlib.Path(file).read_text()
    elif word == "--output":
        assert arguments.pop(0) == "/dev/null"
    elif word.startswith("--"):
        assert word in {"--silent", "--show-error", "--fail"}, word
    else:
        url = word
api = "https://gitlab.example.com/api/v4"
all_notes = api + "/projects/3/merge_requests/7/notes"
if (method, url) == ("GET", api + "/user"):
    print(json.dumps({"id": 5}))
elif method == "GET":
    start, page, end = url.partition("&page=")
    assert start == all_notes + "?per_page=100" and end[1:] == "&sort=asc&order_by=created_at", url
    first = (int(end[0]) - 1) * 100
    print(json.dumps(notes[first : first + 100]))
elif method == "POST":
    assert url == all_notes, url
    notes.append({"id": 100 + len(notes), "author": {"id": 5}, "body": body})
else:
    assert method == "PUT", method
    (note,) = [one for one in notes if url == f"{all_notes}/{one['id']}"]
    assert note["author"]["id"] == 5
    note["body"] = body
state.write_text(json.dumps(notes))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return repository(tmp_path / "checkout")


def ran(folder: Path, *, code: int | None = None, **variables: str) -> CompletedProcess[str]:
    """Run the job's script; with `code`, a stand-in finds nothing, and its diff exits with that."""
    programs = folder.parent / "programs"
    if code is not None:
        program(programs / "netpolc", f"CODE = {code}\n{NETPOLC}")
    own = environment(**{**JOB["variables"], **variables})
    own["PATH"] = f"{programs}:{own['PATH']}"
    return run("bash", "-c", "set -eo pipefail\n" + "\n".join(JOB["script"]), cwd=folder, env=own)


def merge_request(folder: Path, base: str) -> dict[str, str]:
    return {
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
        "CI_COMMIT_SHA": git(folder, "rev-parse", "HEAD"),
        "CI_API_V4_URL": "https://gitlab.example.com/api/v4",
        "CI_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "7",
    }


def stub_curl(folder: Path, notes: list[dict[str, Any]]) -> Path:
    state = folder.parent / "notes.json"
    state.write_text(json.dumps(notes))
    program(folder.parent / "programs/curl", f"STATE = {str(state)!r}\n{CURL}")
    return state


def test_good_intents_pass(folder: Path) -> None:
    done = ran(folder)
    assert done.returncode == 0, done.stderr
    assert json.loads((folder / "gl-code-quality-report.json").read_text()) == []
    assert json.loads((folder / "netpolc.sarif").read_text())["version"] == "2.1.0"
    assert not (folder / "netpolc-diff.md").exists()


def test_an_error_and_stale_manifests_are_both_told(folder: Path) -> None:
    commit(folder, {"intents/shop.intent": DB + "db <- api:99999\n"}, fresh=False)
    done = ran(folder)
    assert done.returncode == 1
    assert done.stdout.endswith("failed: check freshness\n")
    (finding,) = json.loads((folder / "gl-code-quality-report.json").read_text())
    assert finding["location"]["path"] == "intents/shop.intent"
    assert {"description", "check_name", "fingerprint", "severity"} <= finding.keys()


@pytest.mark.parametrize(
    ("code", "fail_on", "failed"),
    [
        (0, "any", ""),
        (1, "none", ""),
        (1, "opened", "failed: diff\n"),
        (2, "none", "failed: diff\n"),
    ],
)
def test_what_fails(folder: Path, code: int, fail_on: str, failed: str) -> None:
    variables = merge_request(folder, git(folder, "rev-parse", "HEAD"))
    done = ran(folder, code=code, NETPOLC_FAIL_ON=fail_on, **variables)
    assert done.returncode == bool(failed), done.stderr
    assert done.stdout.endswith(failed)
    assert (folder / "netpolc-diff.md").exists() is (code < 2)


def test_one_note_is_made_and_kept(folder: Path) -> None:
    spoofed = {"id": 1, "author": {"id": 4}, "body": f"{MARKER}\nmine"}
    others = [spoofed] + [
        {"id": 1000 + n, "author": {"id": 5}, "body": f"something else, {n}"} for n in range(150)
    ]
    state = stub_curl(folder, others)
    variables = merge_request(folder, git(folder, "rev-parse", "HEAD"))
    variables |= {"NETPOLC_TOKEN": "secret"}
    assert ran(folder, code=0, **variables).returncode == 0
    assert json.loads(state.read_text()) == others
    for code in (1, 0):
        done = ran(folder, code=code, **variables)
        assert done.returncode == 0, done.stderr
        *before, made = json.loads(state.read_text())
        assert before == others
        assert made["body"] == f"{MARKER}\n# opened\n"


def test_without_a_token_nobody_is_called(folder: Path) -> None:
    program(folder.parent / "programs/curl", "raise SystemExit('called')\n")
    variables = merge_request(folder, git(folder, "rev-parse", "HEAD"))
    assert ran(folder, code=1, **variables).returncode == 0


@with_diff
def test_a_real_change(folder: Path) -> None:
    base = git(folder, "rev-parse", "HEAD")
    commit(folder, {"intents/shop.intent": WIDER})
    done = ran(folder, code=None, NETPOLC_FAIL_ON="opened", **merge_request(folder, base))
    assert done.returncode == 1
    assert done.stdout.endswith("failed: diff\n")
    assert "internet" in (folder / "netpolc-diff.md").read_text()


@with_diff
def test_the_first_intents_are_compared_with_nothing(folder: Path) -> None:
    git(folder, "checkout", "--quiet", "--orphan", "empty")
    git(folder, "rm", "--quiet", "-r", "--force", ".")
    base = commit(folder, {"README": "no intents yet\n"}, fresh=False)
    commit(folder, {"intents/shop.intent": WIDER})
    done = ran(folder, code=None, **merge_request(folder, base))
    assert done.returncode == 0, done.stderr
    assert "closed" in (folder / "netpolc-diff.md").read_text()
