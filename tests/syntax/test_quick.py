"""The two ways to read a plain line give the same node, spans included."""

import copy
import pickle
import re
from dataclasses import FrozenInstanceError, replace
from importlib.resources import files

import pytest
from hypothesis import given

from netpolc.source import SourceFile
from netpolc.syntax.formatter import statement_text
from netpolc.syntax.grammar import Failure, parse_line
from netpolc.syntax.keywords import WORD
from netpolc.syntax.logical_lines import Line, cut
from netpolc.syntax.quick import plain_node
from netpolc.syntax.statements import Node, build
from netpolc.syntax.tree import ArrowStatement
from tests.reference import strategies
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.syntax.lines import arrows, soup


def by_grammar(line: Line, source: SourceFile) -> Node | None:
    """What the grammar makes of a line; None where anything is wrong with it."""
    parsed = parse_line(line.text)
    if isinstance(parsed, Failure):
        return None
    return build(parsed, source, line.start, line.comments)[0]


def _check(text: str) -> int:
    """Compare the two ways on every line of a text; how many lines were plain."""
    source = SourceFile("test.intent", text)
    plain = 0
    for line in cut(text)[0]:
        if line.unclosed is None and (quick := plain_node(line, source)) is not None:
            # Equality of nodes leaves spans out of account; their representation does not.
            proper = by_grammar(line, source)
            said = statement_text(quick)  # Before anybody has looked at its parts.
            assert repr(quick) == repr(proper), line.text
            assert proper is not None
            assert said == statement_text(proper)
            plain += 1
    return plain


@given(arrows(plain=True))
def test_plain_arrows(text: str) -> None:
    _check(text)


@given(arrows())
def test_all_arrows(text: str) -> None:
    _check(text)


@given(soup())
def test_soup(text: str) -> None:
    _check(text)


@given(strategies.programs())
def test_programs(program: Program) -> None:
    for text in to_text(program).values():
        _check(text)


def test_the_common_lines_are_plain() -> None:
    text = """
        namespace shop
        db <- api
        * -> api.v1:5432
        db<-api:[80,443/tcp, 8080-8090 ,53/udp, metrics,*]
        db <- ns monitoring:9187, api in ns payments, * in ns default:*
        db <- 10.0.0.0/8:443, 2001:db8::/32:443
        db <- 10.0.0.0/8 except 10.1.0.0/16:443, api
        db <- 10.0.0.0/8 except [10.1.0.0/16 , 10.2.0.0/16], web
        db <- api,
              web
        default: deny
        default:deny ingress   egress
        default : allow
    """
    assert _check(text) == len(cut(text)[0])


def test_lines_that_are_not_surely_right_are_left_to_the_grammar() -> None:
    text = """
        db <- any
        db <- default
        db <- 80
        db <- api:80, 443
        db <- 10.0.0.1
        db <- 10.0.0.1/8
        db <- 10.0.0.0/8 except 10.1.0.0/16, 10.2.0.0/16
        db <- 10.0.0.0/8 except 11.0.0.0/16
        db <- api:99999
        db <- api:tcp/80
        db <- api_
        db <- ns Shop
        namespace Shop
        db <- api extra
        db <- api because "x"
        db, web <- api
        default: deny ingress ingress
        default: allow egress
        default: denied
        default: deny both
    """
    assert _check(text) == 0


def _plain(text: str) -> ArrowStatement:
    node = plain_node(cut(text)[0][0], SourceFile("test.intent", text))
    assert isinstance(node, ArrowStatement)
    assert node.plain is not None
    return node


def test_what_is_changed_is_plain_no_more() -> None:
    """`replace` must not keep what the pattern found beside parts that say something else."""
    node, other = _plain("db <- api:5432"), _plain("cache -> web")
    changed = replace(node, connection=other.connection)
    assert changed.plain is None
    assert statement_text(changed) == "cache -> web"
    assert replace(node) == node


def test_an_arrow_that_nobody_looked_at_is_a_value_as_any() -> None:
    text = "db <- api:5432 # why"
    assert _plain(text) == _plain(text)
    assert hash(_plain(text)) == hash(_plain(text))
    assert pickle.loads(pickle.dumps(_plain(text))) == _plain(text)  # noqa: S301
    assert copy.copy(_plain(text)) == _plain(text)
    assert copy.deepcopy(_plain(text)).comments.after == "# why"
    with pytest.raises(AttributeError):
        _plain(text).colour  # noqa: B018
    with pytest.raises(FrozenInstanceError):
        _plain(text).plain = None  # type: ignore[misc]


def test_lines_with_comments_inside_are_left_to_the_grammar() -> None:
    """Their text stands nowhere in the file as it is, so its parts could not be found again."""
    text = "db <- api, # first\n      web:80"
    assert plain_node(cut(text)[0][0], SourceFile("test.intent", text)) is None


def test_words_are_the_grammar_s() -> None:
    grammar = files("netpolc.grammar").joinpath("intent.lark").read_text(encoding="utf-8")
    terminal = re.search(r"^WORD:\s*/(.*)/$", grammar, re.MULTILINE)
    assert terminal is not None
    assert terminal.group(1) == WORD
