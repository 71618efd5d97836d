// Calls between services, as their traces show them: who is asked is found among the services that we watch, by name
// or by address. A call that is seen often is a dependency, declared or not.
import type { CallSpan, Peer } from "../domain/call-span.ts";
import type { Clock } from "../domain/clock.ts";
import type { Service } from "../domain/service.ts";
import type { CallEdge } from "../signals/calls/call-edges.ts";
import { makeCallRecord } from "../signals/calls/call-record.ts";
import type { SeenSpan } from "../signals/calls/seen-span.ts";
import type { Dependency, Evidence } from "../signals/root-cause/evidence.ts";
import { serviceAddresses } from "./learned-dependencies.ts";

export interface CallWatch {
  take(spans: readonly CallSpan[]): void;
  /** All that were seen in the last half hour, those with most calls first. */
  edges(): CallEdge[];
  /** The edges that were seen often enough to be relied on. */
  dependencies(): Dependency[];
  /** What traces since then (Unix milliseconds), against those before, say about causes. */
  evidence(since: number): readonly Evidence[];
}

export interface CallWatchParts {
  services: () => readonly Service[];
  clock: Pick<Clock, "now">;
}

/** In half an hour. A call now and then may be a person who tries something. */
const OFTEN = 10;

const loopback = new Set(["localhost", "127.0.0.1", "::1", "[::1]"]);

export function makeCallWatch({ services, clock }: CallWatchParts): CallWatch {
  let watched = new Set<string>();
  const record = makeCallRecord((name) => watched.has(name));
  return {
    take(spans) {
      const all = services();
      watched = new Set(all.map((one) => one.name));
      const addresses = new Map([...serviceAddresses(all)].map(([at, name]) => [withoutAlias(at), name]));
      record.take(
        spans.map((one) => seenSpan(one, watched, addresses)),
        clock.now(),
      );
    },
    edges: () => record.edges(clock.now()),
    dependencies: () => record.often(OFTEN, clock.now()),
    evidence: (since) => record.evidence(since, clock.now()),
  };
}

/** Whether a call was seen often enough to count like a declared dependency. */
export function isRelied({ calls }: Pick<CallEdge, "calls">): boolean {
  return calls >= OFTEN;
}

function seenSpan(
  { asks, ...span }: CallSpan,
  watched: ReadonlySet<string>,
  addresses: ReadonlyMap<string, string>,
): SeenSpan {
  const callee = asks && calleeOf(asks, watched, addresses);
  return { ...span, refused: asks?.refused ?? false, ...(callee !== undefined && { callee }) };
}

/** The watched service that is meant; else its own name, or the name of its host, as a service that nobody watches. */
function calleeOf(
  { name, host, port }: Peer,
  watched: ReadonlySet<string>,
  addresses: ReadonlyMap<string, string>,
): string | undefined {
  if (name !== undefined && watched.has(name)) return name;
  const known = host === undefined ? undefined : addresses.get(withoutAlias(`${host}:${port ?? 80}`));
  if (known !== undefined) return known;
  if (host !== undefined && watched.has(host)) return host;
  // A port of this machine that no service has says nothing about who listens there.
  return name ?? (host !== undefined && loopback.has(host) ? undefined : host);
}

function withoutAlias(address: string): string {
  const at = address.lastIndexOf(":");
  return loopback.has(address.slice(0, at)) ? `localhost${address.slice(at)}` : address;
}
