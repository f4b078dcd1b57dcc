"""The cloud's metadata service inside a rule for the internet.

169.254.169.254 hands out the credentials of the node to anybody who asks, over plain HTTP, and
lies inside 0.0.0.0/0; where a cloud serves it over IPv6, its address there lies inside ::/0. A rule for the internet
opens it unless it is an exception. Ports other than 80 do not reach it.
"""

from collections.abc import Iterator
from itertools import islice

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.cidr import Address, Addresses, Block
from netpolc.kube.peers import Direction, Outside
from netpolc.kube.special_addresses import instance_metadata_in
from netpolc.lints.manifests.policy_source import Written, WrittenRule, within
from netpolc.source import Span

METADATA_SERVICE_OPEN = Rule(code="NP634", name="metadata-service-open", severity=Severity.WARNING)
WHOLE_WORLD = Rule(code="NP635", name="block-without-exceptions", severity=Severity.NOTE)

_EXCEPTIONS = {4: "169.254.0.0/16", 6: "fc00::/7"}
"""By the version of IP."""
_HTTP, _IPV6 = 80, 6


def metadata_services(written: Written) -> Iterator[Diagnostic]:
    """Report the blocks for the internet that hold the metadata service."""
    for rule in written.rules():
        if rule.direction is Direction.EGRESS and _HTTP in rule.traffic.tcp:
            for _, meant, span, path in rule.entries():
                if isinstance(meant, Outside):
                    for block in meant.addresses.blocks:
                        for address in islice(instance_metadata_in(Addresses.of((block,))), 1):
                            yield from _finding(rule, block, address, span, path)


def _finding(
    rule: WrittenRule, block: Block, address: Address, span: Span, path: str
) -> Iterator[Diagnostic]:
    if block.cidr.prefix:
        return  # somebody wrote a narrower block on purpose
    version = block.cidr.version
    kind = METADATA_SERVICE_OPEN if block.excepts else WHOLE_WORLD
    message = "this block for the internet holds the cloud's metadata service"
    if not block.excepts:
        message = f"`{block.cidr}` holds private networks and the cloud's metadata service"
    ports = "every port" if rule.traffic.is_everything else "HTTP"
    yield Diagnostic(
        rule=kind,
        message=message,
        label=Label(within(span, "cidr"), f"{path}.ipBlock: {address} too, on {ports}"),
        help=f"add `{_EXCEPTIONS[version]}` to `except`"
        + ("" if block.excepts or version == _IPV6 else ", and the private networks"),
    )
