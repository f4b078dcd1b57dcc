"""`netpolc fmt`: what it writes, what it leaves alone, and what it promises."""

import io
import json
import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netpolc.cli.main import run
from netpolc.commands import fmt
from netpolc.commands.fmt import Formatted, format_intents
from netpolc.ir.serialize import dump
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse
from tests.cli.conftest import Files, Put
from tests.reference import strategies
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.syntax.lines import files as random_files

ROOT = Path(__file__).parents[2]
CORPORA = sorted(
    path for folder in ("intents", "tests") for path in (ROOT / folder).rglob("*.intent")
)
UGLY = "# The shop.\n\n\nnamespace   shop\ndb<-api : [5432]   # why\n"
NICE = "# The shop.\n\nnamespace shop\ndb <- api:5432  # why\n"


def test_files_are_rewritten_in_place(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/shop.intent": UGLY, "intents/nice.intent": NICE, "README": "db<-api"})
    assert run(["fmt"]) == 0
    assert capfd.readouterr() == ("", "1 file reformatted, 1 file already formatted\n")
    assert files() == {
        "README": b"db<-api",
        "intents/nice.intent": NICE.encode(),
        "intents/shop.intent": NICE.encode(),
    }
    assert run(["fmt"]) == 0
    assert capfd.readouterr().err == "2 files already formatted\n"


def test_the_mode_and_a_link_stay(put: Put, tmp_path: Path) -> None:
    put({"real/shop.intent": UGLY})
    real, link = tmp_path / "real/shop.intent", tmp_path / "intents/shop.intent"
    real.chmod(0o640)
    link.parent.mkdir()
    link.symlink_to(real)
    assert run(["fmt"]) == 0
    assert link.is_symlink()
    assert real.read_text() == NICE
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert [path.name for path in real.parent.iterdir()] == ["shop.intent"]


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (b"db <- api\r\n# x\r\n", b"db <- api\n# x\n"),
        (b"\xef\xbb\xbfdb<-api\n", b"\xef\xbb\xbfdb <- api\n"),
        (b"\xef\xbb\xbfdb <- api\n", b"\xef\xbb\xbfdb <- api\n"),
        (b"db <- api", b"db <- api\n"),
        (b"\n\n", b""),
        (b"", b""),
    ],
)
def test_marks_and_line_ends(put: Put, files: Files, written: bytes, left: bytes) -> None:
    put({"intents/a.intent": written})
    assert run(["fmt"]) == 0
    assert files() == {"intents/a.intent": left}
    assert run(["fmt", "--check"]) == 0


@pytest.mark.parametrize(
    ("broken", "code"), [(b"db <-- api\n", "NP108"), (b"db <- \xff\n", "NP703"), (b"a\0", "NP106")]
)
def test_a_file_with_errors_is_left_as_it_is(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str], broken: bytes, code: str
) -> None:
    put({"intents/broken.intent": broken, "intents/shop.intent": UGLY})
    assert run(["fmt"]) == 1
    assert f"error[{code}]" in capfd.readouterr().err
    assert files() == {"intents/broken.intent": broken, "intents/shop.intent": NICE.encode()}


def test_names_that_are_declared_elsewhere_do_not_matter(put: Put, files: Files) -> None:
    put({"intents/a.intent": "db<-internet-users\n", "intents/b.intent": "db <- {a==b}\n"})
    assert run(["fmt", "intents/a.intent"]) == 0
    assert files()["intents/b.intent"] == b"db <- {a==b}\n"


def test_check_names_what_would_change(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/shop.intent": UGLY, "intents/nice.intent": NICE})
    before = files()
    assert run(["fmt", "--check"]) == 1
    out, err = capfd.readouterr()
    assert out == "intents/shop.intent\n"
    assert err == "1 file would be reformatted, 1 file already formatted\n"
    assert files() == before
    assert run(["fmt", "--check", "intents/nice.intent"]) == 0
    assert capfd.readouterr().out == ""


def test_check_speaks_the_platforms_formats(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/shop.intent": UGLY})
    assert run(["fmt", "--check", "--format", "github"]) == 1
    line = capfd.readouterr().out
    assert line.startswith("::warning file=intents/shop.intent,line=3,")
    assert run(["fmt", "--check", "--format", "json"]) == 1
    (found,) = json.loads(capfd.readouterr().out)
    assert found["code"] == "NP781"
    assert run(["fmt", "--format", "json"]) == 2
    assert run(["fmt", "--check", "--diff", "--format", "json"]) == 2


def test_diff_shows_and_does_not_write(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/shop.intent": "db<-api\n# \x1b[2J\n", "intents/a.intent": "db<-api"})
    before = files()
    assert run(["fmt", "--diff", "intents/a.intent"]) == 0
    assert capfd.readouterr().out == (
        "--- intents/a.intent\n+++ intents/a.intent\n@@ -1 +1 @@\n"
        "-db<-api\n\\ No newline at end of file\n+db <- api\n"
    )
    assert run(["fmt", "--diff", "--check", "intents/a.intent"]) == 1
    assert run(["fmt", "--diff"]) == 1, "the escape is an error"
    assert "\x1b" not in capfd.readouterr().out
    assert files() == before


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    for given_, code, out in (
        ("db<-api", 0, "db <- api\n"),
        ("db <- api\n", 0, "db <- api\n"),
        ("{a==b}<-api", 0, "{a=b} <- api\n"),
        ("db <--", 1, ""),
    ):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given_.encode())))
        assert run(["fmt", "-"]) == code
        printed = capfd.readouterr()
        assert printed.out == out
        assert bool(printed.err) is bool(code)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anything")
