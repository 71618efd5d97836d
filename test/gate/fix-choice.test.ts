// Which fixes of a playbook are left: from milder to stronger, and never back.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fixesOf, NOTHING_TRIED, type Tried } from "../../agents/fix-choice.ts";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import { type FixClass, fixClasses, playbookSchema, rankOf } from "../../domain/playbook.ts";
import { plan } from "./gate-input.ts";

const playbook = playbookSchema.parse({
  id: "hang",
  title: "It hangs",
  appliesTo: ["exited"],
  cause: "It hangs.",
  prior: 1_000,
  checks: [{ id: "a", question: "?", observe: "state", expect: { some: true }, weight: 1 }],
  fixes: fixClasses.map((one) => ({ id: one, title: one, class: one, risk: "low", actions: [] })),
});
const NOW = 1_000_000_000;
const open = (tried: Partial<Tried>): string[] =>
  fixesOf(playbook, [], { ...NOTHING_TRIED, symptomReturnsMs: 1_800_000, now: NOW, ...tried })
    .filter((one) => one.against === null)
    .map((one) => one.fix.id);
const attempt = (one: FixClass) => ({ plan: plan([], { playbook: "hang", class: one }) });
const past = (fixClass: FixClass, outcome: "healed" | "not-healed", ago = 60_000) => ({
  playbook: "hang",
  fixClass,
  outcome,
  signature: "s",
  at: NOW - ago,
});

describe("the choice of a fix", () => {
  it("begins with the mildest, and a person is always left", () => {
    expect(open({})).toEqual([...fixClasses]);
  });

  it("goes on with the next stronger class once the symptom is back after one", () => {
    expect(open({ past: [past("restart", "healed")], signatures: ["s"] })[0]).toBe("limit");
    expect(open({ attempts: [attempt("limit")] })[0]).toBe("configuration");
    expect(open({ past: [past("data", "not-healed")] })).toEqual(["human"]);
  });

  it("begins at the mildest again when what was tried is long ago", () => {
    expect(open({ past: [past("limit", "healed", 7_200_000)] })[0]).toBe("reload");
  });

  it("never goes back to a milder class, whatever was tried in a run", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...fixClasses), { maxLength: 5 }), (classes) => {
        const highest = Math.max(-1, ...classes.map(rankOf));
        const left = open({ attempts: classes.map(attempt) }).map((one) => rankOf(one as FixClass));
        expect(left.every((rank) => rank > highest || rank === rankOf("human"))).toBe(true);
      }),
    );
  });

  it("is in the order of the classes in every shipped playbook but the one that says why", () => {
    const turned = shippedPlaybooks.filter(({ fixes }) => {
      const ranks = fixes.map((one) => rankOf(one.class));
      return ranks.some((rank, index) => rank < (ranks[index - 1] ?? 0));
    });
    // A restart under the same limit ends the same way: it is only for where the limit may not be raised.
    expect(turned.map((one) => one.id)).toEqual(["oom-limit-too-low"]);
  });
});
