import * as vscode from "vscode";
import { program } from "./program";

const TYPE = "netpolc";

interface Definition extends vscode.TaskDefinition {
  readonly command: string;
  readonly arguments?: readonly string[];
}

/** Offers `netpolc compile` and `netpolc check` as tasks of each workspace folder. */
export class TaskProvider implements vscode.TaskProvider {
  static readonly type = TYPE;

  provideTasks(): vscode.Task[] {
    const folders = vscode.workspace.workspaceFolders ?? [];
    return folders.flatMap((folder) =>
      ["compile", "check"].map((command) => task({ type: TYPE, command }, folder)),
    );
  }

  resolveTask(unfinished: vscode.Task): vscode.Task | undefined {
    const { scope } = unfinished;
    const folder = typeof scope === "object" ? scope : vscode.workspace.workspaceFolders?.[0];
    return folder && task(unfinished.definition as Definition, folder);
  }
}

function task(definition: Definition, folder: vscode.WorkspaceFolder): vscode.Task {
  const { command } = definition;
  const args = [command, "--format", "concise", ...(definition.arguments ?? [])];
  const execution = new vscode.ProcessExecution(program(folder), args, { cwd: folder.uri.fsPath });
  const result = new vscode.Task(definition, folder, command, TYPE, execution, "$netpolc");
  if (command === "compile") result.group = vscode.TaskGroup.Build;
  return result;
}
