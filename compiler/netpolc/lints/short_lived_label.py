"""Selectors by labels that change.

A chart's version, a release or a controller's hash is another one after the next rollout.
A policy that selects by it then matches nothing, without an error.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import PolicySet
from netpolc.kube.label_conventions import CONTROLLER_KEYS, REPLICA_KEYS, is_lasting
from netpolc.kube.peers import Pods
from netpolc.kube.selectors import Selector
from netpolc.provenance import Origin, Origins, Role
from netpolc.remembered import remembered_with_value

SHORT_LIVED_LABEL = Rule(code="NP616", name="short-lived-label", severity=Severity.NOTE)
_OF_A_NAME = {key for key in CONTROLLER_KEYS - REPLICA_KEYS if not key.endswith("-uid")} | {
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/job-completion-index",
    "statefulset.kubernetes.io/pod-name",
}
"""Labels that controllers add and that last: the names of Jobs, and the names and numbers of pods."""


def short_lived_labels(policies: PolicySet) -> Iterator[Diagnostic]:
    """Report the statements that select pods by a label which changes with each release."""
    reported: set[tuple[Origin, str]] = set()
    for pods, origins in _selectors(policies):
        for key, value in _changing(pods):
            for origin in origins:
                written = origin.role in {Role.ARROW, Role.POLICY}
                if written and origin.span is not None and (origin, key) not in reported:
                    reported.add((origin, key))
                    yield Diagnostic(
                        rule=SHORT_LIVED_LABEL,
                        message=f"the label `{key}` changes with each release",
                        label=Label(origin.span, f"selects pods with `{key}={value}`"),
                        help="select by labels that stay, such as `app.kubernetes.io/name`",
                    )


@remembered_with_value
def _changing(pods: Selector) -> tuple[tuple[str, str], ...]:
    """The labels that a selector asks for and that do not last."""
    return tuple(
        (key, value)
        for key, allowed in pods.requirements
        if (value := allowed.single) is not None
        and key not in _OF_A_NAME
        and not is_lasting(key, value)
    )


def _selectors(policies: PolicySet) -> Iterator[tuple[Selector, Origins]]:
    """The selectors of pods with labels that do not last, and the origins of each."""
    subjects = {subject.selector for subject in policies.subjects}
    peers = {allow.peer for subject in policies.subjects for allow in subject.allows}
    listed = {peer.pods for peer in peers if isinstance(peer, Pods)}
    if not any(map(_changing, subjects | listed)):
        return
    for subject in policies.subjects:
        if _changing(subject.selector):
            yield subject.selector, subject.origins
    for subject in policies.subjects:
        for allow in subject.allows:
            if isinstance(allow.peer, Pods) and _changing(allow.peer.pods):
                yield allow.peer.pods, allow.origins
