"""Which pods the senders' end of an arrow selects."""

import pytest

from netpolc.kube.selectors import Selector
from netpolc.passes.lower import lower
from netpolc.passes.resolve import resolve
from netpolc.provenance import Role
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse

BLUE = {"app": "api", "team": "blue"}


def mirrored(text: str) -> set[Selector]:
    program = resolve([parse(SourceFile("a.intent", f"namespace shop\n{text}")).value]).value
    allows = lower(program).value.namespaces["shop"].allows
    return {allow.subject for allow in allows if allow.origins[0].role is Role.MIRROR}


@pytest.mark.parametrize(
    ("closed", "senders"),
    [
        (["{app=api}", "{app=api, team=blue}"], [{"app": "api"}]),
        (["{app=api, team=blue}"], [BLUE]),
        (["{team=blue}", "{app=api, zone=a}"], [BLUE, {"app": "api", "zone": "a"}]),
        (["{app=web}"], []),
    ],
)
def test_the_widest_closed_pods_among_the_senders_are_opened(
    closed: list[str], senders: list[dict[str, str]]
) -> None:
    lines = [f"{subject} -> {{app=db}}:80" for subject in closed]
    assert mirrored("\n".join([*lines, "cache <- {app=api}:6379\n"])) == set(
        map(Selector.labels, senders)
    )
