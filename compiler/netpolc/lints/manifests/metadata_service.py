"""The cloud's metadata service inside a rule for the internet.

169.254.169.254 hands out the credentials of the node to whoever asks, over plain HTTP, and
lies inside 0.0.0.0/0. A rule for the internet opens it unless it is an exception. Ports
other than 80 do not reach it.
"""

from collections.abc import Iterator
from ipaddress import ip_address

from netpolc.diagnostics import Diagnostic, Kind, Label, Severity
from netpolc.kube.blocks import Block
from netpolc.kube.peers import Direction, Outside
from netpolc.lints.manifests.written import Written, WrittenRule, within
from netpolc.source import Span

METADATA_SERVICE_OPEN = Kind(
    code="NP634",
    name="metadata-service-open",
    severity=Severity.WARNING,
    explanation="""\
An egress rule leaves private networks out of `0.0.0.0/0`, and not the cloud's metadata service,
169.254.169.254. Pods can ask it over HTTP for the credentials of the node they run on.

    - ipBlock:                    # metadata-service-open
        cidr: 0.0.0.0/0
        except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]

Leave link-local addresses out too:

    - ipBlock:
        cidr: 0.0.0.0/0
        except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16]
""",
)
WHOLE_WORLD = Kind(
    code="NP635",
    name="block-without-exceptions",
    severity=Severity.NOTE,
    explanation="""\
An egress rule opens `0.0.0.0/0` with no exception on port 80 or on every port. It holds the private
networks beside the cluster, and the cloud's metadata service, which gives the credentials of the node
to whoever asks.

    - ipBlock: {cidr: 0.0.0.0/0}  # block-without-exceptions

If the internet is meant, leave out what is not part of it:

    - ipBlock:
        cidr: 0.0.0.0/0
        except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16]
""",
)

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
        kind=kind,
        message=message,
        label=Label(within(span, "cidr"), f"{path}.ipBlock: 169.254.169.254 too, on {ports}"),
        help="add `169.254.0.0/16` to `except`"
        + ("" if block.excepts else ", and the private networks"),
    )
