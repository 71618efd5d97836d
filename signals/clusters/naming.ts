// What a cluster is called: the words that all its members share, the type of the exception first.
import { HOLE } from "./masks.ts";

const NAME_CHARS = 80;
const GAP = "…";
/** IOException, java.net.ConnectException, KeyError; not the bare word "Error". */
const exceptionType = /(?:^|[.$])((?=\p{Lu})[\p{L}\p{N}_]{1,80}(?:Exception|Error|Failure|Fault))$/u;

/**
 * A name of at most 80 characters, made of a message in the case it was written in.
 * @param body words and holes of a typical line
 * @param shared whether a word (lower case) stands in every member
 */
export function nameOf(body: readonly string[], shared: (word: string) => boolean): string {
  const words: string[] = [];
  for (const word of body) {
    const kept = word !== HOLE && shared(word.toLowerCase());
    if (kept) words.push(word);
    else if (words.at(-1) !== GAP) words.push(GAP);
  }
  while (words.at(-1) === GAP) words.pop();
  return cut(withTypeFirst(words.length > 0 ? words : body.filter((word) => word !== HOLE)));
}

function withTypeFirst(words: readonly string[]): string[] {
  const index = words.findIndex((word) => exceptionType.test(word));
  const [, type] = exceptionType.exec(words[index] ?? "") ?? [];
  if (type === undefined) return [...words];
  const rest = words.filter((_, at) => at !== index);
  return rest.length === 0 ? [type] : [`${type}:`, ...rest];
}

function cut(words: readonly string[]): string {
  let name = "";
  for (const word of words) {
    const longer = name === "" ? word : `${name} ${word}`;
    if (longer.length > NAME_CHARS - 2) return name === "" ? word.slice(0, NAME_CHARS) : `${name} ${GAP}`;
    name = longer;
  }
  return name === "" ? "(no words)" : name;
}
