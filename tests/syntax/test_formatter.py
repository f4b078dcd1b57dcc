"""The formatter: one way to write each thing, nothing lost, nothing changed twice."""

from pathlib import Path

import pytest
from hypothesis import given

from netpolc.source import SourceFile
from netpolc.syntax.formatter import WIDTH, format_file, statement_text
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import IntentFile
from tests.reference import strategies
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.syntax.lines import files

_ROOT = Path(__file__).parents[2]
_EXAMPLES = sorted((_ROOT / "intents").rglob("*.intent"))


def _tree(text: str) -> IntentFile:
    outcome = parse(SourceFile("test.intent", text))
    assert not outcome.diagnostics, outcome.diagnostics
    return outcome.value


def _comments(tree: IntentFile) -> list[str]:
    """All comments of a file, in their order; those inside a statement are above it."""
    found: list[str] = []
    for section in tree.sections:
        for node in (section.header, *section.statements):
            if node is not None:
                found += (*node.comments.before, *node.comments.inside, node.comments.after)
    return [comment for comment in (*found, *tree.tail) if comment]


def _check(text: str) -> None:
    tree = _tree(text)
    formatted = format_file(tree)
    assert _tree(formatted) == tree
    assert format_file(_tree(formatted)) == formatted


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("db<-api:5432", "db <- api:5432"),
        ("db  <-  api : [ 5432 ]", "db <- api:5432"),
        ("db <- api:[5432,53/udp , 53/tcp]", "db <- api:[5432, 53/udp, 53]"),
        ("db <- api:[443, 80]", "db <- api:[443, 80]"),
        ("db <- web,api", "db <- web, api"),
        ("db <- api:1-65535/udp", "db <- api:*/udp"),
        ("db <- api:80-80", "db <- api:80"),
        ("db <- api:080", "db <- api:80"),
        ('"db" <- "default", "80", "10.0.0.1"', 'db <- "default", "80", "10.0.0.1"'),
        ('db <- ns "in", api in ns "any"', "db <- ns in, api in ns any"),
        (
            "{a==b,c!=d , e in (f),g notin(h), i in ( j,k ),! l}<-*",
            "{a=b, c!=d, e=f, g!=h, i in (j, k), !l} <- *",
        ),
        ('db <- {a="", b!="", c in ("", d)}', 'db <- {a=, b!=, c in ("", d)}'),
        ("db <- 10.0.0.0/8 except [10.1.0.0/16]:443", "db <- 10.0.0.0/8 except 10.1.0.0/16:443"),
        (
            "db <- 10.0.0.0/8 except [10.1.0.0/16], 10.2.0.0/16, 11.0.0.0/8",
            "db <- 10.0.0.0/8 except [10.1.0.0/16], 10.2.0.0/16, 11.0.0.0/8",
        ),
        (
            "db <- 10.0.0.0/8 except [10.1.0.0/16], 11.0.0.0/8",
            "db <- 10.0.0.0/8 except 10.1.0.0/16, 11.0.0.0/8",
        ),
        ("db <- 2001:0DB8:0:0::/32", "db <- 2001:db8::/32"),
        ("db <- none", "db <- none"),
        ('db <- a because "x" until 2027-03-31', 'db <- a until 2027-03-31 because "x"'),
        ('db <- a because "\\"\\\\é"', 'db <- a because "\\"\\\\é"'),
        ("default:deny", "default: deny"),
        ("default: deny egress ingress", "default: deny ingress egress"),
        ("namespace shop {}", "namespace shop"),
        ("namespace shop{env==a,team=}", "namespace shop {env=a, team=}"),
        ("group g=a,none-such", "group g = a, none-such"),
        ("service db={a=b}", "service db = {a=b}"),
        ("dns:none", "dns: none"),
        ("nodes:10.0.0.0/8", "nodes: 10.0.0.0/8"),
        ("never{a=b}in ns*<-ns{c=d}", "never {a=b} in ns * <- ns {c=d}"),
        ('dns: "off"', 'dns: "off"'),
        ('dns: "off":53', "dns: off:53"),
    ],
)
def test_canonical_text(written: str, canonical: str) -> None:
    assert _text(_tree(written)) == canonical
    assert _text(_tree(canonical)) == canonical


def _text(tree: IntentFile) -> str:
    """The text of a file's one statement or header."""
    (section,) = tree.sections
    if section.header is not None:
        return statement_text(section.header)
    (statement,) = section.statements
    return statement_text(statement)


def test_file() -> None:
    written = (
        "\n\n# The shop.\n\n\nnamespace   shop {env=prod}#facts\n"
        "default:deny\n\n\n\n  # indented\n\tdb<-api:5432,   # the main one\n\n"
        "   # and\n   worker   # last\n\n# the end\n\n"
    )
    assert format_file(_tree(written)) == (
        "# The shop.\n\nnamespace shop {env=prod}  #facts\ndefault: deny\n\n# indented\n"
        "# the main one\n# and\ndb <- api:5432, worker  # last\n\n# the end\n"
    )


def test_empty_file() -> None:
    assert format_file(_tree("\n\n")) == ""
    assert format_file(_tree("# only\n\n\n")) == "# only\n"


def test_long_lines_are_broken_after_commas() -> None:
    written = f"db <- {', '.join(f'service-number-{i}:{i + 1}' for i in range(40))}"
    lines = format_file(_tree(written)).splitlines()
    assert len(lines) > 1
    assert all(len(line) <= WIDTH for line in lines)
    assert all(line.endswith(",") for line in lines[:-1])
    assert all(line.startswith("  service-") for line in lines[1:])
    _check(written)


def test_lines_are_not_broken_inside_quotes() -> None:
    reason = ", ".join(["word"] * 40)
    (line,) = format_file(_tree(f'db <- a because "{reason}"')).splitlines()
    assert line.endswith(f'"{reason}"')


def test_a_broken_subject_is_read_again() -> None:
    keys = ", ".join(f"some.domain.example/label-{i}=value-{i}" for i in range(6))
    for text in (f"{{{keys}}} <- api", f"never {{{keys}}} in ns {{{keys}}} <- ns {{{keys}}}"):
        assert "\n" in format_file(_tree(text)).strip()
        _check(text)


@pytest.mark.parametrize("path", _EXAMPLES, ids=lambda path: path.stem)
def test_the_project_s_own_programs(path: Path) -> None:
    _check(path.read_text(encoding="utf-8"))


@given(strategies.programs())
def test_random_programs(program: Program) -> None:
    for text in to_text(program).values():
        _check(text)


@given(files())
def test_random_files(text: str) -> None:
    _check(text)
    tree = _tree(text)
    assert _comments(_tree(format_file(tree))) == _comments(tree)
