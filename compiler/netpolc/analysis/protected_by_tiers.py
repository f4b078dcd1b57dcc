"""Whether cluster-wide policies protect pods that no NetworkPolicy closes.

Pods are open to everyone if a pod reaches them of which nobody has heard: it has no labels, and
its namespace no labels but its name. A rule that denies only known pods protects nothing
from it, and one that accepts only known pods lets it in nowhere.
"""

from functools import partial

from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.tier_fold import TierFold
from netpolc.analysis.tiers import TierPeer, TierReading, TierRule
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Pods
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.manifest.tier_model import Action


def protected_by_tiers(reading: TierReading, namespace: Facts, pods: Selector) -> bool:
    """Whether tiers deny all ingress of an unheard-of pod to open pods of a namespace.

    Args:
        reading: the tiers, read as what permits most.
        namespace: what is known of the labels of the namespace, its name included.
        pods: the pods asked about.
    """
    matches = partial(_matches, namespace=namespace, pods=pods)
    if any(
        _may_accept_by_name(rule) and matches(rule) is not False for rule in reading.tiers.rules
    ):
        return False
    fold = TierFold(reading=reading, groups=reading.groups, matches=matches, ports={})
    return not fold.permitted(Direction.INGRESS, None)


def _may_accept_by_name(rule: TierRule) -> bool:
    """Whether a rule lets in traffic to a named port, whose number depends on the pod."""
    return (
        rule.direction is Direction.INGRESS
        and rule.action is not Action.DENY
        and bool(rule.traffic.named)
    )


def _matches(rule: TierRule, *, namespace: Facts, pods: Selector) -> bool | None:
    """Whether a rule matches traffic from the pod; None if it does for some of the pods asked about."""
    if not any(map(_is_unheard_of, rule.peers)):
        return False
    rest = namespace.left(rule.subject.namespaces or EVERYTHING)
    if rest is None or pods.isdisjoint(rule.subject.pods):
        return False
    return True if not rest and pods <= rule.subject.pods else None


def _is_unheard_of(peer: TierPeer) -> bool:
    """Whether a peer is every pod, as far as the labels go that nobody has given it."""
    match peer:
        case Anyone():
            return True
        case Pods(namespaces, own):
            return _is_met_without_labels(own) and _is_met_without_labels(namespaces or EVERYTHING)
        case _:
            return False


def _is_met_without_labels(selector: Selector) -> bool:
    """Whether a pod or namespace without labels, but for a name that no selector has, meets it."""
    return not selector.impossible and all(
        allowed.complement if key == METADATA_NAME else allowed.absent
        for key, allowed in selector.requirements
    )
