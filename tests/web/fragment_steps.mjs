// Programs that go into the address of the playground and are read back from it, in Chromium.
export const steps = async ({ open, texts: [code, programs, long] }) => {
  const page = await open();
  await page.evaluate(`${code}; globalThis.share = share`);
  return page.evaluate(async ([all, tooLong]) => {
    const changed = [];
    for (const program of all) {
      const fragment = await globalThis.share.toFragment(program);
      const address = new URL(fragment, location.href).href;
      if ((await globalThis.share.fromFragment(new URL(address).hash)) !== program) changed.push(program);
    }
    return { changed, refused: (await globalThis.share.toFragment(tooLong)) === undefined };
  }, [JSON.parse(programs), long]);
};
