"""Compiles that are killed, and compiles that run at once: no half file, nothing left over."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import netpolc
from netpolc.io.output_folder import OutputFolder
from netpolc.io.output_writer import write_tree
from netpolc.manifest.write import header

KILLS, NAMESPACES, POLICIES = 25, 12, 8

WRITER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from netpolc.io.output_writer import write_tree
    from netpolc.io.output_folder import OutputFolder
    from tests.io.test_output_processes import files

    project = Path(sys.argv[1])
    output = OutputFolder(path=project / "out", name="out", project=project)
    print("ready", flush=True)
    for number in range(int(sys.argv[2]), int(sys.argv[3])):
        outcome = write_tree(output, files(number))
        assert outcome.value is not None, outcome.diagnostics
""")


def files(number: int) -> dict[str, str]:
    """A tree that differs from the one of another number in contents, files and folders."""
    found = {}
    for one in range(NAMESPACES):
        namespace = f"{'new' if (one + number) % 3 else 'old'}-{one}"
        for policy in range(POLICIES + number % 2):
            metadata = f"metadata:\n  name: p{policy}\n  namespace: {namespace}\n"
            text = f"{header(['a.intent'])}{metadata}" + f"{number}\n" * 3000
            found[f"{namespace}/p{policy}.yaml"] = text
    return found


def start(project: Path, first: int, last: int) -> "subprocess.Popen[str]":
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(root), str(Path(netpolc.__file__).parents[1])])
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(project), str(first), str(last)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
    )


def texts(out: Path) -> dict[str, str]:
    return {
        path.relative_to(out).as_posix(): path.read_text()
        for path in out.rglob("*")
        if path.is_file()
    }


def whole(text: str) -> bool:
    """Whether a text is one of those that were written, from beginning to end."""
    lines = text.splitlines()
    return len(lines) == 3004 and len(set(lines[4:])) == 1 and text.endswith("\n")


def test_a_kill_leaves_whole_files_and_the_next_compile_mends_the_rest(tmp_path: Path) -> None:
    output = OutputFolder(path=tmp_path / "out", name="out", project=tmp_path)
    moments = random.Random(7)
    interrupted = 0
    for kill in range(10 * KILLS):
        if kill >= KILLS and interrupted:
            break
        with start(tmp_path, kill, 10_000) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(moments.random() * 0.1)
            writer.send_signal(signal.SIGKILL)
        left = texts(output.path) if output.path.exists() else {}
        finished = [text for path, text in left.items() if ".netpolc-" not in path]
        assert all(map(whole, finished))
        interrupted += any(".netpolc-" in path for path in left) or left not in map(
            files, range(99)
        )
        assert write_tree(output, files(kill)).value is not None
        assert texts(output.path) == files(kill)
        assert not list(output.path.rglob(".netpolc-*"))
    assert interrupted, "all kills came at the wrong moments and show nothing"


def test_two_at_once_leave_the_tree_of_one_of_them(tmp_path: Path) -> None:
    with start(tmp_path, 0, 15) as one, start(tmp_path, 100, 115) as other:
        one.communicate()
        other.communicate()
    assert one.returncode == other.returncode == 0
    assert texts(tmp_path / "out") in (files(14), files(114))
