// The one Prober: picks the kind of probe, and makes a signal of its answer.
import type { Clock } from "../domain/clock.ts";
import type { Database, Probe, Service } from "../domain/service.ts";
import type { ProbeSignal } from "../domain/signal.ts";
import { probeExec } from "./exec-probe.ts";
import { probeHttp } from "./http-probe.ts";
import { probeName, type Prober } from "./probe.ts";
import type { ProbeAnswer } from "./probe-answer.ts";
import { probeTcp } from "./tcp-probe.ts";

export interface ProberSettings {
  clock: Pick<Clock, "now">;
  /** Databases have no time limit of their own in the configuration. */
  databaseTimeoutMs?: number;
  /** The whole environment of exec probes. */
  execEnv?: Readonly<Record<string, string>>;
}

const plainEnv = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" };

export function makeProber({ clock, databaseTimeoutMs = 5_000, execEnv = plainEnv }: ProberSettings): Prober {
  const signalOf = (service: Service, probe: string, answer: ProbeAnswer): ProbeSignal => ({
    kind: "probe",
    service: service.name,
    at: clock.now(),
    probe,
    ...answer,
  });
  return {
    async probe(service, probe, signal) {
      return signalOf(service, probeName(probe), await ask(service, probe, execEnv, signal));
    },
    async database(service, database, signal) {
      return signalOf(
        service,
        databaseName(database),
        await askDatabase(database, databaseTimeoutMs, signal),
      );
    },
  };
}

function ask(
  service: Service,
  probe: Probe,
  env: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<ProbeAnswer> {
  switch (probe.kind) {
    case "http":
      return probeHttp(probe, signal);
    case "tcp":
      return probeTcp(probe, signal);
    case "exec": {
      const cwd = service.runtime?.kind === "process" ? service.runtime.cwd : undefined;
      return probeExec(probe, { cwd, env }, signal);
    }
  }
}

/** A driver is loaded when the first database of its kind is asked: most machines have one kind. */
async function askDatabase(
  { kind, url }: Database,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<ProbeAnswer> {
  switch (kind) {
    case "postgres":
      return (await import("./postgres-probe.ts")).probePostgres(url, timeoutMs, signal);
    case "mysql":
      return (await import("./mysql-probe.ts")).probeMysql(url, timeoutMs, signal);
    case "redis":
      return (await import("./redis-probe.ts")).probeRedis(url, timeoutMs, signal);
  }
}

/** "postgres 127.0.0.1:5432/shop"; user and password never leave the configuration. */
export function databaseName(database: Database): string {
  if (!URL.canParse(database.url)) return database.kind;
  const { host, pathname } = new URL(database.url);
  return `${database.kind} ${host}${pathname === "/" ? "" : pathname}`;
}
