// Serves a folder on loopback, opens its index.html in Chromium, does steps, prints what happened.
//
//     node serve.mjs MODULES CHROMIUM FOLDER STEPS [FILE…]
//
// The steps get the texts of the files. As browse.mjs, for a page that loads modules and workers, which a browser refuses from files.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, executablePath, folder, stepsFile, ...files] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${modules}/`));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const { steps } = await import(pathToFileURL(stepsFile));

const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".zip": "application/zip",
};

const server = createServer((request, response) => {
  const path = join(folder, normalize(decodeURIComponent(new URL(request.url, "http://x").pathname)));
  if (!existsSync(path)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" });
  response.end(readFileSync(path));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const home = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
});
const found = { foreign: [], errors: [], violations: [], seen: null };

const open = async (address = "index.html", options = {}) => {
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 }, ...options });
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(home)) {
      found.foreign.push(request.url());
    }
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) found.errors.push(message.text());
  });
  page.on("pageerror", (error) => found.errors.push(error.message));
  await page.goto(home + address);
  return page;
};

const check = async (page, where) => {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  for (const one of violations) {
    const nodes = one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200));
    found.violations.push(`${where}: ${one.id}: ${nodes.join(" ")}`);
  }
};

try {
  found.seen = await steps({ open, check, texts: files.map((file) => readFileSync(file, "utf8")) });
} finally {
  await browser.close();
  server.close();
}
console.log(JSON.stringify(found));
