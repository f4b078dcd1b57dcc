"""Claims about blocks: pods with such addresses are meant where blocks match pods."""

import json

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put

ARROWS = "namespace shop\ndefault: deny\ndb <- api:5432\nweb -> api:80\ncache <- 10.0.0.0/8:6379\n"
HELD, REFUTED, UNDECIDED = "proved", "NP501", "NP502"
NEVER = "never db <- 10.0.0.0/8"


@pytest.mark.parametrize(
    ("facts", "claim", "verdict"),
    [
        ("dns: none", NEVER, UNDECIDED),
        ("blocks: all", NEVER, REFUTED),
        ("blocks: outside", NEVER, HELD),
        ("pods: 10.244.0.0/16", NEVER, UNDECIDED),
        ("pods: 10.244.0.0/16\nblocks: all", NEVER, REFUTED),
        ("pods: 172.16.0.0/12", NEVER, HELD),
        ("pods: 172.16.0.0/12\nblocks: all", NEVER, HELD),
        ("blocks: all", "never db <- 10.0.0.0/8:80", HELD),
        ("blocks: all", "never db <- 0.0.0.0/0", REFUTED),
        ("blocks: all\npods: 10.244.0.0/16", "never db <- 0.0.0.0/0 except 10.244.0.0/16", HELD),
        ("blocks: all\npods: 2001:db8::/32", "never db <- 0.0.0.0/0", HELD),
        ("blocks: all\npods: 2001:db8::/32", "never db <- ::/0", REFUTED),
        ("blocks: all", "never web -> 192.168.0.0/16", REFUTED),
        ("blocks: all", "never web -> 169.254.169.254/32", HELD),
        ("blocks: all", "never db <- internet", HELD),
        ("blocks: all", "never db <- 203.0.113.0/24", HELD),
        ("blocks: all\npods: 203.0.113.0/24", "never db <- 203.0.113.0/25", REFUTED),
        ("dns: none", "always cache <- 10.0.0.0/8:6379", UNDECIDED),
        ("blocks: outside", "always cache <- 10.0.0.0/8:6379", HELD),
        ("blocks: all", "always cache <- 10.0.0.0/8:6379", REFUTED),
        ("blocks: all", "only cache <- 10.0.0.0/8:6379", HELD),
    ],
)
def test_a_block_in_a_claim_matches_what_it_matches_in_an_arrow(
    put: Put, capfd: pytest.CaptureFixture[str], facts: str, claim: str, verdict: str
) -> None:
    """web, whose egress is closed, may have an address in 10.0.0.0/8."""
    put({"a.intent": f"cluster\n{facts}\n{ARROWS}{claim}\n"})
    run(["check", "a.intent"])
    found = "".join(capfd.readouterr())
    told = next((code for code in (REFUTED, UNDECIDED) if code in found), HELD)
    assert told == verdict
    assert ("1 assertion proved" in found) is (verdict == HELD)


@pytest.mark.parametrize(
    ("facts", "question", "answers"),
    [
        ("dns: none", "db <- 10.0.0.0/8", ["no", "unknown"]),
        ("blocks: all", "db <- 10.0.0.0/8", ["no", "partly"]),
        ("blocks: all\nservices: 10.96.0.0/12", "db <- 10.0.0.0/8", ["no", "partly"]),
        ("blocks: outside", "db <- 10.0.0.0/8", ["no"]),
        ("pods: 172.16.0.0/12", "db <- 10.0.0.0/8", ["no"]),
        ("blocks: all", "db <- 10.0.0.0/8:80", ["no"]),
        ("blocks: all", "web -> 169.254.169.254/32", ["no"]),
        ("dns: none", "cache <- 10.0.0.0/8:6379", ["yes", "unknown"]),
        ("blocks: all", "cache <- 10.0.0.0/8:6379", ["yes", "partly"]),
        ("blocks: outside", "cache <- 10.0.0.0/8:6379", ["yes"]),
        ("dns: none", "db <- internet", ["no"]),
    ],
)
def test_a_block_in_a_question_matches_what_it_matches_in_a_claim(
    put: Put, capfd: pytest.CaptureFixture[str], facts: str, question: str, answers: list[str]
) -> None:
    put({"a.intent": f"cluster\n{facts}\n{ARROWS}"})
    run(["can", question, "a.intent", "--json"])
    found = json.loads(capfd.readouterr().out)
    assert [each["answer"] for each in found] == answers
    run(["can", question, "a.intent", "--closed-world", "--json"])
    assert [each["answer"] for each in json.loads(capfd.readouterr().out)] == answers[:1]


@pytest.mark.parametrize(
    "facts", ["dns: none", "pods: 10.244.0.0/16", "blocks: all", "blocks: outside"]
)
def test_an_answer_that_is_the_same_whatever_blocks_match_is_certain(
    put: Put, capfd: pytest.CaptureFixture[str], facts: str
) -> None:
    program = f"cluster\n{facts}\nnamespace pay\nlog <- 10.244.1.1/32:80\n"
    put({"a.intent": program})
    assert run(["can", "log <- 10.244.1.1/32:80", "a.intent", "--json"]) == 0
    assert [each["answer"] for each in json.loads(capfd.readouterr().out)] == ["yes"]
    for claim, verdict in (("always", HELD), ("only", HELD), ("never", REFUTED)):
        put({"a.intent": f"{program}{claim} log <- 10.244.1.1/32:80\n"})
        run(["check", "a.intent"])
        assert verdict in "".join(capfd.readouterr())


def test_an_answer_about_the_pods_of_a_block_says_so(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"a.intent": ARROWS})
    assert run(["can", "db <- 10.0.0.0/8:5432", "a.intent"]) == 2
    _, about_pods = capfd.readouterr().out.split("unknown: ")
    assert about_pods.startswith("pods with addresses in 10.0.0.0/8 to {app=db} in ns shop:5432\n")
    assert "depends on the network plugin" in about_pods


def test_a_refutation_names_the_address_of_the_pod(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"a.intent": f"cluster\nblocks: all\n{ARROWS}{NEVER}\n"})
    assert run(["check", "a.intent"]) == 1
    found = "".join(capfd.readouterr())
    assert "a pod labelled app=api with address 10.0.0.1 in namespace shop reaches" in found


def test_a_closed_world_has_addresses_outside_in_blocks_alone(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"a.intent": f"cluster\nblocks: all\n{ARROWS}{NEVER}\n"})
    run(["check", "a.intent", "--closed-world"])
    assert "1 assertion proved" in "".join(capfd.readouterr())
