"""One process or several, on random programs with findings, errors, assertions and tiers: the same result."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.manifest.output_layout import Layout
from netpolc.source import SourceFile
from tests.reference import language
from tests.reference.printing import to_text
from tests.reference.strategies import programs

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")

LONG = f"namespace shop\n{'long-' * 11}name <- api\n"
"""Its policy has a name of more than 63 characters, which is a finding of `emit`."""
FURTHER = {
    "a claim that fails": "namespace shop\ndb <- api\nnever db <- api\n",
    "a claim that holds": "namespace pay\nonly hidden <- api\n",
    "a tier": "cluster\nenforce never ns pay <- ns shop\n",
    "a finding of emit": LONG,
    "redundant": "namespace pay\ndb <- *\ndb <- api\n# netpolc: ignore NP604\ndb <- db\n",
    "an error": "namespace pay\ndb <- ns {env=prod env=dev}\n",
    "two values": "namespace pay {env=a}\nnamespace pay {env=b}\n",
}


def sources(texts: dict[str, str]) -> Sources:
    files = tuple(SourceFile(name, text) for name, text in texts.items())
    folders = {file.path: f"of-{file.path}" for file in files}
    return Sources(intents=files, folders=folders)


def options() -> st.SearchStrategy[Options]:
    return st.builds(
        Options,
        today=st.just(date(2026, 1, 1)),
        layout=st.sampled_from(Layout),
        kustomization=st.booleans(),
        checking=st.booleans(),
        strict=st.booleans(),
        tiers=st.sampled_from(("", "v1alpha2")),
    )


@settings(max_examples=settings().max_examples // 3)  # two whole runs each, one of three processes
@given(programs(), st.lists(st.sampled_from(sorted(FURTHER)), max_size=3, unique=True), options())
def test_several_processes_change_nothing(
    program: language.Program, further: list[str], options: Options
) -> None:
    read = sources({**to_text(program), **{f"{one}.intent": FURTHER[one] for one in further}})
    alone, together = (run(read, options, processes=processes) for processes in (1, 3))
    assert together.diagnostics == alone.diagnostics
    assert dict(together.files) == dict(alone.files)
    assert list(together.files) == list(alone.files)
    assert dict(together.policy_counts) == dict(alone.policy_counts)
    assert together.cluster_policies == alone.cluster_policies
    assert (together.proved, together.against) == (alone.proved, alone.against)


@pytest.mark.parametrize("layout", Layout)
def test_every_layout_has_its_files_where_they_belong(layout: Layout) -> None:
    read = sources({f"{one}.intent": f"namespace {one}\ndb <- api\n" for one in ("a", "b", "c")})
    options = Options(today=date(2026, 1, 1), layout=layout, kustomization=True)
    alone, together = (run(read, options, processes=processes) for processes in (1, 3))
    assert list(together.files.items()) == list(alone.files.items())


def test_what_is_to_be_found_is_found_here() -> None:
    """The findings drawn above do appear, and others' namespaces still have their files."""
    texts = {"shop.intent": LONG, "pay.intent": "namespace pay\ndb <- api\n"}
    texts = {name: f"{text}default: deny\n" for name, text in texts.items()}
    result = run(sources(texts), Options(today=date(2026, 1, 1)), processes=2)
    assert [one.rule.code for one in result.diagnostics] == ["NP457"]
    assert {path.split("/")[0] for path in result.files} == {"shop", "pay"}
    assert {one.namespace for one in result.manifests} == {"shop"}, "translated again, here"
