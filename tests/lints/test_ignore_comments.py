"""Comments that silence findings, and the findings about such comments."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.commands.pipeline import run
from netpolc.diagnostics import Severity
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.lints.ignore_comments import _ByPlace, _Ignore
from netpolc.lints.lint_settings import LintSettings
from netpolc.source import NOWHERE, SourceFile

OPTIONS = Options(today=date(2027, 1, 1))
REDUNDANT = "namespace shop\ndb <- api\ndb <- api:80{end}\nweb <- db\n"
UNUSED, INVALID = "NP690", "NP691"
PLAIN = ["NP604"]


def codes(intents: str = "", manifests: str = "", options: Options = OPTIONS) -> list[str]:
    """The codes of the findings of a run, apart from notes about pods that no policy covers."""
    sources = Sources(
        intents=(SourceFile("a.intent", intents),) if intents else (),
        manifests=(SourceFile("m.yaml", manifests),) if manifests else (),
    )
    found = run(sources, options).diagnostics
    return sorted(one.rule.code for one in found if one.rule.code != "NP601")


@pytest.mark.parametrize(
    "end",
    [
        "   # netpolc: ignore[NP604] old client",
        "   #netpolc: ignore[redundant-arrow] old client",
        " # netpolc: ignore[NP605, NP604] old client",
    ],
)
def test_a_comment_at_the_end_of_a_statement_silences_its_finding(end: str) -> None:
    assert codes(REDUNDANT.format(end="")) == PLAIN
    assert codes(REDUNDANT.format(end=end)) == []


def test_a_comment_on_the_line_above_silences_too() -> None:
    text = REDUNDANT.format(end="")
    comment = "# netpolc: ignore[NP604] old client\n# and more about it\n"
    assert codes(text.replace("db <- api:80", comment + "db <- api:80")) == []


def test_a_comment_inside_a_statement_of_several_lines_silences_it() -> None:
    text = "namespace shop\ndb <- api, web\ndb <- api:80, # netpolc: ignore[NP604] old client\n  web:80\n"
    assert codes(text) == []


@pytest.mark.parametrize(
    ("word", "message", "advice"),
    [
        ("NP605", "there is no finding of `NP605` here", "remove the comment"),
        ("np604", "`np604` is not the code or name of a rule", "did you mean `NP604`?"),
        ("604", "`604` is not the code or name of a rule", "did you mean `NP604`?"),
        ("redundant-arow", "`redundant-arow` is not the", "did you mean `redundant-arrow`?"),
        ("NP64", "`NP64` is not the code", "codes that begin with it: `NP640`, "),
        ("NP605, unused", "`unused` is not the code", "`netpolc explain` lists the rules"),
        ("NP501", "`NP501` is an error, which cannot be silenced", "remove the comment"),
        ("NP603", "`NP603` cannot be silenced or given another level", "remove the comment"),
    ],
)
def test_a_comment_without_use_says_which_rule_was_perhaps_meant(
    word: str, message: str, advice: str
) -> None:
    text = f"namespace shop\ndefault: deny\ndb <- api:80   # netpolc: ignore[{word}] old client\n"
    sources = Sources(intents=(SourceFile("a.intent", text),))
    (finding,) = run(sources, OPTIONS).diagnostics
    assert finding.rule.code == UNUSED
    assert finding.message.startswith(f"the comment silences nothing: {message}")
    assert finding.help.startswith(advice)


def test_a_comment_at_another_statement_silences_nothing_and_is_a_finding() -> None:
    text = REDUNDANT.format(end="") + "x <- y   # netpolc: ignore[NP604] old client\n"
    assert codes(text) == [*PLAIN, UNUSED]


def test_quoted_text_is_not_a_comment() -> None:
    text = 'namespace shop\ndb <- api because "# netpolc: ignore[NP604] x"\ndb <- api:80\n'
    assert codes(text) == PLAIN


@pytest.mark.parametrize("end", [" # netpolc: ignore", " # netpolc: ignore[] why"])
def test_a_comment_without_rules_is_a_finding(end: str) -> None:
    assert codes(REDUNDANT.format(end=end)) == [*PLAIN, INVALID]


def test_a_comment_without_a_reason_silences_and_is_a_finding() -> None:
    assert codes(REDUNDANT.format(end=" # netpolc: ignore[NP604]")) == [INVALID]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("never db <- api", "NP501"),
        ("db <- 10.0.0.1/8", "NP116"),
        ("db <- nope in ns typo:x/y", "NP118"),
    ],
)
def test_errors_and_refuted_assertions_cannot_be_silenced(line: str, code: str) -> None:
    text = REDUNDANT.format(end="") + f"{line} # netpolc: ignore[{code}] please\n"
    assert code in codes(text)


def test_an_expired_arrow_cannot_be_silenced() -> None:
    text = "namespace shop\ndb <- api until 2026-01-01 # netpolc: ignore[NP610, NP603] later\n"
    assert (
        len(codes(text, options=replace(OPTIONS, checking=True)))
        == len(codes(text.partition(" #")[0], options=replace(OPTIONS, checking=True))) + 1
    )  # The comment is unused.


def test_strict_does_not_raise_what_is_silenced() -> None:
    text = REDUNDANT.format(end=" # netpolc: ignore[NP604] old client")
    assert codes(text, options=replace(OPTIONS, strict=True)) == []


POLICY = """\
{above}apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: a, namespace: shop}}
spec:
  podSelector: {{matchLabels: {{app: db}}}}
  policyTypes: [Ingress]
  ingress:
  - from:
    - ipBlock: {{cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.1.0.0/16]}}{end}
