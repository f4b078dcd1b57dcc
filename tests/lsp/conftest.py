"""What every test of the language server needs."""

import math

import pytest


@pytest.fixture(autouse=True)
def _nothing_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine every step may be slow, and its line in the log is a message too many."""
    monkeypatch.setattr("netpolc.lsp.server.SLOW", math.inf)
