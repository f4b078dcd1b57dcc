"""Rules: each has a stable code, a name and a severity.

A rule is declared next to the pass that finds it, and explained by a page `NPnnn.md` in the
same folder. Declaring it enters it in one table, which `netpolc explain` and the tests read.
A code is never reused.

    NP1xx syntax, NP2xx names, NP3xx meaning and IR, NP4xx manifests,
    NP5xx assertions, NP6xx lints, NP7xx output and IO
"""

from enum import Enum

from netpolc.values import frozen


class Severity(Enum):
    """The severity of a finding: an error stops the compile, a note only informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


_DECLARED: dict[str, "Rule"] = {}


@frozen(kw_only=True)
class Rule:
    """A rule of findings; `name` is kebab-case and names the problem, not the remedy.

    Warnings and notes can be silenced by comments, levels and baselines, unless the rule says that they cannot.
    """

    code: str
    name: str
    severity: Severity
    can_be_silenced: bool = True

    def __post_init__(self) -> None:
        """Enter the rule in the table; a code or name used twice is a bug."""
        for other in _DECLARED.values():
            if other.code == self.code or other.name == self.name:
                message = f"{self.code} ({self.name}) is already {other.code} ({other.name})"
                raise ValueError(message)
        _DECLARED[self.code] = self

    @property
    def explanation(self) -> str:
        """The Markdown page: what it means, why it matters, an example, what to write instead."""
        # Only `explain` and SARIF read pages; a compile does not pay for importlib.resources.
        from netpolc.diagnostics.rule_pages import rule_page  # noqa: PLC0415

        return rule_page(self.code)


def rules() -> tuple[Rule, ...]:
    """Return the rules that the loaded modules have declared, by code."""
    return tuple(_DECLARED[code] for code in sorted(_DECLARED))
