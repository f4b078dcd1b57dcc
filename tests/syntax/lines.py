"""Random lines: right ones, nearly right ones, and soup.

Vocabularies are small and hold what the language treats specially: reserved words, what
looks like a port or a block and is none, brackets that do not fit, other alphabets.
"""

from hypothesis import strategies as st

_NAMES = ("api", "db", "web-1", "2048-game", "A_b.c", '"default"', '"in"', '"80"')
_NAMESPACES = ("shop", "default", "ns", "kube-system", '"any"')
_PORTS = ("80", "8080-8090", "53/udp", "53/tcp", "metrics", "*", "*/sctp", "http/udp", "080")
_BLOCKS = (
    "10.0.0.0/8",
    "10.0.0.0/8 except 10.1.0.0/16",
    "10.0.0.0/8 except [10.2.0.0/16,10.1.0.0/16]",
    "0.0.0.0/0",
    "2001:DB8::/32",
    "::/0",
    "::1/128",
)
_REQUIREMENTS = (
    "a=b",
    "a==b",
    "a!=b",
    "a=",
    "a in (b)",
    "a in (b, c)",
    "in notin (in)",
    "a.b/c",
    "!a",
    '"x"="y"',
)
_SPACES = st.sampled_from((" ", "  ", "\t", " \t "))
_SOUP = (
    *_NAMES,
    *_PORTS,
    *_BLOCKS,
    *_REQUIREMENTS,
    *"namespace cluster default label dns mirror pods services nodes service group ns in except none"
    " any internet until because never always only notin deny allow ingress egress yes no".split(),
    *"<- -> <-- <= => = == != : , [ ] ( ) { } ! * / - . # \" \\ ' ; @ $ & |".split(),
    *("10.0.0.1", "10.0.0.1/24", "::1", "1:2:3", "99999", "90-80", "2027-03-31", "2027-02-31"),
    *("ü", "←", "\u00a0", "\u200b", "\x00", "\x1b", "\u202e", "\r", "\x0c", "\ufeff", "日本"),
    *("apiVersion:", "- from:", "key: value", "---", '"a": 1', "'x'", "`x`", '"because"'),
    *("\n", ",\n", "[\n", "{\n", "\r\n"),
)


@st.composite
def requirements(draw: st.DrawFn) -> str:
    """A selector in braces."""
    return "{" + ", ".join(draw(st.lists(st.sampled_from(_REQUIREMENTS), max_size=3))) + "}"


def peers(*, plain: bool) -> st.SearchStrategy[str]:
    """One peer with or without ports; a plain one has no selector."""
    tests = [st.sampled_from((*_NAMES, "*"))] + ([] if plain else [requirements()])
    pods = st.one_of(tests)
    homes = st.one_of([st.sampled_from((*_NAMESPACES, "*"))] + ([] if plain else [requirements()]))
    who = st.one_of(
        pods,
        homes.map(lambda home: f"ns {home}"),
        st.tuples(pods, homes).map(" in ns ".join),
        st.sampled_from(_BLOCKS),
        st.sampled_from(("any", "internet", "dns")),
    )
    port = st.sampled_from(_PORTS)
    ports = st.one_of(
        st.just(""),
        port.map(lambda one: f":{one}"),
        st.lists(port, min_size=1, max_size=3).map(lambda some: f":[{', '.join(some)}]"),
    )
    return st.tuples(who, ports).map("".join)


@st.composite
def arrows(draw: st.DrawFn, *, plain: bool = False) -> str:
    """An arrow, in any spacing."""
    names = st.sampled_from((*_NAMES, "*"))
    subject = draw(names if plain else st.one_of(names, requirements()))
    some = draw(st.lists(peers(plain=plain), min_size=1, max_size=4))
    between = draw(st.sampled_from((", ", ",", " ,\n  ", ",\r\n\t")))
    arrow = draw(st.sampled_from(("<-", "->")))
    space = draw(st.one_of(st.just(""), _SPACES))
    clauses = ("", " until 2027-03-31", ' because "a # \\" b"', ' until 2027-03-31 because "é"')
    clause = "" if plain else draw(st.sampled_from(clauses))
    return f"{space}{subject}{space}{arrow}{space}{between.join(some)}{clause}{space}"


@st.composite
def others(draw: st.DrawFn) -> str:
    """A header, a setting, a declaration or an assertion."""
    some = ", ".join(draw(st.lists(peers(plain=False), min_size=1, max_size=3)))
    selector = draw(requirements())
    name, home = draw(st.sampled_from(_NAMES)), draw(st.sampled_from(_NAMESPACES))
    return draw(
        st.sampled_from(
            (
                "cluster",
                f"namespace {home}",
                f"namespace {home} {{env=prod, team=}}",
                "default: deny",
                "default: deny egress ingress",
                "default: allow",
                "label: a.b/c",
                "mirror: no",
                "dns: none",
                f"dns: {some}",
                "pods: 10.0.0.0/8, fd00::/8",
                f"service {name} = {selector}",
                f"group {name} = {some}",
                f"group {name} = none",
                f"never {name} in ns {home} <- {some}",
                f"only ns {home} -> {some}",
                f'only {name} <- none because "x"',
            )
        )
    )


