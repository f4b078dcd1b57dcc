"""`--format` of check and of compile --check, as CI runs them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import GONE, Files, Put

SHOP: dict[str, str | bytes] = {
    "intents/shop.intent": "namespace shop\ndefault: deny\ndb <- api:5432\n"
}


@pytest.fixture
def changed(put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An output folder with a file that is missing, one edited, one left over, one of others."""
    put(SHOP)
    assert run(["compile"]) == 0
    (tmp_path / "out/shop/deny-all-ingress.yaml").unlink()
    path = tmp_path / "out/shop/db-ingress.yaml"
    path.write_text(path.read_text().replace("port: 5432", "port: 5433 # ::error::"))
    put({"out/gone/x.yaml": GONE, "out/theirs.yaml": "kind: ConfigMap\n"})
    capfd.readouterr()


def told(form: str, capfd: pytest.CaptureFixture[str]) -> Any:
    """What `compile --check` prints in a form, which is all that it prints."""
    assert run(["compile", "--check", "--format", form]) == 1
    out, err = capfd.readouterr()
    assert err == ""
    return out if form == "github" else json.loads(out)


@pytest.mark.usefixtures("changed")
def test_each_wrong_file_is_a_finding_at_its_first_wrong_line(
    files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    before = files()
    found = told("json", capfd)
    assert files() == before
    assert [(f["name"], f["path"]) for f in found] == [
        ("left-over-output", "out/gone/x.yaml"),
        ("stale-output", "out/shop/db-ingress.yaml"),
        ("missing-output", "out/shop/deny-all-ingress.yaml"),
    ]
    stale = found[1]
    lines = before["out/shop/db-ingress.yaml"].decode().splitlines()
    assert lines[stale["line"] - 1].strip() == "port: 5433 # ::error::"
    assert stale["label"] == "should be `port: 5432`"
    assert lines[stale["line"] - 1][stale["column"] - 1 : stale["end_column"] - 1].startswith(
        "port"
    )


@pytest.mark.usefixtures("changed")
def test_every_platform_hears_of_them(capfd: pytest.CaptureFixture[str]) -> None:
    (sarif,) = told("sarif", capfd)["runs"]
    assert sarif["automationDetails"]["id"] == "netpolc/compile/"
    assert [(r["ruleId"], r["level"]) for r in sarif["results"]] == [
        ("NP738", "error"),
        ("NP737", "error"),
        ("NP736", "error"),
    ]
    gitlab = told("gitlab", capfd)
    assert [entry["location"]["path"] for entry in gitlab] == [
        "out/gone/x.yaml",
        "out/shop/db-ingress.yaml",
        "out/shop/deny-all-ingress.yaml",
    ]
    github = told("github", capfd)
    assert [line.split(",")[0] for line in github.splitlines()] == [
        "::error file=out/gone/x.yaml",
        "::error file=out/shop/db-ingress.yaml",
        "::error file=out/shop/deny-all-ingress.yaml",
    ]


@pytest.mark.parametrize(
    ("there", "line", "label"),
    [
        ("{all}extra\n", -1, "should not be here"),
        ("{all}\n", -1, "should not be here"),
        ("{open}", -1, "should end with a line end"),
        ("{most}", -1, "the next line should be `{last}`"),
        ("{header}", 0, "the next line should be `{second}`"),
        ("{cr}", 0, "should be `{first}`"),
    ],
)
def test_the_place_is_on_a_line_that_is_there(
    there: str, line: int, label: str, put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    run(["compile"])
    path = tmp_path / "out/shop/db-ingress.yaml"
    text = path.read_text()
    lines = text.splitlines()
    words = {
        "all": text,
        "most": "\n".join(lines[:-1]) + "\n",
        "open": text.rstrip("\n"),
        "header": lines[0] + "\n",
        "cr": text.replace("\n", "\r\n"),
        "first": lines[0],
        "second": lines[1],
        "last": lines[-1].strip(),
    }
    path.write_bytes(there.format(**words).encode())
    capfd.readouterr()
    (found,) = told("json", capfd)
    shown = path.read_bytes().decode().split("\n")
    count = len(shown) - (not shown[-1])
    assert found["line"] == (count if line else 1)
    assert found["label"] == label.format(**words)


def test_a_fresh_folder_has_no_findings(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put(SHOP)
    run(["compile"])
    capfd.readouterr()
    for form in ("json", "gitlab"):
        assert run(["compile", "--check", "--verify", "--format", form]) == 0
        assert json.loads(capfd.readouterr().out) == []
    assert run(["compile", "--check", "--format", "github"]) == 0
    assert capfd.readouterr() == ("", "")


def test_mistakes_in_intents_come_alone(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/a.intent": "db <- api:0\n"})
    assert [f["path"] for f in told("json", capfd)] == ["intents/a.intent"]


def test_a_format_without_check_is_wrong_usage(put: Put, files: Files) -> None:
    put(SHOP)
    assert run(["compile", "--format", "sarif"]) == 2
    assert set(files()) == set(SHOP)


def test_paths_are_those_of_the_repository(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"team a/intents/ü.intent": "db <- api:0\n", "team a/netpolc.toml": ""})
    monkeypatch.chdir(tmp_path / "team a/intents")
    run(["check", "--format", "github"])
    assert capfd.readouterr().out.startswith("::error file=team a/intents/ü.intent,line=1,")
    run(["check", "--format", "gitlab"])
    (entry,) = json.loads(capfd.readouterr().out)
    assert entry["location"]["path"] == "team a/intents/ü.intent"
    run(["check", "--format", "sarif"])
    out = capfd.readouterr().out
    assert '"uri": "team%20a/intents/%C3%BC.intent"' in out
    assert tmp_path.name not in out
    # Outside any checkout there is nothing to start from but the project's folder.
    (tmp_path / ".git").rmdir()
    shutil.rmtree(tmp_path / "team a/intents/.git", ignore_errors=True)
    run(["check", "--format", "github"])
    assert capfd.readouterr().out.startswith("::error file=intents/ü.intent,line=1,")


def test_a_diff_in_a_runners_log_is_no_command(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    run(["compile"])
    path = tmp_path / "out/shop/db-ingress.yaml"
    path.write_text(path.read_text() + "::error::pwned\n  ##[error]pwned\n::warning::x\n")
    plain = {}
    for runner in ("", "true"):
        capfd.readouterr()
        monkeypatch.setenv("GITHUB_ACTIONS", runner)
        assert run(["compile", "--check"]) == 1
        plain[runner] = capfd.readouterr().out
    assert "##[error]" in plain[""]
    assert "##[error]" not in plain["true"]
    assert plain["true"].replace("##\\[", "##[") == plain[""]


def test_a_hostile_file_commands_nobody_from_end_to_end(
    put: Put, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    name = "intents/a\n::error::x,b%0A##[error]\x1b[31m.intent"
    text = (
        'namespace shop\ndb <- api:5432 because "::error:: ##[error] @all [x](1) \x1b"\ndb <- x:0\n'
    )
    put({name: text})
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert run(["check", "--format", "github"]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert lines
    for line in lines:
        assert line.startswith(
            "::error file=intents/a\\n%3A%3Aerror%3A%3Ax%2Cb%250A##[error]\\x1b[31m"
        )
    assert run(["check"]) == 1
    err = capfd.readouterr().err
    assert "##[" not in err
    assert not any(line.lstrip().startswith("::error") for line in err.splitlines())
    assert "\x1b" not in err
    for form in ("sarif", "gitlab"):
        assert run(["check", "--format", form]) == 1
        out = capfd.readouterr().out
        assert "\\u001b" not in out
        json.loads(out)


def test_rules_link_to_their_pages_where_netpolc_toml_has_the_address(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"a.intent": "namespace shop\ndb <- api:80\ndb <- api:80\n"})
    capfd.readouterr()
    for settings, expected in (
        ("", None),
        (
            '[lint]\npages = "https://docs.example.com/rules"\n',
            "https://docs.example.com/rules/NP601.html",
        ),
    ):
        put({"netpolc.toml": settings})
        run(["check", "a.intent", "--format", "sarif"])
        (log,) = json.loads(capfd.readouterr().out)["runs"]
        (rule, *_) = log["tool"]["driver"]["rules"]
        assert rule["id"] == "NP601"
        assert rule.get("helpUri") == expected
