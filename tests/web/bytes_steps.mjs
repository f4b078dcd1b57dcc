// What the compiler in the worker of the playground prints for some programs.
export const steps = async ({ open, texts: [programs] }) => {
  const page = await open();
  return page.evaluate(async (all) => {
    const worker = new Worker("worker.js", { type: "module" });
    const answers = [];
    let wake = () => {};
    worker.onmessage = ({ data }) => { answers.push(data); wake(); };
    const next = async (kind) => {
      for (;;) {
        const at = answers.findIndex((answer) => answer.kind === kind);
        if (at >= 0) return answers.splice(at, 1)[0];
        await new Promise((done) => { wake = done; });
      }
    };
    worker.postMessage({ kind: "start", date: "2026-01-01" });
    await next("ready");
    const printed = [];
    for (const [id, text] of all.entries()) {
      worker.postMessage({ kind: "run", id, files: { "a.intent": text }, arguments: ["compile", "a.intent", "--output", "-"] });
      printed.push((await next("result")).stdout);
    }
    return printed;
  }, JSON.parse(programs));
};
