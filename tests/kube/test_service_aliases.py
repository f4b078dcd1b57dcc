"""ExternalName Services are followed to the Services that they name."""

import pytest

from netpolc.kube.inventory import KubeService, ServicePort
from netpolc.kube.ports import Protocol
from netpolc.kube.service_aliases import ServiceHost, follow_alias, port_of_alias, service_host


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("db.shop.svc.cluster.local", ServiceHost("shop", "db")),
        ("db.shop.svc", ServiceHost("shop", "db")),
        ("db.shop.svc.k8s.example.org.", ServiceHost("shop", "db")),
        ("db-0.db.shop.svc.cluster.local", ServiceHost("shop", "db", "db-0")),
        ("svc.svc.svc", ServiceHost("svc", "svc")),
        # A canonical name is complete: the search path is not tried for it.
        ("db.shop", None),
        ("db", None),
        ("svc.example.org", None),
        ("a.b.c.d.svc.example.org", None),
        ("", None),
    ],
)
def test_only_full_names_in_the_clusters_dns_are_those_of_services(
    host: str, expected: ServiceHost | None
) -> None:
    assert service_host(host) == expected


def followed(start: str, **aliases: str) -> tuple[str, str]:
    """The Service at the end of a row of aliases in namespace shop, and its pod."""
    services = {
        ("shop", name): KubeService(namespace="shop", name=name, selector=None, alias=alias)
        for name, alias in aliases.items()
    }
    service, pod = follow_alias(services["shop", start], services)
    return service.name, pod


def test_aliases_are_followed_to_the_last_known_service() -> None:
    assert followed("db", db="") == ("db", "")
    assert followed("a", a="b.shop.svc", b="db.shop.svc", db="") == ("db", "")
    assert followed("a", a="db-0.db.shop.svc", db="") == ("db", "db-0")
    assert followed("a", a="gone.shop.svc") == ("a", "")
    assert followed("a", a="b.shop.svc", b="example.org") == ("b", "")
    assert followed("a", a="b.shop.svc", b="a.shop.svc")[0] in {"a", "b"}


def test_the_name_of_a_port_is_that_of_the_alias() -> None:
    web = ServicePort(number=80, target=80, protocol=Protocol.TCP, name="web")
    alias = KubeService(namespace="shop", name="a", selector=None, ports=(web,))
    assert port_of_alias(alias, "web") == 80
    assert port_of_alias(alias, 81) == 81
    assert port_of_alias(alias, None) is None
