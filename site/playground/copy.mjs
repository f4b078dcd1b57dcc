// Put what the page needs beside it: the page, its style, and Python with its standard library.

import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

const PYTHON = [
  "pyodide.mjs",
  "pyodide.asm.mjs",
  "pyodide.asm.wasm",
  "python_stdlib.zip",
  "pyodide-lock.json",
];

mkdirSync("dist/python", { recursive: true });
for (const name of PYTHON) copyFileSync(join("node_modules/pyodide", name), join("dist/python", name));
for (const name of ["index.html", "style.css"]) copyFileSync(name, join("dist", name));
