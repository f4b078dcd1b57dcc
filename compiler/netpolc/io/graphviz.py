"""Layout by Graphviz, whose program `dot` lays out a graph and draws it as SVG."""

import subprocess

from netpolc.diagnostics.render.escape import visible

_LONGEST_SECONDS = 120


class GraphvizError(Exception):
    """`dot` is not there, or could not draw the graph."""


def svg_of(dot: str) -> str:
    """The SVG of a graph in Graphviz' language, drawn by `dot`.

    Raises:
        GraphvizError: with a sentence for people.
    """
    try:
        done = subprocess.run(
            ["dot", "-Tsvg"],  # noqa: S607 - the program of that name on the user's path
            input=dot.encode(),
            capture_output=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        message = "the program `dot` of Graphviz is not installed"
        raise GraphvizError(message) from error
    except subprocess.TimeoutExpired as error:
        message = f"`dot` took more than {_LONGEST_SECONDS} seconds"
        raise GraphvizError(message) from error
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        why = visible(lines[-1]) if lines else f"exit code {done.returncode}"
        message = f"`dot` failed: {why}"
        raise GraphvizError(message)
    return done.stdout.decode()
