"""A parse depends on the kinds of tokens alone, and the table of common shapes is lark's."""

import re
import runpy
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.source import SourceFile, Span
from netpolc.syntax.grammar import parsed, plan_of
from netpolc.syntax.keywords import KEYWORDS
from netpolc.syntax.logical_lines import cut
from netpolc.syntax.parser import parse
from netpolc.syntax.shape_table import known_plan
from netpolc.syntax.statement_builder import statement
from netpolc.syntax.tokens import Tokens
from tests.reference import strategies
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.syntax.lines import arrows, broken, files, others, soup, usual

_ROOT = Path(__file__).parents[2]
_SKELETONS: dict[str, object] = {}
"""By its shape, the tree of the first line that was met; the others must have the same."""


def _skeleton(value: Any, starts: dict[int, int], ends: dict[int, int]) -> object:
    """The nodes of a tree without their texts; places are numbers of tokens."""
    if isinstance(value, Span):
        is_empty = value.start == value.end  # The value of `{key=}`.
        return None if is_empty else starts[value.start], ends[value.end]
    if isinstance(value, tuple):
        return [_skeleton(part, starts, ends) for part in value]
    if not is_dataclass(value) or type(value).__name__ in {"Block", "Comments"}:
        return None
    name = type(value).__name__
    names = [one.name for one in fields(value) if one.name not in {"within", "at"}]
    names += ["span"] if hasattr(value, "at") else []
    parts = [_skeleton(getattr(value, each), starts, ends) for each in names]
    return "Port" if name.endswith("Port") else name, [part for part in parts if part is not None]


def _check(texts: Iterable[str]) -> set[str]:
    """Hold lines against others of their shape, and plans against a fresh parse; the shapes."""
    shapes: set[str] = set()
    for source in (SourceFile("test.intent", text) for text in texts):
        for line in cut(source.text)[0]:
            tokens = Tokens(line.text, source, line.start)
            shapes.add(tokens.shape)
            built = None if line.unclosed is not None else statement(tokens, line.comments)
            if built is None or built[0] is None:
                continue
            offsets = tokens.offsets
            starts = {offsets[i]: i for i in range(1, len(offsets) - 1, 2)}
            ends = {offsets[i + 1]: i for i in range(1, len(offsets) - 1, 2)}
            skeleton = _skeleton(built[0], starts, ends)
            assert _SKELETONS.setdefault(tokens.shape, skeleton) == skeleton, line.text
    for shape in shapes:
        assert plan_of(shape) == parsed(shape)
    return shapes


@given(st.one_of(arrows(), usual(), others(), files(), soup()))
def test_drawn_lines_of_one_shape_have_one_tree(text: str) -> None:
    _check([text])


@given(st.one_of(arrows(), usual(), others()).flatmap(broken))
def test_nearly_right_lines_of_one_shape_have_one_tree(text: str) -> None:
    _check([text])


@given(strategies.programs())
def test_programs_have_one_tree_for_a_shape(program: Program) -> None:
    _check(to_text(program).values())


@cache
def _written() -> tuple[str, ...]:
    """The repository's intents, and the examples of its pages."""
    pages = sorted((*_ROOT.glob("docs/**/*.md"), *_ROOT.glob("grammar/*.md")))
    fenced = re.compile(r"```intent[^\n]*\n(.*?)```", re.DOTALL)
    texts = [text for page in pages for text in fenced.findall(page.read_text("utf-8"))]
    return *texts, *(path.read_text("utf-8") for path in sorted(_ROOT.glob("intents/**/*.intent")))


def test_written_lines_of_one_shape_have_one_tree() -> None:
    assert len(_check(_written())) > 50


def test_the_lines_of_the_bench_are_in_the_table() -> None:
    bench = runpy.run_path(str(_ROOT / "benchmarks" / "make_workload.py"))
    organisation = bench["Organisation"](namespaces=10, services=20, seed=1)
    lines = [
        bench["intent_line"](service, rule)
        for _, services in organisation.walk()
        for service in services
        for rule in service.rules
    ]
    shapes = _check(lines)
    assert len(shapes) > 30
    assert all(map(known_plan, shapes))


def test_the_table_is_what_lark_says_today() -> None:
    """`make grammar` writes it anew."""
    make = runpy.run_path(str(_ROOT / "grammar" / "make_shapes.py"))
    assert make["TABLE"].read_text(encoding="ascii") == make["table_text"]()


@pytest.mark.parametrize("word", sorted(KEYWORDS))
def test_a_keyword_is_a_name_where_it_cannot_be_meant(word: str) -> None:
    text = (
        f"namespace {word} {{{word}={word}}}\n"
        f"db <- {{{word} in ({word}), !{word}}} in ns {word}:[{word}], ns {word}:{word}/udp\n"
        f"label: {word}\n"
    )
    outcome = parse(SourceFile("x", text))
    assert not outcome.diagnostics
    assert len(outcome.value.sections[0].statements) == 2


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("db <- shop/api", "/"),
        ("db <- api-:80", "-"),
        ("db <- api::80", ":"),
        ("dns ::/0", ":"),
        ("db <- {a=b/c}", "/"),
        ("db <- {a=10.0.0.0/8}", "/"),
        ("db <- api:80/tcp/x", "/"),
        ("service a == {b=c}", "="),
        ("db <- {!=a}", "="),
        ("db <- ns/x", "/"),
        ("db <- api:80:443", ":"),
    ],
)
def test_of_a_token_that_fits_in_part_the_rest_is_wrong(text: str, what: str) -> None:
    from netpolc.syntax.syntax_errors import failure_of  # noqa: PLC0415 - nobody else imports it

    source = SourceFile("x", text)
    (line,), _ = cut(text)
    failure = failure_of(line, Tokens(text, source, 0))
    assert text[failure.start] == what


def test_ipv6_blocks_need_no_space_before_them() -> None:
    text = "cluster\npods:::/0\nnodes:fd00::/8\nservices :::/0\nnamespace a\ndb<-::/0,::1/128:80\n"
    assert not parse(SourceFile("x", text)).diagnostics
