"""Whose agreement is needed, in the form of CODEOWNERS and as JSON."""

import json
from collections.abc import Iterator, Mapping

from netpolc.changes.codeowners import CodeOwners, written_path
from netpolc.changes.model import Effect
from netpolc.changes.owners import Agreement, Concern, Part, Reason
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.render.platform_text import placed

_MANY = 5
"""Reasons given for a file in the text; JSON has all."""
_LONGEST = 120
"""Characters of a change that are shown in the text."""
_SIGNS = {Effect.OPENED: "+", Effect.CLOSED: "-"}


class OwnersReport:
    """Reports whose agreement is needed, with paths from the root of the repository."""

    def __init__(self, rules: CodeOwners | None, folder: str) -> None:
        self._rules = rules
        self._folder = folder

    def as_text(self, agreement: Agreement) -> Iterator[str]:
        """Lines in the form of a CODEOWNERS file, each below its reasons."""
        if agreement.everybody:
            # First, because the last pattern that matches decides.
            yield from _reasons(agreement.everybody)
            everything = self._owners_of_everything()
            known = everything or self._rules is None
            wide = " ".join(("*", *map(visible, everything)))
            yield wide if known else "# CODEOWNERS has no rule for every path"
            yield ""
        for concern in agreement.concerns:
            yield from _reasons(concern.reasons)
            path = visible(written_path(self._path(concern)))
            yield " ".join((path, *map(visible, self._owners(concern))))
            yield ""
        for name in agreement.unspoken:
            yield f"# no file has a section or policy of namespace {visible(name)}"

    def summary(self, agreement: Agreement) -> str:
        """One line for the end."""
        if not (agreement.concerns or agreement.everybody or agreement.unspoken):
            return "no connection is opened or closed, so no agreement is needed"
        number = len(agreement.concerns)
        owned = [f"{number} file{'' if number == 1 else 's'}"] if number else []
        if agreement.everybody and self._owners_of_everything():
            owned.append("everything")
        if not owned:
            return "connections are opened or closed, and no file is known whose owners must agree"
        files = " and of ".join(owned)
        if self._rules is None:
            return f"the owners of {files} must agree; there is no CODEOWNERS to say who they are"
        owners = ", ".join(map(visible, self._everybody(agreement))) or "nobody"
        without = sum(not self._owners(concern) for concern in agreement.concerns)
        rest = f"; {without} of them without an owner" if without else ""
        return f"the owners of {files} must agree: {owners}{rest}"

    def as_json(self, agreement: Agreement) -> str:
        """The same for programs; `owners` is null where there is no CODEOWNERS."""
        known = self._rules is not None
        document: Mapping[str, object] = {
            "owners": self._everybody(agreement) if known else None,
            "files": [
                {
                    "path": self._path(concern),
                    "owners": list(self._owners(concern)) if known else None,
                    "why": [_fields(reason) for reason in concern.reasons],
                }
                for concern in agreement.concerns
            ],
            "everybody": {
                "owners": list(self._owners_of_everything()) if known else None,
                "why": [_fields(reason) for reason in agreement.everybody],
            },
            "unspoken": list(agreement.unspoken),
        }
        return json.dumps(document, indent=2) + "\n"

    def _path(self, concern: Concern) -> str:
        return placed(concern.path, self._folder)

    def _owners(self, concern: Concern) -> tuple[str, ...]:
        return () if self._rules is None else self._rules.owners_of(self._path(concern))

    def _owners_of_everything(self) -> tuple[str, ...]:
        return () if self._rules is None else self._rules.owners_of_everything() or ()

    def _everybody(self, agreement: Agreement) -> list[str]:
        wide = self._owners_of_everything() if agreement.everybody else ()
        owners = (owner for concern in agreement.concerns for owner in self._owners(concern))
        return sorted({*owners, *wide})


def _reasons(reasons: tuple[Reason, ...]) -> Iterator[str]:
    """The first reasons as comments, and how many more there are."""
    for reason in reasons[:_MANY]:
        yield f"# {visible(_because(reason))}"
    if len(reasons) > _MANY:
        yield f"# and {len(reasons) - _MANY} more"


def _because(reason: Reason) -> str:
    change = visible(reason.change, _LONGEST)
    home = f"namespace {reason.subject_namespace}" if reason.subject_namespace else "cluster-wide"
    what = f"{_SIGNS[reason.effect]} {change} ({home})"
    match reason.part:
        case Part.CHANGED:
            return f"changed here: {what}"
        case Part.SUBJECT:
            return f"has the subject: {what}"
        case Part.EVERYBODY:
            return f"every namespace may be at the other end: {what}"
        case _:
            return f"has a section of namespace {reason.namespace} at the other end: {what}"


def _fields(reason: Reason) -> dict[str, str]:
    return {
        "part": reason.part.value,
        "namespace": reason.namespace,
        "effect": reason.effect.value,
        "change": reason.change,
        "changed_namespace": reason.subject_namespace,
    }
