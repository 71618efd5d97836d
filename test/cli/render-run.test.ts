// What a person reads of a run.
import { describe, expect, it } from "vitest";
import type { Outage } from "../../domain/outage.ts";
import { renderRun } from "../../api/cli/run-story/render-run.ts";
import { approval, incident, run, start, story } from "./story.ts";

const sections = (text: string) => text.split("\n\n");
const section = (text: string, heading: string) =>
  sections(text).find((one) => one.startsWith(heading)) ?? "";

const withScores = (scoreBp: number, judgedBp: number) => {
  const [best, ...rest] = incident.diagnosis?.hypotheses ?? [];
  if (best === undefined || incident.diagnosis === null || incident.verdict === null)
    throw new Error("no diagnosis");
  const diagnosis = { ...incident.diagnosis, hypotheses: [{ ...best, scoreBp }, ...rest] };
  const text = renderRun({
    ...story,
    incident: { ...incident, diagnosis, verdict: { ...incident.verdict, scoreBp: judgedBp } },
  });
  return section(text, "Arithmetic");
};

describe("the story of a run", () => {
  it("names what the evidence ruled out apart from the causes that it left", () => {
    const [best, ...rest] = incident.diagnosis?.hypotheses ?? [];
    if (best === undefined || incident.diagnosis === null) throw new Error("no diagnosis");
    const [check] = best.checks;
    if (check?.observation.status !== "known") throw new Error("the check of the sample was made");
    const against = {
      ...check,
      verdict: "contradicts" as const,
      points: -2_000,
      observation: { ...check.observation, text: "not killed for its memory" },
    };
    const rivals = rest.map((one) => ({ ...one, checks: [against], scoreBp: 0, ruledOut: true as const }));
    const diagnosis = { ...incident.diagnosis, hypotheses: [best, ...rivals] };
    const causes = section(renderRun({ ...story, incident: { ...incident, diagnosis } }), "Possible causes");
    expect(causes).toContain("1.  87.50 %  process-exited");
    expect(causes).not.toContain("2.");
    expect(causes).toMatch(/Ruled out:\n +oom-killed at checkout +not killed for its memory$/);
  });

  it("tells measured numbers with three digits, and whole ones as they are", () => {
    const [finding] = incident.findings;
    if (finding === undefined) throw new Error("no finding");
    const findings = [{ ...finding, facts: { risen: 0.39555867513020837, bytes: 195_395_584 } }];
    const seen = section(renderRun({ ...story, incident: { ...incident, findings } }), "What was seen");
    expect(seen).toContain("risen=0.396 bytes=195395584");
  });

  it("gives the explanation where a language model has worded it; that of the rules says what the list says", () => {
    const { diagnosis } = incident;
    if (diagnosis === null) throw new Error("no diagnosis");
    const opinion = {
      provider: "openai",
      model: "m",
      named: [],
      order: [],
      best: null,
      agrees: true,
      doubtBp: 0,
      doubtReason: "",
      ownConfidence: null,
      explained: true,
    };
    const worded = renderRun({ ...story, incident: { ...incident, diagnosis: { ...diagnosis, opinion } } });
    expect(section(worded, "Possible causes")).toContain(diagnosis.explanation);
    expect(section(renderRun(story), "Possible causes")).not.toContain(diagnosis.explanation);
  });

  it("is told in the order in which it happened", () => {
    expect(renderRun(story)).toMatchInlineSnapshot(`
      "Run run_1 · checkout · incident inc_1  ✓ healed
      started 2026-11-21 12:00:00Z by watch (probe failed), took 2 min 15 s
      observe 412 ms → detect 3 ms

      What was seen
        critical exited on checkout since 2026-11-21 11:59:57Z: checkout ended with exit code 1
          exitCode=1 last="out of memory"

      Possible causes
        1.  87.50 %  process-exited  checkout ended with exit code 1
        2.  20.00 %  oom-killed      the kernel killed it (no check tells it from its rivals)

      Evidence for "The process ended"
        ✓  Did it end by itself? *  exit code 1                       +35.00
        ?  Is its port free?        not known: no port is configured   +0.00
        * tells this cause from its likeliest rival

      Plan: Restart checkout
        1.  restart  checkout  graceMs=5000  repeatable
        restart, risk low; touches 1 service (checkout), about 4 s without service
        hash 9f3c1ab

      Arithmetic
        prior     how often this is the cause        +45.00
        check     exit-code                          +35.00
        learning  worked 4 of 4 times here            +7.50
        =         87.50 %, gate at 85.00 %: reached   87.50

      Gate (rules 1): allow
        ✓ pass  score  87.50 % reaches 85 %
        ✓ pass  mode   mode is auto

      Backup backup_20261121_120001
        taken 2026-11-21 12:00:01Z, 1 file
        config/app.json
        --- a
        +++ b
        @@ -1 +1 @@
        -old
        +new

      Actions
        1.  restart checkout (graceMs=5000)  ✓ verified  2.3 s  new instance 4711

      Validation: healed
        the symptom is gone and nothing got worse (watched for 2 min)
        ✓  exited      running since 120 s
        ✓  error rate  0.2 % before, 0.1 % after

      Learned
        restart healed process-exited on a process: 5 of 5

      Outcome
        ✓ healed
        checkout answers again after a restart."
    `);
  });

  it("shows what was tried before, the rollback and the wait for a person", () => {
    const { plan } = incident;
    if (plan === null) throw new Error("the story has a plan");
    const text = renderRun({
      ...story,
      run: { ...run, status: "waiting", outcome: null, endedAt: null },
      approval,
      incident: {
        ...incident,
        attempts: [
          {
            plan: { ...plan, id: "plan_0", title: "Reload checkout" },
            validation: null,
            rollback: null,
            at: start,
          },
        ],
        validation: { outcome: "worse", summary: "5xx rose from 1 % to 9 %", watchedMs: 60_000, checks: [] },
        rollback: {
          outcome: "undone",
          steps: [{ step: 1, action: "restart", ok: true, text: "nothing to put back" }],
        },
        failure: { node: "validate", message: "the probe could not be started" },
      },
    });
    expect(section(text, "Tried before")).toMatchInlineSnapshot(`
      "Tried before in this run
        Reload checkout: not validated"
    `);
    expect(section(text, "Approval")).toMatchInlineSnapshot(`
      "Approval
        waiting: asked 2026-11-21 12:00:00Z, expires 2026-11-21 12:30:00Z
        http://127.0.0.1:8686/approvals/apr_1
        opsmedic approvals approve apr_1 --reason "…""
    `);
    expect(section(text, "Validation")).toMatchInlineSnapshot(`
      "Validation: worse
        5xx rose from 1 % to 9 % (watched for 1 min)"
    `);
    expect(section(text, "Rollback")).toMatchInlineSnapshot(`
      "Rollback: undone
        ✓  1.  restart  nothing to put back"
    `);
    expect(section(text, "What broke")).toMatchInlineSnapshot(`
      "What broke in opsmedic itself
        ✕ validate: the probe could not be started"
    `);
    expect(section(text, "Outcome")).toMatchInlineSnapshot(`
      "Outcome
        ‖ waits for approval
        checkout answers again after a restart."
    `);
  });

  it("says so when nothing was wrong", () => {
    const text = renderRun({
      ...story,
      run: { ...run, outcome: "healthy", report: null },
      journal: [],
      backup: null,
      incident: {
        ...incident,
        findings: [],
        diagnosis: null,
        plan: null,
        verdict: null,
        backupId: null,
        application: null,
        validation: null,
        learned: null,
      },
    });
    expect(sections(text).slice(1)).toEqual([
      "What was seen\n  Nothing wrong in 0 signals.",
      "Outcome\n  ✓ healthy",
    ]);
  });
});

