// Colours for intents: coarser than the parser, which says in the same editor what is wrong.

import { StreamLanguage, type StringStream } from "@codemirror/language";

const WORD = /^[A-Za-z0-9_](?:[A-Za-z0-9_./]|-(?!>))*/;
const SETTING = /^(?:default|baseline|label|dns|mirror|pods|services|nodes|blocks)(?=\s*:\s)/;
const KEYWORDS = new Set(
  "namespace cluster service group never always only enforce ns in notin except until because".split(" "),
);
const CONSTANTS = new Set("any internet none dns deny allow ingress egress yes no outside all".split(" "));
const BLOCK = /^(?:[0-9]+(?:\.[0-9]+){3}|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)(?:\/[0-9]+)/;

interface State {
  /** Whether the last word was `namespace` or `ns`, after which a keyword is a name. */
  named: boolean;
}

function token(stream: StringStream, state: State): string | null {
  const isFirst = stream.string.slice(0, stream.pos).trim() === "";
  if (stream.eatSpace()) return null;
  const { named } = state;
  state.named = false;
  if (stream.match(/^#.*/)) return "comment";
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
  if (stream.match(/^(?:<-|->)/)) return "operator";
  if (isFirst && stream.match(SETTING)) return "keyword";
  if (stream.match(BLOCK)) return "number";
  if (stream.match(/^:\s*(?=[A-Za-z0-9_*[])/)) return null;
  const before = stream.string[stream.pos - 1];
  const word = stream.match(WORD) as RegExpMatchArray | null;
  if (word === null) {
    stream.next();
    return null;
  }
  if (named) return null;
  if (before === ":" || /^[0-9]+(?:-[0-9]+)?(?:\/\w+)?$/.test(word[0])) return "number";
  state.named = word[0] === "namespace" || word[0] === "ns";
  if (KEYWORDS.has(word[0])) return "keyword";
  return CONSTANTS.has(word[0]) ? "atom" : null;
}

export const intentLanguage = StreamLanguage.define<State>({
  name: "intent",
  startState: () => ({ named: false }),
  token,
  languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
});
