// One pass through the spine for one service. The service's lease makes sure that only one run acts on it; an
// unfinished run is always finished before a new one starts, so a lost or doubled job is harmless.
import type { Command } from "@langchain/langgraph";
import type { Clock, MakeId } from "../domain/clock.ts";
import { HealError, isLeaseLost, messageOf } from "../domain/errors.ts";
import type { Approval, Incident, Trigger } from "../domain/incident.ts";
import type { Approvals, Lease, Leases, RunRecord, Runs } from "../knowledge/records.ts";
import type { RollBack } from "../agents/backup-manager.ts";
import { freshIncident } from "./fresh-incident.ts";
import type { OpenGraph } from "./open-graph.ts";
import { makeOwnServices } from "./own-services.ts";
import type { NoLongerNeeded, Supersede } from "./superseding.ts";

/** How often a run is taken up again whose lease ran out in this process. */
const MOST_TRIES = 5;

export interface RunnerParts {
  openGraph: OpenGraph;
  runs: Runs;
  approvals: Approvals;
  leases: Leases;
  /** Tells this process from others: the holder of its leases. */
  holder: string;
  /** A killed holder's lease is taken over after this. Renewed three times in it. */
  leaseMs: number;
  clock: Clock;
  makeId: MakeId;
  rollBack: RollBack;
  /** Ends a run that waits while something worse has begun. */
  supersede: Supersede;
  /** Ends a run that waits while its trouble is over. */
  noLongerNeeded: NoLongerNeeded;
  /** The plans of a run that the journal knows, newest first. */
  plansOf: (runId: string) => Promise<string[]>;
}

export interface RunRequest {
  service: string;
  trigger: Trigger;
  reason: string;
  dryRun?: boolean;
}

export type Runner = ReturnType<typeof makeRunner>;

