// What a stranger does in the playground.

const PATIENCE = { timeout: 90_000 };
const HOSTILE = `namespace shop
db <- api:80 because "</script><img src=x onerror=globalThis.hurt=1> ]]> \\" end"
db <- {a="x<b>y"}:81
`;

const panel = (page) => page.textContent("#panel");
const isDone = () => document.querySelector("#panel").dataset.code !== undefined;

async function shown(page, tab, expected) {
  await page.click(`#tab-${tab}`);
  await page.waitForFunction(
    (text) => document.querySelector("#panel").textContent.includes(text),
    expected,
    PATIENCE,
  );
  return panel(page);
}

async function write(page, text) {
  await page.click("#editor .cm-content");
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

const program = (page) =>
  page.evaluate(() => [...document.querySelectorAll("#editor .cm-line")].map((line) => line.textContent).join("\n"));

export async function steps({ open, check }) {
  const seen = {};
  const begun = Date.now();
  const page = await open();
  await page.waitForFunction(isDone, null, PATIENCE);
  seen.cold = Date.now() - begun;
  seen.manifests = await shown(page, "manifests", "kind: NetworkPolicy");
  await check(page, "light");

  seen.connections = await shown(page, "connections", "FROM");
  seen.answer = await shown(page, "ask", "no: internet");
  await page.click("#tab-graph");
  await page.waitForFunction(() => document.querySelector("#panel img")?.naturalWidth > 0, null, PATIENCE);

  await page.click("#editor .cm-content");
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText("db <- internet:5432\n");
  seen.change = await shown(page, "change", "1 opened");
  await page.waitForSelector("#editor .cm-lintRange-error", PATIENCE);
  seen.red = await page.textContent("#editor .cm-lintRange-error");

  const times = [];
  await page.click("#tab-manifests");
  for (let number = 0; number < 5; number += 1) {
    await page.click("#editor .cm-content");
    await page.keyboard.press("Control+End");
    await page.keyboard.insertText("#");
    await page.waitForTimeout(1000);
    times.push(Number.parseInt(await page.textContent("#status"), 10));
  }
  seen.keystroke = times.sort((a, b) => a - b)[2];

  await write(page, HOSTILE);
  await shown(page, "connections", "x<b>y");
  await shown(page, "ask", "no");
  seen.hurt = await page.evaluate(() => globalThis.hurt ?? null);
  await check(page, "hostile");

  await page.click("#tab-import");
  await page.fill(
    "#policy",
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: pay}\n" +
      "spec:\n  podSelector: {matchLabels: {app: cards}}\n  ingress:\n  - from:\n    - podSelector: {matchLabels: {app: api}}\n",
  );
  await page.click("#paste button");
  await page.waitForFunction(
    () => document.querySelector("#editor .cm-content").textContent.includes("cards <- api"),
    null,
    PATIENCE,
  );
  await page.click("#share");
  await page.waitForFunction(() => location.hash.length > 1, null, PATIENCE);
  const hash = await page.evaluate(() => location.hash);
  const before = await program(page);
  const again = await open(`index.html${hash}`, { colorScheme: "dark" });
  await again.waitForFunction(isDone, null, PATIENCE);
  seen.shared = before === (await program(again)) && before.includes("cards <- api");
  await check(again, "dark");
  await again.close();

  const damaged = await open("index.html#%%%");
  await damaged.waitForFunction(isDone, null, PATIENCE);
  seen.damaged = (await program(damaged)).includes("never db <- internet");
  return seen;
}
