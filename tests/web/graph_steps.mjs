// What a reader of a graph does.
export const steps = async (page) => {
  const seen = { edges: await page.locator(".edge").count() };
  seen.rows = await page.locator("tbody tr").count();
  await page.click("[data-zoom=in]");
  await page.locator("[data-node]").first().click();
  seen.dimmed = await page.locator(".viewer.dimmed").count();
  return seen;
};
