"""Assertions of a cluster section that mean the same everywhere are resolved once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc import passes
from netpolc.passes.resolve import resolve
from netpolc.provenance import Origins
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import IntentFile

_ENDS = (
    *("db", "web", "some", "*", "{tier=x}", "{tier=x, !tier}"),
    *("db in ns a", "some in ns b", "{tier=x} in ns b", "{tier=x} in ns *", "web in ns *"),
    *("db in ns {env=dev}", "* in ns {env=dev}", "ns a", "ns *", "db in ns A"),
)
_PEERS = (*_ENDS, "dns", "any", "internet", "10.0.0.0/8", "none")
_SETTINGS = (
    *("default: deny", "label: tier", "service db = {tier=x}", "group some = web in ns b:80"),
    *("dns: some", "dns: 10.0.0.1/32:53/udp", "never db <- web", "db <- web in ns a:80"),
)
_Resolved = tuple[object, dict[str, dict[str, Origins]], frozenset[object]]


@st.composite
def _programs(draw: st.DrawFn) -> str:
    """A cluster section with assertions, and two or three namespaces."""
    claims = [
        f"{draw(st.sampled_from(('never', 'always', 'only')))} {draw(st.sampled_from(_ENDS))} "
        f"{draw(st.sampled_from(('<-', '->')))} "
        + ", ".join(draw(st.lists(st.sampled_from(_PEERS), min_size=1, max_size=2)))
        for _ in range(draw(st.integers(1, 3)))
    ]
    sections = [
        (header, draw(st.lists(st.sampled_from(_SETTINGS), max_size=3, unique=True)))
        for header in ("cluster", "namespace b", "namespace a", "namespace c {env=dev}")
    ]
    lines = ["cluster", *claims]
    for header, settings in sections[: draw(st.integers(1, 4))]:
        lines += [header, *settings]
    return "\n".join(lines) + "\n"


def _resolved(file: IntentFile) -> _Resolved:
    outcome = resolve([file])
    program = outcome.value
    homes = [(assertion, assertion.home, assertion.origin) for assertion in program.assertions]
    mentions = {
        name: {service.name: service.mentions for service in namespace.services.values()}
        for name, namespace in program.namespaces.items()
    }
    return (program, homes), mentions, frozenset(outcome.diagnostics)


@given(_programs())
def test_what_means_the_same_everywhere_is_what_each_namespace_sees(text: str) -> None:
    file = parse(SourceFile("a.intent", text)).value
    once = _resolved(file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passes.resolve, "depends_on_home", lambda _: True)
        assert _resolved(file) == once
