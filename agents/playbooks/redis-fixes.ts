// Fixes that several playbooks of Redis plan in the same way, and the checks that they take their values from.
import type { Draft } from "./common-checks.ts";
import type { CheckDraft, FixDraft } from "./repair.ts";

/** Says nothing of the cause: only how far the owner lets a repair go. */
export const moreMemory: CheckDraft = {
  id: "more-memory",
  question: "Does the owner allow it more memory?",
  observe: "redis-more-memory",
  expect: { some: true },
  weight: 0,
};

export const moreClients: CheckDraft = {
  id: "more-clients",
  question: "Does the owner allow it more clients?",
  observe: "redis-more-clients",
  expect: { some: true },
  weight: 0,
};

export const STILL_FULL: NonNullable<Draft["predicts"]>[number] = {
  id: "still-full",
  question: "Is nearly all its memory still taken?",
  observe: "redis-memory",
  expect: { atLeast: 0.8 },
};

/** The values come from the check: "from" as it is, "to" as it shall be. */
export function setRedis(
  setting: string,
  check: string,
  { id, title, class: fixClass = "configuration" }: { id: string; title: string; class?: FixDraft["class"] },
): FixDraft {
  return {
    id,
    title,
    class: fixClass,
    risk: "medium",
    needs: [check],
    actions: [
      {
        action: "redis-set-config",
        params: {
          setting: { value: setting },
          from: { from: check, at: "from" },
          to: { from: check, at: "to" },
        },
      },
    ],
  };
}

export const MORE_MEMORY = setRedis("maxmemory", "more-memory", {
  id: "more-memory",
  title: "Give it more memory: {more-memory}",
  class: "limit",
});

export const MORE_CLIENTS = setRedis("maxclients", "more-clients", {
  id: "more-clients",
  title: "Let it take more clients: {more-clients}",
  class: "limit",
});

/** Those that the check names, and only as long as this is true of them. */
export function endClients(
  check: string,
  because: { from: string; at: string } | { value: { outputBytes: number } },
  title: string,
): FixDraft {
  return {
    id: "end-clients",
    title,
    class: "restart",
    risk: "low",
    needs: [check],
    actions: [
      {
        action: "redis-end-clients",
        params: {
          server: { from: check, at: "server" },
          clients: { from: check, at: "clients" },
          because,
        },
      },
    ],
  };
}
