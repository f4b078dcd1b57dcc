"""A question is answered from what it is about as from everything."""

from datetime import date
from functools import partial

import pytest
from hypothesis import event, given, note
from hypothesis import strategies as st

from netpolc.analysis.explain_query import Reply
from netpolc.analysis.query import EndOfQuestion
from netpolc.commands.can import Asked, ask, narrowed
from netpolc.commands.pipeline import run, understand
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile
from netpolc.syntax.formatter import statement_text
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import ArrowStatement
from tests.reference.printing import to_text
from tests.reference.strategies import programs

OPTIONS = Options(today=date(2026, 1, 1))
SHOP = """\
cluster
group everyone = ns *
group team = api, worker in ns pay
label: app
namespace shop
service db = {app=postgres}
db <- team:5432
namespace pay
default: deny
db <- api in ns shop:1
namespace other
api <- team
"""


@given(st.data())
def test_the_rest_of_a_program_decides_nothing(data: st.DataObject) -> None:
    program = data.draw(programs())
    files = tuple(SourceFile(name, text) for name, text in to_text(program).items())
    sections = [section for file in files for section in parse(file).value.sections]
    arrows = [
        statement_text(statement).partition(" until ")[0].partition(" because ")[0]
        for section in sections
        for statement in section.statements
        if isinstance(statement, ArrowStatement)
    ]
    homes = st.sampled_from(sorted({"elsewhere", *program.namespaces}))
    pods = st.builds("{}{}".format, _NAMES, st.just("") | homes.map(" in ns {}".format))
    made = st.builds(
        "{} {} {}{}".format, pods, _ARROWS, pods, st.sampled_from(["", ":80", ":http"])
    )
    question = data.draw(st.one_of(made, *([st.sampled_from(arrows)] if arrows else [])))
    home = data.draw(homes)
    note(question)
    compiled = run(Sources(intents=files), OPTIONS)
    output = tuple(SourceFile(f"out/{path}", text) for path, text in compiled.files.items())
    for sources in (
        Sources(intents=files),
        Sources(intents=files, manifests=output),
        Sources(manifests=output),
        Sources(intents=files[:1], manifests=output),
    ):
        event("less" if _answers_alike(question, home, sources) else "all")


_NAMES = st.sampled_from(["api", "db", "*", "{app=api}", "everyone", "team"])
_ARROWS = st.sampled_from(["<-", "->"])


def _answers_alike(question: str, home: str, sources: Sources) -> bool:
    """Compare answers of a narrowed program and the whole; return whether less was understood."""
    whole = understand(sources, OPTIONS)
    narrow = partial(narrowed, question, home=home, namespace="default")
    part = understand(sources, OPTIONS, narrow=narrow)
    assert len(part.trees) <= len(whole.trees)
    one = ask(question, whole, home=home, namespace="default")
    other = ask(question, part, home=home, namespace="default")
    assert [f.message for f in one.diagnostics] == [f.message for f in other.diagnostics]
    assert list(map(_said, one.value)) == list(map(_said, other.value))
    return part.trees != whole.trees


def _said(asked: Asked) -> tuple[object, ...]:
    """An answer without its examples, which may be others."""
    reply: Reply = asked.reply
    ends: tuple[EndOfQuestion, ...] = (reply.question.sender, reply.question.receiver)
    found = (reply.permitted is None, reply.blocked is None)
    return asked.text, ends, reply.answer, reply.ingress, reply.egress, reply.facts, found


def _narrowed(question: str, home: str) -> set[str]:
    file = SourceFile("a.intent", SHOP)
    trees = [parse(file).value]
    chosen = narrowed(question, trees, home=home, namespace="default")
    if chosen is trees:
        return {"everything"}
    return {
        statement_text(section.header).partition(" ")[2]
        for tree in chosen
        for section in tree.sections
        if section.header is not None
    } - {""}


def test_only_named_namespaces_narrow_a_question() -> None:
    assert _narrowed("db <- api:1", "shop") == {"shop"}
    assert _narrowed("db in ns pay <- api:1", "shop") == {"shop", "pay"}
    assert _narrowed("db <- team:1", "shop") == {"shop", "pay"}
    assert _narrowed("db <- internet:1", "shop") == {"shop"}
    assert _narrowed("db <- api in ns nowhere:1", "shop") == {"shop"}
    for whole in (
        "db <- 10.0.0.0/8:1",
        "db <- any",
        "db <- ns *",
        "db <- everyone:1",
        "db <- ns {a=b}",
        "db <-",
        "db",
    ):
        assert _narrowed(whole, "shop") == {"everything"}


def test_a_block_may_match_pods_of_namespaces_that_the_question_does_not_name() -> None:
    text = "cluster\ndefault: deny egress\ndns: 10.0.0.0/8\nnamespace shop\n* <- dns\n"
    sources = Sources(intents=(SourceFile("a.intent", text),))
    assert _answers_alike("* <- dns", "elsewhere", sources) is False


def test_what_the_rest_uses_is_not_called_unused() -> None:
    files = (SourceFile("a.intent", SHOP + "namespace shop\nservice far = {a=b}\n"),)
    sources = Sources(
        intents=(*files, SourceFile("b.intent", "namespace z\nx <- far in ns shop\n"))
    )
    narrow = partial(narrowed, "db <- api:1", home="shop", namespace="default")
    kinds = {found.rule.name for found in understand(sources, OPTIONS, narrow=narrow).diagnostics}
    assert kinds == set()


def test_a_broken_file_is_told_whatever_the_question() -> None:
    files = (SourceFile("a.intent", SHOP), SourceFile("b.intent", "namespace z\nx <-\n"))
    narrow = partial(narrowed, "db <- api:1", home="shop", namespace="default")
    assert understand(Sources(intents=files), OPTIONS, narrow=narrow).failed


@pytest.mark.parametrize(
    ("intents", "question"),
    [
        (
            (
                "namespace pay\nlabel: tier\napi <- web:80\n"
                "namespace shop\ndefault: deny\nx <- api in ns pay:80\n"
            ),
            "x in ns shop <- web in ns shop:80",
        ),
        (
            (
                "namespace shop\ndefault: deny ingress egress\ndns: db in ns pay\napi <- web:1\n"
                "namespace pay\nservice db = {app=postgres, x=y}\ndb <- *\nnamespace other\napi <- *\n"
            ),
            "api -> api in ns other:80",
        ),
    ],
)
def test_names_of_namespaces_that_only_peers_name_keep_their_meaning(
    intents: str, question: str
) -> None:
    assert _answers_alike(question, "shop", Sources(intents=(SourceFile("a.intent", intents),)))
