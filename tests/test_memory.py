"""What a memory takes again, and what it forgets."""

from netpolc.memory import NO_MEMORY, LastingMemory


class Counter:
    """Returns a new list at each call."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, *_given: object) -> list[int]:
        self.calls += 1
        return [self.calls]


def test_result_is_taken_again_while_its_inputs_are_the_same_objects() -> None:
    memory, work, one, other = LastingMemory(), Counter(), [1], [1]
    first = memory.once("step", "a", (one, (one, other), "text"), work)
    assert memory.once("step", "a", (one, (one, other), "te" + "xt"), work) is first
    assert memory.once("step", "a", (other, (one, other), "text"), work) is not first
    assert memory.once("step", "a", (other, (other, one), "text"), work) == [3]
    assert memory.once("step", "b", (other, (other, one), "text"), work) == [4]


def test_result_is_worked_out_again_when_what_it_turned_out_to_need_changes() -> None:
    memory, work, needed = LastingMemory(), Counter(), {"x": [1]}
    for _ in range(2):
        memory.once("step", "a", (), work, lambda _: (needed["x"],))
    assert work.calls == 1
    needed["x"] = [1]
    assert memory.once("step", "a", (), work, lambda _: (needed["x"],)) == [2]


def test_each_thing_is_looked_at_once() -> None:
    memory, work = LastingMemory(), Counter()
    a, b, c = [0], [0], [0]
    assert memory.each("step", [a, b], work) == [[1], [2]]
    assert memory.each("step", [b, c], work) == [[2], [3]]
    assert memory.each("step", [a, b], work) == [[4], [2]]


def test_equal_value_of_the_last_time_is_returned() -> None:
    memory, one, other = LastingMemory(), [1], [1]
    assert memory.same("step", "a", one) is one
    assert memory.same("step", "a", other) is one
    assert memory.same("step", "a", [2]) == [2]


def test_what_a_run_did_not_use_is_forgotten() -> None:
    memory, work = LastingMemory(), Counter()
    memory.once("step", "a", (), work)
    memory.each("each", ["a", "b"], work)
    memory.same("same", "a", 1)
    memory.end_run()
    assert len(memory) == 4
    memory.once("step", "b", (), work)
    memory.each("each", ["a"], work)
    memory.same("same", "b", 1)
    memory.end_run()
    assert len(memory) == 3
    assert memory.last("step", "b") == [4]
    assert memory.last("step", "a") is None


def test_step_that_a_run_does_not_take_keeps_its_results() -> None:
    memory, work = LastingMemory(), Counter()
    memory.part("p").once("late", "a", (), work)
    memory.end_run()
    memory.part("p").once("early", "a", (), work)
    memory.end_run()
    assert memory.part("p").once("late", "a", (), work) == [1]


def test_things_are_looked_at_again_when_what_is_given_changes() -> None:
    memory, work, a = LastingMemory(), Counter(), [0]
    assert memory.each("step", [a], work, "x") == [[1]]
    assert memory.each("step", [a], work, "x") == [[1]]
    assert memory.each("step", [a], work, "y") == [[2]]


def test_without_memory_everything_is_worked_out_each_time() -> None:
    work = Counter()
    assert NO_MEMORY.once("step", "a", (), work) == [1]
    assert NO_MEMORY.once("step", "a", (), work) == [2]
    assert NO_MEMORY.each("step", ["a", "a"], work) == [[3], [4]]
    assert NO_MEMORY.last("step", "a") is None
