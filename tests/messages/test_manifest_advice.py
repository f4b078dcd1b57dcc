"""What a finding about manifests says to write, written: the finding is gone, and nothing worse has come.

Every page about manifests is here. Its edits are what a person would do who reads the message and its
help, in the words of the help where it proposes any.
"""

from collections.abc import Iterable
from datetime import date

import pytest

from netpolc.commands.pipeline import run
from netpolc.diagnostics import Diagnostic, Severity
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile
from tests.literate import blocks
from tests.messages.test_messages import _FILES

_DNS = (
    "  - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, "
    "podSelector: {matchLabels: {k8s-app: kube-dns}}}]\n"
    "    ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]\n"
)
_IN_KUBE_SYSTEM = (
    "      namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}\n"
)
_OPS = (
    "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ops, labels: {purpose: monitoring}}\n"
)
_EGRESS_OF_API = (
    "  egress:\n  - to: [{podSelector: {matchLabels: {app: db}}}]\n    ports: [{port: 5432}]\n"
)

EDITS: dict[str, tuple[tuple[str, str], ...]] = {
    "NP401": (("namespace: shop\n", "namespace: shop}\n"),),
    "NP402": (("  ingress:\n  - from: [{podSelector: {matchLabels: {app: web}}}]\n", ""),),
    "NP403": (("{{ .Release.Name }}-db", "shop-db"),),
    "NP407": (("apiVersion: extensions/v1beta1", "apiVersion: networking.k8s.io/v1"),),
    "NP410": (("matchlabels", "matchLabels"),),
    "NP411": (("critical: true", 'critical: "true"'),),
    "NP412": (("{except", "{cidr: 10.0.0.0/8, except"),),
    "NP413": (("db_ingress", "db-ingress"),),
    "NP414": (("my db", "my-db"),),
    "NP415": (("values: []", "values: [backend]"),),
    "NP416": (("who is it", "who-is-it"),),
    "NP417": (("namespace: y", 'namespace: "y"'),),
    "NP418": (("status: {}\n", ""),),
    "NP419": (("kind: Networkpolicy", "kind: NetworkPolicy"),),
    "NP420": (("- {}", "- namespaceSelector: {}"),),
    "NP421": (("203.0.113.5", "203.0.113.5/32"),),
    "NP422": (("192.168.0.0/16", "10.1.0.0/16"),),
    "NP423": (("192.168.242.213/24", "192.168.242.0/24"),),
    "NP424": (("[ingress]", "[Ingress]"),),
    "NP425": (("port: 0", "port: 80"),),
    "NP426": (("tcp", "TCP"),),
    "NP427": (("podSelector:\n", "podSelector: {}\n"),),
    "NP430": (("name: db", "name: every"),),
    "NP432": (("containerport", "containerPort"),),
    "NP440": (("  egress:\n  - to: [{podSelector: {}}]\n", ""),),
    "NP452": (("matchLabels:\n", "matchLabels: {app: api}\n"),),
    "NP453": (("  - from:\n    ports", "  - ports"),),
    "NP454": (
        ("      podSelector:\n", ""),
        ("    ports:\n    - port:\n", "    ports:\n    - {}\n"),
    ),
    "NP460": (("admin", "Admin"),),
    "NP461": (("1001", "1000"),),
    "NP462": (("namespaces: {}, ", ""),),
    "NP463": (("from: []", "from: [{namespaces: {}}]"),),
    "NP464": (("name: baseline", "name: default"),),
    "NP465": (
        ("protocols:", "protocols: [{tcp: {destinationPort: {number: 443}}}]"),
        ("    - destinationNamedPort: https\n", ""),
    ),
    "NP466": (('"*"', "example.com"),),
    "NP467": (("Deny", "Accept"),),
    "NP614": (("hostNetwork: true, ", ""),),
    "NP617": (
        ("[{podSelector: {}}]", "[{podSelector: {}}, {ipBlock: {cidr: 203.0.113.0/24}}]"),
        ("type: LoadBalancer,", "type: LoadBalancer, externalTrafficPolicy: Local,"),
    ),
    "NP618": (("", _OPS),),
    "NP619": (("type: LoadBalancer,", "type: LoadBalancer, externalTrafficPolicy: Local,"),),
    "NP620": (("    - podSelector", "      podSelector"),),
    "NP621": (("    - podSelector", "      podSelector"),),
    "NP622": (
        (
            "namespaceSelector: {}",
            "ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16]}",
        ),
    ),
    "NP623": (("  - ports", "    ports"),),
    "NP624": (("  - from: []\n    ports", "  - ports"),),
    "NP625": (("", _DNS),),
    "NP626": (
        ("[{protocol: UDP, port: 53}]", "[{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]"),
    ),
    "NP627": (("[{port: 53}]", "[{port: 53}, {protocol: UDP, port: 53}]"),),
    "NP628": (("  - ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]\n", _DNS),),
    "NP629": (("name: kube-system", "kubernetes.io/metadata.name: kube-system"),),
    "NP630": (("name: monitoring", "kubernetes.io/metadata.name: monitoring"),),
    "NP631": (("podSelector:\n        matchLabels", "namespaceSelector:\n        matchLabels"),),
    "NP632": (
        ("  ingress:\n", ""),
        ("  - from: [{ipBlock: {cidr: 203.0.113.0/24}}]\n", ""),
        ("    ports: [{port: 32768, endPort: 60999}]\n", ""),
        ("[Ingress, Egress]", "[Egress]"),
    ),
    "NP633": (
        (
            "ipBlock: {cidr: 10.96.0.10/32}",
            "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}",
        ),
    ),
    "NP634": (("192.168.0.0/16]", "192.168.0.0/16, 169.254.0.0/16]"),),
    "NP635": (
        (
            "0.0.0.0/0}",
            "0.0.0.0/0, except: [169.254.0.0/16, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]}",
        ),
    ),
    "NP636": (
        (
            "        matchLabels: {k8s-app: kube-dns}\n",
            f"        matchLabels: {{k8s-app: kube-dns}}\n{_IN_KUBE_SYSTEM}",
        ),
    ),
    "NP637": (("  - to:\n    - namespaceSelector: {}\n    ports", "  - ports"),),
    "NP638": (("        except: [203.0.113.0/24]\n", ""),),
    "NP639": (("  egress:\n  - {}\n", ""),),
    "NP640": (("  egress:", "  policyTypes: [Egress]\n  egress:"),),
    "NP641": (("  egress:", "  policyTypes: [Egress]\n  egress:"),),
    "NP642": (("[Ingress, Egress]", "[Ingress]"),),
    "NP643": (("    - podSelector: {matchLabels: {app: api}}\n", ""),),
    "NP644": (("  egress: []\n", _EGRESS_OF_API + _DNS),),
    "NP645": (("        - 10.1.0.0/16\n", ""),),
    "NP646": (("name: api}", "name: api, namespace: shop}"),),
    "NP647": (("Allow ingress from monitoring", "Everybody may come in"),),
    "NP648": (("webhook: enabled", "webhooks: enabled"),),
    "NP649": (("[{port: 8080}]", "[{port: 8080}, {port: 15008}]"),),
    "NP650": (("port: 53,", "port: 5353,"), ("{port: 53}", "{port: 5353}")),
    "NP660": (("  - action: Deny\n    from:\n    - namespaces: {matchLabels: {env: dev}}\n", ""),),
    "NP661": (("priority: 10", "priority: 9"),),
    "NP662": (("  ingress:\n  - {action: Accept, from: [{namespaces: {}}]}\n", ""),),
    "NP663": (
        ("  - {action: Deny, from: [{namespaces: {}}]}\n", ""),
        (
            "{team: monitoring}}\n",
            "{team: monitoring}}\n  - {action: Deny, from: [{namespaces: {}}]}\n",
        ),
    ),
    "NP664": (("  ingress:\n  - {action: Pass, from: [{namespaces: {}}]}\n", ""),),
}
"""What to replace on each page; an empty text is the end of the file."""

