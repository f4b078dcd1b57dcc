"""CODEOWNERS, by the examples of GitHub's documentation and its differences from gitignore."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.changes.codeowners import parse_codeowners, written_path

MATCHES = [
    ("*", ["a", "a/b/c.intent"], []),
    ("*.js", ["a.js", "x/y/a.js"], ["a.jsx", "js"]),
    ("/build/logs/", ["build/logs/a", "build/logs/x/y"], ["x/build/logs/a", "build/logs"]),
    ("docs/*", ["docs/getting-started.md"], ["docs/build-app/troubleshooting.md", "x/docs/a"]),
    ("apps/", ["apps/a", "x/apps/a/b"], ["apps", "myapps/a"]),
    ("/docs/", ["docs/a", "docs/x/y"], ["x/docs/a"]),
    ("/scripts/", ["scripts/x"], ["scripts.sh"]),
    ("**/logs", ["logs/a", "build/logs/a", "a/b/logs/c/d", "logs"], ["mylogs/a"]),
    ("/apps/github", ["apps/github", "apps/github/a"], ["apps/github2", "x/apps/github"]),
    ("docs", ["docs", "docs/a", "x/docs/a"], ["docs2", "adocs"]),
    ("intents/shop", ["intents/shop/db.intent"], ["x/intents/shop/db.intent"]),
    ("a/**/z", ["a/z", "a/b/z", "a/b/c/z/d"], ["a/zz", "az"]),
    ("a/**", ["a/b", "a/b/c"], ["a", "ab"]),
    ("/**", ["a", "a/b"], []),
    ("d?.intent", ["db.intent", "x/dc.intent"], ["d.intent", "dab.intent", "d/.intent"]),
    ("a**b", ["ab", "axxb"], ["a/b"]),
    (r"sp\ ace/", ["sp ace/a"], ["sp", "ace/a"]),
    (r"a\*b", ["a*b"], ["axb"]),
    ("/a.b", ["a.b"], ["axb"]),
    ("/a#b", ["a#b"], ["a"]),
    ("DB", ["DB"], ["db"]),
    ("/*", ["a"], ["a/b"]),
    ("a/**/z", ["a/line\nbreak/z"], []),
]


@pytest.mark.parametrize(("pattern", "yes", "no"), MATCHES, ids=[row[0] for row in MATCHES])
def test_patterns(pattern: str, yes: list[str], no: list[str]) -> None:
    rules = parse_codeowners(f"{pattern} @owner\n")
    assert [path for path in yes if rules.owners_of(path) != ("@owner",)] == []
    assert [path for path in no if rules.owners_of(path)] == []


def test_the_last_pattern_that_matches_decides() -> None:
    rules = parse_codeowners(
        "# everything\n*  @org/all someone@example.org   # inline @not-me\n"
        "/intents/shop/ @shop\r\n\n/intents/shop/open\n"
    )
    assert rules.owners_of("README") == ("@org/all", "someone@example.org")
    assert rules.owners_of("intents/shop/db.intent") == ("@shop",)
    assert rules.owners_of("intents/shop/open") == ()
    rule = rules.rule_of("intents/shop/open")
    assert rule is not None
    assert rule.line == 5
    assert parse_codeowners("/a @x\n").rule_of("b") is None


@pytest.mark.parametrize(
    "line", ["!a @x", "[ab] @x", "a[0-9] @x", r"\#a @x", "a not-an-owner", "a @", "/ @x", "a\\"]
)
def test_lines_that_github_skips(line: str) -> None:
    rules = parse_codeowners(f"* @all\n{line}\n")
    assert rules.skipped == (2,)
    assert rules.owners_of("a") == ("@all",)


@given(st.text(st.sampled_from("ab/*?\\ #[]!.-ü@\t:"), min_size=1, max_size=12))
def test_a_path_as_it_is_written_matches_itself(path: str) -> None:
    path = "/".join(part for part in path.split("/") if part) or "a"
    rules = parse_codeowners(f"{written_path(path)} @owner\n")
    assert rules.owners_of(path) == ("@owner",)
    if "[" not in path and "]" not in path:
        assert rules.owners_of(f"{path}x") == rules.owners_of(f"x/{path}") == ()


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    rules = parse_codeowners(text)
    rules.owners_of("a/b")
    assert len(rules.rules) + len(rules.skipped) <= text.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("* @a\n/x/ @b\n", ("@a",)),
        ("* @a\n/** @c\n", ("@c",)),
        ("* @a\n**\n", ()),
        ("**/* @a\n", ("@a",)),
        ("* @a\n/**/**/* @b\n", ("@b",)),
        ("* @a\n**/**\n/*/** @b\n", ()),
        ("/* @a\n*.intent @b\n", None),
        ("", None),
    ],
)
def test_who_owns_everything(text: str, owners: tuple[str, ...] | None) -> None:
    assert parse_codeowners(text).owners_of_everything() == owners
