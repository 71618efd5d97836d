// A repair of one action in this process: the nodes that act, over a real journal and real backups, as in opsmedic.ts.
import { makeBackUp, makeRollBack } from "../../agents/backup-manager.ts";
import { makeApply } from "../../agents/fix-engineer.ts";
import { makeWorkbench } from "../../agents/workbench.ts";
import type { FixPlan } from "../../domain/plan.ts";
import type { Policy } from "../../domain/policy.ts";
import { systemClock as clock } from "../../domain/system-clock.ts";
import type { JournalEntry } from "../../knowledge/records.ts";
import type { OpenStore } from "../../knowledge/store.ts";
import type { Backups } from "../../tools/backup.ts";
import type { ActionScene } from "../contract/action.contract.ts";

const notPaused = (): Policy => ({ paused: false }) as Policy;

export type RepairedScene = Pick<ActionScene, "action" | "params" | "context">;

export interface OneRepair {
  /** From its backup on; taken back where it fails. Its one step, at the end. */
  repair(): Promise<JournalEntry>;
  /** Its act is done, and opsmedic is killed before it can say so. */
  leaveUnderWay(): Promise<void>;
  /** What the next opsmedic does. */
  goOn(): Promise<JournalEntry>;
  takeBack(): Promise<JournalEntry>;
}

/** The service's name is the repair's own: two at a time never have the same. */
export function oneRepair(
  { store }: Pick<OpenStore, "store">,
  backups: Backups,
  { action, params, context }: RepairedScene,
): OneRepair {
  const { service } = context;
  const runId = `run-${service.name}`;
  const plan = {
    id: `plan-${service.name}`,
    runId,
    service: service.name,
    title: action.name,
    actions: [{ step: 1, action: action.name, service: service.name, params, effect: action.effect }],
  } as unknown as FixPlan;
  const workbench = makeWorkbench({
    actions: { get: () => action, all: () => [action] },
    journal: store.journal,
    surroundings: () => context,
  });
  const lease = store.leases.acquire(`service:${service.name}`, "opsmedic", 600_000);
  const checkLease = async () => {
    const held = await lease;
    if (held === undefined) throw new Error("the lease is taken");
    return held;
  };
  const parts = { workbench, backups, clock, checkLease, undoPatienceMs: 60_000 };
  const rollBack = makeRollBack(parts);
  const entry = async (): Promise<JournalEntry> => {
    const [one] = await store.journal.ofPlan(runId, plan.id);
    if (one === undefined) throw new Error("nothing is in the journal");
    return one;
  };
  let backupId: string | null = null;
  const backUp = async (): Promise<void> => {
    ({ backupId } = await makeBackUp(parts)({ runId, plan, diagnosis: null }));
  };
  const goOn = async (): Promise<JournalEntry> => {
    const { application } = await makeApply({ ...parts, policy: notPaused })({ runId, plan, backupId });
    if (application?.outcome !== "applied") await rollBack(runId, plan.id);
    return entry();
  };
  return {
    async repair() {
      await backUp();
      return goOn();
    },
    async leaveUnderWay() {
      await backUp();
      const [kept] = (await backups.read(backupId ?? "")).steps;
      if (kept === undefined) throw new Error("nothing was backed up");
      await store.journal.advance({ runId, planId: plan.id, step: 1 }, ["captured"], "applying", {
        fence: await checkLease(),
      });
      await action.apply(params, kept.captured, context);
    },
    goOn,
    async takeBack() {
      await rollBack(runId, plan.id);
      return entry();
    },
  };
}
