"""What a finding proposes is right itself: applying a fix mends the line."""

from pathlib import Path

import pytest

from netpolc.diagnostics import Diagnostic, Fix
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from tests.literate import blocks

_FIXED = [
    ("db <- api in payments:5432", "db <- api in ns payments:5432"),
    ("db <- api in {env=dev}", "db <- api in ns {env=dev}"),
    ("db <- payments/api:5432", "db <- api in ns payments:5432"),
    ("db <- api@payments", "db <- api in ns payments"),
    ("db <- namespace monitoring", "db <- ns monitoring"),
    ("db <- api in namespace x", "db <- api in ns x"),
    ("db <- ns:monitoring", "db <- ns monitoring"),
    ("db <- api:5432, 5433", "db <- api:[5432, 5433]"),
    ("db <- api:[80, 81], 443, 8000-9000, web", "db <- api:[80, 81, 443, 8000-9000], web"),
    ("db <- api:80:90", "db <- api:[80, 90]"),
    ("db <- a:80:90", "db <- a:[80, 90]"),
    ("db <- api:5432 in ns x, web", "db <- api in ns x:5432, web"),
    ("db <- api:[80, 443] in x", "db <- api in ns x:[80, 443]"),
    ("db <- {a=b}:80 in ns {c=d}", "db <- {a=b} in ns {c=d}:80"),
    ("db <- 10.0.0.0/8:443 except 10.1.0.0/16", "db <- 10.0.0.0/8 except 10.1.0.0/16:443"),
    ("db <- 10.0.0.1:80", "db <- 10.0.0.1/32:80"),
    ("db <- ::1", "db <- ::1/128"),
    ("db <- 10.0.0.1/8", "db <- 10.0.0.0/8"),
    ("db <- ::ffff:10.0.0.0/104", "db <- 10.0.0.0/8"),
    ("db <- api:90-80/udp", "db <- api:80-90/udp"),
    ("db <- api:80 - 90", "db <- api:80-90"),
    ("db <- api:udp/53", "db <- api:53/udp"),
    ("db <- api:53/UDP", "db <- api:53/udp"),
    ("db <- default", 'db <- "default"'),
    ("group <- api", '"group" <- api'),
    ("defualt: deny", "default: deny"),
    ("default deny", "default: deny"),
    ("default = deny", "default: deny"),
    ("default: deny ingres", "default: deny ingress"),
    ("namespace: shop", "namespace shop"),
    ("namspace shop", "namespace shop"),
    ("ns shop", "namespace shop"),
    ("namespace shop env=dev, team=a", "namespace shop {env=dev, team=a}"),
    ("servce db = {a=b}", "service db = {a=b}"),
    ("db = {a=b}", "service db = {a=b}"),
    ("db = api", "db <- api"),
    ("db => api", "db -> api"),
    ("db <-- api", "db <- api"),
    ("db ← api", "db <- api"),
    ("db <- api\uff0c web", "db <- api, web"),
    ("db <- app=api:80", "db <- {app=api}:80"),
    ("db <- a.b/c=api, web", "db <- {a.b/c=api}, web"),
    ("app=db <- api", "{app=db} <- api"),
    ("db <- api because 'x'", 'db <- api because "x"'),
    ("db <- api because OPS-7 it is", 'db <- api because "OPS-7 it is"'),
    ("db <- {a,}", "db <- {a}"),
    ("db <- any in ns x:80", "db <- ns x:80"),
    ("db <- web from ns x:80", "db <- web in ns x:80"),
    ("db from api:5432", "db <- api:5432"),
    ("db <- {app not in (a, b)}", "db <- {app notin (a, b)}"),
    ("{app: db} <- api", "{app=db} <- api"),
    ("db <- {a in (b), c:d}:80", "db <- {a in (b), c=d}:80"),
    ("db <- api:(80, 81)", "db <- api:[80, 81]"),
    ("[app=db] <- api", "{app=db} <- api"),
    ("group f = [web, api:80]", "group f = web, api:80"),
    ("default: deny ingress, egress", "default: deny ingress egress"),
]


def _applied(text: str, fix: Fix) -> str:
    return text[: fix.span.start] + fix.replacement + text[fix.span.end :]


@pytest.mark.parametrize(("wrong", "right"), _FIXED, ids=[wrong for wrong, _ in _FIXED])
def test_fix(wrong: str, right: str) -> None:
    (found,) = parse(SourceFile("x", wrong)).diagnostics
    assert _applied(wrong, found.fixes[0]) == right
    assert not parse(SourceFile("x", right)).diagnostics


def _safe_fixes() -> list[tuple[str, Diagnostic, Fix]]:
    """Every safe fix of every wrong line of the specification."""
    texts = [
        text.partition("# error")[0].rstrip()
        for page in sorted((Path(__file__).parents[1] / "spec").glob("*.md"))
        for block in blocks(page)
        for text in block.text.splitlines()
        if "# error" in text
    ]
    return [
        (text, found, fix)
        for text in texts
        for found in parse(SourceFile("x", text)).diagnostics
        for fix in found.fixes
        if fix.safe
    ]


@pytest.mark.parametrize(("text", "found", "fix"), _safe_fixes(), ids=lambda value: str(value)[:40])
def test_a_safe_fix_leaves_nothing_wrong(text: str, found: Diagnostic, fix: Fix) -> None:
    assert not parse(SourceFile("x", _applied(text, fix))).diagnostics, found.message
