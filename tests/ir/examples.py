"""Small parts that tests of the IR put together: the lesson's db and api."""

from netpolc.ir.build import policies, policy_set
from netpolc.ir.model import Allow, Policies, Subject
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.provenance import Origin, Role, source_of

INGRESS, EGRESS = Direction.INGRESS, Direction.EGRESS
ANYONE = Anyone()


def app(name: str) -> Selector:
    """The pods labelled app=name."""
    return Selector.labels({"app": name})


def named(name: str) -> Selector:
    """The namespace of a name."""
    return Selector.labels({METADATA_NAME: name})


def own(name: str) -> Pods:
    """Pods labelled app=name of the own namespace."""
    return Pods(None, app(name))


def every_pod_of(namespace: str) -> Pods:
    """All pods of a namespace."""
    return Pods(named(namespace), EVERYTHING)


def outside(*cidrs: str) -> Outside:
    """Blocks without exceptions."""
    return Outside(Addresses.of(Block(Cidr.parse(cidr)) for cidr in cidrs))


def tcp(*ports: int) -> Traffic:
    """TCP ports, one by one."""
    return Traffic.of((Protocol.TCP, port, port) for port in ports)


def said(
    statement: str, *, role: Role = Role.ARROW, by: str = "", path: str = "a.intent"
) -> Origin:
    """An origin."""
    return Origin(path=path, line=1, source=source_of(role, statement), role=role, subject=by)


def closed(subject: Selector, direction: Direction = INGRESS, *origins: Origin) -> Subject:
    """A subject that is closed."""
    return Subject(selector=subject, direction=direction, origins=origins)


def opened(
    subject: Selector,
    peer: Peer,
    traffic: Traffic = EVERY_PORT,
    *origins: Origin,
    direction: Direction = INGRESS,
) -> Allow:
    """An allow."""
    return Allow(subject=subject, direction=direction, peer=peer, traffic=traffic, origins=origins)


def meaning(*parts: Subject | Allow, namespace: str = "default", **labels: str) -> Policies:
    """The policies of one namespace; what is opened is closed."""
    allows = [part for part in parts if isinstance(part, Allow)]
    needed = [closed(allow.subject, allow.direction, *allow.origins) for allow in allows]
    return policies([policy_set(namespace=namespace, labels=labels, parts=[*parts, *needed])])
