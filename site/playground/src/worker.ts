// The compiler and its language server, in a worker so that the page never waits.

import type { Answer, Request } from "./messages";

interface Python {
  unpackArchive(data: Uint8Array, format: string, options: { extractDir: string }): void;
  runPython(code: string): any;
  toPy(value: unknown): any;
}

const scope = self as unknown as DedicatedWorkerGlobalScope;
const post = (answer: Answer) => scope.postMessage(answer);

const START = `
import os, sys
sys.path.insert(0, "/app")
import session
`;

async function start(date: string): Promise<(request: Request) => void> {
  // Both at once: what the network brings is most of the wait of a first visit.
  const [python, archive] = await Promise.all([load(), fetch(new URL("app.zip", scope.location.href))]);
  if (!archive.ok) throw new Error(`app.zip: ${archive.status}`);
  const bytes = new Uint8Array(await archive.arrayBuffer());
  python.unpackArchive(bytes, "zip", { extractDir: "/app" });
  python.runPython(START);
  const begin = python.runPython("session.begin");
  begin(date, (text: string) => post({ kind: "server", text }));
  const run = python.runPython("session.run");
  const receive = python.runPython("session.receive");
  return (request) => {
    if (request.kind === "server") {
      receive(request.text);
      return;
    }
    const files = python.toPy(request.files);
    const result = run(files, python.toPy(request.arguments));
    const [code, stdout, stderr] = result.toJs() as [number, string, string];
    result.destroy();
    files.destroy();
    post({ kind: "result", id: request.id, code, stdout, stderr });
  };
}

async function load(): Promise<Python> {
  const home = new URL("python/", scope.location.href).href;
  const { loadPyodide } = await import(`${home}pyodide.mjs`);
  return loadPyodide({ indexURL: home });
}

/** Requests that came before Python was ready. */
const early: Request[] = [];
let handle = (request: Request): void => void early.push(request);

scope.onmessage = ({ data }: MessageEvent<Request | { kind: "start"; date: string }>) => {
  if (data.kind !== "start") {
    handle(data);
    return;
  }
  start(data.date).then(
    (ready) => {
      handle = ready;
      post({ kind: "ready" });
      early.forEach(ready);
    },
    (error: unknown) => post({ kind: "broken", why: String(error) }),
  );
};
