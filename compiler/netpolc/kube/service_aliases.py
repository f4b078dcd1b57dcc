"""Aliases of Services: ExternalName Services whose host is the name of another Service.

People put such an alias into one namespace to use a Service of another one from there, in
settings of pods and as the backend of an Ingress. Policies apply at the pods of the other Service.
"""

from collections.abc import Mapping

from netpolc.kube.inventory import KubeService
from netpolc.values import frozen

_MOST_ALIASES = 8
"""The number of aliases that are followed in a row, so that a circle of aliases ends."""


@frozen
class ServiceHost:
    """A Service, and one of its pods if the host name is that of a pod."""

    namespace: str
    service: str
    pod: str = ""


def service_host(host: str) -> ServiceHost | None:
    """The Service that has a full name in the cluster's DNS, as `db.shop.svc.cluster.local`."""
    names = host.lower().rstrip(".").split(".")
    if "svc" not in names[2:4]:
        return None
    *pod, service, namespace = names[: names.index("svc", 2)]
    return ServiceHost(namespace, service, *pod)


def port_of_alias(alias: KubeService, port: int | str | None) -> int | str | None:
    """The port of the Service at the end of an alias, for a port that the alias may give a name."""
    return next((known.number for known in alias.ports if known.name == port), port)


def follow_alias(
    service: KubeService, services: Mapping[tuple[str, str], KubeService]
) -> tuple[KubeService, str]:
    """The Service that a Service is an alias of, and the pod that the alias names.

    A Service that is not an alias is returned itself, and so is the last alias in a row if the
    Service that it names is not known.
    """
    pod = ""
    for _ in range(_MOST_ALIASES):
        host = service_host(service.alias)
        target = None if host is None else services.get((host.namespace, host.service))
        if host is None or target is None:
            break
        service, pod = target, host.pod
    return service, pod
