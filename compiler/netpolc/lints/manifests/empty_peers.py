"""An empty list of peers, which is everybody.

Everywhere else in a policy an empty list is nothing (`ingress: []`); in `from` and `to` it
is everybody, pods and addresses (API reference, NetworkPolicyIngressRule). People write it
for "external services" and open all pods as well, or for "nobody" and open everything.
"""

import re
from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Kind, Label, Severity
from netpolc.lints.manifests.name_service import is_dns
from netpolc.lints.manifests.written import Written, within

EMPTY_PEERS = Kind(
    code="NP624",
    name="empty-list-of-peers",
    severity=Severity.NOTE,
    explanation="""\
A rule's `from` or `to` is an empty list. It is the same as leaving it out: everybody, every pod of
the cluster and every address outside.

    egress:
    - to: []                      # empty-list-of-peers: "external services", and all pods
      ports: [{port: 5432}]

For addresses outside alone write a block, for nobody leave out the rule:

    egress:
    - to:
      - ipBlock: {cidr: 203.0.113.0/24}
      ports: [{port: 5432}]

If everybody is meant, leave `to` out: no list looks less like nobody than an empty one.
""",
)

_MEANT = re.compile(r"\b(?:any|anyone|anybody|anywhere|all|every\w*|world|unrestricted)\b")
"""What a comment says where everybody is meant."""


def empty_peers(written: Written) -> Iterator[Diagnostic]:
    """Name the rules whose list of peers is there and empty."""
    for rule in written.rules():
        if rule.rule.peers == () and not _MEANT.search(rule.remarks()) and not is_dns(rule):
            yield Diagnostic(
                kind=EMPTY_PEERS,
                message=f"`{rule.field}: []` is everybody, inside the cluster and outside",
                label=Label(within(rule.span, rule.field), f"{rule.path}.{rule.field}"),
                help=f"name the peers; if everybody is meant, leave `{rule.field}` out",
            )
