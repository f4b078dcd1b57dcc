"""A log as Hubble writes it, made up: a shop, its monitoring, the world, and what goes wrong."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
Json = dict[str, Any]


def pod(namespace: str, app: str, key: str = "app", **more: str) -> Json:
    """A pod, with the labels that Cilium gives it."""
    labels = [f"k8s:{key}={app}", *(f"k8s:{k}={v}" for k, v in more.items())]
    return {
        "ID": 100 + len(app),
        "identity": 4000 + len(namespace) * 100 + len(app),
        "namespace": namespace,
        "labels": [
            *labels,
            "k8s:io.cilium.k8s.policy.cluster=default",
            f"k8s:io.cilium.k8s.policy.serviceaccount={app}",
            f"k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name={namespace}",
            f"k8s:io.kubernetes.pod.namespace={namespace}",
            "k8s:pod-template-hash=7d9f5c6b8",
        ],
        "pod_name": f"{app}-7d9f5c6b8-x2x1z",
        "workloads": [{"name": app, "kind": "Deployment"}],
    }


def world(address: str) -> tuple[Json, str]:
    """The world, and the address in it."""
    return {"identity": 2, "labels": ["reserved:world"]}, address


def reserved(name: str, *more: str) -> Json:
    """An entity of Cilium's."""
    return {"identity": 1, "labels": [f"reserved:{one}" for one in (name, *more)]}


def flow(
    sender: Json | tuple[Json, str],
    receiver: Json | tuple[Json, str],
    port: int,
    protocol: str = "TCP",
    *,
    verdict: str = "FORWARDED",
    time: datetime = START,
    source_port: int = 40000,
    **more: object,
) -> Json:
    """One line of the log; `is_reply=None` leaves it out."""
    source, source_address = sender if isinstance(sender, tuple) else (sender, "10.0.1.7")
    target, target_address = receiver if isinstance(receiver, tuple) else (receiver, "10.0.2.9")
    found = {
        "time": f"{time:%Y-%m-%dT%H:%M:%S}.123456789Z",
        "verdict": verdict,
        "IP": {"source": source_address, "destination": target_address, "ipVersion": "IPv4"},
        "l4": {protocol: {"source_port": source_port, "destination_port": port}},
        "source": source,
        "destination": target,
        "Type": "L3_L4",
        "node_name": "node-1",
        "event_type": {"type": 4},
        "traffic_direction": "EGRESS",
        "is_reply": False,
        "Summary": "TCP Flags: SYN",
        **more,
    }
    kept = {key: value for key, value in found.items() if value is not None}
    return {"flow": kept, "node_name": "node-1", "time": found["time"]}


def reply(to: Json) -> Json:
    """The answer to a flow."""
    asked = to["flow"]
    ((protocol, ports),) = asked["l4"].items()
    turned = {"source_port": ports["destination_port"], "destination_port": ports["source_port"]}
    addresses = {"source": asked["IP"]["destination"], "destination": asked["IP"]["source"]}
    return {
        **to,
        "flow": {
            **asked,
            "IP": addresses,
            "l4": {protocol: turned},
            "source": asked["destination"],
            "destination": asked["source"],
            "is_reply": True,
        },
    }


API, WEB, DB = pod("shop", "api"), pod("shop", "web"), pod("shop", "db")
CACHE, REPORT = pod("shop", "cache"), pod("shop", "report")
PROMETHEUS = pod("monitoring", "prometheus", "app.kubernetes.io/name")
DNS = pod("kube-system", "kube-dns", "k8s-app")
CLIENTS = [f"203.0.113.{number}" for number in (7, 19, 64, 201)]


def shop_log(rounds: int = 40, seed: int = 7) -> Iterator[Json]:
    """Some hundred flows: those of the shop, and what a real log has besides."""
    chance, ticks = Random(seed), count()

    def at() -> datetime:
        return START + timedelta(minutes=7 * next(ticks))

    for _ in range(rounds):
        for sender, receiver, port in ((WEB, API, 8080), (API, DB, 5432), (API, CACHE, 6379)):
            asked = flow(
                sender, receiver, port, time=at(), source_port=chance.randint(32768, 60999)
            )
            yield asked
            yield reply(asked)
        yield flow(API, DNS, 53, "UDP", time=at())
        yield flow(world(chance.choice(CLIENTS)), WEB, 443, time=at())
        yield flow(PROMETHEUS, API, 9187, time=at())
    yield from _besides(at)


def _besides(at: Any) -> Iterator[Json]:
    yield from (flow(REPORT, DB, 5432, verdict="DROPPED", time=at()) for _ in range(3))
    yield flow(API, world("198.51.100.20"), 443, time=at())
    yield flow(API, reserved("kube-apiserver", "remote-node"), 6443, time=at())
    yield flow(reserved("host"), API, 8080, time=at())
    yield flow(reserved("health"), API, 4240, time=at())
    yield flow(REPORT, CACHE, 6379, verdict="AUDIT", time=at())
    yield flow(CACHE, REPORT, 49152, time=at(), source_port=50000, is_reply=None)
    yield flow(DB, WEB, 41000, time=at(), source_port=5432, is_reply=None)
    yield {"lost_events": {"source": "PERF_EVENT_RING_BUFFER", "num_events_lost": "12"}}
    yield {"node_status": {"state_change": "NODE_CONNECTED", "node_names": ["node-1"]}}


def lines(flows: Iterable[Json]) -> list[str]:
    """The flows as a log."""
    return [json.dumps(one, separators=(",", ":")) for one in flows]
