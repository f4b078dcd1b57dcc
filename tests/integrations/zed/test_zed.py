"""The extension for Zed: built as Zed builds it, and asked in wasmtime what Zed asks in it."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
EXTENSION = ROOT / "integrations" / "zed"
BUILD = ROOT / "build" / "zed"
TARGET = "wasm32-wasip2"
_WORKTREE, _OTHER = 1, 2


@pytest.fixture(scope="module")
def component() -> Path:
    """The extension as a WebAssembly component; tests are skipped where it cannot be built."""
    if not os.environ.get("NETPOLC_EDITORS"):
        pytest.skip("builds an extension, which takes a minute: make test-editor")
    if not (shutil.which("cargo") and shutil.which("rustc")):
        pytest.skip("Rust is not installed")
    asked = ["rustc", "--print", "target-libdir", "--target", TARGET]
    folder = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=EXTENSION)
    if not Path(folder.stdout.strip()).is_dir():
        pytest.skip(f"Rust does not have the target {TARGET}: rustup target add {TARGET}")
    command = ["cargo", "build", "--quiet", "--target", TARGET, "--target-dir", str(BUILD)]
    subprocess.run(command, cwd=EXTENSION, check=True, timeout=600)
    return BUILD / TARGET / "debug" / "netpolc_zed.wasm"


Ask = Callable[[str], Any]


def start(component: Path, settings: dict[str, Any], found: str | None) -> Ask:
    """Start the extension where Zed has these settings and finds a program; return how to ask it."""
    wasmtime = pytest.importorskip("wasmtime", reason="an extra: make .venv/.ready-editors")
    model = pytest.importorskip("wasmtime.component")
    engine = wasmtime.Engine()
    code = model.Component.from_file(engine, str(component))
    store, wasi = wasmtime.Store(engine), wasmtime.WasiConfig()
    wasi.env = [("PWD", "/")]
    store.set_wasi(wasi)
    linker = model.Linker(engine)
    linker.add_wasip2()

    def of_worktree(value: object) -> Callable[..., object]:
        def answer(store: Any, worktree: Any, *_: object) -> object:
            worktree.drop(store)
            return value

        return answer

    def settings_of(_store: Any, _place: Any, category: str, key: str) -> object:
        assert (category, key) == ("lsp", "netpolc")
        return model.Variant("ok", json.dumps(settings))

    with linker.root() as root:
        for name in code.type.imports(engine):
            if name.startswith("zed:"):
                root.add_instance(name).close()
        for name, kind in (
            ("worktree", _WORKTREE),
            ("project", _OTHER),
            ("key-value-store", _OTHER),
        ):
            root.add_resource(name, model.ResourceType.host(kind), lambda *_: None)
        root.add_func("get-settings", settings_of)
        root.add_func("[method]worktree.id", of_worktree(7))
        root.add_func("[method]worktree.which", of_worktree(found))
        root.add_func("[method]worktree.shell-env", of_worktree([("LANG", "C")]))
    instance = linker.instantiate(store, code)
    instance.get_func(store, "init-extension")(store)
    return partial(_ask, model, instance, store)


def _ask(model: Any, instance: Any, store: Any, question: str) -> Any:
    worktree = model.ResourceHost.borrow(7, _WORKTREE).to_any(store)
    return instance.get_func(store, question)(store, "netpolc", worktree)


def test_the_server_on_path_is_started(component: Path) -> None:
    command = start(component, {}, "/usr/bin/netpolc")("language-server-command")
    assert command.command == "/usr/bin/netpolc"
    assert command.args == ["lsp"]
    assert command.env == [("LANG", "C")]


def test_a_missing_server_is_told_with_how_to_install_it(component: Path) -> None:
    problem = start(component, {}, None)("language-server-command")
    assert problem == "netpolc is not on PATH: install it with `pip install 'netpolc[lsp]'`"


def test_settings_choose_the_program(component: Path) -> None:
    binary = {"path": "/venv/netpolc", "arguments": ["lsp", "--stdio"], "env": {"A": "b"}}
    command = start(component, {"binary": binary}, None)("language-server-command")
    assert command.command == "/venv/netpolc"
    assert command.args == ["lsp", "--stdio"]
    assert command.env == [("LANG", "C"), ("A", "b")]


def test_settings_reach_the_server(component: Path) -> None:
    settings = {"initialization_options": {"closedWorld": True}, "settings": {"with": ["a.yaml"]}}
    ask = start(component, settings, "netpolc")
    options = ask("language-server-initialization-options")
    assert json.loads(options.payload) == {"closedWorld": True}
    assert json.loads(ask("language-server-workspace-configuration").payload) == {
        "with": ["a.yaml"]
    }
