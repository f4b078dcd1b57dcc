"""Facts that nobody states and that an answer may depend on, and what would state them.

Neither policies nor manifests say everything: the number of a named port at a pod that is
not known, what policies do to a pod on the host's network, whether a block matches pods,
which labels a namespace has whose manifest is missing. An answer that depends on such a
fact is undecided. It names the fact, in the words given here, in every command. Workloads are
written as lists name them.
"""

from enum import Enum
from typing import TypeAlias, assert_never

from netpolc.kube.ports import NamedPort
from netpolc.manifest.manifest_set import UnreadPolicy
from netpolc.values import frozen


@frozen
class PortNumber:
    """The number that receivers give to a named port."""

    port: NamedPort


@frozen
class HostNetwork:
    """The unknown effect of policies on a workload in the host's network."""

    workload: str


class AddressOwner(Enum):
    """Whose addresses a block may match inside the cluster."""

    PODS = "pods"
    NODES = "nodes"
    SERVICES = "Services"


@frozen
class BlockMatching:
    """Whether blocks match addresses of pods, nodes or Services.

    With `all_match`, every block matches the pods and nodes whose addresses it contains.
    """

    owner: AddressOwner = AddressOwner.PODS
    all_match: bool = False


@frozen
class NamespaceLabel:
    """Whether a namespace has a label that a policy tests."""

    namespace: str
    key: str


@frozen
class ReplicaLabel:
    """Which pods of a workload have a label that differs from one pod to the next."""

    workload: str
    key: str


@frozen
class EqualPriority:
    """Which of some policies of one tier decides first: their priorities are equal."""

    policies: tuple[str, ...]
    priority: int


@frozen
class PodAddress:
    """Whether the addresses of pods are among the networks that a policy names."""

    policy: str


@frozen
class IpVersion:
    """Whether pods connect over IPv4 or IPv6, where the networks of a policy have their addresses of one alone."""

    policy: str


@frozen
class NodeAddress:
    """Which addresses the nodes have that a policy names."""

    policy: str


@frozen
class ResolvedName:
    """Which addresses the domain names of a policy resolve to."""

    policy: str


FactOfTiers: TypeAlias = (
    EqualPriority | PodAddress | IpVersion | NodeAddress | ResolvedName | UnreadPolicy
)
"""A fact on which it depends what cluster-wide policies decide."""
UnknownFact: TypeAlias = (
    PortNumber | HostNetwork | BlockMatching | NamespaceLabel | ReplicaLabel | FactOfTiers
)


def reason(fact: UnknownFact) -> str:
    """The fact in words that follow "depends on"."""
    match fact:
        case PortNumber(port):
            return f"which number the receiver's port `{port.name}` has"
        case HostNetwork(workload):
            return f"what policies do to `{workload}` on the host's network"
        case BlockMatching():
            return _reason_of_blocks(fact)
        case NamespaceLabel(namespace, key):
            return f"whether namespace `{namespace}` has the label `{key}`"
        case ReplicaLabel(workload, key):
            return f"which pod of `{workload}` it is: their label `{key}` differs"
        case _:
            return _reason_of_tiers(fact)


def _reason_of_tiers(fact: FactOfTiers) -> str:
    match fact:
        case EqualPriority(policies, priority):
            named = " or ".join(f"`{policy}`" for policy in policies)
            return f"which of {named} decides first: both have priority {priority}"
        case PodAddress(policy):
            return f"whether pods have addresses in the networks of `{policy}`"
        case IpVersion(policy):
            return f"whether pods connect over IPv4 or IPv6, of which the networks of `{policy}` have only one"
        case NodeAddress(policy):
            return f"which addresses the nodes of `{policy}` have"
        case ResolvedName(policy):
            return f"which addresses the domain names of `{policy}` resolve to"
        case UnreadPolicy():
            return f"what `{fact}` permits or denies, whose kind is not read"
        case _:
            assert_never(fact)


def remedy(fact: UnknownFact) -> str:
    """The remedy: how the user can settle the fact."""
    match fact:
        case PortNumber():
            return "write the number in place of the name: pods to come may give it another one"
        case HostNetwork():
            return (
                "leave these pods and the addresses of nodes, which `nodes:` states, out of the question,"
                " or take the pods off the host's network"
            )
        case BlockMatching():
            return _remedy_for_blocks(fact)
        case NamespaceLabel(namespace, _):
            return f"add the manifest of namespace `{namespace}`"
        case ReplicaLabel():
            return "name the pods by a label that all of them share"
        case _:
            return _remedy_for_tiers(fact)


def _remedy_for_tiers(fact: FactOfTiers) -> str:
    match fact:
        case EqualPriority():
            return "give each policy of the tier a priority of its own"
        case PodAddress():
            return "state the addresses of pods in a cluster section: `pods: 10.244.0.0/16`"
        case IpVersion():
            return "name networks of both IP versions in the policy"
        case NodeAddress():
            return "state the addresses of nodes in a cluster section: `nodes: 10.0.0.0/24`"
        case ResolvedName():
            return "leave addresses outside the cluster out of the claim, or name networks instead"
        case UnreadPolicy():
            return "look at it yourself; `--assume-no-other-policies` answers without it"
        case _:
            assert_never(fact)


def _reason_of_blocks(fact: BlockMatching) -> str:
    if fact.owner is AddressOwner.SERVICES:
        return "the network plugin: whether blocks match addresses of Services"
    if fact.all_match:
        return "the addresses of pods, which blocks match in this cluster"
    return "the network plugin: whether blocks match addresses of pods and nodes"


def _remedy_for_blocks(fact: BlockMatching) -> str:
    match fact.owner, fact.all_match:
        case AddressOwner.SERVICES, all_match:
            by_pods = "name the pods of the Service by labels in place of its address"
            return (
                by_pods
                if all_match
                else f"{by_pods}, or in a cluster section state `blocks: outside`"
            )
        case _, True:
            return "in a cluster section state addresses of `pods:` that no block has"
        case AddressOwner.NODES, _:
            return "in a cluster section state `blocks: outside` or `blocks: all`"
        case _:
            return "in a cluster section state `blocks: outside` or `blocks: all`, or addresses of `pods:` that no block has"
