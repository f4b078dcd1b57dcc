"""What only a process of its own shows: imports, pipes, signals, colours, standard input."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

NETPOLC = [sys.executable, "-m", "netpolc"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "intents").mkdir()
    (tmp_path / "intents/a.intent").write_text("db <- api:5432\n")
    return tmp_path


def netpolc(folder: Path, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*NETPOLC, *arguments], cwd=folder, input=stdin, capture_output=True, text=True, check=False
    )


def test_the_exit_code_is_the_processes(folder: Path) -> None:
    assert netpolc(folder, "compile").returncode == 0
    assert netpolc(folder, "compile", "--strict").returncode == 1
    assert netpolc(folder, "compile", "--no-such").returncode == 2


def test_standard_input_is_a_source(folder: Path) -> None:
    done = netpolc(folder, "compile", "-", "-o", "-", stdin="web <- none\n")
    assert done.returncode == 0
    assert "name: web-ingress" in done.stdout
    assert "from <stdin>." in done.stdout


@pytest.mark.parametrize("arguments", ["--version", "--help", "no-such-command"])
def test_what_needs_no_compiler_loads_none(folder: Path, arguments: str) -> None:
    code = (
        "import sys\n"
        "from netpolc.cli.main import run\n"
        f"run([{arguments!r}])\n"
        "heavy = {'lark', 'yaml', 'jsonschema', 'dataclasses', 'inspect'} & set(sys.modules)\n"
        "own = [name for name in sys.modules if name.startswith('netpolc.w')]\n"
        "print('LOADED', sorted(heavy - {'dataclasses', 'inspect'}), own)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "LOADED [] []"


def test_importing_the_package_loads_nothing(folder: Path) -> None:
    code = (
        "import sys, netpolc\n"
        "print([name for name in sys.modules if name.startswith('netpolc.')])\n"
        "result = netpolc.compile()\n"
        "print(result.failed, list(result.files), netpolc.check('intents').failed)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "['netpolc.version']",
        "False ['default/db-ingress.yaml'] False",
    ]


def test_a_reader_that_goes_away_is_no_traceback(folder: Path) -> None:
    text = "".join(f"s{n} <- api:5432\n" for n in range(400))
    (folder / "intents/a.intent").write_text(text)
    with subprocess.Popen(
        [*NETPOLC, "compile", "-o", "-"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 141
    assert "Traceback" not in err
    assert "Exception" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_no_mistake_of_netpolcs(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*NETPOLC, "compile", "-o", "-"],
            cwd=folder,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "Error: Standard output cannot be written: no space left on device.\n"


def test_an_interrupt_is_no_traceback(folder: Path) -> None:
    # What a shell starts in the background ignores the signal, and children inherit that.
    code = (
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from netpolc.cli.entry_point import main\n"
        "main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, "compile", "-", "-o", "-"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        process.stdin.write("x")
        wait_until_reading(process.pid)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err


def wait_until_reading(pid: int) -> None:
    """Wait until a process waits for its standard input."""
    for _ in range(200):
        time.sleep(0.05)
        try:
            if "pipe" in Path(f"/proc/{pid}/wchan").read_text():
                return
        except OSError:
            time.sleep(1)
            return


def on_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """What a command prints to a terminal."""
    ours, theirs = pty.openpty()
    clean = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "TERM"}}
    with subprocess.Popen(
        [*NETPOLC, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=clean | {"TERM": "xterm"} | environment,
    ):
        os.close(theirs)
        printed = b""
        while True:
            try:
                read = os.read(ours, 65536)
            except OSError:
                break
            if not read:
                break
            printed += read
    os.close(ours)
    return printed.decode()


def test_findings_are_coloured_on_a_terminal_unless_told_not_to(folder: Path) -> None:
    assert "\x1b[1;33mwarning[NP601]\x1b[0m" in on_terminal(folder, "check")
    assert "\x1b" not in on_terminal(folder, "check", NO_COLOR="1")
    assert "\x1b" not in on_terminal(folder, "check", TERM="dumb")
    assert "\x1b" not in netpolc(folder, "check").stderr


def test_the_bytes_are_the_same_whatever_the_hash_seed_and_locale(folder: Path) -> None:
    (folder / "intents/a.intent").write_text(
        'namespace shop\ndefault: deny ingress egress\ndb <- api:1, web:2, {a in (x, y), b!=z}:3 because "ü"\n'
        "web -> api:[1, 5-9, metrics], 10.0.0.0/8, any:443\n"
    )
    printed = set()
    for seed, locale in (("0", "C"), ("1", "C.UTF-8"), ("42", "POSIX")):
        done = subprocess.run(
            [*NETPOLC, "compile", "-o", "-"],
            cwd=folder,
            capture_output=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": locale, "PYTHONUTF8": "0"},
        )
        printed.add(done.stdout)
    assert len(printed) == 1


def started(run: str) -> "subprocess.CompletedProcess[str]":
    """A process whose command does this."""
    code = (
        "import sys\n"
        "import netpolc.cli.main as commands\n"
        f"def run(arguments):\n    {run}\n    return 3\n"
        "commands.run = run\n"
        "from netpolc.cli.entry_point import main\n"
        "main()\n"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_what_was_printed_arrives_before_the_process_ends() -> None:
    done = started("print('out'); sys.stderr.write('err')")
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_process_without_a_stream_ends_as_well(stream: str) -> None:
    done = started(f"print('out'); sys.{stream} = None")
    assert (done.returncode, done.stderr) == (3, "")


def test_a_stream_that_was_closed_does_not_change_the_exit_code() -> None:
    done = started("sys.stdout.close()")
    assert (done.returncode, done.stderr) == (3, "")


def test_an_interrupt_while_modules_are_loaded_shows_no_traceback(folder: Path) -> None:
    code = (
        "import sys, types\n"
        "class Loading(types.ModuleType):\n"
        "    def __getattr__(self, name):\n"
        "        raise KeyboardInterrupt\n"
        "sys.modules['netpolc.cli.main'] = Loading('main')\n"
        "from netpolc.cli.entry_point import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (130, "")
