"""The two ways to read a plain line give the same node, spans included."""

import re
from importlib.resources import files

from hypothesis import given

from netpolc.source import SourceFile
from netpolc.syntax.grammar import Failure, parse_line
from netpolc.syntax.lines import Line, cut
from netpolc.syntax.quick import plain_node
from netpolc.syntax.statements import Node, build
from netpolc.syntax.words import WORD
from tests.reference import strategies
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.syntax.lines import arrows, soup


def _by_grammar(line: Line, source: SourceFile) -> Node | None:
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
            assert repr(quick) == repr(_by_grammar(line, source)), line.text
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


def test_words_are_the_grammar_s() -> None:
    grammar = files("netpolc.grammar").joinpath("intent.lark").read_text(encoding="utf-8")
    terminal = re.search(r"^WORD:\s*/(.*)/$", grammar, re.MULTILINE)
    assert terminal is not None
    assert terminal.group(1) == WORD
