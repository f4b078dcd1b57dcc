"""What is given beside the sources is in the cluster already, and never compiled."""

import json
from pathlib import Path

import pytest

from netpolc.cli.main import run

_IR = {"version": 2, "namespaces": [{"namespace": "shop", "isolations": [], "allows": []}]}
_WIDE = "namespace shop\ndb <- any:1-80\n"


@pytest.mark.parametrize(("name", "text"), [("a.intent", _WIDE), ("a.json", json.dumps(_IR))])
@pytest.mark.parametrize("command", [["compile", "-o", "-"], ["check"], ["list"]])
def test_intents_and_ir_beside_the_sources_are_refused(
    name: str, text: str, command: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.intent").write_text("namespace shop\ndb <- none\n")
    (tmp_path / name).write_text(text)
    assert run([*command, str(tmp_path / "own.intent"), "--with", str(tmp_path / name)]) == 1
    out, err = capfd.readouterr()
    assert "error[NP727]" in err
    assert not out
