"""The policies of one namespace in one direction, ready to be asked.

A question usually concerns a few of them: those whose subject can have the labels asked
about, or whose peer can be in the namespace at the other end. A `Side` finds these
without looking at the rest, by one label value that a subject requires and by the
namespace names that a peer requires. What it returns may contain more than is needed,
never less.
"""

from collections.abc import Collection

from netpolc.ir.model import Allow, Isolation, PolicySet
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Outside, Pods
from netpolc.kube.selectors import Labels, Selector
from netpolc.sets import ValueSet
from netpolc.sets.value_index import Limits, ValueIndex


class Side:
    """Isolations and allows of one namespace and direction; compared by identity."""

    __slots__ = (
        "_by_peer",
        "_meaning",
        "_shared",
        "_somewhere",
        "_subjects",
        "allows",
        "always_closed",
        "isolations",
        "names",
        "outside",
    )

    def __init__(
        self, namespace: str, isolations: tuple[Isolation, ...], allows: tuple[Allow, ...]
    ) -> None:
        self.isolations = isolations
        self.allows = allows
        self.always_closed = next((i for i in isolations if i.subject.is_everything), None)
        self.names = tuple(_peer_names(allow, namespace) for allow in allows)
        self._meaning: tuple[frozenset[Isolation], frozenset[Allow]] | None = None
        self._shared: tuple[Side, frozenset[int]] | None = None
        self.outside = frozenset(
            i for i, a in enumerate(allows) if isinstance(a.peer, Outside | Anyone)
        )
        self._somewhere = [i for i, names in enumerate(self.names) if names is None]
        self._by_peer: dict[str, list[int]] = {}
        for index, names in enumerate(self.names):
            for name in names or ():
                self._by_peer.setdefault(name, []).append(index)
        self._subjects = ValueIndex(
            (dict(allow.subject.requirements), index) for index, allow in enumerate(allows)
        )

    @classmethod
    def of(cls, policies: PolicySet, direction: Direction) -> "Side | None":
        """The side of a policy set; None where nothing is closed, so that allows say nothing."""
        isolations = tuple(
            i for i in policies.isolations if i.direction is direction and not i.subject.impossible
        )
        if not isolations:
            return None
        allows = (a for a in policies.allows if a.direction is direction and a.traffic)
        return cls(
            policies.namespace, isolations, tuple(a for a in allows if not a.subject.impossible)
        )

    def meaning(self) -> tuple[frozenset[Isolation], frozenset[Allow]]:
        """What decides whether two sides are the same."""
        if self._meaning is None:
            self._meaning = frozenset(self.isolations), frozenset(self.allows)
        return self._meaning

    def means(self, other: "Side") -> bool:
        """Whether two sides are the same. Hashing is saved where they stand in one order."""
        if (self.isolations, self.allows) == (other.isolations, other.allows):
            return True
        return self.meaning() == other.meaning()

    def shared(self, other: "Side") -> frozenset[int]:
        """The allows, by index, that another side has as well."""
        if self._shared is None or self._shared[0] is not other:
            theirs = other.meaning()[1]
            found = frozenset(i for i, allow in enumerate(self.allows) if allow in theirs)
            self._shared = other, found
        return self._shared[1]

    def about(self, wanted: Limits) -> list[int]:
        """The allows whose subject may have such labels, by index, ascending."""
        return self._subjects.meeting(wanted)

    def about_pod(self, labels: Labels) -> list[int]:
        """The same for a pod with exactly these labels."""
        return self._subjects.around({k: ValueSet.among(v) for k, v in labels.items()})

    def toward(self, names: ValueSet, among: Collection[int]) -> list[int]:
        """Those of some allows whose peer may be pods in a namespace with one of the names.

        By index, ascending. Found from the names or from the allows, whichever are fewer: a
        namespace may have thousands of allows about itself, and the question be about one pod.
        """
        if names.complement or len(names.values) > len(self._by_peer):
            return sorted(i for i in among if self.names[i] is None or self.names[i])
        named = [self._somewhere, *(self._by_peer.get(name, ()) for name in names.values)]
        if sum(map(len, named)) < len(among):
            return sorted({i for some in named for i in some if i in among})
        return sorted(i for i in among if self._is_toward(i, names.values))

    def _is_toward(self, index: int, names: frozenset[str]) -> bool:
        peer = self.names[index]
        return peer is None or not peer.isdisjoint(names)


def required_names(namespaces: Selector) -> frozenset[str] | None:
    """The namespace names that a selector of namespaces limits itself to; None if it does not."""
    for key, allowed in namespaces.requirements:
        if key == METADATA_NAME:
            return None if allowed.complement else allowed.values
    return frozenset() if namespaces.impossible else None


def _peer_names(allow: Allow, home: str) -> frozenset[str] | None:
    match allow.peer:
        case Pods(None, _):
            return frozenset((home,))
        case Pods(namespaces, _) if namespaces is not None:
            return required_names(namespaces)
        case Outside():
            return frozenset()
        case _:
            return None
