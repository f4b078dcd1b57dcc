"""Which written rule takes over the comment of a rule that it implies."""

from dataclasses import replace
from typing import TypeAlias

import pytest

from netpolc.ir.model import Allow
from netpolc.kube.peers import Direction, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.passes.decompile.implied_rules import implications
from netpolc.provenance import Origin, PolicyRef, Role
from tests.ir.examples import ANYONE, EGRESS, INGRESS, app, every_pod_of, own, tcp

Rule: TypeAlias = tuple[Direction, Selector, Peer, Traffic]
DB = app("db")
TEAMS = Pods(None, Selector.labels({"team": "blue"}))


def owner(written: Rule | None, implied: Rule) -> bool | None:
    """Whether the written rule takes over the comment of the other; None where no rule does."""
    kept = [] if written is None else [_allow(1, written)]
    rest = _allow(2, implied)
    place = rest.origins[0].place
    found, unowned = implications([*kept, rest], kept, {"env": "dev"}, [place])
    if place in unowned:
        return None
    return found == {kept[0].origins[0].place: (place,)}


def _allow(line: int, rule: Rule) -> Allow:
    direction, subject, peer, traffic = rule
    source = PolicyRef("p", direction.value, (line,))
    origin = Origin(path="a.yaml", line=line, source=source, role=Role.POLICY)
    return Allow(
        subject=subject, direction=direction, peer=peer, traffic=traffic, origins=(origin,)
    )


@pytest.mark.parametrize(
    ("written", "implied"),
    [
        # A wider rule of the same subject covers it.
        ((INGRESS, DB, ANYONE, EVERY_PORT), (INGRESS, DB, own("api"), tcp(1))),
        ((INGRESS, DB, own("api"), tcp(1, 2)), (INGRESS, DB, own("api"), tcp(1))),
        # An arrow inside a namespace opens both ends.
        ((INGRESS, DB, own("api"), tcp(1)), (EGRESS, app("api"), own("db"), tcp(1))),
        ((INGRESS, DB, TEAMS, tcp(1)), (EGRESS, app("api"), own("db"), tcp(1))),
        ((INGRESS, DB, own("api"), tcp(1)), (EGRESS, EVERYTHING, own("db"), tcp(1))),
        # Labels of namespaces that surely choose the own one are like none.
        (
            (INGRESS, DB, own("api"), tcp(1)),
            (EGRESS, app("api"), Pods(Selector.labels({"env": "dev"}), DB), tcp(1)),
        ),
    ],
)
def test_a_written_rule_takes_over_the_comment(written: Rule, implied: Rule) -> None:
    assert owner(written, implied)


@pytest.mark.parametrize(
    ("written", "implied"),
    [
        (None, (INGRESS, DB, own("api"), tcp(1))),
        ((INGRESS, DB, own("api"), tcp(1)), (INGRESS, DB, ANYONE, tcp(1))),
        ((INGRESS, DB, own("api"), tcp(1)), (INGRESS, DB, own("api"), tcp(1, 2))),
        ((INGRESS, app("web"), ANYONE, EVERY_PORT), (INGRESS, DB, own("api"), tcp(1))),
        ((EGRESS, DB, ANYONE, EVERY_PORT), (INGRESS, DB, own("api"), tcp(1))),
        # Only the egress of a sender is opened by a mirror, and only to pods of the namespace.
        ((EGRESS, app("api"), own("db"), tcp(1)), (INGRESS, DB, own("api"), tcp(1))),
        ((EGRESS, app("api"), own("db"), tcp(1)), (EGRESS, DB, own("api"), tcp(1))),
        ((INGRESS, app("api"), own("db"), tcp(1)), (INGRESS, DB, own("api"), tcp(1))),
        ((INGRESS, DB, own("api"), tcp(1)), (EGRESS, app("api"), Pods(EVERYTHING, DB), tcp(1))),
        ((INGRESS, DB, own("api"), tcp(1)), (EGRESS, app("web"), own("db"), tcp(1))),
        ((INGRESS, DB, own("api"), tcp(1)), (EGRESS, app("api"), own("web"), tcp(1))),
        ((INGRESS, DB, own("api"), tcp(1)), (EGRESS, app("api"), ANYONE, tcp(1))),
        ((INGRESS, DB, every_pod_of("ops"), tcp(1)), (EGRESS, app("api"), own("db"), tcp(1))),
        ((INGRESS, DB, own("api"), tcp(1)), (EGRESS, app("api"), every_pod_of("ops"), tcp(1))),
    ],
)
def test_no_rule_takes_over_the_comment_of_another(written: Rule | None, implied: Rule) -> None:
    assert owner(written, implied) is None


def test_the_rule_in_the_same_words_is_preferred_to_one_that_overlaps() -> None:
    wide, same = (
        _allow(1, (INGRESS, DB, TEAMS, tcp(1))),
        _allow(2, (INGRESS, DB, own("api"), tcp(1))),
    )
    mirror = _allow(3, (EGRESS, app("api"), own("db"), tcp(1)))
    place = mirror.origins[0].place
    found, _ = implications([wide, same, mirror], [wide, same], {}, [place])
    assert found == {same.origins[0].place: (place,)}


def test_a_rule_without_a_comment_needs_no_owner() -> None:
    rest = _allow(2, (INGRESS, DB, own("api"), tcp(1)))
    assert implications([rest], [], {}, []) == ({}, ())


def test_a_rule_of_which_a_part_is_written_keeps_its_comment() -> None:
    first = _allow(1, (INGRESS, DB, own("api"), tcp(1)))
    second = _allow(1, (INGRESS, DB, own("web"), tcp(1)))
    peer = PolicyRef("p", "ingress", (1, 1))
    other_peer = replace(second.origins[0], source=peer)
    second = replace(second, origins=(other_peer,))
    assert implications([first, second], [first], {}, [other_peer.place]) == ({}, ())
