"""Facts that nobody states and that an answer may depend on, and what would state them.

Neither policies nor manifests say everything: the number of a named port at a pod that is
not known, what policies do to a pod on the host's network, whether a block matches pods,
which labels a namespace has whose manifest is missing. An answer that depends on such a
fact is undecided. It names the fact, in the words given here, in every command. Workloads are
written as lists name them.
"""

from typing import TypeAlias, assert_never

from netpolc.kube.ports import NamedPort
from netpolc.values import frozen


@frozen
class PortNumber:
    """The number that receivers give to a named port."""

    port: NamedPort


@frozen
class HostNetwork:
    """What policies do to a workload on the host's network."""

    workload: str


@frozen
class BlockMatching:
    """Whether blocks match addresses of pods, nodes and Services."""


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


UnknownFact: TypeAlias = PortNumber | HostNetwork | BlockMatching | NamespaceLabel | ReplicaLabel


def reason(fact: UnknownFact) -> str:
    """The fact in words that follow "depends on"."""
    match fact:
        case PortNumber(port):
            return f"which number the receiver's port `{port.name}` has"
        case HostNetwork(workload):
            return f"what policies do to `{workload}` on the host's network"
        case BlockMatching():
            return "the network plugin: whether blocks match addresses of pods and nodes"
        case NamespaceLabel(namespace, key):
            return f"whether namespace `{namespace}` has the label `{key}`"
        case ReplicaLabel(workload, key):
            return f"which pod of `{workload}` it is: their label `{key}` differs"
        case _:
            assert_never(fact)


def remedy(fact: UnknownFact) -> str:
    """What the user can do to have it decided."""
    match fact:
        case PortNumber():
            return "write the number in place of the name: pods to come may give it another one"
        case HostNetwork():
            return "leave these pods out of the question, or take them off the host's network"
        case BlockMatching():
            return "in a cluster section state `blocks: outside` or `blocks: all`, or the addresses of `pods:`"
        case NamespaceLabel(namespace, _):
            return f"add the manifest of namespace `{namespace}`"
        case ReplicaLabel():
            return "name the pods by a label that all of them share"
        case _:
            assert_never(fact)
