// The same message with other numbers, ids, names and times has the same signature; other messages have others.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalise, signatureOf } from "../../signals/signature.ts";

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(..."0123456789abcdef".split("")), { minLength: length, maxLength: length })
    .map((all) => all.join(""));
const day = fc.date({ min: new Date("2020-01-01"), max: new Date("2030-01-01"), noInvalidDate: true });

const varying: Record<string, fc.Arbitrary<string>> = {
  number: fc.integer().map(String),
  fraction: fc.tuple(fc.nat(9_999), fc.nat(9_999)).map(([a, b]) => `${a}.${b}`),
  uuid: fc.uuid(),
  "long hex": fc.integer({ min: 8, max: 64 }).chain(hex),
  "memory address": hex(12).map((one) => `0x${one}`),
  "IPv4 with port": fc
    .tuple(fc.ipV4(), fc.integer({ min: 1, max: 65_535 }))
    .map(([ip, port]) => `${ip}:${port}`),
  "quoted name": fc.stringMatching(/^[\w .:/-]{1,40}$/).map((one) => `"${one}"`),
  "ISO time": day.map((one) => one.toISOString()),
  "log time": day.map((one) => one.toISOString().replace("T", " ").replace(".", ",").replace("Z", "")),
  duration: fc
    .tuple(fc.nat(100_000), fc.constantFrom("ms", "s", " ms", " seconds"))
    .map(([n, unit]) => `${n}${unit}`),
  "order id": fc.stringMatching(/^[a-z]{3,6}-[0-9]{3,6}$/),
};

const text = (value: string) => `Error: payment of ${value} failed after retry, giving up`;

describe("one message", () => {
  it.each(Object.keys(varying))("has one signature whatever %s it names", (name) => {
    const any = varying[name] ?? fc.constant("");
    fc.assert(
      fc.property(any, any, (one, other) => {
        expect(normalise(text(one))).toBe(normalise(text(other)));
        expect(signatureOf("shop", "exited", text(one))).toBe(signatureOf("shop", "exited", text(other)));
      }),
    );
  });

  it("has one signature whatever part of a path varies", () => {
    expect(normalise("ENOENT: no such file, open /var/data/orders/81723/part-7.bin")).toBe(
      normalise("ENOENT: no such file, open /var/data/orders/9/part-12.bin"),
    );
    expect(normalise("GET /users/4f2a9c01d3/orders/7?page=2")).toBe(
      normalise("GET /users/00ab34cd9e/orders/812?page=11"),
    );
  });

  it("counts without order and repetition, since logs arrive as they like", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 8 }), (texts) => {
        const shuffled = [...texts.toReversed(), ...texts];
        expect(signatureOf("shop", "log-errors", shuffled)).toBe(signatureOf("shop", "log-errors", texts));
      }),
    );
  });
});

describe("different messages", () => {
  it.each([
    ["connection refused by 10.0.0.1", "connection reset by 10.0.0.1"],
    ["Cannot read properties of undefined", "Cannot set properties of undefined"],
    ["disk /data is full", "disk /logs is full"],
    ["can't parse the order", "can't read the order"],
  ])("%s / %s", (one, other) => {
    expect(normalise(one)).not.toBe(normalise(other));
  });

  it("service and kind count, to the letter", () => {
    expect(signatureOf("shop", "exited", "x")).not.toBe(signatureOf("shop-2", "exited", "x"));
    expect(signatureOf("shop", "exited 1", "x")).not.toBe(signatureOf("shop", "exited 2", "x"));
  });
});

it("is 16 hex digits, the same in every version of the program", () => {
  expect(signatureOf("shop", "exited 1", "TypeError: x is not a function")).toMatchInlineSnapshot(
    `"931bf4167a36d9fd"`,
  );
});
