"""Every rule of the package, also of modules that are not loaded yet."""

from importlib import import_module
from pkgutil import walk_packages

from netpolc.diagnostics.rule import Rule, rules

_WITHOUT_RULES = ("netpolc.__main__", "netpolc.cli", "netpolc.lsp", "netpolc.grammar")


def all_rules() -> tuple[Rule, ...]:
    """Return every rule, by code. Each is declared next to its pass, so all passes are loaded."""
    package = import_module("netpolc")
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.startswith(_WITHOUT_RULES):
            import_module(module.name)
    return rules()