_ADVISE_NOTHING_TO_WRITE = {
    "NP405": "the file is not a manifest",
    "NP406": "nor is this one",
    "NP408": "another kind of policy is read by nobody here",
    "NP431": "the owner's manifest has to be fetched",
}
_COMES_WITH_ANY_POLICY = {"NP601"}
"""What an error hides and is true of many short examples."""
_PAGES = {
    path.stem: path
    for path in _FILES
    if not list(blocks(path)) and not list(blocks(path, "json")) and path.stem != "NP753"
}


def test_every_page_about_manifests_is_here() -> None:
    assert EDITS.keys() | _ADVISE_NOTHING_TO_WRITE.keys() == _PAGES.keys()


@pytest.mark.parametrize("code", EDITS)
def test_advice_mends_what_it_is_about(code: str) -> None:
    (source,) = blocks(_PAGES[code], "yaml")
    before, text = _found(source.text), source.text
    for old, advised in EDITS[code]:
        assert old in text
        # The last place: what comes twice is reported where it comes again.
        start, end = text.rpartition(old)[::2] if old else (text, "")
        text = start + advised + end
    after = _found(text)
    assert code in _codes(before)
    assert code not in _codes(after), _shown(after)
    new = _codes(after) - _codes(before) - _COMES_WITH_ANY_POLICY
    assert not new, _shown(after)
    errors = [one for one in after if one.severity is Severity.ERROR]
    assert not errors, _shown(errors)


def _found(text: str) -> tuple[Diagnostic, ...]:
    sources = Sources(manifests=(SourceFile("example.yaml", text),))
    return run(sources, Options(today=date(2026, 1, 1))).diagnostics


def _codes(found: Iterable[Diagnostic]) -> set[str]:
    return {one.rule.code for one in found}


def _shown(found: Iterable[Diagnostic]) -> list[str]:
    return [f"{one.rule.code}: {one.message} ({one.help})" for one in found]