"""


def test_a_comment_in_a_manifest_silences_its_line_or_its_document() -> None:
    plain = codes(manifests=POLICY.format(above="", end=""))
    assert plain
    rules = ", ".join(sorted(set(plain)))
    comment = f"# netpolc: ignore[{rules}] generated elsewhere"
    assert codes(manifests=POLICY.format(above=comment + "\n", end="")) == []
    other = (
        POLICY.format(above="", end="")
        + "---\n"
        + POLICY.format(above="", end="").replace("name: a", "name: b")
    )
    assert all(codes(manifests=comment + "\n" + other).count(code) == 1 for code in plain)


def test_text_in_a_block_scalar_of_a_manifest_is_not_a_comment() -> None:
    config = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
        "data:\n  x: |\n    # netpolc: ignore[NP604] no comment\n"
    )
    assert UNUSED not in codes(manifests=config + "---\n" + POLICY.format(above="", end=""))


@pytest.mark.parametrize(
    "lint",
    [
        LintSettings(ignore=frozenset({"NP604"})),
        LintSettings(ignore=frozenset({"redundant-arrow"})),
        LintSettings(select=frozenset({"NP605"})),
        LintSettings(levels={"NP604": None}),
        LintSettings(paths={"*.intent": frozenset({"NP604"})}),
    ],
)
def test_settings_silence(lint: LintSettings) -> None:
    assert codes(REDUNDANT.format(end=""), options=replace(OPTIONS, lint=lint)) == []


def test_a_level_replaces_the_severity_of_a_rule() -> None:
    lint = LintSettings(levels={"redundant-arrow": Severity.ERROR})
    sources = Sources(intents=(SourceFile("a.intent", REDUNDANT.format(end="")),))
    found = run(sources, replace(OPTIONS, lint=lint))
    assert found.failed
    lint = LintSettings(levels={"redundant-arrow": Severity.NOTE})
    found = run(sources, replace(OPTIONS, lint=lint, strict=True))
    assert [one.severity for one in found.diagnostics if one.rule.code == "NP604"] == [
        Severity.NOTE
    ]


def test_paths_of_settings_match_folders() -> None:
    lint = LintSettings(paths={"legacy/": frozenset({"NP604"})})
    for path, silent in (("legacy/deep/a.intent", True), ("other/a.intent", False)):
        sources = Sources(intents=(SourceFile(path, REDUNDANT.format(end="")),))
        found = run(sources, replace(OPTIONS, lint=lint)).diagnostics
        assert ("NP604" in {one.rule.code for one in found}) is not silent


def test_intents_from_standard_input_are_read_as_intents() -> None:
    text = REDUNDANT.format(end=' because "a: b: [" # netpolc: ignore[NP604] old client')
    sources = Sources(intents=(SourceFile("<stdin>", text),))
    found = {one.rule.code for one in run(sources, OPTIONS).diagnostics}
    assert found.isdisjoint({"NP604", UNUSED})


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(-1, 12)), max_size=12), st.integers(0, 40)
)
def test_comments_are_found_by_what_they_cover(drawn: list[tuple[int, int]], offset: int) -> None:
    ignores = [
        _Ignore(span=NOWHERE, rules=frozenset(), reason="", start=start, end=start + length)
        for start, length in drawn
    ]
    covering = [each for each in ignores if each.start <= offset <= each.end]
    around = list(_ByPlace(ignores).around(offset))
    assert {id(each) for each in covering} <= {id(each) for each in around}
    assert len(around) == len({id(each) for each in around})
