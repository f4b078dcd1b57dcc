// Runs inside the extension host, with the whole API: what a user of the extension can do.

const assert = require("node:assert");
const { readFileSync, existsSync } = require("node:fs");
const { join } = require("node:path");
const vscode = require("vscode");

const PATIENCE = 45_000;
const root = () => vscode.workspace.workspaceFolders[0].uri;

async function open(name) {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(root(), name));
  await vscode.window.showTextDocument(document);
  return document;
}

/** The first value that is not empty, asked for again and again. */
async function eventually(what, ask) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const value = await ask();
    if (value && value.length !== 0) return value;
    assert(Date.now() < end, `no ${what} within ${PATIENCE / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function findings(document, code) {
  return eventually(`finding ${code}`, () =>
    vscode.languages
      .getDiagnostics(document.uri)
      .filter((each) => (each.code?.value ?? each.code) === code),
  );
}

async function replace(document, from, to) {
  const at = document.getText().indexOf(from);
  assert(at >= 0, `${from} is in the file`);
  const range = new vscode.Range(document.positionAt(at), document.positionAt(at + from.length));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, range, to);
  assert(await vscode.workspace.applyEdit(edit));
}

const place = (document, text) => document.positionAt(document.getText().indexOf(text));
const ask = (command, ...args) => vscode.commands.executeCommand(command, ...args);

const tests = {
  async "a claim that does not hold is red"() {
    const document = await open("intents/shop.intent");
    const [finding] = await findings(document, "NP501");
    assert.equal(finding.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(document.getText(finding.range), "never db <- internet");
    assert(finding.relatedInformation.length > 0, "the arrow that permits it is shown");
  },

  async "it is no longer red when the cause is gone"() {
    const document = await open("intents/shop.intent");
    await replace(document, "db <- any:5432", "db <- api:5432");
    await eventually("end of the finding", () =>
      vscode.languages.getDiagnostics(document.uri).length === 0 ? ["gone"] : [],
    );
  },

  async "a fix is offered and applied"() {
    const document = await open("intents/shop.intent");
    await replace(document, "db <- api:5432", "db <- 192.168.1.7:5432");
    const [finding] = await findings(document, "NP114");
    const actions = await ask("vscode.executeCodeActionProvider", document.uri, finding.range);
    const fix = actions.find((each) => each.edit && each.kind?.value.startsWith("quickfix"));
    assert(fix, `a fix among ${actions.map((each) => each.title)}`);
    assert(await vscode.workspace.applyEdit(fix.edit));
    assert(document.getText().includes("192.168.1.7/32:5432"), document.getText());
    await replace(document, "192.168.1.7/32", "api");
  },

  async "a label is renamed, and one that a bare name means is refused"() {
    const document = await open("intents/labels.intent");
    const rename = (text, name) =>
      ask("vscode.executeDocumentRenameProvider", document.uri, place(document, text), name);
    const edit = await eventually("rename", () => rename("tier=web", "layer"));
    assert(await vscode.workspace.applyEdit(edit));
    assert(document.getText().includes("{layer=web}"), document.getText());
    await assert.rejects(Promise.resolve(rename("app=cron", "name")), /mean the label/);
  },

  async "a service is renamed in every file"() {
    const document = await open("intents/shop.intent");
    const at = place(document, "api <- web");
    const edit = await eventually("rename", () =>
      ask("vscode.executeDocumentRenameProvider", document.uri, at, "backend"),
    );
    assert(edit.size >= 1);
    assert(await vscode.workspace.applyEdit(edit));
    assert(document.getText().includes("db <- backend:5432"), document.getText());
  },

  async "a file is formatted"() {
    const document = await open("intents/shop.intent");
    await replace(document, "web <- ", "web   <-    ");
    const edits = await ask("vscode.executeFormatDocumentProvider", document.uri, {});
    const edit = new vscode.WorkspaceEdit();
    edit.set(document.uri, edits);
    assert(await vscode.workspace.applyEdit(edit));
    assert(document.getText().includes("web <- internet:8080"), document.getText());
  },

  async "hover, definition, completion and symbols answer"() {
    const document = await open("intents/shop.intent");
    const at = place(document, "web:8080");
    const hovers = await ask("vscode.executeHoverProvider", document.uri, at);
    assert(hovers.length > 0, "a hover");
    const items = await ask("vscode.executeCompletionItemProvider", document.uri, at);
    assert(items.items.length > 0, "a completion");
    const symbols = await ask("vscode.executeDocumentSymbolProvider", document.uri);
    assert(symbols.length > 0, "symbols");
  },

  async "a lens counts the callers of a service and shows them"() {
    const document = await open("intents/shop.intent");
    const lenses = await eventually("lens", () =>
      ask("vscode.executeCodeLensProvider", document.uri, 20),
    );
    const titles = lenses.map((each) => each.command?.title ?? "");
    assert(titles.some((each) => each.includes("1 caller")), titles.join("; "));
    const lens = lenses.find((each) => each.command?.command === "netpolc.showReferences");
    assert(lens, "a lens that shows places");
    await ask(lens.command.command, ...lens.command.arguments);
  },

  async "the tasks and the command compile"() {
    const document = await open("intents/shop.intent");
    await document.save();
    const tasks = await vscode.tasks.fetchTasks({ type: "netpolc" });
    assert.deepEqual(tasks.map((each) => each.name).sort(), ["check", "compile"]);
    await ask("netpolc.compile");
    const manifest = join(root().fsPath, "out", "shop", "db-ingress.yaml");
    assert(existsSync(manifest), manifest);
    assert(readFileSync(manifest, "utf8").includes("kind: NetworkPolicy"));
  },

  async "the server starts again"() {
    await ask("netpolc.restart");
    const document = await open("intents/shop.intent");
    await replace(document, "db <- backend:5432", "db <- any:5432");
    await findings(document, "NP501");
  },
};

exports.run = async () => {
  const failed = [];
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      console.log(`ok ${name}`);
    } catch (error) {
      failed.push(name);
      console.log(`not ok ${name}: ${error.stack}`);
    }
  }
  if (failed.length) throw new Error(`failed: ${failed.join("; ")}`);
};
