import { array, assert, constantFrom, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { nameOf } from "../../signals/clusters/naming.ts";
import { companionsOf } from "../../signals/clusters/together.ts";

const always = () => true;

describe("the name of a cluster", () => {
  it("is made of the words that all members share", () => {
    const body = ["No", "route", "to", "*", "for", "user", "bob"];
    expect(nameOf(body, (word) => word !== "bob")).toBe("No route to … for user");
  });

  it("begins with the type of the exception, without its package", () => {
    const body = ["write", "failed", "java.io.IOException", "Broken", "pipe"];
    expect(nameOf(body, always)).toBe("IOException: write failed Broken pipe");
    expect(nameOf(["KeyError"], always)).toBe("KeyError");
    expect(nameOf(["Error", "in", "store"], always)).toBe("Error in store");
  });

  it("is never empty and never long", () => {
    assert(
      property(array(string({ maxLength: 100 })), array(constantFrom(true, false)), (body, kept) => {
        const name = nameOf(body, (word) => kept[body.indexOf(word)] ?? false);
        expect(name.length).toBeGreaterThan(0);
        expect(name.length).toBeLessThanOrEqual(80);
      }),
    );
  });
});

describe("clusters that come together", () => {
  it("share their minutes, as far back as both are remembered", () => {
    const found = companionsOf([
      { id: "old", minutes: [1, 2, 3, 10, 11, 12, 13] },
      { id: "new", minutes: [10, 11, 12, 14] },
      { id: "once", minutes: [10] },
      { id: "else", minutes: [20, 21, 22] },
    ]);
    expect([...found]).toEqual([
      ["old", [{ id: "new", share: 0.6 }]],
      ["new", [{ id: "old", share: 0.6 }]],
    ]);
  });
});
