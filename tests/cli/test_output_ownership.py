"""Several outputs in one repository: none removes or changes what another one wrote."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.cli.main import run
from netpolc.io.output_marker import MARKER
from tests.cli.conftest import Files, Put

PROGRAM: dict[str, str | bytes] = {
    "intents/a.intent": "namespace shop\ndefault: deny\ndb <- api:5432\ncache <- none\n",
    "intents/prod/b.intent": "namespace prod\nweb <- any:80\n",
    "more.intent": "namespace more\nx <- y:1\n",
}


def test_stages_in_folders_of_their_own_survive_a_plain_compile(put: Put, files: Files) -> None:
    put(PROGRAM)
    for stage in ("allow", "deny"):
        assert run(["compile", "--stage", stage, "-o", f"out/{stage}"]) == 0
    before = files()
    assert run(["compile", "--check"]) == 1
    assert run(["compile"]) == 0
    assert files().items() >= before.items()
    for stage in ("allow", "deny"):
        assert run(["compile", "--stage", stage, "-o", f"out/{stage}", "--check"]) == 0


def test_the_folder_above_is_no_excuse(put: Put, files: Files) -> None:
    put(PROGRAM)
    run(["compile"])
    before = files()
    assert run(["compile", "-o", "."]) == 0
    assert files().items() >= before.items()


def test_a_part_of_the_sources_does_not_remove_the_rest(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    run(["compile"])
    before = files()
    for check in ((), ("--check",)):
        capfd.readouterr()
        assert run(["compile", "intents/prod", *check]) == 1
        assert "NP747" in capfd.readouterr().err
    assert files() == before
    Path("out", MARKER).unlink()
    assert run(["compile", "intents/prod"]) == 0
    assert [name for name in files() if name.startswith("out/")] == ["out/prod/web-ingress.yaml"]


def test_the_same_sources_in_other_words(put: Put) -> None:
    put(PROGRAM)
    run(["compile"])
    Path("intents/a.intent").write_text("namespace shop\ndb <- api:1\n", encoding="utf-8")
    assert run(["compile", "./intents/"]) == 0


def test_an_output_inside_another_is_refused(
    put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    run(["compile"])
    before = files()
    assert run(["compile", "more.intent", "-o", "out/shop"]) == 1
    assert "NP746" in capfd.readouterr().err
    assert files() == before
    assert run(["compile", "more.intent", "-o", "out/apart"]) == 0
    put({"intents/c.intent": "namespace apart\nx <- y\n"})
    assert run(["compile"]) == 1
    assert "`out/apart` is another output" in capfd.readouterr().err


def test_folders_of_an_earlier_version_are_not_taken_for_leftovers(put: Put, files: Files) -> None:
    put(PROGRAM)
    for layout in ("policy", "namespace", "source"):
        run(["compile", "--layout", layout, "-o", "out/prod"])
        Path("out/prod", MARKER).unlink()
        before = files()
        for _ in ("without a marker", "with one"):
            assert run(["compile"]) == 0
            assert files().items() >= before.items()
        shutil.rmtree("out")


def test_a_folder_of_an_earlier_version_becomes_an_output(put: Put, files: Files) -> None:
    put(PROGRAM)
    run(["compile"])
    Path("out", MARKER).unlink()
    assert run(["compile", "--check"]) == 0, "a missing marker is nothing to be mended"
    Path("intents/prod/b.intent").unlink()
    assert run(["compile"]) == 0
    assert not [name for name in files() if name.startswith("out/prod/")]
    assert "output: default" in Path("out", MARKER).read_text("utf-8")


def test_nothing_of_a_folder_of_intents_that_is_gone_stays(put: Put, files: Files) -> None:
    """Also where the intents are in the project's folder, and where the layout changes."""
    put(
        {
            "netpolc.toml": 'sources = ["."]\nlayout = "source"\n',
            "a/shop.intent": "namespace shop\ndb <- api:5432\n",
            "b/bank.intent": "namespace bank\ndefault: deny egress\nweb -> ns shop:80\n",
        }
    )

    def written() -> list[str]:
        return [name for name in files() if name.startswith("out/")]

    assert run(["compile"]) == 0
    assert "out/b/bank.allow-dns-egress.yaml" in written()
    Path("b/bank.intent").unlink()
    assert run(["compile", "--check"]) == 1
    assert run(["compile"]) == 0
    assert written() == ["out/a/shop.db-ingress.yaml"]
    assert run(["compile", "--layout", "policy"]) == 0
    assert written() == ["out/shop/db-ingress.yaml"]


def test_a_copy_is_an_output_of_its_own(put: Put, files: Files) -> None:
    put(PROGRAM)
    run(["compile", "-o", "out/prod"])
    shutil.copytree("out/prod", "out/copy")
    Path("intents/prod/b.intent").unlink()
    assert run(["compile", "-o", "out/copy"]) == 0
    assert "out/prod/prod/web-ingress.yaml" in files()
    assert "out/copy/prod/web-ingress.yaml" not in files()


@dataclass(frozen=True)
class Command:
    """One compile."""

    sources: str
    output: str
    layout: str
    stage: str
    kustomization: bool

    @property
    def arguments(self) -> list[str]:
        """What is given to netpolc."""
        return [
            *filter(None, [self.sources]),
            *(("-o", self.output) if self.output else ()),
            *("--layout", self.layout),
            *(("--stage", self.stage) if self.stage else ()),
            *(("--kustomization",) if self.kustomization else ()),
        ]

    def may_touch(self, other: "Command") -> bool:
        """Return whether it may remove or change what another one wrote."""
        same = (self.output or "out", self.sources) == (other.output or "out", other.sources)
        return same and (not self.stage or not other.stage or self.stage == other.stage)


commands = st.builds(
    Command,
    sources=st.sampled_from(["", "", "intents/prod", "more.intent"]),
    output=st.sampled_from(["", "", "out/prod", "out/shop", ".", "env", "intents"]),
    layout=st.sampled_from(["policy", "namespace", "source"]),
    stage=st.sampled_from(["", "", "allow", "deny"]),
    kustomization=st.booleans(),
)


def _manifests(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.yaml")
        if path.is_file()
    }


@settings(deadline=None, max_examples=settings().max_examples // 2)
@given(st.lists(st.tuples(commands, st.booleans()), min_size=2, max_size=6))
def test_no_compile_touches_what_another_one_wrote(steps: list[tuple[Command, bool]]) -> None:
    here = Path.cwd()
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for path, text in PROGRAM.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(str(text), encoding="utf-8")
        os.chdir(folder)
        try:
            _follow(folder, steps)
        finally:
            os.chdir(here)


def _follow(folder: Path, steps: list[tuple[Command, bool]]) -> None:
    writers: dict[str, Command] = {}
    before = _manifests(folder)
    for step, gone in steps:
        extra = folder / "intents/extra.intent"
        if gone:
            extra.unlink(missing_ok=True)
        else:
            extra.write_text("namespace extra\na <- b:1\nc <- none\n", encoding="utf-8")
        code = run(["compile", *step.arguments])
        after = _manifests(folder)
        assert code == 0 or after == before
        for path in before:
            if after.get(path) != before[path]:
                assert step.may_touch(writers[path]), (path, writers[path])
        for path in after:
            if after[path] != before.get(path):
                writers[path] = step
        before = after
