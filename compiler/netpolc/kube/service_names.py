"""Names for services: what to call pods that are known by their labels or by a selector.

`init` and `learn` know pods by all of their labels; a name must mean exactly these
pods, because an arrow to `api` opens whatever is labelled app=api. So a bare name is used
where its label distinguishes the pods from all others of the namespace, the fewest labels
that do where it does not, and no name where no labels do (`distinct_names`).

`import` knows pods by selectors, which say exactly what they mean; a name must only be
readable. The only workload that a selector matches gives the best name; otherwise a label
whose value is usually a name, with another label where two selectors share it; otherwise
the policy about them (`candidates`).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import count
from typing import TypeAlias

from netpolc.kube.inventory import Workload
from netpolc.kube.label_conventions import NAME_KEYS, SERVICE_KEYS, is_lasting, name_rank
from netpolc.kube.name_rules import LABEL_LENGTH, label_key_problem, label_value_problem
from netpolc.kube.selectors import Selector
from netpolc.values import frozen

_LabelPairs: TypeAlias = tuple[tuple[str, str], ...]


@frozen(order=True)
class PodClass:
    """Pods with equal labels; `called` is what their manifest or log calls them."""

    namespace: str
    called: str
    labels: _LabelPairs
    kind: str = ""


@frozen
class ServiceName:
    """A service's name; `labels` select its pods where the namespace's `label:` key does not."""

    name: str
    labels: _LabelPairs = ()


def identifying_labels(labels: Mapping[str, str]) -> _LabelPairs:
    """The labels that could identify a service, sorted: valid ones that last."""
    return tuple(
        sorted(
            (key, value)
            for key, value in labels.items()
            if value
            and is_lasting(key, value)
            and not label_key_problem(key)
            and not label_value_problem(value)
        )
    )


def preferred_key(classes: Iterable[PodClass]) -> str:
    """The service key that distinguishes the most classes from all others of their namespace."""
    known = set(classes)
    index = _ClassIndex(known)

    def distinguished(key: str) -> int:
        values = ((pods, dict(pods.labels).get(key)) for pods in known)
        return sum(
            value is not None and index.is_alone(pods, ((key, value),)) for pods, value in values
        )

    return max(SERVICE_KEYS, key=lambda key: (distinguished(key), -SERVICE_KEYS.index(key)))


def distinct_names(classes: Iterable[PodClass], key: str) -> dict[PodClass, ServiceName]:
    """A name for each class that labels distinguish from all others; the rest have none.

    Args:
        classes: all pods that are known; each class has no other labels.
        key: the label key of bare names.

    Returns:
        Names, each used for one class of a namespace.
    """
    known = sorted(set(classes))
    index = _ClassIndex(known)
    names: dict[PodClass, ServiceName] = {}
    # A value of the key is the name of the pods that have it, whatever else they are called.
    taken = {(pods.namespace, value) for pods in known for k, value in pods.labels if k == key}
    for pods in known:
        value = dict(pods.labels).get(key)
        if value is not None and index.is_alone(pods, ((key, value),)):
            names[pods] = ServiceName(value)
            continue
        labels = next(
            (some for some in _label_choices(pods, key) if index.is_alone(pods, some)), None
        )
        if labels is not None:
            name = _unused(pods, taken)
            taken.add((pods.namespace, name))
            names[pods] = ServiceName(name, labels)
    return names


class _ClassIndex:
    """Classes by each label that they have."""

    def __init__(self, classes: Iterable[PodClass]) -> None:
        self._having: dict[tuple[str, str, str], set[PodClass]] = {}
        for pods in classes:
            for key, value in pods.labels:
                self._having.setdefault((pods.namespace, key, value), set()).add(pods)

    def is_alone(self, pods: PodClass, labels: _LabelPairs) -> bool:
        """Whether no other class of the namespace has all of these labels of a class."""
        having = sorted((self._having[pods.namespace, *label] for label in labels), key=len)
        return len(having[0].intersection(*having[1:])) == 1


def _label_choices(pods: PodClass, key: str) -> Iterator[_LabelPairs]:
    """Labels to declare a service by: the key's with one other, then all of them."""
    first = tuple(pair for pair in pods.labels if pair[0] == key)
    for pair in pods.labels:
        if pair not in first:
            yield tuple(sorted((*first, pair)))
    if pods.labels:
        yield pods.labels


