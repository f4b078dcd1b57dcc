"""Addresses of Services in blocks.

A policy is applied after a Service's address has been translated into that of a pod or a
node (API reference, NetworkPolicyPeer; on most network plugins), and a block is for
addresses outside. A block with the address of a Service therefore matches nothing. The
addresses that every cluster of a kind gives to its API server and its name service are
the first and the tenth of the default range, so they can be recognised.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.peers import Direction, Outside
from netpolc.kube.platform import service_at
from netpolc.lints.manifests.policy_source import Written, within

SERVICE_ADDRESS = Rule(code="NP633", name="service-address", severity=Severity.WARNING)


def service_addresses(written: Written) -> Iterator[Diagnostic]:
    """Report the blocks that are the address of a Service in common clusters."""
    for rule in written.rules():
        if rule.direction is not Direction.EGRESS:
            continue
        for _, meant, span, path in rule.entries():
            blocks = meant.addresses.blocks if isinstance(meant, Outside) else ()
            for block in blocks:
                service = service_at(block.cidr, rule.traffic)
                if service is not None:
                    what, where = service
                    yield Diagnostic(
                        rule=SERVICE_ADDRESS,
                        message=f"`{block.cidr}` is the Service of {what} on {where}",
                        label=Label(within(span, "cidr"), f"{path}.ipBlock.cidr"),
                        help="name its pods, or the addresses of the nodes they run on",
                    )
