"""A change of everything: told as far as it was worked out, and never as all."""

import json as standard

from netpolc.analysis.concrete_evaluator import permits
from netpolc.changes.diff import difference
from netpolc.changes.render import json, markdown, text
from netpolc.changes.render.diagnostics import TOO_LARGE, findings
from netpolc.changes.render.size_budget import Page, Section
from tests.changes.changes import side

BEFORE = side("default: deny\n" + "".join(f"s{n} <- client:80\n" for n in range(9)))
AFTER = side("default: deny\nlabel: role\n" + "".join(f"s{n} <- client:80\n" for n in range(9)))


def test_what_is_told_is_right_and_said_not_to_be_all() -> None:
    whole, part = difference(BEFORE, AFTER, most=None), difference(BEFORE, AFTER, most=3)
    assert whole.whole
    assert not part.whole
    assert 0 < len(part.opened) < len(whole.opened)
    for entry in part.opened:
        assert permits(AFTER.policies, entry.witness)
        assert not permits(BEFORE.policies, entry.witness)
    assert not part.rewordings
    assert difference(BEFORE, BEFORE, most=0).whole


def test_every_form_says_so() -> None:
    whole, part = difference(BEFORE, AFTER, most=None), difference(BEFORE, AFTER, most=3)
    for render in (text.render, markdown.render):
        assert "too many changes" in render(part)
        assert "too many changes" not in render(whole)
    assert [standard.loads(json.render(one))["whole"] for one in (whole, part)] == [True, False]
    assert [TOO_LARGE in {one.rule for one in findings(some)} for some in (whole, part)] == [
        False,
        True,
    ]


def test_a_partial_difference_calls_only_assertions_rewordings() -> None:
    """What else a statement opens may be in the part that was not computed."""
    before = side("db <- api:1, web:1\nx <- {app=y}:3\nnever db <- z\n")
    after = side("db <- ns *:2, ns q:3\nx <- y:3\nnever db <- w:9\n")
    texts = {
        most: [one.after.statement for one in found.rewordings if one.after is not None]
        for most in (None, 1)
        if (found := difference(before, after, most=most))
    }
    assert texts == {None: ["x <- y:3", "never db <- w:9"], 1: ["never db <- w:9"]}


def test_a_section_that_is_left_out_takes_no_room() -> None:
    bare, page = Page(1000), Page(1000)
    page.add(Section(title=("a",), summary="b", blocks=()))
    line = "x" * 99
    assert bare.put([line])
    assert page.put([line])
    assert not page.put([line])
