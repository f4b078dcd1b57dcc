"""`netpolc init` on whole systems, changed in many ways: nothing that their manifests show is cut in silence.

The systems are small ones of our own with the traits of well-known ones, and those beside the
checkout in `../shared/oracle`, without which their tests are skipped. What the manifests show is read
by `tests.reference.seen`; each connection must be permitted, or the proposal must name it.
"""

import re
from copy import deepcopy
from datetime import date
from ipaddress import ip_address
from pathlib import Path

import pytest
import yaml
from hypothesis import given, note, settings
from hypothesis import strategies as st

from netpolc.bootstrap.first_intents import first_intents
from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.kube.platform_namespaces import is_platform_namespace
from netpolc.manifest.manifest_set import inventory
from netpolc.manifest.read import read
from netpolc.manifest.references import mentions
from netpolc.source import SourceFile
from tests.bootstrap.mutations import Object, Objects, changed, forget_labels, home, services
from tests.reference.kubernetes import Policy, permits
from tests.reference.seen import Running, doors, monitored, running, shown, unmade
from tests.reference.world import METADATA_NAME, World

OWN = sorted((Path(__file__).parents[1] / "bootstrap" / "systems").glob("*.yaml"))
ORACLE = Path(__file__).parents[3] / "shared" / "oracle" / "netpol-analyzer" / "list"
OUTSIDE = ip_address("198.51.100.7")
assert settings.default is not None
EXAMPLES = settings.default.max_examples // 6


def load(*files: Path) -> Objects:
    """The objects of some files, without policies that add nothing to what is shown."""
    found = [one for path in files for one in yaml.safe_load_all(path.read_text("utf-8")) if one]
    listed = [each for one in found for each in one.get("items", [one])]
    return [one for one in listed if isinstance(one.get("metadata"), dict)]


SYSTEMS = {path.stem: load(path) for path in OWN}
assert SYSTEMS


@pytest.mark.parametrize("name", SYSTEMS)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_what_a_system_shows_is_permitted_or_named(name: str, data: st.DataObject) -> None:
    _holds(SYSTEMS[name], data)


_FOLDERS = (
    "onlineboutique_workloads",
    "acs_security_frontend_demos",
    "demo_app_with_routes_and_ingress",
)


@pytest.mark.skipif(not ORACLE.is_dir(), reason="there are no ../shared/oracle cases")
@pytest.mark.parametrize("name", _FOLDERS)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_what_a_real_system_shows_is_permitted_or_named(name: str, data: st.DataObject) -> None:
    files = sorted(ORACLE.joinpath(name).rglob("*.yaml"))
    _holds(load(*files), data)


def _holds(system: Objects, data: st.DataObject) -> None:
    before = deepcopy(system)
    forget_labels(before, data.draw)  # type: ignore[arg-type]
    after = data.draw(changed(before))
    note(yaml.safe_dump_all(after))
    files, policies = _proposal(after)
    note("\n".join(f"== {name}\n{text}" for name, text in files.items()))
    pods = running(after) + unmade(after)
    named = _Proposal(files, policies, pods, after)
    for sender, receiver, ends in _calls(before, after):
        for protocol, port in ends:
            assert named.permits(sender, receiver, protocol, port) or named.is_named(
                sender, receiver, port
            ), (sender, receiver, port)
    for receiver, port in doors(after, pods):
        is_open = named.permits(None, receiver, "TCP", port)
        assert is_open or named.is_named(None, receiver, port), (receiver, port)
    for receiver, port in monitored(after, pods):
        assert named.is_written(receiver, port), (receiver, port)


def _calls(before: Objects, after: Objects) -> list[tuple[Running, Running, set[tuple[str, int]]]]:
    """Who is shown to call whom; the pods are those after the changes, in the same order."""
    old, new = running(before) + unmade(before), running(after) + unmade(after)
    assert len(old) == len(new)
    return [
        (new[i], new[j], shown(before, sender, receiver))
        for i, sender in enumerate(old)
        for j, receiver in enumerate(old)
        if i != j
    ]


def _proposal(objects: Objects) -> tuple[dict[str, str], list[Policy]]:
    """The files of init, and the policies that they compile to."""
    file = SourceFile("k8s.yaml", yaml.safe_dump_all(objects))
    outcome = read(file, namespace="default")
    assert not outcome.failed, outcome.diagnostics
    made = first_intents(inventory([outcome.value]).value, mentions((file,)))
    sources = tuple(SourceFile(name, text) for name, text in made.files.items())
    compiled = run(Sources(intents=sources), Options(today=date(2026, 1, 1)))
    assert not compiled.failed, compiled.diagnostics
    texts = compiled.files.values()
    return dict(made.files), [one for text in texts for one in yaml.safe_load_all(text)]


class _Proposal:
    """What a proposal permits, and what its comments name."""

    def __init__(
        self, files: dict[str, str], policies: list[Policy], pods: list[Running], objects: Objects
    ) -> None:
        self._files, self._policies, self._objects = files, policies, objects
        names = {one.pod.namespace: {METADATA_NAME: one.pod.namespace} for one in pods}
        self._world = World(names, tuple(one.pod for one in pods))

    def permits(self, sender: Running | None, receiver: Running, protocol: str, port: int) -> bool:
        source = OUTSIDE if sender is None else sender.pod
        return is_platform_namespace(receiver.pod.namespace) or permits(
            self._policies, self._world, source, receiver.pod, protocol, port
        )

    def is_named(self, sender: Running | None, receiver: Running, port: int) -> bool:
        """Whether a comment has a guess at the port, or the Service that leads to it."""
        space = receiver.pod.namespace
        lines = self._comments(space) + (self._comments(sender.pod.namespace) if sender else [])
        words = {str(port), *(one.name for one in receiver.pod.ports if one.number == port)}
        about = {one["metadata"]["name"] for one in self._objects if _leads(one, receiver)}
        return any(
            (" <- " in line and line.rpartition(":")[2] in words)
            or (
                ("leads to" in line or "nothing shows" in line)
                and any(re.search(rf"Service {name}[ :]", line) for name in about)
            )
            for line in lines
        )

    def is_written(self, receiver: Running, port: int) -> bool:
        """Whether an arrow of the receiver's namespace, maybe a guess, has the port."""
        space = receiver.pod.namespace
        texts = (text for name, text in self._files.items() if name.startswith(f"{space}/"))
        words = (str(port), *(one.name for one in receiver.pod.ports if one.number == port))
        written = re.compile(
            rf"[:\[ ](?:{'|'.join(map(re.escape, filter(None, words)))})(?![a-z0-9-])"
        )
        return is_platform_namespace(space) or any(
            " <- " in line and written.search(line) for text in texts for line in text.splitlines()
        )

    def _comments(self, namespace: str) -> list[str]:
        return [
            line
            for name, text in self._files.items()
            if name.startswith(f"{namespace}/")
            for line in text.splitlines()
            if line.startswith("#")
        ]


def _leads(service: Object, receiver: Running) -> bool:
    return (
        service in services([service])
        and home(service) == receiver.pod.namespace
        and service["spec"]["selector"].items() <= receiver.pod.labels.items()
    )
