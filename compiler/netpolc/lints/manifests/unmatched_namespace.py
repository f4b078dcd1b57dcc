"""Namespace selectors that match none of the namespaces given.

Where the manifests have Namespace objects, their labels are known in full. A selector that
matches none of them is mistyped, or means namespaces whose manifests are missing.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.diagnostics.spelling import nearest
from netpolc.kube.display import namespaces_text
from netpolc.kube.peers import Pods
from netpolc.kube.selectors import Selector
from netpolc.lints.manifests.policy_source import Written

UNMATCHED_NAMESPACE = Rule(
    code="NP648", name="unmatched-namespace-selector", severity=Severity.WARNING
)


def unmatched_namespaces(written: Written) -> Iterator[Diagnostic]:
    """Name the selectors by labels that match no Namespace object, where there are some."""
    keys = {key for labels in written.labels.values() for key in labels}
    for rule in written.rules() if written.labels else ():
        for _, meant, span, path in rule.entries():
            namespaces = meant.namespaces if isinstance(meant, Pods) else None
            if namespaces is None or not _is_judged(namespaces):
                continue
            if any(namespaces.matches(labels) for labels in written.labels.values()):
                continue
            near = (nearest(key, keys) for key, _ in namespaces.requirements if key not in keys)
            guess = next((key for key in near if key is not None), None)
            yield Diagnostic(
                rule=UNMATCHED_NAMESPACE,
                message=f"`ns {namespaces_text(namespaces)}` matches no namespace that is given",
                label=Label(span, f"{path}.namespaceSelector"),
                help=f"did you mean the label `{guess}`?"
                if guess
                else "correct the label, or give the manifest of the namespace",
            )


def _is_judged(namespaces: Selector) -> bool:
    """Whether a selector asks for labels, other than the one that gives a namespace's name."""
    keys = {key for key, _ in namespaces.requirements}
    return bool(keys) and namespaces.namespace_name is None and keys != {"name"}
