// Mode and kill switch, over the live policy of this process; both hold for every process on the store.
import { audited } from "./audited.ts";
import type { LocalParts } from "./local-operations.ts";
import type { Operations } from "./operations.ts";
import type { PolicyHolder } from "./policy-holder.ts";

/** What stands for "until resumed", where a moment is expected. */
export const UNTIL_RESUMED = "9999-12-31T23:59:59.999Z";

/** ISO 8601; null: not paused. */
export function pausedUntilText(policy: Pick<PolicyHolder, "pausedUntil">): string | null {
  const until = policy.pausedUntil();
  if (until === undefined) return null;
  return until === 0 ? UNTIL_RESUMED : new Date(until).toISOString();
}

export function localControl({
  store,
  policy,
  live,
  clock,
}: LocalParts): Pick<Operations, "mode" | "setMode" | "pause" | "resume"> {
  const now = () => ({ mode: policy.get().mode, paused_until: pausedUntilText(policy) });
  const told = (type: string) => {
    const state = now();
    live.publish({ topic: "control", at: clock.now(), data: { type, ...state } });
    return state;
  };
  return {
    async mode() {
      await policy.reload();
      return now();
    },
    async setMode(mode, actor) {
      await audited(store.audit, actor, "mode.set", mode, { from: policy.get().mode }, () =>
        policy.setMode(mode),
      );
      return told("mode");
    },
    async pause({ for_ms, reason }, actor) {
      const detail = { for_ms: for_ms ?? null, reason: reason ?? "" };
      await audited(store.audit, actor, "pause", "all services", detail, () => policy.pause(for_ms));
      return told("paused");
    },
    async resume(actor) {
      await audited(store.audit, actor, "resume", "all services", {}, () => policy.resume());
      return told("resumed");
    },
  };
}
