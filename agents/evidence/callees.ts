// How another service answers the ones that call it: with which status, how much slower than before, under what load;
// and whether everything outside fails at once. One GET of its own health check, as always.
import { only, type ProbeSignal } from "../../domain/signal.ts";
import { probeName } from "../../tools/probe.ts";
import type { Service } from "../../domain/service.ts";
import {
  type Look,
  numberParam,
  type Observer,
  percent,
  seen,
  type Seen,
  signalsOf,
  unseen,
} from "./observer.ts";

const FEWEST_BEFORE = 5;
const FEWEST_OUTSIDE = 2;
const MOST_OUTSIDE = 10;
/** Below this nobody waits: three times a few milliseconds explains no symptom, and on a busy machine is chance. */
const UNNOTICED_MS = 100;
/** One slow answer may be chance, too: the quickest of so many counts. */
const MOST_ASKS = 3;

/** HTTP status of the first health check that is answered wrongly, of the first one where all are well. */
const answerStatus: Observer = async ({ scene, parts, signal }) => {
  const asked = await Promise.all(
    scene.service.health
      .filter((one) => one.kind === "http")
      .map((one) => parts.prober.probe(scene.service, one, signal)),
  );
  const told = asked.filter((one) => one.status !== undefined);
  const answer = told.find((one) => !one.ok) ?? told[0];
  if (answer?.status === undefined) return unseen("no HTTP status was answered");
  return seen(answer.status, `answers ${answer.status}`);
};

/** How many times longer it takes to answer now than it took before the symptom, at its quickest. */
const slowerThanBefore: Observer = (look) => slower(look, look.scene.service);

/** The same of the dependency that has become slowest. */
const dependencySlower: Observer = async (look) => {
  const needed = look.parts.services().filter((one) => look.scene.service.dependsOn.includes(one.name));
  if (needed.length === 0) return unseen("it depends on nothing");
  const asked = await Promise.all(
    needed.slice(0, MOST_OUTSIDE).map(async (one) => ({ name: one.name, answer: await slower(look, one) })),
  );
  const known = asked.flatMap(({ name, answer }) => ("value" in answer ? [{ name, ...answer }] : []));
  const slowest = known.toSorted((a, b) => Number(b.value) - Number(a.value))[0];
  return slowest ? seen(slowest.value, `${slowest.name} ${slowest.text}`) : unseen("none was asked before");
};

async function slower({ scene, parts, signal, params }: Look, service: Service): Promise<Seen> {
  const [probe] = service.health;
  if (!probe) return unseen("it has no health check");
  const before = only(parts.window(service.name), "probe").filter(
    (one): one is ProbeSignal & { latencyMs: number } =>
      one.at < scene.finding.since && one.ok && one.latencyMs !== undefined && one.probe === probeName(probe),
  );
  if (before.length < FEWEST_BEFORE) return unseen("it was not asked often enough before");
  const usual = before.map((one) => one.latencyMs).toSorted((a, b) => a - b)[Math.floor(before.length / 2)];
  const floorMs = Math.max(usual ?? 1, numberParam(params, "leastMs", UNNOTICED_MS));
  const ask = async (): Promise<number | undefined> => {
    const now = await parts.prober.probe(service, probe, signal);
    return now.latencyMs ?? (now.failure === "timeout" ? probe.timeoutMs : undefined);
  };
  const nowMs = await quickest(ask, floorMs);
  if (nowMs === undefined) return unseen("it does not answer");
  const times = nowMs / floorMs;
  return seen(
    Math.round(times * 10) / 10,
    `answers in ${Math.round(nowMs)} ms, usually ${Math.round(usual ?? 0)} ms`,
  );
}

/** The first answer, where it is quick enough; else the quickest of a few. undefined: no answer to the first. */
async function quickest(
  ask: () => Promise<number | undefined>,
  enoughMs: number,
): Promise<number | undefined> {
  let bestMs = await ask();
  for (let asks = 1; bestMs !== undefined && bestMs > enoughMs && asks < MOST_ASKS; asks += 1) {
    bestMs = Math.min(bestMs, (await ask()) ?? bestMs);
  }
  return bestMs;
}

/** Of the services that are not ours, the share that fails when asked now. */
const outsideFailing: Observer = async ({ parts, scene, signal }) => {
  const outside = parts.services().filter((one) => !one.runtime && one.health.length > 0);
  if (outside.length < FEWEST_OUTSIDE) return unseen("fewer than two services outside are watched");
  const asked = await Promise.all(
    outside.slice(0, MOST_OUTSIDE).map(async (one) => {
      const [probe] = one.health;
      return { name: one.name, ok: probe ? (await parts.prober.probe(one, probe, signal)).ok : true };
    }),
  );
  const failing = asked.filter((one) => !one.ok);
  const share = failing.length / asked.length;
  const names = failing.map((one) => one.name).join(", ") || "none";
  return seen(
    { value: share, caller: scene.service.name },
    `${percent(share)} of what is outside fails (${names})`,
  );
};

/** By how much the requests to what it depends on grew beyond its own requests, since the symptom. */
const callsPerRequest: Observer = (look) => {
  const rates = only(signalsOf(look), "metric").filter((one) => one.name === "request-rate");
  const needed = look.scene.service.dependsOn.flatMap((name) =>
    only(look.parts.window(name), "metric").filter((one) => one.name === "request-rate"),
  );
  const ours = change(rates, look.scene.finding.since);
  const theirs = change(needed, look.scene.finding.since);
  if (ours === undefined || theirs === undefined) return unseen("requests are not counted on both sides");
  const times = Math.round((theirs / Math.max(ours, 0.1)) * 10) / 10;
  return seen(times, `what it depends on gets ${times} times as many requests for each of its own`);
};

export const callees: Record<string, Observer> = {
  "answer-status": answerStatus,
  "slower-than-before": slowerThanBefore,
  "dependency-slower": dependencySlower,
  "outside-failing": outsideFailing,
  "calls-per-request": callsPerRequest,
};

/** Mean since the symptom by the mean before it. */
function change(points: readonly { at: number; value: number }[], since: number): number | undefined {
  const [before, after] = [
    mean(points.filter((one) => one.at < since)),
    mean(points.filter((one) => one.at >= since)),
  ];
  return before === undefined || after === undefined || before <= 0 ? undefined : after / before;
}

function mean(all: readonly { value: number }[]): number | undefined {
  return all.length === 0 ? undefined : all.reduce((sum, one) => sum + one.value, 0) / all.length;
}
