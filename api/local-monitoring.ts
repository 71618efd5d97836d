// Health, status, statistics and a check now, over the store of this process.
import { HealError } from "../domain/errors.ts";
import { isStopped, type Level, levelOf } from "../domain/finding.ts";
import type { OutcomeCount, RunRecord } from "../knowledge/records.ts";
import { audited } from "./audited.ts";
import type { SeenService } from "./healer.ts";
import { pausedUntilText } from "./local-control.ts";
import type { LocalParts } from "./local-operations.ts";
import type { CheckAnswer, Operations, SeenLevel, ServiceHealth } from "./operations.ts";

/** A check that waits gives up waiting after this; the runs go on. */
const WAIT_MS = 15 * 60_000;
const RECENT_BACKUPS = 5;
const MOST_SHOWN = 100;

export function localMonitoring(
  parts: LocalParts,
): Pick<Operations, "health" | "status" | "triggerCheck" | "stats"> {
  const { store, healer, view, clock, policy } = parts;
  return {
    async health() {
      const services = Object.fromEntries(view.services().map((one) => [one.service, healthOf(one)]));
      const own = Object.entries(await view.surroundings());
      const named = own.map(([name, one]) => [name in services ? `opsmedic:${name}` : name, one] as const);
      const checks = { ...services, ...Object.fromEntries(named) };
      return { overall_status: worst(Object.values(checks).map((one) => one.status)), checks };
    },

    async status() {
      await policy.reload();
      const [{ total }, all, incidents, approvals, watches] = await Promise.all([
        store.cases.stats(),
        parts.backups.list(),
        store.incidents.list({ open: true, limit: MOST_SHOWN }),
        store.approvals.list({ status: "pending", limit: MOST_SHOWN }),
        store.watches.list(),
      ]);
      const services = view.services();
      return {
        autonomous_mode: policy.get().mode,
        paused_until: pausedUntilText(policy),
        last_check: isoOrNull(Math.max(0, ...services.map((one) => one.checkedAt ?? 0)) || null),
        check_interval_minutes: parts.checkEveryMs / 60_000,
        fix_statistics: { total_fixes: total.total, success_rate: rateOf(total) },
        recent_backups: all.sort((a, b) => b.at - a.at).slice(0, RECENT_BACKUPS),
        services: services.map((one) => ({
          name: one.service,
          status: one.level,
          stopped: isStopped(one),
          summary: summaryOf(one),
        })),
        // What nobody watches any more can neither be seen well nor ill.
        open_incidents: incidents.filter((one) => services.some(({ service }) => service === one.service)),
        // What is overdue is marked by the expiry job; until then it is not shown as waiting.
        pending_approvals: approvals.filter((one) => one.expiresAt > clock.now()),
        watches: watches.map(({ service, kind, signature, told }) => ({ service, kind, signature, told })),
      };
    },

    async triggerCheck({ services, dry_run = false, wait = false }, actor) {
      const target = services?.join(", ") ?? "all services";
      const trigger = actor.door === "cli" ? ("cli" as const) : ("api" as const);
      const reason = `asked for by ${actor.name}`;
      const { findings, runIds } = await audited(store.audit, actor, "check", target, { dry_run, wait }, () =>
        healer.check({ services, dryRun: dry_run, trigger, reason }),
      );
      if (wait) await waitAtMost(parts, runIds);
      return {
        status: levelOf(findings) === "healthy" ? ("healthy" as const) : ("issues_found" as const),
        issues: findings,
        run_ids: runIds,
        runs: wait ? await runsOf(parts, runIds) : [],
        unseen: view.services().flatMap((one) => unseenOf(one, services)),
        timestamp: new Date(clock.now()).toISOString(),
      };
    },

    async stats() {
      const { total, byFix, byStrategy, lastUpdated } = await store.cases.stats();
      return {
        total_fixes: total.total,
        success_rate: rateOf(total),
        by_type: withRates(byFix),
        by_strategy: withRates(byStrategy),
        last_updated: isoOrNull(lastUpdated),
      };
    },
  };
}

async function waitAtMost({ healer }: LocalParts, runIds: readonly string[]): Promise<void> {
  const limit = AbortSignal.timeout(WAIT_MS);
  try {
    await healer.waitFor(runIds, limit);
  } catch (error) {
    // The answer then shows the runs as they are.
    if (!limit.aborted) throw error;
  }
}

async function runsOf({ store }: LocalParts, ids: readonly string[]): Promise<RunRecord[]> {
  const found = await Promise.all(ids.map((id) => store.runs.get(id)));
  const missing = ids.find((_id, index) => found[index] === undefined);
  if (missing !== undefined) {
    throw new HealError(`Run ${missing} was started but is not in the store.`, { code: "store-lost-a-row" });
  }
  return found.filter((one) => one !== undefined);
}

function healthOf({ level, latencyMs, findings, checkedAt }: SeenService): ServiceHealth {
  return {
    status: level,
    latency_ms: latencyMs,
    findings: findings.map(({ kind, severity, summary, since }) => ({ kind, severity, summary, since })),
    checked_at: isoOrNull(checkedAt),
  };
}

function summaryOf({ level, findings, blind, checkedAt }: SeenService): string | null {
  if (level === "unknown")
    return checkedAt === null ? "not looked at yet" : (blind ?? "nothing could be seen");
  return findings[0]?.summary ?? null;
}

function unseenOf(one: SeenService, chosen: readonly string[] | undefined): CheckAnswer["unseen"] {
  if (one.level !== "unknown" || (chosen !== undefined && !chosen.includes(one.service))) return [];
  return [{ service: one.service, summary: summaryOf(one) ?? "" }];
}

/** What nobody has seen is not well: a warning. */
function worst(levels: readonly SeenLevel[]): Level {
  if (levels.includes("critical")) return "critical";
  return levels.includes("warning") || levels.includes("unknown") ? "warning" : "healthy";
}

const isoOrNull = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** 0 to 1; null where there is nothing to count. */
function rateOf({ total, successes }: OutcomeCount): number | null {
  return total === 0 ? null : successes / total;
}

function withRates(counts: Record<string, OutcomeCount>) {
  return Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [name, { ...count, success_rate: rateOf(count) }]),
  );
}
