"""The playground in Chromium: each thing that a stranger can do there."""

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netpolc.cli.main import run
from tests.web.browser import CHROMIUM, HERE, MODULES, needs_browser

ROOT = HERE.parent.parent
SOURCE = ROOT / "site" / "playground"
BUILT = SOURCE / "dist"

pytestmark = [
    needs_browser,
    pytest.mark.skipif(
        not (BUILT / "main.js").exists(), reason="not built: `make playground` builds it"
    ),
]


def went_through(steps: str, *files: Path) -> dict[str, Any]:
    """Serve the playground, do the steps of a file of this folder, and return what happened."""
    done = subprocess.run(
        ["node", HERE / "serve.mjs", MODULES, str(CHROMIUM), BUILT, HERE / steps, *files],
        capture_output=True,
        encoding="utf-8",
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What happened when a user went through everything."""
    return went_through("playground_steps.mjs")


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


def test_manifests_have_the_bytes_of_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")  # 2026-01-01, as in the worker
    texts = [
        (ROOT / "site" / "hello.intent").read_text(encoding="utf-8"),
        *(
            path.read_text(encoding="utf-8")
            for path in sorted((ROOT / "intents" / "lesson").iterdir())
        ),
        'namespace shop\nservice db = {app="0x1f", "example.com/x"="no"}\ndb <- api:80 because "é ✓ \U0001f600"\n',
    ]
    expected = []
    for text in texts:
        Path("a.intent").write_text(text, encoding="utf-8")
        capfd.readouterr()
        run(["compile", "a.intent", "--output", "-"])
        expected.append(capfd.readouterr().out)
    programs = tmp_path / "programs.json"
    programs.write_text(json.dumps(texts), encoding="utf-8")
    assert went_through("bytes_steps.mjs", programs)["seen"] == expected
    assert all("kind: NetworkPolicy" in text for text in expected)


def test_a_claim_turns_red_at_the_edit_that_breaks_it(found: dict[str, Any]) -> None:
    assert found["seen"]["red"] == "never db <- internet"
    assert "opened  db <- internet:5432" in found["seen"]["change"]


def test_a_link_carries_the_program_and_a_damaged_one_is_left_alone(found: dict[str, Any]) -> None:
    assert found["seen"]["shared"]
    assert found["seen"]["damaged"]


def programs() -> Iterator[str]:
    """Random programs: lines of the language's page, some with characters that are easy to lose."""
    lines = (ROOT / "grammar" / "LANGUAGE.md").read_text(encoding="utf-8").splitlines()
    odd = [
        "\0",
        "\r",
        "\t",
        "\u202e",
        "\u00e9",
        "e\u0301",
        "\ufeff",
        "\U0001f600",
        "</script>",
        "#",
        "%23",
        "\\",
    ]
    for seed in range(1_000):
        drawn = random.Random(seed)
        chosen = drawn.choices(lines, k=drawn.randrange(60))
        yield drawn.choice(["\n", "\r\n"]).join(
            line + drawn.choice(odd) if drawn.random() < 0.2 else line for line in chosen
        )


def test_every_program_comes_back_from_its_address(tmp_path: Path) -> None:
    code, written, long = (tmp_path / name for name in ("share.js", "programs.json", "long"))
    bundled = [str(SOURCE / "node_modules/.bin/esbuild"), str(SOURCE / "src/share.ts"), "--bundle"]
    names = ["--format=iife", "--global-name=share", f"--outfile={code}", "--log-level=error"]
    subprocess.run([*bundled, *names], check=True)
    texts = list(programs())
    assert len(set(texts)) > 900
    written.write_text(json.dumps(texts), encoding="utf-8")
    long.write_text(random.Random(0).randbytes(200_000).hex(), encoding="ascii")
    seen = went_through("fragment_steps.mjs", code, written, long)["seen"]
    assert seen == {"changed": [], "refused": True}
