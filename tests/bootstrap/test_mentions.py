"""What manifests mention: every kind of route, and no shape of an object that breaks it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from netpolc.manifest.references import mentions
from netpolc.manifest.routes import Caller
from netpolc.source import SourceFile

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "spec",
                    "template",
                    "containers",
                    "env",
                    "args",
                    "rules",
                    "backendRefs",
                    "name",
                    "webhooks",
                    "clientConfig",
                    "service",
                    "port",
                    "data",
                    "volumes",
                    "targetRef",
                    "endpoints",
                    "http",
                    "paths",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)
KINDS = st.sampled_from(
    [
        ("v1", "Pod"),
        ("apps/v1", "Deployment"),
        ("v1", "ConfigMap"),
        ("v1", "Service"),
        ("networking.k8s.io/v1", "Ingress"),
        ("gateway.networking.k8s.io/v1", "HTTPRoute"),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
        ("apiregistration.k8s.io/v1", "APIService"),
        ("v1", "PersistentVolume"),
        ("example.org/v1", "Thing"),
        ("flagger.app/v1beta1", "Canary"),
        ("kuma.io/v1alpha1", "MeshHTTPRoute"),
    ]
)
ROUTES = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec: {rules: [{backendRefs: [{name: web, port: 80}, {name: b, namespace: other, port: 81}]}]}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: c}
spec: {conversion: {webhook: {clientConfig: {service: {namespace: ops, name: conv}}}}}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.m}
spec: {service: {namespace: ops, name: metrics, port: 4443}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i, namespace: shop}
spec: {defaultBackend: {service: {name: web, port: {name: http}}}}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: o, namespace: shop}
spec: {to: {kind: Service, name: web}, alternateBackends: [{name: b}], port: {targetPort: http}}
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: t, namespace: shop}
spec: {routes: [{services: [{name: web, port: 80}, {kind: TraefikService, name: x}]}]}
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: p, namespace: shop}
spec: {tcpproxy: {services: [{name: db, port: 5432}]}}
---
apiVersion: k8s.nginx.org/v1
kind: VirtualServer
metadata: {name: v, namespace: shop}
spec: {upstreams: [{name: u, service: web, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: s, namespace: shop}
spec:
  gateways: [mesh, outside]
  http: [{route: [{destination: {host: web, port: {number: 80}}}, {destination: {host: a.example.org}}]}]
  tcp: [{route: [{destination: {host: db.data.svc.cluster.local}}]}]
---
apiVersion: getambassador.io/v3alpha1
kind: Mapping
metadata: {name: m, namespace: shop}
spec: {service: https://web.other}
---
apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata: {name: a, namespace: shop}
spec: {http: [{backends: [{serviceName: web, servicePort: 80}]}], stream: [{backend: {serviceName: db, servicePort: sql}}]}
---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: shop}
spec: {type: LoadBalancer, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: node, namespace: shop}
spec: {type: NodePort, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: external, namespace: shop}
spec: {externalIPs: [198.51.100.7], ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: inside, namespace: shop}
spec: {ports: [{port: 80}]}
"""


def test_routes_of_every_kind() -> None:
    found = mentions((SourceFile("a.yaml", ROUTES),)).routes
    assert [
        (one.namespace, one.service, one.port, one.callers.by) for one in found if one.service
    ] == [
        ("shop", "web", 80, Caller.GATEWAY),
        ("other", "b", 81, Caller.GATEWAY),
        ("ops", "conv", 443, Caller.API_SERVER),
        ("ops", "metrics", 4443, Caller.API_SERVER),
        ("shop", "web", "http", Caller.INGRESS_CONTROLLER),
        ("shop", "web", "http", Caller.ROUTER),
        ("shop", "b", "http", Caller.ROUTER),
        ("shop", "web", 80, Caller.INGRESS_CONTROLLER),
        ("shop", "db", 5432, Caller.INGRESS_CONTROLLER),
        ("shop", "web", 80, Caller.INGRESS_CONTROLLER),
        ("shop", "web", 80, Caller.ISTIO_GATEWAY),
        ("data", "db", None, Caller.ISTIO_GATEWAY),
        ("other", "web", 443, Caller.INGRESS_CONTROLLER),
        ("shop", "db", "sql", Caller.INGRESS_CONTROLLER),
        ("shop", "web", 80, Caller.INGRESS_CONTROLLER),
        ("shop", "front", None, Caller.ANYONE),
        ("shop", "node", None, Caller.ANYONE),
        ("shop", "external", None, Caller.ANYONE),
    ]


@given(KINDS, ANYTHING, ANYTHING)
def test_any_object_is_read(kind: tuple[str, str], spec: object, data: object) -> None:
    one = {"apiVersion": kind[0], "kind": kind[1], "spec": spec, "data": data, "webhooks": data}
    found = mentions((SourceFile("a.yaml", json.dumps(one)),))
    assert all(one.service or one.host for one in found.routes)
