"""What all tests share: `--bless`, and how much Hypothesis tries.

Profiles: `quick` in every run, `thorough` by HYPOTHESIS_PROFILE=thorough. In CI the draws
are derandomised, so that a red run is about the change and not about luck; developers'
runs keep drawing new cases.
"""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

Count = Callable[[Any, str], Counter[str]]

_COMMON = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}
settings.register_profile("quick", max_examples=60, **_COMMON)  # type: ignore[arg-type]
settings.register_profile("ci", max_examples=200, derandomize=True, **_COMMON)  # type: ignore[arg-type]
_THOROUGH = 3 * int(os.environ.get("NETPOLC_FUZZ", "1000"))
settings.register_profile("thorough", max_examples=_THOROUGH, **_COMMON)  # type: ignore[arg-type]
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "quick")
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--bless`, which renews golden files; their diff is read in review."""
    parser.addoption("--bless", action="store_true", help="renew golden files")


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be renewed."""
    return bool(request.config.getoption("--bless"))


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Count:
    """Count the calls of a function of a module, or of a method."""
    calls: Counter[str] = Counter()

    def counted(place: Any, name: str) -> Counter[str]:
        real = getattr(place, name)

        def call(*arguments: Any, **options: Any) -> Any:
            calls[name] += 1
            return real(*arguments, **options)

        monkeypatch.setattr(place, name, call)
        return calls

    return counted
