"""Namespace selectors that match none of the namespaces given.

Where the manifests have Namespace objects, their labels are known in full. A selector that
matches none of them is mistyped, or means namespaces whose manifests are missing.
"""

from collections.abc import Collection, Iterator, Mapping

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.diagnostics.spelling import nearest
from netpolc.kube.display import namespaces_text
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Pods
from netpolc.kube.selectors import Selector
from netpolc.lints.manifests.policy_source import Written

UNMATCHED_NAMESPACE = Rule(
    code="NP648", name="unmatched-namespace-selector", severity=Severity.WARNING
)


def unmatched_namespaces(written: Written) -> Iterator[Diagnostic]:
    """Report the selectors by labels that match no Namespace object, where there are some."""
    for rule in written.rules() if written.labels else ():
        for _, meant, span, path in rule.entries():
            namespaces = meant.namespaces if isinstance(meant, Pods) else None
            if namespaces is None or not is_unmatched(namespaces, written.labels.values()):
                continue
            guess = meant_label(namespaces, written.labels.values())
            yield Diagnostic(
                rule=UNMATCHED_NAMESPACE,
                message=f"`ns {namespaces_text(namespaces)}` matches no namespace that is given",
                label=Label(span, f"{path}.namespaceSelector"),
                help=f"did you mean the label `{guess}`?"
                if guess
                else "correct the label, or give the manifest of the namespace",
            )


def is_unmatched(namespaces: Selector, given: Collection[Mapping[str, str]]) -> bool:
    """Whether a selector asks for labels that none of the namespaces given has.

    A name, by either label for it, may be that of a namespace elsewhere.
    """
    keys = {key for key, _ in namespaces.requirements}
    return not keys <= {METADATA_NAME, "name"} and not any(map(namespaces.matches, given))


def meant_label(namespaces: Selector, given: Collection[Mapping[str, str]]) -> str | None:
    """The label of some namespace that is nearly one that the selector asks for."""
    keys = {key for labels in given for key in labels}
    for key, allowed in namespaces.requirements:
        if key not in keys:
            if (meant := nearest(key, keys)) is not None:
                return meant
        elif (value := allowed.single) is not None:
            values = {labels[key] for labels in given if key in labels}
            if value not in values and (meant := nearest(value, values)) is not None:
                return f"{key}={meant}"
    return None
