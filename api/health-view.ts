// How things are: each service at its last look, and opsmedic's own surroundings, asked now.
import { HealError, messageOf } from "../domain/errors.ts";
import type { HealthView } from "./healer.ts";
import type { ServiceHealth } from "./operations.ts";
import type { Queue } from "./queue.ts";
import { askEngine } from "../tools/docker-engine.ts";
import { probeRedis } from "../tools/redis-probe.ts";
import { withinLimit } from "../tools/time-limit.ts";
import type { Wired } from "./wire.ts";

const LIMIT_MS = 3_000;

type Ask = (signal: AbortSignal) => Promise<unknown>;

/** What a server has beside the engine; the command line without one has neither. */
export interface ServerParts {
  queue?: Queue;
  /** Asks the own API something trivial, over the network, as its users do. */
  askApi?: (signal: AbortSignal) => Promise<void>;
}

export function makeHealthView(
  { services, engine, opened, docker, clock, config }: Wired,
  { queue, askApi }: ServerParts = {},
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
      const { url: redisUrl } = config.queue;
      const asked: Record<string, Ask | undefined> = {
        database: () => opened.db.query("select 1"),
        api: askApi,
        queue: queue && (() => queue.waiting()),
        redis: redisUrl === undefined ? undefined : (signal) => askRedis(redisUrl, signal),
        docker: usesDocker() ? askDocker : undefined,
      };
      const answers = Object.entries(asked).map(
        async ([name, ask]) => ask && ([name, await healthOf(name, ask)] as const),
      );
      return Object.fromEntries((await Promise.all(answers)).filter((one) => one !== undefined));
    },
  };

  function askDocker(signal: AbortSignal): Promise<unknown> {
    return askEngine(docker.api, "Asking the engine how it is", { signal }, () => docker.api.info());
  }

  async function healthOf(name: string, ask: Ask): Promise<ServiceHealth> {
    const began = clock.now();
    const checked_at = new Date(began).toISOString();
    try {
      await withinLimit(LIMIT_MS, undefined, ask);
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

async function askRedis(url: string, signal: AbortSignal): Promise<void> {
  const { ok, error } = await probeRedis(url, LIMIT_MS, signal);
  if (!ok) throw new HealError(error ?? "no answer to PING", { code: "redis-unreachable", retryable: true });
}
