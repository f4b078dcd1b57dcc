"""What the API server refuses is an error, at its place and with its path."""

import pytest

from netpolc.diagnostics import Severity
from netpolc.manifest.read import read
from netpolc.source import SourceFile

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {}
"""
RULE = POLICY + "  ingress:\n  - "
PEER = RULE + "from:\n    - "
PORT = RULE + "ports:\n    - "
SELECTOR = POLICY.removesuffix(" {}\n") + "\n    "
HEAD = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"

FROM = "spec.ingress[0].from[0]"
PORTS = "spec.ingress[0].ports[0]"
EXPRESSION = "spec.podSelector.matchExpressions[0]"


@pytest.mark.parametrize(
    ("text", "kind", "path", "at"),
    [
        # Fields and types.
        (POLICY + "  podselector: {}", "unknown-field", "spec.podselector", "podselector"),
        (POLICY + "ingress: []", "unknown-field", "ingress", "ingress"),
        (PEER + "podSelector: {app: db}", "unknown-field", FROM + ".podSelector.app", "app"),
        (RULE + "to: []", "unknown-field", "spec.ingress[0].to", "to"),
        (PORT + "ports: 5", "unknown-field", PORTS + ".ports", "ports"),
        (HEAD + "metadata: {name: a, clusterName: b}\nspec: {podSelector: {}}", "unknown-field", "metadata.clusterName", "clusterName"),
        (POLICY + "  ingress: {}", "wrong-type", "spec.ingress", "{}"),
        (POLICY + "  ingress: [x]", "wrong-type", "spec.ingress[0]", "x"),
        (POLICY + "  ingress:\n  -\n", "wrong-type", "spec.ingress[0]", ""),
        (POLICY + "  policyTypes: Ingress", "wrong-type", "spec.policyTypes", "Ingress"),
        (POLICY.replace("{}", "[]"), "wrong-type", "spec.podSelector", "[]"),
        (HEAD + "metadata: {name: a}\nspec: x", "wrong-type", "spec", "x"),
        (HEAD + "metadata: []\nspec: {podSelector: {}}", "wrong-type", "metadata", "[]"),
        (POLICY.replace("db", "5"), "wrong-type", "metadata.name", "5"),
        (SELECTOR + "matchLabels: {app: true}", "wrong-type", "spec.podSelector.matchLabels.app", "true"),
        (SELECTOR + "matchLabels: {app: on}", "wrong-type", "spec.podSelector.matchLabels.app", "on"),
        (SELECTOR + "matchLabels: {a.b/c: 1}", "wrong-type", "spec.podSelector.matchLabels[a.b/c]", "1"),
        (SELECTOR + "matchExpressions: [{key: a, operator: In, values: [1]}]", "wrong-type", EXPRESSION + ".values[0]", "1"),
        (PORT + "port: 80.5", "wrong-type", PORTS + ".port", "80.5"),
        (PORT + "port: true", "wrong-type", PORTS + ".port", "true"),
        (PORT + "{port: 80, endPort: '90'}", "wrong-type", PORTS + ".endPort", "'90'"),
        # Names.
        (HEAD + "spec: {podSelector: {}}", "missing-field", "metadata", None),
        (POLICY.replace("name: db", ""), "missing-field", "metadata.name", "{}"),
        (POLICY.replace("name: db", "generateName: db-"), "missing-field", "metadata.name", None),
        (POLICY.replace("db", "my_db"), "invalid-object-name", "metadata.name", "my_db"),
        (POLICY.replace("db", "db, namespace: a.b"), "invalid-object-name", "metadata.namespace", "a.b"),
        (POLICY.replace("db", "db, labels: {-a: b}"), "invalid-manifest-label", "metadata.labels[-a]", "-a"),
        (POLICY.replace("db", "db, annotations: {a b: c}"), "invalid-annotation", "metadata.annotations[a b]", "a b"),
        (POLICY.replace("NetworkPolicy", "Networkpolicy"), "unknown-kind", "kind", "Networkpolicy"),
        (POLICY.replace("NetworkPolicy", "NetworkPolicies"), "unknown-kind", "kind", None),
        (POLICY.replace("NetworkPolicy", "networkpolicy"), "unknown-kind", "kind", None),
        (POLICY.replace("NetworkPolicy", "NetworkPolcy"), "unknown-kind", "kind", None),
        ("{apiVersion: v1, kind: namespace, metadata: {name: a}}", "unknown-kind", "kind", None),
        ("{apiVersion: apps/v1, kind: Deployments, metadata: {name: a}}", "unknown-kind", "kind", None),
        (
            "{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicies, metadata: {name: a}}",
            *("unknown-kind", "kind", "CiliumNetworkPolicies"),
        ),
        (
            "{apiVersion: cilium.io/v2, kind: CiliumNetwrokPolicy, metadata: {name: a}}",
            *("unknown-kind", "kind", "CiliumNetwrokPolicy"),
        ),
        ("{kind: Networkpolicy, metadata: {name: a}}", "unknown-kind", "kind", None),
        (PEER + "ipBlock: {cidr: '::ffff:10.0.0.0/8'}", "invalid-policy-block", FROM + ".ipBlock.cidr", None),
        (POLICY.replace("{name: db}", "{name: db, generation: x}"), "wrong-type", "metadata.generation", "x"),
        (POLICY.replace("{name: db}", "{name: db, uid: 1}"), "wrong-type", "metadata.uid", "1"),
        (POLICY.replace("{name: db}", "{name: db, managedFields: [5]}"), "wrong-type", "metadata.managedFields[0]", "5"),
        (POLICY.replace("{name: db}", "{name: db, resourceVersion: 5}"), "wrong-type", "metadata.resourceVersion", "5"),
        (POLICY.replace("{name: db}", "{name: db, creationTimestamp: 5}"), "wrong-type", "metadata.creationTimestamp", "5"),
        (POLICY.replace("{name: db}", "{name: db, deletionGracePeriodSeconds: x}"), "wrong-type", "metadata.deletionGracePeriodSeconds", "x"),
        (POLICY.replace("{name: db}", "{name: db, finalizers: [a b]}"), "invalid-object-name", "metadata.finalizers[0]", "a b"),
        (POLICY.replace("{name: db}", "{name: db, ownerReferences: [{apiVersion: v1, kind: A, uid: b}]}"), "missing-field", "metadata.ownerReferences[0].name", None),
        (POLICY.replace("{name: db}", "{name: db, creationTimestamp: x}"), "invalid-object-name", "metadata.creationTimestamp", "x"),
        (POLICY.replace("{name: db}", "{name: db, deletionTimestamp: '2026-02-30T00:00:00Z'}"), "invalid-object-name", "metadata.deletionTimestamp", None),
        (POLICY.replace("{name: db}", "{name: db, generation: 9223372036854775808}"), "wrong-type", "metadata.generation", None),
        (POLICY.replace("{name: db}", "{name: db, deletionGracePeriodSeconds: 9223372036854775808}"), "wrong-type", "metadata.deletionGracePeriodSeconds", None),
        (POLICY.replace("{name: db}", "{name: db, generateName: D_}"), "invalid-object-name", "metadata.generateName", "D_"),
        (POLICY.replace("{name: db}", "{name: db, finalizers: [a]}"), "invalid-object-name", "metadata.finalizers[0]", "a"),
        (POLICY.replace("{name: db}", "{name: db, finalizers: [orphan, foregroundDeletion]}"), "invalid-object-name", "metadata.finalizers", None),
        (POLICY.replace("{name: db}", "{name: db, managedFields: [{operation: Update, time: x}]}"), "invalid-object-name", "metadata.managedFields[0].time", "x"),
        (POLICY.replace("{name: db}", "{name: db, ownerReferences: [{apiVersion: a/b/c, kind: A, name: own, uid: u}]}"), "invalid-object-name", "metadata.ownerReferences[0].apiVersion", None),
        (POLICY.replace("{name: db}", "{name: db, ownerReferences: [{apiVersion: v1, kind: Event, name: own, uid: u}]}"), "invalid-object-name", "metadata.ownerReferences[0]", None),
        (POLICY.replace("{name: db}", "{name: db, ownerReferences: [{apiVersion: v1, kind: A, name: own, uid: u, blockOwnerDeletion: x}]}"), "wrong-type", "metadata.ownerReferences[0].blockOwnerDeletion", "x"),
        (POLICY.replace("{name: db}", "{name: db, ownerReferences: [{apiVersion: v1, kind: A, name: own, uid: 5}]}"), "wrong-type", "metadata.ownerReferences[0].uid", "5"),
        (POLICY.replace("{name: db}", "{name: db, ownerReferences: [{apiVersion: v1, kind: A, name: own, uid: u, controller: true}, {apiVersion: v1, kind: A, name: own, uid: u, controller: true}]}"), "invalid-object-name", "metadata.ownerReferences", None),
        # Selectors.
        (SELECTOR + "matchLabels: {app: a b}", "invalid-manifest-label", "spec.podSelector.matchLabels.app", "a b"),
        (SELECTOR + "matchLabels: {a/b/c: d}", "invalid-manifest-label", "spec.podSelector.matchLabels[a/b/c]", "a/b/c"),
        (SELECTOR + "matchExpressions: [{key: a, operator: in, values: [b]}]", "invalid-expression", EXPRESSION + ".operator", "in"),
        (SELECTOR + "matchExpressions: [{key: a, operator: In}]", "invalid-expression", EXPRESSION + ".values", "In"),
        (SELECTOR + "matchExpressions: [{key: a, operator: NotIn, values: []}]", "invalid-expression", EXPRESSION + ".values", "[]"),
        (SELECTOR + "matchExpressions: [{key: a, operator: Exists, values: [b]}]", "invalid-expression", EXPRESSION + ".values", "[b]"),
        (SELECTOR + "matchExpressions: [{key: a}]", "missing-field", EXPRESSION, "{key: a}"),
        (SELECTOR + "matchExpressions: [{operator: Exists}]", "missing-field", EXPRESSION, None),
        (SELECTOR + "matchExpressions: [{key: '', operator: Exists}]", "invalid-manifest-label", EXPRESSION + ".key", "''"),
        # Peers and blocks.
        (PEER + "{}", "invalid-policy-peer", FROM, "{}"),
        (PEER + "podSelector:", "invalid-policy-peer", FROM, "podSelector:"),
        (PEER + "{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}", "invalid-policy-peer", FROM, None),
        (PEER + "ipBlock: {}", "missing-field", FROM + ".ipBlock.cidr", "{}"),
        (PEER + "ipBlock: {cidr: 10.0.0.0}", "invalid-policy-block", FROM + ".ipBlock.cidr", "10.0.0.0"),
        (PEER + "ipBlock: {cidr: 10.0.0.0/33}", "invalid-policy-block", FROM + ".ipBlock.cidr", "10.0.0.0/33"),
        (PEER + "ipBlock: {cidr: 10.0.0.0/255.0.0.0}", "invalid-policy-block", FROM + ".ipBlock.cidr", None),
        (PEER + "ipBlock: {cidr: 010.0.0.0/8}", "invalid-policy-block", FROM + ".ipBlock.cidr", "010.0.0.0/8"),
        (PEER + "ipBlock: {cidr: 10.0.0.08/32}", "invalid-policy-block", FROM + ".ipBlock.cidr", None),
        (PEER + "ipBlock: {cidr: '::ffff:10.0.0.0/104'}", "invalid-policy-block", FROM + ".ipBlock.cidr", None),
        (PEER + "ipBlock: {cidr: 'fe80::1%eth0/64'}", "invalid-policy-block", FROM + ".ipBlock.cidr", None),
        (PEER + "ipBlock: {cidr: ' 10.0.0.0/8'}", "invalid-policy-block", FROM + ".ipBlock.cidr", None),
        (PEER + "ipBlock: {cidr: \u0661\u0660.0.0.0/8}", "invalid-policy-block", FROM + ".ipBlock.cidr", None),
        (PEER + "ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}", "except-outside-its-block", FROM + ".ipBlock.except[0]", "11.0.0.0/16"),
        (PEER + "ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}", "except-outside-its-block", FROM + ".ipBlock.except[0]", "10.0.0.0/8"),
        (PEER + "ipBlock: {cidr: 10.0.0.0/8, except: [0.0.0.0/0]}", "except-outside-its-block", FROM + ".ipBlock.except[0]", "0.0.0.0/0"),
        (PEER + "ipBlock: {cidr: 0.0.0.0/0, except: ['::/1']}", "except-outside-its-block", FROM + ".ipBlock.except[0]", "'::/1'"),
        (PEER + "ipBlock: {cidr: 0.0.0.0/0, except: [x]}", "invalid-policy-block", FROM + ".ipBlock.except[0]", "x"),
        # Words that are booleans to kubectl.
        (POLICY.replace("db", "y"), "ambiguous-word", "metadata.name", "y"),
        (SELECTOR + "matchLabels: {app: N}", "ambiguous-word", "spec.podSelector.matchLabels.app", "N"),
        (SELECTOR + "matchLabels: {y: db}", "ambiguous-word", "spec.podSelector.matchLabels.y", "y"),
        # Ports.
        (PORT + "port: 0", "invalid-policy-port", PORTS + ".port", "0"),
        (PORT + "port: 65536", "invalid-policy-port", PORTS + ".port", "65536"),
        (PORT + "port: -1", "invalid-policy-port", PORTS + ".port", "-1"),
        (PORT + "port: '80'", "invalid-policy-port", PORTS + ".port", "'80'"),
        (PORT + "port: Web", "invalid-policy-port", PORTS + ".port", "Web"),
        (PORT + "port: a-name-that-is-long", "invalid-policy-port", PORTS + ".port", None),
        (PORT + "endPort: 80", "invalid-policy-port", PORTS + ".endPort", "80"),
        (PORT + "{port: web, endPort: 80}", "invalid-policy-port", PORTS + ".endPort", "80"),
        (PORT + "{port: 90, endPort: 80}", "invalid-policy-port", PORTS + ".endPort", "80"),
        (PORT + "{port: 90, endPort: 70000}", "invalid-policy-port", PORTS + ".endPort", "70000"),
        (PORT + "protocol: tcp", "invalid-policy-protocol", PORTS + ".protocol", "tcp"),
        (PORT + "protocol: ICMP", "invalid-policy-protocol", PORTS + ".protocol", "ICMP"),
        (PORT + "protocol: ''", "invalid-policy-protocol", PORTS + ".protocol", "''"),
        # Types and versions.
        (POLICY + "  policyTypes: [ingress]", "invalid-policy-type", "spec.policyTypes[0]", "ingress"),
        (POLICY + "  policyTypes: [Ingress, Egress, Ingress]", "invalid-policy-type", "spec.policyTypes", None),
        (POLICY.replace("networking.k8s.io/v1", "extensions/v1beta1"), "wrong-api-version", "apiVersion", "extensions/v1beta1"),
        (POLICY.replace("networking.k8s.io/v1", "networking.k8s.io/v1beta1"), "wrong-api-version", "apiVersion", None),
        (POLICY.replace("networking.k8s.io/v1", "v1"), "wrong-api-version", "apiVersion", "v1"),
        (POLICY.replace("apiVersion: networking.k8s.io/v1", ""), "not-an-object", "apiVersion", None),
        (POLICY.replace("kind: NetworkPolicy", ""), "not-an-object", "kind", None),
        (POLICY.replace("NetworkPolicy", "[a]"), "wrong-type", "kind", "[a]"),
        ("just a text", "not-an-object", "", "just a text"),
        ("- {podSelector: {}}\n", "not-an-object", "", None),
        ("{apiVersion: v1, kind: List, items: [5]}", "not-an-object", "items[0]", "5"),
        ("{apiVersion: v1, kind: List, items: [{metadata: {}}]}", "not-an-object", "items[0].kind", None),
        ("{apiVersion: v1, kind: List, items: 5}", "wrong-type", "items", "5"),
        # Facts.
        ("{kind: Pod, metadata: {name: a}}", "not-an-object", "apiVersion", None),
        ("{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {b: 1}}}", "wrong-type", "metadata.labels.b", "1"),
        ("{apiVersion: v1, kind: Namespace, metadata: {name: a.b}}", "invalid-object-name", "metadata.name", "a.b"),
        ("{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 0}]}}", "invalid-policy-port", "spec.ports[0].port", "0"),
    ],
)  # fmt: skip
def test_refused(text: str, kind: str, path: str, at: str | None) -> None:
    outcome = read(SourceFile("a.yaml", text))
    first = outcome.diagnostics[0]
    assert (first.rule.name, first.label.text) == (kind, path)
    assert first.severity is Severity.ERROR
    assert at is None or first.label.span.text == at
    read_all = outcome.value
    assert not any((read_all.policies, read_all.workloads, read_all.services, read_all.namespaces))
    # A mistake has one finding, but for the wrong `kind`, which leaves none.
    assert len(outcome.diagnostics) == (2 if path == "kind" and kind == "wrong-type" else 1) or (
        path == EXPRESSION
    )


@pytest.mark.parametrize(
    ("text", "kind", "path"),
    [
        (PEER + "ipBlock: {cidr: 10.0.0.1/8}", "host-bits-in-policy", FROM + ".ipBlock.cidr"),
        (PEER + "ipBlock: {cidr: 10.0.0.0/08}", "host-bits-in-policy", FROM + ".ipBlock.cidr"),
        (PEER + "ipBlock: {cidr: 0.0.0.0/00}", "host-bits-in-policy", FROM + ".ipBlock.cidr"),
        (
            PEER + "ipBlock: {cidr: 10.0.0.0/8, except: [10.1.2.3/16]}",
            "host-bits-in-policy",
            FROM + ".ipBlock.except[0]",
        ),
        (POLICY.replace("{}", ""), "selector-of-nothing", "spec.podSelector"),
        (
            HEAD + "metadata: {name: a}\nspec: {policyTypes: [Ingress]}",
            "selector-of-nothing",
            "spec.podSelector",
        ),
        (HEAD + "metadata: {name: a}\nspec: {}", "selector-of-nothing", "spec.podSelector"),
        (HEAD + "metadata: {name: a}\nspec:", "selector-of-nothing", "spec"),
        (HEAD + "metadata: {name: a}", "selector-of-nothing", "spec"),
        (
            PEER + "podSelector: {}\n      namespaceSelector:",
            "empty-field",
            FROM + ".namespaceSelector",
        ),
        (PEER + "namespaceSelector: {}\n      podSelector:", "empty-field", FROM + ".podSelector"),
        (PEER + "podSelector: {}\n      ipBlock:", "empty-field", FROM + ".ipBlock"),
        (PEER + "ipBlock: {cidr: 10.0.0.0/8, except: }", "empty-field", FROM + ".ipBlock.except"),
        (PORT + "port:", "empty-field", PORTS + ".port"),
        (PORT + "{port: 80, endPort: }", "empty-field", PORTS + ".endPort"),
        (PORT + "{port: 80, protocol: }", "empty-field", PORTS + ".protocol"),
        (POLICY + "  ingress:\n", "empty-field", "spec.ingress"),
        (POLICY + "  egress:\n", "empty-field", "spec.egress"),
        (POLICY + "  policyTypes:\n", "empty-field", "spec.policyTypes"),
        (SELECTOR + "matchExpressions:", "labels-of-nothing", "spec.podSelector.matchExpressions"),
        (
            SELECTOR + "matchLabels: {a: b}\n    matchExpressions:",
            "empty-field",
            "spec.podSelector.matchExpressions",
        ),
        (SELECTOR + "matchLabels: {app: }", "empty-field", "spec.podSelector.matchLabels.app"),
    ],
)
def test_what_the_server_takes_and_a_person_should_look_at(text: str, kind: str, path: str) -> None:
    outcome = read(SourceFile("a.yaml", text))
    (found,) = outcome.diagnostics
    assert (found.rule.name, found.label.text) == (kind, path)
    assert found.severity is Severity.WARNING
    assert len(outcome.value.policies) == 1


@pytest.mark.parametrize(
    "text",
    [
        "{apiVersion: v1, kind: Config, clusters: []}",
        "{apiVersion: v1, kind: Secret, metadata: {name: a}}",
        "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}}",
        "{apiVersion: networking.k8s.io/v1, kind: SomethingNew, metadata: {name: a}}",
        "{apiVersion: example.org/v1, kind: Networkpolicy, metadata: {name: a}}",
    ],
)
def test_other_kinds_are_not_misspelt(text: str) -> None:
    assert not read(SourceFile("a.yaml", text)).diagnostics


@pytest.mark.parametrize(
    "fields",
    ["generation: -1", "managedFields: [{}]", "managedFields: [{operation: Apply, fieldsType: X}]"],
)
def test_metadata_that_the_server_replaces_is_not_judged(fields: str) -> None:
    text = POLICY.replace("{name: db}", f"{{name: db, {fields}}}")
    assert not read(SourceFile("a.yaml", text)).diagnostics


def test_a_status_is_a_note_since_the_api_has_none() -> None:
    outcome = read(SourceFile("a.yaml", POLICY + "status: {}"))
    assert [found.rule.name for found in outcome.diagnostics] == ["removed-field"]
    assert len(outcome.value.policies) == 1


def test_leading_zeros_are_refused_for_what_they_are() -> None:
    (found,) = read(SourceFile("a.yaml", PEER + "ipBlock: {cidr: 10.010.0.0/16}")).diagnostics
    assert "leading zero" in found.message


def test_a_file_that_is_broken_throughout_is_not_read_to_its_end() -> None:
    found = read(SourceFile("a.yaml", "{}\n---\n" * 5000)).diagnostics
    assert len(found) == 1001
    assert found[-1].rule.name == "too-many-findings"


def test_quoted_words_are_words() -> None:
    outcome = read(SourceFile("a.yaml", SELECTOR + 'matchLabels: {app: "true", tier: "y"}'))
    assert not outcome.diagnostics


def test_a_file_of_values_is_only_a_warning() -> None:
    outcome = read(SourceFile("values.yaml", "replicas: 2\nimage: {tag: a}\n"))
    assert [found.rule.name for found in outcome.diagnostics] == ["foreign-document"]
    assert not outcome.failed


@pytest.mark.parametrize(
    ("written", "meant"),
    [("matchlabels", "matchLabels"), ("matchLabel", "matchLabels"), ("expressions", None)],
)
def test_a_field_that_is_nearly_right_is_named(written: str, meant: str | None) -> None:
    (found,) = read(SourceFile("a.yaml", SELECTOR + f"{written}: {{}}")).diagnostics
    assert [fix.replacement for fix in found.fixes] == ([meant] if meant else [])
    assert (f"`{meant}`" in found.help) is bool(meant)


def test_paths_begin_at_the_document() -> None:
    item = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: 5}"
    text = f"{{apiVersion: v1, kind: List, items: [{{kind: X}}, {item}]}}"
    (found,) = read(SourceFile("a.yaml", text)).diagnostics
    assert found.label.text == "items[1].spec"


def test_every_mistake_of_a_policy_is_found_at_once() -> None:
    text = PEER + "{}\n    ports:\n    - port: 0\n    - protocol: x\n  - from: 5\n"
    found = read(SourceFile("a.yaml", text)).diagnostics
    assert [one.label.text for one in found] == [
        FROM,
        PORTS + ".port",
        "spec.ingress[0].ports[1].protocol",
        "spec.ingress[1].from",
    ]


def test_a_list_of_another_tool_is_left_out_with_a_warning() -> None:
    outcome = read(SourceFile("patch.yaml", "- op: replace\n  path: /spec/replicas\n  value: 2\n"))
    assert [one.rule.name for one in outcome.diagnostics] == ["foreign-document"]
    assert outcome.diagnostics[0].severity is Severity.WARNING
