"""`netpolc compile` as a user runs it."""

import io
from pathlib import Path

import pytest
import yaml

from netpolc.cli.main import run
from netpolc.manifest.write import HEADER
from tests.cli.conftest import GONE, Files, Put

SHOP: dict[str, str | bytes] = {
    "intents/shop.intent": "namespace shop\ndefault: deny\ndb <- api:5432\n"
}


def test_intents_become_a_file_for_each_policy(
    put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    assert run(["compile"]) == 0
    assert capfd.readouterr() == ("", "compiled 1 namespace, 2 policies: 2 written\n")
    assert (tmp_path / "out/shop/deny-all-ingress.yaml").exists()
    text = (tmp_path / "out/shop/db-ingress.yaml").read_text()
    assert text.startswith(f"{HEADER} from intents/shop.intent.")
    assert yaml.safe_load(text)["spec"] == {
        "podSelector": {"matchLabels": {"app": "db"}},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [{"podSelector": {"matchLabels": {"app": "api"}}}],
                "ports": [{"protocol": "TCP", "port": 5432}],
            }
        ],
    }


def test_nothing_on_standard_input_removes_nothing(
    put: Put, files: Files, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is what is left of a pipe whose first command failed."""
    put(SHOP)
    run(["compile"])
    before = files()
    for text in (b"", b" \n"):
        for command in ("compile", "check"):
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
            assert run([command, "-"]) == 1
            said = "error[NP705]: there is no intent and no manifest in `<stdin>`"
            assert said in capfd.readouterr().err
    assert files() == before


@pytest.mark.parametrize("command", ["check", "list", "ir", "graph"])
@pytest.mark.parametrize("name", ["intents/empty.intent", "empty.yaml"])
def test_an_empty_file_alone_is_an_error(
    put: Put, capfd: pytest.CaptureFixture[str], command: str, name: str
) -> None:
    """`helm template > empty.yaml` leaves such a file when it fails."""
    put({name: "\n"})
    assert run([command, name]) == 1
    finding = f"error[NP705]: there is no intent and no manifest in `{name}`"
    assert finding in capfd.readouterr().err


def test_an_empty_file_next_to_counted_manifests_is_an_error(put: Put) -> None:
    put({"empty.intent": "", "k8s/web.yaml": "kind: List\n"})
    for command in ("compile", "check", "list"):
        assert run([command, "empty.intent", "--with", "k8s"]) == 1


def test_an_empty_file_beside_others_is_no_error(put: Put) -> None:
    put({**SHOP, "intents/later.intent": ""})
    assert run(["check"]) == 0


def test_a_second_compile_writes_nothing_and_says_what_changed(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    run(["compile"])
    assert run(["compile", "--verify"]) == 0
    put({"intents/shop.intent": "namespace shop\ndb <- web:5432\nweb <- none\n"})
    assert run(["compile"]) == 0
    assert capfd.readouterr().err.splitlines()[1:] == [
        "compiled 1 namespace, 2 policies: 2 unchanged",
        "removed out/shop/deny-all-ingress.yaml",
        "compiled 1 namespace, 2 policies: 2 written, 1 removed",
    ]


def test_an_error_changes_nothing(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    run(["compile"])
    put({"intents/web.intent": "namespace shop\nweb <- api:99999\nweb = api\n"})
    before = files()
    assert run(["compile"]) == 1
    assert files() == before
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("error[NP1") == 2
    assert err.endswith("2 errors; nothing was written\n")


def test_warnings_are_shown_and_under_strict_are_errors(
    put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": "db <- api:5432\n"})
    assert run(["compile", "--strict"]) == 1
    assert not (tmp_path / "out").exists()
    assert capfd.readouterr().err.endswith("1 error; nothing was written\n")
    assert run(["compile"]) == 0
    err = capfd.readouterr().err
    assert err.startswith("warning[NP601]")
    assert err.endswith("compiled 1 namespace, 1 policy: 1 written (1 warning)\n")


def test_statements_before_a_header_belong_to_the_namespace_given(put: Put, tmp_path: Path) -> None:
    put({"intents/a.intent": "db <- none\n"})
    assert run(["compile", "--namespace", "prod"]) == 0
    assert (tmp_path / "out/prod/db-ingress.yaml").exists()


def test_a_stream_on_standard_output(
    put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    assert run(["compile", "-o", "-"]) == 0
    out, err = capfd.readouterr()
    assert [document["metadata"]["name"] for document in yaml.safe_load_all(out)] == [
        "db-ingress",
        "deny-all-ingress",
    ]
    assert err == "compiled 1 namespace, 2 policies\n"
    assert not (tmp_path / "out").exists()


def test_layouts_and_kustomizations(put: Put, files: Files) -> None:
    put({"intents/team/db.intent": "namespace shop\ndb <- none\n"})
    before = set(files())
    made = {}
    for layout in ("policy", "namespace", "source"):
        assert run(["compile", "--layout", layout, "--kustomization"]) == 0
        made[layout] = sorted(set(files()) - before)
    assert made == {
        "policy": [
            "out/kustomization.yaml",
            "out/shop/db-ingress.yaml",
            "out/shop/kustomization.yaml",
        ],
        "namespace": ["out/kustomization.yaml", "out/shop.yaml"],
        "source": [
            "out/kustomization.yaml",
            "out/team/kustomization.yaml",
            "out/team/shop.db-ingress.yaml",
        ],
    }


def test_manifests_can_lie_beside_the_intents(put: Put, files: Files) -> None:
    put({"apps/db/db.intent": "db <- none\n", "apps/db/deployment.yaml": "kind: Deployment\n"})
    assert run(["compile", "apps", "-o", "apps", "--layout", "source"]) == 0
    assert set(files()) == {
        "apps/db/db.intent",
        "apps/db/deployment.yaml",
        "apps/db/default.db-ingress.yaml",
    }


def test_check_passes_only_what_a_compile_would_leave(
    put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    assert run(["compile", "--check"]) == 1
    assert not (tmp_path / "out").exists()
    out, err = capfd.readouterr()
    assert "missing: out/shop/db-ingress.yaml\n--- /dev/null\n+++ out/shop/db-ingress.yaml" in out
    assert err == "out is not up to date: 2 missing; run the same command without `--check`\n"
    run(["compile"])
    assert run(["compile", "--check", "--verify"]) == 0
    capfd.readouterr()

    path = tmp_path / "out/shop/db-ingress.yaml"
    good = path.read_text()
    path.write_text(good.replace("5432", "1-65535"))
    put({"out/gone/x.yaml": GONE, "out/theirs.yaml": "kind: ConfigMap\n"})
    assert run(["compile", "--check"]) == 1
    out, err = capfd.readouterr()
    assert "stale or edited by hand: out/shop/db-ingress.yaml" in out
    assert "left over: out/gone/x.yaml" in out
    assert "theirs" not in out
    assert err.startswith("out is not up to date: 1 stale or edited by hand, 1 left over;")
    assert (tmp_path / "out/gone/x.yaml").exists()


@pytest.mark.parametrize("layout", ["policy", "namespace", "source"])
@pytest.mark.parametrize("kustomization", [[], ["--kustomization"]])
def test_outputs_in_each_other_leave_each_other_alone(
    put: Put, files: Files, layout: str, kustomization: list[str]
) -> None:
    put({**SHOP, "env/prod.intent": "namespace prod\nweb <- none\n", "out/.keep": ""})
    how = ["--layout", layout, *kustomization]
    outputs = [
        [*how, "-o", "out/prod"],
        ["env", *how, "-o", "out/env"],
        [*how],
        [*how, "-o", "."],
        ["--stage", "allow", "-o", "out/allow"],
        ["--stage", "deny", "-o", "out/deny"],
    ]
    for output in outputs:
        assert run(["compile", *output]) == 0
    made = files()
    for output in outputs:
        assert run(["compile", *output]) == 0
        assert run(["compile", "--check", *output]) == 0
    assert files() == made


def test_a_new_namespace_does_not_slip_through_check(put: Put) -> None:
    put(SHOP)
    run(["compile"])
    put({"intents/new.intent": "namespace new\ndb <- none\n"})
    assert run(["compile", "--check"]) == 1


def test_a_file_of_somebody_else_stops_a_compile(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP | {"out/shop/db-ingress.yaml": "mine\n"})
    before = files()
    for arguments in (["compile"], ["compile", "--check"]):
        assert run(arguments) == 1
        assert files() == before
        err = capfd.readouterr().err
        assert "error[NP711]: `out/shop/db-ingress.yaml` was not made by netpolc" in err


def test_an_ir_file_compiles_to_the_same_bytes(
    put: Put, tmp_path: Path, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    run(["compile"])
    capfd.readouterr()
    assert run(["ir"]) == 0
    put({"shop.json": capfd.readouterr().out})
    (tmp_path / "intents/shop.intent").unlink()
    before = files()
    assert run(["compile", "shop.json"]) == 0
    assert files() == before


def test_an_ir_file_adds_to_intents_and_must_not_contradict_them(
    put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"a/a.intent": "namespace shop {env=prod}\ndb <- api:1\n"})
    assert run(["ir", "a"]) == 0
    text = capfd.readouterr().out
    put({"shop.json": text, "b/b.intent": "namespace shop {env=prod}\ndb <- web:2\napi <- none\n"})
    assert run(["compile", "b", "shop.json"]) == 0
    spec = yaml.safe_load((tmp_path / "out/shop/db-ingress.yaml").read_text())["spec"]
    assert [rule["ports"][0]["port"] for rule in spec["ingress"]] == [1, 2]
    capfd.readouterr()
    put({"shop.json": text.replace('"prod"', '"dev"')})
    assert run(["compile", "b", "shop.json"]) == 1
    assert "error[NP730]" in capfd.readouterr().err


def test_netpolc_toml_says_what_a_team_always_wants(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(
        {
            "netpolc.toml": """
                sources = "policy"
                output = "deploy"
                layout = "namespace"
                namespace = "shop"
                kustomization = true
                strict = true
                [labels]
                team = "platform"
                [annotations]
                "argocd.argoproj.io/sync-wave" = "-1"
            """,
            "policy/a.intent": "db <- none\n",
            "deep/down/b.intent": "db <- none\n",
        }
    )
    monkeypatch.chdir(tmp_path / "deep/down")
    assert run(["compile"]) == 0
    text = (tmp_path / "deploy/shop.yaml").read_text()
    assert text.startswith(f"{HEADER} from policy/a.intent.")
    metadata = yaml.safe_load(text)["metadata"]
    assert metadata["labels"]["team"] == "platform"
    assert metadata["annotations"]["argocd.argoproj.io/sync-wave"] == "-1"
    assert (tmp_path / "deploy/kustomization.yaml").exists()
    overriding = ["b.intent", "-o", "here", "--layout", "policy", "--no-kustomization"]
    assert run(["compile", *overriding, "--namespace", "ops"]) == 0
    made = list((tmp_path / "deep/down/here").rglob("*.yaml"))
    assert made == [tmp_path / "deep/down/here/ops/db-ingress.yaml"]
    assert made[0].read_text().startswith(f"{HEADER} from deep/down/b.intent.")


def test_a_slip_in_netpolc_toml_stops_everything(
    put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP | {"netpolc.toml": "strickt = true\n"})
    assert run(["compile"]) == 1
    assert not (tmp_path / "out").exists()
    err = capfd.readouterr().err
    assert "error[NP721]" in err
    assert "did you mean `strict`?" in err


def test_the_bytes_do_not_tell_where_the_checkout_lies(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trees = []
    for place in ("here", "some/where/else"):
        put({f"{place}/{name}": text for name, text in SHOP.items()})
        monkeypatch.chdir(tmp_path / place)
        assert run(["compile"]) == 0
        out = tmp_path / place / "out"
        trees.append({p.relative_to(out): p.read_bytes() for p in out.rglob("*.yaml")})
    assert trees[0] == trees[1]


def test_expired_arrows_are_a_warning(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/a.intent": "db <- none\ndb <- db:1 until 2025-12-31\n"})
    assert run(["compile"]) == 0
    assert "warning[NP603]: `db <- db:1 until 2025-12-31` should" in capfd.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["compile", "-o", "-", "--check"],
        ["compile", "-o", "-", "--verify"],
        ["compile", "-o", ""],
        ["compile", ""],
        ["compile", "--namespace", "../x"],
        ["compile", "--layout", "x"],
        ["compile", "--no-such"],
        ["no-such"],
    ],
)
def test_wrong_usage(
    put: Put, tmp_path: Path, arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    assert run(arguments) == 2
    assert not (tmp_path / "out").exists()
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("Usage: netpolc")
