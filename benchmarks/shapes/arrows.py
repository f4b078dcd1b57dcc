"""Shapes of the arrows of one namespace."""

from shapes.shape import Files, intents, shape


@shape("check intents", 4_000)
def silent_callers(n: int) -> Files:
    """Callers that are not the subject of any line, with names that resemble those of subjects."""
    return intents(f"team{k % 97}-service-{k} <- team{k % 89}-caller-{k}:80" for k in range(n))


@shape("check intents", 1_000)
def mirrored_senders(n: int) -> Files:
    """Senders with arrows of their own, which the arrows of others mirror."""
    lines = (f"s{k} -> db:443\ns{k} <- s{(k + 1) % n}:80" for k in range(n))
    return intents(lines, "namespace shop\n")


@shape("check intents", 4_000)
def arrows_at_both_ends(n: int) -> Files:
    """Receivers of one sender, each with an arrow at both ends: a policy of 2n statements."""
    lines = (f"s{k} <- api:80\napi -> s{k}:80" for k in range(n))
    return intents(lines, "namespace shop\n")


@shape("check intents", 1_000)
def senders_beside_wildcard(n: int) -> Files:
    """Senders with arrows of their own, and an arrow whose peer is every pod."""
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
    """Nested groups: each contains the previous group and one more member."""
    groups = (f"group g{k} = g{k - 1}, m{k}" for k in range(1, n))
    return intents(["group g0 = m0", *groups, f"db <- g{n - 1}:80"])


@shape("check intents", 2_000)
def services_that_overlap(n: int) -> Files:
    """Declared services of which any two may share pods: a common label, and a label of its own for each."""
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
    """Subjects that all overlap, because each tests a key of its own."""
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
    """Arrows with reasons and with end dates that are past."""
    return intents(f's{k} <- api:80 until 2020-01-01 because "OPS-{k}"' for k in range(n))


@shape("check intents", 4_000)
def ignored_findings(n: int) -> Files:
    """Redundant arrows, each with a comment that ignores the finding."""
    lines = (f"s{k} <- api:80\ns{k} <- api:80-90  # netpolc: ignore[NP602] kept" for k in range(n))
    return intents(lines)


@shape("check intents", 20_000)
def syntax_errors(n: int) -> Files:
    """A file in which no line is a statement."""
    return intents(f"db <- <- api{k}" for k in range(n))


@shape("check intents --format sarif", 20_000)
def findings_as_sarif(n: int) -> Files:
    """Warnings of unused declarations in a format for platforms."""
    return intents(f"group g{k} = api" for k in range(n))
