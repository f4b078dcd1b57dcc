import type { EditorView } from "@codemirror/view";
import type { Compiler } from "./compiler";
import { yamlView } from "./editor";
import type { Files, Result } from "./messages";

const FILE = "playground.intent";
const PASTED = "pasted.yaml";

/** A tab of results: the command that it runs, and how its output is shown. */
export interface Panel {
  readonly name: string;
  readonly title: string;
  run(compiler: Compiler, text: string): Promise<Result>;
  show(place: HTMLElement, result: Result): void;
}

interface Inputs {
  /** The question of the tab `Ask`. */
  question(): string;
  /** The program as the page opened with it. */
  first(): string;
}

/** The tabs in their order. */
export function panels(inputs: Inputs): readonly Panel[] {
  const files = (text: string): Files => ({ [FILE]: text });
  return [
    {
      name: "manifests",
      title: "Manifests",
      run: (compiler, text) => compiler.run(files(text), "compile", FILE, "--output", "-"),
      show: (place, result) => void yaml(place, result),
    },
    {
      name: "connections",
      title: "Connections",
      run: (compiler, text) => compiler.run(files(text), "list", FILE),
      show: printed("Nothing is permitted."),
    },
    {
      name: "ask",
      title: "Ask",
      run: (compiler, text) => compiler.run(files(text), "can", inputs.question(), FILE),
      show: printed("No answer."),
    },
    {
      name: "graph",
      title: "Graph",
      run: (compiler, text) => compiler.run(files(text), "graph", FILE, "--format", "svg"),
      show: picture,
    },
    {
      name: "change",
      title: "Change",
      run: (compiler, text) => {
        const both = { [`first/${FILE}`]: inputs.first(), [`now/${FILE}`]: text };
        return compiler.run(both, "diff", "first", "now");
      },
      show: printed("No change in what is permitted since the page was opened."),
    },
  ];
}

/** Turn manifests into intents: the text on standard output, or what is wrong. */
export function importManifests(compiler: Compiler, text: string): Promise<Result> {
  return compiler.run({ [PASTED]: text }, "import", PASTED, "--output", "-");
}

let shownYaml: EditorView | undefined;

function yaml(place: HTMLElement, result: Result): void {
  if (result.stdout === "") {
    printed("")(place, result);
    return;
  }
  if (shownYaml?.dom.parentElement !== place) {
    place.replaceChildren();
    shownYaml = yamlView(place, "");
  }
  const { doc } = shownYaml.state;
  shownYaml.dispatch({ changes: { from: 0, to: doc.length, insert: result.stdout } });
}

function printed(empty: string): (place: HTMLElement, result: Result) => void {
  return (place, { stdout, stderr }) => {
    const pre = document.createElement("pre");
    pre.textContent = stdout || stderr || empty;
    pre.classList.toggle("failed", stdout === "" && stderr !== "");
    place.replaceChildren(pre);
  };
}

let address: string | undefined;

function picture(place: HTMLElement, result: Result): void {
  if (result.stdout === "") {
    printed("")(place, result);
    return;
  }
  if (address !== undefined) URL.revokeObjectURL(address);
  // As an image the picture cannot run anything, whatever names the program has.
  address = URL.createObjectURL(new Blob([result.stdout], { type: "image/svg+xml" }));
  const image = document.createElement("img");
  image.alt = "Who may reach whom; the tab Connections has the same as text";
  image.src = address;
  place.replaceChildren(image);
}
