"""The checks of the tiers' CRDs that any field may need: its words, members and entries."""

from collections.abc import Collection, Iterable

from netpolc.diagnostics import Rule, Severity
from netpolc.diagnostics.spelling import nearest
from netpolc.manifest.field_reader import Report, items, members, shown, text
from netpolc.yaml.nodes import Node

INVALID_CHOICE = Rule(code="NP460", name="invalid-tier-value", severity=Severity.ERROR)
NOT_EXACTLY_ONE = Rule(code="NP462", name="not-exactly-one", severity=Severity.ERROR)
WRONG_COUNT = Rule(code="NP463", name="wrong-number-of-entries", severity=Severity.ERROR)


def word(
    report: Report, node: Node | None, path: str, what: str, words: Iterable[str]
) -> str | None:
    """A value that must be one of some words; None where it is missing or is not."""
    written, known = text(report, node, path), list(words)
    if node is None or written is None or written in known:
        return written
    close = nearest(written[:60], known)
    listed = ", ".join(f"`{choice}`" for choice in known)
    advice = f"did you mean `{close}`?" if close else f"write one of {listed}"
    report.add(INVALID_CHOICE, node, path, f"`{shown(written)}` is not a valid {what}", advice)
    return None


def exactly_one(
    report: Report, node: Node | None, path: str, what: str, fields: Collection[str]
) -> dict[str, Node]:
    """The members of a mapping that must have exactly one of some fields."""
    if node is None:
        return {}
    before = report.errors
    given = members(report, node, path, frozenset(fields))
    if len(given) != 1 and report.errors == before:
        listed = ", ".join(f"`{field}`" for field in fields)
        has = "none" if not given else " and ".join(f"`{field}`" for field in given)
        message = f"a {what} has exactly one of {listed}; this one has {has}"
        report.add(NOT_EXACTLY_ONE, node, path, message)
    return given


def bounded(
    report: Report, node: Node | None, path: str, what: str, least: int, most: int
) -> list[Node] | None:
    """The entries of a list that has a least and a greatest length; None where it is missing."""
    listed = items(report, node, path)
    if node is not None and listed is not None and not least <= len(listed) <= most:
        if len(listed) > most:
            message = f"at most {most} {what} are allowed here, not {len(listed)}"
            advice = "split them over several rules or policies"
        else:
            message, advice = f"a list of {what} cannot be empty", "leave it out or add an entry"
        report.add(WRONG_COUNT, node, path, message, advice)
    return listed
