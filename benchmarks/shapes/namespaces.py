"""Shapes of namespaces, groups, assertions and outputs."""

from shapes.shape import Files, intents, shape


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
