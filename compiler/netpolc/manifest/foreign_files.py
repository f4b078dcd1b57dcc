"""Files of other tools between manifests.

A folder of manifests holds patches, settings of other tools and notes as well. Such a file, if it cannot
be read, must not hide the findings in the manifests. It is set aside only if it certainly is not a manifest:
otherwise a policy in it would be missing.
"""

import re
from collections.abc import Iterable

from netpolc.diagnostics import Diagnostic, Label, Outcome, Severity
from netpolc.manifest.manifest_set import Manifests
from netpolc.manifest.objects import FOREIGN_DOCUMENT

_OF_OBJECTS = re.compile(r"kind|NetworkPolicy|podSelector|policyTypes|\\[xuU\r\n]", re.IGNORECASE)
"""Words of which each object or policy has one. Escapes and folded lines could spell them otherwise in YAML."""


def set_aside_foreign_files(
    read: Iterable[Outcome[Manifests]],
) -> tuple[Outcome[Manifests], ...]:
    """The files as read, with one warning in place of the errors of each foreign file.

    If no file has an object, the errors stay: something is missing.
    """
    outcomes = tuple(read)
    if not any(outcome.value.objects for outcome in outcomes):
        return outcomes
    return tuple(_set_aside(outcome) if outcome.failed else outcome for outcome in outcomes)


def _set_aside(outcome: Outcome[Manifests]) -> Outcome[Manifests]:
    errors = (finding for finding in outcome.diagnostics if finding.severity is Severity.ERROR)
    first = next(errors)
    if _OF_OBJECTS.search(first.label.span.file.text):
        return outcome
    foreign = Diagnostic(
        rule=FOREIGN_DOCUMENT,
        message="this file is not a Kubernetes object and is ignored",
        label=Label(first.label.span, first.message),
    )
    return Outcome(outcome.value, (foreign,))
