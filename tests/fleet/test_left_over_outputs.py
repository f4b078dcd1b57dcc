"""The manifests of a cluster that leaves fleet.toml go, as those of a namespace that leaves its intents do."""

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from shutil import rmtree

import pytest

from netpolc.cli.main import run
from netpolc.io.output_marker import MARKER
from tests.fleet.scratch_fleet import write_fleet


@pytest.fixture(autouse=True)
def _compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_fleet(tmp_path)
    monkeypatch.chdir(tmp_path)
    Path("security.intent").write_text("never db in ns shop <- internet\n", encoding="utf-8")
    assert fleet_compile()[0] == 0


def fleet_compile(*arguments: str) -> tuple[int, str]:
    """The exit code, and what is printed to people."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as err:
        code = run(("fleet", "compile", *arguments))
    return code, err.getvalue()


def files(folder: str) -> set[str]:
    return {str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file()}


def test_the_output_of_a_cluster_that_is_gone_is_removed() -> None:
    rmtree("clusters/eu-3")
    code, told = fleet_compile("--check")
    assert code == 1
    assert "out/eu-3 is left over, fleet.toml has no such cluster: run it without --check" in told
    assert files("out/eu-3")
    code, told = fleet_compile()
    assert code == 0
    assert "out/eu-3: 4 manifests removed, fleet.toml has no such cluster\n" in told
    assert not Path("out/eu-3").exists()
    assert files("out/eu-1") == files("out/eu-2") != set()
    assert fleet_compile("--check")[0] == 0


def test_a_chosen_cluster_leaves_the_others_as_they_are() -> None:
    rmtree("clusters/eu-3")
    assert fleet_compile("--cluster", "us-2")[0] == 0
    assert fleet_compile("--check", "--cluster", "us-2")[0] == 0
    assert files("out/eu-3")


def test_files_that_netpolc_did_not_make_stay() -> None:
    rmtree("clusters/eu-3")
    Path("out/eu-3/README.md").write_text("ours\n", encoding="utf-8")
    Path("out/eu-3/shop/mine.yaml").write_text("kind: List\n", encoding="utf-8")
    assert fleet_compile()[0] == 0
    assert files("out/eu-3") == {"README.md", "shop/mine.yaml"}


@pytest.mark.parametrize("owner", ["", "sources: other", "output: eu-1", "output: default"])
def test_a_folder_that_is_not_marked_as_this_cluster_is_left_alone(owner: str) -> None:
    rmtree("clusters/eu-3")
    marker = Path("out/eu-3") / MARKER
    if owner:
        marker.write_text(f"{owner}\n", encoding="utf-8")
    else:
        marker.unlink()
    before = files("out/eu-3")
    assert fleet_compile()[0] == 0
    assert fleet_compile("--check")[0] == 0
    assert files("out/eu-3") == before


def test_outputs_of_netpolc_toml_beside_the_clusters_stay() -> None:
    Path("netpolc.toml").write_text("[outputs.eu-3]\n", encoding="utf-8")
    rmtree("clusters/eu-3")
    assert fleet_compile()[0] == 0
    assert files("out/eu-3")


def test_a_link_to_a_folder_elsewhere_is_not_followed(tmp_path: Path) -> None:
    rmtree("clusters/eu-3")
    Path("out/eu-3").rename(tmp_path / "elsewhere")
    Path("out/eu-3").symlink_to(tmp_path / "elsewhere")
    assert fleet_compile()[0] == 0
    assert files(str(tmp_path / "elsewhere"))
