"""The traps that are found in manifests are found in intents, with advice that mends them."""

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
    ("db <- api.payments.svc.cluster.local:80", "api.payments.svc.cluster.local", "NP611"),
)


def check(program: str) -> tuple[Diagnostic, ...]:
    return run(Sources(intents=(SourceFile("a.intent", program),)), OPTIONS).diagnostics


@pytest.mark.parametrize(("arrow", "wrong", "code"), TRAPS)
def test_a_trap_is_found_at_its_line_and_its_advice_mends_it(
    arrow: str, wrong: str, code: str
) -> None:
    program = f"{CLOSED}{arrow}\n"
    findings = [one for one in check(program) if one.rule.code == code]
    assert [one.label.span.line for one in findings] == [3]
    advice = re.search(r"write `([^`]+)`", findings[0].help)
    assert advice is not None
    mended = check(program.replace(wrong, advice[1]))
    assert code not in {one.rule.code for one in mended}
    assert {one.rule.code for one in mended} <= {one.rule.code for one in check(program)}


@pytest.mark.parametrize(
    ("arrow", "code"),
    [
        ("api -> kube-dns:53/udp", "NP636"),
        ("api -> 10.96.0.1/32:443", "NP633"),
        ("api -> 10.96.0.10/32:53/udp", "NP633"),
        ("api -> {component=kube-apiserver} in ns kube-system:443", "NP637"),
        ("api -> ns default:6443", "NP637"),
        ("db <- api:icmp", "NP615"),
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
        "namespace shop {name=shop}\ndefault: deny\ndb <- ns {name=shop}:5432\n",
    ],
)
def test_what_is_no_trap(program: str) -> None:
    codes = {one.rule.code for one in check(program)}
    assert not codes & {"NP629", "NP630", "NP631", "NP633", "NP634", "NP635", "NP636", "NP637"}


_ARROWS = st.lists(
    st.sampled_from([arrow for arrow, _, _ in TRAPS] + ["db <- api:80", "api -> db:80"]),
    min_size=1,
    max_size=4,
    unique=True,
)
_ONLY_OF_INTENTS = {"NP301", "NP605", "NP611", "NP615"}


@given(_ARROWS)
def test_a_check_of_the_output_says_no_more_than_one_of_the_intents(arrows: list[str]) -> None:
    source = SourceFile("a.intent", CLOSED + "".join(f"{arrow}\n" for arrow in arrows))
    options = Options(today=date(2026, 1, 1))
    compiled = run(Sources(intents=(source,)), options)
    files = tuple(SourceFile(path, text) for path, text in compiled.files.items())
    found = {one.rule.code for one in run(Sources(manifests=files), OPTIONS).diagnostics}
    assert found <= {one.rule.code for one in compiled.diagnostics} - _ONLY_OF_INTENTS | {"NP644"}
