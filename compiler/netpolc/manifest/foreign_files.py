"""Files of other tools between manifests.

A folder of manifests holds patches, settings of other tools and notes as well. Such a file, if it cannot
be read, must not hide the findings in the manifests. It is set aside only if it certainly is not a manifest:
otherwise a policy in it would be missing. Likewise a template that nobody has rendered: it is set aside if
all of its documents certainly are other objects than policies.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from netpolc.diagnostics import Diagnostic, Label, Outcome, Severity
from netpolc.manifest.manifest_set import Manifests, UnreadPolicy
from netpolc.manifest.objects import FOREIGN_DOCUMENT
from netpolc.yaml.unrendered_template import UNRENDERED_TEMPLATE

_OF_OBJECTS = re.compile(r"kind|NetworkPolicy|podSelector|policyTypes|\\[xuU\r\n]", re.IGNORECASE)
"""Words of which each object or policy has one. Escapes and folded lines could spell them otherwise in YAML."""
_KIND = re.compile(r"^kind:[ \t]*[\"']?([A-Za-z]+)[\"']?[ \t\r]*$", re.MULTILINE)
_MAY_MAKE_POLICIES = re.compile(
    r"polic|netpol|kind:[ \t]*[\"']?List\b|^\{\{.*\b(?:include|template|tpl|toYaml|Files)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""Words of policies in templates, and actions that write whole documents."""
_MARKER = "\n---"


def set_aside_foreign_files(
    read: Iterable[Outcome[Manifests]],
) -> tuple[Outcome[Manifests], ...]:
    """The files as read, with one warning in place of the errors of each foreign file.

    If no file has an object, the errors stay: something is missing. Other templates stay errors, and
    count as policies that are not read.
    """
    outcomes = tuple(read)
    alone = not any(outcome.value.objects for outcome in outcomes)
    return tuple(
        _set_aside(outcome, alone=alone) if outcome.failed else outcome for outcome in outcomes
    )


def _set_aside(outcome: Outcome[Manifests], *, alone: bool) -> Outcome[Manifests]:
    errors = [finding for finding in outcome.diagnostics if finding.severity is Severity.ERROR]
    first = errors[0]
    templates = [error for error in errors if error.rule is UNRENDERED_TEMPLATE]
    if not alone and templates == errors and not any(map(_may_be_policy, templates)):
        return Outcome(outcome.value, (_ignored(first, "this template is ignored"),))
    file = first.label.span.file
    if templates:
        unread = UnreadPolicy("template", "", file.path)
        value = replace(outcome.value, unread=(*outcome.value.unread, unread))
        return Outcome(value, outcome.diagnostics)
    if alone or _OF_OBJECTS.search(file.text):
        return outcome
    message = "this file is not a Kubernetes object and is ignored"
    return Outcome(outcome.value, (_ignored(first, message),))


def _may_be_policy(template: Diagnostic) -> bool:
    """Whether a template may become a policy, or several documents; only a plain kind shows that it is none."""
    text, place = template.label.span.file.text, template.label.span.start
    start = text.rfind(_MARKER, 0, place)
    end = text.find(_MARKER, place)
    document = text[max(start, 0) : len(text) if end < 0 else end]
    return _KIND.search(document) is None or _MAY_MAKE_POLICIES.search(document) is not None


def _ignored(error: Diagnostic, message: str) -> Diagnostic:
    return Diagnostic(
        rule=FOREIGN_DOCUMENT,
        message=message,
        label=Label(error.label.span, error.message),
        help=error.help if error.rule is UNRENDERED_TEMPLATE else "",
    )
