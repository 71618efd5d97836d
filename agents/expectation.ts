// Compares what was observed with what a check expects. An observation with details carries its plain value under
// "value"; that is what an expectation speaks of.
import { canonicalJson, type Json } from "../domain/json.ts";
import type { Expectation } from "../domain/playbook.ts";

const LONGEST_TEXT = 500;

/** undefined: the value is of a kind that this expectation cannot speak of, so nothing is known. */
export function fits(expectation: Expectation, observed: Json): boolean | undefined {
  const value = plainValue(observed);
  if ("is" in expectation) return equal(value, expectation.is);
  if ("isNot" in expectation) return !equal(value, expectation.isNot);
  if ("oneOf" in expectation) return expectation.oneOf.some((one) => equal(value, one));
  if ("atLeast" in expectation) return typeof value === "number" ? value >= expectation.atLeast : undefined;
  if ("atMost" in expectation) return typeof value === "number" ? value <= expectation.atMost : undefined;
  if ("matches" in expectation)
    return typeof value === "string" ? matches(value, expectation.matches) : undefined;
  return "some" in expectation ? !isEmpty(value) : isEmpty(value);
}

/** The value at a dotted path; undefined where there is none. Own properties only. */
export function valueAt(value: Json, path: string | undefined): Json | undefined {
  if (path === undefined) return plainValue(value);
  return path.split(".").reduce<Json | undefined>((inner, key) => {
    if (inner === null || typeof inner !== "object") return undefined;
    return Object.hasOwn(inner, key) ? (inner as Record<string, Json>)[key] : undefined;
  }, value);
}

export function plainValue(value: Json): Json {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return value["value"] === undefined ? value : value["value"];
}

function equal(a: Json, b: Json): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

/** A playbook's expression may be broken; then nothing is known. */
function matches(value: string, expression: string): boolean | undefined {
  try {
    return new RegExp(expression, "i").test(value.slice(0, LONGEST_TEXT));
  } catch {
    return undefined;
  }
}

function isEmpty(value: Json): boolean {
  if (value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
