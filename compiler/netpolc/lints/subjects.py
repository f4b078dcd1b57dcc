"""Which pods are spoken of, asked of many policies at once.

Whether pods could exist that two subjects have in common is a short question; asked of
every pair of a namespace's policies it takes the square of their number. Subjects mostly
limit the same keys to one value each, so that equality answers it.
"""

from collections.abc import Iterable

from netpolc.kube.selectors import Labels, Selector


class Subjects:
    """A set of subjects."""

    __slots__ = ("_exact", "_others")

    def __init__(self, subjects: Iterable[Selector]) -> None:
        self._exact: dict[tuple[str, ...], set[Selector]] = {}
        self._others: set[Selector] = set()
        for subject in subjects:
            if subject.exact_labels() is None:
                self._others.add(subject)
            else:
                self._exact.setdefault(subject.keys(), set()).add(subject)

    def __bool__(self) -> bool:
        """Whether there is one."""
        return bool(self._exact or self._others)

    def meet(self, subject: Selector) -> bool:
        """Whether a pod could exist that is of this subject and of one in the set."""
        exact = subject.exact_labels() is not None
        for keys, some in self._exact.items():
            if exact and keys == subject.keys():
                if subject in some:
                    return True
            elif any(not (subject & other).impossible for other in some):
                return True
        return any(not (subject & other).impossible for other in self._others)

    def match(self, labels: Labels) -> bool:
        """Whether one of the subjects matches pods with exactly these labels."""
        for keys, some in self._exact.items():
            near = Selector.labels({key: labels[key] for key in keys if key in labels})
            if near in some:
                return True
        return any(other.matches(labels) for other in self._others)

    def cover(self, pods: Selector) -> bool:
        """Whether one of the subjects has all of these pods."""
        labels = pods.exact_labels()
        if labels is None:
            return any(pods <= one for some in self._exact.values() for one in some) or any(
                pods <= other for other in self._others
            )
        for keys, some in self._exact.items():
            if Selector.labels({key: labels[key] for key in keys if key in labels}) in some:
                return True
        return any(pods <= other for other in self._others)
