"""Whether intents mean what the imported policies mean: the proof of an import.

Both are compared namespace by namespace, with the facts about namespaces that intents can state.
"""

from netpolc.analysis.semantic_diff import equivalent
from netpolc.ir.build import policies as collected
from netpolc.ir.build import policy_set
from netpolc.ir.model import Policies
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Pods
from netpolc.passes.normalise import normalise


def with_stated_facts(policies: Policies) -> Policies:
    """The policies with the facts about namespaces that intents will state.

    A Namespace object has exactly its labels; intents leave open which others there are.
    The proof must hold for all of these. Labels with a prefix are a tool's own business
    (Kubernetes documentation, "Labels and Selectors") unless some policy asks for them.
    """
    asked = {
        key
        for namespace in policies.namespaces.values()
        for allow in namespace.allows
        if isinstance(allow.peer, Pods) and allow.peer.namespaces is not None
        for key, _ in allow.peer.namespaces.requirements
    }
    return collected(
        policy_set(
            namespace=namespace.namespace,
            labels={
                key: value
                for key, value in namespace.labels.items()
                if key in asked or "/" not in key or key == METADATA_NAME
            },
            parts=namespace.subjects,
        )
        for namespace in policies.namespaces.values()
    )


def different_namespaces(policies: Policies, means: Policies) -> frozenset[str]:
    """The namespaces of which two say different things, both normalised; none if all is the same.

    Each end of a connection is decided by the policies of its own namespace alone. So if each
    namespace permits the same by itself, in a world where all others are open, both permit
    the same; and the work grows with the namespaces, not with their pairs.
    """
    names = {*policies.namespaces, *means.namespaces}
    return frozenset(
        name for name in names if not equivalent(_alone(policies, name), _alone(means, name))
    )


def _alone(policies: Policies, name: str) -> Policies:
    """One namespace of some; nothing where they are not about it."""
    namespace_policies = policies.namespaces.get(name)
    return Policies({} if namespace_policies is None else {name: namespace_policies})


def united(first: Policies, second: Policies) -> Policies:
    """The policies of both, normalised, with facts as the first states them."""
    names = dict.fromkeys((*first.namespaces, *second.namespaces))
    sides = [(first.namespaces.get(n), second.namespaces.get(n)) for n in names]
    united = collected(
        policy_set(
            namespace=name,
            labels=here.labels if here is not None else {},
            parts=[
                part
                for policies in (here, there)
                if policies is not None
                for part in policies.subjects
            ],
        )
        for name, (here, there) in zip(names, sides, strict=True)
    )
    return normalise(united)
