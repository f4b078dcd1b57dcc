"""`netpolc check` with findings silenced, counted, or known from a baseline."""

import json
from pathlib import Path

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put

OLD = "namespace shop\ndefault: deny\ndb <- api\ndb <- api:80\n"
NEW = OLD + "db <- api:81\n"


def check(*arguments: str, capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a check."""
    capfd.readouterr()
    code = run(["check", *arguments])
    return code, *capfd.readouterr()


def test_a_baseline_leaves_old_findings_out(
    put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": OLD})
    assert check("--strict", capfd=capfd)[0] == 1
    code, _, err = check("--write-baseline", "known.json", capfd=capfd)
    assert (code, err) == (0, "wrote 1 finding to known.json\n")
    (entry,) = json.loads((tmp_path / "known.json").read_text(encoding="utf-8"))["findings"]
    assert (entry["rule"], entry["path"], entry["count"]) == ("NP604", "intents/a.intent", 1)
    strict = ("--strict", "--baseline", "known.json")
    code, _, err = check(*strict, capfd=capfd)
    assert code == 0
    assert "1 finding of the baseline left out" in err
    put({"intents/a.intent": "# A line more.\n" + OLD})
    assert check(*strict, capfd=capfd)[0] == 0
    put({"intents/a.intent": NEW})
    code, _, err = check(*strict, capfd=capfd)
    assert code == 1
    assert "db <- api:81" in err
    assert "`db <- api:80` is redundant" not in err


def test_findings_that_are_gone_must_leave_the_baseline(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": NEW})
    check("--write-baseline", "known.json", capfd=capfd)
    put({"intents/a.intent": OLD})
    assert "1 finding of the baseline is gone" in check("--baseline", "known.json", capfd=capfd)[2]
    assert check("--strict", "--baseline", "known.json", capfd=capfd)[0] == 1


def test_what_cannot_be_silenced_is_no_part_of_a_baseline(
    put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither an expired arrow nor that an IR file lacks the assertions of its sources."""
    expired, claimed = (
        "db <- api:5432 until 2020-01-01\n",
        "namespace shop\ndefault: deny\nnever db <- web\n",
    )
    put({"a.intent": f"namespace shop\ndefault: deny\n{expired}", "b.intent": claimed})
    capfd.readouterr()
    assert run(["ir", "b.intent"]) == 0
    put({"b.json": capfd.readouterr().out})
    for source, code in (("a.intent", "NP603"), ("b.json", "NP758")):
        result, _, err = check(source, "--write-baseline", "known.json", capfd=capfd)
        assert (result, f"error[{code}]" in err) == (1, True)
        assert err.endswith("wrote 0 findings to known.json; not part of a baseline: 1 error\n")
        assert code not in (tmp_path / "known.json").read_text(encoding="utf-8")
        _, out, _ = check(source, "--format", "json", capfd=capfd)
        (finding,) = (f for f in json.loads(out) if f["code"] == code)
        entry = {"rule": code, "path": source, "message": finding["message"], "count": 1}
        known = {"version": 1, "findings": [entry]}
        put({"known.json": json.dumps(known)})
        result, _, err = check(source, "--baseline", "known.json", capfd=capfd)
        assert (result, f"error[{code}]" in err) == (1, True)


def test_errors_are_never_part_of_a_baseline(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/a.intent": OLD + "never db <- api\n"})
    code, _, err = check("--write-baseline", "known.json", capfd=capfd)
    assert code == 1
    assert "no baseline was written" in err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"version": 9, "findings": []}',
        "{",
        '{"version": 1}',
        '{"version": 1, "findings": [{"rule": "a", "path": "b", "message": "c", "count": -5}]}',
    ],
)
def test_what_is_not_a_baseline_is_an_error(
    put: Put, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": "db <- api\n", "known.json": text})
    code, _, err = check("--baseline", "known.json", capfd=capfd)
    assert code == 1
    assert "NP790" in err


def test_rules_are_left_out_and_selected(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/a.intent": OLD})
    assert check("--strict", "--ignore", "NP604", capfd=capfd)[0] == 0
    assert check("--strict", "--ignore", "redundant-arrow,NP605", capfd=capfd)[0] == 0
    assert check("--strict", "--select", "NP605", capfd=capfd)[0] == 0
    assert check("--strict", "--select", "NP604", capfd=capfd)[0] == 1


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("NP999", "is not the code or name of a rule"),
        ("redundant-arow", "did you mean `redundant-arrow`?"),
        ("NP501", "is an error, which cannot be silenced"),
        ("NP603", "cannot be silenced or given another level"),
        ("expired-arrow", "cannot be silenced or given another level"),
    ],
)
def test_words_that_name_no_such_rule_are_refused(
    put: Put, word: str, advice: str, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": OLD})
    code, _, err = check("--ignore", word, capfd=capfd)
    assert code == 2
    assert advice in " ".join(err.split())
    put({"netpolc.toml": f'[lint]\nignore = ["{word}"]\n'})
    code, _, err = check(capfd=capfd)
    assert code == 1
    assert advice in err


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ('levels = { NP604 = "off", NP603 = "off" }', "NP603"),
        ('[lint.levels]\n"expired-arrow" = "note"', "expired-arrow"),
        ('[lint.paths]\n"intents/x" = ["NP604"]\n"intents/*" = ["NP603"]', "intents/*"),
        ('NP603 = "off"', "NP603"),
    ],
)
def test_a_setting_without_effect_is_refused_at_its_key(
    put: Put, lines: str, place: str, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": OLD, "netpolc.toml": f"[lint]\n{lines}\n"})
    code, out, _ = check("--format", "json", capfd=capfd)
    (finding,) = json.loads(out)
    assert (code, finding["code"]) == (1, "NP722")
    text = f"[lint]\n{lines}\n".splitlines()[finding["line"] - 1]
    assert text[finding["column"] - 1 : finding["end_column"] - 1] == place


def test_expired_arrows_may_be_all_that_is_shown(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": f"{OLD}db <- job until 2020-01-01\n"})
    code, _, err = check("--select", "NP603", capfd=capfd)
    assert (code, err.count("NP603"), err.count("NP604")) == (1, 1, 0)


def test_settings_of_netpolc_toml_silence(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/a.intent": OLD})
    for settings in (
        'ignore = ["NP604"]',
        'levels = {NP604 = "off"}',
        'levels = {redundant-arrow = "note"}',
        'paths = {"intents/*" = ["NP604"]}',
        'paths = {"intents" = ["NP604"]}',
        'select = ["NP605"]',
    ):
        put({"netpolc.toml": f"[lint]\n{settings}\n"})
        assert check("--strict", capfd=capfd)[0] == 0, settings
    put({"netpolc.toml": '[lint]\nlevels = {NP604 = "error"}\n'})
    assert check(capfd=capfd)[0] == 1


@pytest.mark.parametrize(
    "text",
    [
        "lint = 1",
        "[lint]\nignores = []",
        "[lint]\nignore = 'NP604'",
        "[lint]\nlevels = {NP604 = 'loud'}",
        "[lint]\npaths = ['a']",
        "[lint]\npaths = {a = 'NP604'}",
    ],
)
def test_settings_that_cannot_be_used_are_errors(
    put: Put, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": OLD, "netpolc.toml": text + "\n"})
    code, _, err = check(capfd=capfd)
    assert code == 1
    assert "NP722" in err


def test_a_line_each_and_statistics(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/a.intent": NEW})
    code, out, err = check("--format", "concise", "--statistics", capfd=capfd)
    assert code == 0
    first, second = out.splitlines()
    assert first.startswith("intents/a.intent:4:1: warning[NP604] `db <- api:80` is redundant")
    assert second.startswith("intents/a.intent:5:1: ")
    assert err.splitlines()[0] == "2  NP604  redundant-arrow"


def test_quiet_prints_errors_only(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/a.intent": OLD})
    assert check("-q", capfd=capfd) == (0, "", "")
    put({"intents/a.intent": OLD + "never db <- api\n"})
    code, _, err = check("-q", capfd=capfd)
    assert code == 1
    assert "NP501" in err
    assert "NP604" not in err


def test_fixes_are_shown_written_and_gone(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    wrong = "namespace shop\ndb <- api:5432/TCP  # the API\n"
    right = wrong.replace("TCP", "tcp")
    put({"intents/shop.intent": wrong})
    assert run(["check", "--fix", "--diff"]) == 1
    shown = capfd.readouterr()
    assert "-db <- api:5432/TCP  # the API\n+db <- api:5432/tcp  # the API\n" in shown.out
    assert shown.err.endswith("1 fix in 1 file\n")
    assert Path("intents/shop.intent").read_text(encoding="utf-8") == wrong
    assert run(["check", "--fix"]) == 0
    assert "applied 1 fix in 1 file" in capfd.readouterr().err
    assert Path("intents/shop.intent").read_text(encoding="utf-8") == right
    assert run(["check", "--fix", "--diff"]) == 0
    assert run(["check", "--unsafe"]) == 2


@pytest.mark.parametrize(
    "config", ["", '[outputs.a]\nsources = ["intents"]\n[outputs.b]\nsources = ["intents", "b"]\n']
)
def test_compile_and_check_leave_out_the_findings_of_a_baseline(
    config: str, put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    old = "namespace shop\ndb <- api:1\ndb <- api:1\n"
    put({"intents/a.intent": old, "b/b.intent": "namespace pay\nservice x = {a=b}\n"})
    put({"netpolc.toml": config} if config else {})
    assert run(["check", "--write-baseline", "known.json"]) == 0
    commands = (["check"], ["compile"], ["compile", "--check"], ["compile", "--verify"])
    capfd.readouterr()
    for command in commands:
        assert run([*command, "--strict", "--baseline", "known.json"]) == 0
        assert "NP" not in capfd.readouterr().err
    assert run(["compile", "--strict"]) == 1
    put({"intents/a.intent": f"{old}web <- api:1\nweb <- api:1\n"})
    for command in commands:
        capfd.readouterr()
        assert run([*command, "--strict", "--baseline", "known.json"]) == 1
        assert capfd.readouterr().err.count("error[NP604]") == 1
    put({"known.json": "{}"})
    for command in commands:
        capfd.readouterr()
        assert run([*command, "--baseline", "known.json"]) == 1
        assert "NP790" in capfd.readouterr().err
