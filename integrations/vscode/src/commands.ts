import * as vscode from "vscode";
import { Result, run, workspaceFolder } from "./program";

const CODE = /^NP\d{3}$/;

/** Compile the project's intents; findings go to the output channel. */
export async function compile(log: vscode.OutputChannel): Promise<void> {
  const result = await runHere(["compile"], log);
  if (result === undefined) return;
  const summary = result.stderr.trim().split("\n").at(-1) ?? "";
  if (result.code === 0) {
    vscode.window.setStatusBarMessage(`netpolc: ${summary}`, 10_000);
    return;
  }
  log.append(result.stderr);
  const show = "Show output";
  const answer = await vscode.window.showErrorMessage(`netpolc: ${summary}`, show);
  if (answer === show) log.show();
}

/** Show what a change opens and closes as a rendered page. */
export async function diff(log: vscode.OutputChannel): Promise<void> {
  const revision = await vscode.window.showInputBox({
    title: "Show what a change opens and closes",
    prompt: "A revision to compare the working tree with, or two: HEAD, v1.2, main...HEAD",
    value: "HEAD",
  });
  if (!revision) return;
  const result = await runHere(["diff", "--format", "markdown", revision], log);
  if (result === undefined) return;
  if (result.code > 1) {
    log.append(result.stderr);
    log.show();
    return;
  }
  const text = result.stdout || "No change in what is permitted.\n";
  await preview(text);
}

/** Explain a rule of the findings: that at the cursor, or one that is asked for. */
export async function explain(log: vscode.OutputChannel, rule?: string): Promise<void> {
  const code = rule ?? codeAtCursor() ?? (await askForCode());
  if (code === undefined) return;
  const result = await runHere(["explain", code], log);
  if (result === undefined) return;
  const text = result.stdout || result.stderr;
  const document = await vscode.workspace.openTextDocument({ content: text });
  await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
}

async function runHere(
  args: readonly string[],
  log: vscode.OutputChannel,
): Promise<Result | undefined> {
  const folder = workspaceFolder();
  if (folder === undefined) {
    void vscode.window.showErrorMessage("netpolc: open the folder that has the intents first.");
    return undefined;
  }
  await vscode.workspace.saveAll(false);
  log.appendLine(`netpolc ${args.join(" ")}`);
  try {
    return await run(folder, args);
  } catch (error) {
    await cannotStart(error);
    return undefined;
  }
}

/** Tell that the program does not start, with a way to the setting. */
export async function cannotStart(error: unknown): Promise<void> {
  const settings = "Open the setting";
  const answer = await vscode.window.showErrorMessage(
    `The program netpolc cannot be started: ${error instanceof Error ? error.message : error}`,
    settings,
  );
  if (answer === settings) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "netpolc.path");
  }
}

function codeAtCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return undefined;
  const here = vscode.languages
    .getDiagnostics(editor.document.uri)
    .filter((each) => each.source === "netpolc" && each.range.contains(editor.selection.active));
  const code = here[0]?.code;
  return typeof code === "object" ? String(code.value) : code?.toString();
}

function askForCode(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: "Explain a finding",
    prompt: "The code of a finding, such as NP501",
    validateInput: (text) => (CODE.test(text) ? undefined : "A code is NP and three digits."),
  });
}

async function preview(markdown: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({
    content: markdown,
    language: "markdown",
  });
  await vscode.window.showTextDocument(document, { preview: true });
  await vscode.commands.executeCommand("markdown.showPreview", document.uri);
}
