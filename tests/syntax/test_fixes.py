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
    ("db <- [fd00::1]:443", "db <- fd00::1/128:443"),
    ("db <- web, [fd00::1]:[80, 443]", "db <- web, fd00::1/128:[80, 443]"),
    ("db <- 10.0.0.0/8, except 10.1.0.0/16:80", "db <- 10.0.0.0/8 except 10.1.0.0/16:80"),
    ("db <- fd00::/8 , except [fd00::/16]", "db <- fd00::/8 except [fd00::/16]"),
    ("db <- 10.0.0.1/8", "db <- 10.0.0.0/8"),
    ("db <- 10.0.0.0/255.0.0.0:80", "db <- 10.0.0.0/8:80"),
    ("db <- 10.0.0.0/0.0.0.255", "db <- 10.0.0.0/24"),
    ("db <- 10.0.0.7/255.255.255.255", "db <- 10.0.0.7/32"),
    ("db <- 10.0.0.0/8 except 10.1.0.0/255.255.0.0", "db <- 10.0.0.0/8 except 10.1.0.0/16"),
    ("dns: off", "dns: none"),
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
    ("default: deny all", "default: deny ingress egress"),
    ("default: drop", "default: deny"),
    ("mirror: true", "mirror: yes"),
    ("- db <- api", " db <- api"),
    ("2. db <- api", " db <- api"),
    ("db <- {app in [a, b]}", "db <- {app in (a, b)}"),
    ("db <- {app=db && tier=x}", "db <- {app=db , tier=x}"),
    ("db <- api and web", "db <- api , web"),
    ("db <- api 5432", "db <- api :5432"),
    ("db <- api port 53/udp", "db <- api :53/udp"),
    ("db <- api:tcp:80", "db <- api:80/tcp"),
    ("db <- api:TCP", "db <- api:*/tcp"),
    ("db <- api:Metrics", "db <- api:metrics"),
    ("db <- api;", "db <- api"),
    ("db <- api,, web", "db <- api, web"),
    ("group f: web, api", "group f = web, api"),
    ("service db = app=postgres", "service db = {app=postgres}"),
    ("namespace My_Shop", "namespace my-shop"),
    ("db <- \u0430pi", "db <- api"),
]

_SEVERAL = [
    ("db => api because OPS-7", ["NP108", "NP127"]),
    ("db <- payments/api, x/y, web in z", ["NP111", "NP111", "NP111"]),
    ("app=db <- api:(80, 81)", ["NP126", "NP112"]),
    ("db \u2190 api 80, web in shop", ["NP105", "NP101", "NP111"]),
    ("db <- {app: db, x: y} because 'x'", ["NP101", "NP101", "NP127"]),
]


@pytest.mark.parametrize(("text", "codes"), _SEVERAL, ids=[text for text, _ in _SEVERAL])
def test_every_slip_of_a_line_is_reported_in_its_place(text: str, codes: list[str]) -> None:
    found = parse(SourceFile("x", f"web <- api\n{text}")).diagnostics
    assert [one.rule.code for one in found] == codes
    for one in reversed(found):
        (fix,) = one.fixes
        assert fix.span.line == 2
        text = f"web <- api\n{text}"
        text = _applied(text, fix).removeprefix("web <- api\n")
    assert not parse(SourceFile("x", text)).diagnostics


def _applied(text: str, fix: Fix) -> str:
    return text[: fix.span.start] + fix.replacement + text[fix.span.end :]


@pytest.mark.parametrize(("wrong", "right"), _FIXED, ids=[wrong for wrong, _ in _FIXED])
def test_fix(wrong: str, right: str) -> None:
    (found,) = parse(SourceFile("x", wrong)).diagnostics
    assert _applied(wrong, found.fixes[0]) == right
    assert not parse(SourceFile("x", right)).diagnostics


@pytest.mark.parametrize(
    ("wrong", "message", "advice"),
    [
        ("db <- not api", "a peer cannot be negated", "`{app!=api}`"),
        ("db <- web, not api:80", "a peer cannot be negated", "`{app!=api}`"),
        ("never db <- !api", "a peer cannot be negated", "`{app!=api}`"),
        ("db <- ns *, except ns dev", "only an address block has exceptions", "`{app!=api}`"),
        ("db <- any except api", "only an address block has exceptions", "`{app!=api}`"),
        ("db <- [a, b]:80", "a list of peers has no brackets", "the ports after each peer"),
        ("any <- api", "`any` is a reserved word", "`*` is every pod of the namespace"),
        ("db <- internet in ns x", "`internet` has no namespace", "write `ns x`"),
        ("db <- api, 2001:db8::/32 in ns x:80", "`2001:db8::/32` has no namespace", "write `ns x`"),
    ],
)
def test_what_cannot_be_mended_for_sure_has_no_fix(wrong: str, message: str, advice: str) -> None:
    (found,) = parse(SourceFile("x", wrong)).diagnostics
    assert (found.message, found.fixes) == (message, ())
    assert advice in found.help


def test_an_address_that_may_end_in_a_port_is_mended_on_request_only() -> None:
    (found,) = parse(SourceFile("x", "db <- 2001:db8::1:5432")).diagnostics
    assert "`2001:db8::1:5432/128`" in found.help
    assert "`2001:db8::1/128:5432`" in found.help
    assert not any(fix.safe for fix in found.fixes)


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


@pytest.mark.parametrize(
    ("block", "advice"),
    [
        ("10.0.0.5/255.255.255.0", "write the mask as a number: `/24`"),
        ("10.0.0.0/255.0.255.0", "the mask is the number of leading bits"),
        ("10.0.0.0/0.0.0.0", "the mask is the number of leading bits"),
        ("10.0.0.0/33", "the mask is the number of leading bits"),
    ],
)
def test_a_mask_without_one_meaning_gets_no_fix(block: str, advice: str) -> None:
    (finding,) = parse(SourceFile("a.intent", f"db <- {block}\n")).diagnostics
    assert (finding.rule.code, finding.fixes) == ("NP115", ())
    assert finding.help.startswith(advice)
