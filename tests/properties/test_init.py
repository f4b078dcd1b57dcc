"""`netpolc init` over random clusters: sound text, and walls with no door that nobody saw."""

import contextlib
import io
import tempfile
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, note, settings

from netpolc.cli.main import run
from netpolc.source import SourceFile
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse
from tests.bootstrap.clusters import NAMESPACES, PORTS, Object, clusters
from tests.reference.kubernetes import permits
from tests.reference.seen import Running, running, shown, told_apart
from tests.reference.world import METADATA_NAME, Endpoint, Pod, World

TRIED = [(protocol, port) for protocol in ("TCP", "UDP", "SCTP") for port in (1, *PORTS)]
assert settings.default is not None
EXAMPLES = settings.default.max_examples // 2  # each one runs three commands
OUTSIDE = ip_address("198.51.100.7")


@settings(max_examples=EXAMPLES)
@given(clusters())
def test_what_init_writes_opens_what_is_shown_and_nothing_else(objects: list[Object]) -> None:
    note(yaml.safe_dump_all(objects))
    with _folder(objects) as folder:
        assert _run("init", "k8s") == 0
        written = _files(folder / "intents")
        note("\n".join(f"== {name}\n{text.decode()}" for name, text in written.items()))
        for name, text in written.items():
            tree = parse(SourceFile(name, text.decode()))
            assert not tree.diagnostics
            assert format_file(tree.value) == text.decode()
        assert _run("init", "k8s") == 0
        assert _files(folder / "intents") == written
        assert _run("compile") == 0
        policies = [yaml.safe_load(text) for text in _files(folder / "out").values()]
    _opens_what_is_shown(objects, policies)


def _opens_what_is_shown(objects: list[Object], policies: Sequence[dict[str, Any]]) -> None:
    everyone = running(objects)
    known = [one for one in everyone if not one.host_network]
    apart = {id(one) for one in everyone if told_apart(one, everyone)}
    world = _world(known)
    for receiver in known:
        for sender in known:
            evidence = shown(objects, sender, receiver)
            # A workload's own address may be what it tells others; it opens nothing.
            evidence = evidence if sender is not receiver else set()
            other = _replica(sender.pod) if sender is receiver else sender.pod
            opened = _opened(policies, world, other, receiver.pod)
            assert opened <= evidence, (sender, receiver)
            if sender is not receiver and {id(sender), id(receiver)} <= apart:
                assert _plain(objects, sender, receiver) <= opened, (sender, receiver)
        for stranger in (OUTSIDE, *world.pods[len(known) :]):
            assert not _opened(policies, world, stranger, receiver.pod)


def _plain(objects: Sequence[Object], sender: Running, receiver: Running) -> set[tuple[str, int]]:
    """What the texts show that are `name.namespace.svc:port` and nothing else."""
    found = set()
    for service in (one for one in objects if one["kind"] == "Service"):
        about = service["metadata"]
        host = f"{about['name']}.{about.get('namespace', 'default')}.svc:"
        texts = tuple(
            (field, text)
            for field, text in sender.texts
            if text.startswith(host) and int(text.removeprefix(host) or 0) in PORTS
        )
        alone = Running(kind=sender.kind, pod=sender.pod, host_network=False, texts=texts)
        found |= shown([service], alone, receiver)
    return found


def _opened(
    policies: Sequence[dict[str, Any]], world: World, sender: Endpoint, receiver: Pod
) -> set[tuple[str, int]]:
    return {
        (protocol, port)
        for protocol, port in TRIED
        if permits(policies, world, sender, receiver, protocol, port)
    }


def _world(known: Sequence[Running]) -> World:
    """The workloads, and pods that no manifest has."""
    strangers = tuple(
        Pod(namespace=namespace, name="stranger", labels={"app": "stranger"})
        for namespace in (*NAMESPACES, "ingress-nginx")
    )
    namespaces = {one.namespace: {METADATA_NAME: one.namespace} for one in strangers}
    return World(namespaces, (*(one.pod for one in known), *strangers))


def _replica(pod: Pod) -> Pod:
    return Pod(namespace=pod.namespace, name=pod.name, labels=pod.labels, ports=pod.ports)


@contextlib.contextmanager
def _folder(objects: Sequence[Object]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        folder = Path(name)
        (folder / ".git").mkdir()
        (folder / "k8s").mkdir()
        text = yaml.safe_dump_all(objects)
        (folder / "k8s" / "all.yaml").write_text(text, encoding="utf-8")
        yield folder


def _run(*arguments: str) -> int:
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        code = run(list(arguments))
    note(said.getvalue())
    return code


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".intent", ".yaml"}
    }
