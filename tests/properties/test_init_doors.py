"""`netpolc init` over changed manifests: what they show is an arrow or a guess, never silence."""

from hypothesis import given
from hypothesis import strategies as st

from netpolc.bootstrap.first_intents import first_intents
from netpolc.manifest.manifest_set import inventory
from netpolc.manifest.read import read
from netpolc.manifest.references import mentions
from netpolc.source import SourceFile

WORKLOAD = """\
apiVersion: apps/v1
kind: {kind}
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  template:
    metadata: {{labels: {labels}}}
    spec: {{containers: [{{name: c, image: i, ports: [{{containerPort: 8080, name: http{port}}}], env: {env}}}]}}
---
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: shop}}
spec: {{{more}selector: {selector}, ports: [{{port: 80, targetPort: {target}}}]}}
---
"""
ROUTES = {
    "Ingress": (
        "networking.k8s.io/v1",
        "{rules: [{http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}}]}",
    ),
    "HTTPRoute": (
        "gateway.networking.k8s.io/v1",
        "{rules: [{backendRefs: [{name: web, port: 80}]}]}",
    ),
    "Route": ("route.openshift.io/v1", "{to: {kind: Service, name: web}}"),
    "ApiDefinition": ("tyk.tyk.io/v1alpha1", "{proxy: {target_url: 'http://web.shop.svc'}}"),
    "CiliumEnvoyConfig": (
        "cilium.io/v2",
        "{backendServices: [{name: web, namespace: shop, number: ['80']}]}",
    ),
    "MultiClusterService": (
        "networking.gke.io/v1",
        "{template: {spec: {selector: LABELS, ports: [{port: 80, targetPort: 8080}]}}}",
    ),
    "GrafanaDatasource": (
        "grafana.integreatly.org/v1beta1",
        "{datasource: {url: 'http://web.shop.svc:80'}}",
    ),
    "HTTPProxy": ("projectcontour.io/v1", "{routes: [{services: [{name: web, port: 80}]}]}"),
}
TEXTS = (
    "http://HOST/x",
    "HOST:80",
    "tcp://u:p@HOST:80/0",
    "host=HOST port=80",
    "Server=HOST,80",
    "Host=HOST;Port=80",
    "dns:///HOST:80",
    "jdbc:oracle:thin:@HOST:80:x",
    "until nc -z HOST 80; do sleep 1; done",
    "client -h HOST -p 80",
    "${OTHER:-HOST}:80",
    "http://${OTHER:HOST}:80/x",
    "HOST.:80",
    "server.1=HOST:80:81",
    "<host>HOST</host><port>80</port>",
    "mysql -hHOST -P80",
    "static:///HOST:80",
    "kafka://other-{0,1}.none:80,HOST:80",
)
HOSTS = ("web.shop", "web.shop.svc", "web.shop.svc.cluster.local")
LABELS = (
    "{app: web}",
    "{role: web, version: 1.2.3}",
    "{app: web, helm.sh/chart: web-1}",
    "{name: web}",
)


@st.composite
def shown(draw: st.DrawFn) -> tuple[str, bool]:
    """Manifests in which somebody may call web on 8080, and whether a route shows it."""
    labels = draw(st.sampled_from(LABELS))
    kind = draw(st.sampled_from(["Deployment", "StatefulSet", "DaemonSet"]))
    target = draw(st.sampled_from(["http", "8080"]))
    port = draw(st.sampled_from(["", "", ", hostPort: 80"]))
    text = WORKLOAD.format(
        kind=kind, name="web", namespace="shop", labels=labels, env="[]", port=port
    )
    more = draw(st.sampled_from(["", "type: LoadBalancer, ", "type: NodePort, "]))
    route = draw(st.sampled_from(["", *ROUTES]))
    host, form = draw(st.sampled_from(HOSTS)), draw(st.sampled_from(TEXTS))
    called = not (more or route or port) or draw(st.booleans())
    if called:
        env = f"[{{name: TARGET, value: '{form.replace('HOST', host)}'}}]"
        home = draw(st.sampled_from(["shop", "other", "kube-system"]))
        text += WORKLOAD.format(
            kind="Deployment",
            name="caller",
            namespace=home,
            labels="{app: caller}",
            env=env,
            port="",
        )
    text += SERVICE.format(more=more, selector=labels, target=target)
    if route:
        version, spec = ROUTES[route]
        text += f"apiVersion: {version}\nkind: {route}\nmetadata: {{name: r, namespace: shop}}\nspec: {spec.replace('LABELS', labels)}\n"
    return text, called


@given(shown())
def test_what_manifests_show_is_an_arrow_or_a_guess(case: tuple[str, bool]) -> None:
    text, called = case
    file = SourceFile("k8s.yaml", text)
    outcome = read(file, namespace="default")
    assert not outcome.failed, outcome.diagnostics
    made = first_intents(inventory([outcome.value]).value, mentions((file,)))
    lines = made.files["shop/web.intent"].splitlines()
    callers = [line.removeprefix("# ") for line in lines if " <- " in line]
    assert all(line.endswith(":8080") for line in callers)
    outside = [line for line in callers if "caller" not in line]
    assert bool(outside) == any(shown in text for shown in ("type: ", "name: r,", "hostPort"))
    # A text is certain evidence: its arrow is not a comment.
    assert any("caller" in line and not line.startswith("#") for line in lines) is called
