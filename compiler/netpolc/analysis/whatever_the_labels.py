"""What allows permit together whatever labels the namespace of a peer has.

`db <- ns {env=dev}:[1, 3]` and `db <- ns {env!=dev}:[2, 3]` let a pod in on port 3 from a namespace whose labels nobody
states: one of the two is about it. By itself, each may not be.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import islice
from operator import or_

from netpolc.analysis.class_rows import most_classes
from netpolc.analysis.port_intersection import common
from netpolc.kube.peers import Peer, Pods
from netpolc.kube.ports import NO_TRAFFIC, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.sets.boxes import ANYTHING, Box, cells, outside


def whatever_the_labels(
    allows: Iterable[tuple[Peer, Traffic]],
) -> Iterator[tuple[Pods, Traffic]]:
    """The pods of all namespaces that some allows permit together, and the traffic."""
    by_labels = [
        (peer, peer.namespaces, traffic)
        for peer, traffic in allows
        if isinstance(peer, Pods) and peer.namespaces is not None and _is_by_labels(peer.namespaces)
    ]
    if not _are_all([dict(namespaces.requirements) for _, namespaces, _ in by_labels]):
        return
    for pods in dict.fromkeys(peer.pods for peer, _, _ in by_labels):
        members: list[tuple[Box, Traffic]] = [
            (dict(namespaces.requirements), traffic)
            for peer, namespaces, traffic in by_labels
            if pods <= peer.pods
        ]
        if len(members) > 1 and (traffic := _permitted(members)):
            yield Pods(EVERYTHING, pods), traffic


def _is_by_labels(namespaces: Selector) -> bool:
    """Whether a selector tests labels of namespaces, and not their names."""
    return not namespaces.is_everything and namespaces.without_namespace_names() == namespaces


def _are_all(boxes: Sequence[Box]) -> bool:
    """Whether some box has each value of the labels."""
    return next(outside(ANYTHING, boxes), None) is None


def _permitted(members: Sequence[tuple[Box, Traffic]]) -> Traffic:
    """The traffic that is permitted in each cell of some boxes; none if they leave something out."""
    boxes = [box for box, _ in members]
    if not _are_all(boxes):
        return NO_TRAFFIC
    most = most_classes(len(boxes))
    classes = [inside for _, inside in islice(cells(ANYTHING, boxes), most + 1)]
    if len(classes) > most:
        return NO_TRAFFIC
    each = (reduce(or_, (members[index][1] for index in inside)) for inside in classes)
    return reduce(lambda traffic, other: common(traffic, other).traffic, each)
