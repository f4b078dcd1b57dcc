"""Label selectors, in a form where equal meaning is equality.

Kubernetes writes a selector as `matchLabels` and a list of `matchExpressions`, all of
which must hold (API reference, LabelSelector). Many texts mean the same. Each
requirement limits one key, and keys do not know of each other, so a selector is
exactly a map from keys to the possibilities left to them; that map is the form here.

What the API's operators can say of one key is closed under conjunction: one of some
values, anything but some values (absence included), any value but some, or absence.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_
from typing import TypeAlias

from netpolc.kube.name_rules import METADATA_NAME
from netpolc.remembered import one_while_used
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT, PRESENT
from netpolc.values import Keyed, frozen

Labels: TypeAlias = Mapping[str, str]


@frozen(interned=True)
class Selector(Keyed):
    """A conjunction of label requirements. Make one with `of`, `labels` or `&`.

    `requirements` is sorted by key and holds no requirement that everything meets.
    `impossible` marks the selector that nothing meets; it has no requirements.
    """

    requirements: tuple[tuple[str, ValueSet], ...] = ()
    impossible: bool = False

    @classmethod
    def of(cls, requirements: Iterable[tuple[str, ValueSet]]) -> "Selector":
        """The conjunction of requirements; a key may come several times."""
        by_key: dict[str, ValueSet] = {}
        for key, allowed in requirements:
            by_key[key] = by_key[key] & allowed if key in by_key else allowed
        if not all(by_key.values()):
            return NOTHING
        return cls(tuple(sorted((k, v) for k, v in by_key.items() if not v.is_full)))

    @classmethod
    def labels(cls, labels: Labels) -> "Selector":
        """The selector that asks for each of these labels."""
        if len(labels) == 1:
            return _of_label(next(iter(labels.items())))
        return cls(tuple(sorted((key, ValueSet.among(value)) for key, value in labels.items())))

    @classmethod
    def namespace(cls, name: str) -> "Selector":
        """The selector of the one namespace with this name."""
        return _of_label((METADATA_NAME, name))

    @property
    def is_everything(self) -> bool:
        """Whether everything meets it (the API's empty selector)."""
        return not self.requirements and not self.impossible

    def __and__(self, other: "Selector") -> "Selector":
        """The conjunction of both."""
        if self.impossible or other.impossible:
            return NOTHING
        if not self.requirements:
            return other
        return (
            Selector.of((*self.requirements, *other.requirements)) if other.requirements else self
        )

    def __le__(self, other: "Selector") -> bool:
        """Whether this selector implies the other."""
        if self is other or self.impossible:
            return True
        if other.impossible:
            return False
        if len(self.requirements) == len(other.requirements) == 1:  # As most of them are.
            (my_key, my_values), (key, values) = self.requirements[0], other.requirements[0]
            return my_key == key and my_values <= values
        mine = dict(self.requirements)
        return all(key in mine and mine[key] <= allowed for key, allowed in other.requirements)

    def isdisjoint(self, other: "Selector") -> bool:
        """Whether nothing can meet both: some label would need two values."""
        if self.impossible or other.impossible:
            return True
        if self is other:
            return False
        if len(self.requirements) == len(other.requirements) == 1:  # As most of them are.
            (my_key, mine), (key, values) = self.requirements[0], other.requirements[0]
            return my_key == key and mine.isdisjoint(values)
        theirs = dict(other.requirements)
        return any(
            key in theirs and allowed.isdisjoint(theirs[key]) for key, allowed in self.requirements
        )

    def matches(self, labels: Labels) -> bool:
        """Whether something with exactly these labels meets it."""
        if self.impossible:
            return False
        return all(labels.get(key) in allowed for key, allowed in self.requirements)

    def keys(self) -> tuple[str, ...]:
        """The keys that it limits."""
        return tuple(key for key, _ in self.requirements)

    def decided_by(self, labels: Labels) -> bool | None:
        """Whether something with at least these labels meets it; None if other labels decide."""
        if self.impossible or any(
            key in labels and labels[key] not in allowed for key, allowed in self.requirements
        ):
            return False
        return True if all(key in labels for key, _ in self.requirements) else None

    def required_labels(self) -> dict[str, str]:
        """The labels of everything that meets it: one value for each of some keys."""
        return {
            key: value
            for key, allowed in self.requirements
            if (value := allowed.single) is not None
        }

    def exact_labels(self) -> dict[str, str] | None:
        """The labels it asks for, when it asks for nothing but one value for each key."""
        labels = self.required_labels()
        return labels if len(labels) == len(self.requirements) and not self.impossible else None

    @property
    def namespace_name(self) -> str | None:
        """The name of the one namespace that can meet it; None if it does not ask for one name."""
        return next((a.single for key, a in self.requirements if key == METADATA_NAME), None)

    @property
    def only_namespace_name(self) -> str | None:
        """The name of the one namespace that meets it; None if it asks for anything else, too."""
        return self.namespace_name if len(self.requirements) == 1 else None

    @property
    def namespace_names(self) -> frozenset[str] | None:
        """The names of the only namespaces that can meet it; None if it does not limit them."""
        for key, allowed in self.requirements:
            if key == METADATA_NAME:
                return None if allowed.complement else allowed.values
        return frozenset() if self.impossible else None

    def without_namespace_names(self) -> "Selector":
        """The same requirements but the one for the name of the namespace."""
        return Selector.of(each for each in self.requirements if each[0] != METADATA_NAME)

    def sort_key(self) -> str:
        """A text that orders selectors the same way on every machine: the simplest first.

        By the number of requirements, then by each key, its kind of values and these. What ends a part
        sorts before what continues it.
        """
        try:
            return self._key  # type: ignore[return-value]
        except AttributeError:
            parts = [f"{self.impossible:d}{chr(len(self.requirements))}"]
            for key, allowed in self.requirements:
                values = "".join(f"\1{value}" for value in sorted(allowed.values))
                parts.append(f"{key}\0{allowed.complement:d}{allowed.absent:d}{values}\0")
            text = "".join(parts)
            object.__setattr__(self, "_key", text)
            return text


def selector_meant(
    labels: Labels, expressions: Iterable[tuple[str, str, tuple[str, ...]]] = ()
) -> Selector:
    """The selector of an API's LabelSelector: labels and (key, operator, values), all of which hold."""
    requirements = tuple((key, _values(operator, values)) for key, operator, values in expressions)
    if not requirements:
        return Selector.labels(labels)
    return Selector.of(
        (*((key, ValueSet.among(value)) for key, value in labels.items()), *requirements)
    )


def _values(operator: str, values: tuple[str, ...]) -> ValueSet:
    """The possibilities that an operator leaves; `NotIn` holds where the key is absent."""
    match operator:
        case "In":
            return ValueSet.among(*values)
        case "NotIn":
            return ValueSet.other_than(*values)
        case "Exists":
            return PRESENT
        case "DoesNotExist":
            return ABSENT
        case other:
            message = f"{other} is not an operator of label selectors"
            raise ValueError(message)


NOTHING = Selector(impossible=True)
EVERYTHING = Selector()


def common_key(selectors: Iterable[Selector]) -> str | None:
    """The key of the one label that each selector asks for; None if one asks for anything else.

    Where there is such a key, selectors that differ match nothing in common.
    """
    keys = {
        selector.requirements[0][0]
        if len(selector.requirements) == 1 and selector.requirements[0][1].single is not None
        else None
        for selector in selectors
    }
    return keys.pop() if len(keys) == 1 else None


def conjunction(selectors: Iterable[Selector]) -> Selector:
    """The conjunction of selectors; of none, everything."""
    return reduce(and_, selectors, EVERYTHING)


@one_while_used
def _of_label(label: tuple[str, str]) -> Selector:
    """The selector of one label: a name is met again and again."""
    key, value = label
    return Selector(((key, ValueSet.among(value)),))
