// Whether names became elements or ran as scripts, and the texts of the first connection.
export const steps = async (page) => ({
  images: await page.locator("img").count(),
  ran: await page.evaluate(() => "hacked" in globalThis),
  cells: await page.locator("#rows tbody tr").first().locator("td").allInnerTexts(),
  matrix: await page.locator("#matrix-table button").count(),
});
