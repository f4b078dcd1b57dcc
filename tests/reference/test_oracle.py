"""The evaluator of NetworkPolicy, held against connections that nobody here worked out.

The cases lie beside the repository, `../shared/oracle` (its README says what they mean, the
numbers of rules below are its own). Every one of the kinds `list` and `eval` is read that
has neither admin policies nor Ingress objects; what the manifests permit must be what is
expected, port by port at every edge of a range and address by address at every edge of a
block.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, ip_network
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.reference.kubernetes import permits
from tests.reference.world import METADATA_NAME, ContainerPort, Endpoint, Pod, World

SHARED = Path(__file__).parents[3] / "shared"
CASES = Path(os.environ.get("NETPOLC_ORACLE", SHARED / "oracle")) / "netpol-analyzer"
NOT_MODELLED = {"admin", "ingress"}
PROTOCOLS = ("TCP", "UDP", "SCTP")
LAST_PORT, LAST_ADDRESS = 65535, 2**32 - 1

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"no oracle in {SHARED.name}/ beside us")

Document = Mapping[str, Any]
Ranges = Mapping[str, list[list[int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Manifests as a world, with its pods under every name that a row may use."""

    policies: tuple[Document, ...]
    world: World
    workloads: Mapping[str, Pod]
    by_name: Mapping[str, Pod]


