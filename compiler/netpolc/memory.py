"""Results of passes, kept between runs.

Between two keystrokes nearly everything stays as it was. A pass is a function, and where it is called
for each file or namespace its result can be taken again while its inputs are the same. Whether they are
is asked of their identity: a file that has not changed is the same object, so is its tree, so are
the sections of a namespace in it, and so on to the manifests.

A run that happens once has a `Memory`, which keeps nothing. The runs of an editor share a
`LastingMemory`, which forgets what a step did not use when it was last taken, so that it does not grow.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from operator import is_
from typing import Any, TypeAlias, TypeVar

from netpolc.values import record

T = TypeVar("T")
K = TypeVar("K")

Inputs = tuple[object, ...]
Checkpoint: TypeAlias = Callable[[], None]
"""Called between pieces of work; it raises an exception if nobody wants the rest."""


def go_on() -> None:
    """Let all work be done."""


class Memory:
    """Works everything out, and keeps nothing."""

    def once(
        self,
        step: Hashable,  # noqa: ARG002 - as in all others
        name: Hashable,  # noqa: ARG002
        inputs: Inputs,  # noqa: ARG002
        work: Callable[[], T],
        further: Callable[[T], Inputs] | None = None,  # noqa: ARG002
    ) -> T:
        """Return the result of a step for something by its name.

        Args:
            step: what is done.
            name: to what: a namespace, for example.
            inputs: all that the result depends on, apart from names that are equal; tuples among
                them are the same if their members are.
            work: works it out.
            further: what else a result depends on, which is only known when there is one.
        """
        return work()

    def each(
        self,
        step: str,  # noqa: ARG002
        items: Iterable[K],
        work: Callable[[K], T],
        given: Hashable = None,  # noqa: ARG002
    ) -> list[T]:
        """Return the result of a step for each of some items, which else depends on what is given."""
        return [work(item) for item in items]

    def same(self, step: Hashable, name: Hashable, value: T) -> T:  # noqa: ARG002
        """Return a value, or the equal one of the last time, so that it is recognised."""
        return value

    def last(self, step: str, name: Hashable) -> Any:  # noqa: ARG002 - as the step has it
        """Return the last result of a step for something, made of whatever inputs; None without."""
        return None

    def part(self, name: str) -> "Memory":  # noqa: ARG002
        """Return a memory for results of the same steps and names about something else."""
        return self


NO_MEMORY = Memory()


@record
class _Result:
    """The result of a step, what it was made of, and the run that used it last."""

    inputs: Inputs
    further: Inputs
    value: Any
    run: int


class _Results:
    """The results of a step by the names of what it was taken for, and how many a run has used."""

    __slots__ = ("_run", "_used", "by_name")

    def __init__(self) -> None:
        self.by_name: dict[Hashable, _Result] = {}
        self._run = self._used = 0

    def put(self, name: Hashable, result: _Result) -> None:
        known = self.by_name.get(name)
        self.by_name[name] = result
        if known is None or known.run != result.run:
            self._count(result.run)

    def use(self, result: _Result, run: int) -> None:
        if result.run != run:
            result.run = run
            self._count(run)

    def _count(self, run: int) -> None:
        if run != self._run:
            self._run, self._used = run, 0
        self._used += 1

    def end_run(self, run: int) -> None:
        """Forget what the run did not use; everything or nothing of it is used by most runs."""
        if run == self._run and self._used != len(self.by_name):
            self.by_name = {
                name: result for name, result in self.by_name.items() if result.run == run
            }


class _Each:
    """The results of a step for each of some items, in their order.

    `index` has them by identity, each with its item, whose identity no other can take then.
    `unfinished` has those of a run that was ended before it had them all.
    """

    __slots__ = ("given", "index", "items", "results", "unfinished")

    def __init__(self, given: Hashable) -> None:
        self.given = given
        self.items: list[Any] = []
        self.results: list[Any] = []
        self.index: dict[int, tuple[Any, Any]] = {}
        self.unfinished: dict[int, tuple[Any, Any]] = {}

    def take(self, items: list[Any], work: Callable[[Any], Any]) -> None:
        """Have the results for other items, of which nearly all are those of before."""
        same = list(map(is_, items, self.items))
        if len(items) != len(self.items) or same.count(False) > _FEW:
            taken = [self.index.get(id(item)) or self._made(item, work) for item in items]
            self.index = {id(pair[0]): pair for pair in taken}
            self.results = [result for _, result in taken]
        elif not all(same):
            self.results = self.results.copy()
            places = [place for place, is_same in enumerate(same) if not is_same]
            new = [self.index.get(id(items[p])) or self._made(items[p], work) for p in places]
            for place in places:
                del self.index[id(self.items[place])]
            for place, pair in zip(places, new, strict=True):
                self.index[id(pair[0])], self.results[place] = pair, pair[1]
        self.items = items
        self.unfinished.clear()

    def _made(self, item: Any, work: Callable[[Any], Any]) -> tuple[Any, Any]:
        if id(item) not in self.unfinished:
            self.unfinished[id(item)] = item, work(item)
        return self.unfinished[id(item)]


_FEW = 8
"""So many items that are not those of before are replaced one by one."""


class LastingMemory(Memory):
    """Keeps the results of the last run.

    Work that is ended at a checkpoint leaves the results that it has so far, each of which is right
    for its inputs; call `end_early` then.
    """

    def __init__(self, checkpoint: Checkpoint = go_on) -> None:
        """Begin with nothing; `checkpoint` is called before each piece of work."""
        self._checkpoint = checkpoint
        self._results: dict[Hashable, _Results] = defaultdict(_Results)
        self._each: dict[str, _Each] = {}
        self._parts: dict[str, LastingMemory] = {}
        self._run = 0

    def __len__(self) -> int:
        """Return the number of results that are kept."""
        here = sum(len(results.by_name) for results in self._results.values())
        here += sum(len(some.items) for some in self._each.values())
        return here + sum(map(len, self._parts.values()))

    def once(
        self,
        step: Hashable,
        name: Hashable,
        inputs: Inputs,
        work: Callable[[], T],
        further: Callable[[T], Inputs] | None = None,
    ) -> T:
        """Return the result of a step, of the last time if it was made of the same inputs."""
        results = self._results[step]
        known = results.by_name.get(name)
        if (
            known is not None
            and _are_same(known.inputs, inputs)
            and (further is None or _are_same(known.further, further(known.value)))
        ):
            results.use(known, self._run)
            return known.value  # type: ignore[no-any-return]
        self._checkpoint()
        value = work()
        more = () if further is None else further(value)
        results.put(name, _Result(inputs, more, value, self._run))
        return value

    def each(
        self, step: str, items: Iterable[K], work: Callable[[K], T], given: Hashable = None
    ) -> list[T]:
        """Return the result of a step for each item, those of the last time taken again."""
        known = self._each.get(step)
        if known is None or known.given != given:
            known = self._each[step] = _Each(given)

        def checked(item: K) -> T:
            self._checkpoint()
            return work(item)

        known.take(list(items), checked)
        return known.results

    def of_each(self, step: str, item: object) -> Any:
        """Return the result that `each` had for an item the last time; None without."""
        known = self._each.get(step)
        return None if known is None else known.index.get(id(item), (None, None))[1]

    def same(self, step: Hashable, name: Hashable, value: T) -> T:
        """Return a value, or the equal one of the last time."""
        results = self._results[step]
        known = results.by_name.get(name)
        if known is None or (known.value is not value and known.value != value):
            results.put(name, _Result((), (), value, self._run))
            return value
        results.use(known, self._run)
        return known.value  # type: ignore[no-any-return]

    def last(self, step: str, name: Hashable) -> Any:
        """Return the last result of a step for something; None without."""
        known = self._results[step].by_name.get(name)
        return None if known is None else known.value

    def part(self, name: str) -> "LastingMemory":
        """Return the memory for something else, which is this memory's own."""
        if name not in self._parts:
            self._parts[name] = LastingMemory(self._checkpoint)
        return self._parts[name]

    def end_run(self) -> None:
        """Forget what a step did not use again; call it when a run is complete.

        A step that was not taken at all, as after an error, keeps its results: the next run
        may be one without the error.
        """
        for results in self._results.values():
            results.end_run(self._run)
        self._run += 1
        for part in self._parts.values():
            part.end_run()

    def end_early(self) -> None:
        """Begin another run in the place of one that is not complete, whose results are kept."""
        self._run += 1
        for part in self._parts.values():
            part.end_early()


def _are_same(left: Inputs, right: Inputs) -> bool:
    return len(left) == len(right) and all(map(_is_same, left, right))


def _is_same(left: object, right: object) -> bool:
    if left is right:
        return True
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(is_, left, right))
    return isinstance(left, str) and left == right
