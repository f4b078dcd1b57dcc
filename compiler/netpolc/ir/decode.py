"""The objects and lists of the IR's JSON form as policy sets.

The document has the schema's form already. What is left to find is what the model's own
values cannot hold: a reversed range, a block that is none, a namespace that comes twice.
What they can hold and should not is found by `ir.check` afterwards, so nothing here is
sorted or merged yet: positions in lists are still those of the file.
"""

from typing import Any

from netpolc.ir.encode import Json
from netpolc.ir.json_positions import Path
from netpolc.ir.model import Allow, Subject
from netpolc.ir.verifier import CONTRADICTING_NAMESPACE, INVALID_VALUE, Finding, Listed
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import PROTOCOLS, NamedPort, Protocol, Traffic
from netpolc.kube.selectors import Selector
from netpolc.provenance import Origin, Origins, PolicyRef, Role, merged, source_of
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT


def decode(document: Any) -> tuple[list[Listed], list[Finding]]:
    """The namespaces of a document that has the schema's form, in its order, and what is wrong.

    What is wrong is also looked for in the values (`ir.verifier`), so a finding here may have
    a second one in its wake.
    """
    findings: list[Finding] = []
    listed: list[Listed] = []
    names: set[str] = set()
    for index, item in enumerate(document["namespaces"]):
        path: Path = ("namespaces", index)
        namespace = _listed(item, path, findings)
        if namespace.namespace in names:
            message = f"namespace `{namespace.namespace}` comes twice"
            findings.append(Finding(kind=CONTRADICTING_NAMESPACE, path=path, message=message))
        names.add(namespace.namespace)
        listed.append(namespace)
    return listed, findings


def _listed(item: Json, path: Path, findings: list[Finding]) -> Listed:
    return Listed(
        namespace=item["namespace"],
        labels=item.get("labels", {}),
        complete=item.get("complete", False),
        closed=tuple(_closed(isolation) for isolation in item["isolations"]),
        allows=tuple(
            _allow(allow, (*path, "allows", index), findings)
            for index, allow in enumerate(item["allows"])
        ),
    )


def _closed(item: Json) -> Subject:
    return Subject(
        selector=_selector(item["subject"]),
        direction=Direction(item["direction"]),
        origins=_origins(item),
    )


def _allow(item: Json, path: Path, findings: list[Finding]) -> Allow:
    return Allow(
        subject=_selector(item["subject"]),
        direction=Direction(item["direction"]),
        peer=_peer(item["peer"], (*path, "peer"), findings),
        traffic=_traffic(item["traffic"], (*path, "traffic"), findings),
        origins=_origins(item),
    )


def _selector(item: Json) -> Selector:
    return Selector.of((key, _requirement(allowed)) for key, allowed in item.items())


def _requirement(item: Json) -> ValueSet:
    if "in" in item:
        return ValueSet.among(*item["in"])
    if "exists" not in item:
        return ValueSet.other_than(*item["notIn"])
    if not item["exists"]:
        return ABSENT
    return ValueSet(frozenset(item.get("notIn", ())), complement=True)


def _peer(item: Json, path: Path, findings: list[Finding]) -> Peer:
    match item["kind"]:
        case "pods":
            namespaces = _selector(item["namespaces"]) if "namespaces" in item else None
            return Pods(namespaces, _selector(item["pods"]))
        case "outside":
            return Outside(_addresses(item["blocks"], (*path, "blocks"), findings))
        case _:
            return Anyone()


def _addresses(items: list[Json], path: Path, findings: list[Finding]) -> Addresses:
    blocks: list[Block] = []
    for index, item in enumerate(items):
        place = (*path, index)
        cidr = _cidr(item["cidr"], (*place, "cidr"), findings)
        holes = []
        for number, text in enumerate(item.get("except", ())):
            hole = _cidr(text, (*place, "except", number), findings)
            if cidr is None or hole is None:
                continue
            if hole not in cidr:
                message = f"exception `{text}` is not inside its block `{item['cidr']}`"
                _invalid(message, (*place, "except", number), findings)
            holes.append(hole)
        if cidr is not None:
            blocks.append(Block(cidr, tuple(holes)))
    return Addresses.of(blocks)


def _cidr(text: str, path: Path, findings: list[Finding]) -> Cidr | None:
    if "/" not in text:
        _invalid(f"block `{text}` has no mask", path, findings)
        return None
    try:
        return Cidr.parse(text)
    except ValueError as error:
        _invalid(f"`{text}` is not an address block", path, findings, label=str(error))
        return None


def _traffic(item: Json, path: Path, findings: list[Finding]) -> Traffic:
    numbers: list[tuple[Protocol, int, int]] = []
    for protocol in PROTOCOLS:
        name = protocol.value.lower()
        for index, (low, high) in enumerate(item.get(name, ())):
            if low > high:
                place = (*path, name, index)
                _invalid(f"range {low}-{high} ends before it begins", place, findings)
                continue
            # JSON knows one kind of number: 80.0 is an integer to the schema too.
            numbers.append((protocol, int(low), int(high)))
    named = (NamedPort(Protocol(p["protocol"]), p["name"]) for p in item.get("named", ()))
    return Traffic.of(numbers, named)


def _origins(item: Json) -> Origins:
    return merged(tuple(_origin(origin) for origin in item.get("origins", ())))


def _origin(item: Json) -> Origin:
    role = Role(item["role"])
    source = _policy(item["policy"]) if "policy" in item else source_of(role, item["statement"])
    return Origin(
        path=item["path"],
        line=int(item["line"]),
        source=source,
        role=role,
        subject=item.get("subject", ""),
        because=item.get("because", ""),
    )


def _policy(item: Json) -> PolicyRef:
    indexes = tuple(int(item[member]) for member in ("rule", "peer") if member in item)
    return PolicyRef(item["name"], item.get("direction", ""), indexes)


def _invalid(message: str, path: Path, findings: list[Finding], label: str = "") -> None:
    findings.append(Finding(kind=INVALID_VALUE, path=path, message=message, label=label))
