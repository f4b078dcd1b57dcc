"""Peers in the same words are resolved once, and still mean what they mean where they are."""

from netpolc.kube.selectors import Selector
from netpolc.memory import NO_MEMORY
from netpolc.passes.resolve import resolve
from netpolc.passes.resolve.declared_names import DeclaredNames
from netpolc.passes.resolve.name_uses import UNKNOWN_NAME
from netpolc.passes.resolve.names import Names
from netpolc.passes.resolve.peers import PORTS_TWICE
from netpolc.passes.resolve.scopes import gather
from netpolc.passes.resolve.statements import resolve_namespace
from netpolc.program.model import Program
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse


def _file(text: str) -> SourceFile:
    return SourceFile("a.intent", text)


def _program(text: str) -> Program:
    resolved = resolve([parse(_file(text)).value])
    assert not resolved.failed
    return resolved.value


def _peers(program: Program, namespace: str) -> list[str]:
    arrows = program.namespaces[namespace].arrows
    return [str(named.grant.peer.pods) for arrow in arrows for named in arrow.grants]  # type: ignore[union-attr]


def test_equal_words_are_one_value_where_nothing_is_declared() -> None:
    program = _program("namespace a\ndb <- api:80\nnamespace b\ndb <- api:80\nweb  <-  api:80\n")
    (one,), (other, third) = (program.namespaces[name].arrows for name in "ab")
    assert one.grants is other.grants is third.grants
    assert [arrow.origin.statement for arrow in (one, other, third)] == [
        "db <- api:80",
        "db <- api:80",
        "web <- api:80",
    ]


def test_equal_words_mean_what_their_own_namespace_declares() -> None:
    program = _program(
        "namespace a\ndb <- api:80\n"
        "namespace b\nlabel: role\ndb <- api:80\n"
        "namespace c\nservice api = {x=y}\ndb <- api:80\n"
        "namespace d\ngroup api = web\ndb <- api:80\n"
    )
    assert [_peers(program, name) for name in "abcd"] == [
        [str(Selector.labels(labels))]
        for labels in ({"app": "api"}, {"role": "api"}, {"x": "y"}, {"app": "web"})
    ]


def test_equal_words_are_two_values_in_the_two_directions() -> None:
    text = "namespace a\ndb <- 10.0.0.0/8:http\ndb -> 10.0.0.0/8:http\n"
    (found,) = resolve([parse(_file(text)).value]).diagnostics
    assert found.label.span.line == 3


def test_equal_words_keep_the_blocks_of_their_own_dns() -> None:
    program = _program(
        "namespace a\ndns: 10.0.0.0/8 except 10.0.0.0/9:53/udp\ndb -> dns\n"
        "namespace b\ndns: 10.128.0.0/9:53/udp\ndb -> dns\n"
    )
    peers = [program.namespaces[name].arrows[0].grants[0].grant.peer for name in "ab"]
    written = [str(block) for one in peers for block in one.addresses.blocks]  # type: ignore[union-attr]
    assert written == ["10.0.0.0/8 except 10.0.0.0/9", "10.128.0.0/9"]


def test_each_of_equal_words_has_its_own_place() -> None:
    text = "group g = web:80\nnamespace a\ndb <- g:1\nnamespace b\ndb <- g:1\n"
    found = resolve([parse(_file(f"cluster\n{text}")).value]).diagnostics
    assert [one.label.span.line for one in found if one.rule is PORTS_TWICE] == [4, 6]


def test_a_slip_is_where_its_own_namespace_names_it_first() -> None:
    text = (
        "namespace a\nfrontend <- none\nweb <- frontnd:80\n"
        "namespace b\nfrontend <- none\nwebsite <- frontnd:80\n"
    )
    found = resolve([parse(_file(text)).value]).diagnostics
    places = [one.label.span for one in found if one.rule is UNKNOWN_NAME]
    assert [(place.line, place.column, place.text) for place in places] == [
        (3, 8, "frontnd"),
        (6, 12, "frontnd"),
    ]


def test_each_namespace_says_which_declarations_it_used() -> None:
    text = "cluster\ngroup g = web\nnamespace a\ndb <- g\nnamespace b\ndb <- g\n"
    scopes = gather([parse(_file(text)).value], "default", NO_MEMORY)
    declared = DeclaredNames(scopes, NO_MEMORY)
    for scope in scopes.namespaces.values():
        names = Names(declared)
        resolve_namespace(scope, scopes.cluster, names)
        assert names.used == {("", "g")}
