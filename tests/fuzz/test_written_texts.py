"""Each reader of YAML finds in the manifests what the program says, whatever its names and reasons look like.

YAML 1.1 and 1.2, PyYAML and kubectl disagree on which plain words are numbers, dates, booleans or nothing, and
on which characters end a line. What is expected is made from the names by hand.
"""

import json
import os
import random
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from netpolc.cli.main import run
from netpolc.manifest.policy_names import INTENTS
from tests.cli.conftest import Put

_TRIES = int(os.environ.get("NETPOLC_FUZZ", "12"))
_LETTERS = "0123456789eExXoObBaAfFyYnN_.-"
_ODD = (
    *("0o7", "1_000", "0x1f", "12.30.45", "on", "null", "1e3", "1.0", "true", "Yes", "y", "n", "0B1", "0X1F"),
    *("0O17", "1e_3", "0_x1f", "1E3", "0.1e1", "2001-01-01", "inf", "NaN", "NULL", "0777", "1__0", "00", "1e-3"),
)  # fmt: skip
_NAMESPACES = (
    *(
        "on",
        "null",
        "1e3",
        "y",
        "no",
        "0x1f",
        "1-1",
        "true",
        "123",
        "0b1",
        "1e-3",
        "2001-01-01",
        "00",
    ),
    *("off", "n", "0o7", "nan", "inf", "shop"),
)
_PORTS = ("on", "y", "0x1f", "1e3", "no", "null", "0b1", "1e-3", "nan", "true", "0o7", "e1")
_REASONS = (
    *("\u00a0", "\u00e9", "\U0001f600", "\U0010fffd", "\ud7ff", "\ue000", "'", "`", "<<", "=", "~", "!", "&a", "*a"),
    *("%", "@", "|", ">", "- ", "? ", ": ", ":", " #", "#", "---", "...", "{", "}", "[", "]", ",", "12:30:45", "0o7"),
    *("<script>", "-->", "${A}", "{{x}}", "a", "b c", "1", "\u200d", "null", "%YAML 1.1"),
)  # fmt: skip
_ESCAPED = ("\t", "\n", '"', "\\")
"""What an annotation in netpolc.toml can have, and a reason cannot."""

_FILES = (
    "a",
    "on",
    "1e3",
    "\u00e9",
    "a b",
    "x:y",
    "#h",
    "'q'",
    "<b>",
    "a\nb",
    "\x1b[31m",
    "\x85z",
    "\u2028",
)


class _Names:
    """The names and texts of one program."""

    def __init__(self, seed: int) -> None:
        self.drawn = drawn = random.Random(f"texts {seed}")
        self.namespace, self.port = drawn.choice(_NAMESPACES), drawn.choice(_PORTS)
        self.own, self.peer = {self.key(): self.label()}, {self.key(): self.label()}
        self.reason = self.text(_REASONS)
        self.labels, self.note = {self.key(): self.label()}, self.text((*_REASONS, *_ESCAPED))

    def label(self) -> str:
        letters = "".join(self.drawn.choices(_LETTERS, k=self.drawn.randint(1, 9)))
        return self.drawn.choice(
            (re.sub(r"^[-_.]+|[-_.]+$", "", letters) or "1e3", self.drawn.choice(_ODD))
        )

    def key(self) -> str:
        return self.drawn.choice(("", "", "0x1f.1e3/")) + self.label()

    def text(self, parts: tuple[str, ...]) -> str:
        return "".join(self.drawn.choices(parts, k=self.drawn.randint(1, 8)))

    @property
    def program(self) -> str:
        own, peer = (
            " ".join(f'{{"{key}"="{value}"}}' for key, value in labels.items())
            for labels in (self.own, self.peer)
        )
        return (
            f'namespace "{self.namespace}"\n{own} <- {peer}:{self.port} because "{self.reason}"\n'
        )

    @property
    def settings(self) -> str:
        (label,) = self.labels.items()
        note = "".join(f"\\U{ord(letter):08x}" for letter in self.note)
        layout = self.drawn.choice(("policy", "namespace", "source"))
        return (
            f'layout = "{layout}"\n[labels]\n"{label[0]}" = "{label[1]}"\n'
            f'[annotations]\n"1e3" = "{note}"\n'
        )

    def check(self, policy: dict[str, Any]) -> None:
        """Compare the manifest of the only arrow, as some reader gives it."""
        assert policy["metadata"]["namespace"] == self.namespace
        assert policy["metadata"]["labels"].items() >= self.labels.items()
        annotations = policy["metadata"]["annotations"]
        assert annotations["1e3"] == self.note
        assert f'because "{self.reason}"' in annotations[INTENTS]
        assert policy["spec"] == {
            "podSelector": {"matchLabels": self.own},
            "policyTypes": ["Ingress"],
            "ingress": [
                {
                    "from": [{"podSelector": {"matchLabels": self.peer}}],
                    "ports": [{"protocol": "TCP", "port": self.port}],
                }
            ],
        }


def _compiled(put: Put, names: _Names, output: str) -> None:
    shutil.rmtree("intents", ignore_errors=True)
    file = names.drawn.choice(_FILES)
    put({f"intents/{file}.intent": names.program, "netpolc.toml": names.settings})
    assert run(["compile", "-o", output, "--verify"]) == 0


@pytest.mark.parametrize("seed", range(_TRIES))
def test_what_is_written_is_what_the_program_says(put: Put, tmp_path: Path, seed: int) -> None:
    names = _Names(seed)
    _compiled(put, names, "out")
    (file,) = (tmp_path / "out").rglob("*.yaml")
    names.check(yaml.safe_load(file.read_bytes()))
    assert run(["diff", "intents", "out"]) == 0
    assert run(["import", "out", "-o", "again", "--force"]) == 0
    assert run(["diff", "again", "out"]) == 0


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kubectl_reads_what_the_program_says(put: Put, tmp_path: Path) -> None:
    every = {f"p{seed}": _Names(seed) for seed in range(_TRIES)}
    command = ["kubectl", "label", "--local", "--overwrite", "-o", "json", "zzz=1"]
    for output, names in every.items():
        _compiled(put, names, output)
        (file,) = (tmp_path / output).rglob("*.yaml")
        command += ["-f", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    printed = re.split(r"(?m)(?<=^\})\n", done.stdout)
    assert len(list(filter(None, printed))) == len(every)
    for text, names in zip(printed, every.values(), strict=False):
        names.check(json.loads(text))
