// Brings words of English to one form: "refused", "refuses", "refusing" → "refus". Light on purpose: log text is
// short, and a word that is cut too far finds the wrong case.

/** A lower-case word without its ending. Words of up to three letters stay as they are. */
export function stem(word: string): string {
  if (word.length <= 3 || /\d/.test(word)) return word;
  return withoutE(withoutNounEnding(withoutVerbEnding(singular(word))));
}

function singular(word: string): string {
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (word.endsWith("s") && !/(?:ss|us|is)$/.test(word)) return word.slice(0, -1);
  return word;
}

function withoutVerbEnding(word: string): string {
  if (word.endsWith("ied") && word.length > 4) return `${word.slice(0, -3)}y`;
  const ending = /(?:ing|(?<!e)ed)$/.exec(word)?.[0];
  if (ending === undefined) return word;
  const rest = word.slice(0, -ending.length);
  if (rest.length < 3 || !/[aeiouy]/.test(rest)) return word;
  // "stopped" → "stop", but "killed" → "kill", "passed" → "pass".
  return /([bdgmnprt])\1$/.test(rest) ? rest.slice(0, -1) : rest;
}

/** "connection" → "connect", "allocation" → "allocat" as "allocate" gives. */
function withoutNounEnding(word: string): string {
  return word.length > 6 && /[st]ion$/.test(word) ? word.slice(0, -3) : word;
}

function withoutE(word: string): string {
  return word.length > 4 && word.endsWith("e") ? word.slice(0, -1) : word;
}
