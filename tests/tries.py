"""How often a property is tried whose examples take long."""

from hypothesis import settings


def tries(number: int) -> int:
    """So many examples in each run, and in a thorough one as many times more as the profile has more."""
    return number * max(1, settings().max_examples // 200)
