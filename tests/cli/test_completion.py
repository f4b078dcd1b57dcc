"""What a shell offers at TAB, and where the script for it goes."""

import subprocess
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from netpolc.cli.main import group, run
from tests.cli.conftest import Put


def offers(*words: str) -> set[str]:
    """What is offered for the last word."""
    complete = ShellComplete(group, {}, "netpolc", "_NETPOLC_COMPLETE")
    found = complete.get_completions(list(words[:-1]), words[-1])
    return {item.value for item in found if item.type == "plain"}


@pytest.fixture
def project(put: Put) -> None:
    """Two outputs, two namespaces, and a workload."""
    put(
        {
            "netpolc.toml": "[outputs.prod]\n[outputs.staging]\n",
            "intents/a.intent": "namespace shop\nservice db = {app=postgres}\ndb <- api\n",
            "intents/b.intent": "namespace pay\ndefault: deny\n",
            "pods.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: front}\n"
            "spec: {containers: [{name: c}]}\n",
        }
    )


@pytest.mark.usefixtures("project")
def test_names_of_the_project() -> None:
    assert offers("compile", "-e", "") == {"prod", "staging"}
    assert offers("compile", "-e", "p") == {"prod"}
    assert offers("list", "-n", "") == {"shop", "pay"}
    assert offers("list", "--to", "shop/d") == {"shop/db"}
    assert offers("list", "--with", "pods.yaml", "--to", "w") == {"web"}
    assert "front" in offers("list", "--with", "pods.yaml", "-n", "")
    assert offers("can", "x", "--namespace", "s") == {"shop"}


def test_codes_and_names_of_rules() -> None:
    assert offers("explain", "NP71") >= {"NP710", "NP711"}
    assert offers("explain", "NP711", "redundant-a") == {"redundant-arrow"}


def test_revisions(put: Put, tmp_path: Path) -> None:
    put({"a": "b"})
    (tmp_path / ".git").rmdir()
    user = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    for arguments in (
        ("init", "-b", "main"),
        ("add", "a"),
        (*user, "commit", "-m", "x"),
        ("branch", "feature"),
    ):
        subprocess.run(["git", *arguments], check=True, capture_output=True)
    assert offers("diff", "") == {"HEAD", "main", "feature"}
    assert offers("diff", "main...f") == {"main...feature"}
    found = ShellComplete(group, {}, "netpolc", "_NETPOLC_COMPLETE").get_completions(["diff"], "ma")
    assert [item.type for item in found] == ["file", "plain"]  # In bash, the last ones count.
    assert offers("owners", "main..f") == {"main..feature"}


def test_a_broken_project_offers_nothing(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"netpolc.toml": "[outputs\n"})
    assert offers("compile", "-e", "") == set()
    assert offers("list", "--to", "") == set()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("shell", "path"),
    [
        ("bash", ".local/share/bash-completion/completions/netpolc"),
        ("zsh", ".zfunc/_netpolc"),
        ("fish", ".config/fish/completions/netpolc.fish"),
    ],
)
def test_the_script_is_installed_once(
    shell: str,
    path: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "ZDOTDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", f"/bin/{shell}")
    (tmp_path / ".zshrc").write_text("alias ll=ls\n", encoding="utf-8")
    assert run(["completion", "--install"]) == 0
    assert f"wrote {tmp_path / path}" in capfd.readouterr().err
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert b"_NETPOLC_COMPLETE" in before[tmp_path / path]
    zshrc = before[tmp_path / ".zshrc"].decode()
    assert zshrc.startswith("alias ll=ls\n")
    assert ("fpath=" in zshrc) == (shell == "zsh")
    assert run(["completion", "--install"]) == 0
    assert before == {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    (tmp_path / path).write_text("somebody else's\n", encoding="utf-8")
    assert run(["completion", "--install"]) == 1
    assert "was not made by netpolc" in capfd.readouterr().err
    assert (tmp_path / path).read_text(encoding="utf-8") == "somebody else's\n"


def test_an_unknown_shell_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert run(["completion", "--install"]) == 2