_EQUAL = (
    "a=b",
    "a = b",
    "in=in",
    "app.kubernetes.io/name=x",
    "a=1.2",
    "a=b-",
    "a/b/c=d",
    "a=",
    "a",
)
_TESTS = st.lists(st.sampled_from((*_EQUAL[:5], *_EQUAL)), min_size=1, max_size=3).map(
    lambda some: "{" + ", ".join(some) + "}"
)


@st.composite
def usual(draw: st.DrawFn) -> str:
    """A line as people write it by hand, mostly right; no quotes but around a reason."""
    names = st.sampled_from(
        ("api", "db", "web-1", "a.b", "*", "any", "internet", "dns", "ns", "80")
    )
    homes = st.one_of(st.sampled_from(("shop", "default", "ns", "*", "*", "Shop")), _TESTS)
    pods = st.one_of(names, names, _TESTS)
    who = st.one_of(
        pods,
        homes.map("ns {}".format),
        st.tuples(pods, homes).map(" in ns ".join),
        st.sampled_from(_BLOCKS),
    )
    ports = st.sampled_from(("", "", ":80", ": 80", ":[80, 443/tcp]", ":metrics", ":*/udp"))
    peer = st.tuples(who, ports).map("".join)
    between = st.sampled_from((", ", ",", " ,\n  "))
    peers = st.one_of(
        st.lists(peer, min_size=1, max_size=3).flatmap(
            lambda some: between.map(lambda b: b.join(some))
        ),
        st.just("none"),
    )
    reason = st.sampled_from(("", "", ' because "OPS-1: a # b"', '  because""', ' because "\\\\"'))
    until = st.sampled_from(("", "", " until 2027-03-31", " until 2027-02-31", " until 0000-01-01"))
    claim = st.sampled_from(("", "", "", "never ", "always  ", "only "))
    arrow = st.sampled_from((" <- ", "->", "<-"))
    subject = st.one_of(pods, st.tuples(pods, homes).map(" in ns ".join), homes.map("ns {}".format))
    connected = st.tuples(claim, subject, arrow, peers, until, reason).map("".join)
    name = st.sampled_from(("api", "web-1", "a.b", "80", "any", "in"))
    home = st.sampled_from(("shop", "default", "Shop"))
    blocks = st.lists(st.sampled_from((*_BLOCKS, "api", "none")), min_size=1, max_size=3)
    line = st.one_of(
        connected,
        connected,
        st.tuples(home, _TESTS).map(lambda some: f"namespace {' '.join(some)}"),
        st.tuples(name, _TESTS).map(lambda some: f"service {' = '.join(some)}"),
        st.tuples(name, peers).map(lambda some: f"group {'='.join(some)}"),
        blocks.map(lambda some: f"pods: {', '.join(some)}"),
        st.sampled_from(("cluster", " cluster\t", "nodes :10.0.0.0/8")),
    )
    space = st.sampled_from(("", "  ", "\t"))
    return draw(st.tuples(space, line, space, st.sampled_from(("", "", "# why"))).map("".join))


def broken(line: str) -> st.SearchStrategy[str]:
    """The line with a part of it left out, written twice, or written over."""
    places = st.tuples(st.integers(0, len(line)), st.integers(0, 8))
    kinds = st.sampled_from(("", " ", "{", "}", '"', ",", ":", "=", " in ", " ns ", "\\", "ü", "-"))
    return st.tuples(places, kinds, st.booleans()).map(
        lambda drawn: (
            line[: drawn[0][0]]
            + (line[drawn[0][0] : sum(drawn[0])] * 2 if drawn[2] else drawn[1])
            + line[sum(drawn[0]) :]
        )
    )


@st.composite
def files(draw: st.DrawFn) -> str:
    """A file of right lines, with comments and blank lines."""
    line = st.one_of(arrows(), others())
    comment = st.sampled_from(("", "  # why", "#", "# ü \t"))
    above = st.lists(st.sampled_from(("", "# above", "  # indented")), max_size=3)
    parts = draw(st.lists(st.tuples(above, line, comment), max_size=6))
    lines = [text for above, line, comment in parts for text in (*above, line + comment)]
    return draw(st.sampled_from(("\n", "\r\n"))).join(lines)


def soup() -> st.SearchStrategy[str]:
    """Words of the language and of others, in no order."""
    word = st.sampled_from(_SOUP)
    return st.lists(st.one_of(word, st.text(max_size=3)), max_size=25).flatmap(
        lambda words: st.sampled_from((" ", "", "\n")).map(lambda space: space.join(words))
    )
