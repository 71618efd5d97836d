// Whether a service answers when it is asked now: its own health checks, a bare TCP connection, its database.
import type { Probe, Service } from "../../domain/service.ts";
import type { ProbeSignal } from "../../domain/signal.ts";
import {
  type EvidenceParts,
  numberParam,
  type Observer,
  plainLine,
  seen,
  type Seen,
  unseen,
} from "./observer.ts";

const CONNECT_MS = 1_500;

const probeNow: Observer = ({ parts, scene, signal, params }) =>
  askedNow(
    parts,
    inLessTime(scene.service, numberParam(params, "withinMs", Number.POSITIVE_INFINITY)),
    signal,
  );

/** Who asks again right before a repair does not wait as long as the health check would. */
function inLessTime(service: Service, mostMs: number): Service {
  return {
    ...service,
    health: service.health.map((one) => ({ ...one, timeoutMs: Math.min(one.timeoutMs, mostMs) })),
  };
}

/** "ok", or how the first failing check failed: "timeout", "refused", "dns", "status", "slow", "exit", "auth", "other". */
export async function askedNow(parts: EvidenceParts, service: Service, signal: AbortSignal): Promise<Seen> {
  const answers = await answersOf(parts, service, signal);
  const failed = answers.find((one) => !one.ok);
  if (failed) {
    const why = failed.failure ?? "other";
    return seen({ value: why, probe: failed.probe }, plainLine(`${failed.probe}: ${failed.error ?? why}`));
  }
  return answers.length > 0 ? seen("ok", "every health check answers") : unseen("it has no health check");
}

/** A connection is accepted, though nothing more may be said: the kernel answers for a process that hangs. */
const portOpen: Observer = async ({ parts, scene, signal }) => {
  const address = addressOf(scene.service);
  if (!address) return unseen("no address is known");
  const probe: Probe = { kind: "tcp", ...address, everyMs: 0, timeoutMs: CONNECT_MS, expect: {} };
  const { ok, failure } = await parts.prober.probe(scene.service, probe, signal);
  const text = `${address.host}:${address.port} ${ok ? "accepts connections" : `does not (${failure ?? "other"})`}`;
  return seen(ok, text);
};

export const answers: Record<string, Observer> = { "probe-now": probeNow, "port-open": portOpen };

function answersOf(parts: EvidenceParts, service: Service, signal: AbortSignal): Promise<ProbeSignal[]> {
  const { health, database } = service;
  return Promise.all([
    ...health.map((one) => parts.prober.probe(service, one, signal)),
    ...(database ? [parts.prober.database(service, database, signal)] : []),
  ]);
}

const DEFAULT_PORTS: Record<string, number> = {
  "http:": 80,
  "https:": 443,
  "postgres:": 5432,
  "postgresql:": 5432,
  "mysql:": 3306,
  "redis:": 6379,
};

export function addressOf({ health, database }: Service): { host: string; port: number } | undefined {
  const tcp = health.find((one) => one.kind === "tcp");
  if (tcp) return { host: tcp.host, port: tcp.port };
  const url = health.find((one) => one.kind === "http")?.url ?? database?.url;
  if (!url || !URL.canParse(url)) return undefined;
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (DEFAULT_PORTS[protocol] ?? 80) };
}
