"""Organisations with one thing in an unusual number: what `odd_shapes.py` measures.

Each shape is a function of a size to the files of an organisation, with a command about them.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

Files = dict[str, str]
POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
TIER_POLICY = "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\n"


class Shape(NamedTuple):
    """The files of an organisation by its size, the command about it, and its largest size."""

    files: Callable[[int], Files]
    command: tuple[str, ...]
    largest: int


SHAPES: dict[str, Shape] = {}


def shape(command: str, largest: int) -> Callable[[Callable[[int], Files]], Callable[[int], Files]]:
    """Register the files that a function writes, the command about them, and the largest size."""

    def register(files: Callable[[int], Files]) -> Callable[[int], Files]:
        SHAPES[files.__name__] = Shape(files, tuple(command.split()), largest)
        return files

    return register


def intents(lines: Iterable[str], head: str = "namespace shop\ndefault: deny\n") -> Files:
    """One file of intents."""
    return {"intents/a.intent": head + "".join(f"{line}\n" for line in lines)}


# Arrows of one namespace.


@shape("check intents", 4_000)
def silent_callers(n: int) -> Files:
    """Half of the names are callers that no line is about, and resemble subjects."""
    return intents(f"team{k % 97}-service-{k} <- team{k % 89}-caller-{k}:80" for k in range(n))


@shape("check intents", 1_000)
def mirrored_senders(n: int) -> Files:
    """Senders with arrows of their own, that others mirror."""
    lines = (f"s{k} -> db:443\ns{k} <- s{(k + 1) % n}:80" for k in range(n))
    return intents(lines, "namespace shop\n")


@shape("check intents", 4_000)
def arrows_at_both_ends(n: int) -> Files:
    """Receivers of one sender, each with an arrow at both ends: a policy of 2n statements."""
    lines = (f"s{k} <- api:80\napi -> s{k}:80" for k in range(n))
    return intents(lines, "namespace shop\n")


@shape("check intents", 1_000)
def senders_beside_wildcard(n: int) -> Files:
    """The same beside an arrow whose peer is every pod."""
    lines = [f"s{k} -> 10.{k >> 8}.{k & 255}.0/24:443" for k in range(n)]
    return intents([*lines, "db <- *:5432"])


@shape("check intents", 4_000)
def open_services(n: int) -> Files:
    """Services that nothing closes call into a namespace that is closed."""
    text = "namespace web\n" + "".join(f"w{k} <- x{k}:80\n" for k in range(n))
    return intents(f"db{k} <- w{k} in ns web:80" for k in range(n)) | {"intents/b.intent": text}


@shape("check intents", 4_000)
def peers_of_every_pod(n: int) -> Files:
    """An arrow about every pod, with as many peers as there are services."""
    peers = ", ".join(f"p{k}" for k in range(n))
    return intents([f"* <- {peers}", *(f"s{k} <- q{k}:80" for k in range(n))])


@shape("check intents", 5_000)
def members_in_many_arrows(n: int) -> Files:
    """A group of n members in n / 10 arrows."""
    group = "group all = " + ", ".join(f"m{k}" for k in range(n))
    return intents([group, *(f"s{k} <- all" for k in range(n // 10))])


@shape("check intents", 2_000)
def nested_groups(n: int) -> Files:
    """Groups of groups: each takes all of the one before and a member more."""
    groups = (f"group g{k} = g{k - 1}, m{k}" for k in range(1, n))
    return intents(["group g0 = m0", *groups, f"db <- g{n - 1}:80"])


@shape("check intents", 2_000)
def services_that_overlap(n: int) -> Files:
    """Declared services of which any two may share pods: a common label, and one of their own."""
    return intents(f"service s{k} = {{app=x, k{k}=v}}\ns{k} <- y:80" for k in range(n))


@shape("check intents", 2_000)
def exceptions_of_one_block(n: int) -> Files:
    """Arrows about one block, each with other exceptions."""
    return intents(
        f"db <- 10.0.0.0/8 except [10.{k >> 8}.{k & 255}.0/24, 10.200.{k & 255}.{k >> 8}/32]"
        for k in range(n)
    )


@shape("check intents", 2_000)
def nested_blocks(n: int) -> Files:
    """Blocks inside one another: thousands of redundant arrows."""
    return intents(
        ["db <- 10.0.0.0/8:80", *(f"db <- 10.{k >> 8}.{k & 255}.0/24:80" for k in range(n))]
    )


@shape("check intents", 2_000)
def overlapping_ports(n: int) -> Files:
    """One peer on n ranges of ports that overlap."""
    return intents(f"db <- api:{k + 1}-{k + 4000}" for k in range(n))


@shape("check intents", 4_000)
def ports_with_names(n: int) -> Files:
    """One peer on n ports with names, each in an arrow of its own."""
    return intents(f"db <- api:port-{k}" for k in range(n))


@shape("check intents", 1_000)
def negated_labels(n: int) -> Files:
    """Subjects that all overlap: each by a key of its own."""
    return intents(f"{{k{k} notin (a, b)}} <- api:{k + 1}" for k in range(n))


@shape("check intents", 4_000)
def subjects_without_two_values(n: int) -> Files:
    """Subjects that all overlap, beside arrows that they make redundant."""
    lines = (f"{{app notin (a{k}, b{k})}} <- api:{k + 1}\ns{k} <- api:{k + 1}" for k in range(n))
    return intents(lines)


@shape("check intents", 4_000)
def same_label_twice(n: int) -> Files:
    """Subjects that differ in a second label."""
    return intents(f"{{tier=backend, app=s{k}}} <- {{tier=web, app=c{k}}}:80" for k in range(n))


@shape("check intents", 4_000)
def repeated_arrow(n: int) -> Files:
    """One arrow, written n times."""
    return intents("db <- api:5432" for _ in range(n))


@shape("check intents", 4_000)
def expired_arrows(n: int) -> Files:
    """Arrows with end dates and reasons, all of them past."""
    return intents(f's{k} <- api:80 until 2020-01-01 because "OPS-{k}"' for k in range(n))


@shape("check intents", 4_000)
def ignored_findings(n: int) -> Files:
    """Redundant arrows, each with a comment that ignores the finding."""
    lines = (f"s{k} <- api:80\ns{k} <- api:80-90  # netpolc: ignore[NP602] kept" for k in range(n))
    return intents(lines)


@shape("check intents", 20_000)
def syntax_errors(n: int) -> Files:
    """A file that is not intents at all."""
    return intents(f"db <- <- api{k}" for k in range(n))


@shape("check intents --format sarif", 20_000)
def findings_as_sarif(n: int) -> Files:
    """Warnings of unused declarations in a format for platforms."""
    return intents(f"group g{k} = api" for k in range(n))


# Namespaces and assertions.


@shape("check intents", 2_000)
def labelled_namespaces(n: int) -> Files:
    """Namespaces with labels, and arrows that test them."""
    text = "".join(
        f"namespace n{k} {{team=t{k}}}\ndefault: deny\ndb <- ns {{team=t{(k + 1) % n}}}:80\n"
        for k in range(n)
    )
    return {"intents/a.intent": text}


@shape("check intents", 500)
def labels_of_one_namespace(n: int) -> Files:
    """Arrows that each test another label of namespaces, of which one namespace has all."""
    labels = ", ".join(f"k{k}=v" for k in range(n))
    head = f"namespace shop {{{labels}}}\ndefault: deny\n"
    return intents((f"db <- ns {{k{k}=v}}:80" for k in range(n)), head)


@shape("check intents", 2_000)
def groups_of_the_cluster(n: int) -> Files:
    """As many groups in the cluster section as namespaces that use them."""
    groups = "".join(f"group g{k} = a{k} in ns n{k}\n" for k in range(n))
    text = "".join(f"namespace n{k}\ndb <- g{k}:80, g{(k + 1) % n}\n" for k in range(n))
    return {"intents/a.intent": f"cluster\n{groups}{text}"}


@shape("check intents", 2_000)
def egress_across_namespaces(n: int) -> Files:
    """Namespaces closed both ways, in a ring."""
    text = "".join(
        f"namespace n{k}\ndefault: deny ingress egress\n"
        f"db <- api in ns n{(k + 1) % n}:80\napi -> db in ns n{(k - 1) % n}:80\n"
        for k in range(n)
    )
    return {"intents/a.intent": text}


@shape("check intents", 2_000)
def assertions(n: int) -> Files:
    """As many assertions as services."""
    return intents(
        [*(f"s{k} <- c{k}:80" for k in range(n)), *(f"never s{k} <- internet" for k in range(n))]
    )


@shape("check intents", 400)
def wide_assertions(n: int) -> Files:
    """Assertions about every namespace."""
    text = "".join(
        f"namespace n{k} {{team=t{k}}}\ndefault: deny\ndb <- api:80\n"
        f"never {{app=db}} in ns * <- ns {{team=t{k}}}:443\n"
        for k in range(n)
    )
    return {"intents/a.intent": text}


@shape("check intents", 2_000)
def assertions_of_the_cluster(n: int) -> Files:
    """As many assertions in the cluster section as namespaces, which they name."""
    claims = "".join(f"never s{k} in ns n{k} <- internet\n" for k in range(n))
    text = "".join(f"namespace n{k}\ns{k} <- c{k}:80\n" for k in range(n))
    return {"intents/a.intent": f"cluster\n{claims}{text}"}


def claim_of_many_peers(claim: str, n: int, peer: str = "p") -> Files:
    """A claim that lists n peers, each on a port of its own, beside an arrow for each."""
    listed = ", ".join(f"{peer}{k}:{k + 1}" for k in range(n))
    return intents([*(f"db <- p{k}:{k + 1}" for k in range(n)), f"{claim} db <- {listed}"])


@shape("check intents", 4_000)
def only_many_peers(n: int) -> Files:
    """An assertion that lists all peers of a service."""
    return claim_of_many_peers("only", n)


@shape("check intents", 4_000)
def always_many_peers(n: int) -> Files:
    """An assertion that each of many peers may connect."""
    return claim_of_many_peers("always", n)


@shape("check intents", 4_000)
def never_misspelt_peers(n: int) -> Files:
    """An assertion about peers that are spelt like others: a finding for each."""
    return claim_of_many_peers("never", n, "q")


@shape("check intents", 2_000)
def misspelt_everywhere(n: int) -> Files:
    """Assertions of the cluster section about names that neither of two namespaces has."""
    claims = "".join(f"always * <- servce-{k}:80\n" for k in range(n))
    known = "".join(f"service-{k} <- api:80\n" for k in range(n))
    return {"intents/a.intent": f"namespace shop\n{known}namespace pay\n{known}cluster\n{claims}"}


@shape("check intents", 4_000)
def only_each_service(n: int) -> Files:
    """As many assertions as services, each of which lists what may reach one."""
    return intents(f"{claim}s{k} <- c{k}:80" for claim in ("", "only ") for k in range(n))


@shape("check intents", 400)
def enforced_between_namespaces(n: int) -> Files:
    """An enforced assertion about two halves of the namespaces."""
    text = "".join(
        f"namespace n{k} {{env={('pci', 'dev')[k % 2]}}}\ndb <- api:80\ndb -> api in ns n{(k + 1) % n}:80\n"
        for k in range(n)
    )
    tiers = {"netpolc.toml": '[tiers]\napi = "v1alpha2"\n'}
    claim = "cluster\nenforce never ns {env=pci} <- ns {env=dev}\n"
    return {"intents/a.intent": f"{text}{claim}"} | tiers


@shape("check intents", 1_000)
def enforced_egress(n: int) -> Files:
    """Enforced assertions about what each of n services may send."""
    arrows = "".join(f"s{k} <- s{(k + 1) % n}:80\n" for k in range(n))
    claims = "".join(f"enforce never s{k} in ns shop -> ns other:{k + 1}\n" for k in range(n))
    tiers = {"netpolc.toml": '[tiers]\napi = "v1alpha2"\n'}
    text = f"namespace shop\ndefault: deny\n{arrows}cluster\n{claims}"
    return {"intents/a.intent": text} | tiers


@shape("compile intents --layout source --kustomization", 4_000)
def folders_of_sources(n: int) -> Files:
    """A folder for each file, and manifests in the same structure."""
    return {f"intents/f{k}/a.intent": f"namespace n{k}\ndb <- api:80\n" for k in range(n)}


@shape("check", 400)
def outputs_of_one_project(n: int) -> Files:
    """A netpolc.toml with n outputs, each with a file of its own."""
    outputs = "".join(
        f'[outputs.e{k}]\nsources = ["intents", "env/e{k}.intent"]\n' for k in range(n)
    )
    own = {f"env/e{k}.intent": f"namespace shop\nweb <- c{k}:80\n" for k in range(n)}
    return intents(["db <- api:5432"]) | own | {"netpolc.toml": outputs}


# Questions.


@shape("can team1-service-1<-team1-caller-1:80 intents --namespace shop", 4_000)
def question_beside_callers(n: int) -> Files:
    """A question does not search for slips of names."""
    return silent_callers(n)


@shape("list intents --format csv", 4_000)
def listed_services(n: int) -> Files:
    """The answer has a row for each arrow."""
    return intents(f"s{k} <- s{(k + 1) % n}:80" for k in range(n))


@shape("list intents --format csv", 1_500)
def listed_negations(n: int) -> Files:
    """Peers that nearly all pods are: each class of pods is in all arrows but one."""
    return intents(f"db <- {{a notin (v{k}, w{k})}}:{1000 + k}" for k in range(n))


@shape("list intents --format csv", 5_000)
def listed_open_namespaces(n: int) -> Files:
    """Namespaces that nothing isolates, each with a label of its own."""
    text = "".join(f"namespace n{k} {{team=t{k}}}\ndefault: allow\n" for k in range(n))
    return {"intents/a.intent": f"{text}namespace shop\ndb <- api:80\n"}


def every_namespace_calls(n: int) -> Files:
    """Namespaces with a label each, and in each an arrow whose peer is in every namespace."""
    sections = (f"namespace n{k} {{team=t{k}}}\ndb <- x in ns *:80\n" for k in range(n))
    return {"intents/a.intent": "".join(sections)}


@shape("list intents --format csv", 2_000)
def listed_callers_anywhere(n: int) -> Files:
    """A list of such namespaces."""
    return every_namespace_calls(n)


@shape("check intents", 4_000)
def callers_anywhere(n: int) -> Files:
    """A check of such namespaces."""
    return every_namespace_calls(n)


@shape("report intents -o report.html", 1_000)
def reported_services(n: int) -> Files:
    """A report for auditors."""
    return listed_services(n)


@shape("graph intents", 2_000)
def drawn_services(n: int) -> Files:
    """A graph of one large namespace."""
    return listed_services(n)


@shape("diff old intents", 1_000)
def new_namespace(n: int) -> Files:
    """A change brings a namespace of n services."""
    old = {"old/a.intent": "namespace other\ndefault: deny\ndb <- api:80\n"}
    return listed_services(n) | {"intents/b.intent": old["old/a.intent"]} | old


@shape("diff old intents", 1_000)
def changed_namespace(n: int) -> Files:
    """A change gives every arrow of a namespace another port."""
    old = intents(f"s{k} <- s{(k + 1) % n}:81" for k in range(n))
    return listed_services(n) | {"old/a.intent": old["intents/a.intent"]}


@shape("diff old intents", 1_000)
def newly_closed_services(n: int) -> Files:
    """A change closes n services of a namespace that was open, each by its own arrow."""
    old = {"old/a.intent": "namespace other\ndefault: deny\ndb <- api:80\n"}
    new = intents((f"s{k} <- s{(k + 1) % n}:80" for k in range(n)), "namespace shop\n")
    return new | {"intents/b.intent": old["old/a.intent"]} | old


@shape("diff old intents", 400)
def newly_closed_senders(n: int) -> Files:
    """A change closes the egress of n namespaces, whose ingress is closed on both sides."""
    return {
        f"{folder}/a.intent": "".join(
            f"namespace n{k}\ndefault: {default}\ndb <- api:80\n" for k in range(n)
        )
        for folder, default in (("old", "deny"), ("intents", "deny ingress egress"))
    }


# Manifests and logs.


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
    """The same beside n policies, of which each tests another label of namespaces: 3n² rows."""
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


@shape("learn flows.csv --intents intents --format json", 1_000_000)
def distinct_flows(n: int) -> Files:
    """Flows of which no two are equal, between a thousand services."""
    rows = "".join(
        f"shop/s{k % 1000},shop/s{(k * 7 + k // 1000) % 1000},{1000 + k // 1000},TCP,FORWARDED\n"
        for k in range(n)
    )
    flows = "source,destination,port,protocol,verdict\n" + rows
    return intents(f"s{k} <- s{(k + 1) % 1000}:80" for k in range(1000)) | {"flows.csv": flows}


@shape("learn flows.csv --intents intents --format json", 4_000)
def undecided_flows(n: int) -> Files:
    """Flows with an end of which the log does not show the labels that an arrow asks for."""
    rows = "".join(f"shop/s{k},shop/s{(k + 1) % n},80,TCP,FORWARDED\n" for k in range(n))
    flows = "source,destination,port,protocol,verdict\n" + rows
    lines = (f"{{tier=t{k}}} <- s{k}:80\ns{k} <- {{tier=t{k}}}:81" for k in range(n))
    return intents(lines) | {"flows.csv": flows}


@shape("learn flows.csv --intents intents --format json", 4_000)
def flows_between_open_pods(n: int) -> Files:
    """Flows between pods of which only those with another label are closed."""
    rows = "".join(f"shop/s{k},shop/s{(k + 1) % n},80,TCP,FORWARDED\n" for k in range(n))
    flows = "source,destination,port,protocol,verdict\n" + rows
    lines = (f"{{tier=t{k}}} <- {{tier=t{k}}}:80\n{{tier=t{k}}} -> x:80" for k in range(n))
    return intents(lines, "namespace shop\n") | {"flows.csv": flows}


@shape("learn flows.csv --intents intents --with yaml --format json", 4_000)
def flows_between_workloads(n: int) -> Files:
    """The same flows, beside the manifests of the workloads."""
    workloads = "".join(workload("shop", f"s{k}") for k in range(n))
    return flows_between_open_pods(n) | {"yaml/a.yaml": workloads}


@shape("learn flows.csv --intents intents --format json", 4_000)
def missing_flows(n: int) -> Files:
    """Flows to closed pods, none of which is permitted."""
    rows = "".join(f"shop/s{k},shop/s{(k + 2) % n},80,TCP,FORWARDED\n" for k in range(n))
    flows = "source,destination,port,protocol,verdict\n" + rows
    lines = (f"s{k} <- s{(k - 1) % n}:80" for k in range(n))
    return intents(lines, "namespace shop\n") | {"flows.csv": flows}
