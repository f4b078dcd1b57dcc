"""Namespaces chosen by a label that nobody sets.

Every namespace has the label `kubernetes.io/metadata.name` with its own name (Kubernetes
documentation, "Targeting a Namespace by its name"). Before that existed people labelled
their namespaces `name: x`, and examples still do; a namespace that nobody labelled so is
not matched, and nothing says it.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.platform import OWN_NAMESPACES, is_reserved_label
from netpolc.kube.selectors import Selector
from netpolc.lints.manifests.policy_source import Written, within
from netpolc.manifest.model import LabelSelector
from netpolc.passes.lift import selector_meant
from netpolc.source import Span

UNSET_NAMESPACE_LABEL = Rule(code="NP629", name="unset-namespace-label", severity=Severity.WARNING)
NAMESPACE_BY_NAME_LABEL = Rule(code="NP630", name="namespace-by-name-label", severity=Severity.NOTE)
NAMESPACE_LABEL_ON_PODS = Rule(
    code="NP631", name="namespace-label-on-pods", severity=Severity.WARNING
)


def namespace_labels(written: Written) -> Iterator[Diagnostic]:
    """Report the selectors that ask for a label where nobody sets it."""
    for rule in written.rules():
        for peer, _, span, path in rule.entries():
            if peer.namespace_selector is not None:
                at = f"{path}.namespaceSelector"
                yield from _namespaces(peer.namespace_selector, span, at, written)
            if peer.pod_selector is not None:
                yield from _pods(peer.pod_selector, span, f"{path}.podSelector")
    for policy in written.policies():
        yield from _pods(policy.policy.pod_selector, policy.span, "spec.podSelector")


def _namespaces(
    selector: LabelSelector, span: Span, path: str, written: Written
) -> Iterator[Diagnostic]:
    asked: list[tuple[str, tuple[str, ...]]] = [
        (key, (value,)) for key, value in selector.match_labels.items()
    ]
    asked += [
        (e.key, e.values)
        for e in selector.match_expressions
        if e.operator == "In" or (e.operator == "Exists" and is_reserved_label(e.key))
    ]
    for key, values in asked:
        if is_reserved_label(key) and not _is_given(selector_meant(selector), written):
            message = f"Kubernetes gives no namespace the label `{key}`"
            yield _finding(UNSET_NAMESPACE_LABEL, message, within(span, key), path, values)
        elif key == "name" and not _is_given(selector_meant(selector), written):
            kind, message = (
                NAMESPACE_BY_NAME_LABEL,
                "namespaces have no label `name` unless somebody sets it",
            )
            unset = [v for v in values if v in OWN_NAMESPACES or v in written.labels]
            if unset:
                kind, message = UNSET_NAMESPACE_LABEL, f"`{unset[0]}` has no label `name`"
                message = f"namespace {message}"
            yield _finding(kind, message, within(span, key), path, values)


def _is_given(selector: Selector, written: Written) -> bool:
    """Whether a Namespace object is given that a selector matches."""
    return any(selector.matches(labels) for labels in written.labels.values())


def _finding(
    kind: Rule, message: str, span: Span, path: str, values: tuple[str, ...]
) -> Diagnostic:
    return Diagnostic(
        rule=kind,
        message=message,
        label=Label(span, path),
        help=f"write `{METADATA_NAME}: {values[0]}`"
        if len(values) == 1
        else f"write `{METADATA_NAME}`",
    )


def _pods(selector: LabelSelector, span: Span, path: str) -> Iterator[Diagnostic]:
    if METADATA_NAME in selector.match_labels or any(
        e.key == METADATA_NAME for e in selector.match_expressions if e.operator in {"In", "Exists"}
    ):
        yield Diagnostic(
            rule=NAMESPACE_LABEL_ON_PODS,
            message=f"pods do not have the label `{METADATA_NAME}`",
            label=Label(within(span, METADATA_NAME), path),
            help="ask for it in a `namespaceSelector`",
        )