export function makeRunner(parts: RunnerParts) {
  const { runs, leases, clock, makeId, holder, leaseMs } = parts;
  const live = new Map<string, { service: string; stop: AbortController }>();
  /** What a node of the run is in the middle of. */
  const underWay = new Map<string, Promise<unknown>>();
  /** Runs that this process had to let go. */
  const lost = new Set<string>();
  const own = makeOwnServices({ leases, holder, leaseMs, onLost: stopOn });

  function stopOn(service: string, why: unknown): void {
    for (const one of live.values()) if (one.service === service) one.stop.abort(why);
  }

  async function checkLease(runId: string): Promise<Lease> {
    const service = live.get(runId)?.service ?? (await runs.get(runId))?.service ?? "";
    try {
      return await own.check(service);
    } catch (error) {
      if (isLeaseLost(error)) stopOn(service, error);
      throw error;
    }
  }

  async function drive(
    run: RunRecord,
    input: Incident | Command | null,
    signal?: AbortSignal,
  ): Promise<RunRecord> {
    const stop = new AbortController();
    live.set(run.id, { service: run.service, stop });
    try {
      const graph = await parts.openGraph();
      await graph.invoke(input, {
        configurable: { thread_id: run.id },
        durability: "sync",
        recursionLimit: 60,
        signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
      });
    } catch (error) {
      // What a node was in the middle of comes to its end: nothing is taken back or done again beside it.
      await underWay.get(run.id)?.catch(() => undefined);
      const wasLost = isLeaseLost(stop.signal.reason) || isLeaseLost(error);
      if (wasLost) lost.add(run.id);
      // On shutdown the run stays as its checkpoint says, and the next start takes it up.
      else if (!signal?.aborted)
        await endBroken(run.id, stop.signal.aborted ? "cancelled" : "failed", messageOf(error));
    } finally {
      live.delete(run.id);
    }
    return (await runs.get(run.id)) ?? run;
  }

  /** What the broken run may have done is taken back from the journal alone. */
  async function endBroken(runId: string, outcome: "cancelled" | "failed", why: string): Promise<void> {
    const undone: string[] = [];
    for (const planId of await parts.plansOf(runId)) {
      const { outcome: undo } = await parts.rollBack(runId, planId);
      if (undo !== "nothing-to-undo") undone.push(`Plan ${planId}: ${undo}.`);
    }
    const report = [outcome === "cancelled" ? "Cancelled." : `Broke: ${why}`, ...undone].join(" ");
    await runs.update(runId, { status: "ended", outcome, report, endedAt: clock.now() });
  }

  /** Takes up what a crash, a shutdown or a pause left behind. */
  async function takeUp(run: RunRecord, signal?: AbortSignal): Promise<RunRecord> {
    const graph = await parts.openGraph();
    const state = await graph.getState({ configurable: { thread_id: run.id } });
    if (state.config.configurable?.["checkpoint_id"] === undefined) {
      const fresh = freshIncident({
        runId: run.id,
        service: run.service,
        trigger: run.trigger,
        dryRun: run.dryRun,
      });
      return drive(run, fresh, signal);
    }
    if (state.next.length === 0) {
      await endBroken(run.id, "failed", "the run stopped before its report was written");
      return (await runs.get(run.id)) ?? run;
    }
    const paused = state.tasks.some((task) => (task.interrupts?.length ?? 0) > 0);
    if (!paused) return drive(run, null, signal);
    const decision = await decisionFor(parts, run.id);
    if (!decision) {
      await runs.update(run.id, { status: "waiting" });
      return { ...run, status: "waiting" };
    }
    await runs.update(run.id, { status: "running" });
    const { Command } = await import("@langchain/langgraph");
    return drive(run, new Command({ resume: decision }), signal);
  }

  /** A decision that is there already counts, whatever the world looks like now: its run looks again by itself. */
  async function isSuperseded(run: RunRecord, successor: string): Promise<boolean> {
    if (run.status !== "waiting" || (await decisionFor(parts, run.id))) return false;
    return parts.supersede(run, successor);
  }

  /** A lease may run out although nobody else wants it: this process was slow. Then the run is taken up again; where
   * another process has done so, it is left to that one. */
  async function goOn(run: RunRecord, signal?: AbortSignal): Promise<RunRecord> {
    let last = run;
    for (let tries = 0; tries < MOST_TRIES && lost.delete(run.id); tries += 1) {
      const again = await own.exclusively(run.service, async () => {
        const now = await runs.get(run.id);
        return now && now.status !== "ended" ? takeUp(now, signal) : now;
      });
      last = again ?? (await runs.get(run.id)) ?? last;
    }
    lost.delete(run.id);
    return last;
  }

  return {
    /** Runs or resumes; undefined when another process owns the service just now. */
    async run(
      { service, trigger, reason, dryRun = false }: RunRequest,
      signal?: AbortSignal,
    ): Promise<RunRecord | undefined> {
      const ran = await own.exclusively(service, async () => {
        const [unfinished] = await runs.unfinished(service);
        const id = makeId("run");
        if (unfinished && (dryRun || !(await isSuperseded(unfinished, id)))) {
          const taken = await takeUp(unfinished, signal);
          return taken;
        }
        await runs.start({ id, service, trigger, reason, dryRun });
        const run = await runs.get(id);
        if (!run) throw new HealError(`Run ${id} was not stored.`, { code: "store-lost-a-row" });
        return drive(run, freshIncident({ runId: id, service, trigger, dryRun }), signal);
      });
      return ran && goOn(ran, signal);
    },

    /** Runs other work on a service while no run may; undefined when one is at it. */
    exclusively: own.exclusively,

    /** Stops a run that goes on in this process, or ends one that waits; what it did is taken back. */
    async cancel(runId: string): Promise<RunRecord | undefined> {
      const running = live.get(runId);
      if (running) running.stop.abort(new HealError("Cancelled by an operator.", { code: "cancelled" }));
      else {
        const run = await runs.get(runId);
        if (run && run.status !== "ended")
          await own.exclusively(run.service, () => endBroken(runId, "cancelled", ""));
      }
      return runs.get(runId);
    },

    /** The service is well for good: a run of it that waits for an answer has nothing left to ask. false: none does. */
    async withdrawNeedless(service: string): Promise<boolean> {
      const done = await own.exclusively(service, async () => {
        const [waiting] = await runs.unfinished(service);
        if (waiting?.status !== "waiting" || (await decisionFor(parts, waiting.id))) return false;
        return parts.noLongerNeeded(waiting);
      });
      return done ?? false;
    },

    /** The lease of this run's service. HealError "lease-lost", and the run stops here, when it is another's now. */
    checkLease,
    /** The lease of a service on which this process works exclusively. HealError "lease-lost". */
    checkService: own.check,

    /** One node's work: only while the service is ours, and never beside another node of the run that ran out of time. */
    async step<T>(runId: string, work: () => Promise<T>): Promise<T> {
      await underWay.get(runId)?.catch(() => undefined);
      await checkLease(runId);
      const doing = work();
      underWay.set(runId, doing);
      try {
        return await doing;
      } finally {
        if (underWay.get(runId) === doing) underWay.delete(runId);
      }
    },

    running: (): string[] => [...live.keys()],
    /** Whether a run of this process is at work on the service. */
    isBusy: own.isBusy,
  };
}

/** The human's decision as the graph's pause expects it; undefined while it is open. */
async function decisionFor({ approvals, clock }: RunnerParts, runId: string): Promise<Approval | undefined> {
  await approvals.expire(clock.now());
  const [latest] = (await approvals.list({ limit: 500 }))
    .filter((one) => one.runId === runId)
    .sort((a, b) => b.requestedAt - a.requestedAt);
  // What was withdrawn was never answered; its run is ended instead.
  if (!latest || latest.status === "pending" || latest.status === "withdrawn") return undefined;
  const decision =
    latest.status === "approved" ? "approve" : latest.status === "rejected" ? "reject" : "expired";
  return {
    decision,
    planHash: latest.planHash,
    by: [latest.endorsed?.by, latest.decidedBy ?? "nobody"].filter(Boolean).join(" and "),
    reason: latest.reason ?? "",
  };
}
