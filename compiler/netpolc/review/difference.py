"""From two sides to all that differs between them.

In: two `Side`s. Out: a `Difference`. Pure: nothing is read, nothing fails.
"""

from netpolc.review.model import Difference, Side


def difference(before: Side, after: Side) -> Difference:
    """All that differs from the first side to the second."""
    return Difference(before=before.name, after=after.name)
