import type { EditorView } from "@codemirror/view";
import { Compiler } from "./compiler";
import { connect, intentEditor } from "./editor";
import { examples, type Example } from "./examples";
import { importManifests, panels, type Panel } from "./panels";
import { fromFragment, toFragment } from "./share";

const IMPORT = "import";

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found as T;
}

/** The page: one program in the editor, and one tab of results that follows it. */
class Page {
  private readonly compiler = new Compiler();
  private readonly all: readonly Panel[];
  private readonly editor: EditorView;
  private shown = "manifests";
  private first: string;
  /** Whether a command runs now, and whether the text has changed since it began. */
  private running = false;
  private stale = false;

  constructor(
    text: string,
    private readonly choices: readonly Example[],
  ) {
    this.first = text;
    this.all = panels({
      question: () => element<HTMLInputElement>("ask").value,
      first: () => this.first,
    });
    this.editor = intentEditor(element("editor"), text, () => void this.refresh());
    this.makeTabs();
    this.makeExamples();
    this.listen();
    this.compiler.ready.then(
      () => {
        status("Ready");
        connect(this.editor, this.compiler);
        void this.refresh();
      },
      (error: unknown) => status(`Python does not start: ${error}`),
    );
  }

  private get text(): string {
    return this.editor.state.doc.toString();
  }

  private replace(text: string): void {
    this.editor.dispatch({ changes: { from: 0, to: this.editor.state.doc.length, insert: text } });
  }

  /** Run the command of the tab that is shown: one at a time, then once more for the latest text. */
  private async refresh(): Promise<void> {
    this.stale = true;
    if (this.running) return;
    this.running = true;
    try {
      await this.compiler.ready;
      while (this.stale) {
        this.stale = false;
        await this.runShown();
      }
    } finally {
      this.running = false;
    }
  }

  private async runShown(): Promise<void> {
    const panel = this.all.find((each) => each.name === this.shown);
    if (panel === undefined) return;
    const begun = performance.now();
    const result = await panel.run(this.compiler, this.text);
    if (panel.name !== this.shown) return;
    panel.show(element("panel"), result);
    element("panel").dataset.code = String(result.code);
    status(`${Math.round(performance.now() - begun)} ms`);
  }

  private makeTabs(): void {
    const tabs = element("tabs");
    const titles = [...this.all, { name: IMPORT, title: "Paste a policy" }];
    for (const { name, title } of titles) {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.id = `tab-${name}`;
      tab.textContent = title;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", "panel");
      tab.addEventListener("click", () => this.choose(name));
      tabs.append(tab);
    }
    tabs.addEventListener("keydown", (event) => this.moveAlong(event));
    this.choose(this.shown);
  }

  private moveAlong(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };
    const step = steps[event.key];
    if (step === undefined) return;
    const tabs = [...element("tabs").querySelectorAll<HTMLElement>("[role=tab]")];
    const now = tabs.findIndex((each) => each.id === `tab-${this.shown}`);
    const next = tabs[(now + step + tabs.length) % tabs.length];
    next?.click();
    next?.focus();
  }

  private choose(name: string): void {
    this.shown = name;
    for (const tab of element("tabs").querySelectorAll<HTMLElement>("[role=tab]")) {
      const selected = tab.id === `tab-${name}`;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
    }
    element("panel").setAttribute("aria-labelledby", `tab-${name}`);
    element("question").hidden = name !== "ask";
    element("paste").hidden = name !== IMPORT;
    element("note").hidden = true;
    element("panel").replaceChildren();
    void this.refresh();
  }

  private makeExamples(): void {
    const select = element<HTMLSelectElement>("examples");
    select.append(new Option("choose …", ""));
    this.choices.forEach(({ title }, number) => select.append(new Option(title, String(number))));
    select.addEventListener("change", () => {
      const chosen = this.choices[Number(select.value)];
      if (select.value === "" || chosen === undefined) return;
      this.first = chosen.text;
      this.replace(chosen.text);
    });
  }

  private listen(): void {
    element("ask").addEventListener("input", () => void this.refresh());
    element("question").addEventListener("submit", (event) => event.preventDefault());
    element("paste").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.paste();
    });
    element("share").addEventListener("click", () => void this.share());
  }

  private async paste(): Promise<void> {
    const result = await importManifests(
      this.compiler,
      element<HTMLTextAreaElement>("policy").value,
    );
    const failed = result.stdout === "";
    if (!failed) {
      this.first = result.stdout;
      this.replace(result.stdout);
    }
    const pre = document.createElement("pre");
    pre.textContent = result.stderr;
    pre.classList.toggle("failed", failed);
    element("panel").replaceChildren(pre);
  }

  private async share(): Promise<void> {
    const fragment = await toFragment(this.text);
    if (fragment === undefined) {
      note("The program is too long for an address. Save it as a file instead.");
      return;
    }
    location.hash = fragment;
    await navigator.clipboard.writeText(location.href).catch(() => undefined);
    note("The address of this page carries the program. Nothing has left your browser.");
  }
}

function status(text: string): void {
  element("status").textContent = text;
}

function note(text: string): void {
  const place = element("note");
  place.textContent = text;
  place.hidden = false;
}

async function start(): Promise<void> {
  const choices = await examples();
  const shared = await fromFragment(location.hash);
  new Page(shared ?? choices[0]?.text ?? "", choices);
}

void start();
