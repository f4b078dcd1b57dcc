import { execFile } from "node:child_process";
import { isAbsolute, join } from "node:path";
import * as vscode from "vscode";

/** What a run of the program printed, and its exit code. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const LONGEST_OUTPUT = 64 * 1024 * 1024;

/** The folder that commands run in: that of the open file, else the first of the workspace. */
export function workspaceFolder(): vscode.WorkspaceFolder | undefined {
  const open = vscode.window.activeTextEditor?.document.uri;
  const around = open && vscode.workspace.getWorkspaceFolder(open);
  return around ?? vscode.workspace.workspaceFolders?.[0];
}

/** The program as the settings name it; a path that begins with a dot belongs to the workspace. */
export function program(folder: vscode.WorkspaceFolder | undefined): string {
  const path = vscode.workspace.getConfiguration("netpolc", folder).get("path", "netpolc");
  const relative = path.startsWith("./") || path.startsWith("../");
  return relative && !isAbsolute(path) && folder ? join(folder.uri.fsPath, path) : path;
}

/**
 * Run a command of netpolc in a folder and return what it printed.
 *
 * Rejects only where the program cannot be started; an exit code other than 0 is a result.
 */
export function run(folder: vscode.WorkspaceFolder, args: readonly string[]): Promise<Result> {
  const options = { cwd: folder.uri.fsPath, maxBuffer: LONGEST_OUTPUT };
  return new Promise((resolve, reject) => {
    execFile(program(folder), args, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") {
        reject(error);
      } else {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
      }
    });
  });
}
