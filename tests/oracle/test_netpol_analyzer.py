"""The cases of netpol-analyzer: lists, differences and single questions.

They are data beside the project (`NETPOLC_ORACLE` names another place); without them the
tests are skipped. What we do not read, Ingress objects, is counted here, so that it cannot grow
unseen.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from ipaddress import IPv4Address, ip_address, summarize_address_range
from pathlib import Path
from typing import Any

import pytest
import yaml

from netpolc.analysis.bounds import Bounds
from netpolc.analysis.connection_list import connections, protocols
from netpolc.analysis.explain_query import Answer, can
from netpolc.analysis.lift_tiers import lift_tiers
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.query import AddressEnd, EndOfQuestion, Question, of_workload
from netpolc.analysis.reachability import reach
from netpolc.analysis.tiers import TierReading, Tiers
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.ports import EVERY_PORT, Protocol, Traffic
from netpolc.manifest.manifest_set import Manifests, inventory
from netpolc.manifest.read import read
from netpolc.passes.lift import lift_manifests
from netpolc.source import SourceFile
from tests.listing_diff import changes
from tests.oracle.quoted_words import quoted

ROOT = Path(__file__).parents[2]
CASES = (
    Path(os.environ.get("NETPOLC_ORACLE", ROOT.parent / "shared" / "oracle")) / "netpol-analyzer"
)
CONTROLLER = "{ingress-controller}"
"""The sender of rows that come from Ingress objects, which we do not read; they are counted."""
REQUIRED = "NamespacedPod: `podSelector` is `+required`, so an API server refuses the policy."
EXPLAINED = {"anp_demo": REQUIRED, "anp_test_11": REQUIRED, "anp_test_3_pass_traffic": REQUIRED}
"""Cases that we refuse, each with the sentence of the API that decides it.

