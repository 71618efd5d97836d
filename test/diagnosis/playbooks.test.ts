// What every shipped playbook must be: whole, calibrated, and unable to open the gate on words alone.
import { describe, expect, it } from "vitest";
import { CAP_BP, score, TEXT_OBSERVATIONS } from "../../agents/confidence.ts";
import { logs } from "../../agents/evidence/logs.ts";
import { makeEvidence, observers } from "../../agents/evidence/make-evidence.ts";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import type { Check } from "../../domain/playbook.ts";
import { playbookSchema } from "../../domain/playbook.ts";
import { actionNames } from "../../tools/actions/catalogue.ts";
import { evidenceParts, NOW, shop } from "./shop-world.ts";
import { check } from "../gate/gate-input.ts";

const ids = shippedPlaybooks.map((one) => one.id);

/** Results as if the chosen checks had supported, and nothing had been seen of the others. */
function results(checks: readonly Check[], supports: (check: Check) => boolean) {
  return checks.map((one) =>
    check({
      check: one.id,
      verdict: supports(one) ? "supports" : "unknown",
      points: supports(one) ? one.weight : 0,
      discriminating: one.discriminates.length > 0,
      observation: { status: "known", name: one.observe, params: {}, at: NOW, value: true, text: "" },
    }),
  );
}

describe.each(shippedPlaybooks)("the playbook $id", (playbook) => {
  const { id, checks, fixes, prior, cause } = playbook;

  it("is of the schema that users' own have, after a trip through JSON too", () => {
    expect(playbookSchema.parse(JSON.parse(JSON.stringify(playbook)))).toEqual(playbook);
  });

  it("names only what exists: observations, rivals, checks, actions", () => {
    const own = checks.map((one) => one.id);
    expect(new Set(own).size).toBe(own.length);
    for (const one of checks) {
      expect([...observers.keys()]).toContain(one.observe);
      expect(ids).toEqual(expect.arrayContaining(one.discriminates));
      expect(one.discriminates).not.toContain(id);
    }
    for (const [, named] of cause.matchAll(/\{([a-z0-9-]+)/g)) expect(own).toContain(named);
    for (const fix of fixes) {
      for (const [, named] of fix.title.matchAll(/\{([a-z0-9-]+)/g)) expect(own).toContain(named);
      expect(own).toEqual(expect.arrayContaining(fix.needs));
      for (const { action, params } of fix.actions) {
        expect(actionNames).toContain(action);
        const sources = Object.values(params).flatMap((one) => ("from" in one ? [one.from] : []));
        expect(fix.needs).toEqual(expect.arrayContaining([...new Set(sources)]));
      }
    }
  });

  it("scores 88 to 97 % when everything supports it", () => {
    const { scoreBp, discriminated } = score({ prior, checks: results(checks, () => true) });
    expect(discriminated).toBe(true);
    expect(scoreBp).toBeGreaterThanOrEqual(8_800);
    expect(scoreBp).toBeLessThanOrEqual(9_700);
  });

  it("stays below the gate without a check that a rival would fail, and on words alone", () => {
    const plain = score({ prior, checks: results(checks, (one) => one.discriminates.length === 0) });
    const words = score({ prior, checks: results(checks, (one) => TEXT_OBSERVATIONS.has(one.observe)) });
    expect(Math.max(plain.scoreBp, words.scoreBp)).toBeLessThanOrEqual(CAP_BP);
    expect([plain.discriminated, words.discriminated]).toEqual([false, false]);
  });

  it("tries its fixes from mild to strong, and ends with a human where it acts", () => {
    const last = fixes.at(-1);
    expect(last === undefined || last.class === "human").toBe(true);
    // A second one of a class is for where the first has nothing to work with.
    expect(new Set(fixes.map((one) => [one.class, ...one.needs].join(" "))).size).toBe(fixes.length);
  });
});

describe("observations", () => {
  it("made of a log's words are all marked as such", () => {
    for (const name of Object.keys(logs)) expect(TEXT_OBSERVATIONS).toContain(name);
    for (const name of TEXT_OBSERVATIONS) expect([...observers.keys()]).toContain(name);
  });

  it("can be listed", () => {
    expect(makeEvidence(evidenceParts(shop())).names()).toEqual(
      expect.arrayContaining(["exit-status", "probe-now", "port-open", "setting-for", "changed-files"]),
    );
  });
});
