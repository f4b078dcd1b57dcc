// Opens a page in Chromium, does what a user does, and prints as JSON what happened.
//
//     node browse.mjs MODULES CHROMIUM PAGE STEPS
//
// MODULES is the folder of node_modules, and STEPS a file that exports `steps(page)`, whose result
// is printed as `seen`. Beside it are the requests, the errors, and what axe-core finds.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, executablePath, file, stepsFile] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${modules}/`));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const { steps } = await import(pathToFileURL(stepsFile));

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"],
});
const found = { requests: [], errors: [], violations: [], overflowing: [], seen: null };

// What axe-core says of the page as it is now. It is evaluated, which the page's policy does not forbid.
const violations = async (page, where) => {
  await page.evaluate(axe);
  const { violations: all } = await page.evaluate(() => globalThis.axe.run());
  for (const one of all) {
    found.violations.push(`${where}: ${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" ")}`);
  }
};

const open = async (width, colorScheme) => {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  page.on("request", (request) => found.requests.push(request.url()));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) found.errors.push(message.text());
  });
  page.on("pageerror", (error) => found.errors.push(error.message));
  await page.goto(pathToFileURL(file).href);
  await page.waitForTimeout(100);
  return page;
};

for (const [width, colorScheme] of [[1400, "light"], [800, "dark"], [390, "light"]]) {
  const page = await open(width, colorScheme);
  await violations(page, `${width} ${colorScheme}`);
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (excess > 0) found.overflowing.push(`${width}: ${excess} pixels`);
  if (colorScheme === "light" && width === 1400) {
    found.seen = await steps(page);
    await violations(page, "after the steps");
  }
  await page.close();
}
await browser.close();
console.log(JSON.stringify(found));
