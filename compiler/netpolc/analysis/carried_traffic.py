"""Traffic that a search found as boxes, in the form in which answers carry it."""

from collections.abc import Iterable

from netpolc.analysis.port_encoding import TRAFFIC as LINE
from netpolc.analysis.port_encoding import PortLine, line_numbers, name_variable
from netpolc.analysis.port_intersection import Carried, Depending
from netpolc.kube.ports import ALL_PORTS, PROTOCOLS, NamedPort, Protocol, Traffic
from netpolc.sets import IntervalSet, ValueSet
from netpolc.sets.boxes import Box


def carried_traffic(boxes: Iterable[Box], line: PortLine) -> Carried:
    """The union of boxes over ports and their names, as carried traffic."""
    sure = IntervalSet()
    named: set[NamedPort] = set()
    doubtful: dict[tuple[frozenset[NamedPort], frozenset[NamedPort], Protocol], IntervalSet] = {}
    for box in boxes:
        elements = box[LINE]
        assert isinstance(elements, IntervalSet)
        for protocol in PROTOCOLS:
            mine = elements & _of(protocol)
            bears, lacks = _names(box, line, protocol)
            if not mine or bears is None:
                continue
            if not bears and not lacks:
                sure |= mine
            elif len(bears) == 1 and not lacks and mine == _of(protocol):
                named |= bears
            else:
                key = (bears, lacks, protocol)
                doubtful[key] = doubtful.get(key, IntervalSet()) | mine
    traffic = line.traffic(sure) | Traffic.of(named=named)
    depending = (
        Depending(bears, line.traffic(mine).numbers(protocol), lacks)
        for (bears, lacks, protocol), mine in doubtful.items()
        if not mine <= sure and not bears & traffic.named
    )
    return Carried(traffic, tuple(depending))


def _of(protocol: Protocol) -> IntervalSet:
    """The ports of a protocol, on the line."""
    return line_numbers(Traffic.of((protocol, *pair) for pair in ALL_PORTS.ranges))


def _names(
    box: Box, line: PortLine, protocol: Protocol
) -> tuple[frozenset[NamedPort] | None, frozenset[NamedPort]]:
    """The names that a port of a protocol bears in a box, None where it cannot, and those it lacks."""
    bears: set[NamedPort] = set()
    lacks: set[NamedPort] = set()
    for name in line.names:
        allowed = box.get(name_variable(name))
        if not isinstance(allowed, ValueSet):
            continue
        if not allowed.complement:
            if name.protocol is protocol:
                lacks.add(name)
        elif name.protocol is protocol:
            bears.add(name)
        else:
            return None, frozenset()
    return frozenset(bears), frozenset(lacks)