The oracle reads them into a Go type, in which a missing selector is an empty one. With the
empty selector written they are run like all others.
"""

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the oracle's cases are not here")


def _cases(kind: str) -> list[Path]:
    return [path.parent for path in sorted(CASES.glob(f"{kind}/*/expected.json"))]


def _id(case: Path) -> str:
    return case.name


@cache
def _read(folder: Path) -> tuple[Policies, Inventory, Tiers]:
    explained = {folder.name, folder.parent.name} & EXPLAINED.keys()
    files: list[Manifests] = [
        read(
            SourceFile(str(path), _completed(path) if explained else quoted(path.read_text()))
        ).value
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".yaml", ".yml", ".json"}
    ]
    known = inventory(files).value
    policies = dict(lift_manifests(files).value.namespaces)
    for name in {workload.namespace for workload in known.workloads} | policies.keys():
        # Rule 3: a namespace without a manifest has no label but its name.
        own = policies.get(name, PolicySet(namespace=name, labels={METADATA_NAME: name}))
        policies[name] = replace(own, complete=True)
    return Policies(policies), known, lift_tiers(one for some in files for one in some.tiers)


def _completed(path: Path) -> str:
    """The text of a file, with the selectors that its policies lack."""
    documents = list(yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader))
    for document in documents:
        spec = (document or {}).get("spec", {})
        for rule in (*spec.get("ingress", ()), *spec.get("egress", ())):
            for peer in (*rule.get("from", ()), *rule.get("to", ())):
                if "pods" in peer:
                    peer["pods"].setdefault("podSelector", {})
    return yaml.safe_dump_all(documents)


def _cluster(policies: Policies, tiers: Tiers) -> Cluster:
    """The plain reading: networks of tiers match addresses outside alone (rule 15)."""
    nothing = Addresses()
    reading = TierReading(tiers, most=False, pods=nothing, nodes=nothing)
    return Cluster(policies, tiers=[reading])


def _merged(rows: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    """Rows with neighbouring address ranges of equal traffic made one (rule 12)."""
    found: set[tuple[str, str, str]] = set()
    ranges: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for row in rows:
        if CONTROLLER in (row["src"], row["dst"]):
            continue
        text = json.dumps(row["protocols"], sort_keys=True)
        ends = [_range(row["src"]), _range(row["dst"])]
        if ends[0] is not None:
            ranges.setdefault(("", row["dst"], text), []).append(ends[0])
        elif ends[1] is not None:
            ranges.setdefault((row["src"], "", text), []).append(ends[1])
        else:
            found.add((row["src"], row["dst"], text))
    for (src, dst, text), pieces in ranges.items():
        pieces.sort()
        merged = [pieces[0]]
        for low, high in pieces[1:]:
            if low == merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], high)
            else:
                merged.append((low, high))
        for low, high in merged:
            block = f"{low}-{high}"
            found.add((src or block, dst or block, text))
    return found


def _range(end: str) -> tuple[int, int] | None:
    if "/" in end or "-" not in end or "[" in end:
        return None
    low, high = end.split("-")
    return int(ip_address(low)), int(ip_address(high))


@pytest.mark.parametrize("case", _cases("list") + _cases("exposure"), ids=_id)
def test_list(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text())
    rows = [
        {"src": str(row.sender), "dst": str(row.receiver), "protocols": row.protocols()}
        for row in connections(*_read(case / "manifests"))
    ]
    assert _merged(rows) == _merged(expected["connections"])


@pytest.mark.parametrize("case", _cases("list"), ids=_id)
def test_reach_says_what_the_list_says(case: Path) -> None:
    """The symbolic answer for two known workloads is the row of the list."""
    policies, known, tiers = _read(case / "manifests")
    rows = {
        (str(row.sender), str(row.receiver)): row.traffic
        for row in connections(policies, known, tiers)
    }
    cluster = _cluster(policies, tiers)
    some = known.workloads[:12]
    for sender in some:
        for receiver in some:
            if sender is not receiver:
                reached = reach(
                    cluster, (Question(sender=of_workload(sender), receiver=of_workload(receiver)),)
                )
                traffic = Traffic()
                for one in reached:
                    assert not one.carried.depending
                    traffic |= one.carried.traffic
                assert traffic == rows.get((str(sender), str(receiver)), Traffic())


@pytest.mark.parametrize("case", _cases("diff"), ids=_id)
def test_diff(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text())
    before, after = (connections(*_read(case / side)) for side in ("before", "after"))
    found = {
        (c.kind, c.sender, c.receiver, _text(protocols(c.before)), _text(protocols(c.after)))
        for c in changes(before, after)
    }
    assert found == {
        (r["type"], r["src"], r["dst"], _text(r["before"]), _text(r["after"]))
        for r in expected["changes"]
        if CONTROLLER not in (r["src"], r["dst"])
    }


def _text(found: object) -> str:
    return json.dumps(found, sort_keys=True)


@pytest.mark.parametrize("case", _cases("eval"), ids=_id)
def test_eval(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text())
    policies, known, tiers = _read(case / "manifests")
    cluster = _cluster(policies, tiers)
    owners = dict(_owners(case / "manifests"))
    for query in expected.get("queries", ()):
        protocol, port = Protocol(query["protocol"]), int(query["port"])
        question = _question(known, owners, query, Traffic.of([(protocol, port, port)]))
        if query["src"] == query["dst"]:
            assert query["expected"]  # rule 17: a pod reaches itself, which is not asked here
            continue
        answer = can(Bounds.certain(cluster), question, known).answer
        assert answer is (Answer.YES if query["expected"] else Answer.NO)
    for pair in expected.get("pairs", ()):
        if pair["src"] == pair["dst"]:
            continue
        traffic = Traffic()
        for one in reach(cluster, (_question(known, owners, pair, EVERY_PORT),)):
            traffic |= one.carried.traffic
        assert protocols(traffic) == pair["protocols"]


def _question(
    known: Inventory, owners: dict[str, str], row: dict[str, Any], traffic: Traffic
) -> Question:
    sender, receiver = (_end(known, owners, row[end]) for end in ("src", "dst"))
    return Question(sender=sender, receiver=receiver, traffic=traffic)


def _end(known: Inventory, owners: dict[str, str], name: str) -> EndOfQuestion:
    if "/" not in name:
        low, _, high = name.partition("-")
        networks = summarize_address_range(IPv4Address(low), IPv4Address(high or low))
        return AddressEnd(
            Addresses.of([Block(Cidr(4, int(n.network_address), n.prefixlen)) for n in networks])
        )
    wanted = owners.get(name, name)
    found: list[Workload] = [w for w in known.workloads if f"{w.namespace}/{w.name}" == wanted]
    assert len(found) == 1, name
    return of_workload(found[0])


def _owners(folder: Path) -> Iterator[tuple[str, str]]:
    """Pods by their own names, and the names under which they stand."""
    for path in sorted(folder.rglob("*.y*ml")):
        for document in yaml.load_all(quoted(path.read_text()), Loader=yaml.CSafeLoader):
            for item in (document or {}).get("items") or [document or {}]:
                about = item.get("metadata", {})
                for owner in about.get("ownerReferences", []):
                    namespace = about.get("namespace", "default")
                    if owner.get("controller") and owner.get("kind") != "Node":
                        yield f"{namespace}/{about['name']}", f"{namespace}/{owner['name']}"


def test_what_is_not_read_is_counted() -> None:
    """Cases that are run and cases that are not, and rows that are left out of those that are."""
    counts = {kind: len(_cases(kind)) for kind in ("list", "exposure", "diff", "eval")}
    assert counts == {"list": 68, "exposure": 25, "diff": 10, "eval": 38}
    texts = [json.loads((c / "expected.json").read_text()) for c in _cases("list") + _cases("diff")]
    rows = [row for text in texts for row in text.get("connections", text.get("changes"))]
    assert sum(CONTROLLER in (row["src"], row["dst"]) for row in rows) == 5
    for name in EXPLAINED:
        (case, *_) = sorted(CASES.glob(f"*/{name}"))
        texts_read = [read(SourceFile(str(p), quoted(p.read_text()))) for p in case.rglob("*.yaml")]
        assert any(f.label.text.endswith("podSelector") for t in texts_read for f in t.diagnostics)
