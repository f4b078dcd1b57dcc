"""Which files a command reads, what it calls them, and what it says of those it cannot read."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from netpolc.diagnostics import Outcome
from netpolc.io.gather_sources import gather
from netpolc.io.sources import Sources, display_name


def put(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)


def gathered(root: Path, *arguments: str, stdin: bytes = b"") -> Outcome[Sources]:
    return gather([a if a == "-" else str(root / a) for a in arguments], root, lambda: stdin)


def names(outcome: Outcome[Sources]) -> list[str]:
    assert outcome.diagnostics == ()
    return [file.path for file in outcome.value.intents]


def complaints(outcome: Outcome[Sources]) -> list[tuple[str, str]]:
    return [(found.rule.code, found.label.span.path) for found in outcome.diagnostics]


def test_a_folder_gives_its_intent_files_at_every_depth_in_order(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "in/b.intent": "b",
            "in/a.intent": "a",
            "in/deep/er/c.intent": "c",
            "in/.hidden/d.intent": "d",
            "in/.e.intent": "e",
            "in/f.yaml": "f",
            "in/g.intent.bak": "g",
        },
    )
    outcome = gathered(tmp_path, "in")
    assert names(outcome) == ["in/a.intent", "in/b.intent", "in/deep/er/c.intent"]
    assert [file.text for file in outcome.value.intents] == ["a", "b", "c"]
    assert outcome.value.folders == {
        "in/a.intent": "",
        "in/b.intent": "",
        "in/deep/er/c.intent": "deep/er",
    }


def test_files_are_told_apart_by_how_their_names_end(tmp_path: Path) -> None:
    put(tmp_path, {"a.intent": "a", "b.json": "{}", "c.yaml": "c", "d.yml": "d"})
    sources = gathered(tmp_path, "a.intent", "b.json", "d.yml", "c.yaml").value
    assert [file.path for file in sources.intents] == ["a.intent"]
    assert [file.path for file in sources.policies] == ["b.json"]
    assert [file.path for file in sources.manifests] == ["c.yaml", "d.yml"]


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    put(tmp_path, {"in/a.intent": "a"})
    (tmp_path / "in/z.intent").symlink_to("a.intent")
    outcome = gathered(tmp_path, "in", "in/a.intent", "in/../in", "in/z.intent")
    assert names(outcome) == ["in/a.intent"]


def test_standard_input_is_read_once(tmp_path: Path) -> None:
    outcome = gathered(tmp_path, "-", "-", stdin=b"db <- api")
    assert [(f.path, f.text) for f in outcome.value.intents] == [("<stdin>", "db <- api")]


def test_names_do_not_tell_where_the_checkout_lies(tmp_path: Path) -> None:
    put(tmp_path, {"project/in/a.intent": "a", "shared/in/b.intent": "b"})
    root = tmp_path / "project"
    arguments = [
        str(root / "in"),
        str(tmp_path / "shared/in"),
        str(tmp_path / "shared/in/b.intent"),
    ]
    outcome = gather(arguments, root, bytes)
    assert names(outcome) == ["../shared/in/b.intent", "in/a.intent"]
    assert display_name(str(root), root) == "."
    assert display_name("/", root) == "/"


def test_the_project_folder_itself_can_be_a_source(tmp_path: Path) -> None:
    put(tmp_path, {"a.intent": "a", "b/c.intent": "c"})
    assert names(gathered(tmp_path, ".")) == ["a.intent", "b/c.intent"]


def test_a_project_reached_through_a_link_has_the_same_names(tmp_path: Path) -> None:
    put(tmp_path, {"real/in/a.intent": "a"})
    (tmp_path / "link").symlink_to("real")
    assert names(gather([str(tmp_path / "link/in")], tmp_path / "real", bytes)) == ["in/a.intent"]


def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    put(tmp_path, {"in/z/a.intent": "a", "elsewhere/b.intent": "b"})
    (tmp_path / "in/z/up").symlink_to("..")
    (tmp_path / "in/self").symlink_to("self")
    (tmp_path / "in/a-link").symlink_to("z")
    (tmp_path / "in/outside").symlink_to("../elsewhere")
    assert names(gathered(tmp_path, "in")) == ["in/outside/b.intent", "in/z/a.intent"]


def test_a_very_deep_folder_is_read(tmp_path: Path) -> None:
    deep = tmp_path / "in"
    for _ in range(300):
        deep /= "d"
    put(deep, {"a.intent": "a"})
    assert len(names(gathered(tmp_path, "in"))) == 1


def test_byte_order_marks_are_no_text_and_line_ends_stay(tmp_path: Path) -> None:
    put(tmp_path, {"a.intent": b"\xef\xbb\xbfdb <- api\r\n\0"})
    assert gathered(tmp_path, "a.intent").value.intents[0].text == "db <- api\r\n\0"


def test_a_missing_source_is_named_with_the_nearest(tmp_path: Path) -> None:
    put(tmp_path, {"env/prod.intent": "a", "intents/a.intent": "a"})
    outcome = gathered(tmp_path, "intent", "env/prd.intent", "no/such/thing")
    assert complaints(outcome) == [
        ("NP701", "intent"),
        ("NP701", "env/prd.intent"),
        ("NP701", "no/such/thing"),
    ]
    assert [found.help for found in outcome.diagnostics] == [
        "did you mean `intents`?",
        "did you mean `env/prod.intent`?",
        "name a folder or file that is there",
    ]


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    put(tmp_path, {"in/a.intent": "a"})
    (tmp_path / "in/b.intent").symlink_to("gone")
    (found,) = gathered(tmp_path, "in").diagnostics
    assert found.message.endswith("cannot be read: it is a symbolic link that leads nowhere")


def test_the_usual_folder_of_a_project_above_is_told(tmp_path: Path) -> None:
    put(tmp_path, {"intents/a.intent": "a", "deep/er/x.txt": ""})
    (found,) = gathered(tmp_path / "deep/er", "intents").diagnostics
    assert "`../../intents`; a netpolc.toml beside it" in found.help
    (found,) = gathered(tmp_path / "deep", "elsewhere/intents").diagnostics
    assert "`../intents`" in found.help


def test_bytes_that_are_no_text_are_shown_at_their_place(tmp_path: Path) -> None:
    put(tmp_path, {"a.intent": "# grüße\ndb <- ".encode() + b"\xe4pi\nx", "b.intent": "b"})
    outcome = gathered(tmp_path, "a.intent", "b.intent")
    assert [file.path for file in outcome.value.intents] == ["b.intent"]
    (found,) = outcome.diagnostics
    span = found.label.span
    assert (found.rule.code, span.path, span.line, span.column) == ("NP703", "a.intent", 2, 7)
    assert span.file.line_text(2) == "db <- \ufffdpi"
    assert found.label.text == "byte 17 of the file, 0xe4"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_other_encodings_are_refused_or_plain_nonsense(tmp_path: Path, encoding: str) -> None:
    put(tmp_path, {"a.intent": "db <- äpi".encode(encoding)})
    assert complaints(gathered(tmp_path, "a.intent")) == [("NP703", "a.intent")]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in/folder.intent").mkdir(parents=True)
    os.mkfifo(tmp_path / "in/pipe.intent")
    (tmp_path / "in/nowhere.intent").symlink_to("gone")
    (tmp_path / "in/loop.intent").symlink_to("loop.intent")
    outcome = gathered(tmp_path, "in")
    assert sorted(complaints(outcome)) == [
        ("NP702", "in/folder.intent"),
        ("NP702", "in/loop.intent"),
        ("NP702", "in/nowhere.intent"),
        ("NP702", "in/pipe.intent"),
    ]
    assert complaints(gathered(tmp_path, "in/folder.intent")) == [("NP702", "in/folder.intent")]


def test_a_file_that_vanishes_or_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {"in/a.intent": "a", "in/b.intent": "b", "in/c.intent": "c"})
    real = os.open

    def open_file(path: str, flags: int) -> int:
        if path.endswith("a.intent"):
            Path(path).unlink()
        if path.endswith("b.intent"):
            raise PermissionError(13, "Permission denied")
        return real(path, flags)

    monkeypatch.setattr(os, "open", open_file)
    outcome = gathered(tmp_path, "in")
    assert [file.path for file in outcome.value.intents] == ["in/c.intent"]
    assert [found.message for found in outcome.diagnostics] == [
        "`in/a.intent` cannot be read: no such file or directory",
        "`in/b.intent` cannot be read: permission denied",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    put(tmp_path, {"in/a.intent": "a", "in/shut/b.intent": "b"})
    (tmp_path / "in/shut").chmod(0)
    assert complaints(gathered(tmp_path, "in")) == [("NP702", "in/shut")]
    (tmp_path / "in/shut").chmod(0o700)


def test_a_folder_without_intents_is_refused(tmp_path: Path) -> None:
    put(tmp_path, {"in/a.txt": "a"})
    assert complaints(gathered(tmp_path, "in")) == [("NP705", "in")]


def test_a_folder_holds_intents_or_else_manifests(tmp_path: Path) -> None:
    put(
        tmp_path,
        {"m/a.yaml": "a", "m/b.json": '{"namespaces": {}}', "i/a.yaml": "a", "i/a.intent": "a"},
    )
    assert [file.path for file in gathered(tmp_path, "m").value.manifests] == ["m/a.yaml"]
    intents = gathered(tmp_path, "i").value
    assert [file.path for file in intents.intents] == ["i/a.intent"]
    assert not intents.manifests


def test_policies_that_are_passed_over_are_counted(tmp_path: Path) -> None:
    policy = "kind: NetworkPolicy\n"
    own = f"{policy}labels: {{}}\napp.kubernetes.io/managed-by: netpolc\n"
    put(tmp_path, {"i/a.yaml": policy, "i/own.yaml": own, "i/b.yaml": "a", "i/a.intent": "a"})
    assert complaints(gathered(tmp_path, "i")) == [("NP707", "i")]
    policies = str(tmp_path / "i" / "a.yaml")
    beside = gather([str(tmp_path / "i")], tmp_path, bytes, beside=[policies])
    assert not complaints(beside)


def test_workloads_that_are_passed_over_are_counted(tmp_path: Path) -> None:
    workload = "kind: Deployment\nspec: {template: {spec: {containers: []}}}\n"
    put(tmp_path, {"i/a.yaml": workload, "i/values.yaml": "a: 1\n", "i/a.intent": "a"})
    (finding,) = gathered(tmp_path, "i").diagnostics
    assert finding.message == "1 file with workloads in `i` not read: the folder has intents"
    put(tmp_path, {"i/b.json": "kind: NetworkPolicy\n"})
    (finding,) = gathered(tmp_path, "i").diagnostics
    assert finding.message.startswith("2 files with policies or workloads in `i` not read")


def test_what_json_and_standard_input_hold_is_seen_from_the_text(tmp_path: Path) -> None:
    put(tmp_path, {"a.json": '{"apiVersion": "v1"}', "b.json": '{"version": 2}'})
    sources = gathered(tmp_path, "a.json", "b.json").value
    assert [file.path for file in sources.manifests] == ["a.json"]
    assert [file.path for file in sources.policies] == ["b.json"]
    assert len(gather(["-"], tmp_path, lambda: b"apiVersion: v1\n").value.manifests) == 1
    assert len(gather(["-"], tmp_path, lambda: b"db <- api\n").value.intents) == 1


def test_a_file_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    put(tmp_path, {"a.txt": "a"})
    assert complaints(gathered(tmp_path, "a.txt", "/dev/null")) == [
        ("NP704", "a.txt"),
        ("NP704", "/dev/null"),
    ]


def test_impossible_paths_are_refused(tmp_path: Path) -> None:
    for path in ("a\0b.intent", "x" * 5000):
        assert gather([path], tmp_path, bytes).failed


def test_names_that_a_terminal_would_obey_are_escaped(tmp_path: Path) -> None:
    put(tmp_path, {"in/\x1b[2J\n.intent": "a"})
    assert names(gathered(tmp_path, "in")) == ["in/\\x1b[2J\\n.intent"]


def test_names_that_are_no_text_are_refused(tmp_path: Path) -> None:
    put(tmp_path, {"in/a.intent": "a"})
    try:
        (tmp_path / os.fsdecode(b"in/\xe4.intent")).touch()
        (tmp_path / os.fsdecode(b"in/\xe4")).mkdir()
    except OSError:
        pytest.skip("this file system takes only text")
    outcome = gathered(tmp_path, "in")
    assert complaints(outcome) == [("NP702", "in/\\udce4"), ("NP702", "in/\\udce4.intent")]


KUSTOMIZED = {
    "k/kustomization.yaml": "namespace: prod\npatches: [{path: p/db.yaml}]\nresources: [np.yaml]\n",
    "k/p/db.yaml": "kind: NetworkPolicy\n",
    "k/np.yaml": "apiVersion: v1\n",
}
CHART = {
    "c/Chart.yaml": "name: c\n",
    "c/values.yaml": "a: 1\n",
    "c/templates/np.yaml": "{{ x }}\n",
    "c/crds/x.yaml": "apiVersion: v1\n",
}


@pytest.mark.parametrize(
    ("files", "kept", "command"),
    [
        (KUSTOMIZED, ["k/np.yaml"], "kubectl kustomize k"),
        (CHART, ["c/crds/x.yaml"], "helm template c"),
        (
            {"k/kustomization.yaml": "resources: [np.yaml]\n", "k/np.yaml": "a: b\n"},
            ["k/np.yaml"],
            "",
        ),
    ],
)
def test_a_folder_that_another_tool_builds_is_named(
    tmp_path: Path, files: dict[str, str], kept: list[str], command: str
) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    outcome = gather([str(tmp_path)], tmp_path, bytes)
    assert [file.path for file in outcome.value.manifests] == kept
    assert [found.rule.code for found in outcome.diagnostics] == ["NP706"] * bool(command)
    assert all(command in found.help for found in outcome.diagnostics)


def test_json_of_another_tool_is_not_taken_for_an_ir_file(tmp_path: Path) -> None:
    (tmp_path / "dashboard.json").write_text('{"title": "orders", "panels": []}')
    (tmp_path / "np.yaml").write_text("apiVersion: v1\n")
    assert not gather([str(tmp_path)], tmp_path, bytes).value.policies
    named = gather([str(tmp_path / "dashboard.json")], tmp_path, bytes)
    assert [file.path for file in named.value.policies] == ["dashboard.json"]


def test_the_root_of_the_file_system_is_refused_as_a_source(tmp_path: Path) -> None:
    assert complaints(gathered(tmp_path, tmp_path.anchor)) == [("NP756", "/")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look everywhere")
def test_a_link_into_a_folder_that_may_not_be_searched_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, {"in/a.intent": "a", "shut/b/b.intent": "b"})
    (tmp_path / "in/link").symlink_to(tmp_path / "shut/b")
    (tmp_path / "shut").chmod(0)
    assert complaints(gathered(tmp_path, "in")) == [("NP702", "in/link")]
    assert complaints(gathered(tmp_path, "shut/b")) == [("NP702", "shut/b")]
    (tmp_path / "shut").chmod(0o700)


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (Path.mkdir, "rename it, or name the files in it"),
        (os.mkfifo, "write its text to a file, or to standard input and give `-`"),
        (lambda path: path.symlink_to(path), "correct the link, or remove it"),
        (lambda path: path.symlink_to("nowhere"), "correct the link, or remove it"),
    ],
)
def test_the_advice_suits_what_is_there(
    make: Callable[[Path], None], advice: str, tmp_path: Path
) -> None:
    make(tmp_path / "a.intent")
    (finding,) = gathered(tmp_path, "a.intent").diagnostics
    assert (finding.rule.code, finding.help) == ("NP702", advice)
