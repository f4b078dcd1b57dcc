"""What to call pods that were seen in traffic, in arrows that are proposed.

A log gives labels; people write names. A name is used where the intents say what it
stands for, or where the proposal itself will; anywhere else a selector, with as few
labels as tell these pods from all others that were seen.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from netpolc.adoption.flows import PodSide
from netpolc.adoption.naming import PodClass, convention
from netpolc.kube.selectors import Selector
from netpolc.program.model import Namespace, Program
from netpolc.syntax.words import pod_name

_Labels: TypeAlias = Sequence[tuple[str, str]]


class Names:
    """The names of pods: those of a program, and of namespaces that no policy speaks of."""

    def __init__(
        self, program: Program, seen: Iterable[PodSide], spoken_for: Collection[str]
    ) -> None:
        self._program = program
        self._classes = [PodClass(one.namespace, "", one.labels) for one in seen]
        new = {one.namespace for one in self._classes if one.namespace not in spoken_for}
        self.conventions: Mapping[str, str] = {
            name: convention(one for one in self._classes if one.namespace == name)
            for name in sorted(new)
        }
        """The label that bare names will stand for, of each namespace without policies."""

    def pods(self, side: PodSide, *, bare: bool) -> str:
        """What stands for these pods and none other seen; empty where there is nothing.

        `bare` says that it stands in their own namespace.
        """
        others = [
            set(one.labels)
            for one in self._classes
            if one.namespace == side.namespace and one.labels != side.labels
        ]
        space = self._program.namespaces.get(side.namespace)
        key = self.conventions.get(side.namespace, space.label if space else "app")
        for labels in _tried(space, side, key):
            if not any(set(labels) <= other for other in others):
                if bare and side.namespace in self.conventions and [k for k, _ in labels] == [key]:
                    return pod_name(labels[0][1])
                if space is not None and (name := _name(space, labels)):
                    return pod_name(name)
                return "{" + ", ".join(f"{k}={v}" for k, v in sorted(labels)) + "}"
        return ""


def _tried(space: Namespace | None, side: PodSide, key: str) -> Iterator[_Labels]:
    """Labels that may tell these pods from others: those of names, then the fewest."""
    for service in space.services.values() if space else ():
        labels = service.pods.exact_labels()
        if labels and set(labels.items()) <= set(side.labels):
            yield list(labels.items())
    ordered = sorted(side.labels, key=lambda pair: (pair[0] != key, pair))
    yield ordered[:1]
    yield from ([ordered[0], pair] for pair in ordered[1:])
    yield ordered


def _name(space: Namespace, labels: _Labels) -> str:
    """The name by which intents of a namespace call pods with these labels; empty without one."""
    pods = Selector.labels(dict(labels))
    for name, service in space.services.items():
        if service.pods == pods:
            return name
    ((key, value), *rest) = labels
    return value if key == space.label and not rest and value not in space.services else ""