describe("the arithmetic", () => {
  it("is silent where the addends give the score", () => {
    expect(withScores(8_750, 8_750)).not.toContain("contradicts");
  });

  it("says aloud that a sum does not fit its score", () => {
    expect(withScores(8_751, 8_751)).toContain(
      "✕ This record contradicts itself: the addends give 87.50, the diagnosis says 87.51. Do not act on it.",
    );
  });

  it("says aloud that the gate judged another number", () => {
    expect(withScores(8_750, 9_000)).toContain("the gate judged 90.00, the diagnosis says 87.50");
  });

  it("never rounds a score up to the gate", () => {
    expect(withScores(8_499, 8_499)).toContain("84.99 %, gate at 85.00 %: short by 0.01");
  });
});

describe("a run that belongs to an outage", () => {
  const outage: Outage = {
    suspects: [
      { service: "orders-db", confidence: 0.92, because: ["orders-db has ended"] },
      { service: "checkout", confidence: 0.02, because: ["checkout fails"] },
    ],
    kind: "memory",
    services: [
      { service: "orders-db", since: start - 60_000 },
      { service: "checkout", since: start - 30_000 },
    ],
    next: [{ service: "web", chance: 0.7, at: start + 60_000, path: ["orders-db", "checkout", "web"] }],
  };
  const partOf = {
    id: "inc_9",
    service: "orders-db",
    title: "orders-db has ended",
    status: "ACTIVE",
  } as const;

  it("says of which incident it is part, who is suspected, and who is hit next", () => {
    if (incident.diagnosis === null) throw new Error("no diagnosis");
    const diagnosis = { ...incident.diagnosis, at: start, outage };
    const text = renderRun({ ...story, partOf, incident: { ...incident, diagnosis } });
    expect(section(text, "Outage")).toMatchInlineSnapshot(`
      "Outage
        part of inc_9: orders-db has ended
        Suspected, by all that is known of the services:
          orders-db (memory)  92.00 %  orders-db has ended
          checkout             2.00 %  checkout fails
        Symptoms at orders-db, checkout.
        Hit next: web (70.00 %, in 1 min)."
    `);
  });
});
