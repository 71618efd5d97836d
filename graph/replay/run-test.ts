// A recorded run as a regression test: what it came to is expected of the playbooks and rules of today. Points may change;
// the cause, the fix and the gate's decision may not, unless a person says so by writing the test anew.
import type { Decision } from "../../domain/plan.ts";
import type { RunExport } from "../../knowledge/records.ts";
import { type Judgement, type ReplayParts, replayWith } from "./replay-run.ts";

export interface Expected {
  /** null: no known failure fitted. */
  cause: { playbook: string; service: string } | null;
  fix: string | null;
  /** null: the gate was not asked. */
  decision: Decision | null;
}

export interface RunTest {
  test: "opsmedic-run";
  version: 1;
  /** One for each look that led to a diagnosis. */
  expected: Expected[];
  record: RunExport;
}

/** From what the record says, not from what it would come to today. */
export async function runTestOf(record: RunExport, parts: ReplayParts): Promise<RunTest> {
  const rounds = await replayWith(record, parts);
  return {
    test: "opsmedic-run",
    version: 1,
    expected: rounds.map((one) => expectedOf(one.recorded)),
    record,
  };
}

/** What differs, one sentence each; empty: as expected. */
export async function failuresOf({ expected, record }: RunTest, parts: ReplayParts): Promise<string[]> {
  const found = (await replayWith(record, parts)).map((one) => expectedOf(one.replayed));
  if (found.length !== expected.length) {
    return [`The record has ${found.length} diagnoses, the test expects ${expected.length}.`];
  }
  return expected.flatMap((wanted, index) => differences(wanted, found[index], index + 1));
}

function differences(wanted: Expected, found: Expected | undefined, round: number): string[] {
  const told = [
    ["cause", causeText(wanted), causeText(found)],
    ["fix", wanted.fix ?? "none", found?.fix ?? "none"],
    ["gate", wanted.decision ?? "not asked", found?.decision ?? "not asked"],
  ] as const;
  return told
    .filter(([, before, after]) => before !== after)
    .map(([what, before, after]) => `Diagnosis ${round}, ${what}: expected ${before}, came to ${after}.`);
}

function expectedOf({ cause, plan, verdict }: Judgement): Expected {
  return {
    cause: cause && { playbook: cause.playbook, service: cause.service },
    fix: plan?.fix ?? null,
    decision: verdict?.decision ?? null,
  };
}

function causeText(one: Expected | undefined): string {
  return one?.cause ? `${one.cause.playbook} at ${one.cause.service}` : "none";
}
