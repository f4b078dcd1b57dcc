"""Names for pods that no label convention names, as a person would choose them.

A reader should recognise the pods without looking the selector up. A workload that is
known to be them gives the best name; else a label that is usually a name, told apart by
another one where two selectors share it; else the policy that speaks of them.
"""

import re
from collections.abc import Collection, Iterable, Iterator

from netpolc.kube.inventory import Workload
from netpolc.kube.label_conventions import NAME_KEYS
from netpolc.kube.selectors import Selector

_UNKNOWN = len(NAME_KEYS)
_TELLING = 4
"""A word as long as this says enough: the `operator` of `operator.example.com`."""

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
    """Names for pods, the best first, without end.

    Args:
        selector: the pods.
        workloads: those of the namespace.
        policies: names of the policies that have the pods for their subject.
        shared: label values that other pods have as well, so that they say too little.
    """
    found = dict.fromkeys(_named(selector, workloads, policies))
    named = [name for name in found if name not in shared] or [*found, "pods"]
    yield from named
    number = 2
    while True:
        yield f"{named[0]}-{number}"
        number += 1


def chosen(names: Iterator[str], taken: Collection[str]) -> str:
    """The first usable name that is not taken."""
    return next(name for name in names if is_usable(name) and name not in taken)


def _named(
    selector: Selector, workloads: Iterable[Workload], policies: Collection[str]
) -> Iterator[str]:
    running = [one.name for one in workloads if selector.matches(one.labels)]
    if len(running) == 1:
        yield running[0]
    words = list(_words(selector))
    yield from (name for name in map(_undecorated, policies) if name in words)
    yield from (match.group(1) for match in map(_OF_SERVICE.fullmatch, policies) if match)
    if words and len(words[0]) < _TELLING and _rank(min(selector.keys(), key=_rank)) == _UNKNOWN:
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
        (selector.exact_labels() or {}).items(), key=lambda label: (_rank(label[0]), label[0])
    )
    for key, value in ranked:
        if value.lower() in _SAYS_YES or not value:
            yield key.rpartition("/")[2].replace(".", "-")
        else:
            first = value.partition(".")[0]
            yield first if len(first) >= _TELLING else value.replace(".", "-")


def _rank(key: str) -> int:
    return NAME_KEYS.index(key) if key in NAME_KEYS else _UNKNOWN


def _undecorated(policy: str) -> str:
    """A policy's name without what says that it is a policy."""
    name = policy.replace(".", "-")
    while (shorter := _DECORATION.sub("", name)) and shorter != name:
        name = shorter
    return name
