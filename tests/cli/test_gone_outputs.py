"""The manifests of an output that leaves netpolc.toml go, as those of a namespace that leaves its intents do."""

import json
import os
from pathlib import Path

import pytest

from netpolc.cli.main import run
from netpolc.io.output_marker import MARKER
from tests.cli.conftest import Files, Put

BOTH = '[outputs.prod]\n[outputs.staging]\nlayout = "namespace"\n'
ONLY_PROD = "[outputs.prod]\n"
SHOP = "namespace shop\ndefault: deny\ndb <- web:5432\n"
GONE = "netpolc.toml has no such output"


def compile_intents(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit code of a compile, and what it prints."""
    capfd.readouterr()
    code = run(["compile", *arguments])
    return code, "".join(capfd.readouterr())


@pytest.fixture
def gone(put: Put, files: Files) -> dict[str, bytes]:
    """The files of a project whose second output has just left netpolc.toml."""
    put({"netpolc.toml": BOTH, "intents/a.intent": SHOP})
    assert run(["compile"]) == 0
    put({"netpolc.toml": ONLY_PROD})
    return files()


def test_a_compile_removes_them_and_a_check_fails_while_they_are_there(
    gone: dict[str, bytes], files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    code, told = compile_intents(capfd, "--check")
    assert code == 1
    assert "left over: out/staging/shop.yaml\n--- out/staging/shop.yaml\n+++ /dev/null" in told
    assert f"out/staging is left over, {GONE}: run it without --check\n" in told
    assert files() == gone
    code, told = compile_intents(capfd)
    assert code == 0
    assert f"out/staging: 1 manifest removed, {GONE}\n" in told
    assert not Path("out/staging").exists()
    assert files().keys() == gone.keys() - {"out/staging/shop.yaml"}
    assert compile_intents(capfd, "--check") == (
        0,
        "out/prod is up to date: 1 namespace, 2 policies\n",
    )


@pytest.mark.usefixtures("gone")
def test_findings_name_each_file(capfd: pytest.CaptureFixture[str]) -> None:
    code, told = compile_intents(capfd, "--check", "--format", "json")
    found = [finding["path"] for finding in json.loads(told)]
    assert (code, found) == (1, [f"out/staging/{MARKER}", "out/staging/shop.yaml"])


@pytest.mark.parametrize(
    "arguments", [("-e", "prod"), ("-o", "other"), ("intents", "-o", "other"), ("-o", "-")]
)
def test_a_compile_of_one_output_leaves_them_alone(
    gone: dict[str, bytes],
    files: Files,
    capfd: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
) -> None:
    assert compile_intents(capfd, *arguments)[0] == 0
    assert files().items() >= gone.items()
    assert Path("out/staging", MARKER).exists()


def test_files_that_netpolc_did_not_make_stay(
    gone: dict[str, bytes], put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    own: dict[str, str | bytes] = {
        "out/staging/README.md": "ours\n",
        "out/staging/x/mine.yaml": "kind: List\n",
    }
    put(own)
    assert compile_intents(capfd)[0] == 0
    assert files().keys() == {*gone, *own} - {"out/staging/shop.yaml"}
    assert compile_intents(capfd, "--check")[0] == 0


@pytest.mark.usefixtures("gone")
@pytest.mark.parametrize("owner", ["", "sources: other", "output: prod", "output: default"])
def test_a_folder_that_is_not_marked_as_this_output_stays(
    files: Files, capfd: pytest.CaptureFixture[str], owner: str
) -> None:
    marker = Path("out/staging", MARKER)
    if owner:
        marker.write_text(f"{owner}\n", encoding="utf-8")
    else:
        marker.unlink()
    assert compile_intents(capfd)[0] == 0
    assert compile_intents(capfd, "--check")[0] == 0
    assert "out/staging/shop.yaml" in files()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("fleet.toml", '[clusters.staging]\nsources = ["intents"]\n'),
        ("fleet.toml", "[clusters.staging\n"),
        ("netpolc.toml", "[outputs.other]\noutput = 'out/staging'\n[outputs.prod]\n"),
        ("team/netpolc.toml", "[outputs.staging]\noutput = '../out/staging'\n"),
        ("team/netpolc.toml", "[outputs.staging\n"),
    ],
    ids=["cluster", "broken fleet", "other name", "other project", "broken project"],
)
def test_a_folder_that_is_somebody_elses_or_may_be_stays(
    gone: dict[str, bytes],
    put: Put,
    files: Files,
    capfd: pytest.CaptureFixture[str],
    path: str,
    text: str,
) -> None:
    put({path: text})
    assert compile_intents(capfd)[0] == 0
    assert "out/staging/shop.yaml" in files() or path == "netpolc.toml"
    assert "no such output" not in compile_intents(capfd, "--check")[1]
    assert gone["out/prod/shop/db-ingress.yaml"]


def test_nothing_is_removed_where_an_output_has_an_error(
    gone: dict[str, bytes], put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/b.intent": "not an intent\n"})
    assert compile_intents(capfd)[0] == 1
    assert files().items() >= gone.items()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_the_file_that_a_link_leads_to_stays(
    gone: dict[str, bytes], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("out/staging/shop.yaml").rename(tmp_path / "elsewhere.yaml")
    Path("out/staging/shop.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    compile_intents(capfd)
    assert (tmp_path / "elsewhere.yaml").read_bytes() == gone["out/staging/shop.yaml"]


def test_the_last_output_goes_too_and_the_default_goes_when_outputs_come(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"netpolc.toml": ONLY_PROD, "intents/a.intent": SHOP})
    assert run(["compile"]) == 0
    put({"netpolc.toml": ""})
    assert f"out/prod: 2 manifests removed, {GONE}" in compile_intents(capfd)[1]
    plain = {"out/shop/db-ingress.yaml", "out/shop/deny-all-ingress.yaml"}
    assert {name for name in files() if name.startswith("out/")} == plain
    put({"netpolc.toml": ONLY_PROD})
    assert compile_intents(capfd, "--check")[0] == 1
    assert f"out: 2 manifests removed, {GONE}" in compile_intents(capfd)[1]
    assert {name for name in files() if name.startswith("out/")} == {
        name.replace("out/", "out/prod/") for name in plain
    }
    assert compile_intents(capfd, "--check")[0] == 0
