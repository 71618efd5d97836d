// What a character of a log line is, by a look into a table.
export const LETTER = 1; // a small one
export const UPPER = 2;
export const DIGIT = 4;
export const DOT = 8;
export const SLASH = 16;
export const JOINT = 32; // keeps a word together
export const BACKSLASH = 64;
export const NOT_HEX = 128;
export const WORD = LETTER | UPPER | DIGIT | DOT | SLASH | JOINT | BACKSLASH;
export const SPACE = 256;
export const QUOTE = 512;

export const codeOf = (char: string) => char.charCodeAt(0);
export const SPACE_CODE = 32;
export const COMMA = 44;
export const DOT_CODE = 46;
export const SLASH_CODE = 47;
export const COLON = 58;

/** By UTF-16 code unit; beyond ASCII all are letters. */
export const kinds = new Uint16Array(65_536).fill(LETTER | NOT_HEX);
for (let code = 0; code < 128; code++) kinds[code] = kindOf(String.fromCharCode(code));

function kindOf(char: string): number {
  if (/[a-z]/.test(char)) return char <= "f" ? LETTER : LETTER | NOT_HEX;
  if (/[A-Z]/.test(char)) return char <= "F" ? UPPER : UPPER | NOT_HEX;
  if (/\d/.test(char)) return DIGIT;
  if (char === ".") return DOT | NOT_HEX;
  if (char === "/") return SLASH | NOT_HEX;
  if (char === "\\") return BACKSLASH | NOT_HEX;
  if (/[-_$%*+~^]/.test(char)) return JOINT | NOT_HEX;
  if (/["'`]/.test(char)) return QUOTE;
  return /\s/.test(char) || char < " " ? SPACE : 0;
}
