"""Everyday words are found where the language has a word of its own, and the proposed word mends the line."""

from datetime import date

import pytest

from netpolc.commands.pipeline import run
from netpolc.diagnostics import Diagnostic
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile

_SHOP = "namespace shop\ndefault: deny\nweb <- api:80\n"
_POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: p, namespace: shop, labels: {{app: {app}}}}}
spec: {{containers: [{{name: c, image: i, ports: [{{name: {port}, containerPort: 80}}]}}]}}
"""


def words_in(text: str, *manifests: str) -> list[Diagnostic]:
    """The findings about everyday words and protocols."""
    sources = Sources(
        intents=(SourceFile("a.intent", text),),
        manifests=tuple(SourceFile(f"{n}.yaml", text) for n, text in enumerate(manifests)),
    )
    options = Options(today=date(2026, 1, 1), checking=True)
    findings = run(sources, options).diagnostics
    return [finding for finding in findings if finding.rule.code in {"NP615", "NP651"}]


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("db <- all:5432", "db <- any:5432"),
        ("db <- all in ns *:5432", "db <- ns *:5432"),
        ("db <- everyone in ns monitoring", "db <- ns monitoring"),
        ("db <- everyone in ns shop", "db <- ns shop"),
        ("db <- world in ns {env=dev}", "db <- ns {env=dev}"),
        ("db <- allow", "db <- any"),
        ("db <- deny", "db <- none"),
        ("db <- Any:5432", "db <- any:5432"),
        ("db <- ALL", "db <- any"),
        ("api -> Internet:443", "api -> internet:443"),
        ("db <- None", "db <- none"),
        ("all <- api:80", "* <- api:80"),
        ("everyone -> api:80", "* -> api:80"),
        ("db <- ns all", "db <- ns *"),
        ("db <- api in ns any:80", "db <- api in ns *:80"),
        ("db <- api:any", "db <- api:*"),
        ("db <- *:[80, all/udp]", "db <- *:[80, */udp]"),
        ("db <- api:udp", "db <- api:*/udp"),
        ("always web <- api:any", "always web <- api:*"),
        ("never web <- everybody", "never web <- any"),
        ("only web <- nobody", "only web <- none"),
        ("never web <- world", "never web <- internet"),
        ("db <- api:http,https", "db <- api:[http, https]"),
        ("db <- api:[80, 81/udp], metrics, web", "db <- api:[80, 81/udp, metrics], web"),
    ],
)
def test_the_fix_is_the_word_of_the_language(line: str, mended: str) -> None:
    text = f"{_SHOP}{line}\n"
    (finding,) = words_in(text)
    (fix,) = finding.fixes
    assert f"`{fix.replacement}`" in finding.help
    fixed = text[: fix.span.start] + fix.replacement + text[fix.span.end :]
    assert fixed == f"{_SHOP}{mended}\n"
    assert not words_in(fixed)


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("db <- api, nobody", "remove it"),
        ("db <- host:80", "write the addresses of the nodes"),
        ("db <- udp", "a protocol comes after a port"),
        ("db <- api:icmp", "leave it out"),
        ("group callers = all\ndb <- callers", "write `any`"),
        ("never world -> web", "put pods on the left: write `never web <- internet`"),
        ("never all -> web:80", "put pods on the left: write `never web <- internet:80`"),
        ("never world <- web", "put pods on the left: write `never web -> internet`"),
        ("never web <- nobody", "write `only web <- none`"),
        ("only world -> web", "put pods on the left, or"),
    ],
)
def test_words_that_no_word_can_replace(line: str, advice: str) -> None:
    (finding,) = words_in(f"{_SHOP}{line}\n")
    assert not finding.fixes
    assert finding.help.startswith(advice)


@pytest.mark.parametrize(
    "line",
    [
        "service all = {app=every}\nall <- api\ndb <- all",
        "group world = 203.0.113.0/24\ndb <- world",
        "https <- api\ndb <- api:http, https",
        "db <- https, web:80",
        "db <- web, metrics",
        "db <- api:80, metrics:9090",
        "db <- api:80, metrics in ns monitoring",
        "db <- {app=all}",
        "db <- host\nhost <- api",
        "world <- hello:80\nworld -> db:5432",
        "namespace all\nnamespace shop\ndb <- ns all",
    ],
)
def test_names_that_are_really_meant(line: str) -> None:
    assert not words_in(f"{_SHOP}{line}\n")


def test_what_pods_and_containers_are_called_is_meant() -> None:
    text = f"{_SHOP}db <- world:udp\n"
    assert len(words_in(text)) == 2
    assert [
        finding.rule.code for finding in words_in(text, _POD.format(app="world", port="http"))
    ] == ["NP615"]
    assert not words_in(text, _POD.format(app="world", port="udp"))


def test_a_service_of_another_namespace_is_found_where_the_arrow_names_it() -> None:
    text = f"namespace ops\ndefault: deny\n{_SHOP}db <- all in ns ops:80, api\n"
    (finding,) = words_in(text)
    assert finding.label.span.text == "all in ns ops"
    assert not words_in(text.replace("ops\n", "ops\nservice all = {app=a}\n", 1))
