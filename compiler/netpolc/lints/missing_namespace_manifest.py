"""Namespaces whose labels a policy asks for, and whose manifest is missing.

A Namespace object has exactly its labels. Of a namespace that is only known by its workloads
nothing but the name is known, so whether a selector by labels matches it is not, either.
"""

from collections.abc import Iterator

from netpolc.analysis.unknown_of_list import namespace_facts
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Pods
from netpolc.provenance import Role

MISSING_NAMESPACE_MANIFEST = Rule(
    code="NP618", name="missing-namespace-manifest", severity=Severity.NOTE
)
_SOME = 5


def missing_namespace_manifests(policies: Policies, inventory: Inventory) -> Iterator[Diagnostic]:
    """One note, at the first rule that asks for labels which nobody states."""
    facts = {
        name: namespace_facts(policies, name)
        for name in sorted({workload.namespace for workload in inventory.workloads})
    }
    missing: dict[str, None] = {}
    place, key = None, ""
    for policy_set in policies.namespaces.values():
        for allow in policy_set.allows:
            namespaces = allow.peer.namespaces if isinstance(allow.peer, Pods) else None
            spans = [o.span for o in allow.origins if o.role is Role.POLICY and o.span is not None]
            for name, known in facts.items() if namespaces is not None and spans else ():
                left = known.left(namespaces) if namespaces is not None else None
                if left:
                    missing.setdefault(name)
                    place, key = (place, key) if place is not None else (spans[0], left[0][0])
    if place is not None:
        names = ", ".join(f"`{name}`" for name in list(missing)[:_SOME])
        more = f" and {len(missing) - _SOME} more" if len(missing) > _SOME else ""
        yield Diagnostic(
            rule=MISSING_NAMESPACE_MANIFEST,
            message=f"the labels of namespace{'s' if len(missing) > 1 else ''} {names}{more} are not known",
            label=Label(place, f"asks for the label `{key}`"),
            help="give their Namespace manifests, or an answer that depends on them is undecided",
        )
