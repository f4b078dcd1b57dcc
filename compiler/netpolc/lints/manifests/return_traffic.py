"""Rules for answers, which need none.

A policy permits connections, and an answer is part of its connection (Kubernetes
documentation, "The two sorts of pod isolation"). People who come from packet filters open
the ephemeral ports for the way back, and thereby let the other side begin connections to
thirty thousand ports.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.peers import Anyone
from netpolc.kube.ports import PROTOCOLS
from netpolc.lints.manifests.policy_source import Written, WrittenRule

RETURN_TRAFFIC = Rule(code="NP632", name="return-traffic", severity=Severity.WARNING)

_FIRST = frozenset({1024, 1025, 32768, 49152})
_LAST = frozenset({60999, 61000, 65535})


def return_traffic(written: Written) -> Iterator[Diagnostic]:
    """Report the rules that open ephemeral ports to a peer of the other direction."""
    for rule in written.rules():
        ports = _ephemeral(rule)
        if ports is None:
            continue
        back = next(filter(lambda other: _is_with(other, rule), _others(rule)), None)
        if back is not None:
            yield Diagnostic(
                rule=RETURN_TRAFFIC,
                message=f"reply traffic needs no rule, and this one opens ports {ports}",
                label=Label(rule.span, f"{rule.path}: connections may begin here too"),
                others=(Label(back.span, "the connections to which these would be replies"),),
                help="remove the rule: a reply belongs to its connection",
            )


def _ephemeral(rule: WrittenRule) -> str | None:
    """The range of ephemeral ports, where a rule opens nothing else."""
    ranges = [r for protocol in PROTOCOLS for r in rule.traffic.numbers(protocol).ranges]
    if not ranges or not all(low in _FIRST and high in _LAST for low, high in ranges):
        return None
    return f"{ranges[0][0]}-{ranges[0][1]}"


def _others(rule: WrittenRule) -> list[WrittenRule]:
    """The rules of the same policy in the other direction."""
    return rule.policy.of(rule.direction.other)


def _is_with(other: WrittenRule, rule: WrittenRule) -> bool:
    """Whether a rule has a peer of another one."""
    return _ephemeral(other) is None and any(
        mine == theirs or isinstance(mine, Anyone) for mine in rule.meant for theirs in other.meant
    )
