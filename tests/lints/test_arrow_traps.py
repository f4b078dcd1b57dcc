"""The traps of manifests are found in intents, with advice that mends them."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.commands.pipeline import run
from netpolc.diagnostics import Diagnostic
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile

OPTIONS = Options(today=date(2026, 1, 1), checking=True)
CLOSED = "namespace shop\ndefault: deny ingress egress\n"
TRAPS = (
    ("web <- ingress-nginx:80", "ingress-nginx", "NP636"),
    ("web <- prometheus:9090", "prometheus", "NP636"),
    ("db <- ns {name=kube-system}:5432", "ns {name=kube-system}", "NP629"),
    ("db <- ns {name=shop}:5432", "ns {name=shop}", "NP629"),
    ("db <- ns {name=ops}:5432", "ns {name=ops}", "NP630"),
    (
        "cache <- {kubernetes.io/metadata.name=monitoring}:6379",
        "{kubernetes.io/metadata.name=monitoring}",
        "NP631",
    ),
    ("api -> 0.0.0.0/0:80", "0.0.0.0/0", "NP635"),
    ("api -> 0.0.0.0/0 except 10.0.0.0/8:80", "0.0.0.0/0 except 10.0.0.0/8", "NP634"),
    ("api -> ::/0:80", "::/0", "NP635"),
    ("db <- api:udp", "udp", "NP615"),
    ("db <- ns {kubernetes.io/foo=ops}:5432", "ns {kubernetes.io/foo=ops}", "NP629"),
    ("db <- ns {name in (ops, kube-system)}:5432", "ns {name in (ops, kube-system)}", "NP629"),
    ("db <- api.payments.svc.cluster.local:80", "api.payments.svc.cluster.local", "NP611"),
)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("db.shop.svc", "write `db in ns shop`"),
        ("db-0.db.shop.svc.example.org", "write `db in ns shop`"),
        ("db-0.db.shop", "NetworkPolicy has no host names: write addresses"),
        ("example.com", "for a Service write `example in ns com`; for a host its addresses"),
        ("api.example.com", "NetworkPolicy has no host names: write addresses"),
        (
            "10.0.0.1-10.0.0.4",
            "write the blocks of the range: `10.0.0.1/32, 10.0.0.2/31, 10.0.0.4/32`",
        ),
        ("10.0.0.4-10.0.0.1", "write address blocks"),
        ("10.0", "write address blocks"),
    ],
)
def test_the_name_of_a_host_is_not_treated_as_that_of_a_service(name: str, advice: str) -> None:
    (finding,) = check(f"namespace s\napi -> {name}:443\n")
    assert finding.rule.code == "NP611"
    assert finding.help.startswith(advice)


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        (
            "db.shop.svc <- api",
            "write the statement about `db` in a section `namespace shop`",
        ),
        ("db.shop <- api", "for a Service write the statement about `db` in a section `namespace"),
        ("d/b <- api:80", "in namespace `d` write `b <- …`"),
        ("b@d -> api:80", "in namespace `d` write `b -> …`"),
        ("service d/b", "in namespace `d` write `service b …`"),
        ("never d/b <- api", "write `b in ns d`"),
    ],
)
def test_a_subject_of_another_namespace_belongs_in_its_section(line: str, advice: str) -> None:
    """`d/b` as a peer is `b in ns d`, which NP231 refuses as the subject of an arrow."""
    finding = next(f for f in check(f"namespace s\n{line}\n") if f.rule.code in {"NP111", "NP611"})
    assert finding.help.startswith(advice)


@pytest.mark.parametrize("ports", ["", ":443", ":[80, 443]"])
def test_a_range_of_ipv6_addresses_is_named(ports: str) -> None:
    (finding,) = check(f"namespace s\napi -> 2001:db8::1-2001:db8::9{ports}\n")
    assert finding.message.endswith("is a range of addresses, not a block")
    assert finding.help.startswith("write the blocks of the range")


@pytest.mark.parametrize(
    ("block", "address"),
    [
        ("::/0 except [fe80::/10]", "fd00:ec2::254"),
        ("::/0 except [fd00::/16]", "fd20:ce::254"),
        ("::/0 except [fc00::/7]", None),
    ],
)
def test_the_metadata_services_of_ipv6_are_known(block: str, address: str | None) -> None:
    program = f"namespace s\napi -> {block}:80\n"
    messages = [f.message for f in check(program) if f.rule.code == "NP634"]
    assert [str(address) in message for message in messages] == ([True] if address else [])


def check(program: str) -> tuple[Diagnostic, ...]:
    return run(Sources(intents=(SourceFile("a.intent", program),)), OPTIONS).diagnostics


@pytest.mark.parametrize(("arrow", "wrong", "code"), TRAPS)
def test_a_trap_is_found_at_its_line_and_its_advice_mends_it(
    arrow: str, wrong: str, code: str
) -> None:
    program = f"{CLOSED}{arrow}\n"
    findings = check(program)
    # One finding for one cause, whatever follows from it.
    assert [(one.rule.code, one.label.span.line) for one in findings] == [(code, 3)]
    advice = re.search(r"write `([^`]+)`", findings[0].help)
    assert advice is not None
    mended = check(program.replace(wrong, advice[1]))
    assert code not in {one.rule.code for one in mended}
    assert {one.rule.code for one in mended} <= {one.rule.code for one in check(program)}


@pytest.mark.parametrize(
    ("arrow", "code"),
    [
        ("api -> kube-dns:53/udp", "NP636"),
        ("api -> ns shop:53/udp", "NP636"),
        ("api -> 10.96.0.1/32:443", "NP633"),
        ("api -> 10.96.0.10/32:53/udp", "NP633"),
        ("api -> {component=kube-apiserver} in ns kube-system:443", "NP637"),
        ("api -> ns default:6443", "NP637"),
        ("db <- api:icmp", "NP615"),
        ("api -> 0.0.0.0/0:53/udp", "NP628"),
        ("api -> ns openshift-dns:[53/udp, 53/tcp]", "NP650"),
    ],
)
def test_a_trap_that_has_to_be_left_out(arrow: str, code: str) -> None:
    assert [one.rule.code for one in check(f"{CLOSED}{arrow}\n") if one.rule.code == code]
    # Never the advice to open the end of pods that do not run there.
    half_open = [one for one in check(f"{CLOSED}{arrow}\n") if one.rule.code == "NP605"]
    assert not half_open


@pytest.mark.parametrize(
    "program",
    [
        "namespace ingress-nginx\ndefault: deny\nweb <- ingress-nginx:80\n",
        f"{CLOSED}service prometheus = {{app=prometheus, mine=yes}}\nweb <- prometheus\n",
        f"{CLOSED}api -> internet:80\n",
        f"{CLOSED}api -> 0.0.0.0/0:443\n",
        f"{CLOSED}api -> 203.0.113.0/24:80\n",
        f"{CLOSED}api -> 203.0.113.0/24:[53/udp, 53/tcp]\n",
        f"{CLOSED}api -> 0.0.0.0/0:[53/udp, 53/tcp, 443]\n",
        f"{CLOSED}api -> ns openshift-dns:9154\n",
        f"{CLOSED}api -> ns openshift-dns:[53/udp, 53/tcp, 5353/udp, 5353/tcp]\n",
        f"{CLOSED}api -> ns kube-system:[53/udp, 53/tcp]\n",
        "namespace shop {name=shop}\ndefault: deny\ndb <- ns {name=shop}:5432\n",
    ],
)
def test_what_is_no_trap(program: str) -> None:
    codes = {one.rule.code for one in check(program)}
    traps = {f"NP{number}" for number in (*range(628, 632), *range(633, 638), 650)}
    assert not codes & traps


def test_platform_pods_that_run_in_the_namespace_are_no_trap() -> None:
    pod = """\
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: NAMESPACE, labels: {app: prometheus}}
spec: {containers: [{name: c, image: i}]}
"""
    for namespace, codes in (("shop", set()), ("ops", {"NP636"})):
        text = pod.replace("NAMESPACE", namespace)
        sources = Sources(
            intents=(SourceFile("a.intent", f"{CLOSED}web <- prometheus:9090\n"),),
            manifests=(SourceFile("pods.yaml", text),),
        )
        found = {one.rule.code for one in run(sources, OPTIONS).diagnostics}
        assert found & {"NP636"} == codes


@pytest.mark.parametrize(
    ("arrows", "codes"),
    [
        ("api -> ns kube-system:53/udp", "NP626"),
        ("api -> ns kube-system:53", "NP627"),
        ("api -> ns kube-system:53/udp\n* -> ns kube-system:53", ""),
        ("api -> ns kube-system:[53/udp, 53/tcp]", ""),
        ("api -> ns kube-system:1-65535/udp", ""),
        ("ns_dns <- api:53/udp", ""),
        ("ns_dns <- api:53", ""),
        ("api -> ns kube-system:53/udp\nweb -> ns kube-system:53", "NP626 NP627"),
        ("api -> ns kube-system:53\nweb -> ns kube-system:53/udp", "NP626 NP627"),
        ("api -> ns kube-system:53\n* -> ns kube-system:53/udp", ""),
        ("api -> ns kube-system:[80/udp, 80, 53/udp]", "NP626"),
        ("api -> ns kube-system:[80, 80/udp]", ""),
        ("api -> ns kube-system:80", ""),
    ],
)
def test_a_name_service_by_one_protocol_alone(arrows: str, codes: str) -> None:
    found = {one.rule.code for one in check(f"{CLOSED}dns: none\n{arrows}\n")}
    assert found & {"NP626", "NP627"} == set(codes.split())
    assert not {one.rule.code for one in check(f"{CLOSED}{arrows}\n")} & {"NP626", "NP627"}


_PEERS = st.sampled_from(
    [
        *("db", "api", "*", "any", "internet", "dns", "ns *", "ns monitoring", "ns kube-system", "ns shop"),
        *("ns {name=ops}", "ns {name=kube-system}", "ns {env=prod}", "prometheus in ns monitoring"),
        *("kube-dns in ns kube-system", "{kubernetes.io/metadata.name=shop}", "ingress-nginx", "kube-dns"),
        *("10.0.0.0/8", "0.0.0.0/0", "::/0", "0.0.0.0/0 except [10.0.0.0/8]", "10.96.0.1/32", "203.0.113.0/24"),
        *("10.96.0.10/32", "169.254.169.254/32", "10.0.0.0/8 except [10.1.0.0/16]", "ns openshift-dns"),
        *("{component=kube-apiserver} in ns kube-system", "{helm.sh/chart=a}", "api in ns pay"),
        *("ns {kubernetes.io/foo=x}", "ns {k8s.io/foo in (a, b)}", "ns {kubernetes.io/foo}"),
        *("ns {name in (ops, kube-system)}", "ns {!name}", "api in ns {kubernetes.io/foo=x}"),
        *("{kubernetes.io/metadata.name}", "{k8s-app=kube-dns}", "{apiserver=true} in ns *", "10.43.0.1/32"),
        *("fd00:ec2::254/128", "169.254.0.0/16", "10.1.0.0/16", "::/0 except [fe80::/10]", "kube-apiserver"),
        *("{app.kubernetes.io/version=1}", "{tier=control-plane} in ns kube-system", "0.0.0.0/1"),
    ]
)  # fmt: skip
_PORTS = st.sampled_from(
    [
        *("", ":80", ":53/udp", ":[53/udp, 53/tcp]", ":http", ":*", ":1-65535", ":32768-60999", ":53"),
        *(":443", ":6443", ":dns", ":[dns/udp, dns-tcp]", ":5353/udp", ":[80, 443, 53/udp]", ":15008"),
    ]
)  # fmt: skip
_ARROWS = st.builds(
    "{} {} {}{}, {}{}".format,
    st.sampled_from(
        [
            *("db", "api", "*", "{tier=x}", "{app=db, tier!=x}", "kube-dns", "ingress-nginx"),
            *(
                "{kubernetes.io/metadata.name=shop}",
                "{pod-template-hash=abc}",
                "{app in (db, api)}",
            ),
        ]
    ),
    st.sampled_from(["<-", "->"]),
    *(_PEERS, _PORTS, _PEERS, _PORTS),
)
_SETTINGS = st.sampled_from(
    [
        *("default: deny", "default: deny ingress egress", "mirror: no", "dns: none"),
        *("dns: kube-dns:[53/udp, 53]", "dns: 10.96.0.10/32:[53/udp, 53]", "dns: ns kube-system:53/udp"),
        *("dns: ns {name=kube-system}:[53/udp, 53]", "dns: 0.0.0.0/0", "dns: any:[53/udp, 53]"),
        *("dns: ns openshift-dns:[53/udp, 53]", "dns: ns {kubernetes.io/foo=x}:[53/udp, 53]"),
    ]
)  # fmt: skip
_SECTIONS = st.builds(
    lambda header, settings, arrows: "\n".join([header, *settings, *arrows, ""]),
    st.sampled_from(["namespace shop", "namespace pay", "namespace kube-system", "cluster"]),
    st.lists(_SETTINGS, max_size=2, unique_by=lambda setting: setting.partition(":")[0]),
    st.lists(_ARROWS, min_size=1, max_size=4),
)
_FORM = {
    "NP623": "peers with equal ports share a rule, and `any` has one of its own",
    "NP643": "peers of `*` and dns are in every policy; redundant arrows are NP604",
}
"""Findings about the form of our output, not about what anybody wrote."""
_OTHERWISE = {
    "NP625": {"NP636"},  # The dns setting is wrong, and so opens nothing.
    "NP638": {"internet"},  # Its exceptions are not what the author wrote.
    "NP636": {"* <- "},  # The senders' end of calls to every pod is not a search for name servers.
    "NP639": {"NP604"},
    "NP644": {"NP605", "NP636"},
}
"""What the same mistake is called in intents, or the words of intents that make it none."""


@given(st.lists(_SECTIONS, min_size=1, max_size=2).map("".join))
def test_a_check_of_the_output_says_no_more_than_one_of_the_intents(program: str) -> None:
    """Our own policies get no findings, so they are given as policies of others."""
    options = Options(today=date(2026, 1, 1))
    compiled = run(Sources(intents=(SourceFile("a.intent", program),)), options)
    files = tuple(
        SourceFile(path, text.replace("managed-by: netpolc", "managed-by: me"))
        for path, text in compiled.files.items()
    )
    of_output = {d.rule.code for d in run(Sources(manifests=files), OPTIONS).diagnostics}
    of_intents = {d.rule.code for d in check(program)}
    of_intents |= {words for words in ("internet", "* <- ") if words in program}
    new = of_output - of_intents - _FORM.keys()
    assert not [code for code in new if of_intents.isdisjoint(_OTHERWISE.get(code, ()))]


@pytest.mark.parametrize(
    ("setting", "code", "advice"),
    [
        ("dns: kube-dns:[53/udp, 53]", "NP636", "remove the setting"),
        ("dns: 10.96.0.10/32:[53/udp, 53]", "NP633", "remove the setting"),
        ("dns: ns kube-system:53/udp", "NP626", "write `[53/udp, 53/tcp]`"),
        ("dns: ns kube-system:53", "NP627", "write `[53/udp, 53/tcp]`"),
        ("dns: any:[53/udp, 53]", "NP628", "write the addresses of the name servers"),
        ("dns: 0.0.0.0/0", "NP635", "write the ports of the name service"),
        ("dns: ns {name=kube-system}:[53/udp, 53]", "NP629", "write `ns kube-system`"),
        ("dns: ns openshift-dns:[53/udp, 53]", "NP650", "write port 5353"),
    ],
)
def test_traps_in_the_dns_setting_are_found_there(setting: str, code: str, advice: str) -> None:
    findings = check(f"{CLOSED}{setting}\napi -> dns, db:80\n")
    (finding,) = [each for each in findings if each.rule.code == code]
    assert finding.label.span.text == setting
    assert finding.help.startswith(advice)


@pytest.mark.parametrize(
    ("arrows", "pods"),
    [
        ("api -> db:80", ["api"]),
        ("api -> db:80\napi -> dns", []),
        ("api -> db:80\n* -> ns kube-system:53/udp", []),
        ("api -> api, 10.0.0.0/8", []),
        ("service api = {app=x}\nweb <- api", ["api"]),
        ("{tier=x} -> db", ["{tier=x}"]),
        ("api -> ns *:80, db\nweb -> db", ["api", "web"]),
    ],
)
def test_the_name_service_is_forgotten(arrows: str, pods: list[str]) -> None:
    program = f"namespace shop\ndns: none\ndefault: deny egress\n{arrows}\n"
    forgotten = [each for each in check(program) if each.rule.code == "NP625"]
    assert [each.help for each in forgotten] == [f"write `{name} -> dns`" for name in pods]
    mended = program + "".join(f"{name} -> dns\n" for name in pods)
    assert "NP625" not in {each.rule.code for each in check(mended)}


def test_policies_of_others_may_open_the_name_service() -> None:
    program = "namespace shop\ndns: none\napi -> db:80\n"
    opening = SourceFile("a.intent", "namespace shop\ndns: none\napi -> ns kube-system:53/udp\n")
    compiled = run(Sources(intents=(opening,)), Options(today=date(2026, 1, 1)))
    (text,) = compiled.files.values()
    beside = SourceFile("theirs.yaml", text.replace("managed-by: netpolc", "managed-by: me"))
    sources = Sources(
        intents=(SourceFile("a.intent", program),),
        manifests=(beside,),
        beside=frozenset((beside.path,)),
    )
    assert "NP625" in {each.rule.code for each in check(program)}
    assert "NP625" not in {each.rule.code for each in run(sources, OPTIONS).diagnostics}


@pytest.mark.parametrize(
    ("of_name_service", "advice"),
    [
        ("default: deny", "in namespace `kube-system` write `{k8s-app=kube-dns} <- ns *:[53, 53/udp]`"),
        ("* <- ns monitoring", "in namespace `kube-system` write `{k8s-app=kube-dns} <- ns *:[53, 53/udp]`"),
        ("default: deny\nkube-dns <- ns shop:53/udp", ""),
        ("default: deny\n{k8s-app=kube-dns} <- ns *:53/udp", ""),
        ("coredns <- none", ""),
        ("default: deny egress", ""),
    ],
)  # fmt: skip
def test_a_name_service_that_lets_nobody_in(of_name_service: str, advice: str) -> None:
    label = "label: k8s-app\n" if "kube-dns <- ns shop" in of_name_service else ""
    program = (
        "namespace ops\ndb <- web\nnamespace pay\ndefault: deny egress\n" if advice else ""
    ) + f"namespace shop\napi -> 10.0.0.0/8\nnamespace kube-system\n{label}{of_name_service}\n"
    found = [each for each in check(program) if each.rule.code == "NP605"]
    assert [each.help for each in found] == ([advice] if advice else [])
    if advice:
        line = advice.rpartition("write `")[2].rstrip("`")
        assert not [d for d in check(f"{program}{line}\n") if d.rule.code == "NP605"]


def test_a_name_service_that_lets_other_pods_in() -> None:
    program = (
        "namespace shop\napi -> 10.0.0.0/8\nweb -> 10.0.0.0/8\n"
        "namespace kube-system\n{k8s-app=kube-dns} <- web in ns shop:53/udp\n"
    )
    (finding,) = check(program)
    assert finding.label.span.text == "api -> 10.0.0.0/8"


def test_one_closed_namespace_is_let_in_by_name() -> None:
    (finding,) = check("namespace shop\napi -> 10.0.0.0/8\nnamespace kube-system\ndefault: deny\n")
    assert finding.label.span.text == "api -> 10.0.0.0/8"
    assert finding.help.endswith("write `{k8s-app=kube-dns} <- ns shop:[53, 53/udp]`")


@pytest.mark.parametrize(
    ("arrows", "hole"),
    [
        ("db <- 10.0.0.0/8 except 10.1.0.0/16, 10.1.0.0/16", "10.1.0.0/16"),
        ("db <- 10.0.0.0/8 except 10.1.0.0/16, 10.0.0.0/8", "10.1.0.0/16"),
        ("db <- 10.0.0.0/8 except 10.1.0.0/16:80\ndb <- 10.0.0.0/7:[80, 81]", "10.1.0.0/16"),
        ("db <- 10.0.0.0/8 except 10.1.0.0/16\ndb <- 10.1.0.0/16:80", ""),
        ("db <- 10.0.0.0/8 except 10.1.0.0/16\napi <- 10.1.0.0/16", ""),
        ("db <- 10.0.0.0/8 except 10.1.0.0/16\ndb -> 10.1.0.0/16", ""),
        ("db <- internet, 10.0.0.0/8", ""),
    ],
)
def test_an_exception_that_another_peer_opens(arrows: str, hole: str) -> None:
    findings = [each for each in check(f"{CLOSED}{arrows}\n") if each.rule.code == "NP638"]
    expected = [f"`{hole}` is left out here and opened by another peer"] if hole else []
    assert [each.message for each in findings] == expected


def test_a_reserved_label_that_a_namespace_has_is_no_trap() -> None:
    text = "namespace shop\ndb <- ns {kubernetes.io/foo=x}\n"
    assert [each.rule.code for each in check(text)] == ["NP629"]
    assert not check(f"{text}namespace ops {{kubernetes.io/foo=x}}\n")


def test_policies_of_others_beside_our_own_are_judged() -> None:
    source = SourceFile("a.intent", f"{CLOSED}api -> 10.96.0.1/32:443\n")
    compiled = run(Sources(intents=(source,)), Options(today=date(2026, 1, 1)))
    text = next(text for path, text in compiled.files.items() if "api-egress" in path)
    theirs = text.replace("managed-by: netpolc", "managed-by: me").replace("api-egress", "theirs")
    both = SourceFile("a.yaml", f"{text}---\n{theirs}---\n{text.replace('api-egress', 'x')}")
    found = run(Sources(manifests=(both,)), OPTIONS).diagnostics
    places = {one.label.span.line for one in found if one.rule.code == "NP633"}
    assert len(places) == 1
    assert text.count("\n") < min(places) <= 2 * text.count("\n") + 1


def test_a_label_name_that_a_manifest_sets_is_no_trap() -> None:
    """Whether the own namespace has the label too remains open."""
    text = f"{CLOSED}db <- ns {{name=ops}}:5432\n"
    manifest = "apiVersion: v1\nkind: Namespace\nmetadata: {name: ops, labels: {name: ops}}\n"
    beside = SourceFile("ops.yaml", manifest)
    sources = Sources(
        intents=(SourceFile("a.intent", text),),
        manifests=(beside,),
        beside=frozenset((beside.path,)),
    )
    assert [one.rule.code for one in run(sources, OPTIONS).diagnostics] == ["NP301"]
