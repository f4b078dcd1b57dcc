"""Pods of which two are enough to see that a log does not decide an answer.

Where a subject asks for a label that a log does not show, some of the pods that a flow may be about have it and
others do not. A search among all of them looks at each subject of the namespace, for each
flow. An example with few labels, and one with those that a subject asks for, mostly tell the same at once: one end
permits the flow to the first and not to the second.
"""

from collections.abc import Iterator
from itertools import islice

from netpolc.analysis.chosen_labels import chosen_labels
from netpolc.analysis.concrete_evaluator import Connection, End, Pod, contradiction, end_permits
from netpolc.analysis.query import AddressEnd, EndOfQuestion, PodEnd
from netpolc.analysis.witness import an_address
from netpolc.flowlogs.filed_subjects import FiledSubjects
from netpolc.ir.model import Policies, Subject
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.ports import Protocol
from netpolc.kube.selectors import Selector

_TRIED = 2
"""Subjects, and allows of each, for which an example is made."""


class DifferingPods:
    """The policies of one direction, asked for pods at its end that do not all permit the same."""

    __slots__ = ("_direction", "_policies", "_subjects")

    def __init__(self, policies: Policies, direction: Direction, subjects: FiledSubjects) -> None:
        self._policies, self._direction, self._subjects = policies, direction, subjects

    def exist(self, own: PodEnd, other: EndOfQuestion, protocol: Protocol, port: int) -> bool:
        """Whether examples show that some pods of an end permit a port with the other end, and some do not.

        False says only that these examples do not show it.
        """
        answers: set[bool] = set()
        for pod, peer in self._pairs(own, other):
            ends = (peer, pod) if self._direction is Direction.INGRESS else (pod, peer)
            connection = Connection(sender=ends[0], receiver=ends[1], protocol=protocol, port=port)
            if contradiction(self._policies, connection) is None:
                answers.add(end_permits(self._policies, self._direction, pod, connection))
            if len(answers) > 1:
                return True
        return False

    def _pairs(self, own: PodEnd, other: EndOfQuestion) -> Iterator[tuple[Pod, End]]:
        """Examples of both ends: with few labels, and with those that policies ask for."""
        if own.pods.impossible or (isinstance(other, PodEnd) and other.pods.impossible):
            return
        peer = self._example(other)
        yield self._pod(own, own.pods), peer
        for subject in islice(self._near(own), _TRIED):
            pod = self._pod(own, own.pods & subject.selector)
            yield pod, peer
            if isinstance(other, PodEnd):
                yield from ((pod, listed) for listed in self._listed(subject, other))

    def _listed(self, subject: Subject, other: PodEnd) -> Iterator[Pod]:
        """Examples of an end that allows of a subject may list."""
        for allow in subject.allows[:_TRIED]:
            if isinstance(allow.peer, Pods) and not other.pods.isdisjoint(allow.peer.pods):
                yield self._pod(other, other.pods & allow.peer.pods)

    def _near(self, end: PodEnd) -> Iterator[Subject]:
        """The subjects that may match some of the pods of an end."""
        subjects, index = self._subjects.of(end.namespaces.namespace_name or "")
        return (subjects[number] for number in index.each_overlapping(end.pods))

    def _example(self, end: EndOfQuestion) -> End:
        if isinstance(end, AddressEnd):
            return an_address(end.addresses.v4, end.addresses.v6)
        return self._pod(end, end.pods)

    def _pod(self, end: PodEnd, pods: Selector) -> Pod:
        """An example of some pods of an end, with few labels of its own and all known ones of its namespace."""
        namespace = end.namespaces.namespace_name or ""
        known = self._policies.namespaces.get(namespace)
        stated = {} if known is None else known.labels
        return Pod(
            namespace=namespace,
            namespace_labels={**stated, **chosen_labels(end.namespaces.requirements)},
            labels=chosen_labels(pods.requirements),
        )
