"""`netpolc new`: the files of a new project, with a first intent to edit."""

from importlib.resources import files as package_files

from netpolc.diagnostics import Outcome
from netpolc.io.output_folder import OutputFolder
from netpolc.io.write_new_files import EXAMPLE, absent, is_present, write_new
from netpolc.values import frozen

SCHEMA = ".netpolc.schema.json"
_INTENTS = f"intents/{EXAMPLE}"

_EXAMPLE = """\
namespace example
default: deny

# One arrow is one permitted connection. The left side is the service that it is about.
web <- ns ingress-nginx:8080
db <- web:5432

# What must never be permitted is proved at every check.
never db <- internet
"""

_CONFIG = f"""\
#:schema ./{SCHEMA}
# The settings of netpolc. `netpolc explain NP721` lists them.
sources = ["intents"]
output = "out"

# For several environments, give each a table; the folder of this one is out/prod.
# [outputs.prod]
# sources = ["intents", "env/prod.intent"]
"""

_PRE_COMMIT = """\
repos:
  - repo: local
    hooks:
      - id: netpolc-fmt
        name: netpolc fmt
        entry: netpolc fmt
        language: system
        files: \\.intent$
      - id: netpolc-check
        name: netpolc check
        entry: netpolc check
        language: system
        files: (\\.intent|(^|/)netpolc\\.toml)$
        pass_filenames: false
      - id: netpolc-fresh
        name: netpolc compile --check
        entry: netpolc compile --check
        language: system
        always_run: true
        pass_filenames: false
"""

_GITHUB = """\
name: Network policy
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  netpolc:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      # From an index that has netpolc; else name its repository, as `pip install git+https://…`.
      - run: pip install netpolc
      - run: netpolc check --strict --format github
      - run: netpolc compile --check
"""

_GITLAB = """\
netpolc:
  image: python:3.12
  script:
    # From an index that has netpolc; else name its repository, as `pip install git+https://…`.
    - pip install netpolc
    - netpolc check --strict
    - netpolc compile --check
"""

_CI = {
    "github": (".github/workflows/netpolc.yml", _GITHUB),
    "gitlab": (".gitlab-ci.yml", _GITLAB),
}
PLATFORMS = tuple(_CI)


@frozen(kw_only=True)
class NewProject:
    """The paths of a new project: written, there already, and left out because of other intents."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    left_out: tuple[str, ...]


def new_project(
    folder: OutputFolder, *, pre_commit: bool = False, ci: str | None = None
) -> Outcome[NewProject]:
    """Write the files of a new project; a file that exists is kept as it is.

    Args:
        folder: the project's folder, which need not exist.
        pre_commit: whether to write hooks for pre-commit.
        ci: the platform whose pipeline is written, one of `PLATFORMS`.

    Returns:
        The paths from the folder, with findings about what could not be written.
    """
    texts = {"netpolc.toml": _CONFIG, SCHEMA: _schema(), _INTENTS: _EXAMPLE}
    if pre_commit:
        texts[".pre-commit-config.yaml"] = _PRE_COMMIT
    if ci is not None:
        path, text = _CI[ci]
        texts[path] = text
    missing = absent(folder, texts)
    rest = [path for path in texts if path not in missing]
    kept = tuple(path for path in rest if is_present(folder, path))
    outcome = write_new(folder, {path: texts[path] for path in missing}, force=True)
    project = NewProject(
        written=() if outcome.failed else missing,
        kept=kept,
        left_out=tuple(path for path in rest if path not in kept),
    )
    return Outcome(project, outcome.diagnostics)


def _schema() -> str:
    return (package_files("netpolc.grammar") / "netpolc.schema.json").read_text(encoding="utf-8")
