"""What a finding says to write, written: the finding is gone, and nothing worse has come.

The examples of all rules about intents are taken. Where advice has to go is in its words, and a person reads
them; here it is tried in every place that they can mean, and one of them must do.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from netpolc.commands.pipeline import run
from netpolc.diagnostics import Diagnostic, Severity
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile
from tests.literate import blocks
from tests.messages.test_messages import _FILES, _readable

_WRITE = re.compile(r"[Ww]rite `([^`]+)`")
_IN = re.compile(r"in namespace `([\w-]+)`")
_PLACEHOLDER = re.compile(r"…|\b(?:CODE|NAME|NAMESPACE)\b")
_KEPT_BACK = {"NP601"}
"""What is found only in programs without errors, and is true of many short examples."""


def found_in(text: str, beside: tuple[SourceFile, ...]) -> tuple[Diagnostic, ...]:
    """The findings of a compile."""
    sources = Sources(intents=(SourceFile("example.intent", text),), manifests=beside)
    return run(sources, Options(today=date(2026, 1, 1))).diagnostics


def mended(text: str, finding: Diagnostic) -> Iterator[str]:
    """The text with the advice of a finding taken, in each way that it can mean."""
    if finding.fixes:
        fixed = text
        for fix in sorted(finding.fixes, key=lambda fix: -fix.span.start):
            fixed = fixed[: fix.span.start] + fix.replacement + fixed[fix.span.end :]
        yield fixed
    span = finding.label.span
    start = text.rfind("\n", 0, span.start) + 1
    end = next((at for at in (text.find("\n", span.start),) if at >= 0), len(text))
    line = text[start:end]
    for advice in _advice(finding):
        section = _IN.search(finding.help)
        header = f"namespace {section[1]}\n" if section else ""
        yield f"{text.rstrip()}\n{header}{advice}\n"
        yield text[: span.start] + advice + text[span.end :]
        yield f"{text[:start]}{line} {advice}{text[end:]}"
        yield text[:start] + advice + text[end:]
        for word in re.findall(r"`([^`]+)`", finding.message):
            yield text[:start] + line.replace(word, advice, 1) + text[end:]


def _advice(finding: Diagnostic) -> list[str]:
    return [one for one in _WRITE.findall(finding.help) if not _PLACEHOLDER.search(one)]


_SPEC = Path(__file__).parents[1] / "spec"
_ANNOUNCED = re.compile(r"^(.*\S)\s+# (?:error|warning): \[", re.MULTILINE)
_NEEDS_MORE = {
    "default: deny until 2027-03-31",  # The date has no place in a setting at all.
    'db <- because "nobody"',  # A peer goes before the reason.
    "db <- api because “OPS”",  # Both quotes are wrong, and each is a finding.
    "blocks: inside",  # These settings belong in a cluster section.
    "baseline: allow",
    "baseline: deny deny",
    "nodes: 10.0.0.1",
    "nevre db <- api",  # And the assertion does not hold.
}
"""Lines of the specification in which a second thing is wrong, so that one piece of advice is not all."""


def _wrong_lines() -> list[str]:
    """The lines of the specification that announce a finding."""
    pages = sorted(_SPEC.glob("*.md"))
    texts = (block.text for page in pages for block in blocks(page))
    return [*dict.fromkeys(line for text in texts for line in _ANNOUNCED.findall(text))]


@pytest.mark.parametrize("line", [each for each in _wrong_lines() if each not in _NEEDS_MORE])
def test_advice_mends_a_line_of_the_specification(line: str) -> None:
    text = f"namespace shop\n{line}\n"
    before = found_in(text, ())
    codes = Counter(finding.rule.code for finding in before)
    allowed = codes + Counter(_OF_SHORT_PROGRAMS)
    for finding in before:
        if finding.fixes or _advice(finding):
            results = [found_in(each, ()) for each in mended(text, finding)]
            assert any(_is_better(result, allowed, finding.rule.code) for result in results), (
                finding.help
            )


@pytest.mark.parametrize(
    "claim",
    ["never world -> db", "never everyone -> db:5432", "never outside <- db", "never db <- world"],
)
def test_advice_for_a_claim_about_everybody_does_not_refute_it(claim: str) -> None:
    text = f"namespace shop\ndefault: deny ingress egress\ndb <- api:5432\n{claim}\n"
    (finding,) = (each for each in found_in(text, ()) if each.rule.code == "NP651")
    results = [found_in(each, ()) for each in mended(text, finding)]
    assert any(not result for result in results), finding.help


_OF_SHORT_PROGRAMS = ("NP203", "NP613", "NP616")
"""What is true of a line without the rest of its program."""

_EXAMPLES = [path for path in _FILES if list(blocks(path)) and not list(blocks(path, "json"))]


@pytest.mark.parametrize("path", _EXAMPLES, ids=lambda path: path.stem)
def test_advice_mends_what_it_is_about(path: Path) -> None:
    (source,) = blocks(path)
    text = _readable(source.text)
    beside = tuple(SourceFile("beside.yaml", block.text) for block in blocks(path, "yaml"))
    before = found_in(text, beside)
    codes = Counter(one.rule.code for one in before)
    for finding in before:
        if finding.rule.code != path.stem or not (finding.fixes or _advice(finding)):
            continue
        results = [found_in(each, beside) for each in mended(text, finding)]
        assert any(_is_better(result, codes, path.stem) for result in results), finding.help


def _is_better(after: tuple[Diagnostic, ...], before: Counter[str], code: str) -> bool:
    """Whether a finding is gone, and no other has come that its error did not hide."""
    now = Counter(one.rule.code for one in after)
    new = now.keys() - before.keys() - _KEPT_BACK
    errors = {one.rule.code for one in after if one.severity is Severity.ERROR}
    return now[code] < before[code] and not new and errors <= before.keys()
