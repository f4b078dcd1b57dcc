"""`--watch`: a command that runs again when a file changes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from netpolc.io.watch import changes, states

WAITING = "watching for changes"
SECONDS = 30


@pytest.fixture(params=["watchfiles", "polling"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Processes that have the extra, and such as have not."""
    found = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if request.param == "polling":
        (tmp_path / "without").mkdir()
        (tmp_path / "without" / "watchfiles.py").write_text("raise ImportError\n")
        found["PYTHONPATH"] = str(tmp_path / "without")
    return found


START = """\
import signal, sys
from netpolc.cli.entry_point import main
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main())
"""
"""netpolc, also where the tests run in the background, whose processes ignore interrupts."""


class Watching:
    """A process, and what it has printed since it was last looked at."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def printed(self) -> str:
        """Return what is printed until it waits again."""
        lines: list[str] = []
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if WAITING in line:
                return "".join(lines)
            lines.append(line)
        raise AssertionError("".join(lines))


@contextmanager
def watching(folder: Path, environment: dict[str, str], *arguments: str) -> Iterator[Watching]:
    command = [sys.executable, "-c", START, *arguments, "--watch"]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        timer = Timer(SECONDS, process.kill)
        timer.start()
        try:
            yield Watching(process)
            process.send_signal(signal.SIGINT)
            assert process.wait(SECONDS) == 130
        finally:
            timer.cancel()
            process.kill()


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_check_runs_again_when_files_change_appear_and_vanish(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    project = tmp_path / "project"
    put(project, "intents/a.intent", "namespace a\ndefault: deny\nx <- y:80\n")
    with watching(project, environment, "check") as run:
        assert "nothing to report" in run.printed()
        put(project, "intents/a.intent", "namespace a\ndefault: deny\nx <- y:99999\n")
        assert "a.intent:3" in run.printed()
        put(project, "intents/a.intent", "namespace a\ndefault: deny\nx <- y:80\n")
        assert "nothing to report" in run.printed()
        put(project, "intents/new/b.intent", "namespace b\nx <- y:\n")
        assert "b.intent:2" in run.printed()
        put(project, "netpolc.toml", "strcit = true\n")
        assert "strcit" in run.printed()
        (project / "netpolc.toml").unlink()
        assert "b.intent:2" in run.printed()
        (project / "intents/new/b.intent").unlink()
        assert "nothing to report" in run.printed()


def test_compile_writes_again_and_is_not_woken_by_its_own_output(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    project = tmp_path / "project"
    put(project, "intents/a.intent", "namespace a\ndefault: deny\nx <- y:80\n")
    with watching(project, environment, "compile") as run:
        assert "2 written" in run.printed() or "3 written" in run.printed()
        put(project, "intents/a.intent", "namespace a\ndefault: deny\nx <- y:81\n")
        assert "1 written" in run.printed()
        assert "port: 81" in "".join(f.read_text() for f in project.glob("out/**/x*.yaml"))
        put(project, "intents/a.intent", "namespace a\ndefault: deny\nx <-\n")
        assert "nothing was written" in run.printed()
        assert "port: 81" in "".join(f.read_text() for f in project.glob("out/**/x*.yaml"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "-"),
        ("check", "--fix"),
        ("check", "--format", "json"),
        ("compile", "-o", "-"),
        ("compile", "--check"),
    ],
)
def test_what_cannot_be_watched_is_refused(arguments: tuple[str, ...], tmp_path: Path) -> None:
    command = [sys.executable, "-c", START, *arguments, "--watch"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--watch" in done.stderr


def test_only_files_that_may_be_read_count(tmp_path: Path) -> None:
    for name in (
        "intents/a.intent",
        "netpolc.toml",
        "given/a.yaml",
        "intents/notes.md",
        ".git/a.yaml",
        "node_modules/a.json",
        "out/a.yaml",
        "outer/a.yaml",
        "report.json",
    ):
        put(tmp_path, name, "")
    found = {
        Path(path).relative_to(tmp_path).as_posix()
        for path in states([tmp_path], [tmp_path / "out", tmp_path / "report.json"])
    }
    assert found == {"intents/a.intent", "netpolc.toml", "given/a.yaml", "outer/a.yaml"}


def test_change_between_the_first_look_and_the_watch_is_noticed(tmp_path: Path) -> None:
    put(tmp_path, "a.intent", "x <- y\n")
    found = changes([tmp_path], [])
    assert next(found) == set()
    put(tmp_path, "a.intent", "x <- yy\n")
    assert next(found) == {tmp_path / "a.intent"}


def test_a_file_that_is_being_written_is_read_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.intent"
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    monkeypatch.setattr(
        "netpolc.io.watch.time.sleep", lambda _: path.write_text("namespace shop\n")
    )
    put(tmp_path, path.name, "namespace old\n")
    found = changes([tmp_path], ())
    assert next(found) == set()
    path.write_text("")
    assert next(found) == {path}
    assert path.read_text() == "namespace shop\n"
