// Asks a service whether it is well: HTTP, TCP, a command, a database. Read-only, bounded in time. A probe that fails
// is an answer; one that could not even be tried (no such program) says nothing of the service, and throws.
import type { Database, Probe, Service } from "../domain/service.ts";
import type { ProbeSignal } from "../domain/signal.ts";

export interface Prober {
  /** One health check of the configuration. HealError "probe-not-started". */
  probe(service: Service, probe: Probe, signal?: AbortSignal): Promise<ProbeSignal>;
  /** Can be reached and answers a trivial question (SELECT 1, PING). */
  database(service: Service, database: Database, signal?: AbortSignal): Promise<ProbeSignal>;
}

/**
 * The name a probe has in signals, logs and pages: "http http://127.0.0.1:8081/healthz", "tcp 127.0.0.1:8081".
 * User and password of an address are not part of it.
 */
export function probeName(probe: Probe): string {
  switch (probe.kind) {
    case "http":
      return `http ${probe.url.replace(/\/\/[^/?#]*@/, "//")}`;
    case "tcp":
      return `tcp ${probe.host}:${probe.port}`;
    case "exec":
      return `exec ${probe.command.join(" ")}`;
  }
}
