"""Labels that manifests give to pods and namespaces, or name in policies.

A rename in an editor changes intents. What workloads, Namespaces and the policies of others say would
stay as it is, so the intents with the new name would mean other pods.
"""

from collections.abc import Iterator

from netpolc.commands.pipeline import Compilation
from netpolc.ide.substitution import NO_SUBSTITUTION, Substitution
from netpolc.kube.selectors import Labels


def named_in_manifests(known: Compilation, change: Substitution) -> str:
    """Return why manifests do not allow a change of labels; empty if none names the old or new label."""
    for owner in _owners(known, change):
        return f"{owner}, and a rename changes intents alone"
    for owner in _owners(known, change.inverse):
        return f"{owner} already"
    return ""


def _owners(known: Compilation, change: Substitution) -> Iterator[str]:
    """Say of each thing in the manifests that it has, or names, the old label of a change."""
    label = f"`{change.old_text}`"
    for owner, labels in _labelled(known, change):
        if change.is_about(labels):
            yield f"{owner} has the label {label}"
    for service in known.inventory.services if change.of_pods else ():
        if service.selector is not None and change.selector(service.selector) != service.selector:
            name = f"{service.namespace}/{service.name}"
            yield f"the Service {name} selects pods by the label {label}"
    for policies in known.given.namespaces.values():
        if change.policies(policies) != NO_SUBSTITUTION.policies(policies):
            yield f"a policy of namespace `{policies.namespace}` in the manifests names the label {label}"
    for rule in known.tiers.rules:
        if not rule.is_enforced and change.rule(rule) != NO_SUBSTITUTION.rule(rule):
            yield f"the cluster-wide policy `{rule.policy}` names the label {label}"


def _labelled(known: Compilation, change: Substitution) -> Iterator[tuple[str, Labels]]:
    if change.of_pods:
        yield from ((str(workload), workload.labels) for workload in known.inventory.workloads)
    else:
        given = known.given.namespaces.values()
        yield from ((f"the Namespace {policies.namespace}", policies.labels) for policies in given)
