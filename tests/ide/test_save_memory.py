"""A process that lives long remembers less than a command."""

import gc

import pytest

from netpolc import remembered
from netpolc.ide.save_memory import save_memory


def test_few_texts_are_remembered_in_a_process_that_lives_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(gc, "enable", lambda: None)
    monkeypatch.setattr(remembered, "MOST_CHARACTERS", remembered.MOST_CHARACTERS)
    asked: list[str] = []

    @remembered.remembered_by_text
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    names = [f"name-{number:04}" for number in range(4_000)]
    for name in (*names[:2_000], names[0]):
        assert length(name) == len(name)
    assert len(asked) == 2_000, "a command remembers them all"
    save_memory()
    for name in (*names[2_000:], names[0]):
        length(name)
    assert len(asked) == 4_001, "a server forgets the first of thousands"
