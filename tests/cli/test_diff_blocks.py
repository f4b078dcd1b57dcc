"""`netpolc diff` about pods, where a block on one side may match them."""

import json
from itertools import permutations

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put

PLUGIN = "the network plugin: whether blocks match addresses of pods and nodes"
ADDRESSES = "the addresses of pods, which blocks match in this cluster"
ALL = "cluster\nblocks: all\npods: 10.244.0.0/16\n"
OUTSIDE = "cluster\nblocks: outside\n"
APART = "cluster\nblocks: all\npods: 100.64.0.0/10\n"

ARROWS = (
    "",
    "db <- web:5432",
    "db <- 0.0.0.0/0:5432",
    "db <- 0.0.0.0/0:5432, web:5432",
    "db <- 10.244.0.0/24:5432",
    "db <- 10.0.0.0/8:80",
    "db <- web:5432\nweb -> 0.0.0.0/0",
    "db <- 0.0.0.0/0:5432\nweb -> 10.0.0.0/8:5432",
)


def write(put: Put, stated: str, default: str, before: str, after: str) -> None:
    """Write both sides, which differ in their arrows."""
    for name, arrows in (("before", before), ("after", after)):
        put({f"{name}.intent": f"{stated}namespace shop\ndefault: {default}\n{arrows}\n"})


def rows(capfd: pytest.CaptureFixture[str]) -> dict[str, tuple[str, ...]]:
    """The unknown facts of each row, by its effect and arrow."""
    capfd.readouterr()
    run(["diff", "before.intent", "after.intent", "--format", "json"])
    return {
        f"{entry['effect']} {entry['arrow']}": tuple(entry.get("undecided", ()))
        for cause in json.loads(capfd.readouterr().out)["causes"]
        for entry in cause["entries"]
    }


@pytest.mark.parametrize(
    ("default", "peer", "arrow"),
    [("deny", "db <- {}:5432", "db <- web:5432"), ("deny egress", "web -> {}:5432", "web -> db:5432")],
)  # fmt: skip
@pytest.mark.parametrize(
    ("stated", "facts"), [("", (PLUGIN,)), (ALL, (ADDRESSES,)), (OUTSIDE, ()), (APART, ())]
)
def test_a_row_is_undecided_where_a_block_of_the_other_side_may_match_the_pods(
    stated: str,
    facts: tuple[str, ...],
    default: str,
    peer: str,
    arrow: str,
    put: Put,
    capfd: pytest.CaptureFixture[str],
) -> None:
    block = "10.244.0.0/24"
    write(put, stated, default, arrow, peer.format(block))
    assert rows(capfd)[f"closed {arrow}"] == facts
    run(["diff", "before.intent", "after.intent"])
    assert (f"? depends on {ADDRESSES}" in capfd.readouterr().out) is (facts == (ADDRESSES,))
    run(["diff", "before.intent", "after.intent", "--format", "markdown"])
    assert (f"depends on {ADDRESSES}" in capfd.readouterr().out) is (facts == (ADDRESSES,))
    write(put, stated, default, peer.format(block), f"{peer.format(block)}\n{arrow}")
    assert rows(capfd) == {f"opened {arrow}": facts}


def test_a_row_goes_where_a_block_of_the_other_side_has_all_addresses_of_pods(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    write(put, ALL, "deny", "db <- web:5432", "db <- 10.0.0.0/8:5432")
    assert set(rows(capfd)) == {"opened db <- 10.0.0.0/8:5432"}
    write(put, ALL, "deny", "db <- 10.0.0.0/8:5432", "db <- 10.0.0.0/8:5432, web:5432")
    assert rows(capfd) == {}


def test_public_blocks_may_match_pods_too(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    write(put, "", "deny", "db <- internet:5432", "db <- internet:5432, web:5432")
    assert rows(capfd) == {"opened db <- web:5432": (PLUGIN,)}


@pytest.mark.parametrize(
    ("stated", "facts"), [("", (PLUGIN,)), (ALL, ()), (OUTSIDE, None), (APART, None)]
)
def test_an_end_that_a_block_leaves_open_does_not_hide_what_changes_at_the_other(
    stated: str, facts: tuple[str, ...] | None, put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, arrow in (("before", ""), ("after", "db <- api in ns front:5432")):
        front = "namespace front\ndefault: deny egress\napi -> 10.0.0.0/8:5432\n"
        shop = f"namespace shop\ndefault: deny\n{arrow}\n"
        put({f"{name}.intent": f"{stated}{front}{shop}"})
    found = {} if facts is None else {"opened db <- api in ns front:5432": facts}
    assert rows(capfd) == found


@pytest.mark.parametrize(
    ("default", "before", "after", "row"),
    [
        ("deny", "db <- 10.0.0.0/8:80", "db <- 10.0.0.0/8:80\ndb <- web:5432", "opened db <- web:5432"),
        ("deny", "api <- 10.0.0.0/8", "api <- 10.0.0.0/8\ndb <- web:5432", "opened db <- web:5432"),
        ("deny ingress egress", "web -> 10.0.0.0/8", "web -> 10.0.0.0/8\ndb <- web:5432",
         "opened db <- web:5432"),
    ],
)  # fmt: skip
def test_a_row_is_certain_where_no_block_opens_the_closed_end(
    default: str,
    before: str,
    after: str,
    row: str,
    put: Put,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for stated in ("", ALL):
        write(put, stated, default, before, after)
        assert rows(capfd)[row] == ()


@pytest.mark.parametrize("default", ["deny", "deny egress", "deny ingress egress"])
def test_no_certain_row_contradicts_can(
    default: str, put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    permitted = {}
    for arrows in ARROWS:
        write(put, ALL, default, arrows, arrows)
        permitted[arrows] = not run(["can", "db <- web:5432", "before.intent"])
    certain = set()
    for before, after in permutations(ARROWS, 2):
        write(put, ALL, default, before, after)
        for row, facts in rows(capfd).items():
            effect, _, arrow = row.partition(" ")
            if arrow in {"db <- web:5432", "web -> db:5432"} and not facts:
                opened = effect == "opened"
                assert (permitted[before], permitted[after]) == (not opened, opened), row
                certain.add(effect)
    assert certain == {"opened", "closed"}
