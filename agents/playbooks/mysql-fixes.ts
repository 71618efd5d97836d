// How the failures of MySQL and MariaDB are repaired, each with the check that says on what: a fix acts on nothing that
// was not looked at in this diagnosis. These checks say nothing of the cause, so they weigh nothing.
import { from, type FixDraft, type Repair } from "./repair.ts";

export const endMysqlLeak: Repair = {
  checks: [
    {
      id: "endable",
      question: "May some of them be ended?",
      observe: "mysql-endable-leak",
      expect: { atLeast: 1 },
      weight: 0,
    },
    {
      id: "long-wait",
      question: "Does it keep sleeping sessions for hours?",
      observe: "database-setting",
      params: { name: "wait_timeout" },
      expect: { matches: "^[0-9]{5,}$" },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "end-sessions",
      title: "End the sessions that {leak.role} from {leak.client} holds unused",
      class: "restart",
      risk: "low",
      needs: ["leak", "endable"],
      actions: [{ action: "mysql-end-sessions", params: from("endable", "role", "client") }],
    },
    {
      id: "shorter-wait",
      title: "Let it end sessions that sleep for an hour",
      class: "configuration",
      risk: "medium",
      needs: ["leak", "endable", "long-wait"],
      actions: [
        {
          action: "mysql-set-setting",
          params: {
            setting: { value: "wait_timeout" },
            from: { from: "long-wait" },
            to: { value: "3600" },
          },
        },
      ],
    },
  ],
};

export const endMysqlBlocker: Repair = {
  checks: [
    {
      id: "endable",
      question: "Is it certain that this one holds it, and may it be ended?",
      observe: "mysql-endable-blocker",
      expect: { is: true },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "end-blocker",
      title: "End the forgotten transaction of {root.role} from {root.client}",
      class: "restart",
      risk: "medium",
      needs: ["root", "endable"],
      actions: [{ action: "mysql-end-blocker", params: from("endable", "id", "role", "client") }],
    },
  ],
};

const setting = (check: string, draft: Pick<FixDraft, "id" | "title" | "class">): FixDraft => ({
  ...draft,
  risk: "medium",
  needs: [check],
  actions: [{ action: "mysql-set-setting", params: from(check, "setting", "from", "to") }],
});

export const moreMysqlConnections: Repair = {
  checks: [
    {
      id: "more",
      question: "Does the owner allow it more connections?",
      observe: "mysql-more-connections",
      expect: { some: true },
      weight: 0,
    },
  ],
  fixes: [
    setting("more", {
      id: "more-connections",
      title: "Let it take more connections: {more}",
      class: "limit",
    }),
  ],
};

export const setMysqlSetting: Repair = {
  checks: [
    {
      id: "settable",
      question: "Can it be set right while the server runs?",
      observe: "mysql-settable",
      expect: { some: true },
      weight: 0,
    },
  ],
  fixes: [
    setting("settable", {
      id: "set-setting",
      title: "Set {setting} right: {settable}",
      class: "configuration",
    }),
  ],
};

/** Only where events have run before: who never had it on may not want it on. */
export const switchEventsOn: Repair = {
  checks: [
    {
      id: "ran",
      question: "Have its events run before?",
      observe: "mysql-events-ran",
      expect: { some: true },
      weight: 0,
    },
  ],
  fixes: [
    setting("ran", { id: "switch-on", title: "Switch the event scheduler on again", class: "configuration" }),
  ],
};

export const makeMysqlIndex: Repair = {
  checks: [
    {
      id: "indexable",
      question: "Can it be made while the table is in use?",
      observe: "mysql-indexable",
      expect: { some: true },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "create-index",
      title: "Make an index on {candidate.table} ({candidate.column}), and keep it if it helps",
      class: "data",
      risk: "medium",
      needs: ["candidate", "indexable"],
      actions: [{ action: "mysql-create-index", params: from("indexable", "table", "column") }],
    },
  ],
};

export const analyzeMysqlTable: Repair = {
  checks: [
    {
      id: "analyzable",
      question: "May the user of opsmedic make them anew?",
      observe: "mysql-analyzable",
      expect: { is: true },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "analyze",
      title: "Make the statistics of {stale.table} anew",
      class: "data",
      risk: "low",
      needs: ["stale", "analyzable"],
      actions: [{ action: "mysql-analyze", params: from("analyzable", "table") }],
    },
  ],
};
