// Hold the grammar against tokens that the parser has cut.
//
// Standard input: JSON, a list of [text, tokens], a token being [line, first, last, scopes]: its
// line, its UTF-16 columns, and the beginnings of which its scope must have one. Standard output:
// JSON, a list of [text, token, scope] for the tokens whose scope differs.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

const HERE = dirname(new URL(import.meta.url).pathname);

async function load() {
  const wasm = readFileSync(join(dirname(require.resolve("vscode-oniguruma")), "onig.wasm"));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => {
      const path = join(HERE, "netpolc.tmLanguage.json");
      return textmate.parseRawGrammar(readFileSync(path, "utf8"), path);
    },
  });
  return registry.loadGrammar("source.netpolc");
}

function* differences(grammar, text, tokens) {
  let stack = textmate.INITIAL;
  const lines = text.split("\n").map((line) => {
    const result = grammar.tokenizeLine(line, stack);
    stack = result.ruleStack;
    return result.tokens;
  });
  for (const token of tokens) {
    const [line, first, last, scopes] = token;
    for (const part of lines[line].filter((each) => each.endIndex > first && each.startIndex < last)) {
      const right = part.scopes.some((scope) => scopes.some((each) => scope.startsWith(each)));
      if (!right) yield [text, token, part.scopes.at(-1)];
    }
  }
}

const grammar = await load();
const cases = JSON.parse(readFileSync(0, "utf8"));
const all = cases.flatMap(([text, tokens]) => [...differences(grammar, text, tokens)]);
process.stdout.write(JSON.stringify(all));
