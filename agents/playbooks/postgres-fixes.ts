// How the failures of PostgreSQL are repaired, each with the check that says on what: a fix acts on nothing that was not
// looked at in this diagnosis.
import { from, type CheckDraft, type Repair } from "./repair.ts";

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
      expect: { atLeast: 1 },
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
      actions: [{ action: "postgres-end-blocker", params: from("endable", "sessions") }],
    },
  ],
};

export const setSetting: Repair = {
  checks: [
    {
      id: "settable",
      question: "Does a reload change it?",
      observe: "settable-setting",
      expect: { is: true },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "set-setting",
      title: "Set {setting} to what endangers nothing",
      class: "configuration",
      risk: "medium",
      needs: ["settable"],
      actions: [{ action: "postgres-set-setting", params: from("settable", "setting", "from", "to") }],
    },
  ],
};

const maintainable = (by: "planner" | "dead"): CheckDraft => ({
  id: "maintainable",
  question: "May the role of opsmedic maintain it?",
  observe: "maintainable-table",
  params: { by },
  expect: { is: true },
  weight: 0,
});

export const analyze: Repair = {
  checks: [maintainable("planner")],
  fixes: [
    {
      id: "analyze",
      title: "Make the statistics of {planner.table} anew",
      class: "data",
      risk: "low",
      needs: ["planner", "maintainable"],
      actions: [{ action: "postgres-analyze", params: from("maintainable", "table") }],
    },
  ],
};

export const vacuum: Repair = {
  checks: [
    maintainable("dead"),
    {
      id: "nobody-at-it",
      question: "Does no vacuum work on it already?",
      observe: "vacuum-under-way",
      expect: { none: true },
      weight: 0,
    },
    {
      id: "at-it",
      question: "Does a vacuum work on it already?",
      observe: "vacuum-under-way",
      expect: { some: true },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "vacuum",
      title: "Vacuum {dead.table}",
      class: "data",
      risk: "low",
      needs: ["dead", "not-held", "maintainable", "nobody-at-it"],
      actions: [{ action: "postgres-vacuum", params: from("maintainable", "table") }],
    },
    {
      id: "wait",
      title: "Let the vacuum end that is at it: {at-it}",
      class: "human",
      risk: "low",
      needs: ["at-it"],
      actions: [],
    },
  ],
};

/** Ends whoever keeps dead rows in view, and removes them then. */
export const endKeeperAndVacuum: Repair = {
  checks: [
    {
      id: "endable",
      question: "Is it a forgotten transaction that may be ended?",
      observe: "endable-row-keeper",
      expect: { atLeast: 1 },
      weight: 0,
    },
    maintainable("dead"),
  ],
  fixes: [
    {
      id: "end-and-vacuum",
      title: "End the forgotten transaction of {endable.client}, and vacuum {dead.table}",
      class: "data",
      risk: "medium",
      needs: ["held", "dead", "endable", "maintainable"],
      actions: [
        { action: "postgres-end-sessions", params: from("endable", "role", "client", "address", "only") },
        { action: "postgres-vacuum", params: from("maintainable", "table") },
      ],
    },
  ],
};

export const createIndex: Repair = {
  checks: [
    {
      id: "indexable",
      question: "May the role of opsmedic make an index there?",
      observe: "indexable-column",
      expect: { is: true },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "create-index",
      title: "Make an index on {candidate.table} ({candidate.column})",
      class: "data",
      risk: "medium",
      needs: ["candidate", "indexable"],
      actions: [{ action: "postgres-create-index", params: from("indexable", "table", "column") }],
    },
  ],
};

export const widenSequence: Repair = {
  checks: [
    {
      id: "widenable",
      question: "Do the columns that it fills hold more?",
      observe: "widenable-sequence",
      expect: { is: true },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "widen-sequence",
      title: "Let {sequence.sequence} count as far as its column holds",
      class: "data",
      risk: "low",
      needs: ["sequence", "widenable"],
      actions: [{ action: "postgres-widen-sequence", params: from("widenable", "sequence") }],
    },
  ],
};

export const freeze: Repair = {
  checks: [
    {
      id: "freezable",
      question: "May the role of opsmedic freeze them?",
      observe: "freezable-database",
      expect: { is: true },
      weight: 0,
    },
    {
      id: "nobody-at-it",
      question: "Does no autovacuum freeze them already?",
      observe: "freeze-under-way",
      expect: { none: true },
      weight: 0,
    },
    {
      id: "at-it",
      question: "Does an autovacuum freeze them already?",
      observe: "freeze-under-way",
      expect: { some: true },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "freeze",
      title: "Freeze the old rows of {database}",
      class: "data",
      risk: "low",
      needs: ["age", "not-held", "freezable", "nobody-at-it"],
      actions: [{ action: "postgres-freeze", params: from("freezable", "database") }],
    },
    {
      id: "wait",
      title: "Let the autovacuum end, and look whether the age falls: {at-it}",
      class: "human",
      risk: "low",
      needs: ["at-it"],
      actions: [],
    },
  ],
};
