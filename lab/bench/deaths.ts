// Real deaths under a real server: each service dies once, since a service that dies often is (rightly) no longer
// restarted without a word.
import type { RunStory } from "../../api/operations.ts";
import type { StoreChoice } from "./benchmark.ts";
import { type Over, type Server, startServer } from "./server.ts";
import { makeWebServices, type WebService } from "./services.ts";
import { preciseNow } from "./statistics.ts";

export interface Death {
  /** Just before the signal, Unix ms. */
  killedAt: number;
  /** The new process's first word, Unix ms. */
  bornAt: number;
  story: Over<RunStory>;
}

const known = new Map<string, Promise<Death[]>>();

/** The same deaths serve every benchmark of one run that asks about them. */
export function deaths(store: StoreChoice, count: number): Promise<Death[]> {
  const key = `${store.name} ${count}`;
  const all = known.get(key) ?? killAll(store, count);
  known.set(key, all);
  return all;
}

/** Starts a server over `count` services that are well, and kills them one after the other. */
async function killAll(store: StoreChoice, count: number): Promise<Death[]> {
  let services: WebService[] = [];
  await using server = await startServer(store, async (folder) => {
    services = await makeWebServices(folder, count);
    return { services: services.map((one) => one.asConfigured) };
  });
  await server.settled(count);
  const all: Death[] = [];
  for (const service of services) all.push(await death(server, service));
  return all;
}

async function death(server: Server, service: WebService): Promise<Death> {
  const pid = server.pidOf(service.name);
  const killedAt = preciseNow();
  process.kill(pid, "SIGKILL");
  const story = await server.ended(service.name, killedAt);
  return { killedAt, bornAt: service.bornAt(), story };
}

export function healedOf(all: readonly Death[]): string {
  return `${all.filter(({ story }) => story.run.outcome === "healed").length} of ${all.length} healed`;
}

/** What a node took, all attempts together; ms. */
export function nodeMs({ story }: Death, node: string): number {
  return story.steps
    .filter((one) => one.node === node && one.phase === "end")
    .reduce((sum, { ms }) => sum + (ms ?? 0), 0);
}

/** When a node began first, Unix ms. */
export function beganAt({ story }: Death, node: string): number {
  return Date.parse(story.steps.find((one) => one.node === node && one.phase === "start")?.at ?? "");
}

/** What the plan's actions themselves took: stopping and starting; ms. */
export function actionMs({ story }: Death): number {
  return (story.incident?.application?.steps ?? []).reduce((sum, { ms }) => sum + ms, 0);
}
