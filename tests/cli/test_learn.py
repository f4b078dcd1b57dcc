"""`netpolc learn` as a user runs it."""

import gzip
import io
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from netpolc.cli.main import run
from netpolc.flowlogs import aggregate
from netpolc.source import SourceFile
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse
from tests.cli.conftest import Files, Put
from tests.flowlogs.hubble_log import API, DB, flow, lines, shop_log

LOG = "\n".join(lines(shop_log())) + "\n"
SHOP = """\
namespace shop
default: deny ingress egress

api   <- web:8080
db    <- api:5432
cache <- api:6379, old:6379
db    <- ns backup
"""


def test_a_first_set_of_intents(put: Put, files: Files, capfd: pytest.CaptureFixture[str]) -> None:
    put({"flows.json": LOG})
    assert run(["learn", "flows.json", "--format", "intent", "--egress"]) == 0
    out, err = capfd.readouterr()
    assert err == "11 arrows proposed and verified\n"
    assert "namespace kube-system" not in out
    assert format_file(parse(SourceFile("p.intent", out)).value) == out
    assert set(files()) == {"flows.json"}
    put({"intents/p.intent": out})
    assert run(["check"]) == 0
    assert run(["fmt", "--check", "intents"]) == 0
    capfd.readouterr()
    assert run(["learn", "flows.json"]) == 0
    out, err = capfd.readouterr()
    assert "seen but not permitted: 0 connection types, 0 flows\n" in out
    assert err == "0 arrows proposed\n"


def test_the_platform_is_closed_only_on_request(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"flows.json": LOG})
    assert run(["learn", "flows.json"]) == 0
    left_open = (
        "left open, because no policy is about them: kube-system (`--new --platform` proposes"
    )
    assert left_open in capfd.readouterr().out
    assert run(["learn", "flows.json", "--format", "intent", "--platform"]) == 0
    assert "namespace kube-system" in capfd.readouterr().out


def test_what_is_missing_and_what_is_never_seen(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/shop.intent": SHOP, "flows.json": LOG})
    assert run(["learn", "flows.json"]) == 0
    out, err = capfd.readouterr()
    assert err == "7 arrows proposed and verified\n"
    assert (
        "\npermitted but never seen: 1 statement\n  intents/shop.intent:7  db <- ns backup\n" in out
    )
    assert "  intents/shop.intent:6  cache <- api:6379, old:6379\n    never: old:6379\n" in out
    assert "\n  db in ns shop <- report in ns shop:5432  dropped 3 times, " in out
    assert "\n  host: the pod's own node: " in out
    assert "api <- {app.kubernetes.io/name=prometheus} in ns monitoring:9187" in out
    assert "report:6379" in out
    assert "1 of them only audited" in out
    assert "49152" in out.partition("possibly replies")[2].partition("\n\n")[0]


def test_everything_as_json(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"shop.intent": SHOP, "flows.json": LOG})
    assert run(["learn", "flows.json", "--intents", "shop.intent", "--format", "json"]) == 0
    report = json.loads(capfd.readouterr().out)
    assert report["log"]["lines"] == len(LOG.splitlines())
    assert report["log"]["left_out"]["replies"] == 120
    assert [one["line"] for one in report["unseen"]] == [6, 7]
    assert "db <- api:5432" not in [one["statement"] for one in report["proposals"]]
    log = {one["class"] for one in report["flows"]}
    assert log == {"permitted", "missing", "dropped", "doubtful", "entity"}
    passed = sum(one["forwarded"] + one["audited"] + one["dropped"] for one in report["flows"])
    assert passed + sum(report["log"]["left_out"].values()) == report["log"]["lines"]


