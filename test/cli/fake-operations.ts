// Operations with known answers, which keep what they were asked to change. An operation that a test did not
// plan fails it.
import { HealError } from "../../domain/errors.ts";
import type { Operations } from "../../api/operations.ts";
import { approval, run, start, story } from "./story.ts";

export interface FakeOperations {
  operations: Operations;
  /** Name and arguments of every call, oldest first. */
  calls: unknown[][];
}

export function fakeOperations(answers: Partial<Operations> = {}): FakeOperations {
  const calls: unknown[][] = [];
  const known: Partial<Operations> = { ...usual, ...answers };
  const operations = new Proxy({} as Operations, {
    get(_, name) {
      if (name === "then") return undefined;
      return async (...args: unknown[]): Promise<unknown> => {
        calls.push([String(name), ...args]);
        const answer: unknown = Reflect.get(known, name);
        if (typeof answer !== "function") throw new Error(`nobody planned a call of ${String(name)}`);
        return answer(...args);
      };
    },
  });
  return { operations, calls };
}

const usual: Partial<Operations> = {
  runs: async () => ({ runs: [run], next_cursor: null }),
  run: async () => story,
  approvals: async () => [approval],
  approval: async (id) => {
    if (id === approval.id) return approval;
    throw new HealError(`There is no approval "${id}".`, { code: "not-found" });
  },
  backups: async () => ({ backups: story.backup ? [story.backup.meta] : [], total: 1 }),
  mode: async () => ({ mode: "auto", paused_until: null }),
  status: async () => ({
    autonomous_mode: "auto",
    paused_until: null,
    last_check: new Date(start - 60_000).toISOString(),
    check_interval_minutes: 5,
    fix_statistics: { total_fixes: 8, success_rate: 0.875 },
    recent_backups: [],
    services: [
      { name: "checkout", status: "critical", stopped: false, summary: "checkout ended with exit code 1" },
      { name: "orders-db", status: "healthy", stopped: false, summary: null },
    ],
    open_incidents: [
      {
        id: "inc_1",
        service: "checkout",
        status: "ACTIVE",
        severity: "CRITICAL",
        signatures: ["sig_1"],
        title: "checkout ended with exit code 1",
        strategy: null,
        occurrences: 2,
        openedAt: start - 180_000,
        lastSeenAt: start,
        closedAt: null,
        cause: null,
        partOf: null,
      },
    ],
    pending_approvals: [approval],
    watches: [{ service: "checkout", kind: "exited", signature: "sig_1" }],
  }),
};
