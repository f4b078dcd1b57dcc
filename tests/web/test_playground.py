"""The playground in Chromium: each thing that a stranger can do there."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from netpolc.cli.main import run
from tests.web.browser import CHROMIUM, HERE, MODULES, needs_browser

ROOT = HERE.parent.parent
BUILT = ROOT / "site" / "playground" / "dist"

pytestmark = [
    needs_browser,
    pytest.mark.skipif(
        not (BUILT / "main.js").exists(), reason="not built: `make playground` builds it"
    ),
]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What happened when a user went through everything."""
    done = subprocess.run(
        ["node", HERE / "serve.mjs", MODULES, str(CHROMIUM), BUILT, HERE / "playground_steps.mjs"],
        capture_output=True,
        encoding="utf-8",
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_nothing_leaves_the_page_and_nothing_is_wrong_with_it(found: dict[str, Any]) -> None:
    assert found["foreign"] == []
    assert found["errors"] == []
    assert found["violations"] == []
    assert found["seen"]["hurt"] is None


def test_results_are_those_of_the_command_line(
    found: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "playground.intent"
    Path(name).write_text((ROOT / "site" / "hello.intent").read_text(encoding="utf-8"))
    seen = found["seen"]
    for key, arguments in {
        "connections": ["list", name],
        "answer": ["can", "db <- internet", name],
    }.items():
        capfd.readouterr()
        run(arguments)
        assert seen[key] == capfd.readouterr().out
    assert "kind: NetworkPolicy" in seen["manifests"]


def test_a_claim_turns_red_at_the_edit_that_breaks_it(found: dict[str, Any]) -> None:
    assert found["seen"]["red"] == "never db <- internet"
    assert "opened  db <- internet:5432" in found["seen"]["change"]


def test_a_link_carries_the_program_and_a_damaged_one_is_left_alone(found: dict[str, Any]) -> None:
    assert found["seen"]["shared"]
    assert found["seen"]["damaged"]
