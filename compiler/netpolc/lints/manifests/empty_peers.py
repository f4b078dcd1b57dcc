"""An empty list of peers, which is everybody.

Everywhere else in a policy an empty list is nothing (`ingress: []`); in `from` and `to` it
is everybody, pods and addresses (API reference, NetworkPolicyIngressRule). People write it
for "external services" and open all pods as well, or for "nobody" and open everything.
"""

import re
from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.lints.manifests.dns_egress import is_dns
from netpolc.lints.manifests.policy_source import Written, within

EMPTY_PEERS = Rule(code="NP624", name="empty-list-of-peers", severity=Severity.NOTE)

_MEANT = re.compile(r"\b(?:any|anyone|anybody|anywhere|all|every\w*|world|unrestricted)\b")
"""Words of a comment that says an empty peer list is intended."""
_ENDS = {"from": "source", "to": "destination"}


def empty_peers(written: Written) -> Iterator[Diagnostic]:
    """Report the rules whose list of peers is there and empty."""
    for rule in written.rules():
        if rule.rule.peers == () and not _MEANT.search(rule.remarks()) and not is_dns(rule):
            yield Diagnostic(
                rule=EMPTY_PEERS,
                message=f"`{rule.field}: []` permits every {_ENDS[rule.field]}",
                label=Label(within(rule.span, rule.field), f"{rule.path}.{rule.field}"),
                help=f"name the peers; if every peer is meant, leave `{rule.field}` out",
            )
