import type { Transport } from "@codemirror/lsp-client";
import type { Answer, Files, Request, Result } from "./messages";

/** The compiler in its worker: runs commands, and carries the messages of the language server. */
export class Compiler {
  readonly ready: Promise<void>;
  readonly transport: Transport;
  private readonly worker = new Worker("worker.js", { type: "module" });
  private readonly waiting = new Map<number, (result: Result) => void>();
  private readonly listeners = new Set<(text: string) => void>();
  private last = 0;

  constructor() {
    this.ready = new Promise((resolve, reject) => {
      this.worker.onerror = (event) => reject(new Error(event.message));
      this.worker.onmessage = ({ data }: MessageEvent<Answer>) => {
        if (data.kind === "ready") resolve();
        else if (data.kind === "broken") reject(new Error(data.why));
        else if (data.kind === "server") this.listeners.forEach((each) => each(data.text));
        else this.settle(data.id, data);
      };
    });
    this.worker.postMessage({ kind: "start", date: today() });
    this.transport = {
      send: (text) => this.post({ kind: "server", text }),
      subscribe: (listener) => void this.listeners.add(listener),
      unsubscribe: (listener) => void this.listeners.delete(listener),
    };
  }

  /** Run a command of netpolc in a project with these files. */
  run(files: Files, ...args: string[]): Promise<Result> {
    const id = ++this.last;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.post({ kind: "run", id, files, arguments: args });
    });
  }

  private post(request: Request): void {
    this.worker.postMessage(request);
  }

  private settle(id: number, result: Result): void {
    this.waiting.get(id)?.(result);
    this.waiting.delete(id);
  }
}

/** The reader's date; Python's clock in the worker is that of UTC. */
function today(): string {
  const now = new Date();
  const two = (part: number) => String(part).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
