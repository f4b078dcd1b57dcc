"""The cloud's metadata service inside a rule for the internet.

169.254.169.254 hands out the credentials of the node to whoever asks, over plain HTTP, and
lies inside 0.0.0.0/0. A rule for the internet opens it unless it is an exception. Ports
other than 80 do not reach it.
"""

from collections.abc import Iterator
from ipaddress import ip_address

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.cidr import Block
from netpolc.kube.peers import Direction, Outside
from netpolc.lints.manifests.policy_source import Written, WrittenRule, within
from netpolc.source import Span

METADATA_SERVICE_OPEN = Rule(code="NP634", name="metadata-service-open", severity=Severity.WARNING)
WHOLE_WORLD = Rule(code="NP635", name="block-without-exceptions", severity=Severity.NOTE)

_METADATA = ip_address("169.254.169.254")
_HTTP = 80


def metadata_services(written: Written) -> Iterator[Diagnostic]:
    """Name the blocks for the internet that hold the metadata service."""
    for rule in written.rules():
        if rule.direction is Direction.EGRESS and _HTTP in rule.traffic.tcp:
            for _, meant, span, path in rule.entries():
                if isinstance(meant, Outside) and _METADATA in meant.addresses:
                    for block in meant.addresses.blocks:
                        yield from _finding(rule, block, span, path)


def _finding(rule: WrittenRule, block: Block, span: Span, path: str) -> Iterator[Diagnostic]:
    if block.cidr.prefix or block.cidr.version != 4:  # noqa: PLR2004
        return  # somebody wrote a narrower block on purpose
    kind = METADATA_SERVICE_OPEN if block.excepts else WHOLE_WORLD
    message = "this block for the internet holds the cloud's metadata service"
    if not block.excepts:
        message = "`0.0.0.0/0` holds private networks and the cloud's metadata service"
    ports = "every port" if rule.traffic.is_everything else "HTTP"
    yield Diagnostic(
        rule=kind,
        message=message,
        label=Label(within(span, "cidr"), f"{path}.ipBlock: 169.254.169.254 too, on {ports}"),
        help="add `169.254.0.0/16` to `except`"
        + ("" if block.excepts else ", and the private networks"),
    )
