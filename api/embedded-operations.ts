// What is different where no server runs: nobody has looked yet and nobody goes on afterwards, so the command line
// looks, starts and waits itself.
import { isSymptom } from "../domain/finding.ts";
import type { Service } from "../domain/service.ts";
import { neverStarted, startNow } from "./bring-up.ts";
import type { Looked } from "./look.ts";
import type { Actor, CheckRequest, Operations, StartedService } from "./operations.ts";
import type { Wired } from "./wire.ts";

export interface EmbeddedParts {
  wired: Wired;
  look: (services: readonly Service[]) => Promise<Looked[]>;
  /** Resolves when every run that was begun has ended or waits for a person. */
  settled: () => Promise<void>;
  signal: AbortSignal;
}

export function embeddedOperations(local: Operations, parts: EmbeddedParts): Operations {
  const { wired, look, settled, signal } = parts;
  return {
    ...local,
    async status() {
      await look(wired.services());
      await closeWhatIsOver(wired);
      return local.status();
    },
    async ask(request, actor, onEvent) {
      await look(wired.services());
      return local.ask(request, actor, onEvent);
    },
    async health() {
      await look(wired.services());
      return local.health();
    },
    async databaseHealth(query) {
      await look(wired.services().filter((one) => one.database !== undefined));
      return local.databaseHealth(query);
    },
    async triggerCheck(request, actor) {
      const started = await startMissing(wired, request, actor, signal);
      const checked = await local.triggerCheck(request, actor);
      if (request.dry_run !== true) await closeWhatIsOver(wired);
      return { ...checked, started };
    },
    async autonomy(query) {
      await settleScores(parts);
      return local.autonomy(query);
    },
    async autonomyOf(id) {
      await settleScores(parts);
      return local.autonomyOf(id);
    },
    async decideApproval(id, decision, actor) {
      const decided = await local.decideApproval(id, decision, actor);
      await settled();
      return decided;
    },
  };
}

/** What the watch loop does in the server: incidents of what this command saw well are over. */
async function closeWhatIsOver({ engine }: Wired): Promise<void> {
  const { incidents, runs } = engine.store;
  for (const { id, service } of await incidents.list({ open: true, limit: MOST_OPEN })) {
    const seen = engine.seen.get(service);
    // Not to have seen anything is not to be well.
    if (seen === undefined || seen.level === "unknown" || seen.findings.some(isSymptom)) continue;
    if ((await runs.unfinished(service)).length === 0) await engine.resolveIncident(id);
  }
}

const MOST_OPEN = 500;

/** What the watch loop does in the server: a service that is well again tells how right a decision was. */
async function settleScores({ wired: { services, engine }, look }: EmbeddedParts): Promise<void> {
  const waiting = await engine.store.decisions.waiting();
  const concerned = services().filter((one) => waiting.includes(one.name));
  for (const { service, findings } of await look(concerned)) {
    const seen = engine.seen.get(service.name)?.level !== "unknown";
    await engine.scores.settle(service.name, { well: seen && !findings.some(isSymptom) });
  }
}

/** As `serve` does at its start. Paused, or only looking: it is told, and left. */
async function startMissing(
  wired: Wired,
  { services: names, dry_run = false }: CheckRequest,
  by: Actor,
  signal: AbortSignal,
): Promise<StartedService[]> {
  const chosen = wired.services().filter(({ name }) => names === undefined || names.includes(name));
  await wired.policy.reload();
  const { paused } = wired.policy.get();
  const results: StartedService[] = [];
  for (const service of await neverStarted(wired, chosen)) {
    const { name } = service;
    const why = dry_run ? "opsmedic heal starts it" : paused ? "healing is paused" : undefined;
    const problem = why ?? (await startNow(wired, service, { by, signal }));
    results.push({ service: name, started: problem === undefined, problem: problem ?? null });
  }
  return results;
}
