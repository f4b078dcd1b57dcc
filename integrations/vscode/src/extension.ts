import * as vscode from "vscode";
import { LanguageClient, LanguageClientOptions, ServerOptions } from "vscode-languageclient/node";
import { ClientCommands, registerClientCommands } from "./client-commands";
import { cannotStart, compile, diff, explain } from "./commands";
import { program, workspaceFolder } from "./program";
import { TaskProvider } from "./tasks";

let client: LanguageClient | undefined;

/** Start the language server, and register the commands and tasks. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("netpolc");
  context.subscriptions.push(
    log,
    vscode.commands.registerCommand("netpolc.compile", () => compile(log)),
    vscode.commands.registerCommand("netpolc.diff", () => diff(log)),
    vscode.commands.registerCommand("netpolc.explain", (rule?: string) => explain(log, rule)),
    vscode.commands.registerCommand("netpolc.restart", () => restart(log)),
    registerClientCommands(() => client),
    vscode.tasks.registerTaskProvider(TaskProvider.type, new TaskProvider()),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      const program = change.affectsConfiguration("netpolc.path");
      if (program || change.affectsConfiguration("netpolc.arguments")) await restart(log);
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => start(log)),
  );
  await start(log);
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function restart(log: vscode.OutputChannel): Promise<void> {
  await stop();
  await start(log);
}

async function stop(): Promise<void> {
  const old = client;
  client = undefined;
  await old?.dispose();
}

/** Start the server; a setting names the program, so only where the workspace is trusted. */
async function start(log: vscode.OutputChannel): Promise<void> {
  if (!vscode.workspace.isTrusted || client !== undefined) return;
  client = new LanguageClient("netpolc", "netpolc", server(), options(log));
  client.registerFeature(new ClientCommands());
  try {
    await client.start();
  } catch (error) {
    void cannotStart(error); // Its answer may take long, and activation must not wait for it.
  }
}

function server(): ServerOptions {
  const folder = workspaceFolder();
  const extra = vscode.workspace.getConfiguration("netpolc", folder).get<string[]>("arguments", []);
  return {
    command: program(folder),
    args: ["lsp", ...extra],
    options: { cwd: folder?.uri.fsPath },
  };
}

function options(log: vscode.OutputChannel): LanguageClientOptions {
  return {
    documentSelector: [
      { scheme: "file", language: "netpolc" },
      { scheme: "file", language: "yaml" },
      { scheme: "file", pattern: "**/netpolc.toml" },
    ],
    outputChannel: log,
    synchronize: {
      fileEvents: vscode.workspace.createFileSystemWatcher("**/{*.intent,*.yaml,*.yml,netpolc.toml}"),
    },
  };
}
