"""A difference as findings: each entry at the statement that makes it, for every platform."""

import json
from dataclasses import replace

from hypothesis import given, settings

from netpolc.changes.model import Cause, Difference, Effect, Risk
from netpolc.changes.render.diagnostics import findings
from netpolc.diagnostics import Severity
from netpolc.diagnostics.render import github, gitlab, in_order, sarif
from netpolc.provenance import CLAIMS, StatementKind
from tests.changes.strategies import differences
from tests.changes.written import change, entry, isolation, origin, shop, tcp

BOTH = "opened on every port, egress opened to everything"


def test_each_entry_stands_at_the_statement_that_makes_it() -> None:
    said = [
        (found.rule.name, found.label.span.path, found.label.span.line, found.message)
        for found in in_order(findings(shop()))
        if found.label.span.path.startswith("intents/shop")
    ]
    assert said == [
        (
            "connection-opened",
            "intents/shop/db.intent",
            4,
            "`db <- migrator:5432` is opened in namespace `shop`",
        ),
        (
            "connection-closed",
            "intents/shop/db.intent",
            4,
            "`db <- legacy:5432` is closed in namespace `shop`",
        ),
        (
            "risky-opening",
            "intents/shop/web.intent",
            9,
            "`web <- internet:443` is opened in namespace `shop` (opened to public addresses)",
        ),
        ("isolation-changed", "intents/shop/web.intent", 9, "`web` was open to all, now closed"),
        (
            "risky-opening",
            "intents/shop/web.intent",
            12,
            f"`web -> any` is opened in namespace `shop` ({BOTH})",
        ),
    ]


def test_what_is_removed_is_told_at_what_decides_now() -> None:
    gone = change(origin("a.intent", 7, "db <- api:80"), None)
    default = origin("b.intent", 2, "default: deny")
    closed = entry(Effect.CLOSED, "db", [("api", tcp(80))], causes=(gone,))
    (alone,) = findings(
        Difference(before="", after="", causes=(Cause(statements=(gone,), entries=(closed,)),))
    )
    # Nothing stands there any more: `closing` of the example is the removed statement itself.
    assert alone.others[-1].text == "removed, was on line 7: `db <- api:80`"
    lost = isolation(
        Effect.OPENED, "db", "`db` was closed, now open", risks=(Risk.DEFAULT_REMOVED,)
    )
    (alone,) = findings(
        Difference(before="", after="", causes=(Cause(statements=(gone,), isolations=(lost,)),))
    )
    assert (alone.label.span.path, alone.label.span.start) == ("a.intent", 0)
    assert alone.severity is Severity.WARNING
    kept = isolation(Effect.CLOSED, "db", "`db` was open, now closed")
    kept = replace(kept, after=(default,))
    (alone,) = findings(
        Difference(before="", after="", causes=(Cause(statements=(gone,), isolations=(kept,)),))
    )
    assert (alone.label.span.path, alone.label.span.line) == ("b.intent", 2)
    assert alone.others[0].text == "removed, was on line 7: `db <- api:80`"


def test_an_assertion_that_is_gone_is_reported_and_a_new_one_is_not() -> None:
    gone = change(origin("sec.intent", 3, "never db <- internet"), None, StatementKind.ASSERTION)
    new = change(None, origin("sec.intent", 4, "only db <- api:5432"), StatementKind.ASSERTION)
    other = change(
        origin("a", 1, "never a <- b"), origin("a", 2, "never a <- c"), StatementKind.ASSERTION
    )
    found = list(findings(Difference(before="", after="", rewordings=(gone, new, other))))
    assert [(one.severity, one.message) for one in found] == [
        (Severity.WARNING, "`never db <- internet` is no longer asserted"),
        (Severity.WARNING, "`never a <- b` is no longer asserted; it is now `never a <- c`"),
    ]
    assert found[1].label.span.line == 2


@settings(max_examples=30, deadline=None)
@given(differences)
def test_every_platform_is_told_of_each_entry_once(difference: Difference) -> None:
    found = list(findings(difference))
    lost = sum(o.what in CLAIMS and o.before is not None for o in difference.rewordings)
    assert len(found) == len(difference.entries) + len(difference.isolations) + lost
    risky = sum(bool(one.risks) for one in difference.entries)
    risky += sum(bool(one.risks) for one in difference.isolations)
    assert sum(one.severity is Severity.WARNING for one in found) == risky + lost
    assert not any(one.severity is Severity.ERROR for one in found)
    assert len({entry["fingerprint"] for entry in json.loads(gitlab.render(found))}) == len(found)
    (run,) = json.loads(sarif.render(found, command="diff"))["runs"]
    assert len(run["results"]) == len(found)
    lines = github.render(found).splitlines()
    assert len([line for line in lines if " file=" in line]) == len(found)
