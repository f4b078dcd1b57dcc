"""Install completion scripts in the folders where shells look for those of a user.

bash-completion and fish load a file by the name of the command. zsh loads functions from the folders
in `fpath`, none of which is in the home folder, so a line in .zshrc adds one.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from netpolc.io.read_file import reason
from netpolc.values import frozen

OWN = "_NETPOLC_COMPLETE"
"""A text that every completion script of netpolc contains."""

_ZSHRC = """
# Completion of netpolc.
fpath=("{folder}" $fpath)
autoload -Uz compinit && compinit
"""


@frozen(kw_only=True)
class Installed:
    """The files that were written, or why not; empty if everything was there already."""

    written: tuple[Path, ...] = ()
    problem: str = ""


def install_completion(
    shell: str, script: str, home: Path, environment: Mapping[str, str]
) -> Installed:
    """Put the script for a shell where the shell finds it.

    Args:
        shell: bash, zsh or fish.
        script: the text.
        home: the home folder.
        environment: the variables that say where a user's files are.
    """
    data = Path(environment.get("XDG_DATA_HOME") or home / ".local/share")
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    zsh = Path(environment.get("ZDOTDIR") or home)
    path = {
        "bash": data / "bash-completion/completions/netpolc",
        "zsh": zsh / ".zfunc/_netpolc",
        "fish": config / "fish/completions/netpolc.fish",
    }[shell]
    try:
        written = _put(path, script)
        if shell == "zsh":
            written += _append(zsh / ".zshrc", _ZSHRC.format(folder=path.parent), ".zfunc")
    except _ForeignFileError:
        return Installed(problem=f"{path} was not made by netpolc")
    except OSError as error:
        return Installed(problem=f"{error.filename or path} cannot be written: {reason(error)}")
    return Installed(written=tuple(written))


class _ForeignFileError(Exception):
    """The file is somebody else's."""


def _put(path: Path, script: str) -> list[Path]:
    """Write a file, unless it is as it should be; return what was written."""
    if os.path.lexists(path):
        there = path.read_text(encoding="utf-8", errors="replace")
        if there == script:
            return []
        if OWN not in there:
            raise _ForeignFileError
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script, encoding="utf-8")
    return [path]


def _append(path: Path, text: str, known_by: str) -> list[Path]:
    """Add lines to a file that does not have them; return what was written."""
    there = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    if known_by in there:
        return []
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
    return [path]
