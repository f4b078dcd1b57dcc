"""The README's tour, run as a reader would, command by command."""

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parent.parent.parent / "README.md"
FENCE = re.compile(r"^```(intent|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_tour_prints_what_the_readme_shows(tmp_path: Path) -> None:
    tour = README.read_text(encoding="utf-8").split("## Sixty seconds")[1]
    (tmp_path / ".git").mkdir()
    commands = 0
    for kind, text in FENCE.findall(tour):
        if kind == "intent":
            (tmp_path / "intents").mkdir()
            (tmp_path / "intents/shop.intent").write_text(text, encoding="utf-8")
            continue
        for part in text.removeprefix("$ ").split("\n$ "):
            command, _, expected = part.partition("\n")
            commands += 1
            assert printed(command, tmp_path).rstrip("\n") == expected.rstrip("\n"), command
    assert commands >= 5


def printed(command: str, folder: Path) -> str:
    """What a command of the tour prints, output and findings together."""
    own = command.replace("netpolc ", f"'{sys.executable}' -m netpolc ", 1)
    done = subprocess.run(
        ["/bin/sh", "-c", own if command.startswith("netpolc ") else command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout
