"""A search asks only the allows near a question, and finds what a look at all of them finds."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.analysis import avoided_boxes, case_enumeration, search
from netpolc.analysis.case_enumeration import Chosen
from netpolc.commands.pipeline import run
from netpolc.diagnostics import Diagnostic
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile

_OWN = ("db", "api", "*", "{tier=x}", "{app in (db, api)}", "{app, app!=db}", "{!tier}")
_PEERS = (
    *_OWN,
    "db in ns b",
    "api in ns *",
    "ns b",
    "{tier=x} in ns {env=dev}",
    "10.0.0.0/8",
    "any",
)
_PORTS = ("", ":80", ":80-90", ":http", ":[http, 81]")
_ends = st.sampled_from(_OWN), st.sampled_from(("<-", "->"))
_peers = st.lists(
    st.tuples(st.sampled_from(_PEERS), st.sampled_from(_PORTS))
    .map("".join)
    .filter(lambda peer: not peer.startswith("10") or "http" not in peer),
    min_size=1,
    max_size=3,
).map(", ".join)
_arrows = st.tuples(*_ends, _peers).map(" ".join)
_claims = st.tuples(st.sampled_from(("never", "always", "only")), _arrows).map(" ".join)
_settings = st.sampled_from(("default: allow", "default: deny", "default: deny ingress egress"))


@st.composite
def _programs(draw: st.DrawFn) -> str:
    """Two namespaces, with arrows and claims about the same few pods."""
    sections = [
        (header, draw(_settings), *draw(st.lists(_arrows, min_size=1, max_size=5)))
        for header in ("namespace a", "namespace b {env=dev}")
    ]
    claims = draw(st.lists(_claims, min_size=1, max_size=4))
    return "\n".join([*sections[1], *sections[0], *claims]) + "\n"


def _findings(text: str) -> tuple[Diagnostic, ...]:
    source = SourceFile("a.intent", text)
    options = Options(today=date(2026, 1, 1), tiers="v1alpha2")
    return run(Sources(intents=(source,)), options).diagnostics


@given(_programs())
def test_what_is_found_by_labels_is_what_a_look_at_all_finds(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(avoided_boxes, "_FEW", 0)
        quick = _findings(text)
        patch.setattr(avoided_boxes.AvoidedBoxes, "near", lambda *given: given[2])
        patch.setattr(search, "Chosen", lambda end, _: Chosen(end))
        assert list(map(str, _findings(text))) == list(map(str, quick))


_NAMESPACES = st.sampled_from(("ns *", "ns a", "ns {env=dev}", "ns {env}", "api in ns {env!=dev}"))
_ENFORCED = st.tuples(
    st.sampled_from(("enforce never", "enforce always", "never")),
    _NAMESPACES,
    st.sampled_from(("<-", "->")),
    st.tuples(_NAMESPACES, st.sampled_from(("", ":80", ":http"))).map("".join),
).map(" ".join)


@given(_programs(), st.lists(_ENFORCED, min_size=1, max_size=4), st.booleans())
def test_receivers_that_tiers_close_are_those_that_a_look_at_each_sender_finds(
    text: str,
    enforced: list[str],
    baseline: bool,
) -> None:
    setting = ["baseline: deny"] if baseline else []
    text = "\n".join(["cluster", *setting, *enforced, text])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(case_enumeration, "_FEW", 0)
        quick = _findings(text)
        patch.setattr(case_enumeration, "_FEW", 1 << 20)
        assert list(map(str, _findings(text))) == list(map(str, quick))
