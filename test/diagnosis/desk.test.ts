// What is recommended and written of an incident: by rules, and what a model may add to it.
import { describe, expect, it } from "vitest";
import { drafted } from "../../agents/desk/postmortem-draft.ts";
import { postmortemPage } from "../../agents/desk/postmortem-page.ts";
import { postmortemOf } from "../../agents/desk/postmortem.ts";
import { recommend, type RecommendationFacts, worded } from "../../agents/desk/recommendations.ts";
import { type IncidentFile, recordIds } from "../../agents/desk/incident-file.ts";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import type { CaseRecord, IncidentRecord } from "../../knowledge/records.ts";
import type { Model } from "../../tools/model.ts";
import { fullIncident } from "../api/full-incident.ts";

const full = fullIncident("run-1");
const [top] = full.diagnosis?.hypotheses ?? [];
const hang = shippedPlaybooks.find((one) => one.id === "hang");
if (!top || !full.diagnosis || !hang) throw new Error("the samples are incomplete");
const [fix] = hang.fixes;
const { diagnosis } = full;
const [check] = top.checks;
if (!check) throw new Error("the sample has no check");

function past(change: Partial<CaseRecord>): CaseRecord {
  return {
    id: "case-1",
    playbook: "hang",
    fix: fix?.id,
    fixClass: "restart",
    outcome: "healed",
    at: 5,
    ...change,
  } as CaseRecord;
}

const facts: RecommendationFacts = {
  title: "shop hangs",
  findings: full.findings,
  diagnosis: { ...full.diagnosis, hypotheses: [{ ...top, playbook: "hang" }] },
  playbooks: shippedPlaybooks,
  past: [],
  watches: [],
};

/** Answers every question with this, whatever it is. */
const saying = (answer: unknown): Model => ({
  provider: "openai",
  ask: () => Promise.resolve(answer as never),
});

describe("recommendations", () => {
  it("name the fixes of the cause with their record here, and leave out what only failed", () => {
    const { resolutionSuggestions } = recommend({
      ...facts,
      past: [past({}), past({ outcome: "worse", id: "b" })],
    });
    expect(resolutionSuggestions[0]).toMatchObject({
      action: fix?.title,
      estimatedImpact: "Healed 1 of 2 times with this symptom.",
    });
    const failed = recommend({ ...facts, past: [past({ outcome: "not-healed" })] });
    expect(failed.resolutionSuggestions.map((one) => one.action)).not.toContain(fix?.title);
  });

  it("name what was seen where a fix speaks of it", () => {
    const blocker = "postgres-active-blocker";
    const root = {
      status: "known" as const,
      name: "blocker-root",
      value: { id: 4711, client: "nightly" },
      text: "",
    };
    const checks = [{ ...check, check: "root", observation: { ...check.observation, ...root } }];
    const hypotheses = [{ ...top, playbook: blocker, checks }];
    const { resolutionSuggestions } = recommend({ ...facts, diagnosis: { ...diagnosis, hypotheses } });
    expect(resolutionSuggestions[0]?.action).toContain("Decide whether nightly may finish");
    expect(resolutionSuggestions[0]?.action).toContain("pg_cancel_backend(4711)");
  });

  it("tell what was seen, not its name, and nothing for which there is nothing to act on", () => {
    const memory = {
      ...top.checks[0],
      check: "memory",
      verdict: "supports",
      observation: { status: "known", text: "full", value: { value: 1, advice: "CONFIG SET maxmemory 6mb" } },
    } as unknown as (typeof top.checks)[number];
    const hypothesis = { ...top, playbook: "redis-full-noeviction", checks: [memory] };
    const { resolutionSuggestions } = recommend({
      ...facts,
      diagnosis: { ...full.diagnosis, hypotheses: [hypothesis] } as RecommendationFacts["diagnosis"],
    });
    expect(resolutionSuggestions.map((one) => one.action)).toEqual([
      expect.stringMatching(/^Give its keys .* more memory: CONFIG SET maxmemory 6mb$/),
    ]);
  });

  it("put a person's words first, and tell what only ends it", () => {
    const all = [past({ resolution: "raised the pool size" }), past({ id: "b" })];
    const { resolutionSuggestions, preventiveMeasures, lastOccurrence } = recommend({ ...facts, past: all });
    expect(resolutionSuggestions[0]?.action).toBe("As a person resolved it before: raised the pool size");
    expect(preventiveMeasures[0]).toBe(
      "It came 2 times and a restart only ended it each time: find why it comes.",
    );
    expect(lastOccurrence).toBe(5);
  });

  it("lead to the incident that it is part of, rather than along a guess at a cause of its own", () => {
    const partOf = { id: "inc-9", service: "db", title: "db is gone", status: "ACTIVE" as const };
    const guess = { ...full.diagnosis, hypotheses: [{ ...top, playbook: "hang", scoreBp: 4_500 }] };
    expect(recommend({ ...facts, diagnosis: guess as typeof facts.diagnosis, partOf })).toMatchObject({
      rootCause: "The trouble of db: db is gone",
      confidence: 0,
      resolutionSuggestions: [{ implementation: "opsmedic incidents show inc-9" }],
      preventiveMeasures: [],
    });
    expect(recommend({ ...facts, partOf }).rootCause, "a cause that is known").toBe(top.cause);
  });

  it("ask for a person where nothing is known", () => {
    const unknown = recommend({ ...facts, diagnosis: null });
    expect(unknown).toMatchObject({ confidence: 0, rootCause: "No known failure fits the symptoms." });
    expect(unknown.resolutionSuggestions).toHaveLength(1);
  });

  it.each([
    ["nothing", undefined],
    ["something else", { suggestions: [{ action: "rm -rf /", priority: "now" }] }],
    ["text without end", { suggestions: [], preventiveMeasures: ["x".repeat(100_000)] }],
  ])("stay as the rules made them where a model answers %s", async (_name, answer) => {
    const byRules = recommend(facts);
    expect(await worded(saying(answer), byRules)).toEqual(byRules);
  });

  it("keep every word and number of the rules beside a model's, and never above its own place", async () => {
    const byRules = recommend(facts);
    const own = {
      action: "drop table users",
      priority: "high",
      estimatedImpact: "all",
      implementation: "now",
    };
    const given = byRules.resolutionSuggestions.map((one) => ({ ...one, action: "plainer words" }));
    const answer = { suggestions: [...given, own], preventiveMeasures: ["watch the pool"] };
    const both = await worded(saying(answer), byRules);
    expect(both.resolutionSuggestions.map((one) => one.action).slice(0, given.length)).toEqual(
      byRules.resolutionSuggestions.map((one) => one.action),
    );
    expect(both.resolutionSuggestions[0]?.implementation).toContain(
      "In other words (language model): plainer words",
    );
    expect(both.resolutionSuggestions.at(-1)).toMatchObject({
      action: "Suggested by the language model: drop table users",
      priority: "medium",
      implementation: "Only a person can judge and do this.",
    });
    expect({ ...both, resolutionSuggestions: [], preventiveMeasures: [], by: "rules" }).toEqual({
      ...byRules,
      resolutionSuggestions: [],
      preventiveMeasures: [],
    });
  });
});

