"""Peers and ports as two rules where one was meant.

`- from` and `- ports` are two items of the list of rules, and either is enough: these
peers on every port, and everybody on these ports (traps 1). One dash too many opens a port
to the world.
"""

from collections.abc import Iterator
from itertools import pairwise

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.peers import Direction
from netpolc.lints.manifests.dns_egress import is_dns
from netpolc.lints.manifests.policy_source import Written, WrittenPolicy, WrittenRule

SPLIT_RULE = Rule(code="NP623", name="split-rule", severity=Severity.NOTE)


def split_rules(written: Written) -> Iterator[Diagnostic]:
    """Report the rules with only ports that directly follow one with only peers."""
    for policy in written.policies():
        for direction in Direction:
            yield from _split(policy, direction)


def _split(policy: WrittenPolicy, direction: Direction) -> Iterator[Diagnostic]:
    rules = policy.of(direction)
    for i, (peers, ports) in enumerate(pairwise(rules)):
        follows = i + 2 < len(rules) and _is_only_ports(rules[i + 2])
        doubtful = _is_only_peers(peers) and _is_only_ports(ports) and not is_dns(ports)
        if doubtful and not follows and not ports.remarks():
            yield Diagnostic(
                rule=SPLIT_RULE,
                message="everybody may use these ports, not only the peers of the rule above",
                label=Label(
                    ports.span, f"{ports.path}: a rule of its own, without `{ports.field}`"
                ),
                others=(Label(peers.span, "these peers, on every port"),),
                help="if they belong together, make one rule of them: leave out the second dash",
            )


def _is_only_peers(rule: WrittenRule) -> bool:
    return bool(rule.rule.peers) and rule.rule.ports is None


def _is_only_ports(rule: WrittenRule) -> bool:
    return rule.rule.peers is None and bool(rule.rule.ports)
