"""Several environments in one netpolc.toml: every command does all of them, or asks which one."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.cli.main import run
from netpolc.io.output_marker import MARKER
from tests.cli.conftest import Files, Put

CONFIG = """\
sources = "intents"

[labels]
team = "shop"

[outputs.prod]
sources = ["intents", "env/prod.intent"]
labels = {env = "prod"}

[outputs.staging]
sources = ["intents", "env/staging.intent"]
layout = "namespace"
"""
PROGRAM: dict[str, str | bytes] = {
    "netpolc.toml": CONFIG,
    "intents/shop.intent": "namespace shop\ndefault: deny\nweb <- office:443\ndb <- web:5432\n",
    "env/prod.intent": "cluster\ngroup office = 203.0.113.0/24\n",
    "env/staging.intent": "cluster\ngroup office = 10.0.0.0/8\n",
}


def test_compile_writes_all_outputs_with_a_line_for_each(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    assert run(["compile"]) == 0
    assert capfd.readouterr().err.splitlines() == [
        "prod: compiled 1 namespace, 3 policies: 3 written",
        "staging: compiled 1 namespace, 3 policies: 1 written",
    ]
    written = files()
    assert b"203.0.113.0/24" in written["out/prod/shop/web-ingress.yaml"]
    assert b"env: prod\n    team: shop\n" in written["out/prod/shop/web-ingress.yaml"]
    assert b"10.0.0.0/8" in written["out/staging/shop.yaml"]
    assert b"env: prod" not in written["out/staging/shop.yaml"]
    assert Path("out/prod", MARKER).read_text("utf-8").endswith("\noutput: prod\n")
    assert run(["compile", "--check"]) == 0


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_several_processes_write_and_say_the_same(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netpolc.io.processes._WORTHWHILE", 1)
    put(PROGRAM)
    assert run(["compile", "--jobs", "3"]) == 0
    assert capfd.readouterr().err.splitlines() == [
        "prod: compiled 1 namespace, 3 policies: 3 written",
        "staging: compiled 1 namespace, 3 policies: 1 written",
    ]
    written = files()
    assert run(["compile", "--jobs", "1", "--check"]) == 0
    assert run(["compile", "--jobs", "2", "--check", "--verify"]) == 0
    assert run(["check", "--jobs", "2"]) == run(["check", "--jobs", "1"]) == 0
    assert files() == written


def test_one_output_is_chosen_from_anywhere(
    put: Put, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(PROGRAM)
    monkeypatch.chdir("intents")
    assert run(["compile", "-e", "prod"]) == 0
    assert {path.split("/")[1] for path in files() if path.startswith("out/")} == {"prod"}
    assert run(["compile", "--environment", "prod", "--check"]) == 0
    assert run(["compile", "--check"]) == 1


def test_no_output_is_written_if_another_one_has_an_error(put: Put, files: Files) -> None:
    put(PROGRAM)
    put({"env/staging.intent": "cluster\ngroup office = 10.0.0.1/8\n"})
    before = files()
    assert run(["compile"]) == 1
    assert files() == before
    assert run(["compile", "-e", "prod"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["graph"],
        ["report"],
        ["ir"],
        ["owners", "intents"],
        ["diff", "intents", "--format", "json"],
        ["compile", "-o", "elsewhere"],
        ["compile", "-o", "-"],
        ["can", "db <- web:5432", "--json"],
        ["list", "--format", "csv"],
    ],
)
def test_commands_about_one_output_ask_which(
    arguments: list[str], put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    before = files()
    assert run(arguments) in {1, 2}
    told = capfd.readouterr()
    assert "error[NP749]: netpolc.toml has 2 outputs" in told.err
    assert "choose with `-e`: prod, staging" in told.err
    assert told.out in {"", "[]\n"}
    assert files() == before


def test_a_slip_in_the_name_is_answered_with_the_nearest(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    assert run(["check", "-e", "prdo"]) == 1
    assert "did you mean `prod`?" in capfd.readouterr().err
    put({"netpolc.toml": ""})
    assert run(["check", "-e", "prod"]) == 1
    assert "`[outputs.prod]`" in capfd.readouterr().err


def test_sources_on_the_command_line_belong_to_no_output(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    assert run(["check", "intents", "env/prod.intent"]) == 0
    assert run(["compile", "intents", "env/prod.intent"]) == 2
    assert "-o" in capfd.readouterr().err
    assert run(["compile", "intents", "env/prod.intent", "-o", "elsewhere"]) == 0
    assert run(["compile", "intents", "env/prod.intent", "-o", "out/prod"]) == 0
    assert run(["compile"]) == 1, "out/prod is an output of other sources now"


def test_can_answers_for_each_output(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put(PROGRAM)
    assert run(["can", "web <- 203.0.113.7/32:443"]) == 1
    out = capfd.readouterr().out
    assert out.startswith("prod:\nyes: ")
    assert "\nstaging:\nno: " in out
    assert run(["can", "web <- 203.0.113.7/32:443", "-e", "prod"]) == 0


def test_a_finding_names_its_outputs_if_not_all_have_it(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    put(
        {
            "intents/more.intent": "namespace shop\nweb <- 203.0.113.0/25:443\nunused <- any\nunused <- any:1\n"
        }
    )
    assert run(["check", "--format", "concise"]) == 0
    out = capfd.readouterr().out
    assert "more.intent:2:1: warning[NP604]" in out
    assert "(output prod)" in out.splitlines()[0]
    assert "(output" not in out.splitlines()[-1]


def test_an_ignore_that_one_output_needs_is_not_unused(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    put(
        {
            "intents/more.intent": "namespace shop\n# netpolc: ignore[NP604] staging needs it\n"
            "web <- 203.0.113.0/25:443\ndb <- web:5432\n"
        }
    )
    assert run(["check", "--format", "concise"]) == 0
    out = capfd.readouterr().out
    assert "NP690" not in out
    assert run(["check", "--strict", "-e", "staging"]) == 1, "other findings"
    assert "NP690" not in capfd.readouterr().err


def test_fmt_formats_the_intents_of_all_outputs_once(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    put({"env/prod.intent": "cluster\ngroup office=203.0.113.0/24\n"})
    assert run(["fmt", "--check"]) == 1
    assert capfd.readouterr().out == "env/prod.intent\n"
    assert run(["fmt"]) == 0
    assert run(["fmt", "--check"]) == 0


def test_manifests_of_an_output_count_in_its_proofs(put: Put) -> None:
    put(PROGRAM)
    policy = (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        "metadata: {name: open, namespace: shop}\n"
        "spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{}]}\n"
    )
    put(
        {
            "netpolc.toml": CONFIG + 'with = "k8s"\n',
            "intents/claim.intent": "namespace shop\nnever db <- internet\n",
            "k8s/open.yaml": policy,
        }
    )
    assert run(["check", "-e", "prod"]) == 0
    assert run(["check", "-e", "staging"]) == 1


def test_a_folder_of_an_output_that_is_gone_is_taken_over(put: Put) -> None:
    put({**PROGRAM, "netpolc.toml": 'sources = ["intents", "env/prod.intent"]\n'})
    assert run(["compile"]) == 0
    put({"netpolc.toml": CONFIG.replace("[outputs.prod]", '[outputs.prod]\noutput = "out"')})
    assert run(["compile"]) == 1, "out/staging would be inside out"
    put(
        {
            "netpolc.toml": '[outputs.prod]\noutput = "out"\nsources = ["intents", "env/prod.intent"]\n'
        }
    )
    assert run(["compile"]) == 0
    assert Path("out", MARKER).read_text("utf-8").endswith("\noutput: prod\n")


FOLDERS = ("out/prod", "out/staging", "deploy", "intents/out")
_steps = st.tuples(
    st.sampled_from([[], ["-e", "prod"], ["-e", "staging"], ["-e", "third"], ["--stage", "allow"]]),
    st.permutations(FOLDERS).map(lambda folders: folders[:3]),
    st.sampled_from(["policy", "namespace", "source"]),
    st.sets(st.sampled_from(["a", "b", "c"])),
)


@settings(deadline=None, max_examples=settings().max_examples // 4)
@given(st.lists(_steps, min_size=2, max_size=5))
def test_no_output_touches_the_manifests_of_another(
    steps: list[tuple[list[str], list[str], str, set[str]]],
) -> None:
    here = Path.cwd()
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / "intents").mkdir()
        os.chdir(folder)
        try:
            for step in steps:
                _compile(folder, *step)
        finally:
            os.chdir(here)


def _compile(
    folder: Path, arguments: list[str], folders: list[str], layout: str, services: set[str]
) -> None:
    """Describe three outputs, compile, and compare each folder with what its output is."""
    names = ("prod", "staging", "third")
    tables = "".join(
        f'[outputs.{name}]\noutput = "{path}"\nsources = "intents/{name}.intent"\n'
        for name, path in zip(names, folders, strict=True)
    )
    (folder / "netpolc.toml").write_text(f'layout = "{layout}"\n{tables}', encoding="utf-8")
    for name in names:
        lines = "".join(f"{service} <- {name}\n" for service in sorted(services))
        text = f"namespace {name}\ndefault: deny\n{lines}"
        (folder / f"intents/{name}.intent").write_text(text, encoding="utf-8")
    before = {path: _manifests(folder / path) for path in FOLDERS}
    code = run(["compile", *arguments])
    after = {path: _manifests(folder / path) for path in FOLDERS}
    for name, path in zip(names, folders, strict=True):
        done = "-e" not in arguments or name in arguments
        if not done or code:
            assert after[path] == before[path]
        elif after[path] != before[path]:
            assert Path(folder, path, MARKER).read_text("utf-8").endswith(f"output: {name}\n")
    for path in set(FOLDERS) - set(folders):
        assert after[path] == before[path], "no output any more, and so nobody's to remove"


def _manifests(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in (folder.rglob("*.yaml") if folder.is_dir() else ())
    }


SLIP = "namespace shop\nledger <- paymnts:80\n"


def test_fixes_are_made_in_the_files_of_all_outputs(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    """A slip in a shared file is mended only where every output has the finding."""
    put(
        {
            "netpolc.toml": '[outputs.a]\nsorces = ["base", "a"]\n[outputs.b]\nsources = ["base", "b"]\n'
        }
    )
    put({"base/x.intent": SLIP})
    put({"a/x.intent": "namespace shop\npayments <- web:80/TCP\n"})
    put({"b/x.intent": "namespace shop\npaymnts <- web:80/TCP\n"})
    assert run(["check", "--fix", "--unsafe"]) == 0
    assert "applied 3 fixes in 3 files" in capfd.readouterr().err
    assert 'sources = ["base", "a"]' in Path("netpolc.toml").read_text()
    assert Path("base/x.intent").read_text() == SLIP
    for name in ("a", "b"):
        assert "web:80/tcp" in Path(f"{name}/x.intent").read_text()
    put({"b/x.intent": "namespace shop\npayments <- web:80\n"})
    assert run(["check", "--fix", "--unsafe"]) == 0
    assert "payments" in Path("base/x.intent").read_text()


@pytest.mark.parametrize(
    "command", [["can", "db <- web:5432"], ["list"]], ids=lambda command: str(command[0])
)
def test_a_warning_of_several_outputs_is_printed_once(
    command: list[str], put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    put({"intents/more.intent": "namespace shop\ndb <- wbe:5432\n"})
    assert run(command) == 0
    told = capfd.readouterr()
    assert told.err.count("warning[NP201]") == 1
    assert "prod:\n" in told.out
    assert "staging:\n" in told.out


def test_a_baseline_is_about_all_outputs(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put(PROGRAM)
    put(
        {
            "intents/more.intent": "namespace shop\ndb <- wbe:5432\n",
            "env/prod.intent": f"{PROGRAM['env/prod.intent']!s}group cdn = 192.0.2.0/24\n",
        }
    )
    assert run(["check", "-e", "staging", "--write-baseline", "known.json"]) == 0
    assert "wrote 2 findings" in capfd.readouterr().err
    for chosen in ((), ("-e", "prod"), ("-e", "staging")):
        assert run(["check", *chosen, "--baseline", "known.json", "--strict"]) == 0
        told = capfd.readouterr().err
        assert told.startswith(f"{chosen[1]}: " if chosen else "prod: ")
        assert len(told.splitlines()) == (1 if chosen else 2)
    put({"env/prod.intent": PROGRAM["env/prod.intent"]})
    assert run(["check", "-e", "staging", "--baseline", "known.json", "--strict"]) == 1
    assert "1 finding of the baseline is gone" in capfd.readouterr().err


def test_the_folder_of_all_outputs_is_compared_output_by_output(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    assert run(["compile"]) == 0
    capfd.readouterr()
    assert run(["diff", "out"]) == 0
    told = capfd.readouterr().out
    assert told.count("no change in what is permitted") == 2
    assert run(["diff", "out/staging"]) == 0
    told = capfd.readouterr().out
    assert "prod" not in told
    assert "no change in what is permitted" in told
    put({"env/prod.intent": "cluster\ngroup office = 203.0.112.0/23\n"})
    assert run(["diff", "out"]) == 1
    prod, _, staging = capfd.readouterr().out.partition("staging:")
    assert "1 opened" in prod
    assert "no change" in staging
