// Write THIRD-PARTY-LICENCES.txt: the licence of each package that is part of dist/extension.js.

import { existsSync, readFileSync, readdirSync, writeFileSync, copyFileSync } from "node:fs";
import { join } from "node:path";

const MODULES = "node_modules";

/** The packages that one needs at run time, itself included, by name. */
function needed(name, all = new Set()) {
  if (!all.has(name)) {
    all.add(name);
    const { dependencies = {} } = description(name);
    Object.keys(dependencies).forEach((each) => needed(each, all));
  }
  return all;
}

function description(name) {
  return JSON.parse(readFileSync(join(MODULES, name, "package.json"), "utf8"));
}

function licence(name) {
  const file = readdirSync(join(MODULES, name)).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${name} has no licence file`);
  return readFileSync(join(MODULES, name, file), "utf8").trim();
}

const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const names = Object.keys(dependencies).flatMap((name) => [...needed(name)]);
const texts = [...new Set(names)]
  .sort()
  .map((name) => `${name} ${description(name).version} (${description(name).license})\n\n${licence(name)}\n`);
writeFileSync("THIRD-PARTY-LICENCES.txt", texts.join(`\n${"-".repeat(80)}\n\n`));
if (existsSync("../../LICENSE")) copyFileSync("../../LICENSE", "LICENSE.txt");
