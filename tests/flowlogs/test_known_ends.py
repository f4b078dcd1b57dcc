"""What known labels decide is what the search finds, for every pod that could have made a flow."""

from collections import Counter
from collections.abc import Iterable
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from netpolc.commands.learn import intents_of
from netpolc.commands.pipeline import Compilation, understand
from netpolc.flowlogs.aggregate import FlowKind
from netpolc.flowlogs.flows import AddressParty, Party, PodParty, ServiceParty
from netpolc.flowlogs.known_ends import KnownEnds
from netpolc.flowlogs.permitted import Comparison, Permitted, end_of
from netpolc.flowlogs.vocabulary import Names
from netpolc.io.sources import Sources
from netpolc.kube.inventory import ContainerPort, Inventory, Workload
from netpolc.kube.label_conventions import ControllerLabel, LabelValue
from netpolc.kube.peers import Direction
from netpolc.kube.ports import Protocol
from netpolc.source import SourceFile
from tests.flowlogs.test_proposals import ADDRESSES, INTENTS, PODS, TODAY

PARTIES: tuple[Party, ...] = (
    *PODS,
    *ADDRESSES,
    *(ServiceParty(namespace, name) for namespace in ("shop", "any") for name in ("api", "back")),
    *(
        PodParty(namespace=namespace, labels=labels, namespace_labels=above, complete=complete)
        for namespace in ("shop", "any", "new")
        for labels in ((("app", "api"),), (("tier", "back"),))
        for above in ((), (("env", "prod"),), (("env", "dev"),))
        for complete in (True, False)
    ),
)
ENDS = [
    (sender, receiver)
    for sender, receiver in product(PARTIES, repeat=2)
    if not (isinstance(sender, AddressParty) and isinstance(receiver, AddressParty))
]
KINDS = st.builds(
    lambda ends, protocol, port: FlowKind(
        sender=ends[0], receiver=ends[1], protocol=protocol, port=port, certain=True
    ),
    st.sampled_from(ENDS),
    st.sampled_from((Protocol.TCP, Protocol.UDP)),
    st.sampled_from((53, 80, 8080)),
)
SUBJECTS = ("*", "api", "back", "{tier=back}", "{app!=api}", "{app=api, tier=back}", "{tier}")
PEERS = (
    "*",
    "api",
    "ns *",
    "ns {env=prod}",
    "ns {env!=prod}",
    "{tier=back} in ns {env=prod}",
    "{app!=api} in ns *",
    "api in ns any",
    "{!tier}",
    "203.0.113.0/24",
    "203.0.113.0/29",
    "0.0.0.0/0 except [203.0.113.0/29]",
    "2001:db8::/32",
    "internet",
    "none",
)
ARROWS = st.builds(
    "{} {} {}{}".format,
    st.sampled_from(SUBJECTS),
    st.sampled_from(("<-", "->")),
    st.sampled_from(PEERS),
    st.sampled_from(("", ":80", ":8000-9000", ":53/udp", ":metrics", ":metrics/udp")),
).map(lambda line: line if "none" not in line else line.split(":")[0])
NAMESPACES = st.lists(ARROWS, max_size=5).map("\n".join)
HEADS = st.sampled_from(("", "\ndefault: deny", "\ndefault: deny ingress egress", "\nlabel: tier"))
PROGRAMS = st.builds(
    "namespace shop {}{}\n{}\nnamespace any{}\n{}\n".format,
    st.sampled_from(("", "{env=prod}", "{env=dev}")),
    HEADS,
    NAMESPACES,
    HEADS,
    NAMESPACES,
) | st.just(INTENTS)


def understood(text: str) -> Compilation:
    """What intents mean; a few drawn ones have errors, such as a named port of addresses."""
    return understand(Sources(intents=(SourceFile("a.intent", text),)), TODAY)


def answers(
    known: Compilation, kinds: list[FlowKind], workloads: Iterable[Workload] = ()
) -> Counter[Permitted | None]:
    """How often known labels give each answer, having compared each with what the search finds."""
    inventory = Inventory(workloads=tuple(workloads))
    intents = intents_of(known)
    parties = [end for kind in kinds for end in (kind.sender, kind.receiver)]
    names = Names(intents, (end for end in parties if isinstance(end, PodParty)))
    comparison = Comparison(intents, names, inventory, new=False, egress=False)
    ends = {direction: KnownEnds(intents.policies, direction) for direction in Direction}
    found: Counter[Permitted | None] = Counter()
    for kind, direction in product(kinds, Direction):
        own, other = kind.receiver, kind.sender
        if direction is Direction.EGRESS:
            own, other = other, own
        if not isinstance(own, PodParty | ServiceParty):
            continue
        end = end_of(other, names)
        assert end is not None
        answer = ends[direction].permits(names.end(own), end, kind.protocol, kind.port)
        said = None if answer is None else Permitted.YES if answer else Permitted.NO
        searched = comparison.searched(kind, direction)
        assert said in (None, searched), (kind, direction)
        assert comparison.end_permits(kind, direction) is searched
        found[said] += 1
    return found


