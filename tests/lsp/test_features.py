"""Each request of an editor, answered for a small project."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the language server is an extra: make .venv/.ready-dev")

from netpolc.commands.pipeline import run
from netpolc.io.project import Request, open_project
from netpolc.lsp.handlers import HANDLERS
from tests.lsp.session import Session, at, write

DB = """namespace shop {env=production}
default: deny ingress egress

service db = {app=postgres}

db <- api:5432
db <- observers:9187
never db <- ns {env=dev}:22
"""
FILES = {
    "netpolc.toml": 'sources = ["intents"]\n',
    "intents/db.intent": DB,
    "intents/cluster.intent": "cluster\ngroup observers = prometheus in ns monitoring\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path, FILES)


def compile_(project: Path) -> Mapping[str, str]:
    """The files that a compile of a project writes, by path from the output folder."""
    opened = open_project(Request(here=project, today=date(2026, 11, 27)))
    return run(opened.value.sources, opened.value.options).files


@pytest.fixture
def session() -> Session:
    return Session()


def test_diagnostics_are_sent_and_taken_back(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")
    assert session.codes(uri) == []
    session.change(uri, DB + "db <- ns {env=dev}:22\n")
    (found,) = session.diagnostics[uri]
    assert found["code"] == "NP501"
    assert found["range"]["start"] == at(DB, "never")
    assert found["codeDescription"]["href"].endswith("/analysis/NP501.md")
    (related, *_) = found["relatedInformation"]
    assert related["message"] == "opens the receiver"
    assert related["location"]["range"]["start"] == {"line": 8, "character": 0}
    session.change(uri, DB, 3)
    assert session.codes(uri) == []


def test_a_finding_links_to_the_page_of_its_rule_on_the_site(
    project: Path, session: Session
) -> None:
    (project / "netpolc.toml").write_text('[lint]\npages = "https://docs.example.com/rules/"\n')
    uri = session.open(project / "intents/db.intent")
    session.change(uri, DB + "db <- ns {env=dev}:22\n")
    (found,) = session.diagnostics[uri]
    assert found["codeDescription"]["href"] == "https://docs.example.com/rules/NP501.html"


def test_diagnostics_of_files_that_are_not_open(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")
    session.change(uri, DB.replace("db <- observers:9187\n", ""))
    assert session.codes((project / "intents/cluster.intent").as_uri()) == ["NP203"]


def test_diagnostics_have_the_uri_that_the_client_opens(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")
    session.change(uri, DB.replace("db <- observers:9187\n", ""))
    cluster = (project / "intents/cluster.intent").as_uri()
    other = cluster.replace("cluster", "%63luster")
    text = FILES["intents/cluster.intent"]
    item = {"uri": other, "languageId": "netpolc", "version": 1, "text": text}
    session.notify("textDocument/didOpen", {"textDocument": item})
    assert session.codes(cluster) == []
    assert session.codes(other) == ["NP203"]
    session.notify("textDocument/didClose", {"textDocument": {"uri": other}})
    assert session.codes(cluster) == ["NP203"]
    assert session.codes(other) == []


PULLING = {
    "textDocument": {"diagnostic": {}},
    "workspace": {"diagnostics": {"refreshSupport": True}},
}


def test_diagnostics_are_sent_to_a_client_that_cannot_be_told_to_ask_again() -> None:
    session = Session({"textDocument": {"diagnostic": {}}})
    assert "diagnosticProvider" not in session.capabilities


def test_diagnostics_are_pulled(project: Path) -> None:
    session = Session(PULLING)
    assert session.capabilities["diagnosticProvider"]["interFileDependencies"]
    uri = session.open(project / "intents/db.intent", DB + "db <- ns {env=dev}:22\n")
    assert session.diagnostics == {}
    asked = {"textDocument": {"uri": uri}}
    report = session.request("textDocument/diagnostic", asked)
    assert [one["code"] for one in report["items"]] == ["NP501"]
    asked["previousResultId"] = report["resultId"]
    assert session.request("textDocument/diagnostic", asked)["kind"] == "unchanged"
    whole = session.request("workspace/diagnostic", {"previousResultIds": []})
    assert [(one["uri"], one["kind"]) for one in whole["items"]] == [(uri, "full")]
    known = [{"uri": uri, "value": whole["items"][0]["resultId"]}]
    again = session.request("workspace/diagnostic", {"previousResultIds": known})
    assert [one["kind"] for one in again["items"]] == ["unchanged"]


@pytest.mark.parametrize("method", sorted(HANDLERS))
def test_each_request_that_has_an_answer_is_announced(method: str) -> None:
    announced = {
        name.removesuffix("Provider").lower()
        for name, value in Session(PULLING).capabilities.items()
        if value is not False
    }
    scope, feature, *_ = method.lower().split("/")
    feature = scope if scope == "callhierarchy" else feature.removeprefix("prepare")
    assert announced & {feature, f"document{feature}", f"{scope}{feature}"}


def test_hover(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")

    def hover(mark: str, after: int = 0) -> str:
        asked = {"textDocument": {"uri": uri}, "position": at(DB, mark, after)}
        return str(session.request("textDocument/hover", asked)["contents"]["value"])

    assert "means the pods `{app=postgres}` of namespace `shop`" in hover("db <- api")
    assert "group `observers` of every namespace" in hover("observers")
    assert "ingress is closed by default (`intents/db.intent:2`)" in hover("shop")
    assert "sender: opened by `db <- api:5432` (intents/db.intent:6)" in hover("<- api")
    assert hover("never").startswith("**proved**")


def test_definition(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")
    asked = {"textDocument": {"uri": uri}, "position": at(DB, "observers")}
    (found,) = session.request("textDocument/definition", asked)
    assert found["uri"] == (project / "intents/cluster.intent").as_uri()
    asked["position"] = at(DB, "db <- api")
    (found,) = session.request("textDocument/definition", asked)
    assert found["range"]["start"] == at(DB, "db = ")


def test_formatting(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")
    session.change(uri, DB.replace("db <- api", "db  <-   api").replace("never db", "never  db"))
    document = {"textDocument": {"uri": uri}, "options": {"tabSize": 2, "insertSpaces": True}}
    edits = session.request("textDocument/formatting", document)
    assert [one["newText"] for one in edits] == [
        "db <- api:5432\n",
        "never db <- ns {env=dev}:22\n",
    ]
    line = {"start": {"line": 5, "character": 0}, "end": {"line": 5, "character": 3}}
    edits = session.request("textDocument/rangeFormatting", {**document, "range": line})
    assert [one["newText"] for one in edits] == ["db <- api:5432"]
    typed = {**document, "position": {"line": 8, "character": 0}, "ch": "\n"}
    edits = session.request("textDocument/onTypeFormatting", typed)
    assert [one["newText"] for one in edits] == ["never db <- ns {env=dev}:22"]


def test_a_file_of_no_project_is_checked_by_itself(tmp_path: Path, session: Session) -> None:
    uri = session.open(tmp_path / "loose.intent", "service a = {x=y}\n")
    assert session.codes(uri) == ["NP203"]


def test_an_open_file_need_not_be_saved(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/new.intent", "namespace shop\ndb <- ns {env=dev}:22\n")
    assert session.codes((project / "intents/db.intent").as_uri()) == ["NP501"]
    session.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert session.codes((project / "intents/db.intent").as_uri()) == []


def _ask(session: Session, method: str, uri: str, text: str, mark: str, **more: object) -> Any:
    asked = {"textDocument": {"uri": uri}, "position": at(text, mark), **more}
    return session.request(f"textDocument/{method}", asked)


def test_references_and_highlights(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")
    more = {"context": {"includeDeclaration": False}}
    found = _ask(session, "references", uri, DB, "observers", **more)
    assert [one["range"]["start"] for one in found] == [at(DB, "observers")]
    found = _ask(session, "references", uri, DB, "db = ", context={"includeDeclaration": True})
    assert len(found) == 4
    assert len(_ask(session, "documentHighlight", uri, DB, "db = ")) == 4


def test_rename_across_files(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")
    assert _ask(session, "prepareRename", uri, DB, "observers")["placeholder"] == "observers"
    edit = _ask(session, "rename", uri, DB, "observers", newName="watchers")
    assert set(edit["changes"]) == {uri, (project / "intents/cluster.intent").as_uri()}
    refused = {"textDocument": {"uri": uri}, "position": at(DB, "api"), "newName": "db"}
    answer = session.answer("textDocument/rename", refused)
    assert answer["error"]["message"].endswith("`db` has two meanings in namespace `shop`")


def test_a_label_is_renamed_or_refused(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")
    assert _ask(session, "prepareRename", uri, DB, "env=dev")["placeholder"] == "env"
    edit = _ask(session, "rename", uri, DB, "dev}", newName="test")
    assert [one["newText"] for one in edit["changes"][uri]] == ["test"]
    refused = {"textDocument": {"uri": uri}, "position": at(DB, "postgres"), "newName": "api"}
    answer = session.answer("textDocument/rename", refused)
    assert answer["error"]["code"] == -32803
    assert answer["error"]["message"].endswith("policies of namespace `shop` would change")


def test_the_proof_of_a_rename_leaves_no_trace(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")
    _ask(session, "rename", uri, DB, "shop", newName="store")
    _ask(session, "rename", uri, DB, "observers", newName="watchers")
    other = Session()
    for one in (session, other):
        one.open(project / "intents/db.intent")
        one.change(uri, f"{DB}db <- ns {{env=dev}}:22\nservice unused = {{a=b}}\n")
    assert session.diagnostics[uri] == other.diagnostics[uri]
    assert len(session.diagnostics[uri]) == 2


def test_symbols_and_folds(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")
    (section,) = session.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert section["name"] == "namespace shop {env=production}"
    assert [one["name"] for one in section["children"]][1:3] == [
        "service db = {app=postgres}",
        "db <- api:5432",
    ]
    found = session.request("workspace/symbol", {"query": "obs"})
    assert [one["name"] for one in found] == ["observers"]
    folds = session.request("textDocument/foldingRange", {"textDocument": {"uri": uri}})
    assert folds == [{"startLine": 0, "endLine": 7, "kind": "region"}]


@pytest.mark.parametrize(
    "text",
    [
        DB,
        DB.replace("db <- api", "db <- frontend"),
        DB.replace("never ", ""),
        f"# new\n{DB}",
        DB + DB.splitlines()[-1] + "\n",
        DB.partition("\n\n")[0],
        "",
    ],
)
def test_semantic_tokens_after_an_edit_are_those_before_with_one_change(
    project: Path, session: Session, text: str
) -> None:
    uri = session.open(project / "intents/db.intent")
    document = {"textDocument": {"uri": uri}}
    first = session.request("textDocument/semanticTokens/full", document)
    session.change(uri, text)
    asked = {**document, "previousResultId": first["resultId"]}
    delta = session.request("textDocument/semanticTokens/full/delta", asked)
    found = first["data"]
    assert len(delta["edits"]) == (text != DB)
    for edit in delta["edits"]:
        found[edit["start"] : edit["start"] + edit["deleteCount"]] = edit.get("data", [])
        assert len(edit.get("data", [])) <= 40
    again = session.request("textDocument/semanticTokens/full", document)
    assert found == again["data"]
    assert len({first["resultId"], delta["resultId"], again["resultId"]}) == 3


def test_semantic_tokens_of_a_document_opened_again_are_whole(
    project: Path, session: Session
) -> None:
    path = project / "intents/db.intent"
    document = {"textDocument": {"uri": session.open(path)}}
    first = session.request("textDocument/semanticTokens/full", document)
    session.notify("textDocument/didClose", document)
    session.open(path, "db <- api:80\n")
    asked = {**document, "previousResultId": first["resultId"]}
    assert "data" in session.request("textDocument/semanticTokens/full/delta", asked)


def test_semantic_tokens(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")
    legend = session.capabilities["semanticTokensProvider"]["legend"]["tokenTypes"]
    document = {"textDocument": {"uri": uri}}
    data = session.request("textDocument/semanticTokens/full", document)["data"]
    line = column = 0
    words = []
    for index in range(0, len(data), 5):
        down, right, length, kind, _ = data[index : index + 5]
        line, column = line + down, right + (0 if down else column)
        words.append((DB.split("\n")[line][column : column + length], legend[kind]))
    assert words[:3] == [("namespace", "keyword"), ("shop", "namespace"), ("env", "property")]
    assert ("observers", "enum") in words
    assert words[-1] == ("22", "number")
    ranged = {**document, "range": {"start": at(DB, "never"), "end": at(DB, "never", 9)}}
    part = session.request("textDocument/semanticTokens/range", ranged)["data"]
    assert len(part) == 10


def test_completion(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")
    text = DB + "db <- obs\n"
    session.change(uri, text)
    position = {"line": 8, "character": 9}
    asked = {"textDocument": {"uri": uri}, "position": position}
    (item,) = session.request("textDocument/completion", asked)["items"]
    assert item["label"] == "observers"
    assert item["textEdit"]["range"] == {"start": {"line": 8, "character": 6}, "end": position}


PAY = "namespace pay {env=dev}\ndefault: deny ingress\n\nwallet <- db in ns shop:80\n"


def _actions(session: Session, uri: str, text: str, mark: str, **context: object) -> list[Any]:
    place = {"start": at(text, mark), "end": at(text, mark)}
    asked = {
        "textDocument": {"uri": uri},
        "range": place,
        "context": {"diagnostics": [], **context},
    }
    found = session.request("textDocument/codeAction", asked)
    assert isinstance(found, list)
    return found


def test_code_actions(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/pay.intent", PAY)
    complete, silence, explain = _actions(session, uri, PAY, "db in ns")
    assert complete["isPreferred"]
    ((changed, (edit,)),) = complete["edit"]["changes"].items()
    assert changed == (project / "intents/db.intent").as_uri()
    assert edit["newText"] == "\npostgres -> wallet in ns pay:80"
    assert silence["diagnostics"][0]["code"] == "NP605"
    page = session.request("workspace/executeCommand", explain["command"])
    assert page["markdown"].startswith("# NP605 half-open-arrow (warning)")
    wrong = {"command": "netpolc.explainRule", "arguments": ["NP000"]}
    assert "error" in session.answer("workspace/executeCommand", wrong)


SNIPPETS = {"workspace": {"workspaceEdit": {"documentChanges": True, "snippetEditSupport": True}}}
SHOWING = {"window": {"showDocument": {"support": True}}}
ASKING = {"experimental": {"commands": ["netpolc.silence"]}}


def test_a_reason_is_asked_for_in_the_way_of_the_client(project: Path) -> None:
    place = {"line": 3, "character": 0}

    def silence(capabilities: dict[str, Any]) -> tuple[Session, str, Any]:
        session = Session(capabilities)
        uri = session.open(project / "intents/pay.intent", PAY)
        found = _actions(session, uri, PAY, "db in ns")
        return session, uri, next(one for one in found if one["title"].startswith("Silence"))

    comment = "# netpolc: ignore[NP605] "
    _, uri, action = silence(SNIPPETS)
    (changed,) = action["edit"]["documentChanges"]
    assert changed["textDocument"] == {"uri": uri, "version": 1}
    assert changed["edits"][0]["snippet"] == {"kind": "snippet", "value": f"{comment}$0\n"}
    _, uri, action = silence(ASKING)
    assert "edit" not in action
    assert action["command"]["arguments"] == [uri, place, comment]
    session, uri, action = silence(SHOWING)
    assert action["edit"]["changes"][uri][0]["newText"] == f"{comment}\n"
    assert (
        action["command"]["command"] in session.capabilities["executeCommandProvider"]["commands"]
    )
    session.request("workspace/executeCommand", action["command"])
    shown = [one["params"] for one in session.sent if one.get("method") == "window/showDocument"]
    cursor = {"line": 3, "character": len(comment)}
    assert shown == [{"uri": uri, "takeFocus": True, "selection": {"start": cursor, "end": cursor}}]


def test_all_safe_fixes(project: Path, session: Session) -> None:
    text = PAY.replace(":80", ":80/UDP")
    uri = session.open(project / "intents/pay.intent", text)
    (action,) = _actions(session, uri, text, "wallet", only=["source.fixAll"])
    assert action["kind"] == "source.fixAll.netpolc"
    (edit,) = action["edit"]["changes"][uri]
    assert edit["newText"] == "wallet <- db in ns shop:80/udp\n"
    assert _actions(session, uri, text, "wallet", only=["refactor"]) == []


def test_inlay_hints(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    found = session.request(
        "textDocument/inlayHint", {"textDocument": {"uri": uri}, "range": whole}
    )
    labels = {(one["position"]["line"], one["label"]) for one in found}
    assert (5, "{app=postgres}") in labels


def test_code_lenses(project: Path) -> None:
    document = {"textDocument": {"uri": (project / "intents/db.intent").as_uri()}}
    for commands, expected in (([], ""), (["netpolc.showReferences"], "netpolc.showReferences")):
        session = Session({"experimental": {"commands": commands}})
        session.open(project / "intents/db.intent")
        service, assertion = session.request("textDocument/codeLens", document)
        assert service["command"]["title"] == "2 callers, not reachable from the internet"
        assert service["command"]["command"] == expected
        assert assertion["command"]["title"] == "proved"


def test_document_links(project: Path, session: Session) -> None:
    text = DB + "# netpolc: ignore[NP604] https://example.com/x\n"
    uri = session.open(project / "intents/db.intent", text)
    page, web = session.request("textDocument/documentLink", {"textDocument": {"uri": uri}})
    assert page["target"].endswith("/lints/NP604.md")
    assert web["target"] == "https://example.com/x"


def test_call_hierarchy(project: Path, session: Session) -> None:
    uri = session.open(project / "intents/db.intent")
    (item,) = _ask(session, "prepareCallHierarchy", uri, DB, "db <- api")
    assert item["name"] == "db in ns shop"
    calls = session.request("callHierarchy/incomingCalls", {"item": item})
    assert [one["from"]["name"] for one in calls] == ["api in ns shop", "observers"]
    assert calls[0]["fromRanges"][0]["start"] == at(DB, "db <- api")
    caller = calls[0]["from"]
    (call,) = session.request("callHierarchy/outgoingCalls", {"item": caller})
    assert call["to"]["name"] == "db in ns shop"
    assert session.request("callHierarchy/outgoingCalls", {"item": {**item, "data": 1}}) is None


def test_generated_files_lead_back_to_their_intents(project: Path, session: Session) -> None:
    result = compile_(project)
    path = project / "out/shop/db-ingress.yaml"
    text = result["shop/db-ingress.yaml"]
    write(project, {"out/shop/db-ingress.yaml": text})
    uri = session.open(path)
    assert session.codes(uri) == []
    session.change(uri, text.replace("port: 5432", "port: 5433"))
    (found,) = session.diagnostics[uri]
    assert found["code"] == "NP737"
    assert found["severity"] == 2
    assert [one["location"]["range"]["start"] for one in found["relatedInformation"]] == [
        at(DB, "db <- api"),
        at(DB, "db <- obs"),
    ]
    asked = {"textDocument": {"uri": uri}, "position": {"line": 3, "character": 3}}
    statements = session.request("textDocument/definition", asked)
    assert [one["range"]["start"] for one in statements] == [
        at(DB, "db <- api"),
        at(DB, "db <- obs"),
    ]
    (link,) = session.request("textDocument/documentLink", {"textDocument": {"uri": uri}})
    assert link["target"] == (project / "intents/db.intent").as_uri()


def test_manifests_of_the_project_are_checked(tmp_path: Path, session: Session) -> None:
    text = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec: {}\n"
    write(tmp_path, {"netpolc.toml": 'sources = ["k8s"]\n', "k8s/a.yaml": text})
    uri = session.open(tmp_path / "k8s/a.yaml")
    assert session.codes(uri) == ["NP427"]


def test_other_yaml_is_left_alone(tmp_path: Path, session: Session) -> None:
    uri = session.open(tmp_path / "values.yaml", "a: [\n")
    assert session.codes(uri) == []
