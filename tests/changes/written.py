"""Differences written by hand: what a comparison would find, without comparing."""

from collections.abc import Sequence
from dataclasses import replace

from netpolc.analysis.concrete_evaluator import Connection, Pod
from netpolc.changes.model import (
    Cause,
    Difference,
    Effect,
    Entry,
    FarEnd,
    IsolationChange,
    Reach,
    Risk,
    StatementChange,
)
from netpolc.kube.display import ports_text
from netpolc.kube.peers import Direction
from netpolc.kube.ports import Protocol, Traffic
from netpolc.provenance import Origin, Role, StatementKind, StatementRef
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from netpolc.syntax.parts import Name, PodPeer
from netpolc.syntax.tree import ArrowStatement

_POD = Pod(namespace="shop", namespace_labels={}, labels={})
WITNESS = Connection(sender=_POD, receiver=_POD, protocol=Protocol.TCP, port=80)


def tcp(*ports: int) -> Traffic:
    """TCP on some ports."""
    return Traffic.of((Protocol.TCP, port, port) for port in ports)


EVERYTHING = Traffic.of((protocol, 1, 65535) for protocol in Protocol)


def origin(path: str, line: int, statement: str, because: str = "") -> Origin:
    """A statement of a file, on a line of its own."""
    file = SourceFile(path, "\n" * (line - 1) + f"{statement}\n")
    return Origin(
        path=path,
        line=line,
        source=StatementRef(StatementKind.ARROW, statement),
        role=Role.ARROW,
        because=because,
        span=file.span(line - 1, line - 1 + len(statement)),
    )


def change(
    before: Origin | None,
    after: Origin | None,
    what: StatementKind = StatementKind.ARROW,
    name: str = "",
    namespace: str = "shop",
) -> StatementChange:
    """A changed statement."""
    return StatementChange(what=what, namespace=namespace, name=name, before=before, after=after)


def far_end(text: str, traffic: Traffic, home: str, *, sayable: bool = True) -> FarEnd:
    """A peer as the intent language writes it, or any text at all."""
    end = FarEnd(
        text=text + ports_text(traffic),
        peer=text,
        traffic=traffic,
        connections=(),
        sayable=sayable,
    )
    found = parse(SourceFile("", f"x <- {text}\n"))
    arrows = [s for section in found.value.sections for s in section.statements]
    if found.diagnostics or len(arrows) != 1 or not isinstance(arrows[0], ArrowStatement):
        return end
    (peer, *others) = (written.peer for written in arrows[0].connection.peers)
    if others or not isinstance(peer, PodPeer):
        return end
    where = peer.namespaces
    return replace(
        end,
        namespace=home if where is None else where.text if isinstance(where, Name) else "",
        pods="" if peer.pods is None else peer.pods.span.text,
        service=peer.pods.text if isinstance(peer.pods, Name) else "",
        of_others="notin" in text,
    )


def entry(
    effect: Effect,
    subject: str,
    far: Sequence[tuple[str, Traffic]],
    *,
    namespace: str = "shop",
    direction: Direction = Direction.INGRESS,
    risks: tuple[Risk, ...] = (),
    causes: tuple[StatementChange, ...] = (),
    sayable: bool = True,
) -> Entry:
    """Connections of a subject with peers on ports."""
    ends = tuple(far_end(text, traffic, namespace, sayable=sayable) for text, traffic in far)
    sign = "<-" if direction is Direction.INGRESS else "->"
    return Entry(
        effect=effect,
        namespace=namespace,
        subject=subject,
        direction=direction,
        arrow=f"{subject} {sign} {', '.join(end.text for end in ends)}",
        far=ends,
        permitting=tuple(c.after for c in causes if c.after),
        closing=tuple(c.before for c in causes if c.before),
        witness=WITNESS,
        reach=Reach(
            unknown_pods=True,
            other_namespaces=any(" ns " in f" {text}" for text, _ in far),
            outside=any(text in {"internet", "any"} for text, _ in far),
        ),
        risks=risks,
        causes=causes,
        sayable=sayable,
    )


def isolation(
    effect: Effect,
    subject: str,
    words: str,
    *,
    namespace: str = "shop",
    default: bool = False,
    risks: tuple[Risk, ...] = (),
) -> IsolationChange:
    """Pods that are open or closed now."""
    return IsolationChange(
        effect=effect,
        namespace=namespace,
        subject=subject,
        direction=Direction.INGRESS,
        words=words,
        before=(),
        after=(),
        default=default,
        risks=risks,
    )


def shop() -> Difference:
    """A change as a team makes it: an arrow edited, one added, a group grown, a default gone."""
    edited = change(
        origin("intents/shop/db.intent", 4, "db <- api:5432, legacy:5432"),
        origin(
            "intents/shop/db.intent",
            4,
            'db <- api:5432, migrator:5432 until 2027-03-31 because "OPS-1432: one-off"',
        ),
        name="db",
    )
    added = change(None, origin("intents/shop/web.intent", 9, "web <- internet:443"), name="web")
    out = change(None, origin("intents/shop/web.intent", 12, "web -> any"), name="web")
    group = change(
        origin("intents/cluster.intent", 3, "group observers = prometheus in ns monitoring"),
        origin(
            "intents/cluster.intent",
            3,
            "group observers = prometheus in ns monitoring, otel in ns telemetry",
        ),
        StatementKind.GROUP,
        "observers",
        "",
    )
    default = change(
        origin("intents/lab/lab.intent", 2, "default: deny"),
        None,
        StatementKind.DEFAULT,
        namespace="lab",
    )
    reworded = change(
        origin("intents/pay/pay.intent", 5, "ledger <- {app=api}:8080"),
        origin("intents/pay/pay.intent", 6, "ledger <- api:8080"),
        name="ledger",
        namespace="pay",
    )
    opened, closed = Effect.OPENED, Effect.CLOSED
    return Difference(
        before="main",
        after="feature/observability",
        causes=(
            Cause(
                statements=(edited,),
                entries=(
                    entry(opened, "db", [("migrator", tcp(5432))], causes=(edited,)),
                    entry(closed, "db", [("legacy", tcp(5432))], causes=(edited,)),
                ),
            ),
            Cause(
                statements=(added,),
                isolations=(isolation(closed, "web", "`web` was open to all, now closed"),),
                entries=(
                    entry(
                        opened,
                        "web",
                        [("internet", tcp(443))],
                        risks=(Risk.FROM_INTERNET,),
                        causes=(added,),
                    ),
                ),
            ),
            Cause(
                statements=(out,),
                entries=(
                    entry(
                        opened,
                        "web",
                        [("any", EVERYTHING)],
                        direction=Direction.EGRESS,
                        risks=(Risk.EVERY_PORT, Risk.TO_EVERYTHING),
                        causes=(out,),
                    ),
                ),
            ),
            Cause(
                statements=(group,),
                entries=tuple(
                    entry(
                        opened,
                        subject,
                        [("otel in ns telemetry", tcp(9187))],
                        namespace=namespace,
                        causes=(group,),
                    )
                    for namespace, subject in (
                        ("shop", "db"),
                        ("shop", "web"),
                        ("pay", "ledger"),
                        ("pay", "api"),
                    )
                ),
            ),
            Cause(
                statements=(default,),
                isolations=(
                    isolation(
                        opened,
                        "*",
                        "every pod of namespace `lab` was closed, now open to all",
                        namespace="lab",
                        default=True,
                        risks=(Risk.DEFAULT_REMOVED,),
                    ),
                ),
            ),
        ),
        rewordings=(reworded,),
        moved=3,
    )
