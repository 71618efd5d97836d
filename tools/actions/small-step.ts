// Small steps only: a number moves by at most a factor of two at a time, in either direction, also where it is part of
// a text such as "800ms".
export const largestStep = 2;
type Scalar = string | number | boolean;

/** Why this is no small step; undefined when it is one. Texts and booleans without a number may change freely. */
export function tooLargeStep(from: Scalar, to: Scalar): string | undefined {
  if (typeof from !== typeof to) return `it would change from a ${typeof from} to a ${typeof to}`;
  const [old, now] = [amountOf(from), amountOf(to)];
  if (old === undefined && now === undefined) return undefined;
  if (old === undefined || now === undefined || old.unit !== now.unit) {
    return "only one of the values is a number, or their units differ";
  }
  const factor = now.number / old.number;
  const small = factor >= 1 / largestStep && factor <= largestStep;
  return small || now.number === old.number
    ? undefined
    : `from ${from} to ${to} is more than a factor of ${largestStep}`;
}

function amountOf(value: Scalar): { number: number; unit: string } | undefined {
  if (typeof value === "number") return { number: value, unit: "" };
  if (typeof value === "boolean") return undefined;
  const match = /^\s*(?<number>[+-]?\d[\d_]*(?:\.\d+)?)\s*(?<unit>[A-Za-z%]*)\s*$/.exec(value);
  if (match?.groups === undefined) return undefined;
  const { number = "", unit = "" } = match.groups;
  return { number: Number(number.replaceAll("_", "")), unit };
}
