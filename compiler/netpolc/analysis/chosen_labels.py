"""The labels of an example: few of them, and the first that come to mind."""

from collections.abc import Iterable

from netpolc.sets import ValueSet


def chosen_labels(asked: Iterable[tuple[str, ValueSet]]) -> dict[str, str]:
    """Few labels that meet requirements: a key that may be absent is absent."""
    chosen = ((key, choice(allowed)) for key, allowed in asked)
    return {key: value for key, value in chosen if value is not None}


def choice(allowed: ValueSet) -> str | None:
    """One of the possibilities, absence first."""
    if allowed.absent:
        return None
    if not allowed.complement:
        return min(allowed.values)
    number = 1
    while (made_up := "other" if number == 1 else f"other-{number}") in allowed.values:
        number += 1
    return made_up
