"""An IR file need not name where it comes from: the answers are about the policies all the same."""

import json
import re
from pathlib import Path

import pytest

from netpolc.cli.main import run

_POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop, labels: {app: a}}\nspec: {containers: []}\n"
_CLOSED = {"subject": {}, "direction": "ingress"}
_DOCUMENT = {
    "version": 2,
    "namespaces": [
        {
            "namespace": "shop",
            "isolations": [_CLOSED],
            "allows": [{**_CLOSED, "peer": {"kind": "anyone"}, "traffic": {"tcp": [[1, 80]]}}],
        }
    ],
}


@pytest.fixture
def sources(tmp_path: Path) -> list[str]:
    """An IR file without origins, and a pod that it is about."""
    (tmp_path / "a.json").write_text(json.dumps(_DOCUMENT))
    (tmp_path / "pod.yaml").write_text(_POD)
    return [str(tmp_path / name) for name in ("a.json", "pod.yaml")]


def test_a_report_does_not_call_isolated_pods_open(
    sources: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", *sources]) == 0
    page = capfd.readouterr().out
    words = re.findall("<td>1-80</td><td>([^<]*)</td>", page)
    assert set(words) == {"a policy whose statement is not known"}


@pytest.mark.parametrize(
    ("port", "reasons"),
    [
        (80, ["opened by a policy whose statement is not known"]),
        (
            81,
            [
                "closed by a policy whose statement is not known",
                "nearest: a policy whose statement is not known, which misses the port",
            ],
        ),
    ],
)
def test_an_answer_names_a_policy_without_a_statement(
    port: int, reasons: list[str], sources: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    run(["can", f"shop/a -> shop/a:{port}", *sources])
    answer = capfd.readouterr().out
    assert [reason for reason in reasons if reason not in answer] == []
