// How the failures of PostgreSQL are repaired, each with the check that says on what: a fix acts on nothing that was not
// looked at in this diagnosis.
import type { Draft } from "./common-checks.ts";

type CheckDraft = Draft["checks"][number];
type FixDraft = Draft["fixes"][number];

export interface Repair {
  checks: CheckDraft[];
  fixes: FixDraft[];
}

const from = (check: string, ...names: string[]) =>
  Object.fromEntries(names.map((at) => [at, { from: check, at }]));

export const endLeak: Repair = {
  checks: [
    {
      id: "endable",
      question: "May some of them be ended?",
      observe: "endable-leak",
      expect: { atLeast: 1 },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "end-sessions",
      title: "End the sessions that {leak.client} holds unused",
      class: "restart",
      risk: "low",
      needs: ["leak", "endable"],
      actions: [{ action: "postgres-end-sessions", params: from("endable", "role", "client", "address") }],
    },
  ],
};

export const endBlocker: Repair = {
  checks: [
    {
      id: "endable",
      question: "May it be ended?",
      observe: "endable-blocker",
      expect: { is: true },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "end-blocker",
      title: "End the forgotten transaction of {root.client}",
      class: "restart",
      risk: "medium",
      needs: ["root", "endable"],
      actions: [{ action: "postgres-end-blocker", params: from("endable", "pid", "startedAt") }],
    },
  ],
};
