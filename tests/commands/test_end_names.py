"""The names of ends of rows that are in many namespaces."""

import pytest

from netpolc.analysis.connection_sets import PodClass
from netpolc.commands.end_names import EndNames
from netpolc.program.model import ClusterAddresses, Program
from netpolc.sets import ValueSet

KNOWN = [f"n{number:02}" for number in range(20)]


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (ValueSet.among("n01", "n00"), "n00, n01/*"),
        (ValueSet.among(*KNOWN), "known namespaces/*"),
        (ValueSet.among(*KNOWN[2:]), "known namespaces but n00, n01/*"),
        (ValueSet.among(*KNOWN[:9]), f"{', '.join(KNOWN[:9])}/*"),
        (ValueSet.other_than("n00"), "* but n00/*"),
        (ValueSet.other_than(*KNOWN), "other namespaces/*"),
    ],
)
def test_nearly_all_namespaces_are_named_by_the_others(names: ValueSet, text: str) -> None:
    nothing = Program(namespaces={}, assertions=(), addresses=ClusterAddresses())
    assert EndNames(nothing, KNOWN).of(PodClass(names=names)) == text
