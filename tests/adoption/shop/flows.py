"""Makes a flow log of a small shop as Hubble writes it: `python -m tests.adoption.shop.flows`."""

import json
import sys
from collections.abc import Iterator


def pod(namespace: str, app: str, number: int) -> dict[str, object]:
    return {
        "identity": 1000 + number,
        "namespace": namespace,
        "labels": [
            f"k8s:app={app}",
            f"k8s:io.kubernetes.pod.namespace={namespace}",
            "k8s:io.cilium.k8s.policy.cluster=default",
            f"k8s:pod-template-hash=hash{number % 7}",
        ],
        "pod_name": f"{app}-{number % 7}",
    }


WORLD = {"identity": 2, "labels": ["reserved:world"]}
HOST = {"identity": 1, "labels": ["reserved:host"]}


def flow(
    number: int,
    sender: object,
    receiver: object,
    port: int,
    *,
    addresses: tuple[str, str] = ("10.0.0.1", "10.0.0.2"),
    **more: object,
) -> str:
    source, destination = addresses
    one = {
        "time": f"2026-03-01T10:{number // 60 % 60:02}:{number % 60:02}.123456789Z",
        "verdict": "FORWARDED",
        "IP": {"source": source, "destination": destination, "ipVersion": "IPv4"},
        "l4": {"TCP": {"source_port": 40000 + number % 9999, "destination_port": port}},
        "source": sender,
        "destination": receiver,
        "Type": "L3_L4",
        "is_reply": False,
        **more,
    }
    return json.dumps({"flow": one, "node_name": "node-1"})


def lines(number: int) -> Iterator[str]:
    for i in range(number):
        web, api, db = pod("shop", "web", i), pod("shop", "api", i), pod("shop", "db", i)
        match i % 8:
            case 0 | 1:
                yield flow(i, web, api, 8080)
            case 2 | 3:
                yield flow(i, api, db, 5432)
            case 4:
                yield flow(i, db, api, 40000 + i % 9999, is_reply=True)
            case 5:
                yield flow(i, WORLD, web, 3000, addresses=(f"198.51.100.{i % 3}", "10.0.0.2"))
            case 6:
                yield flow(i, web, db, 5432, verdict="DROPPED", drop_reason_desc="POLICY_DENIED")
            case _:
                yield flow(i, HOST, api, 8080)


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines(400))
