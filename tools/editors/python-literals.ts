// Numbers and strings as Python writes them. https://docs.python.org/3/reference/lexical_analysis.html

/** undefined for what is no plain number, or one too large to reckon with. */
export function numberIn(text: string): number | undefined {
  const plain = text.replaceAll("_", "").replace(/^([+-])\s+/, "$1");
  const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain);
  if (!decimal && !/^0[xob][0-9a-f]+$/i.test(plain)) return undefined;
  const value = Number(plain);
  const exact = /^[+-]?\d+$/.test(plain) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return exact && !Object.is(value, -0) ? value : undefined;
}

/** undefined for bytes. What cannot be written back as it is read is locked. */
export function stringIn(text: string): { value: string; locked?: string } | undefined {
  const match = /^(?<prefix>[a-z]*)(?<quote>'''|"""|'|")(?<body>.*)\k<quote>$/is.exec(text);
  const { prefix = "", quote = "", body = "" } = match?.groups ?? {};
  if (match === null || /b/i.test(prefix)) return undefined;
  if (quote.length === 3) return { value: body, locked: "it is a text of several lines" };
  if (/r/i.test(prefix) || !body.includes("\\")) return { value: body };
  const value = unescaped(body);
  return value === undefined ? { value: body, locked: "its text is escaped in an unusual way" } : { value };
}

const escapes: Record<string, string> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

function unescaped(body: string): string | undefined {
  let known = true;
  const value = body.replaceAll(/\\(u[0-9a-f]{4}|x[0-9a-f]{2}|.)/gis, (_all, code: string) => {
    if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    known &&= escapes[code] !== undefined;
    return escapes[code] ?? "";
  });
  return known ? value : undefined;
}