def expectation(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return found


def cases(kind: str) -> list[Path]:
    """The folders of a kind that we can read."""
    found = sorted(CASES.glob(f"{kind}/*/expected.json"))
    return [
        path.parent
        for path in found
        if not NOT_MODELLED & set(expectation(path.parent)["features"])
    ]


def test_how_many_cases_there_are() -> None:
    assert (len(cases("list")), len(cases("eval"))) == (33, 23)


@pytest.mark.parametrize("folder", cases("list"), ids=lambda folder: folder.name)
def test_list(folder: Path) -> None:
    case, rows = _read(folder / "manifests"), expectation(folder)["connections"]
    answers = {(row["src"], row["dst"]): row["protocols"] for row in rows}
    written = _numbers(case, answers.values())
    for source, destination in _pairs(case, answers):
        ranges = _ranges(answers, source, destination)
        ends = _end(case, source), _end(case, destination)
        for protocol, port in product(PROTOCOLS, written):
            assert permits(case.policies, case.world, *ends, protocol, port) is _has(
                ranges, protocol, port
            ), (source, destination, protocol, port)


@pytest.mark.parametrize("folder", cases("eval"), ids=lambda folder: folder.name)
def test_eval(folder: Path) -> None:
    case, expected = _read(folder / "manifests"), expectation(folder)
    assert expected.get("queries") or expected.get("pairs")
    for row in expected.get("queries", ()):
        ends = _end(case, row["src"]), _end(case, row["dst"])
        answer = permits(case.policies, case.world, *ends, row["protocol"], int(row["port"]))
        assert answer is row["expected"], row
    written = _numbers(case, [row["protocols"] for row in expected.get("pairs", ())])
    for row in expected.get("pairs", ()):
        ends = _end(case, row["src"]), _end(case, row["dst"])
        for protocol, port in product(PROTOCOLS, written):
            answer = permits(case.policies, case.world, *ends, protocol, port)
            assert answer is _has(row["protocols"], protocol, port), (row, protocol, port)


@cache
def _read(folder: Path) -> Case:
    objects = [found for path in sorted(folder.rglob("*")) for found in _objects(path)]
    named = [(name, pod) for found in objects for name, pod in _pods(found)]
    homes = {pod.namespace: {METADATA_NAME: pod.namespace} for _, pod in named}
    # Rule 3: a namespace has the label of its name, whether or not a manifest says so.
    for found in objects:
        if found["kind"] == "Namespace":
            about = found["metadata"]
            homes[about["name"]] = {METADATA_NAME: about["name"], **(about.get("labels") or {})}
    workloads: dict[str, Pod] = {}
    by_name: dict[str, Pod] = {}
    for workload, pod in named:
        workloads.setdefault(workload, pod)
        by_name[f"{pod.namespace}/{pod.name}"] = pod
        by_name.setdefault(workload.partition("[")[0], pod)
    return Case(
        policies=tuple(found for found in objects if found["kind"] == "NetworkPolicy"),
        world=World(homes, tuple(pod for _, pod in named)),
        workloads=workloads,
        by_name=by_name,
    )


def _objects(path: Path) -> Iterator[Document]:
    """The objects of a file, those inside lists too (rule 4: they may leave out their kind)."""
    if path.suffix not in {".yaml", ".yml", ".json"}:
        return
    for document in yaml.load_all(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
        if not document:
            continue
        if not document["kind"].endswith("List"):
            yield document
            continue
        for item in document.get("items") or []:
            yield {"kind": document["kind"].removesuffix("List"), **item}


def _pods(found: Document) -> Iterator[tuple[str, Pod]]:
    """A pod for an object that has any, and the workload under which it stands (rules 1, 2)."""
    match found:
        case {"kind": "Pod"}:
            template = found
        case {"spec": {"jobTemplate": {"spec": {"template": template}}}}:
            pass
        case {"spec": {"template": {"spec": {"containers": _}} as template}}:
            pass
        case _:
            return
    about = found["metadata"]
    namespace = about.get("namespace") or "default"
    labels = template.get("metadata", {}).get("labels") or {}
    pod = Pod(namespace=namespace, name=about["name"], labels=labels, ports=_ports(template))
    owner = _controller(about) if found["kind"] == "Pod" else None
    name, kind = (about["name"], found["kind"]) if owner is None else owner
    yield f"{namespace}/{name}[{kind}]", pod


def _controller(about: Document) -> tuple[str, str] | None:
    """The first controlling owner, unless it is a node; one without a kind shows as `Pod`."""
    for owner in about.get("ownerReferences") or []:
        if owner.get("controller"):
            kind = owner.get("kind") or "Pod"
            return None if kind == "Node" else (owner["name"], kind)
    return None


def _ports(template: Document) -> tuple[ContainerPort, ...]:
    """The named ports; some pods here are labels alone, and some names have no number."""
    return tuple(
        ContainerPort(port["name"], port.get("protocol") or "TCP", port["containerPort"])
        for container in template.get("spec", {}).get("containers") or []
        for port in container.get("ports") or []
        if port.get("name") and port.get("containerPort")
    )


def _numbers(case: Case, answers: Iterable[Ranges]) -> list[int]:
    """Both sides of every edge that expectations and policies write, and named ports."""
    pieces = [piece for ranges in answers for some in ranges.values() for piece in some]
    pieces += [[p.number, p.number] for pod in case.world.pods for p in pod.ports]
    for entry in _rules(case, "ports"):
        if isinstance(entry.get("port"), int):
            pieces.append([entry["port"], entry.get("endPort") or entry["port"]])
    edges = {edge for low, high in pieces for edge in (low - 1, low, high, high + 1)}
    return sorted(edge for edge in edges | {1, LAST_PORT} if 1 <= edge <= LAST_PORT)


def _rules(case: Case, *fields: str) -> Iterator[Document]:
    for policy in case.policies:
        spec = policy["spec"]
        for rule in [*(spec.get("ingress") or []), *(spec.get("egress") or [])]:
            for field in fields:
                yield from rule.get(field) or []


def _pairs(case: Case, answers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Rule 6: two different workloads, or a workload and an address."""
    addresses = [str(IPv4Address(edge)) for edge in sorted(_address_edges(case, answers))]
    for one in case.workloads:
        yield from ((one, other) for other in case.workloads if one != other)
        for address in addresses:
            yield one, address
            yield address, one


def _address_edges(case: Case, answers: Iterable[tuple[str, str]]) -> set[int]:
    """Both sides of every edge of the blocks that expectations and policies write (rule 5)."""
    pieces = [piece for pair in answers for end in pair if (piece := _piece(end)) is not None]
    for peer in _rules(case, "from", "to"):
        block = peer.get("ipBlock") or {}
        for cidr in (*filter(None, [block.get("cidr")]), *(block.get("except") or [])):
            network = ip_network(cidr, strict=False)
            if network.version == 4:
                pieces.append((int(network.network_address), int(network.broadcast_address)))
    edges = {edge for low, high in pieces for edge in (low - 1, low, high, high + 1)}
    return {edge for edge in edges if 0 <= edge <= LAST_ADDRESS}


def _piece(end: str) -> tuple[int, int] | None:
    """The range of addresses that an end is, if it is one."""
    if "/" in end:
        return None
    low, _, high = end.partition("-")
    return int(IPv4Address(low)), int(IPv4Address(high or low))


def _ranges(answers: Mapping[tuple[str, str], Ranges], source: str, destination: str) -> Ranges:
    """What is expected between two ends, one of which may be an address inside a range."""
    if (source, destination) in answers:
        return answers[source, destination]
    if "/" in source and "/" in destination:
        return {}
    found = [
        ranges
        for (src, dst), ranges in answers.items()
        if _inside(source, src) and _inside(destination, dst)
    ]
    assert len(found) <= 1, "the ranges of a list do not overlap"
    return found[0] if found else {}


def _inside(end: str, written: str) -> bool:
    piece, whole = _piece(end), _piece(written)
    if piece is None or whole is None:
        return end == written
    return whole[0] <= piece[0] <= whole[1]


def _has(ranges: Ranges, protocol: str, port: int) -> bool:
    return any(low <= port <= high for low, high in ranges.get(protocol, ()))


def _end(case: Case, name: str) -> Endpoint:
    if "/" not in name:
        return IPv4Address(name)
    return case.workloads[name] if name in case.workloads else case.by_name[name]
