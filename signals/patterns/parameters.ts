// The parts of a log line that its template leaves open: what stands where the template has <*>, as numbers in one unit
// or as words.

export interface Parameter {
  /** The word before it ("took"), or its place ("2."). */
  name: string;
  /** Of its numbers: times are in ms, sizes in bytes. */
  unit: "ms" | "bytes" | "";
}

export interface ParameterReader {
  parameters: readonly Parameter[];
  /** The values in their order; undefined for a line that does not have the template's words. */
  read(text: string): string[] | undefined;
  /** A number in the unit of the parameter; undefined for a word, a long id, a time of day. */
  numberOf(parameter: number, value: string): number | undefined;
}

const HOLE = "<*>";
/** Of one template; what stands further right is seldom worth more. */
export const MOST_PARAMETERS = 8;
const TEXT_LIMIT = 1_000;
const VALUE_LIMIT = 200;

/** A name with a digit ("db-1") is part of the template while no other was seen, and the first thing to change. */
const withDigits = /[\w.-]*\d[\w.-]*/g;

/** undefined for a template that leaves nothing open, or has no words to find it by. */
export function makeParameterReader(template: string): ParameterReader | undefined {
  const words = template.replaceAll(withDigits, HOLE).split(HOLE);
  // Two holes side by side are one.
  const literals = words
    .filter((word, at) => word !== "" || at === 0 || at === words.length - 1)
    .slice(0, MOST_PARAMETERS + 1);
  if (literals.length < 2 || literals.every((literal) => literal.trim() === "")) return undefined;
  const parts = literals.slice(1).map((after, at) => parameterBetween(literals[at] ?? "", after, at));
  return {
    parameters: parts.map(({ name, unit }) => ({ name, unit: unit?.name ?? "" })),
    read: (text) => valuesIn(text.length > TEXT_LIMIT ? text.slice(0, TEXT_LIMIT) : text, literals),
    numberOf: (parameter, value) => numberIn(value, parts[parameter]?.unit?.factor),
  };
}

/** A field of a structured line: its name may tell its unit ("durationMs"). */
export function namedParameter(
  name: string,
): Parameter & { numberOf: (value: string) => number | undefined } {
  const unit = unitOfName(name);
  return { name, unit: unit?.name ?? "", numberOf: (value) => numberIn(value, unit?.factor) };
}

function valuesIn(text: string, literals: readonly string[]): string[] | undefined {
  const values: string[] = [];
  let from = 0;
  for (const [index, literal] of literals.entries()) {
    const isLast = index === literals.length - 1;
    const at = isLast && literal === "" ? wordEnd(text, from) : text.indexOf(literal, from);
    if (at < 0) return undefined;
    // What stands before a first hole (time, level) is no part of the message.
    if (index === 1 && literals[0] === "") from = text.lastIndexOf(" ", at - 1) + 1;
    if (index > 0) values.push(text.slice(from, Math.min(at, from + VALUE_LIMIT)));
    from = at + literal.length;
  }
  return values;
}

/** The end of the word that begins at `from`. */
function wordEnd(text: string, from: number): number {
  const end = text.slice(from).search(/[\s"',;}\])]/);
  return end < 0 ? text.length : from + end;
}

interface Unit {
  name: "ms" | "bytes";
  factor: number;
}

const units = new Map<string, Unit>(
  Object.entries({
    ns: 1e-6,
    us: 1e-3,
    µs: 1e-3,
    ms: 1,
    millis: 1,
    s: 1e3,
    sec: 1e3,
    seconds: 1e3,
    min: 6e4,
    m: 6e4,
    h: 3.6e6,
  })
    .map(([word, factor]): [string, Unit] => [word, { name: "ms", factor }])
    .concat(
      Object.entries({
        b: 1,
        bytes: 1,
        kb: 1e3,
        kib: 1_024,
        mb: 1e6,
        mib: 1_048_576,
        gb: 1e9,
        gib: 1_073_741_824,
      }).map(([word, factor]): [string, Unit] => [word, { name: "bytes", factor }]),
    ),
);

function parameterBetween(
  before: string,
  after: string,
  at: number,
): { name: string; unit: Unit | undefined } {
  const [, word] = /([\p{L}_][\p{L}\w.-]*)[^\p{L}\w]*$/u.exec(before) ?? [];
  const [, written = ""] = /^ ?([a-zµ]+)\b/.exec(after) ?? [];
  return { name: word?.slice(-40) ?? `${at + 1}.`, unit: units.get(written) ?? unitOfName(word ?? "") };
}

/** "durationMs", "took_ms", "sizeBytes" */
function unitOfName(name: string): Unit | undefined {
  const [, word = ""] = /(?:_|(?<=[a-z]))(ms|millis|seconds|bytes)$/i.exec(name) ?? [];
  return units.get(word.toLowerCase());
}

const quantity = /^(-?\d{1,12}(?:\.\d{1,9})?)(?: ?([a-zµ]{1,7}|%))?$/i;

function numberIn(value: string, factor = 1): number | undefined {
  const first = value.charCodeAt(0);
  if (!((first >= 48 && first <= 57) || first === 45)) return undefined;
  const [, digits, unit] = quantity.exec(value) ?? [];
  if (digits === undefined) return undefined;
  if (unit === undefined || unit === "%") return Number(digits) * factor;
  const own = units.get(unit.toLowerCase());
  return own && Number(digits) * own.factor;
}
