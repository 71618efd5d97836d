// How things are: each service at its last look, and opsmedic's own surroundings, asked now.
import { messageOf } from "../domain/errors.ts";
import type { HealthView } from "./healer.ts";
import type { ServiceHealth } from "./operations.ts";
import type { Queue } from "./queue.ts";
import { askEngine } from "../tools/docker-engine.ts";
import { withinLimit } from "../tools/time-limit.ts";
import type { Wired } from "./wire.ts";

const LIMIT_MS = 3_000;

export function makeHealthView(
  { services, engine, opened, docker, clock }: Wired,
  queue?: Queue,
): HealthView {
  const usesDocker = (): boolean =>
    services().some(({ runtime }) => runtime !== undefined && runtime.kind !== "process");

  return {
    services: () =>
      services().map(
        ({ name }) =>
          engine.seen.get(name) ?? {
            service: name,
            level: "unknown",
            latencyMs: null,
            findings: [],
            checkedAt: null,
          },
      ),
    async surroundings() {
      const asked: [string, Promise<unknown>][] = [["database", opened.db.query("select 1")]];
      if (queue) asked.push(["queue", queue.waiting()]);
      if (usesDocker())
        asked.push([
          "docker",
          askEngine(docker.api, "Asking the engine how it is", {}, () => docker.api.info()),
        ]);
      const answers = await Promise.all(
        asked.map(async ([name, work]) => [name, await healthOf(name, work)] as const),
      );
      return Object.fromEntries(answers);
    },
  };

  async function healthOf(name: string, work: Promise<unknown>): Promise<ServiceHealth> {
    const began = clock.now();
    const checked_at = new Date(began).toISOString();
    try {
      await withinLimit(LIMIT_MS, undefined, () => work);
      return { status: "healthy", latency_ms: clock.now() - began, findings: [], checked_at };
    } catch (error) {
      const summary = `${name}: ${messageOf(error)}`;
      return {
        status: "critical",
        latency_ms: null,
        findings: [{ kind: "unreachable", severity: "critical", summary, since: began }],
        checked_at,
      };
    }
  }
}
