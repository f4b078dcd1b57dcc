"""The record of a compile: it saves an equal one, and is never believed about anything else."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from netpolc.cli import compile as compile_command
from netpolc.cli.main import run
from netpolc.commands.compile import Compiled, compile_outputs
from netpolc.io import compile_record
from tests.cli.conftest import Put

SHOP = "namespace shop\ndefault: deny\ndb <- api:5432 until 2025-01-01\n"
SAME = "compiled 1 namespace, 2 policies: 2 unchanged (1 warning)\n"
Compiles: TypeAlias = Callable[..., tuple[int, str]]


@pytest.fixture
def compiles(
    put: Put,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Compiles:
    """Compile a project with a record; return how often it was really compiled, and what was printed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    for name in ("CI", "TF_BUILD", "BUILD_ID", "TEAMCITY_VERSION", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(compile_command, "_WORTH_A_RECORD", 1)
    monkeypatch.setattr(compile_record, "installed_build", lambda: b"build 1")
    done = list[object]()

    def counted(*given: Any, **named: Any) -> list[Compiled]:
        done.append(given)
        return compile_outputs(*given, **named)

    monkeypatch.setattr(compile_command, "compile_outputs", counted)
    put({"intents/a.intent": SHOP})

    def compiled(*arguments: str, code: int = 0) -> tuple[int, str]:
        done.clear()
        assert run(["compile", *arguments]) == code
        return len(done), capfd.readouterr().err

    compiled()
    return compiled


def record() -> Path:
    """The only record."""
    (found,) = Path(os.environ["XDG_CACHE_HOME"], "netpolc", "compile").iterdir()
    return found


def test_an_equal_compile_is_skipped_and_prints_its_findings(compiles: Compiles) -> None:
    often, printed = compiles()
    assert often == 0
    assert "warning[NP603]" in printed
    assert printed.endswith(SAME)
    record().unlink()
    assert compiles() == (1, printed)


def test_a_record_is_only_for_its_user(compiles: Compiles) -> None:
    assert record().parent.stat().st_mode & 0o777 == 0o700
    record().parent.chmod(0o770)
    assert compiles()[0] == 1


@pytest.mark.parametrize("option", ["--check", "--verify"])
def test_a_gate_reads_no_record(compiles: Compiles, option: str) -> None:
    assert compiles(option)[0] == 1


def test_continuous_integration_reads_no_record(
    compiles: Compiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    assert compiles()[0] == 1


def _poisoned(data: bytes) -> bytes:
    """Another text under the digest of the first."""
    return data.replace(b"2 unchanged", b"9 unchanged")


def _of_another_format(data: bytes) -> bytes:
    body = data.rpartition(b"\n")[0].replace(b'"format": 1', b'"format": 0')
    return body + b"\n" + compile_record._digest([body]).encode()


def _of_other_types(_data: bytes) -> bytes:
    body = b'["foreign"]'
    return body + b"\n" + compile_record._digest([body]).encode()


@pytest.mark.parametrize(
    "change",
    [
        _poisoned,
        _of_another_format,
        _of_other_types,
        lambda data: data[:-1],
        lambda data: data[:20],
        lambda _data: b"",
        lambda _data: b"\xff\n\xff",
    ],
)
def test_a_broken_record_costs_one_full_compile(
    compiles: Compiles, change: Callable[[bytes], bytes]
) -> None:
    _, printed = compiles()
    record().write_bytes(change(record().read_bytes()))
    assert compiles() == (1, printed)
    assert compiles() == (0, printed)


def test_a_foreign_record_costs_one_full_compile(
    compiles: Compiles, put: Put, tmp_path: Path
) -> None:
    """A record of other sources, under the name of this one."""
    foreign = record().read_bytes()
    put({"intents/a.intent": SHOP.replace("5432", "5433")})
    assert compiles()[0] == 1
    record().write_bytes(foreign)
    assert compiles()[0] == 1
    assert "port: 5433" in (tmp_path / "out/shop/db-ingress.yaml").read_text()


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("intents/a.intent", SHOP + "# a comment\n", 0),
        ("intents/b.intent", "", 0),
        ("netpolc.toml", "[labels]\nteam = 'shop'\n", 0),
        ("out/shop/db-ingress.yaml", "", 0),
        ("out/shop/db-ingress.yaml", "a: b\n", 1),
        ("out/shop/other.yaml", "a: b\n", 0),
        ("out/.netpolc-0123456789abcdef.tmp", "", 0),
    ],
)
def test_any_other_input_or_output_is_compiled(
    compiles: Compiles, put: Put, name: str, text: str, code: int
) -> None:
    assert compiles()[0] == 0
    put({name: text})
    assert compiles(code=code)[0] == 1


def test_another_day_or_build_is_compiled(
    compiles: Compiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1767225600 + 86400))
    assert compiles()[0] == 1
    assert compiles()[0] == 0
    monkeypatch.setattr(compile_record, "installed_build", lambda: b"build 2")
    assert compiles()[0] == 1
    assert compiles()[0] == 0


@pytest.mark.parametrize("option", ["--strict", "--layout=namespace", "--stage=deny"])
def test_other_options_are_compiled(compiles: Compiles, option: str) -> None:
    assert compiles(option, code=int(option == "--strict"))[0] == 1


def test_an_output_that_became_a_link_is_refused(compiles: Compiles, tmp_path: Path) -> None:
    assert compiles()[0] == 0
    (tmp_path / "out").rename(tmp_path / "real")
    (tmp_path / "out").symlink_to("real")
    assert compiles(code=1)[0] == 1


def test_what_was_not_written_is_not_recorded(
    compiles: Compiles, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process changes a manifest between the end of a compile and its record."""
    real = compile_record.CompileRecord.write

    def disturbed(*given: Any) -> None:
        put({"out/shop/db-ingress.yaml": ""})
        real(*given)

    monkeypatch.setattr(compile_record.CompileRecord, "write", disturbed)
    put({"intents/a.intent": SHOP + "db <- web\n"})
    before = record().read_bytes()
    compiles()
    assert record().read_bytes() == before


def test_no_record_is_kept_in_a_project(
    compiles: Compiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert compiles()[0] == 1
    assert not (tmp_path / "cache").exists()


def test_an_editable_install_identifies_no_build() -> None:
    assert compile_record.installed_build() is None
