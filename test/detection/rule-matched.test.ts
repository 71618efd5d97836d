// Users' rules, from a line to the finding, through the watch that the product uses and a real store.
import { expect, it } from "vitest";
import { makeErrorDetector } from "../../agents/error-detector.ts";
import { makeRuleWatch } from "../../agents/rule-watch.ts";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import { isSymptom } from "../../domain/finding.ts";
import type { LogRule } from "../../domain/log-rule.ts";
import type { LogSignal } from "../../domain/signal.ts";
import { openTestStore, type TestStore } from "../knowledge/open-test-store.ts";
import { shop, state, thresholds } from "./view.ts";

const MINUTE = 60_000;
const declined: LogRule = {
  name: "declined",
  match: "(?i)card (was )?declined",
  severity: "warning",
  lines: 3,
  withinMs: 5 * MINUTE,
  hint: "Ask the bank.",
};

function world(site: TestStore, configured: LogRule[], stopwatch?: () => number) {
  const { clock } = site;
  const watch = makeRuleWatch({
    clock,
    configured,
    store: site.observations.rules,
    ...(stopwatch && { stopwatch }),
  });
  const detect = makeErrorDetector({ thresholds: () => thresholds, clock });
  return {
    watch,
    say(text: string, more: Partial<LogSignal> = {}) {
      const at = clock.now();
      watch.note({ kind: "log", service: "shop", at, level: "info", source: "docker", text, ...more });
    },
    found: (since = 0) =>
      detect({
        service: shop,
        signals: [{ ...state(0), at: clock.now() }],
        dependencies: [],
        rules: watch.matches("shop", since),
      }),
  };
}

it("tells a rule from its threshold on, as grave as the rule says, and no longer than its time", async () => {
  await using site = await openTestStore("pglite");
  const { say, found } = world(site, [declined]);
  say("Card declined for order 1");
  say("card was DECLINED for order 2");
  expect(found()).toEqual([]);
  say("card declined, password=hunter2");
  const [finding] = found();
  expect(finding).toMatchObject({
    kind: "rule-matched",
    severity: "warning",
    summary: "Rule declined: 3 lines in 300 s. Ask the bank.",
    facts: { rule: "declined", count: 3, threshold: 3, line: "card declined, password=«secret»" },
  });
  expect(finding && isSymptom(finding)).toBe(true);
  expect(found(site.clock.now() + 1)).toEqual([]); // all of it lies before a repair
  site.clock.advance(6 * MINUTE);
  expect(found()).toEqual([]);
});

it("a rule without a severity is only shown: nothing is repaired for it", async () => {
  await using site = await openTestStore("pglite");
  const { say, found } = world(site, [{ ...declined, severity: "info", lines: 1 }]);
  say("card declined");
  expect(found().map((one) => [one.severity, isSymptom(one)])).toEqual([["info", false]]);
});

it("no shipped playbook repairs anything for a rule, or for a drift", () => {
  const kinds = shippedPlaybooks.flatMap(({ appliesTo }) => appliesTo);
  expect(kinds).not.toContain("rule-matched");
  expect(kinds).not.toContain("parameter-drift");
});

it("keeps to service and level of a rule", async () => {
  await using site = await openTestStore("pglite");
  const { say, watch } = world(site, [
    { ...declined, name: "here", service: "shop", level: "error" },
    { ...declined, name: "there", service: "cache" },
  ]);
  say("card declined");
  say("card declined", { level: "fatal" });
  say("card declined", { service: "cache" });
  say("card declined", { service: "elsewhere" });
  const counts = ["shop", "cache", "elsewhere"].map((one) =>
    watch.matches(one).map((m) => [m.rule.name, m.lines]),
  );
  expect(counts).toEqual([[["here", 1]], [["there", 1]], []]);
});

it("a line from the future hides none that come after it", async () => {
  await using site = await openTestStore("pglite");
  const { say, found } = world(site, [declined]);
  say("card declined", { at: site.clock.now() + 1e12 });
  say("card declined");
  say("card declined");
  expect(found()).toMatchObject([{ facts: { count: 3 } }]);
});

it("takes over stored rules, and keeps counting for those that stay", async () => {
  await using site = await openTestStore("pglite");
  const { rules } = site.observations;
  const { say, found, watch } = world(site, []);
  await rules.put({ ...declined, lines: 2 }, "ada");
  say("card declined");
  await watch.reload();
  say("card declined");
  await rules.put({ ...declined, name: "other", match: "nothing" }, "ada");
  await watch.reload();
  say("card declined");
  expect(found()).toMatchObject([{ facts: { count: 2 } }]);
  expect(await rules.remove("declined")).toBe(true);
  expect(await rules.remove("declined")).toBe(false);
  await watch.reload();
  expect(found()).toEqual([]);
});

it("counts into the store, and loses nothing where it takes nothing", async () => {
  await using site = await openTestStore("pglite");
  const { rules } = site.observations;
  let away = true;
  const store = {
    list: rules.list,
    note: (counts: Parameters<typeof rules.note>[0]) =>
      away ? Promise.reject(new Error("away")) : rules.note(counts),
  };
  const watch = makeRuleWatch({ clock: site.clock, configured: [declined], store });
  const at = site.clock.now();
  const line: LogSignal = {
    kind: "log",
    service: "shop",
    at,
    level: "info",
    source: "docker",
    text: "card declined",
  };
  watch.note(line);
  await expect(watch.flush()).rejects.toThrow("away");
  watch.note({ ...line, at: at - 10 * MINUTE });
  away = false;
  await watch.flush();
  watch.note(line);
  await watch.flush();
  await watch.flush();
  expect(await rules.sums(0)).toEqual([{ rule: "declined", service: "shop", lines: 3, lastAt: at }]);
  expect(await rules.sums(at - 5 * MINUTE)).toMatchObject([{ lines: 2 }]);
  await site.observations.prune({ metrics: 0, logs: at + MINUTE });
  expect(await rules.sums(0)).toEqual([]);
});

it("looks away where rules take more than a tenth of the time, and says so", async () => {
  await using site = await openTestStore("pglite");
  let now = 0;
  // Every look at the stopwatch takes 300 ms: a rule as costly as none is allowed to be.
  const { say, watch } = world(site, [declined], () => (now += 300));
  for (let n = 0; n < 6; n += 1) say("card declined");
  expect([watch.matches("shop")[0]?.lines, watch.passedOver()]).toEqual([4, 2]);
  now += 10_000;
  say("card declined");
  expect(watch.matches("shop")[0]?.lines).toBe(5);
});
