// Operations over the store of this process: reading is shaping what is stored; everything that acts goes
// through the healer, and into the audit log before it is done.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { Store } from "../knowledge/records.ts";
import type { Action, Actions } from "../tools/action.ts";
import type { Backups } from "../tools/backup.ts";
import { audited } from "./audited.ts";
import type { HealthView, Healer } from "./healer.ts";
import { localAutonomy } from "./local-autonomy.ts";
import { type ChatPartsOfOperations, localChat } from "./local-chat.ts";
import { type ConfiguringParts, localConfiguring } from "./local-configuring.ts";
import { localControl } from "./local-control.ts";
import { type DeskParts, localIncidentDesk } from "./local-incident-desk.ts";
import { type DatabasesParts, localDatabases } from "./local-databases.ts";
import { type DependenciesParts, localDependencies } from "./local-dependencies.ts";
import { type LearnedParts, localLearned } from "./local-learned.ts";
import { localKnowledge } from "./local-knowledge.ts";
import { localMonitoring } from "./local-monitoring.ts";
import { localObserved, type ObservedParts } from "./local-observed.ts";
import { localReplays } from "./local-replays.ts";
import { localRunning, type RunningParts } from "./local-running.ts";
import { localPlaybooks, type PlaybookParts } from "./local-playbooks.ts";
import { localRuns } from "./local-runs.ts";
import type { InfoAnswer, LiveEvents, Operations } from "./operations.ts";
import type { PolicyHolder } from "./policy-holder.ts";

export interface LocalParts
  extends ObservedParts,
    DeskParts,
    ChatPartsOfOperations,
    RunningParts,
    ConfiguringParts,
    DatabasesParts,
    PlaybookParts,
    DependenciesParts,
    Omit<LearnedParts, "observer"> {
  store: Store;
  knowledge: KnowledgeBase;
  backups: Backups;
  policy: PolicyHolder;
  actions: Actions;
  view: HealthView;
  healer: Healer;
  live: LiveEvents;
  clock: Clock;
  /** Between two full sweeps. */
  checkEveryMs: number;
  info: InfoAnswer;
}

/** Roles are checked at the door, not here: whoever calls may. */
export function makeLocalOperations(parts: LocalParts): Operations {
  const { store, backups, healer, actions, info } = parts;
  const runs = localRuns(parts);
  return {
    info: () => Promise.resolve(info),
    ...localMonitoring(parts),
    ...runs,
    ...localReplays(parts, runs.exportRun),
    ...localControl(parts),
    ...localConfiguring(parts),
    ...localObserved(parts),
    ...localIncidentDesk(parts),
    ...localChat(parts),
    ...localRunning(parts),
    ...localDatabases(parts),
    ...localDependencies(parts),
    ...localLearned(parts),
    ...localAutonomy(parts),
    ...localKnowledge(parts),
    ...localPlaybooks(parts),

    async backups() {
      const all = (await backups.list()).sort((a, b) => b.at - a.at);
      return { backups: all, total: all.length };
    },
    backupDiff: (id) => healer.diff(id),
    verifyBackup: (id) => backups.verify(id),
    restoreBackup: (id, { dry_run = false }, actor) =>
      audited(store.audit, actor, "backup.restore", id, { dry_run }, () =>
        healer.restore(id, { dryRun: dry_run, by: actor.name }),
      ),

    approvals: (options) => store.approvals.list(options),
    async approval(id) {
      const found = await store.approvals.get(id);
      if (found !== undefined) return found;
      throw noSuchApproval(id);
    },
    async decideApproval(id, { decision, reason, plan_hash }, actor) {
      if (reason.trim() === "") throw reasonMissing();
      const detail = { decision, reason, plan_hash };
      const decided = await audited(store.audit, actor, `approval.${decision}`, id, detail, () =>
        store.approvals.decide(id, { decision, by: actor.name, reason, planHash: plan_hash }),
      );
      parts.live.publish({
        topic: "approval",
        at: parts.clock.now(),
        data: { type: decided.status, ...decided },
      });
      // The first of two: its run goes on waiting for the second.
      if (decided.status === "pending") return decided;
      // The decision stands whether or not the run could be woken: the next check of the service takes it up.
      await audited(store.audit, actor, "approval.resume", id, { run: decided.runId }, () =>
        healer.resumeApproval(decided),
      ).catch(() => undefined);
      return decided;
    },

    incidents: (options) => store.incidents.list(options),
    actions: () => Promise.resolve(actions.all().map(described)),
    audit: (options) => store.audit.list(options),
    verifyAudit: () => store.audit.verify(),
  };
}

function described(action: Action) {
  const { name, summary, undoes, effect, risk, params } = action;
  const parameters = z.toJSONSchema(params, { io: "input", unrepresentable: "any" }) as JsonObject;
  return { name, summary, undoes, class: action.class, effect, risk, parameters };
}

function noSuchApproval(id: string): HealError {
  return new HealError(`There is no approval ${JSON.stringify(id.slice(0, 200))}.`, {
    code: "not-found",
    hint: "opsmedic approvals ls --all, or GET /api/approvals, lists them.",
  });
}

function reasonMissing(): HealError {
  return new HealError("A decision needs a reason.", {
    code: "reason-missing",
    hint: "Say in a few words why; it stays in the audit log.",
  });
}
