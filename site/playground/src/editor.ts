import { yaml } from "@codemirror/lang-yaml";
import { syntaxHighlighting } from "@codemirror/language";
import { lintGutter } from "@codemirror/lint";
import { LSPClient, languageServerExtensions, serverDiagnostics } from "@codemirror/lsp-client";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { basicSetup } from "codemirror";
import type { Compiler } from "./compiler";
import { intentLanguage } from "./intent-language";

const ROOT = "file:///workspace";
const FILE = `${ROOT}/intents/playground.intent`;
const PATIENCE = 60_000;

/** Where the language server comes in once it runs. */
const serverSlot = new Compartment();

const look = [
  EditorView.lineWrapping,
  syntaxHighlighting(classHighlighter),
  EditorView.theme({
    "&": { backgroundColor: "var(--ground)", color: "var(--ink)" },
    ".cm-gutters": { backgroundColor: "var(--wash)", color: "var(--faint)", border: "none" },
    ".cm-content": { caretColor: "var(--ink)" },
    ".cm-cursor": { borderLeftColor: "var(--ink)" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
    ".cm-tooltip": {
      backgroundColor: "var(--wash)",
      border: "1px solid var(--line)",
      color: "var(--ink)",
      maxWidth: "40rem",
    },
  }),
];

/** The editor of intents; `changed` is called with each new text. */
export function intentEditor(
  parent: HTMLElement,
  text: string,
  changed: (text: string) => void,
): EditorView {
  return new EditorView({
    parent,
    doc: text,
    extensions: [
      basicSetup,
      intentLanguage,
      ...look,
      lintGutter(),
      EditorView.contentAttributes.of({ "aria-label": "Intents" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) changed(update.state.doc.toString());
      }),
      serverSlot.of([]),
    ],
  });
}

/** A place that shows YAML and cannot be edited. */
export function yamlView(parent: HTMLElement, text: string): EditorView {
  const extensions = [
    basicSetup,
    yaml(),
    ...look,
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ "aria-label": "Manifests", tabindex: "0" }),
  ];
  return new EditorView({ parent, doc: text, extensions });
}

/** Connect an editor with the language server: findings, completion, hover, rename and the rest. */
export function connect(editor: EditorView, compiler: Compiler): void {
  const client = new LSPClient({
    rootUri: ROOT,
    timeout: PATIENCE,
    extensions: [...languageServerExtensions(), serverDiagnostics()],
  }).connect(compiler.transport);
  editor.dispatch({ effects: serverSlot.reconfigure(client.plugin(FILE, "netpolc")) });
}
