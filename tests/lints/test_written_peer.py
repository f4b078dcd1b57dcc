"""Findings about one peer underline that peer, and nothing else of the statement."""

from datetime import date

import pytest

from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile
from tests.lints.test_lints import KNOWN, found

SHOP = "namespace shop\ndefault: deny ingress egress\n"

_PLACES = [
    (f"{SHOP}mirror: no\nweb -> api:80,\n  db:5432\napi <- web:80\n", "NP605", "db:5432"),
    (f"{SHOP}mirror: no\ngroup f = db:1\nweb -> api:80, f\napi <- web:80\n", "NP605", "f"),
    (f"{SHOP}db <- api:tcp, web:80\n", "NP615", "tcp"),
    (f"{SHOP}db <- ns n, api.shop.svc:80\n", "NP611", "api.shop.svc"),
    (f"{SHOP}db <- ns n, everyone:80\n", "NP651", "everyone"),
    (f"{SHOP}db <- api\nnever databse <- internet\n", "NP613", "databse"),
    (f"{SHOP}db <- api, ns {{name=x}}:80\n", "NP630", "ns {name=x}:80"),
]


@pytest.mark.parametrize(("text", "code", "place"), _PLACES, ids=[p[1] for p in _PLACES])
def test_the_peer_is_underlined(text: str, code: str, place: str) -> None:
    sources = Sources(intents=(SourceFile("x.intent", text),))
    findings = run(sources, Options(today=date(2026, 1, 1))).diagnostics
    assert [one.label.span.text for one in findings if one.rule.code == code] == [place]


@pytest.mark.parametrize(
    ("arrow", "code", "place"),
    [
        ("web <- ns m:8080, ghost:8080", "NP608", "ghost"),
        ("service g = {app=ghost}\nweb <- ns m:8080, g:8080", "NP608", "g"),
        ("ghost <- ns m", "NP608", "ghost"),
        ("never web <- {app=ghost}:8080", "NP608", "{app=ghost}"),
        ("api -> ns m:1, web:80", "NP609", "web"),
    ],
)
def test_the_pods_that_run_nowhere_are_underlined(arrow: str, code: str, place: str) -> None:
    findings = found(f"namespace shop\ndefault: deny\n{arrow}\n", KNOWN)
    assert [one.label.span.text for one in findings if one.rule.code == code] == [place]
