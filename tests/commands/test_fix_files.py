"""A fix that is kept removes its finding, brings no other, and leaves comments and meaning alone."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from netpolc.commands.fix_files import FixedFile, OutputFiles, fix_file, fix_files
from netpolc.commands.pipeline import run
from netpolc.diagnostics import Diagnostic
from netpolc.io.config import parse_config
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.manifest.read import read
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from tests.literate import blocks
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.reference.strategies import programs

OPTIONS = Options(today=date(2026, 1, 1), checking=True)
ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "tests/messages").glob("NP*.md"))
SLIPS = (
    ("5432", "5432/TCP"),
    ("5432", "tcp/5432"),
    (" in ns ", " from ns "),
    (" in ns ", " in "),
    ("<-", "<="),
    ("<-", "<--"),
    ("->", "=>"),
    (" notin ", " not in "),
    (" notin ", " not  in "),
    ("=", ": "),
    ("=", "=="),
    ("{", "["),
    ("}", "]"),
    (":[", ":("),
    (", ", ",, "),
    (", ", " and "),
    ("default: deny", "default deny"),
    ("default: deny", "default: deni"),
    ("namespace", "namespce"),
    ("mirror: no", "mirror: false"),
    ("\n", ";\n"),
    ("-", "\N{EN DASH}"),
)
FIELDS = (
    ("podSelector", "podSelektor"),
    ("matchLabels", "matchLabel"),
    ("policyTypes", "policytypes"),
    ("ingress:", "ingres:"),
    ("ports:", "port:"),
    ("protocol:", "protokol:"),
    ("metadata:", "metdata:"),
)


def _output(
    *intents: SourceFile, manifests: Sequence[SourceFile] = (), beside: frozenset[str] = frozenset()
) -> OutputFiles:
    sources = Sources(intents=intents, manifests=tuple(manifests), beside=beside)
    return OutputFiles(sources=sources, options=OPTIONS)


def _intents(text: str, *, unsafe: bool, path: str = "a.intent") -> tuple[FixedFile, ...]:
    return fix_files([_output(SourceFile(path, text))], unsafe=unsafe)


def _found(text: str) -> Counter[tuple[str, str]]:
    found = parse(SourceFile("a.intent", text)).diagnostics
    return Counter((one.rule.code, one.message) for one in found)


def _comments(text: str) -> list[str]:
    """The comments of a text, without what is in quotes."""
    return [one for one in re.findall(r'"(?:[^"\\\n]|\\.)*"|(#.*)', text) if one]


def _check(text: str, *, unsafe: bool) -> str:
    """The text with its fixes, which have the properties of all fixes."""
    fixed = _intents(text, unsafe=unsafe)
    for one in fixed:
        gone = Counter((found.rule.code, found.message) for found in one.applied)
        assert _found(one.text) <= _found(text) - gone or unsafe
        assert _comments(one.text) == _comments(text)
        if not unsafe:
            assert all(found.fixes[0].safe for found in one.applied)
        assert not _intents(one.text, unsafe=unsafe)
    return fixed[0].text if fixed else text


@pytest.mark.parametrize("unsafe", [False, True])
def test_the_fixes_of_every_message_page(unsafe: bool) -> None:
    texts = [block.text for page in PAGES for block in blocks(page)]
    fixed = sum(_check(text, unsafe=unsafe) != text for text in texts)
    assert fixed >= (12 if unsafe else 6)


@settings(max_examples=60, deadline=None)
@given(
    program=programs(),
    slips=st.lists(st.sampled_from(SLIPS), min_size=1, max_size=3),
    unsafe=st.booleans(),
    at=st.integers(0, 5),
)
def test_a_damaged_program_that_is_mended_means_what_it_meant(
    program: Program, slips: list[tuple[str, str]], unsafe: bool, at: int
) -> None:
    for right in to_text(program).values():
        text = right
        for good, bad in slips:
            places = [found.start() for found in re.finditer(re.escape(good), text)]
            if places:
                place = places[at % len(places)]
                text = text[:place] + bad + text[place + len(good) :]
        mended = _check(text, unsafe=unsafe)
        if mended == text:
            event("nothing to fix")
            continue
        outcome = parse(SourceFile("a.intent", mended))
        event("still wrong" if outcome.failed else "mended")
        if not outcome.failed:
            assert _meaning(mended) == _meaning(right)


def _checked(sources: Sources) -> tuple[Counter[tuple[str, str]], bool]:
    """What a check finds, and whether an error kept it from looking for more."""
    done = run(sources, OPTIONS)
    return Counter((one.rule.code, one.message) for one in done.diagnostics), done.failed


def _check_again(intents: list[str], manifests: list[str], *, unsafe: bool) -> int:
    """Fix a project and check it again, until nothing is left to fix; the number of fixes."""
    output = _output(
        *(SourceFile(f"{i}.intent", text) for i, text in enumerate(intents)),
        manifests=[SourceFile(f"{i}.yaml", text) for i, text in enumerate(manifests)],
    )
    before, failed = _checked(output.sources)
    fixed = {one.source: one for one in fix_files([output], unsafe=unsafe)}
    applied = [found for one in fixed.values() for found in one.applied]
    new = {file: SourceFile(file.path, fixed[file].text) for file in fixed}
    sources = replace(
        output.sources,
        intents=tuple(new.get(one, one) for one in output.sources.intents),
        manifests=tuple(new.get(one, one) for one in output.sources.manifests),
    )
    after, still_failed = _checked(sources)
    gone = Counter((one.rule.code, one.message) for one in applied)
    if not failed:
        assert after <= before - gone
    assert still_failed <= failed
    assert not fix_files([replace(output, sources=sources)], unsafe=unsafe)
    return len(applied)


def test_the_pages_of_all_rules_are_fixed_and_checked_again() -> None:
    fixes = Counter[str]()
    for page in PAGES:
        texts = [[block.text for block in blocks(page, kind)] for kind in ("intent", "yaml")]
        for unsafe in (False, True):
            fixes[page.stem] += _check_again(*texts, unsafe=unsafe)
    assert {"NP201", "NP410", "NP651"} <= {code for code, many in fixes.items() if many}


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ("", True),
        ("api <- payments:80\n", False),  # redundant then
        ("never api <- payments\n", False),  # refuted then
    ],
)
def test_a_fix_after_which_a_check_finds_more_is_not_kept(more: str, *, kept: bool) -> None:
    text = f"namespace shop\ndefault: deny\npayments <- api:8080\napi <- paymnts:80\n{more}"
    found = _intents(text, unsafe=True)
    assert [one.text for one in found] == ([text.replace("paymnts", "payments")] if kept else [])


WORDS = ("any", "all", "everyone", "world", "internet", "localhost", "wbe", "dbb", "ap")


@given(
    program=programs(),
    words=st.lists(st.sampled_from(WORDS), max_size=3),
    slips=st.lists(st.sampled_from(SLIPS), max_size=2),
    at=st.integers(0, 5),
    unsafe=st.booleans(),
)
def test_a_random_program_is_fixed_and_checked_again(
    program: Program, words: list[str], slips: list[tuple[str, str]], at: int, *, unsafe: bool
) -> None:
    texts = []
    for text in to_text(program).values():
        changed = text
        for word in words:
            names = list(re.finditer(r"(?<=[<-]- )[a-z]+", changed))
            if names:
                place = names[at % len(names)]
                changed = changed[: place.start()] + word + changed[place.end() :]
        for good, bad in slips:
            changed = changed.replace(good, bad, 1)
        texts.append(changed)
    event(f"{_check_again(texts, [], unsafe=unsafe)} fixes")


def _meaning(text: str) -> object:
    program = resolve([parse(SourceFile("a.intent", text)).value], namespace="default").value
    # What a setting's origin says is its text; where it is may differ.
    return [(replace(one, services={}), list(one.services)) for one in program.namespaces.values()]


@settings(max_examples=20, deadline=None)
@given(
    path=st.sampled_from(sorted((ROOT / "out").rglob("*.yaml"))),
    slips=st.lists(st.sampled_from(FIELDS), min_size=1, max_size=2),
)
def test_a_misspelt_field_of_a_manifest_is_mended(path: Path, slips: list[tuple[str, str]]) -> None:
    right = path.read_text(encoding="utf-8")
    wrong = right
    for good, bad in slips:
        wrong = wrong.replace(good, bad, 1)
    assume(wrong != right)
    output = _output(manifests=[SourceFile("a.yaml", wrong)])
    assert not fix_files([output], unsafe=False)
    fixed = fix_files([output], unsafe=True)
    event("mended" if fixed and fixed[0].text == right else "left alone")
    for one in fixed:
        before, after = (read(SourceFile("a.yaml", text)).diagnostics for text in (wrong, one.text))
        assert len(after) <= len(before) - len(one.applied)
        assert _comments(one.text) == _comments(wrong)


def test_the_manifests_of_every_message_page_keep_what_is_right() -> None:
    texts = [block.text for page in PAGES for block in blocks(page, "yaml")]
    for text in texts:
        output = _output(manifests=[SourceFile("a.yaml", text)])
        for one in fix_files([output], unsafe=True):
            before, after = (read(SourceFile("a.yaml", t)).diagnostics for t in (text, one.text))
            assert len(after) <= len(before) - len(one.applied)


def _config(file: SourceFile) -> Sequence[Diagnostic]:
    return parse_config(file, Path()).diagnostics


def test_a_misspelt_key_of_netpolc_toml_is_mended() -> None:
    wrong = '# ours\nsorces = ["intents"]\n\n[outputs.prod]\nouput = "out/prod"  # there\n'
    file = SourceFile("netpolc.toml", wrong)
    assert fix_file(file, _config, unsafe=False) is None
    fixed = fix_file(file, _config, unsafe=True)
    assert fixed is not None
    assert fixed.text == wrong.replace("sorces", "sources").replace("ouput", "output")
    assert not _config(SourceFile("netpolc.toml", fixed.text))


@pytest.mark.parametrize(
    ("wrong", "right", "safe"),
    [
        ("db <- api:5432/TCP  # why\n", "db <- api:5432/tcp  # why\n", True),
        ("db <- web from ns shop:80\n", "db <- web in ns shop:80\n", True),
        ("db <- 10.0.0.1:80\n", "db <- 10.0.0.1/32:80\n", True),
        ("db => api:80\n", "db -> api:80\n", False),
        ("db <- 10.0.0.1/8:80\n", None, False),  # The block or the address: two fixes.
    ],
)
def test_what_is_written_instead(wrong: str, right: str | None, *, safe: bool) -> None:
    for unsafe in (False, True):
        applied = right is not None and (safe or unsafe)
        assert [one.text for one in _intents(wrong, unsafe=unsafe)] == ([right] if applied else [])


def test_a_fix_after_which_another_finding_comes_is_not_kept() -> None:
    assert not _intents("db <- 10.0.0.1:tcp/80\n", unsafe=True)


SLIP = "namespace shop\ndefault: deny\nledger <- paymnts:80\n"
PAYMENTS = "namespace shop\npayments <- web:80\n"


def _outputs(*others: str) -> list[OutputFiles]:
    """Outputs that share a file with a slip and have another file each."""
    return [
        _output(SourceFile("shared.intent", SLIP), SourceFile(f"{i}.intent", text))
        for i, text in enumerate(others)
    ]


def test_a_mistyped_name_is_fixed_only_if_asked_for() -> None:
    assert not fix_files(_outputs(PAYMENTS), unsafe=False)
    (fixed,) = fix_files(_outputs(PAYMENTS, PAYMENTS), unsafe=True)
    assert fixed.text == SLIP.replace("paymnts", "payments")


@pytest.mark.parametrize(
    "other",
    [
        "namespace shop\npaymnts <- web:80\n",
        "namespace shop\nservice paymnts = {a=b}\n",
        "namespace shop\nweb <- any\n",
        "namespace shop\nweb <- any:\n",
    ],
    ids=["a subject there", "declared there", "no name of its kind", "broken there"],
)
def test_a_name_is_not_fixed_for_one_output_alone(other: str) -> None:
    assert not fix_files(_outputs(PAYMENTS, other), unsafe=True)