def test_what_may_not_be_written_is_left(
    put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/shop.intent": UGLY})
    (tmp_path / "intents/shop.intent").chmod(0o444)
    assert run(["fmt"]) == 1
    assert "cannot be rewritten: permission denied" in capfd.readouterr().err


def test_a_full_disk_leaves_the_file(
    put: Put, files: Files, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/shop.intent": UGLY})

    def full(_self: Path, _target: Path) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(Path, "replace", full)
    assert run(["fmt"]) == 1
    assert "error[NP782]: `intents/shop.intent` cannot be rewritten" in capfd.readouterr().err
    assert files() == {"intents/shop.intent": UGLY.encode()}


def test_what_was_changed_meanwhile_is_not_overwritten(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/shop.intent": UGLY})
    path = tmp_path / "intents/shop.intent"

    def slow(source: SourceFile) -> object:
        path.write_text("db <- worker\n")
        return parse(source)

    monkeypatch.setattr(fmt, "parse", slow)
    assert run(["fmt"]) == 1
    assert "it was changed while netpolc was running" in capfd.readouterr().err
    assert path.read_text() == "db <- worker\n"


@pytest.mark.parametrize(
    "wrong",
    [
        "db <- worker\n",  # another meaning
        "db <- api\n",  # a comment lost
        "# one\n# two\ndb <- api\n",  # another comment
        "# one\ndb  <-  api\n",  # would change again
        "# one\ndb <- api:\n",  # no intents at all
    ],
)
def test_a_formatter_that_changes_anything_is_refused(
    put: Put,
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    wrong: str,
) -> None:
    put({"intents/shop.intent": "# one\ndb<-api\n"})
    right = format_file
    monkeypatch.setattr(
        fmt, "format_file", lambda tree: wrong if "<-api" in tree.file.text else right(tree)
    )
    assert run(["fmt"]) == 1
    assert "error[NP780]" in capfd.readouterr().err
    assert files() == {"intents/shop.intent": b"# one\ndb<-api\n"}


def test_manifests_alone_are_no_intents(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"out/a.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"})
    assert run(["fmt", "out"]) == 1
    assert "error[NP705]" in capfd.readouterr().err


def _formatted(texts: dict[str, str]) -> tuple[Formatted, ...]:
    outcome = format_intents([SourceFile(*item) for item in texts.items()], "default")
    assert not outcome.diagnostics
    return outcome.value


def _meaning(texts: dict[str, str]) -> str:
    """The policies with the statements and roles of their origins, but not the lines."""
    trees = [parse(SourceFile(*item)).value for item in texts.items()]
    loaded = json.loads(dump(normalise(lower(resolve(trees).value).value)))
    return json.dumps(_without_lines(loaded), sort_keys=True)


_OF_LINES = {"line", "digest"}
"""Keys of an IR file whose values depend on lines: the digest covers them."""


def _without_lines(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_lines(one) for key, one in value.items() if key not in _OF_LINES}
    return [_without_lines(one) for one in value] if isinstance(value, list) else value


def _check(texts: dict[str, str]) -> dict[str, str]:
    """The canonical texts, which are their own canonical form and have the same trees."""
    once = {one.source.path: one.text for one in _formatted(texts)}
    assert not any(one.changes for one in _formatted(once))
    assert [parse(SourceFile(*item)).value for item in once.items()] == [
        parse(SourceFile(*item)).value for item in texts.items()
    ]
    return once


@given(strategies.programs(), st.integers(0, 999))
def test_random_programs_twice_is_once(program: Program, spelling: int) -> None:
    texts = to_text(program, spelling)
    assert _meaning(_check(texts)) == _meaning(texts)


@given(random_files())
@example("api<-10.0.0.0/8 except 10.1.0.0/16, 10.0.0.0/8")
def test_random_files_twice_is_once(text: str) -> None:
    _check({"a.intent": text})


@pytest.mark.parametrize("path", CORPORA, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_intent_of_the_project_twice_is_once(path: Path) -> None:
    _check({path.name: path.read_text(encoding="utf-8")})


def test_manifests_beside_intents_are_no_matter_of_format(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": "namespace shop\n", "intents/p.yaml": "kind: NetworkPolicy\n"})
    assert run(["fmt"]) == 0
    assert "NP707" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["a.json"], ["intents", "a.json"], ["manifests"]])
def test_a_file_that_holds_no_intents_is_an_error(
    arguments: list[str], put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/shop.intent": NICE, "a.json": "{}", "manifests/b.json": "[]"})
    assert run(["fmt", *arguments]) == 1
    err = capfd.readouterr().err
    assert "error[NP705]: there is no intent in `" in err
    assert "in files whose names end in `.intent`" in err


def test_manifests_beside_intents_in_a_folder_are_no_error(put: Put) -> None:
    put({"intents/shop.intent": NICE, "intents/b.json": "{}"})
    assert run(["fmt", "intents"]) == 0
