"""What is wrong with policy sets that no schema can refuse."""

import pytest

from netpolc.diagnostics import Rule
from netpolc.ir import verifier as ir
from netpolc.ir.model import Allow, Subject
from netpolc.kube.cidr import Addresses
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Outside, Pods
from netpolc.kube.ports import NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, NOTHING, Selector
from netpolc.provenance import Origin, Role, source_of
from netpolc.sets import IntervalSet, ValueSet
from netpolc.source import SourceFile
from tests.ir.examples import (
    ANYONE,
    EGRESS,
    INGRESS,
    app,
    closed,
    meaning,
    opened,
    outside,
    own,
    tcp,
)

DB = app("db")
ODD = Selector.of([("app", ValueSet(frozenset(["db"]), absent=True))])
METRICS = Traffic.of(named=[NamedPort(Protocol.TCP, "metrics")])


def raw(*parts: Subject | Allow, namespace: str = "shop", **labels: str) -> ir.Listed:
    """A namespace as a foreign file could have it: nothing looked at, nothing refused."""
    return ir.Listed(
        namespace=namespace,
        labels=labels,
        closed=tuple(part for part in parts if isinstance(part, Subject)),
        allows=tuple(part for part in parts if isinstance(part, Allow)),
    )


@pytest.mark.parametrize(
    ("listed", "kind", "path"),
    [
        (raw(opened(DB, ANYONE)), ir.OPENED_BUT_NOT_CLOSED, "allows[0]"),
        (raw(closed(DB, EGRESS), opened(DB, ANYONE)), ir.OPENED_BUT_NOT_CLOSED, "allows[0]"),
        (raw(closed(NOTHING)), ir.MATCHES_NOTHING, "isolations[0].subject"),
        (
            raw(closed(DB), opened(DB, Pods(None, NOTHING))),
            ir.MATCHES_NOTHING,
            "allows[0].peer.pods",
        ),
        (
            raw(closed(DB), opened(DB, Pods(NOTHING, EVERYTHING))),
            ir.MATCHES_NOTHING,
            "allows[0].peer.namespaces",
        ),
        (
            raw(closed(DB), opened(DB, Outside(Addresses()))),
            ir.MATCHES_NOTHING,
            "allows[0].peer.blocks",
        ),
        (raw(closed(DB), opened(DB, ANYONE, Traffic())), ir.MATCHES_NOTHING, "allows[0].traffic"),
        (
            raw(closed(DB), opened(DB, ANYONE, Traffic(udp=IntervalSet.of((0, 5))))),
            ir.INVALID_VALUE,
            "allows[0].traffic.udp[0]",
        ),
        (
            raw(closed(DB), opened(DB, ANYONE, Traffic(sctp=IntervalSet.of((5, 65536))))),
            ir.INVALID_VALUE,
            "allows[0].traffic.sctp[0]",
        ),
        (raw(closed(ODD)), ir.INVALID_VALUE, "isolations[0].subject"),
        (raw(closed(app("a b"))), ir.INVALID_NAME, "isolations[0].subject.app"),
        (raw(closed(Selector.labels({"-a": "b"}))), ir.INVALID_NAME, 'isolations[0].subject["-a"]'),
        (
            raw(
                closed(DB),
                opened(DB, own("api"), Traffic.of(named=[NamedPort(Protocol.TCP, "8080")])),
            ),
            ir.INVALID_NAME,
            "allows[0].traffic.named[0]",
        ),
        (raw(namespace="Shop"), ir.INVALID_NAME, "namespace"),
        (raw(env="?"), ir.INVALID_NAME, "labels.env"),
        (
            raw(**{METADATA_NAME: "store"}),
            ir.CONTRADICTING_NAMESPACE,
            f'labels["{METADATA_NAME}"]',
        ),
        (
            raw(
                closed(DB, EGRESS),
                opened(DB, outside("10.0.0.0/8"), METRICS, direction=EGRESS),
            ),
            ir.NAMED_PORT_OUTSIDE,
            "allows[0].traffic.named",
        ),
    ],
    ids=str,
)
def test_each_thing_wrong_is_one_finding_at_its_path(
    listed: ir.Listed, kind: Rule, path: str
) -> None:
    (found,) = ir.findings([listed])
    assert found.kind is kind
    assert ir.path_text(found.path) == f"$.namespaces[0].{path}"


def test_what_is_right_has_no_findings() -> None:
    fine: list[Subject | Allow] = [
        closed(DB),
        closed(DB, EGRESS),
        opened(DB, outside("10.0.0.0/8"), METRICS),
        opened(DB, ANYONE, METRICS, direction=EGRESS),
        opened(DB, own("api"), tcp(1, 65535), direction=EGRESS),
    ]
    assert not list(ir.findings([raw(*fine, env="")]))


def test_a_finding_is_at_the_statement_where_there_is_one() -> None:
    source = SourceFile("shop/db.intent", "db <- any:http\n")
    origin = Origin(
        path=source.path,
        line=1,
        source=source_of(Role.ARROW, "db <- any"),
        role=Role.ARROW,
        span=source.span(0, 14),
    )
    (found,) = ir.check(meaning(closed(NOTHING, INGRESS, origin)))
    assert found.label.span.text == "db <- any:http"
