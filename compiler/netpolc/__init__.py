"""netpolc: statements of who may reach whom, compiled to Kubernetes NetworkPolicy manifests.

The public Python API. What is named here is loaded when it is first used, so that
`import netpolc` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from netpolc.version import __version__

if TYPE_CHECKING:
    from netpolc.api import (
        check,
        compile,  # noqa: A004
        diff,
    )
    from netpolc.changes.model import Difference
    from netpolc.commands.pipeline import Compilation
    from netpolc.diagnostics import Diagnostic, Severity

__all__ = [
    "Compilation",
    "Diagnostic",
    "Difference",
    "Severity",
    "__version__",
    "check",
    "compile",
    "diff",
]

_HOMES = {
    "Compilation": "netpolc.commands.pipeline",
    "Diagnostic": "netpolc.diagnostics",
    "Difference": "netpolc.changes.model",
    "Severity": "netpolc.diagnostics",
    "check": "netpolc.api",
    "compile": "netpolc.api",
    "diff": "netpolc.api",
}


def __getattr__(name: str) -> object:
    """Load a public name on first use (PEP 562)."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return __all__
