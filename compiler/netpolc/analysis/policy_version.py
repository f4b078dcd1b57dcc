"""The two sides of a comparison, by number.

A cluster holds one policy set, or the policy sets before and after a change; whatever is
kept for each of them is a tuple in that order, and a version is the index into it.
"""

from enum import IntEnum


class PolicyVersion(IntEnum):
    """Which policy set of a cluster: before or after a change, or the only one there is."""

    BEFORE = 0
    AFTER = 1
    ONLY = 0

    @property
    def other(self) -> "PolicyVersion":
        """The other side of the comparison."""
        return PolicyVersion(1 - self)
