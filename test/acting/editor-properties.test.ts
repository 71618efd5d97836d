// Editors under any value and any damage: only the value's own range changes, and nothing ever crashes.
import { array, assert, constantFrom, double, integer, nat, oneof, pre, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { HealError } from "../../domain/errors.ts";
import type { Json } from "../../domain/json.ts";
import { needEditor } from "../../tools/editors/editors.ts";
import type { Setting } from "../../tools/editors/editor.ts";
import { pointerOf } from "../../tools/editors/pointer.ts";
import { samples } from "./editor-samples.ts";

const names = Object.keys(samples);
const sample = (name: string) => samples[name] ?? "";

function valuesOf(name: string, text = sample(name)): Record<string, Json> {
  return Object.fromEntries(
    needEditor(name)
      .settings(text)
      .map((one) => [one.pointer, one.value]),
  );
}

const number = oneof(
  integer({ min: -1e6, max: 1e6 }),
  double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
);
const value = oneof(
  number,
  string({ unit: "grapheme" }),
  string(),
  constantFrom(true, false, "yes", "null", "1e3", "0x1", "12:30", ""),
);
const place = constantFrom(
  ...names.flatMap((name) =>
    needEditor(name)
      .settings(sample(name))
      .map((one): [string, Setting] => [name, one]),
  ),
);

describe("whatever the value", () => {
  it("only its own range changes, and it reads back", () => {
    assert(
      property(place, value, ([name, setting], to) => {
        const before = sample(name);
        const after = attempt(() => needEditor(name).edit(before, setting.pointer, to));
        if (after === undefined) return;
        expect(after.startsWith(before.slice(0, setting.start))).toBe(true);
        expect(after.endsWith(before.slice(setting.end))).toBe(true);
        expect(valuesOf(name, after)).toEqual({ ...valuesOf(name), [setting.pointer]: to });
      }),
      { numRuns: 2_000 },
    );
  });

  it("the way there and back gives the same bytes, where both are spelled alike", () => {
    assert(
      property(place, value, value, ([name, { pointer }], one, other) => {
        // The first edit brings the value into the editor's own spelling.
        const start = attempt(() => needEditor(name).edit(sample(name), pointer, one));
        const there =
          start === undefined ? undefined : attempt(() => needEditor(name).edit(start, pointer, other));
        pre(start !== undefined && there !== undefined);
        pre(spelling(name, start, pointer) === spelling(name, there, pointer));
        const back = attempt(() => needEditor(name).edit(there, pointer, one));
        // An empty text that stood there from the start is not written again without quotes.
        pre(back !== undefined);
        expect(back).toBe(start);
      }),
      { numRuns: 1_000 },
    );
  });

  it("a damaged text is refused or read, never a crash", () => {
    const damage = array(
      oneof(string({ unit: "binary" }), constantFrom(..."{}[]()\"'`:=,#&*|>-\\\n\r\t\0\uFEFF".split(""))),
      { maxLength: 6 },
    );
    assert(
      property(constantFrom(...names), nat(), nat(40), damage, (name, at, length, parts) => {
        const text = sample(name);
        const start = at % (text.length + 1);
        const damaged = text.slice(0, start) + parts.join("") + text.slice(start + length);
        for (const pointer of ["a", "retry.delayMs", "PORT"])
          attempt(() => needEditor(name).edit(damaged, pointer, 1));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("names of settings", () => {
  it("are never the same for different keys", () => {
    const key = oneof(string(), constantFrom("a", "a.b", "", "[", '"', "0", "a]", " "));
    assert(
      property(array(key, { maxLength: 4 }), array(key, { maxLength: 4 }), (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(pointerOf(one) === pointerOf(other)).toBe(same);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** The quotes of a text; whether a number has a point, groups or an exponent: what later edits go on with. */
function spelling(name: string, text: string, pointer: string): string {
  const setting = needEditor(name)
    .settings(text)
    .find((one) => one.pointer === pointer);
  const written = text.slice(setting?.start, setting?.end);
  if (typeof setting?.value === "number")
    return `number ${['"', "'", ".", "_", "e"].map((sign) => written.includes(sign)).join()}`;
  return typeof setting?.value === "string" ? `text ${/^["'`]/.exec(written)?.[0] ?? ""}` : "word";
}

/** undefined when it was refused; anything but a refusal is thrown on. */
function attempt(work: () => string): string | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof HealError) return undefined;
    throw error;
  }
}
