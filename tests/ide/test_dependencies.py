"""An edit of one file changes what is found in another: each thing that a result depends on."""

from datetime import date
from pathlib import Path

import pytest

from netpolc.commands.check import check
from netpolc.diagnostics.render.json import render
from netpolc.ide.checker import Checker
from netpolc.io.edited_project import EditedProject
from netpolc.io.project import Request

SHOP = "namespace shop\ndefault: deny\n"
POLICY = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: given, namespace: shop}}
spec: {{podSelector: {{matchLabels: {{app: {app}}}}}}}
"""
PAY = "namespace pay\ndefault: deny egress\nb <- none\n"
CASES = {
    "the meaning of a service of another namespace": (
        {"shop.intent": SHOP + "a <- b in ns pay:80\na <- {app=c} in ns pay:80\n"},
        ("pay.intent", PAY, "namespace pay\nservice b = {app=c}\nb <- none\n"),
    ),
    "the label key of another namespace": (
        {"shop.intent": SHOP + "a <- b in ns pay:80\na <- {name=b} in ns pay:80\n"},
        ("pay.intent", PAY, "namespace pay\nlabel: name\nb <- none\n"),
    ),
    "a service that is declared and not named": (
        {"shop.intent": SHOP + "a <- queeu in ns pay:80\n", "pay.intent": PAY},
        ("more.intent", "namespace pay\n", "namespace pay\nservice queue = {app=q}\n"),
    ),
    "what another namespace permits, of an arrow": (
        {"shop.intent": SHOP + "a <- b in ns pay:80\n"},
        ("pay.intent", PAY, PAY + "b -> a in ns shop:80\n"),
    ),
    "what another namespace closes, of an assertion": (
        {"shop.intent": SHOP + "a <- b in ns pay:80\nalways a <- b in ns pay:80\n"},
        ("pay.intent", "namespace pay\nb <- none\n", PAY),
    ),
    "what another namespace permits, of an assertion": (
        {"shop.intent": SHOP + "a <- b in ns pay:80\nalways a <- b in ns pay:80\n"},
        ("pay.intent", PAY, PAY + "b -> a in ns shop:80\n"),
    ),
    "where a statement is that refutes an assertion": (
        {"shop.intent": SHOP + "never a <- b in ns pay:80\n", "more.intent": "namespace shop\na <- b in ns pay\n"},
        ("more.intent", "namespace shop\na <- b in ns pay\n", "# moved\nnamespace shop\na <- b in ns pay\n"),
    ),
    "the labels of another namespace": (
        {"shop.intent": SHOP + "a <- b in ns pay\nnever a <- ns {env=dev}\n"},
        ("pay.intent", "namespace pay {env=prod}\nb <- none\n", "namespace pay {env=dev}\nb <- none\n"),
    ),
    "the names of other namespaces": (
        {"shop.intent": SHOP + "a <- ns {name=pay}\n"},
        ("pay.intent", "namespace other\nb <- none\n", PAY),
    ),
    "policies beside the intents": (
        {"shop.intent": "namespace shop\na <- b\n"},
        ("given.yaml", POLICY.format(app="c"), POLICY.format(app="b")),
    ),
    "settings of the cluster": (
        {"shop.intent": "namespace shop\na <- b\nnever b <- ns *\n"},
        ("cluster.intent", "cluster\ndns: none\n", "cluster\ndns: none\ndefault: deny\n"),
    ),
    "addresses of the cluster": (
        {"shop.intent": SHOP + "a <- 10.0.0.0/8\nonly a <- 10.0.0.0/8\n"},
        ("cluster.intent", "cluster\npods: 10.0.0.0/16\n", "cluster\npods: 11.0.0.0/16\n"),
    ),
    "a block elsewhere that pods may have": (
        {"shop.intent": SHOP + "never a <- b\n", "cluster.intent": "cluster\npods: 10.0.0.0/16\n"},
        ("more.intent", "namespace shop\na <- 12.0.0.0/8\n", "namespace shop\na <- 10.0.0.0/8\n"),
    ),
    "an assertion of the cluster": (
        {"shop.intent": "namespace shop\na <- b\n"},
        ("cluster.intent", "cluster\nnever a <- c\n", "cluster\nnever a <- b\n"),
    ),
    "statements of the cluster in other namespaces": (
        {"cluster.intent": "cluster\n* <- ns m:1\n", "shop.intent": SHOP + "* <- ns m\n"},
        ("pay.intent", "namespace pay\ndefault: deny\n", "namespace pay\ndefault: deny\n* <- ns m\n"),
    ),
    "settings of netpolc.toml": (
        {"shop.intent": SHOP + "a <- b in ns pay:80\n", "pay.intent": PAY},
        ("netpolc.toml", "", '[lint]\nignore = ["NP605"]\n'),
    ),
}  # fmt: skip


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / (name if name.endswith((".toml", ".yaml")) else f"intents/{name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("case", CASES)
def test_finding_follows_what_it_depends_on(case: str, tmp_path: Path) -> None:
    texts, (name, before, after) = CASES[case]
    for other, text in texts.items():
        put(tmp_path, other, text)
    put(tmp_path, "given.yaml", "")
    edited = put(tmp_path, name, before)
    request = Request(
        here=tmp_path, today=date(2026, 11, 27), checking=True, beside=("given.yaml",)
    )
    project, checker = EditedProject(request), Checker()
    found = []
    for text in (before, after, before):
        project.open(edited, text)
        edited.write_text(text)
        found.append(render(check((request,)).findings))
        assert render(checker.check(project.read()).diagnostics) == found[-1]
    assert found[0] != found[1], "the case shows nothing"
