"""Callers of routes: pods of the manifests where they are known, and a doubt where several may be meant."""

from netpolc.bootstrap.outside_callers import OutsideCallers
from netpolc.kube.inventory import Workload
from netpolc.manifest.routes import Caller
from netpolc.passes.decompile.build_nodes import word
from netpolc.syntax.tree import PodPeer


def workload(name: str, kind: str = "Deployment", **labels: str) -> Workload:
    """Pods of the namespace edge."""
    return Workload(namespace="edge", name=name, kind=kind, labels=labels)


def senders(by: Caller, *known: Workload) -> list[tuple[str, bool]]:
    """The workloads among the senders, and whether an arrow from them is only a guess."""
    found = OutsideCallers(known).senders(by, "traefik")
    return [(str(sender), bool(doubt)) for sender, doubt, _ in found]


def test_the_only_prometheus_is_meant_and_of_two_each_may_be() -> None:
    first, second = (workload(name, app="prometheus") for name in ("a", "b"))
    assert senders(Caller.PROMETHEUS, first) == [("edge/a[Deployment]", False)]
    assert senders(Caller.PROMETHEUS, first, second) == [
        ("edge/a[Deployment]", True),
        ("edge/b[Deployment]", True),
    ]


def test_default_backends_and_jobs_of_an_ingress_controller_are_not_meant() -> None:
    controller = workload("controller", app="ingress-nginx", component="controller")
    backend = workload("backend", app="ingress-nginx", component="default-backend")
    job = workload("admission", "Job", app="ingress-nginx", component="controller")
    found = senders(Caller.INGRESS_CONTROLLER, backend, controller, job)
    assert found == [("edge/controller[Deployment]", False)]
    assert senders(Caller.INGRESS_CONTROLLER, backend) == [("edge/backend[Deployment]", False)]


def test_an_unknown_ingress_controller_is_expected_where_it_usually_runs() -> None:
    ((sender, doubt, _),) = OutsideCallers(()).senders(Caller.INGRESS_CONTROLLER, "traefik")
    assert isinstance(sender, PodPeer)
    assert sender.namespaces == word("traefik")
    assert doubt


def test_unknown_callers_are_a_usual_peer() -> None:
    found = senders(Caller.GATEWAY, workload("a", app="prometheus"))
    assert [doubt for _, doubt in found] == [True]
    assert "edge" not in found[0][0]