def _unused(pods: PodClass, taken: Collection[tuple[str, str]]) -> str:
    """A name that no other service of the namespace has."""
    name = _shortened(pods.called or "pods")
    if (pods.namespace, name) not in taken:
        return name
    return next(
        n for i in count(2) if (pods.namespace, n := _shortened(name, f"-{i}")) not in taken
    )


def _shortened(name: str, suffix: str = "") -> str:
    """The name with a suffix, cut to the length of a label value: a Deployment's may be longer."""
    kept = name[: LABEL_LENGTH - len(suffix)]
    return (kept if kept == name else kept.rstrip("-._")) + suffix


_TELLING = 4
"""A word as long as this says enough: the `operator` of `operator.example.com`."""

_LONG_NUMBER = "-1000000"
"""A suffix that leaves as little of a long name as any number of names will."""

_SAYS_YES = frozenset({"true", "yes", "on", "enabled", "allow", "allowed"})
_DECORATION = re.compile(
    r"^(?:allow|deny|default|netpol|np)-|-(?:network-?policy|netpol|policy|np|ingress|egress)$"
)
_OF_SERVICE = re.compile(
    r"(?!(?:allow|deny|default|permit|block|restrict|limit|isolate)-)"
    r"((?:(?!-(?:to|from|allow|deny|ingress|egress)-)[a-z0-9-])+?)"
    r"-(?:network-?policy|netpol|policy|ingress|egress)"
)
"""A policy that is called after the service it is about, and not after what it does."""

_WORD = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")


def is_usable(name: str) -> bool:
    """Whether a label's value can be a bare name that nobody takes for something else.

    A name with dots looks like a host's, a number like a port, and `true` names nothing.
    """
    return (
        _WORD.fullmatch(name) is not None
        and not name.replace("-", "").isdigit()
        and name.lower() not in _SAYS_YES
    )


def candidates(
    selector: Selector,
    workloads: Iterable[Workload] = (),
    policies: Collection[str] = (),
    *,
    shared: Collection[str] = (),
) -> Iterator[str]:
    """Names for pods, the best first, without end. Those with numbers are usable.

    Args:
        selector: the pods.
        workloads: those of the namespace.
        policies: names of the policies that have the pods for their subject.
        shared: label values that other pods have as well, so that they say too little.
    """
    proposed = dict.fromkeys(map(_shortened, _named(selector, workloads, policies)))
    named = [name for name in proposed if name not in shared] or [*proposed, "pods"]
    yield from named
    stem = next(name for name in (*named, "pods") if is_usable(_shortened(name, _LONG_NUMBER)))
    if stem not in named:
        yield stem
    for number in count(2):
        yield _shortened(stem, f"-{number}")


def chosen(names: Iterator[str], taken: Collection[str]) -> str:
    """The first usable name that is not taken."""
    return next(name for name in names if is_usable(name) and name not in taken)


def _named(
    selector: Selector, workloads: Iterable[Workload], policies: Collection[str]
) -> Iterator[str]:
    running = [workload.name for workload in workloads if workload.may_match(selector)]
    if len(running) == 1:
        yield running[0]
    words = list(_words(selector))
    yield from (name for name in map(_undecorated, policies) if name in words)
    yield from (match.group(1) for match in map(_OF_SERVICE.fullmatch, policies) if match)
    if (
        words
        and len(words[0]) < _TELLING
        and min(map(name_rank, selector.keys())) == len(NAME_KEYS)
    ):
        yield from map(_undecorated, policies)
    if words:
        yield words[0]
        for other in words[1:]:
            yield other if other.startswith(words[0]) else f"{words[0]}-{other}"
        yield "-".join(words)
    for policy in policies:
        yield _undecorated(policy)


def _words(selector: Selector) -> Iterator[str]:
    """A word for each label, the most telling first."""
    ranked = sorted(
        (selector.exact_labels() or {}).items(), key=lambda label: (name_rank(label[0]), label[0])
    )
    for key, value in ranked:
        if value.lower() in _SAYS_YES or not value:
            yield key.rpartition("/")[2].replace(".", "-")
        else:
            first = value.partition(".")[0]
            yield first if len(first) >= _TELLING else value.replace(".", "-")


def _undecorated(policy: str) -> str:
    """A policy's name without what says that it is a policy."""
    name = policy.replace(".", "-")
    while (shorter := _DECORATION.sub("", name)) and shorter != name:
        name = shorter
    return name
