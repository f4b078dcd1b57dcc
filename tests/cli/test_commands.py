"""`check`, `ir`, `explain`, `completion`, and what all commands share."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from netpolc.cli.lazy import COMMANDS
from netpolc.cli.main import group, run
from netpolc.diagnostics import Outcome
from netpolc.diagnostics.all_rules import all_rules
from netpolc.ir.model import Policies
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.write import Fragments, write
from netpolc.passes.emit import Stamp, emit
from tests.cli.conftest import Put

SHOP: dict[str, str | bytes] = {
    "intents/shop.intent": "namespace shop\ndefault: deny\ndb <- api:5432\n"
}


def test_check_of_good_intents(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put(SHOP)
    assert run(["check"]) == 0
    assert capfd.readouterr() == ("", "checked 1 namespace: nothing to report\n")


def test_check_reports_every_error_in_every_file(
    put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put(
        {
            "intents/a.intent": "db = api\ndb <- api:0\n",
            "intents/b.intent": "db <- api:5432\ndb <- 10.0.0.1/8\n",
            "intents/c.intent": b"\xff",
        }
    )
    assert run(["check"]) == 1
    err = capfd.readouterr().err
    places = [line.strip() for line in err.splitlines() if "-->" in line]
    assert len(places) == 4
    assert [place.split(":")[0] for place in places] == [
        "--> intents/a.intent",
        "--> intents/a.intent",
        "--> intents/b.intent",
        "--> intents/c.intent",
    ]
    assert err.endswith("\n4 errors; assertions and lints were not run\n")
    assert not (tmp_path / "out").exists()


def test_check_as_json(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/a.intent": "# \x1b\ndb = api\n"})
    assert run(["check", "--format", "json"]) == 1
    out, err = capfd.readouterr()
    assert err == ""
    findings = json.loads(out)
    assert {finding["path"] for finding in findings} == {"intents/a.intent"}
    put({"intents/a.intent": "db <- none\n"})
    assert run(["check", "--format", "json"]) == 0
    assert json.loads(capfd.readouterr().out) == []


def test_an_expired_arrow_fails_a_check_the_day_after(
    put: Put, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": "db <- none\ndb <- db:1 until 2026-01-01\n"})
    assert run(["check"]) == 0
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1767225600 + 24 * 3600))
    assert run(["check"]) == 1
    assert "error[NP603]: `db <- db:1 until 2026-01-01` should" in capfd.readouterr().err


def test_an_expired_arrow_does_not_hide_warnings(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": "db <- api:1 until 2025-01-01\nnever db <- internet\n"})
    assert run(["check"]) == 1
    err = capfd.readouterr().err
    assert {line.split(":")[0] for line in err.splitlines() if "[NP" in line} == {
        "error[NP603]",
        "warning[NP601]",
    }


def test_an_expired_arrow_does_not_hide_an_assertion(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": "db <- any:1 until 2025-01-01\nnever db <- internet\n"})
    assert run(["check"]) == 1
    assert "error[NP501]" in capfd.readouterr().err


def test_assertions_are_proved_or_refuted(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/a.intent": "db <- none\nnever db <- internet\nonly db <- api\n"})
    assert run(["check"]) == 0
    put({"intents/a.intent": "db <- any\nnever db <- internet\nonly db <- api\n"})
    capfd.readouterr()
    assert run(["check"]) == 1
    assert capfd.readouterr().err.count("does not hold") == 2


def test_manifests_alone_are_nothing_to_compile(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    assert run(["compile"]) == 0
    assert run(["compile", "out"]) == 1
    assert "error[NP705]" in capfd.readouterr().err


def test_after_an_error_only_errors_are_reported(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": "group office = 203.0.113.0/24\ndb <- offi ce:1\n"})
    assert run(["check"]) == 1
    assert "warning" not in capfd.readouterr().err


def test_manifests_are_checked_too(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"bad.yaml": "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nspec: {}\n"})
    assert run(["check", "bad.yaml"]) == 1
    assert "error[NP4" in capfd.readouterr().err


def test_two_manifest_files_with_one_policy_are_an_error(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    run(["compile"])
    text = Path("out/shop/db-ingress.yaml").read_bytes()
    put({"a.yaml": text, "b.yaml": text})
    assert run(["check", "a.yaml"]) == 0
    assert run(["check", "a.yaml", "b.yaml"]) == 1
    assert "error[NP4" in capfd.readouterr().err


def test_ir_of_intents_is_ir_of_their_manifests(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    run(["compile"])
    capfd.readouterr()
    manifests = [str(path) for path in sorted(Path("out").rglob("*.yaml"))]
    meanings = []
    for sources in (["intents"], manifests):
        assert run(["ir", *sources]) == 0
        (shop,) = json.loads(capfd.readouterr().out)["namespaces"]
        for part in (*shop["isolations"], *shop["allows"]):
            del part["origins"]
        meanings.append((shop["isolations"], shop["allows"]))
    assert meanings[0] == meanings[1]
    assert meanings[0][0]


def test_ir_of_broken_intents_is_nothing(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/a.intent": "db = api\n"})
    assert run(["ir"]) == 1
    assert capfd.readouterr().out == ""


def test_every_kind_of_finding_is_explained(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["explain"]) == 0
    listed = capfd.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == [kind.code for kind in all_rules()]
    assert run(["explain", "np711"]) == 0
    by_code = capfd.readouterr().out
    assert by_code.startswith("NP711 foreign-file (error)\n\n")
    assert run(["explain", "foreign-file"]) == 0
    assert capfd.readouterr().out == by_code


def test_the_index_gives_the_meaning_of_each_rule(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["explain"]) == 0
    for rule, line in zip(all_rules(), capfd.readouterr().out.splitlines(), strict=True):
        text = line.split(rule.name, 1)[1].strip()
        assert len(text) > 10
        assert "  " not in text
    assert run(["explain", "--severity", "note"]) == 0
    assert {line.split()[1] for line in capfd.readouterr().out.splitlines()} == {"note"}


def test_rules_are_found_by_numbers_and_words(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "711", "NP604"]) == 0
    out = capfd.readouterr().out
    assert out.startswith("NP711 foreign-file (error)\n")
    assert "\n\nNP604 redundant-arrow (warning)\n" in out
    assert run(["explain", "711", "foreign-file", "NP711"]) == 0
    assert capfd.readouterr().out.count("NP711 foreign-file (error)\n") == 1
    assert run(["explain", "never"]) == 0
    assert capfd.readouterr().out.startswith("NP501")
    assert run(["explain", "refuted"]) == 0
    assert capfd.readouterr().out.startswith("NP501 ")
    assert run(["explain", "redundent"]) == 2
    assert "Did you mean `redundant`?" in capfd.readouterr().err


def test_a_terminal_gets_explanations_that_fit(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("netpolc.cli.explain.terminal_width", lambda: 60)
    assert run(["explain"]) == 0
    assert max(map(len, capfd.readouterr().out.splitlines())) <= 60
    assert run(["explain", "601", "602", "604", "616"]) == 0
    lines = [line for line in capfd.readouterr().out.splitlines() if not line.startswith(" ")]
    assert max(map(len, lines)) <= 60


def test_an_unknown_code_is_wrong_usage(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "foreign-fil"]) == 2
    assert "Did you mean NP711 (foreign-file)?" in capfd.readouterr().err


def test_a_slip_in_a_command_or_a_source_is_told(
    put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    assert run(["dif"]) == 2
    assert "No such command 'dif'. Did you mean 'diff'?" in capfd.readouterr().err
    assert run(["nonsense"]) == 2
    assert capfd.readouterr().err.endswith("No such command 'nonsense'.\n")
    assert run(["check", "intent"]) == 1
    assert "did you mean `intents`?" in capfd.readouterr().err
    assert run(["check", "other"]) == 1
    assert "name a folder or file that is there\n" in capfd.readouterr().err
    (tmp_path / "intents").rename(tmp_path / "elsewhere")
    assert run(["check"]) == 1
    assert (
        "`netpolc new`, `netpolc init` and `netpolc import` begin intents" in capfd.readouterr().err
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_for_each_shell(shell: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert "_NETPOLC_COMPLETE" in capfd.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_with_an_example(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run([name, "--help"]) == 0
    out = " ".join(capfd.readouterr().out.split())
    assert COMMANDS[name] in out
    assert "Example: " in out


def test_the_list_of_commands_is_theirs(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out = capfd.readouterr().out
    context = group.make_context("netpolc", ["compile"])
    for name, summary in COMMANDS.items():
        assert summary in out
        command = group.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(200) == summary


def test_a_mistake_of_netpolcs_own_is_no_traceback(
    put: Put, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        message = "unexpected \x1b[2J"
        raise RuntimeError(message)

    put(SHOP)
    monkeypatch.setattr("netpolc.cli.check.check", broken)
    assert run(["check"]) == 70
    err = capfd.readouterr().err
    assert err.startswith("netpolc: internal error: RuntimeError: unexpected \\x1b[2J (test_")
    assert "Traceback" not in err
    monkeypatch.setenv("NETPOLC_DEBUG", "1")
    assert run(["check"]) == 70
    assert "Traceback" in capfd.readouterr().err


def test_a_wrong_day_is_wrong_usage(
    put: Put, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    put(SHOP)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "tomorrow")
    assert run(["check"]) == 2
    assert "SOURCE_DATE_EPOCH" in capfd.readouterr().err


def test_a_translation_that_is_wrong_is_found_before_anything_is_written(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A compiler broken on purpose: an emitter that loses the ports."""

    def careless(
        policies: Policies, *, stamp: Stamp, **_memory: object
    ) -> Outcome[tuple[NetworkPolicy, ...]]:
        outcome = emit(policies, stamp=stamp)
        return replace(
            outcome,
            value=tuple(
                replace(p, ingress=p.ingress and tuple(replace(r, ports=None) for r in p.ingress))
                for p in outcome.value
            ),
        )

    put(SHOP)
    monkeypatch.setattr("netpolc.commands.manifest_steps.emit", careless)
    assert run(["compile"]) == 1
    assert not (tmp_path / "out").exists()
    err = capfd.readouterr().err
    assert "error[NP740]: the manifests of namespace `shop` do not mean what" in err
    assert "--> intents/shop.intent:3:1" in err


def test_written_bytes_that_mean_something_else_are_found_by_verify(
    put: Put, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A compiler broken on purpose: a writer that prints another port."""

    def careless(policy: NetworkPolicy, fragments: Fragments) -> str:
        return write(policy, fragments).replace("5432", "5433")

    put(SHOP)
    monkeypatch.setattr("netpolc.manifest.output_layout.write", careless)
    assert run(["compile"]) == 0
    assert run(["compile", "--check"]) == 0
    assert run(["compile", "--check", "--format", "json"]) == 0
    capfd.readouterr()
    for arguments in ([], ["--check"]):
        assert run(["compile", "--verify", *arguments]) == 1
        assert "error[NP740]" in capfd.readouterr().err
    assert run(["compile", "--verify", "--check", "--format", "json"]) == 1
    assert [found["code"] for found in json.loads(capfd.readouterr().out)] == ["NP740"]
