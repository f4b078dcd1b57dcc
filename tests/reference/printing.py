"""A reference program as intent files.

The same program has many texts: statements in any order, sections split over files,
optional spellings. `seed` chooses one of them; every choice means the same.
"""

from random import Random

from tests.reference.language import (
    Arrow,
    Block,
    Name,
    Numbers,
    Peer,
    PeerPorts,
    PodPeer,
    Port,
    Program,
    Requirement,
    Section,
    Selector,
    Star,
)

RESERVED = frozenset(
    "namespace cluster default label dns mirror pods services nodes service group ns in except "
    "none any internet until because never always only".split()
)


def to_text(program: Program, seed: int = 0) -> dict[str, str]:
    """Files by name, which together are the program."""
    random = Random(seed)
    files: dict[str, list[str]] = {}
    for section in (program.cluster, *program.namespaces.values()):
        statements = _Printer(random).statements(section)
        random.shuffle(statements)
        cut = random.randint(0, len(statements))
        for part in (statements[:cut], statements[cut:]):
            name = f"{random.choice('abc')}.intent"
            lines = files.setdefault(name, [])
            lines += [_header(section, random), *part, ""]
    return {name: "\n".join(lines) for name, lines in sorted(files.items())}


def _header(section: Section, random: Random) -> str:
    if not section.name:
        return "cluster  # for all"
    facts = ", ".join(f"{key}={value}" for key, value in section.facts.items())
    brackets = f" {{{facts}}}" if facts or random.random() < 0.2 else ""
    return f"namespace {section.name}{brackets}"


class _Printer:
    """Prints statements; where a spelling is optional, chance decides."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def statements(self, section: Section) -> list[str]:
        found = [*self._settings(section)]
        found += [
            f"service {self._name(n)} = {self._braces(s)}" for n, s in section.services.items()
        ]
        found += [f"group {self._name(n)} = {self._peers(p)}" for n, p in section.groups.items()]
        found += [self._arrow(arrow) for arrow in section.arrows]
        found += [f"{one.claim} {self._arrow(one.about)}" for one in section.assertions]
        return found + [text for text in found if self.random.random() < 0.1]

    def _settings(self, section: Section) -> list[str]:
        found = self._default(dict(section.deny))
        if section.label is not None:
            found.append(f"label: {section.label}")
        if section.mirror is not None:
            found.append(f"mirror: {'yes' if section.mirror else 'no'}")
        if section.dns is not None:
            found.append(f"dns: {self._peers(section.dns)}")
        found += [f"{kind}: {', '.join(b)}" for kind, b in section.addresses.items() if b]
        if section.blocks is not None:
            found.append(f"blocks: {section.blocks}")
        return found

    def _default(self, deny: dict[str, bool]) -> list[str]:
        match deny:
            case {"ingress": True, "egress": True}:
                both = ["default: deny ingress egress"], ["default: deny", "default: deny egress"]
                return self.random.choice(both)
            case {"ingress": False, "egress": False}:
                return ["default: allow"]
            case {"ingress": True}:
                return [self.random.choice(("default: deny", "default: deny ingress"))]
            case {"egress": True}:
                return ["default: deny egress"]
            case _:
                return []

    def _arrow(self, arrow: Arrow) -> str:
        text = f"{self._pods(arrow.subject)} {'->' if arrow.egress else '<-'} {self._peers(arrow.peers)}"
        if arrow.until:
            text += f" until {arrow.until}"
        if arrow.because:
            text += f' because "{arrow.because}"'
        return text

    def _peers(self, peers: tuple[PeerPorts, ...]) -> str:
        between = self.random.choice((", ", ",", ",\n    "))
        # `a except b, c` is refused where c lies in a: it may be meant as a second exception.
        alone = len(peers) == 1
        return between.join(self._peer_ports(peer, alone=alone) for peer in peers) or "none"

    def _peer_ports(self, written: PeerPorts, *, alone: bool) -> str:
        if written.ports is None:
            return self._peer(written.peer, alone=alone)
        ports = [self._port(port) for port in written.ports]
        text = ports[0] if len(ports) == 1 else f"[{', '.join(ports)}]"
        return f"{self._peer(written.peer, alone=alone)}:{text}"

    def _peer(self, peer: Peer, *, alone: bool) -> str:
        match peer:
            case str():
                return peer
            case Block(cidr, excepts):
                if not excepts:
                    return cidr
                return f"{cidr} except " + (
                    excepts[0] if alone and len(excepts) == 1 else f"[{', '.join(excepts)}]"
                )
            case PodPeer(None, namespaces):
                return f"ns {self._namespaces(namespaces)}"
            case PodPeer(pods, None) if pods is not None:
                return self._pods(pods)
            case PodPeer(pods, namespaces):
                assert pods is not None
                return f"{self._pods(pods)} in ns {self._namespaces(namespaces)}"

    def _namespaces(self, test: Name | Selector | Star | None) -> str:
        assert test is not None
        return test.text if isinstance(test, Name) else self._pods(test)

    def _pods(self, test: Name | Selector | Star) -> str:
        if isinstance(test, Name):
            return self._name(test.text)
        return test if isinstance(test, str) else self._braces(test)

    def _name(self, name: str) -> str:
        quoted = name in RESERVED or self.random.random() < 0.1
        return f'"{name}"' if quoted else name

    def _braces(self, selector: Selector) -> str:
        return "{" + ", ".join(self._requirement(r) for r in selector) + "}"

    def _requirement(self, requirement: Requirement) -> str:
        key, values = requirement.key, requirement.values
        match requirement.operator:
            case "exists":
                return key
            case "absent":
                return f"!{key}"
            case "in" | "notin":
                return f"{key} {requirement.operator} ({', '.join(values)})"
            case operator:
                return f"{key}{operator}{values[0]}"

    def _port(self, port: Port) -> str:
        protocol = "" if port.protocol == "TCP" else f"/{port.protocol.lower()}"
        if not protocol and self.random.random() < 0.2:
            protocol = "/tcp"
        if not isinstance(port, Numbers):
            return f"{port.name}{protocol}"
        if (port.first, port.last) == (1, 65535):
            return f"*{protocol}"
        if port.first == port.last:
            return f"{port.first}{protocol}"
        return f"{port.first}-{port.last}{protocol}"
