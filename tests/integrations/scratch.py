"""Scratch repositories with real commits, and programs that stand in for those of the outside."""

import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from netpolc.commands import pipeline
from netpolc.io.output_writer import write_tree
from netpolc.io.project import Request, open_project

ROOT = Path(__file__).parent.parent.parent
INTEGRATIONS = ROOT / "integrations"
NETPOLC = Path(sys.executable).parent / "netpolc"
DB = "namespace shop\ndefault: deny\ndb <- api:5432\n"
WIDER = DB + "db <- internet:5432\n"

_IDENTITY = {
    "GIT_AUTHOR_NAME": "somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.com",
    "GIT_COMMITTER_NAME": "somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


def environment(**more: str) -> dict[str, str]:
    """The environment of a job: nothing of this one's but the PATH, with netpolc on it."""
    path = os.pathsep.join((str(NETPOLC.parent), os.environ["PATH"]))
    return {"PATH": path, "HOME": os.devnull, "LC_ALL": "C.UTF-8", **_IDENTITY, **more}


def run(
    *command: str | Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment() if env is None else dict(env),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def git(folder: Path, *arguments: str) -> str:
    done = run("git", *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def repository(folder: Path) -> Path:
    """A repository whose main branch has intents and their manifests."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, {"intents/shop.intent": DB})
    return folder


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files by their paths below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def commit(folder: Path, files: Mapping[str, str], *, fresh: bool = True) -> str:
    """Commit files, and the manifests that they compile to; the revision."""
    write(folder, files)
    if fresh:
        compiled(folder)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "change")
    return git(folder, "rev-parse", "HEAD")


def compiled(folder: Path) -> None:
    """Compile in this process, which is a quarter of a second faster than a new one."""
    project = open_project(Request(here=folder, today=date(2026, 1, 1))).value
    result = pipeline.run(project.sources, project.options)
    assert write_tree(project.output, result.files).value is not None


def program(path: Path, text: str) -> Path:
    """An executable Python script. A first line cannot name a Python whose path has a blank."""
    path.parent.mkdir(parents=True, exist_ok=True)
    start = f"#!/bin/sh\n'''exec' {shlex.quote(sys.executable)} \"$0\" \"$@\"\n' '''\n"
    path.write_text(start + text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
