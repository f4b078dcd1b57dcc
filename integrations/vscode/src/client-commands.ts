import * as vscode from "vscode";
import { ClientCapabilities, LanguageClient, StaticFeature } from "vscode-languageclient/node";

const SHOW_REFERENCES = "netpolc.showReferences";
const SILENCE = "netpolc.silence";

/** Tells the server which of its commands the editor carries out itself. */
export class ClientCommands implements StaticFeature {
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    const commands = [SHOW_REFERENCES, SILENCE];
    capabilities.experimental = { ...(capabilities.experimental as object), commands };
  }

  initialize(): void {}

  getState(): { kind: "static" } {
    return { kind: "static" };
  }

  clear(): void {}
}

type ServerLocation = Parameters<LanguageClient["protocol2CodeConverter"]["asLocation"]>[0];
type ServerPosition = NonNullable<
  Parameters<LanguageClient["protocol2CodeConverter"]["asPosition"]>[0]
>;

/** Register what lenses and fixes of the server do in the editor. */
export function registerClientCommands(client: () => LanguageClient | undefined): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand(
      SHOW_REFERENCES,
      (uri: string, position: ServerPosition, places: ServerLocation[]) =>
        showReferences(client(), uri, position, places),
    ),
    vscode.commands.registerCommand(
      SILENCE,
      (uri: string, position: ServerPosition, comment: string) =>
        silence(client(), uri, position, comment),
    ),
  );
}

/** Show the places that a lens counts at its line. */
function showReferences(
  client: LanguageClient | undefined,
  uri: string,
  position: ServerPosition,
  places: ServerLocation[],
): Thenable<unknown> | undefined {
  const convert = client?.protocol2CodeConverter;
  if (convert === undefined) return undefined;
  return vscode.commands.executeCommand(
    "editor.action.showReferences",
    convert.asUri(uri),
    convert.asPosition(position),
    places.map((place) => convert.asLocation(place)),
  );
}

/** Ask why a finding may stay, and insert the comment with the reason; nothing without one. */
async function silence(
  client: LanguageClient | undefined,
  uri: string,
  position: ServerPosition,
  comment: string,
): Promise<void> {
  const convert = client?.protocol2CodeConverter;
  if (convert === undefined) return;
  const target = convert.asUri(uri);
  const document = await vscode.workspace.openTextDocument(target);
  const version = document.version;
  const reason = await vscode.window.showInputBox({
    title: comment.trim(),
    prompt: "Why may this finding stay? The reason goes into the comment.",
    validateInput: (text) => (text.trim() ? undefined : "A comment that silences needs a reason."),
  });
  if (!reason?.trim()) return;
  if (document.version !== version) {
    void vscode.window.showWarningMessage("netpolc: the file has changed, so no comment was inserted.");
    return;
  }
  const edit = new vscode.WorkspaceEdit();
  edit.insert(target, convert.asPosition(position), `${comment}${reason.trim()}\n`);
  await vscode.workspace.applyEdit(edit);
}
