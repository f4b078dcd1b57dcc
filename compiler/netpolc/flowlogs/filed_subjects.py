"""The subjects of a namespace, found by the pods of a log.

A log has a thousand pods and a namespace a thousand subjects; comparing each with each takes longer
than everything else.
"""

from netpolc.ir.model import Policies, Subject
from netpolc.kube.peers import Direction
from netpolc.kube.selector_index import SelectorIndex


class FiledSubjects:
    """The subjects of one direction, by namespace."""

    __slots__ = ("_direction", "_filed", "_policies")

    def __init__(self, policies: Policies, direction: Direction) -> None:
        self._policies, self._direction = policies, direction
        self._filed: dict[str, tuple[tuple[Subject, ...], SelectorIndex[int]]] = {}

    def of(self, namespace: str) -> tuple[tuple[Subject, ...], SelectorIndex[int]]:
        """The subjects of a namespace, and their numbers by the pods that they select."""
        filed = self._filed.get(namespace)
        if filed is None:
            known = self._policies.namespaces.get(namespace)
            subjects = () if known is None else known.of(self._direction)
            index = SelectorIndex((s.selector, number) for number, s in enumerate(subjects))
            filed = self._filed[namespace] = subjects, index
        return filed