const incident: IncidentRecord = {
  id: "inc-1",
  service: "shop",
  status: "RESOLVED",
  severity: "CRITICAL",
  signatures: ["sig-a"],
  title: "shop was killed",
  beganAt: 60_000,
  strategy: null,
  occurrences: 1,
  openedAt: 90_000,
  lastSeenAt: 90_000,
  closedAt: 360_000,
  cause: null,
  partOf: null,
};
const file: IncidentFile = {
  incident,
  parts: [{ ...incident, id: "inc-2", service: "web" }],
  runs: [],
  journal: [],
  approvals: [],
  notes: [],
  audit: [],
  cases: [],
};

const claim = (text: string, ...cites: string[]) => ({ text, cites });

describe("the postmortem", () => {
  const impacts: Record<string, { revenuePerMinute: number; currency: string; users?: number }> = {
    shop: { revenuePerMinute: 120, currency: "EUR", users: 400 },
    web: { revenuePerMinute: 10, currency: "EUR" },
  };
  const made = postmortemOf(file, {
    recommendations: recommend(facts),
    impact: (name) => impacts[name],
    now: 1_000_000,
  });

  it("counts what it cost, as far as the configuration says", () => {
    // Five minutes at 130 a minute.
    expect(made.impact).toEqual({
      durationMs: 300_000,
      services: ["shop", "web"],
      revenue: { atMost: 650, currency: "EUR" },
      users: 400,
    });
    expect(postmortemPage(made)).toContain("5 min on shop, web, at most 650 EUR, up to 400 users.");
  });

  it("does not add up two currencies", () => {
    const { impact } = postmortemOf(file, {
      recommendations: recommend(facts),
      impact: (name) => ({ revenuePerMinute: 1, currency: name === "shop" ? "EUR" : "USD" }),
      now: 0,
    });
    expect(impact).toMatchObject({ revenue: null, users: null });
  });

  it("keeps of a model's draft only what cites records of this incident", async () => {
    const draft = {
      summary: [
        claim("The shop was killed.", "inc-1"),
        claim("It was the intern."),
        claim("Nobody approved it.", "inc-1", "apr-made-up"),
      ],
      lessons: [claim("Give it more memory.", "inc-2")],
    };
    const both = await drafted(saying(draft), made, recordIds(file));
    expect(both.summary).toEqual([
      ...made.summary,
      { text: "The shop was killed.", cites: ["inc-1"], by: "model" },
    ]);
    expect(both.lessons).toEqual([{ text: "Give it more memory.", cites: ["inc-2"], by: "model" }]);
    expect({ ...both, summary: [], lessons: [] }).toEqual({ ...made, summary: [], lessons: [] });
    expect(await drafted(saying({ summary: "x" }), made, recordIds(file))).toEqual(made);
  });

  it("cites records that exist in every claim of the rules", () => {
    const known = recordIds(file);
    for (const one of [...made.summary, ...made.done, ...made.didNotHelp, ...made.lessons]) {
      expect(one.cites.every((id) => known.has(id))).toBe(true);
    }
  });
});
