"""Observed connections, compared with what the intents permit.

A log has no end, a system has few kinds of connection: lines are added up by the classes
of pods at their ends, so memory depends on the classes, and even those are bounded, since
a log of scans has as many addresses as the internet. Whether a class is permitted is
asked of the concrete evaluator, with the labels that were seen. What was dropped, and
what NetworkPolicy cannot say, is shown and never proposed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address

from netpolc.adoption.called import Names
from netpolc.adoption.flows import (
    AddressSide,
    BadLineError,
    Flow,
    PodSide,
    ReservedSide,
    Side,
    Skipped,
    read_line,
)
from netpolc.adoption.text import comment, formatted
from netpolc.analysis.concrete import Connection, End, Pod, permits
from netpolc.analysis.question import container_ports
from netpolc.ir.model import Allow, Policies
from netpolc.kube.names import METADATA_NAME
from netpolc.kube.peers import Direction
from netpolc.kube.ports import Protocol
from netpolc.kube.workloads import Inventory
from netpolc.origin import Origin, Role
from netpolc.program.model import Program

MOST_CLASSES, MOST_ADDRESSES, MOST_BAD = 20_000, 64, 5
"""Bounds: classes of connections, addresses of one kind of connection, bad lines shown."""


class Log:
    """What the lines of logs add up to."""

    def __init__(self) -> None:
        self.flows: dict[tuple[Side, Side, int, str, bool], Flow] = {}
        self.skipped: Counter[str] = Counter()
        self.bad: list[str] = []
        self.bad_lines = self.lines = self.beyond = 0
        self._addresses: Counter[tuple[object, ...]] = Counter()

    def add(self, lines: Iterable[str], path: str) -> None:
        """Read lines; those that cannot be understood are counted and the first are kept."""
        for number, line in enumerate(lines, 1):
            self.lines += 1
            try:
                found = read_line(line)
            except BadLineError as error:
                self.bad_lines += 1
                if len(self.bad) < MOST_BAD:
                    self.bad.append(f"{path}:{number}: {error}")
                continue
            if isinstance(found, Skipped):
                self.skipped[found.reason] += 1
            elif found is not None:
                self._count(found)

    def _count(self, flow: Flow) -> None:
        key = (flow.sender, flow.receiver, flow.port, flow.protocol.value, flow.dropped)
        known = self.flows.get(key)
        if known is None:
            flow = self._bounded(flow)
            key = (flow.sender, flow.receiver, flow.port, flow.protocol.value, flow.dropped)
            known = self.flows.get(key)
        if known is not None:
            self.flows[key] = replace(
                known,
                count=known.count + flow.count,
                first=min(filter(None, (known.first, flow.first)), default=""),
                last=max(known.last, flow.last),
            )
        elif len(self.flows) < MOST_CLASSES:
            self.flows[key] = flow
        else:
            self.beyond += 1

    def _bounded(self, flow: Flow) -> Flow:
        """The flow, its address left out where there were too many of its kind."""
        outside = [s for s in (flow.sender, flow.receiver) if isinstance(s, AddressSide)]
        if not outside or len(self._addresses) >= MOST_CLASSES:
            return flow
        ends = [s for s in (flow.sender, flow.receiver) if not isinstance(s, AddressSide)]
        group = (*ends, flow.receiver in outside, flow.port, flow.protocol.value, flow.dropped)
        self._addresses[group] += 1
        if self._addresses[group] <= MOST_ADDRESSES:
            return flow
        nobody = AddressSide("")
        return replace(
            flow,
            sender=nobody if isinstance(flow.sender, AddressSide) else flow.sender,
            receiver=nobody if isinstance(flow.receiver, AddressSide) else flow.receiver,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A class of connections; `arrows` are what would permit it, `note` why there are none."""

    flow: Flow
    arrows: tuple[tuple[str, str], ...] = ()
    note: str = ""

    @property
    def text(self) -> str:
        """The connection in words."""
        protocol = self.flow.protocol
        port = f"{self.flow.port}" + (
            "" if protocol is Protocol.TCP else f"/{protocol.value.lower()}"
        )
        return f"{_said(self.flow.sender)} to {_said(self.flow.receiver)}:{port}"

    @property
    def times(self) -> str:
        """How often and when."""
        seen = f", first {self.flow.first}, last {self.flow.last}" if self.flow.first else ""
        return f"seen {self.flow.count}x{seen}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """The comparison: what to propose, what is only shown, and what nobody was seen to use."""

    proposed: tuple[Line, ...]
    noted: tuple[Line, ...]
    dropped: tuple[Line, ...]
    permitted: int
    unused: tuple[Origin, ...]
    labels: dict[str, str]


def learn(
    log: Log, program: Program, *, policies: Policies, raw: Policies, inventory: Inventory
) -> Learned:
    """Compare a log with what is permitted.

    Args:
        log: the connections seen.
        program: what the intents say, whose names are used.
        policies: all that is permitted today.
        raw: what the intents alone say, before it is normalised, so that each statement counts.
        inventory: known workloads, for the numbers of named ports.

    Returns:
        The comparison, in a fixed order.
    """
    judge = _Judge(log, program, policies, inventory)
    proposed: list[Line] = []
    noted: list[Line] = []
    dropped: list[Line] = []
    permitted = 0
    flows = sorted(log.flows.values(), key=_order)
    for flow in flows:
        line = judge.line(flow)
        if flow.dropped:
            dropped.append(Line(flow=flow))
        elif line is None:
            permitted += 1
        else:
            (proposed if line.arrows else noted).append(line)
    seen = [c for f in flows if not f.dropped and (c := judge.connection(f)) is not None]
    return Learned(
        proposed=tuple(proposed),
        noted=tuple(noted),
        dropped=tuple(dropped),
        permitted=permitted,
        unused=_unused(raw, seen),
        labels=judge.labels,
    )


def intents(learned: Learned) -> str:
    """The proposal as an intent file; what is not proposed stands in it as comments."""
    lines: list[str] = []
    written = [(ns, arrow, line) for line in learned.proposed for ns, arrow in line.arrows]
    for namespace in sorted({ns for ns, _, _ in written}):
        lines += ["", f"namespace {namespace}"]
        if namespace in learned.labels and learned.labels[namespace] != "app":
            lines.append(f"label: {learned.labels[namespace]}")
        for ns, arrow, line in written:
            if ns == namespace:
                lines += ["", *comment(line.times), arrow]
    lines.append("")
    for title, some in (("not proposed", learned.noted), ("dropped", learned.dropped)):
        for line in some:
            note = f" ({line.note})" if line.note else ""
            lines += comment(f"{title}: {line.text}, {line.times}{note}")
    return formatted(lines)


class _Judge:
    """Asks the policies about flows, and words the arrows that are missing."""

    def __init__(
        self, log: Log, program: Program, policies: Policies, inventory: Inventory
    ) -> None:
        self._policies, self._inventory = policies, inventory
        self._sides = {
            direction: Policies(
                {
                    name: replace(
                        one,
                        isolations=tuple(i for i in one.isolations if i.direction is direction),
                        allows=tuple(a for a in one.allows if a.direction is direction),
                    )
                    for name, one in policies.namespaces.items()
                }
            )
            for direction in Direction
        }
        ends = {s for f in log.flows.values() for s in (f.sender, f.receiver)}
        pods = [one for one in ends if isinstance(one, PodSide)]
        self._names = Names(program, pods, policies.namespaces.keys())
        self.labels = dict(self._names.conventions)

    def connection(self, flow: Flow) -> Connection | None:
        """The flow as the evaluator takes it; None where an end is nothing that policies know."""
        sender, receiver = self._end(flow.sender), self._end(flow.receiver)
        if sender is None or receiver is None:
            return None
        return Connection(sender=sender, receiver=receiver, protocol=flow.protocol, port=flow.port)

    def line(self, flow: Flow) -> Line | None:
        """What is to say of a flow; None where it is permitted by choice."""
        connection = self.connection(flow)
        if connection is None:
            return Line(flow=flow, note=_why_not(flow))
        receiver, sender = flow.receiver, flow.sender
        if not (isinstance(receiver, PodSide) or isinstance(sender, PodSide)):
            return Line(flow=flow, note="neither end is a pod")
        arrows: list[tuple[str, str]] = []
        into = isinstance(receiver, PodSide) and (
            receiver.namespace not in self._policies.namespaces
            or not permits(self._sides[Direction.INGRESS], connection)
        )
        home = sender.namespace if isinstance(sender, PodSide) else ""
        out_of = not permits(self._sides[Direction.EGRESS], connection)
        if into and isinstance(receiver, PodSide):
            arrows.append(self._arrow(receiver, sender, flow, "<-"))
        # Inside a namespace `<-` opens both ends.
        mirrored = into and isinstance(receiver, PodSide) and receiver.namespace == home
        if out_of and isinstance(sender, PodSide) and not mirrored:
            arrows.append(self._arrow(sender, receiver, flow, "->"))
        if not arrows:
            known = isinstance(receiver, PodSide) or (
                isinstance(sender, PodSide) and sender.namespace in self._policies.namespaces
            )
            return None if known else Line(flow=flow, note="the sender's egress is open")
        if any(not arrow for _, arrow in arrows):
            return Line(flow=flow, note="labels do not tell these pods from others that were seen")
        return Line(flow=flow, arrows=tuple(arrows))

    def _end(self, side: Side) -> End | None:
        match side:
            case PodSide(namespace, labels) if labels:
                known = self._policies.namespaces.get(namespace)
                stated = {} if known is None else known.labels
                own = dict(labels)
                return Pod(
                    namespace=namespace,
                    namespace_labels={**stated, METADATA_NAME: namespace},
                    labels=own,
                    ports={
                        name: numbers
                        for one in self._inventory.workloads
                        if one.namespace == namespace and own.items() >= dict(one.labels).items()
                        for name, numbers in container_ports(one).items()
                    },
                )
            case AddressSide(address) if address:
                return ip_address(address)
            case _:
                return None

    def _arrow(self, subject: PodSide, peer: Side, flow: Flow, sign: str) -> tuple[str, str]:
        left, right = self._names.pods(subject, bare=True), ""
        if isinstance(peer, PodSide):
            right = self._names.pods(peer, bare=peer.namespace == subject.namespace)
            if right and peer.namespace != subject.namespace:
                right = f"{right} in ns {peer.namespace}"
        elif isinstance(peer, AddressSide):
            right = f"{peer.address}/{32 if '.' in peer.address else 128}"
        protocol = "" if flow.protocol is Protocol.TCP else f"/{flow.protocol.value.lower()}"
        text = f"{left} {sign} {right}:{flow.port}{protocol}" if left and right else ""
        return subject.namespace, text


def _unused(raw: Policies, seen: list[Connection]) -> tuple[Origin, ...]:
    """The arrows of which no part was seen in use."""
    used: set[Origin] = set()
    arrows: set[Origin] = set()
    for name, one in raw.namespaces.items():
        for allow in one.allows:
            origins = {o for o in allow.origins if o.role is Role.ARROW}
            arrows |= origins
            if origins <= used:
                continue
            # One allow alone: what it permits to a subject that is closed.
            alone = Policies(
                {
                    name: replace(
                        one,
                        isolations=tuple(
                            i
                            for i in one.isolations
                            if i.direction is allow.direction and i.subject == allow.subject
                        ),
                        allows=(allow,),
                    )
                }
            )
            if any(_speaks(alone, name, allow, c) for c in seen):
                used |= origins
    return tuple(sorted(arrows - used, key=lambda o: (o.path, o.line, o.statement)))


def _speaks(alone: Policies, name: str, allow: Allow, connection: Connection) -> bool:
    """Whether an allow permits a connection to or from its own subject."""
    own = connection.receiver if allow.direction is Direction.INGRESS else connection.sender
    if not isinstance(own, Pod) or own.namespace != name:
        return False
    return allow.subject.matches(own.labels) and permits(alone, connection)


def _why_not(flow: Flow) -> str:
    for side in (flow.sender, flow.receiver):
        match side:
            case ReservedSide("host" | "remote-node" | "health"):
                return "nodes and their health checks are no pods; most network plugins admit them"
            case ReservedSide("kube-apiserver"):
                return "the API server is no pod: name its addresses"
            case ReservedSide(name):
                return f"`{name}` is an identity of the network plugin, not pods"
            case AddressSide(""):
                return f"more than {MOST_ADDRESSES} addresses: choose a block"
            case PodSide(_, ()):
                return "no labels in the log"
            case _:
                pass
    return ""


def _said(side: Side) -> str:
    match side:
        case PodSide(namespace, labels):
            return f"{namespace}/{{{', '.join(f'{k}={v}' for k, v in labels)}}}"
        case AddressSide(address):
            return address or "other addresses"
        case ReservedSide(name):
            return f"reserved:{name}"


def _order(flow: Flow) -> tuple[str, str, int, str, bool]:
    return (_said(flow.receiver), _said(flow.sender), flow.port, flow.protocol.value, flow.dropped)


def lines_of(learned: Learned) -> Iterator[str]:
    """The comparison as lines for people."""
    for title, some in (
        ("seen, not permitted (proposed)", learned.proposed),
        ("seen, not proposed", learned.noted),
        ("dropped", learned.dropped),
    ):
        if some:
            yield f"{title}:"
        for line in some:
            yield f"  {line.text}, {line.times}" + (f" ({line.note})" if line.note else "")
            yield from (f"    {arrow}  (namespace {ns})" for ns, arrow in line.arrows)
    if learned.unused:
        yield "permitted, never seen:"
    yield from (f"  {one.statement} ({one.path}:{one.line})" for one in learned.unused)
    yield f"seen and permitted: {learned.permitted}"