WORKLOADS = """\
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: db, image: db, ports: [{name: pg, containerPort: PORT}]}]}
"""


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("5432", "seen and permitted: 1 connection type"),
        ("5433", "seen but not permitted: 1 connection type"),
    ],
)
def test_workloads_give_the_numbers_of_named_ports(
    number: str, found: str, put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(
        {
            "intents/shop.intent": "namespace shop\ndefault: deny\ndb <- api:pg\n",
            "flows.csv": "shop/api,shop/db,5432,tcp,allow\n",
            "workloads.yaml": WORKLOADS.replace("PORT", number),
        }
    )
    assert run(["learn", "flows.csv"]) == 0
    assert "permitted or not, by labels or port names" in capfd.readouterr().out
    assert run(["learn", "flows.csv", "--with", "workloads.yaml"]) == 0
    assert found in capfd.readouterr().out


def test_logs_are_read_together_and_unpacked(
    put: Put, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    one = "\n".join(lines([flow(API, DB, 5432)]))
    put({"a.json": one, "b.json.gz": gzip.compress(one.encode())})
    stdin = io.TextIOWrapper(io.BytesIO(b"shop/api,shop/db,5432,tcp,allow,5\n"))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert run(["learn", "a.json", "b.json.gz", "-", "a.json", "--format", "intent"]) == 0
    assert "\ndb <- api:5432  # 7 times, " in capfd.readouterr().out


@pytest.mark.parametrize(
    ("log", "code"),
    [
        (b"", "NP718"),
        (b"{}\n", "NP718"),
        (b"\x1f\x8b\x08garbage", "NP702"),
        (gzip.compress(LOG.encode())[:-200], "NP702"),
    ],
)
def test_a_log_that_says_nothing_teaches_nothing(
    log: bytes, code: str, put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"flows": log})
    assert run(["learn", "flows"]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert f"error[{code}]" in err
    assert err.endswith("no arrows proposed\n")


def test_a_missing_log_and_a_folder_are_errors(
    put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"flows.json": LOG})
    (tmp_path / "folder").mkdir()
    assert run(["learn", "flows.json", "none.json", "folder"]) == 1
    err = capfd.readouterr().err
    assert "error[NP701]: there is no `none.json`" in err
    assert "`folder` cannot be read: " in err
    assert run(["learn", "none.json"]) == 1
    assert "NP718" not in capfd.readouterr().err  # nothing was read: no news that it is empty


@pytest.mark.parametrize(
    ("endless", "why"),
    [
        (b"\0" * (1 << 20), "a line of it is longer than 64 MiB"),
        (b"\n" * (1 << 20), "its first 100,000 lines are not flows"),
        (b'{"a": 1}\n' * (1 << 16), "its first 100,000 lines are not flows"),
    ],
)
def test_a_pipe_that_never_ends_and_has_no_flows_is_an_error(
    endless: bytes, why: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write() -> None:
        with suppress(BrokenPipeError), pipe.open("wb") as file:
            while True:
                file.write(endless)

    writer = Thread(target=write)
    writer.start()
    assert run(["learn", str(pipe)]) == 1
    writer.join()
    err = capfd.readouterr().err
    assert err.startswith(f"reading `{pipe}` to the end; the proposals come after that\n")
    assert f"pipe` cannot be read: {why}\n" in err


def test_intents_with_an_error_are_not_guessed_at(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/shop.intent": "db <-", "flows.json": LOG})
    assert run(["learn", "flows.json"]) == 1
    out, err = capfd.readouterr()
    assert (out, err.splitlines()[-1]) == ("", "1 error; no arrows proposed")


def test_lines_that_are_none_are_shown_at_their_place(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"flows.json": LOG + "bad \x1b[31m line\n" * 7})
    assert run(["learn", "flows.json"]) == 0
    out, err = capfd.readouterr()
    number = len(LOG.splitlines()) + 1
    assert f"warning[NP715]: line {number} is not a flow: it is not JSON\n" in err
    assert f"--> flows.json:{number}:1\n" in err
    assert err.count("warning[NP715]") == 5
    assert "  left out 7: lines that are not flows\n" in out
    assert "\x1b" not in err


def test_more_kinds_than_are_told_apart_are_reported(
    put: Put, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(aggregate.Tally.__init__, "__defaults__", ((), 4))
    put({"flows.json": LOG})
    assert run(["learn", "flows.json", "--format", "intent"]) == 0
    out, err = capfd.readouterr()
    assert "warning[NP716]: there are more than 4 different flows; " in err
    assert "\n# Flows beyond the limit of different flows, not included here: " in out
