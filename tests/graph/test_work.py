"""The work of a graph grows with its nodes."""

from datetime import date

import pytest

from netpolc.commands.graph import permitted
from netpolc.commands.pipeline import understand
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.kube.selector_index import SelectorIndex
from netpolc.source import SourceFile


def test_the_closed_pods_of_a_namespace_are_indexed_once_for_all_nodes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "namespace shop\ndefault: deny\n" + "".join(f"s{n} <- s{n + 1}\n" for n in range(50))
    known = understand(
        Sources(intents=(SourceFile("a.intent", text),)), Options(today=date(2026, 1, 1))
    )
    made = 0
    real = SelectorIndex.__init__

    def counted(*arguments: object) -> None:
        nonlocal made
        made += 1
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(SelectorIndex, "__init__", counted)
    assert len(permitted(known).nodes) == 51
    assert made < 10
