"""A namespace is resolved by itself, and returns the names that it uses."""

from netpolc.memory import NO_MEMORY
from netpolc.passes.resolve import resolve
from netpolc.passes.resolve.declared_names import DeclaredNames
from netpolc.passes.resolve.names import Names
from netpolc.passes.resolve.scopes import gather
from netpolc.passes.resolve.statements import resolve_namespace
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse

TEXT = """\
namespace shop
service db = {app=postgres}
db <- api:5432, prometheus in ns monitoring:9187
namespace store
web <- api
namespace monitoring
service prometheus = {app=prom}
prometheus <- none
"""


def test_a_namespace_returns_the_names_that_it_uses() -> None:
    scopes = gather([parse(SourceFile("a.intent", TEXT)).value], "default", NO_MEMORY)
    names = Names(DeclaredNames(scopes, NO_MEMORY))
    shop = resolve_namespace(scopes.namespaces["shop"], scopes.cluster, names)
    assert {home: list(mentions) for home, mentions in names.mentions.items()} == {
        "shop": ["db", "api"],
        "monitoring": ["prometheus"],
    }
    assert names.used == {("shop", "db"), ("monitoring", "prometheus")}
    assert [arrow.origin.statement for arrow in shop.arrows] == [
        "db <- api:5432, prometheus in ns monitoring:9187"
    ]
    assert not scopes.findings
    assert not names.findings


def test_the_reason_of_an_assertion_is_kept() -> None:
    text = 'namespace shop\ndb <- api because "a"\nnever db <- web because "b"\nnever db <- any\n'
    program = resolve([parse(SourceFile("a.intent", text)).value]).value
    assert [one.origin.because for one in program.namespaces["shop"].arrows] == ["a"]
    assert [one.origin.because for one in program.assertions] == ["b", ""]
