"""What manifests mention: every kind of route, and no shape of an object that breaks it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from netpolc.manifest.references import mentions
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
"""


def test_routes_of_every_kind() -> None:
    found = mentions((SourceFile("a.yaml", ROUTES),)).routes
    assert [(one.namespace, one.service, one.port, one.by) for one in found] == [
        ("shop", "web", 80, "gateway"),
        ("other", "b", 81, "gateway"),
        ("ops", "conv", 443, "api-server"),
        ("ops", "metrics", 4443, "api-server"),
        ("shop", "web", "http", "controller"),
    ]


@given(KINDS, ANYTHING, ANYTHING)
def test_any_object_is_read(kind: tuple[str, str], spec: object, data: object) -> None:
    one = {"apiVersion": kind[0], "kind": kind[1], "spec": spec, "data": data, "webhooks": data}
    found = mentions((SourceFile("a.yaml", json.dumps(one)),))
    assert all(one.service for one in found.routes)
