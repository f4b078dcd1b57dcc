"""The marker of an output folder: whose it is, and where the search for one ends."""

from pathlib import Path

import pytest

from netpolc.io.output_marker import (
    MARKER,
    marked_above,
    marker_text,
    named_output,
    named_sources,
    read_owner,
)


@pytest.mark.parametrize(
    "owner", [named_output("prod"), named_sources(("a", "b c")), named_sources(())]
)
def test_the_owner_is_read_back(tmp_path: Path, owner: str) -> None:
    assert read_owner(tmp_path) is None
    (tmp_path / MARKER).write_text(marker_text(owner))
    assert read_owner(tmp_path) == owner


def test_owners_differ_by_output_and_by_sources() -> None:
    owners = [named_output("a"), named_output("b"), named_sources(()), named_sources(("a",))]
    assert len(set(owners)) == len(owners)


@pytest.mark.parametrize("text", ["", "# a comment alone\n", "\n\n"])
def test_a_marker_without_a_line_names_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / MARKER).write_text(text)
    assert read_owner(tmp_path) == ""


def test_a_marker_that_cannot_be_read_is_not_a_missing_one(tmp_path: Path) -> None:
    (tmp_path / MARKER).mkdir()
    assert (read_owner(tmp_path) or "").startswith("unreadable: ")
    other = tmp_path / "other"
    other.mkdir()
    (other / MARKER).symlink_to("nowhere")
    assert (read_owner(other) or "").startswith("unreadable: ")


def test_the_nearest_marker_above_is_found_within_the_checkout(tmp_path: Path) -> None:
    deep = tmp_path / "checkout/out/prod/shop"
    deep.mkdir(parents=True)
    (tmp_path / "checkout/.git").mkdir()
    (tmp_path / MARKER).write_text("outside the checkout")
    assert marked_above(deep) is None
    (tmp_path / "checkout" / MARKER).write_text("in its root")
    assert marked_above(deep) == tmp_path / "checkout"
    (tmp_path / "checkout/out" / MARKER).write_text("nearer")
    assert marked_above(deep) == tmp_path / "checkout/out"
    (deep / MARKER).write_text("its own")
    assert marked_above(deep) == tmp_path / "checkout/out"


def test_nothing_above_the_root_of_a_checkout_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "checkout/.git").mkdir(parents=True)
    (tmp_path / MARKER).write_text("outside the checkout")
    assert marked_above(tmp_path / "checkout") is None
