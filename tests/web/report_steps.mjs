// What a reader of a report does.
export const steps = async (page) => {
  const seen = {};
  const text = (selector) => page.locator(selector).innerText();
  const count = (selector) => page.locator(selector).count();
  const data = await page.evaluate(() => JSON.parse(document.getElementById("data").textContent));
  seen.listed = data.rows.filter((row) => !(row[3] & 2)).length;
  seen.all = await text("#filter-count");
  seen.rows = await count("#rows tbody tr");

  await page.fill("#filter-text", "shop/db 5432");
  seen.searched = await text("#filter-count");
  seen.texts = await page.locator("#rows tbody tr").allInnerTexts();
  await page.fill("#filter-text", "OPS-1");
  seen.byReason = await text("#filter-count");
  await page.click("#filter button[type=reset]");
  await page.waitForTimeout(50);
  seen.cleared = await text("#filter-count");

  await page.selectOption("#filter-from", "shop");
  seen.fromShop = await text("#filter-count");
  await page.selectOption("#filter-from", "");
  await page.selectOption("#filter-kind", "TO_INTERNET");
  seen.toInternet = await text("#filter-count");
  await page.click("#filter button[type=reset]");
  await page.waitForTimeout(50);

  seen.cells = await count("#matrix-table button");
  const numbers = await page.locator("#matrix-table button").allInnerTexts();
  seen.cellSum = numbers.reduce((sum, one) => sum + Number(one), 0);
  await page.locator("#matrix-table button").first().focus();
  await page.keyboard.press("Enter");
  seen.unfolded = await text("#matrix-detail h3");
  seen.unfoldedRows = await count("#matrix-detail tbody tr");
  await page.click("#matrix-detail button");
  seen.why = await text("#filter-count");
  seen.focused = await page.evaluate(() => document.activeElement.id);
  await page.click("#filter button[type=reset]");

  const svg = page.locator(".viewer svg");
  const width = async () => Number(await svg.getAttribute("width"));
  const before = await width();
  await page.click("[data-zoom=in]");
  const larger = await width();
  await page.locator(".viewer .canvas").focus();
  await page.keyboard.press("-");
  const smaller = await width();
  seen.zooms = larger > before && smaller < larger;
  await page.locator(".viewer [data-node]").first().click();
  seen.dimmed = await count(".viewer.dimmed .edge.lit");
  seen.clicked = await page.inputValue("#filter-text");
  await page.keyboard.press("Escape");
  seen.lightAgain = await count(".viewer.dimmed");
  seen.clickedRows = await text("#filter-count");
  await page.click("#filter button[type=reset]");
  await page.waitForTimeout(50);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  seen.printed = await count("#rows tbody tr");
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  seen.ending = await text("#ending");
  return seen;
};
