"""Names for pods, found from the labels that they have.

A name must stand for exactly the pods meant: an arrow to `api` opens whatever is labelled
app=api. So a bare name is used where its label tells these pods from all others known,
a declared service with as few labels as tell them apart where it does not, and none at
all where no labels do.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count

from netpolc.frozen import frozen
from netpolc.kube.label_conventions import SERVICE_KEYS, is_lasting
from netpolc.kube.name_rules import label_key_problem, label_value_problem
from netpolc.syntax.keywords import pod_name


@frozen(order=True)
class PodClass:
    """Pods that are known by their labels; `called` is what their manifest or log calls them."""

    namespace: str
    called: str
    labels: tuple[tuple[str, str], ...]
    kind: str = ""


@frozen
class ServiceName:
    """What to call a class; `declared` has the labels where they are not the convention's."""

    name: str
    declared: tuple[tuple[str, str], ...] = ()

    def declaration(self) -> str:
        """The `service` statement, empty where none is needed."""
        if not self.declared:
            return ""
        labels = ", ".join(f"{key}={value}" for key, value in self.declared)
        return f"service {pod_name(self.name)} = {{{labels}}}"

    def __str__(self) -> str:
        """The name as the language writes it."""
        return pod_name(self.name)


def identifying(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The labels that could identify a service, sorted; those no API server accepts left out."""
    return tuple(
        sorted(
            (key, value)
            for key, value in labels.items()
            if is_lasting(key, value)
            and value
            and not label_key_problem(key)
            and not label_value_problem(value)
        )
    )


def convention(classes: Iterable[PodClass]) -> str:
    """The label key that tells the most classes from all others of their namespace."""
    known = list(classes)
    return max(
        SERVICE_KEYS,
        key=lambda key: (
            sum(_alone(one, ((key, value),), known) for one, value in _valued(known, key)),
            -SERVICE_KEYS.index(key),
        ),
    )


def names(classes: Iterable[PodClass], key: str) -> dict[PodClass, ServiceName]:
    """A name for each class that labels tell from all others; the rest have none.

    Args:
        classes: all that is known; a class's labels are taken for all it has.
        key: the namespace's convention.

    Returns:
        Names, each used for one class of a namespace.
    """
    known = sorted(set(classes))
    found: dict[PodClass, ServiceName] = {}
    # What the convention calls by a label's value must keep that name, whoever has it.
    taken = {(one.namespace, value) for one, value in _valued(known, key)}
    for one in known:
        value = dict(one.labels).get(key)
        if value is not None and _alone(one, ((key, value),), known):
            found[one] = ServiceName(value)
            continue
        labels = next((some for some in _choices(one, key) if _alone(one, some, known)), None)
        if labels is not None:
            name = _free(one, taken)
            taken.add((one.namespace, name))
            found[one] = ServiceName(name, labels)
    return found


def _valued(known: Sequence[PodClass], key: str) -> Iterator[tuple[PodClass, str]]:
    for one in known:
        if (value := dict(one.labels).get(key)) is not None:
            yield one, value


def _choices(one: PodClass, key: str) -> Iterator[tuple[tuple[str, str], ...]]:
    """Labels to declare a service by, the shortest and the most usual first."""
    first = tuple(pair for pair in one.labels if pair[0] == key)
    for pair in one.labels:
        if pair not in first:
            yield tuple(sorted((*first, pair)))
    if one.labels:
        yield one.labels


def _alone(one: PodClass, labels: tuple[tuple[str, str], ...], known: Sequence[PodClass]) -> bool:
    wanted = set(labels)
    return not any(
        other.namespace == one.namespace and other != one and wanted <= set(other.labels)
        for other in known
    )


def _free(one: PodClass, taken: set[tuple[str, str]]) -> str:
    """A name that nothing else in the namespace has."""
    name = one.called or "pods"
    if (one.namespace, name) not in taken:
        return name
    return next(n for i in count(2) if (one.namespace, n := f"{name}-{i}") not in taken)
