import * as vscode from "vscode";
import { ClientCapabilities, LanguageClient, StaticFeature } from "vscode-languageclient/node";

const SHOW_REFERENCES = "netpolc.showReferences";

/** Tells the server which of its commands the editor carries out itself. */
export class ClientCommands implements StaticFeature {
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    const experimental = { ...(capabilities.experimental as object), commands: [SHOW_REFERENCES] };
    capabilities.experimental = experimental;
  }

  initialize(): void {}

  getState(): { kind: "static" } {
    return { kind: "static" };
  }

  clear(): void {}
}

type ServerLocation = Parameters<LanguageClient["protocol2CodeConverter"]["asLocation"]>[0];
type ServerPosition = Parameters<LanguageClient["protocol2CodeConverter"]["asPosition"]>[0];

/** Register what a lens of the server does: the places that it counts are shown at its line. */
export function registerClientCommands(client: () => LanguageClient | undefined): vscode.Disposable {
  return vscode.commands.registerCommand(
    SHOW_REFERENCES,
    (uri: string, position: ServerPosition, places: ServerLocation[]) => {
      const convert = client()?.protocol2CodeConverter;
      if (convert === undefined) return undefined;
      return vscode.commands.executeCommand(
        "editor.action.showReferences",
        convert.asUri(uri),
        convert.asPosition(position),
        places.map((place) => convert.asLocation(place)),
      );
    },
  );
}
