// Splits a command line into words as a POSIX shell does (quotes and backslashes), and expands nothing: no
// variables, no globs, no pipes. The command is started without a shell.

/** undefined when a quote is not closed. */
export function splitCommand(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: "'" | '"' | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? "";
    if (quote === undefined && /\s/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (letter === quote) {
      quote = undefined;
    } else if (quote === undefined && (letter === "'" || letter === '"')) {
      quote = letter;
      word ??= "";
    } else if (letter === "\\" && escapes(text[at + 1], quote)) {
      at += 1;
      word = (word ?? "") + (text[at] ?? "");
    } else {
      word = (word ?? "") + letter;
    }
  }
  if (quote !== undefined) return undefined;
  return word === undefined ? words : [...words, word];
}

/** Inside single quotes nothing is special; inside double quotes only these (POSIX.1-2024, 2.2.3). */
function escapes(next: string | undefined, quote: "'" | '"' | undefined): boolean {
  if (next === undefined || quote === "'") return false;
  return quote === undefined || '"\\$`'.includes(next);
}

/** The words of a command as it was checked: a line, or the list of its words. */
export function toWords(command: string | readonly string[]): readonly string[] {
  return typeof command === "string" ? (splitCommand(command) ?? []) : command;
}
