"""A file of another tool never hides what is found in manifests, and a broken policy is never set aside."""

from pathlib import Path

import pytest

from netpolc.cli.main import run

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress: [{from: [{namespaceSelector: {matchLabels: {name: kube-system}}}]}]
"""
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: db, namespace: shop, labels: {app: db}}\nspec: {containers: []}\n"
FOREIGN = {
    "package.json": '{"name": "x", "version": "1"}',
    "patch.yaml": "- {op: replace, path: /spec/replicas, value: 2}\n",
    "merge.yaml": "metadata: {name: db}\nspec: {replicas: 2}\n",
    "values.yaml": "ingress:\nnetworkPolicy: {enabled: true}\n",
    "agent-values.yaml": "kind: DaemonSet\nimage: {tag: '1'}\n",
    "mkdocs.yml": "x: !!python/name:a.b\n",
    "broken.yaml": "a: [1\nb: }\n",
    "twice.yaml": "a: 1\na: 2\n",
    "note.yaml": "a text\n",
    "tabs.yaml": "a:\n\tb: 1\n",
    "items.yaml": "items: [{a: 1}]\n",
    "chart.yaml": POD.replace("name: db,", "name: {{ .Values.x }},"),
    "value.yaml": POD.replace("name: db,", 'name: "{{ .Values.x }}",'),
}
TEMPLATES = {
    "template.yaml": POLICY.replace("name: db,", "name: {{ .Values.x }},"),
    "list.yaml": 'kind: List\nitems: [{{ include "x" . }}]\n',
    "kind.yaml": "kind: {{ .Values.kind }}\n",
    "documents.yaml": POD + '{{ include "x.netpol" . }}\n',
    "two.yaml": "---\n".join((POD.replace("db", "{{ x }}"), "kind: {{ x }}\n")),
}
"""Templates of policies, or of what nobody knows."""
MISSING = {
    "typo.yaml": POLICY.replace("kind: NetworkPolicy\n", ""),
    "no-version.yaml": POLICY.replace("apiVersion: networking.k8s.io/v1\n", ""),
    "broken.yaml": POLICY.replace("[Ingress]", "[Ingress"),
    **TEMPLATES,
    "escaped.yaml": '"\\x6bind": [\n',
    "folded.yaml": '"ki\\\nnd": [\n',
    "pod.yaml": POD.replace("apiVersion: v1\n", ""),
}


def checked(capsys: pytest.CaptureFixture[str], folder: Path, *command: str) -> tuple[int, str]:
    """The exit code and the text of a command on a folder."""
    code = run([*command, str(folder)])
    return code, "".join(capsys.readouterr())


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_hides_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "np.yaml").write_text(POLICY + "---\n" + POD)
    (tmp_path / name).write_text(FOREIGN[name])
    code, text = checked(capsys, tmp_path, "check")
    assert code == 0
    assert "NP629" in text
    assert "NP406" in text
    for command in (("list",), ("import", "-o", "-"), ("init", "-o", "-")):
        code, text = checked(capsys, tmp_path, *command)
        assert code == 0, text


@pytest.mark.parametrize("name", MISSING)
def test_a_broken_manifest_is_an_error_beside_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "np.yaml").write_text(POLICY.replace("name: db,", "name: other,"))
    (tmp_path / name).write_text(MISSING[name])
    code, text = checked(capsys, tmp_path, "check")
    assert code == 1
    assert "NP406" not in text


@pytest.mark.parametrize("name", ["broken.yaml", "note.yaml", "mkdocs.yml", "merge.yaml"])
def test_a_foreign_file_alone_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / name).write_text(FOREIGN[name])
    code, _ = checked(capsys, tmp_path, "check")
    assert code == 1


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_hides_nothing_and_proves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "np.yaml").write_text(POLICY + "---\n" + POD)
    (tmp_path / name).write_text(TEMPLATES[name])
    code, text = checked(capsys, tmp_path, "check")
    assert code == 1
    assert "NP403" in text
    assert "NP629" in text
    intents = tmp_path / "intents"
    intents.mkdir()
    (intents / "a.intent").write_text("namespace shop\ndefault: deny\nnever db <- internet\n")
    code, text = checked(capsys, intents, "check", "--with", str(tmp_path / name))
    assert code == 1
    assert "NP502" in text
    assert "whose kind is not read" in text
    assert "proved" not in text
