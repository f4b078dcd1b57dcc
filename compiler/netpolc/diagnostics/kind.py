"""Kinds of finding: a stable code, a name, how serious it is, and what it means.

A kind is declared beside the pass that finds it, so that the words about a mistake
stand next to the code that recognises it. Declaring it enters it in one table, from
which `netpolc explain` and the tests read. A code is never used again for another.

    NP1xx syntax, NP2xx names, NP3xx meaning and IR, NP4xx manifests,
    NP5xx assertions, NP6xx lints, NP7xx output and IO
"""

from enum import Enum

from netpolc.frozen import frozen


class Severity(Enum):
    """How serious a finding is: an error stops the compile, a note only informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


_DECLARED: dict[str, "Kind"] = {}


@frozen(kw_only=True)
class Kind:
    """One kind of finding.

    `name` is kebab-case and names the problem, never the remedy. `explanation` is
    Markdown: what it means, why it matters, an example, what to write instead.
    """

    code: str
    name: str
    severity: Severity
    explanation: str

    def __post_init__(self) -> None:
        """Enter the kind in the table; a code or name used twice is a bug."""
        for other in _DECLARED.values():
            if other.code == self.code or other.name == self.name:
                message = f"{self.code} ({self.name}) is already {other.code} ({other.name})"
                raise ValueError(message)
        _DECLARED[self.code] = self


def kinds() -> tuple[Kind, ...]:
    """Every kind that the modules loaded so far have declared, by code."""
    return tuple(_DECLARED[code] for code in sorted(_DECLARED))
