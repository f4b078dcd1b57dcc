"""Shapes of workloads, of their policies and of cluster-wide policies."""

from shapes.shape import Files, intents, shape

POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
TIER_POLICY = "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\n"


def workload(namespace: str, name: str) -> str:
    """A Deployment."""
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
        f"spec: {{template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{containers: [{{name: c}}]}}}}}}\n---\n"
    )


def policy(namespace: str, name: str, peer: str, port: int) -> str:
    """A policy with one peer."""
    return (
        f"{POLICY}metadata: {{name: {name}, namespace: {namespace}}}\n"
        f"spec:\n  podSelector: {{matchLabels: {{app: {name}}}}}\n  policyTypes: [Ingress]\n"
        f"  ingress:\n  - from: [{{podSelector: {{matchLabels: {{app: {peer}}}}}}}]\n"
        f"    ports: [{{protocol: TCP, port: {port}}}]\n---\n"
    )


@shape("list yaml --exposure --format csv", 5_000)
def exposed_workloads(n: int) -> Files:
    """Workloads in namespaces of fifty, each with a policy."""
    return {
        "yaml/a.yaml": "".join(
            workload(f"n{k // 50}", f"s{k}") + policy(f"n{k // 50}", f"s{k}", f"s{k + 1}", 80)
            for k in range(n)
        )
    }


@shape("list yaml --exposure --format csv", 1_000)
def exposed_namespace(n: int) -> Files:
    """Workloads of one namespace, each with a policy."""
    return {
        "yaml/a.yaml": "".join(
            workload("shop", f"s{k}") + policy("shop", f"s{k}", f"s{k + 1}", 80) for k in range(n)
        )
    }


@shape("list yaml --format csv", 1_000)
def workloads_beside_blocks(n: int) -> Files:
    """Workloads that admit a block, which may match pods: a row for each pair is the answer."""
    block = "  - from: [{ipBlock: {cidr: 10.0.0.0/8}}]\n    ports: [{port: 443}]\n---\n"
    policies = (
        policy("shop", f"s{k}", f"s{k + 1}", 80).removesuffix("---\n") + block for k in range(n)
    )
    return {"yaml/a.yaml": "".join(workload("shop", f"s{k}") for k in range(n)) + "".join(policies)}


def tier_policy(number: int, port: int) -> str:
    """A cluster-wide policy about one service, with a priority of its own."""
    return (
        f"{TIER_POLICY}metadata: {{name: p{number}}}\n"
        f"spec:\n  tier: Admin\n  priority: {number + 1}\n"
        f"  subject: {{pods: {{namespaceSelector: {{}}, podSelector: {{matchLabels: {{app: s{number}}}}}}}}}\n"
        f"  ingress:\n  - action: Accept\n"
        f"    from: [{{namespaces: {{matchLabels: {{team: t{number}}}}}}}]\n"
        f"    protocols: [{{tcp: {{destinationPort: {{number: {port}}}}}}}]\n---\n"
    )


@shape("list yaml --exposure --format csv", 1_000)
def exposed_beside_tiers(n: int) -> Files:
    """Workloads of one namespace beside four cluster-wide policies, each about one of them."""
    tiers = "".join(tier_policy(k, 80) for k in range(4))
    return exposed_namespace(n) | {"yaml/tiers.yaml": tiers}


@shape("list yaml --exposure --format csv", 100)
def exposed_beside_many_tiers(n: int) -> Files:
    """Workloads beside n cluster-wide policies, each of which tests another label of namespaces: 2n² rows."""
    tiers = "".join(tier_policy(k, 80) for k in range(n))
    return exposed_namespace(n) | {"yaml/tiers.yaml": tiers}


@shape("diff old new", 1_000)
def changed_tiers(n: int) -> Files:
    """A change gives each of n cluster-wide policies another port."""
    policies = "".join(policy("shop", f"s{k}", f"s{k + 1}", 80) for k in range(n))
    return {
        f"{side}/{name}.yaml": text
        for side, port in (("old", 80), ("new", 81))
        for name, text in (
            ("policies", policies),
            ("tiers", "".join(tier_policy(k, port) for k in range(n))),
        )
    }


@shape("check yaml", 1_000)
def checked_tiers(n: int) -> Files:
    """Cluster-wide policies, each about one service."""
    return {"yaml/a.yaml": "".join(tier_policy(k, 80) for k in range(n))}


@shape("diff old new", 400)
def changed_networks(n: int) -> Files:
    """A change gives each of n cluster-wide policies other networks, in which pods may be."""
    return {
        f"{side}/tiers.yaml": "".join(
            f"---\n{TIER_POLICY}metadata: {{name: t{k}}}\nspec:\n  tier: Admin\n  priority: {k}\n"
            f"  subject: {{pods: {{namespaceSelector: {{}}, podSelector: {{matchLabels: {{app: s{k}}}}}}}}}\n"
            f"  egress: [{{action: Deny, to: [{{networks: [10.{k >> 8}.{k & 255}.0/{length}]}}]}}]\n"
            for k in range(n)
        )
        for side, length in (("old", 24), ("new", 25))
    }


@shape("check yaml", 2_000)
def checked_workloads(n: int) -> Files:
    """Workloads of one namespace, each with a policy, whose manifests are checked."""
    return exposed_namespace(n)


@shape("check intents --with yaml", 4_000)
def misspelt_workloads(n: int) -> Files:
    """Peers that are spelt like workloads: a finding for each."""
    workloads = "".join(workload("shop", f"service-{k}") for k in range(n))
    return intents(f"db <- servce-{k}:80" for k in range(n)) | {"yaml/a.yaml": workloads}


@shape("import yaml --dry-run", 10_000)
def imported_policies(n: int) -> Files:
    """Policies in namespaces of fifty."""
    return {
        "yaml/a.yaml": "".join(policy(f"n{k // 50}", f"s{k}", f"s{k + 1}", 80) for k in range(n))
    }


@shape("import yaml --dry-run", 10_000)
def imported_namespace(n: int) -> Files:
    """Policies of one namespace."""
    return {"yaml/a.yaml": "".join(policy("shop", f"s{k}", f"s{k + 1}", 80) for k in range(n))}


@shape("init yaml", 2_000)
def first_workloads(n: int) -> Files:
    """Workloads without policies, for which a project is drafted."""
    return {"yaml/a.yaml": "".join(workload("shop", f"s{k}") for k in range(n))}
