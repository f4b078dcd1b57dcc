"""The values that one variable may hold: strings without a bound, or no value at all.

A label key of a pod that could exist has any of infinitely many values, or is not
there. A test on it names finitely many of them. So a set of possibilities is either
some named strings or all but some named strings, and, apart from that, whether
absence is possible. That form is closed under union, intersection and complement,
and unique.

    >>> ValueSet.among("a", "b") & ValueSet.other_than("b")
    ValueSet(values=frozenset({'a'}), complement=False, absent=False)
"""

from netpolc.values import Keyed, frozen


@frozen(cache_hash=True)
class ValueSet(Keyed):
    """A set of strings, finite or all but finitely many, and perhaps absence.

    `values` are the members, or with `complement` the strings that are not members;
    `absent` says whether the variable may have no value.
    """

    values: frozenset[str] = frozenset()
    complement: bool = False
    absent: bool = False

    @classmethod
    def among(cls, *values: str) -> "ValueSet":
        """One of these strings."""
        return cls(frozenset(values))

    @classmethod
    def other_than(cls, *values: str) -> "ValueSet":
        """Anything but these strings, absence included."""
        return cls(frozenset(values), complement=True, absent=True)

    def __bool__(self) -> bool:
        """Whether anything is possible."""
        return self.complement or self.absent or bool(self.values)

    @property
    def is_full(self) -> bool:
        """Whether everything is possible."""
        return self.complement and self.absent and not self.values

    @property
    def single(self) -> str | None:
        """The string that is the only possibility; None if there is another one, or none."""
        if self.complement or self.absent or len(self.values) != 1:
            return None
        (value,) = self.values
        return value

    @property
    def is_finite(self) -> bool:
        """Whether every possibility is one of `values`: present, and one of finitely many."""
        return not (self.complement or self.absent)

    def __contains__(self, value: str | None) -> bool:
        """Whether the variable may have this value; None is absence."""
        if value is None:
            return self.absent
        return (value in self.values) is not self.complement

    def __invert__(self) -> "ValueSet":
        """Every possibility that is not in this set."""
        return ValueSet(self.values, not self.complement, not self.absent)

    def __and__(self, other: "ValueSet") -> "ValueSet":
        """The intersection."""
        absent = self.absent and other.absent
        match self.complement, other.complement:
            case True, True:
                return ValueSet(self.values | other.values, complement=True, absent=absent)
            case True, False:
                return ValueSet(other.values - self.values, complement=False, absent=absent)
            case False, True:
                return ValueSet(self.values - other.values, complement=False, absent=absent)
            case _:
                return ValueSet(self.values & other.values, complement=False, absent=absent)

    def __or__(self, other: "ValueSet") -> "ValueSet":
        """The union."""
        return ~(~self & ~other)

    def __sub__(self, other: "ValueSet") -> "ValueSet":
        """The difference of the sets."""
        return self & ~other

    def __le__(self, other: "ValueSet") -> bool:
        """Whether every possibility of this set is one of the other."""
        if self is other:
            return True
        if self.absent and not other.absent:
            return False
        if self.complement:
            return other.complement and other.values <= self.values
        if other.complement:
            return self.values.isdisjoint(other.values)
        return self.values <= other.values

    def isdisjoint(self, other: "ValueSet") -> bool:
        """Whether the two share no possibility."""
        if self.absent and other.absent:
            return False
        if self.complement:
            return not other.complement and other.values <= self.values
        if other.complement:
            return self.values <= other.values
        return self.values.isdisjoint(other.values)


EVERY = ValueSet(complement=True, absent=True)
PRESENT = ValueSet(complement=True)
ABSENT = ValueSet(absent=True)
