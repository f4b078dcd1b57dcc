"""`netpolc compile --stage` as a user runs it."""

from pathlib import Path

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Files, Put

PROGRAM: dict[str, str | bytes] = {
    "intents/shop.intent": "namespace shop\ndefault: deny\ndb <- api:5432\ncache <- none\n",
    "intents/pay.intent": "namespace pay\ndefault: deny ingress egress\ndb <- api:5432\n",
}
ALLOW = {"pay/allow-dns-egress", "pay/api-egress", "pay/db-ingress", "shop/db-ingress"}
DENY = {
    "pay/deny-all-egress",
    "pay/deny-all-ingress",
    "shop/cache-ingress",
    "shop/deny-all-ingress",
}


def made(files: Files, folder: str) -> set[str]:
    names = (Path(name) for name in files())
    inside = (name.relative_to(folder) for name in names if name.is_relative_to(folder))
    return {name.with_suffix("").as_posix() for name in inside}


def test_each_half_says_what_it_does(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put(PROGRAM)
    assert run(["compile", "--stage", "allow", "-o", "first"]) == 0
    assert "stage " + capfd.readouterr().err.partition("stage ")[2] == (
        "stage allow: the pods that its policies select are closed to all but what is listed;"
        " all others stay open\n"
        "  already closed, egress of every pod: pay\n"
        "  not protected yet, ingress of all other pods: pay, shop\n"
        "  not closed yet, what nobody may reach or leave: shop/cache-ingress\n"
        "compiled 2 namespaces, 4 policies: 4 written\n"
    )
    assert run(["compile", "--stage", "deny", "-o", "second"]) == 0
    assert "stage " + capfd.readouterr().err.partition("stage ")[2] == (
        "stage deny: its policies permit nothing, they only close;"
        " stage allow must be in force before them\n"
        "  closes ingress of every pod: pay, shop\n"
        "  closes egress of every pod: pay\n"
        "  closes what nobody may reach or leave: shop/cache-ingress\n"
        "compiled 2 namespaces, 4 policies: 4 written\n"
    )


def test_folders_of_their_own(put: Put, files: Files) -> None:
    put(PROGRAM)
    for stage, expected in (("allow", ALLOW), ("deny", DENY)):
        arguments = ["compile", "--stage", stage, "-o", stage]
        assert run([*arguments, "--verify"]) == 0
        assert made(files, stage) == expected
        assert run([*arguments, "--check", "--verify"]) == 0
        assert run(["compile", "--check", "-o", stage]) == 1


@pytest.mark.parametrize("stages", [("allow", "deny"), ("deny", "allow")])
def test_one_folder(put: Put, files: Files, stages: tuple[str, str]) -> None:
    put(PROGRAM)
    first, second = stages
    assert run(["compile", "--stage", first]) == 0
    assert run(["compile", "--stage", second, "--check"]) == 1
    assert run(["compile", "--stage", second]) == 0
    for stage in stages:
        assert run(["compile", "--stage", stage, "--check", "--verify"]) == 0
    assert run(["compile", "--check", "--verify"]) == 0
    before = files()
    assert run(["compile"]) == 0
    assert files() == before


def test_what_is_gone_goes_and_what_is_the_others_stays(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    run(["compile"])
    put({"intents/shop.intent": "namespace shop\ndefault: deny\ndb <- web:5432\n"})
    capfd.readouterr()
    assert run(["compile", "--stage", "allow"]) == 0
    assert capfd.readouterr().err.endswith(
        ": 1 written, 3 unchanged, 4 of the other stage left alone\n"
    )
    assert run(["compile", "--stage", "deny"]) == 0
    assert made(files, "out") == (ALLOW | DENY) - {"shop/cache-ingress"}


def test_a_file_for_each_namespace_is_one_for_each_half(put: Put, files: Files) -> None:
    put(PROGRAM)
    for stage in ("allow", "deny"):
        assert run(["compile", "--layout", "namespace", "--stage", stage]) == 0
    assert made(files, "out") == {"pay.allow", "pay.deny", "shop.allow", "shop.deny"}
    assert run(["compile", "--layout", "namespace", "--verify"]) == 0
    assert made(files, "out") == {"pay", "shop"}


def test_two_halves_cannot_share_a_kustomization(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    assert run(["compile", "--kustomization", "--stage", "allow"]) == 0
    assert run(["compile", "--kustomization", "--stage", "allow"]) == 0
    before = files()
    assert run(["compile", "--kustomization", "--stage", "deny"]) == 1
    assert "error[NP745]" in capfd.readouterr().err
    assert run(["compile", "--kustomization", "--stage", "deny", "--check"]) == 1
    assert files() == before
    assert run(["compile", "--kustomization", "--stage", "deny", "-o", "deny"]) == 0
    assert run(["compile", "--kustomization"]) == 0
    assert run(["compile", "--kustomization", "--check", "--verify"]) == 0


def test_a_half_without_a_kustomization_leaves_none_of_an_earlier_compile(
    put: Put, files: Files
) -> None:
    put(PROGRAM)
    assert run(["compile", "--kustomization", "--layout", "source", "--stage", "allow"]) == 0
    assert run(["compile", "--stage", "allow"]) == 0
    assert not [path for path in files() if path.endswith("kustomization.yaml")]


@pytest.mark.parametrize("earlier", [("--stage", "deny"), ()])
def test_a_half_is_not_written_where_a_kustomization_lists_the_other(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str], earlier: tuple[str, ...]
) -> None:
    """Kustomize would leave out what this half writes; without the file, a build would fail."""
    put(PROGRAM)
    assert run(["compile", "--kustomization", *earlier]) == 0
    before = files()
    assert run(["compile", "--stage", "allow"]) == 1
    assert "error[NP745]" in capfd.readouterr().err
    assert files() == before


def test_a_half_as_a_stream(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put(PROGRAM)
    assert run(["compile", "--stage", "deny", "-o", "-"]) == 0
    out = capfd.readouterr().out
    assert out.count("kind: NetworkPolicy") == len(DENY)
    assert "ingress:\n" not in out
    assert "egress:\n" not in out


def test_nothing_to_do_is_said(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/shop.intent": "namespace shop\ndefault: deny\n"})
    assert run(["compile", "--stage", "deny"]) == 0
    assert "stage allow is empty" in capfd.readouterr().err


def test_each_half_has_annotations_of_its_own(put: Put, tmp_path: Path) -> None:
    put(PROGRAM)
    wave = "argocd.argoproj.io/sync-wave"
    put(
        {
            "netpolc.toml": f'[annotations]\n"{wave}" = "5"\n"a" = "b"\n'
            f'[stages.deny.annotations]\n"{wave}" = "1"\n'
        }
    )
    assert run(["compile", "--verify"]) == 0
    for name in ALLOW | DENY:
        text = (tmp_path / f"out/{name}.yaml").read_text()
        assert f'{wave}: "{1 if name in DENY else 5}"' in text
        assert "a: b\n" in text


@pytest.mark.parametrize(
    "table",
    [
        "[stages]\n",
        "[stages.both.annotations]\na = 'b'\n",
        "[stages.deny]\na = 'b'\n",
        "[stages.deny.labels]\na = 'b'\n",
        "[stages.deny.annotations]\n'netpolc/intents' = 'b'\n",
        "stages = 'deny'\n",
    ],
)
def test_a_wrong_table_of_stages(put: Put, capfd: pytest.CaptureFixture[str], table: str) -> None:
    put({**PROGRAM, "netpolc.toml": table})
    assert run(["compile"]) == 1
    assert "error[NP722]" in capfd.readouterr().err
