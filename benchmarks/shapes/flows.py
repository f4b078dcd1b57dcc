"""Shapes of flow logs."""

from collections.abc import Iterable

from shapes.manifests import workload
from shapes.shape import Files, intents, shape


def flow_log(rows: Iterable[str]) -> Files:
    """A log of flows, a row for each."""
    head = "source,destination,port,protocol,verdict\n"
    return {"flows.csv": head + "".join(f"{row}\n" for row in rows)}


def ring_of_flows(n: int, step: int) -> Files:
    """A log of n services in a ring, each of which calls the service so many steps further."""
    return flow_log(f"shop/s{k},shop/s{(k + step) % n},80,TCP,FORWARDED" for k in range(n))


@shape("learn flows.csv --intents intents --format json", 1_000_000)
def distinct_flows(n: int) -> Files:
    """Flows of which no two are equal, between a thousand services."""
    rows = (
        f"shop/s{k % 1000},shop/s{(k * 7 + k // 1000) % 1000},{1000 + k // 1000},TCP,FORWARDED"
        for k in range(n)
    )
    return intents(f"s{k} <- s{(k + 1) % 1000}:80" for k in range(1000)) | flow_log(rows)


@shape("learn flows.csv --intents intents --format json", 4_000)
def undecided_flows(n: int) -> Files:
    """Flows with an end of which the log does not show the labels that an arrow asks for."""
    lines = (f"{{tier=t{k}}} <- s{k}:80\ns{k} <- {{tier=t{k}}}:81" for k in range(n))
    return intents(lines) | ring_of_flows(n, 1)


@shape("learn flows.csv --intents intents --format json", 4_000)
def flows_between_open_pods(n: int) -> Files:
    """Flows between pods of which only those with another label are closed."""
    lines = (f"{{tier=t{k}}} <- {{tier=t{k}}}:80\n{{tier=t{k}}} -> x:80" for k in range(n))
    return intents(lines, "namespace shop\n") | ring_of_flows(n, 1)


@shape("learn flows.csv --intents intents --with yaml --format json", 4_000)
def flows_between_workloads(n: int) -> Files:
    """The same flows, beside the manifests of the workloads."""
    workloads = "".join(workload("shop", f"s{k}") for k in range(n))
    return flows_between_open_pods(n) | {"yaml/a.yaml": workloads}


@shape("learn flows.csv --intents intents --format json", 4_000)
def missing_flows(n: int) -> Files:
    """Flows to closed pods, none of which is permitted."""
    lines = (f"s{k} <- s{(k - 1) % n}:80" for k in range(n))
    return intents(lines, "namespace shop\n") | ring_of_flows(n, 2)
