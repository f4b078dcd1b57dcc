"""Equal answers of many clusters, each given once with the names of its clusters."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from netpolc.fleet.task import Answer, Claim, Line, Verdict
from netpolc.values import frozen

K = TypeVar("K")
_SHOWN = 5


@frozen
class Group:
    """A line, and the clusters that have it."""

    line: Line
    clusters: tuple[str, ...]


@frozen(kw_only=True)
class ClaimOverFleet:
    """An assertion over the clusters that have it: who it holds in, and where not, by the reason."""

    text: str
    place: str
    holds: tuple[str, ...]
    against: tuple[tuple[Verdict, str, tuple[str, ...]], ...]

    @property
    def clusters(self) -> int:
        """In how many clusters it is asserted."""
        return len(self.holds) + sum(len(names) for _, _, names in self.against)


def grouped(
    answers: Mapping[str, Answer], lines_of: Callable[[Answer], Iterable[Line]]
) -> list[Group]:
    """Return each line once with its clusters: those of most clusters first, else as they came."""
    clusters = _by_value(answers, lines_of)
    groups = [Group(line, names) for line, names in clusters.items()]
    return sorted(groups, key=lambda group: -len(group.clusters))


def claims_over_fleet(answers: Mapping[str, Answer]) -> list[ClaimOverFleet]:
    """Return the verdicts on each assertion over all clusters that have it."""
    verdicts = _by_value(answers, lambda answer: answer.claims)
    by_claim: dict[tuple[str, str], list[tuple[Claim, tuple[str, ...]]]] = {}
    for claim, names in verdicts.items():
        by_claim.setdefault((claim.place, claim.text), []).append((claim, names))
    return [
        ClaimOverFleet(
            text=text,
            place=place,
            holds=tuple(
                name for claim, names in rows for name in names if claim.verdict is Verdict.HOLDS
            ),
            against=tuple(
                (claim.verdict, claim.why, names)
                for claim, names in rows
                if claim.verdict is not Verdict.HOLDS
            ),
        )
        for (place, text), rows in sorted(by_claim.items())
    ]


def clusters_text(names: tuple[str, ...], total: int) -> str:
    """Return names of clusters for people: `all 40 clusters`, `3 of 40 clusters (a, b, c)`."""
    if len(names) == total:
        return f"all {total} clusters" if total > 1 else names[0]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{len(names)} of {total} clusters ({', '.join(names[:_SHOWN])}{more})"


def _by_value(
    answers: Mapping[str, Answer], values_of: Callable[[Answer], Iterable[K]]
) -> dict[K, tuple[str, ...]]:
    by_value: dict[K, dict[str, None]] = {}
    for name, answer in answers.items():
        for value in values_of(answer):
            by_value.setdefault(value, {})[name] = None
    return {value: tuple(names) for value, names in by_value.items()}