@given(PROGRAMS, st.lists(KINDS, min_size=1, max_size=10))
def test_what_known_labels_decide_is_what_the_search_finds(
    text: str, kinds: list[FlowKind]
) -> None:
    known = understood(text)
    assume(not known.failed)
    answers(known, kinds)


WORKLOADS = st.lists(
    st.builds(
        Workload,
        namespace=st.sampled_from(("shop", "any", "new")),
        name=st.just("w"),
        kind=st.just("Pod"),
        labels=st.sampled_from(
            (
                {"app": "api"},
                {"app": "api", "tier": "back"},
                {"tier": "back"},
                {"app": "back", "tier": "back", "other": "x"},
            )
        ),
        ports=st.sampled_from(((), (ContainerPort(number=80, name="metrics"),))),
        varying=st.sampled_from(
            ((), (ControllerLabel(key="tier", kind=LabelValue.UNKNOWN, pattern="[a-z]+"),))
        ),
    ),
    min_size=1,
    max_size=4,
)


@given(PROGRAMS, st.lists(KINDS, min_size=1, max_size=10), WORKLOADS)
def test_what_the_labels_of_workloads_decide_is_what_the_search_finds(
    text: str, kinds: list[FlowKind], workloads: list[Workload]
) -> None:
    known = understood(text)
    assume(not known.failed)
    answers(known, kinds, workloads)


def beside_one_workload(
    labels: dict[str, str], *varying: ControllerLabel
) -> tuple[Comparison, FlowKind]:
    """Intents that close pods with a label, one known workload, and a flow to it."""
    intents = intents_of(understood("namespace shop\n{tier=back} <- db:80\n"))
    workload = Workload(namespace="shop", name="api", kind="Pod", labels=labels, varying=varying)
    inventory = Inventory(workloads=(workload,))
    comparison = Comparison(intents, Names(intents, ()), inventory, new=False, egress=False)
    api, web = (PodParty(namespace="shop", labels=(("app", app),)) for app in ("api", "web"))
    kind = FlowKind(sender=web, receiver=api, protocol=Protocol.TCP, port=80, certain=True)
    return comparison, kind


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"app": "api"}, Permitted.YES),
        ({"app": "api", "tier": "back"}, Permitted.NO),
        ({"app": "api", "tier": "front"}, Permitted.YES),
    ],
)
def test_the_labels_that_a_workload_does_not_have_decide(
    labels: dict[str, str], expected: Permitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison, kind = beside_one_workload(labels)
    assert comparison.searched(kind, Direction.INGRESS) is expected
    monkeypatch.setattr(Comparison, "_answer", None)
    assert comparison.end_permits(kind, Direction.INGRESS) is expected


def test_a_label_that_a_controller_adds_decides_nothing() -> None:
    added = ControllerLabel(key="tier", kind=LabelValue.UNKNOWN, pattern="[a-z]+")
    comparison, kind = beside_one_workload({"app": "api"}, added)
    assert comparison.searched(kind, Direction.INGRESS) is Permitted.UNSURE
    assert comparison.end_permits(kind, Direction.INGRESS) is Permitted.UNSURE


def test_known_labels_decide_nearly_all() -> None:
    senders: tuple[Party, ...] = (*PODS, *ADDRESSES)
    kinds = [
        FlowKind(sender=sender, receiver=receiver, protocol=Protocol.TCP, port=port, certain=True)
        for sender, receiver in product(senders, PODS)
        for port in (80, 8080)
    ]
    found = answers(understood(INTENTS), kinds)
    assert found[Permitted.YES] > 100
    assert found[Permitted.NO] > 100
    assert found[None] < found.total() / 10, found


def flows_between(services: int) -> list[FlowKind]:
    """A flow from each service to the next, by their names alone."""
    pods = [PodParty(namespace="shop", labels=(("app", f"s{n}"),)) for n in range(services)]
    return [
        FlowKind(sender=pods[n - 1], receiver=pods[n], protocol=Protocol.TCP, port=80, certain=True)
        for n in range(services)
    ]


@pytest.mark.parametrize(
    "arrows",
    [
        "{{tier=t{n}}} <- {{tier=t{n}}}:80",
        "{{tier=t{n}}} <- s{n}:80",
        "{{tier=t{n}}} <- none\n{{tier=t{n}}} -> none",
    ],
)
def test_examples_tell_that_labels_decide(arrows: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a label that the log does not show decides, nothing is searched for."""
    text = "namespace shop\n" + "".join(f"{arrows.format(n=n)}\n" for n in range(9))
    intents = intents_of(understood(text))
    kinds = flows_between(9)
    names = Names(intents, ())
    comparison = Comparison(intents, names, Inventory(), new=False, egress=False)
    found = [comparison.searched(kind, Direction.INGRESS) for kind in kinds]
    assert Permitted.UNSURE in found
    monkeypatch.setattr(Comparison, "searched", None)
    assert [comparison.end_permits(kind, Direction.INGRESS) for kind in kinds] == found
