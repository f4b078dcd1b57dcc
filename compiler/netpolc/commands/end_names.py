"""The names of the ends of a list's rows: services where their namespace declares them."""

from collections.abc import Iterable

from netpolc.analysis.connection_sets import EndClass, PodClass
from netpolc.kube.cidr import Addresses
from netpolc.kube.display import addresses_text, pods_text, selector_text
from netpolc.kube.label_conventions import DEFAULT_LABEL
from netpolc.kube.selectors import Selector
from netpolc.program.model import Program
from netpolc.sets import ValueSet

_FEW = 8
"""So many namespaces are listed, even where fewer others are known."""


class EndNames:
    """The names of the ends of rows; `namespaces` are those of all namespaces that policies are about."""

    def __init__(self, program: Program, namespaces: Iterable[str]) -> None:
        self._namespaces = frozenset(namespaces)
        self._program = program
        self._found: dict[str, dict[Selector, str]] = {}

    def of(self, end: EndClass) -> str:
        """The name of an end: its addresses, or its pods in their namespaces."""
        if isinstance(end, Addresses):
            return addresses_text(end, whole=True)
        return f"{_namespaces_text(end.names, end.namespaces, self._namespaces)}/{self._pods(end)}"

    def _pods(self, end: PodClass) -> str:
        """The pods by the first name that their namespace has for them, if it has one."""
        # No namespace has the empty name.
        own = self._program.namespaces.get(end.names.single or "")
        if own is None:
            return pods_text(end.pods, DEFAULT_LABEL)
        if own.name not in self._found:
            names = sorted(own.services, reverse=True)
            self._found[own.name] = {own.services[name].pods: name for name in names}
        return self._found[own.name].get(end.pods) or pods_text(end.pods, own.label)


def _namespaces_text(names: ValueSet, labels: Selector, known: frozenset[str]) -> str:
    """Namespaces by name, and by their labels if these matter."""
    if names.complement:
        text = "other namespaces" if names.values == known and len(known) > 1 else "*"
        without: frozenset[str] = names.values if text == "*" else frozenset()
    elif len(names.values) > _FEW and len(without := known - names.values) < len(names.values):
        text = "known namespaces"
    else:
        text, without = ", ".join(sorted(names.values)), frozenset()
    if without:
        text = f"{text} but {', '.join(sorted(without))}"
    return text if labels.is_everything else f"{text} {selector_text(labels)}"
