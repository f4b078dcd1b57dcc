"""The names that a statement of a namespace uses for pods and addresses.

An entry should read as the arrow that its author would have written, in the section of
its namespace: `api`, not `{app=api}`, if the name api means that there. The meaning
of names is a fact of a program; without one (manifests, IR files) bare names have
their default meaning, the label `app`. A name that means
other pods on the other side would hide the very change, so it is not used.
"""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network

from netpolc.changes.model import Side
from netpolc.kube.cidr import Addresses, Block, Cidr, cidrs_of
from netpolc.kube.display import selector_text
from netpolc.kube.label_conventions import DEFAULT_LABEL
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.public_addresses import internet
from netpolc.kube.selectors import Selector
from netpolc.program.model import Program
from netpolc.provenance import StatementKind
from netpolc.sets import IntervalSet, ValueSet
from netpolc.syntax.keywords import pod_name

_NAMING = {StatementKind.SERVICE, StatementKind.GROUP}
_BITS = {4: 32, 6: 128}


class LocalNames:
    """The words of one program; `other` is that of the other side."""

    def __init__(self, program: Program, other: Program) -> None:
        self._program = program
        self._other = other
        self._names: dict[str, dict[Selector, str]] = {}
        self._declared = {
            (declaration.namespace, declaration.name)
            for declaration in program.declarations
            if declaration.kind in _NAMING
        }
        labels = (
            declaration.value
            for declaration in program.declarations
            if declaration.kind is StatementKind.LABEL and not declaration.namespace
        )
        self._label = next(labels, DEFAULT_LABEL)
        stated = program.addresses
        own = (stated.pods, stated.services, stated.nodes)
        self._internet = internet(block.cidr for some in own for block in some.blocks)

    def knows(self, namespace: str) -> bool:
        """Whether the program has the namespace."""
        return namespace in self._program.namespaces

    def pods(self, pods: Selector, namespace: str) -> str:
        """Pods as they are named in a namespace: a bare name where it means them."""
        name = self.service(pods, namespace)
        return pod_name(name) if name else selector_text(pods)

    def service(self, pods: Selector, namespace: str) -> str:
        """The bare name that means these pods in a namespace; empty where there is none."""
        known = self._program.namespaces.get(namespace)
        if known is not None:
            names = self._names.get(namespace)
            if names is None:
                names = {
                    service.pods: name
                    for name, service in sorted(known.services.items(), reverse=True)
                }
                self._names[namespace] = names
            if pods in names and self._is_shared(names[pods], pods, namespace):
                return names[pods]
        labels = pods.exact_labels() or {}
        value = labels.get(known.label if known is not None else self._label, "")
        is_free = not {(namespace, value), ("", value)} & self._declared and (
            known is None or value not in known.services
        )
        if value and len(labels) == 1 and is_free and self._is_shared(value, pods, namespace):
            return value
        return ""

    def _is_shared(self, name: str, pods: Selector, namespace: str) -> bool:
        """Whether a name means these pods on the other side too, if it means any."""
        known = self._other.namespaces.get(namespace)
        if known is None:
            return True
        service = known.services.get(name)
        meant = Selector.labels({known.label: name}) if service is None else service.pods
        return meant == pods

    def peer(self, names: ValueSet, labels: Selector, pods: Selector, home: str) -> str:
        """The text of a peer: pods, by the name and labels of their namespace, seen from `home`."""
        name = names.single
        if labels.is_everything and name:
            if name == home:
                return self.pods(pods, home)
            where = name
            pods_text = "" if pods.is_everything else self.pods(pods, name)
        else:
            if not names.complement or names.values:
                labels &= Selector(((METADATA_NAME, names),))
            where = selector_text(labels)
            pods_text = "" if pods.is_everything else self.pods(pods, home)
        return f"{pods_text} in ns {where}" if pods_text else f"ns {where}"

    def addresses(self, addresses: Addresses, written: Iterable[Addresses] = ()) -> list[str]:
        """Addresses as peers: `internet`, as somebody wrote them, or in few blocks."""
        if addresses == self._internet:
            return ["internet"]
        for some in written:
            if some == addresses and some.blocks:
                return list(map(str, some.blocks))
        return [
            str(block)
            for version, numbers in ((4, addresses.v4), (6, addresses.v6))
            for block in _blocks(numbers, version)
        ]


def names_of_sides(sides: tuple[Side, Side]) -> tuple[LocalNames, LocalNames]:
    """The words of both sides."""
    before, after = sides[0].program, sides[1].program
    return LocalNames(before, after), LocalNames(after, before)


def _blocks(numbers: IntervalSet, version: int) -> list[Block]:
    """Few blocks that make up the addresses: one with exceptions where that is shorter."""
    plain = cidrs_of(numbers, version)
    if len(plain) <= 1:
        return list(map(Block, plain))
    low, high = numbers.ranges[0][0], numbers.ranges[-1][1]
    prefix = _BITS[version] - (low ^ high).bit_length()
    kind = IPv4Network if version == 4 else IPv6Network  # noqa: PLR2004
    first = int(kind((low, prefix), strict=False).network_address)
    around = Cidr(version, first, prefix)
    holes = cidrs_of(IntervalSet(((around.first, around.last),)) - numbers, version)
    return [Block(around, tuple(holes))] if len(holes) < len(plain) else list(map(Block, plain))
