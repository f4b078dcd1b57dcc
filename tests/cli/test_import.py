"""`netpolc import` as a user runs it."""

import io
from pathlib import Path

import pytest

from netpolc.cli.main import run
from netpolc.commands import import_
from netpolc.ir.model import Policies
from netpolc.passes import decompile
from netpolc.syntax.tree import IntentFile
from tests.cli.conftest import Files, Put

DENY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}}
"""
DB = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
  namespace: shop
spec:
  podSelector: {matchLabels: {app: db}}   # the database
  ingress:
  - from: [{podSelector: {matchLabels: {app: api}}}]
    ports: [{port: 5432}]
"""
SHOP: dict[str, str | bytes] = {"k8s/all.yaml": f"{DENY}---\n{DB}"}
SUMMARY = "equivalent: 2 policies, 1 connection class\n"


def test_manifests_become_intents_that_are_equal(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    assert run(["import", "k8s"]) == 0
    out, err = capfd.readouterr()
    assert (out, err.splitlines(keepends=True)[-1]) == ("", SUMMARY)
    assert err.startswith("2 files written to intents; 14 lines of YAML, 4 of intent\n")
    written = files()
    assert written["intents/shop/db.intent"] == (
        b"# Imported from k8s/all.yaml: db\nnamespace shop\n\n# the database\ndb <- api:5432\n"
    )
    assert written["intents/shop/namespace.intent"] == (
        b"# Imported from k8s/all.yaml: deny\nnamespace shop\n\ndefault: deny\n"
    )
    assert run(["check"]) == 0


def test_a_second_import_finds_everything_in_place(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    run(["import", "k8s"])
    before = files()
    assert run(["import", "k8s"]) == 0
    assert "intents is up to date" in capfd.readouterr().err
    assert files() == before


def test_what_somebody_wrote_is_replaced_only_by_force(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put({**SHOP, "intents/shop/db.intent": "namespace shop\ndb <- none\n"})
    before = files()
    assert run(["import", "k8s"]) == 1
    err = capfd.readouterr().err
    assert "error[NP723]: `intents/shop/db.intent` exists already and is different" in err
    assert err.endswith("1 error; nothing was written\n")
    assert files() == before
    assert run(["import", "k8s", "--force"]) == 0
    assert b"api:5432" in files()["intents/shop/db.intent"]


def test_the_example_of_new_can_be_removed(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put(SHOP)
    assert run(["new"]) == 0
    assert run(["import", "k8s"]) == 1
    assert (
        "help: if it is only the example of `netpolc new`, remove it; else"
        in capfd.readouterr().err
    )
    Path("intents/example.intent").unlink()
    assert run(["import", "k8s"]) == 0


def test_other_intents_would_join_what_was_proved(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put({**SHOP, "intents/web.intent": "namespace shop\nweb <- any\n"})
    before = files()
    assert run(["import", "k8s"]) == 1
    shown = capfd.readouterr().err
    assert "error[NP724]" in shown
    assert "netpolc new" not in shown
    assert files() == before
    assert run(["import", "k8s", "--force"]) == 0


@pytest.mark.skipif(not hasattr(Path, "symlink_to"), reason="no symbolic links here")
def test_nothing_is_written_through_a_link(
    put: Put, tmp_path: Path, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put({**SHOP, "elsewhere/there.txt": ""})
    (tmp_path / "intents").mkdir()
    (tmp_path / "intents/shop").symlink_to(tmp_path / "elsewhere")
    assert run(["import", "k8s", "--force"]) == 1
    assert "error[NP712]" in capfd.readouterr().err
    assert "elsewhere/db.intent" not in files()


@pytest.mark.parametrize("way", ["-", "dry"])
def test_a_look_at_it_writes_nothing(
    way: str, put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    before = files()
    arguments = ["--by", "namespace", *(["-o", "-"] if way == "-" else ["--dry-run"])]
    assert run(["import", "k8s", *arguments]) == 0
    out, err = capfd.readouterr()
    assert files() == before
    assert err.endswith(SUMMARY)
    assert ("db <- api:5432\n" in out) is (way == "-")


def test_standard_output_compiles_as_it_is(
    put: Put, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    run(["import", "k8s", "-o", "-"])
    text = capfd.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert run(["compile", "-", "-o", "-"]) == 0
    assert capfd.readouterr().out.count("kind: NetworkPolicy") == 2


def test_what_the_api_refuses_is_an_error_and_nothing_is_written(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put({**SHOP, "k8s/bad.yaml": DENY.replace("{podSelector: {}}", "{podSelector: []}")})
    before = files()
    assert run(["import", "k8s"]) == 1
    assert "error[NP411]: `podSelector` must be a mapping" in capfd.readouterr().err
    assert files() == before


def test_without_a_policy_there_is_nothing_to_import(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"k8s/ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"})
    assert run(["import", "k8s"]) == 1
    assert "error[NP726]: there is no NetworkPolicy among the manifests" in capfd.readouterr().err


def test_intents_are_no_manifests(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({**SHOP, "some.intent": "db <- api\n", "ir.json": '{"version": 2}'})
    assert run(["import", "k8s", "some.intent", "ir.json"]) == 1
    err = capfd.readouterr().err
    assert "error[NP727]: `some.intent` holds no manifests" in err
    assert "error[NP727]: `ir.json` holds no manifests" in err


def test_manifests_must_be_given(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["import"]) == 2
    assert "Missing argument" in capfd.readouterr().err


def test_objects_without_a_namespace_are_where_the_option_says(put: Put, files: Files) -> None:
    put({"k8s/all.yaml": DB.replace("  namespace: shop\n", "")})
    assert run(["import", "k8s", "--namespace", "pay"]) == 0
    assert files()["intents/pay/db.intent"].startswith(b"# Imported")


@pytest.fixture
def unsayable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the writer fail for the policy `db`, as a gap in the language would."""

    def wrong(policies: Policies, style: decompile.Style, *_: object) -> dict[str, IntentFile]:
        files = dict(decompile.decompile(policies, style))
        files.pop("shop/db.intent", None)
        return files

    monkeypatch.setattr(import_, "decompile", wrong)


@pytest.mark.usefixtures("unsayable")
def test_a_policy_that_cannot_be_said_is_named(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    before = files()
    assert run(["import", "k8s"]) == 1
    err = capfd.readouterr().err
    assert "error[NP725]: `db` cannot be expressed as intents" in err
    assert "--> k8s/all.yaml:6:1" in err
    assert "`deny`" not in err
    assert files() == before


@pytest.mark.usefixtures("unsayable")
def test_a_policy_that_cannot_be_said_is_kept_as_it_is(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    assert run(["import", "k8s", "--keep-unliftable", "kept"]) == 0
    err = capfd.readouterr().err
    assert err.endswith("1 policy kept as manifests\n" + SUMMARY)
    written = files()
    assert written["kept/shop/db.yaml"].decode() == DB
    assert [name for name in written if name.startswith("intents")] == [
        "intents/shop/namespace.intent"
    ]
    assert run(["check", "intents", "--with", "kept"]) == 0
    assert run(["can", "db <- api:5432", "intents", "--with", "kept"]) == 0


HOSTILE: dict[str, str | bytes] = {
    "control characters": "# \x01\x1b[31m\u202e\u2028\n" + DB,
    "bidi": "# a\u202eb\u2066c\u200f\n" + DB,
    "a long comment": f"# {'x' * 200_000}\n{DB}",
    "a long run of ornaments": f"# {'=' * 200_000}x{'=' * 200_000}\n{DB}",
    "many comments": "# x\n\n" * 20_000 + f"{DB}---\n{DENY}",
    "a comment sign in quotes": DB.replace(
        "  name: db\n", "  name: db\n  annotations: {a: ' #'}\n"
    ),
    "crlf": DB.replace("\n", "\r\n"),
    "json": '{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": '
    '{"name": "db", "annotations": {"description": "a \\n# b \\"c\\""}}, '
    '"spec": {"podSelector": {"matchLabels": {"app": "db"}}}}',
    "our own annotation, forged": DB.replace(
        "  name: db\n", "  name: db\n  annotations: {netpolc/intents: 'db <- * because \"\\'}\n"
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_stands_beside_a_policy_cannot_change_it(
    name: str, put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    text = HOSTILE[name]
    put({"k8s/all.yaml": text})
    if name == "control characters":  # YAML does not have them
        assert run(["import", "k8s"]) == 1
        return
    assert run(["import", "k8s"]) == 0
    assert "equivalent: " in capfd.readouterr().err
    assert run(["check"]) == 0
    assert run(["compile", "--verify"]) == 0


def test_a_file_s_name_cannot_write_into_an_intent(put: Put, files: Files) -> None:
    put({"k8s/x\ndb <- any\n#.yaml": DB})
    assert run(["import", "k8s"]) == 0
    (text,) = (data.decode() for name, data in files().items() if name.endswith("db.intent"))
    assert [line for line in text.splitlines() if "<-" in line and not line.startswith("#")] == [
        "db <- api:5432"
    ]


@pytest.mark.parametrize("command", ["import", "init"])
def test_an_empty_path_is_no_folder(
    command: str, put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is a shell's variable without a value; the working folder is not meant."""
    put(SHOP)
    assert run([command, ""]) == 2
    assert "an empty path (a variable without a value?)" in capfd.readouterr().err


def test_the_findings_about_the_manifests_are_counted(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    twice = DB.replace("from: [", "from: [{podSelector: {}}, ")
    put({"k8s/all.yaml": f"{DENY}---\n{twice}"})
    assert run(["import", "k8s"]) == 0
    err = capfd.readouterr().err
    (line,) = [line for line in err.splitlines() if "`netpolc check k8s`" in line]
    assert line.endswith(" about the manifests: `netpolc check k8s`")
    assert "NP6" not in err
    counted = line.removesuffix(" about the manifests: `netpolc check k8s`")
    assert run(["check", "k8s"]) == 0
    assert capfd.readouterr().err.endswith(f": {counted}\n")


DNS = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
# Name service for everybody.
metadata: {name: allow-dns, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
      podSelector: {matchLabels: {k8s-app: coredns}}
    ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
"""


def test_a_comment_about_dns_is_written_once(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"k.yaml": "# Why it is closed.\n" + DNS})
    assert run(["import", "k.yaml", "-o", "-"]) == 0
    out = capfd.readouterr().out
    assert out.count("Why it is closed.") == 1
    assert "dns: {k8s-app=coredns} in ns kube-system" in out
