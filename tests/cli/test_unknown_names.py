"""`can` about pods of which nothing else speaks has no answer, wherever they are in the question."""

import json
import re
from collections.abc import Sequence

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put

SHOP = """\
cluster
group callers = web, api

namespace shop
default: deny
service cache = {role=cache}
db <- api:5432, otel in ns monitoring:5432
api <- any
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
"""


def _asked(
    question: str, capfd: pytest.CaptureFixture[str], *more: str
) -> tuple[int, list[tuple[str, str | None]]]:
    """The exit code, and each answer with what it would be if such pods ran."""
    code = run(["can", question, "a.intent", *more, "--namespace", "shop", "--format", "json"])
    printed = json.loads(capfd.readouterr().out)
    return code, [(one["answer"], one["if_such_pods_ran"]) for one in printed]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("web <- api", "`web` in namespace `shop`"),
        ("db <- web", "`web` in namespace `shop`"),
        ("db -> web", "`web` in namespace `shop`"),
        ("db <- {app=web}", "`web` in namespace `shop`"),
        ("db <- prometheus in ns monitoring", "`prometheus` in namespace `monitoring`"),
        ("db <- ns payments", "namespace `payments`"),
        ("db <- * in ns payments", "namespace `payments`"),
        ("db <- api in ns payments", "namespace `payments`"),
        ("ns payments <- db", "namespace `payments`"),
        ("db <- web in ns *", "`web` in any namespace"),
        ("db <- web in ns {env=dev}", "`web` in any namespace"),
        ("web in ns * <- db", "`web` in any namespace"),
    ],
)
def test_an_unknown_name_leaves_a_question_without_an_answer(
    put: Put, capfd: pytest.CaptureFixture[str], question: str, name: str
) -> None:
    put({"a.intent": SHOP})
    assert run(["can", question, "a.intent", "--namespace", "shop"]) == 2
    shown = capfd.readouterr()
    assert f"nothing else names {name}" in shown.err
    assert shown.out.startswith("unknown: ")
    assert f"nothing else names {name}; if such pods ran, the answer would be: " in shown.out


@pytest.mark.parametrize(
    ("question", "code", "answers"),
    [
        ("db <- api:5432", 0, [("yes", None)]),
        ("cache <- api", 1, [("partly", None)]),
        ("db <- cache:80", 1, [("no", None)]),
        ("db <- otel in ns monitoring:5432", 0, [("yes", None)]),
        ("db <- api in ns *:5432", 1, [("partly", None)]),
        ("db <- ns monitoring", 1, [("partly", None)]),
        ("db <- {role=web}:5432", 1, [("partly", None)]),
        ("db -> dns", 0, [("yes", None)]),
        # The group names its members.
        ("db <- callers:5432", 1, [("no", None), ("yes", None)]),
        ("db <- web:5432, api:5432", 2, [("unknown", "no"), ("yes", None)]),
    ],
)
def test_what_arrows_declarations_and_settings_name_is_known(
    put: Put,
    capfd: pytest.CaptureFixture[str],
    question: str,
    code: int,
    answers: Sequence[tuple[str, str | None]],
) -> None:
    put({"a.intent": SHOP})
    assert _asked(question, capfd) == (code, answers)


@pytest.mark.parametrize("question", ["db <- web:80", "db <- web in ns *:80", "web <- db:80"])
def test_what_runs_is_known(put: Put, capfd: pytest.CaptureFixture[str], question: str) -> None:
    put({"a.intent": SHOP, "pods.yaml": POD + "---\n" + POD.replace("web", "db")})
    assert _asked(question, capfd) == (2, [("unknown", "no")])
    assert _asked(question, capfd, "--with", "pods.yaml") == (1, [("no", None)])


def test_in_a_closed_world_a_name_is_a_label(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"a.intent": SHOP})
    assert _asked("db <- web:80", capfd, "--closed-world") == (1, [("no", None)])
    assert _asked("api <- ns payments", capfd, "--closed-world") == (0, [("yes", None)])


def test_an_unknown_namespace_of_both_ends_is_named_once(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"a.intent": SHOP})
    assert run(["can", "db <- api", "a.intent", "--namespace", "nope"]) == 2
    assert capfd.readouterr().out.count("nothing else names namespace `nope`") == 1


def test_an_unknown_peer_is_named_once(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"a.intent": SHOP})
    assert run(["can", "db <- apii in ns *", "a.intent", "--namespace", "shop"]) == 2
    assert capfd.readouterr().err.count("did you mean `api`?") == 1


def test_a_name_in_another_label_is_proposed(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    arrow = "{app.kubernetes.io/name=api} <- {app.kubernetes.io/name=web, tier=x}:80"
    put({"a.intent": f"namespace shop\n{arrow}\n"})
    assert run(["can", "api <- web:80", "a.intent", "--namespace", "shop"]) == 2
    err = capfd.readouterr().err
    assert "did you mean `{app.kubernetes.io/name=api}`?" in err
    assert "did you mean `{app.kubernetes.io/name=web}`?" in err


def test_a_selector_that_nothing_matches_makes_no_name_known(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"a.intent": SHOP + "{tier=x, !tier} <- api\nnever web <- internet\n"})
    run(["check", "a.intent", "--namespace", "shop"])
    assert "NP613" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("claim", "is_named"),
    [
        ("never web <- internet", True),
        ("never web in ns * <- internet", True),
        ("never api in ns * <- 10.0.0.0/8:81", False),
        # That an unknown peer never gets in may be just what is claimed.
        ("never db <- web", False),
        ("never db <- web in ns *", False),
        ("never db <- apii", True),
        ("never db <- apii in ns *", True),
        ("never db <- ns monitorin", True),
        ("never db <- ns payments", False),
    ],
)
def test_an_assertion_names_an_unknown_subject_and_a_misspelt_peer(
    put: Put, capfd: pytest.CaptureFixture[str], claim: str, is_named: bool
) -> None:
    put({"a.intent": f"{SHOP}{claim}\n"})
    run(["check", "a.intent"])
    # A slip of a bare name is reported as such, and not as this as well.
    found = {"NP201", "NP613"} & set(re.findall("NP[0-9]+", capfd.readouterr().err))
    assert len(found) == is_named


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("ghost in ns none -> spook in ns none", ["namespace `none`"]),
        ("ghost in ns none -> spook", ["namespace `none`", "`spook` in namespace `shop`"]),
        ("ghost -> spook", ["`ghost` in namespace `shop`", "`spook` in namespace `shop`"]),
        ("ghost -> ghost", ["`ghost` in namespace `shop`"]),
    ],
)
def test_each_unknown_name_is_warned_of_once(
    put: Put, capfd: pytest.CaptureFixture[str], question: str, names: list[str]
) -> None:
    put({"a.intent": SHOP})
    run(["can", question, "a.intent", "--namespace", "shop"])
    warnings = re.findall(r"warning\[NP613\]: nothing else names (.*)", capfd.readouterr().err)
    assert warnings == names
